"""The files of the tree that the ledger of the run has a record of."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from orthanc_deid.ledger.folder_run.file_ledger import FileLedger
from orthanc_deid.ledger.folder_run.file_rows import KnownFile
from orthanc_deid.sources.folder_source import FileIds, FoundFile, walk

_LOOKUP_SIZE = 500


def recorded_files(root: Path, ids: FileIds, ledger: FileLedger) -> Iterator[tuple[FoundFile, KnownFile]]:
    """Yield the files below `root` with their records, in the order of the walk; files without one are left out."""
    found = (each for each in walk(root) if isinstance(each, FoundFile))
    while batch := list(islice(found, _LOOKUP_SIZE)):
        file_ids = [ids.of(each) for each in batch]
        known = ledger.known(file_ids)
        for file_id, file in zip(file_ids, batch, strict=True):
            if (record := known.get(file_id)) is not None:
                yield file, record
