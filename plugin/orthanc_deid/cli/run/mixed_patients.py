"""Find results of one study, or of one instance, that were delivered under two PatientIDs.

PACS that merge patients, and studies sent again with a corrected PatientID, mix patients within a study. Such a study
is split between two pseudonyms, and under `shift` its dates move apart. An instance that stands under two patients is
delivered once. The first file in the order of the walk decides, independently of the pace of the workers; the results
of the instance (and, on request, of the whole study) under another PatientID are withdrawn. Where the file of a
delivered result is no longer in the tree, it stays with its patient: the result may have been given away.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from orthanc_deid.cli.run.recorded_files import recorded_files
from orthanc_deid.cli.run.recorder import name_of
from orthanc_deid.ledger.folder_run.file_ledger import FileLedger
from orthanc_deid.ledger.folder_run.file_rows import FileRow, KnownFile
from orthanc_deid.pipeline.tasks import SENT
from orthanc_deid.sources.folder_source import FileIds, FoundFile


class MixedPatients:
    """The files whose results must be withdrawn. `studies`: of studies as well, not only of instances."""

    def __init__(self, root: Path, ids: FileIds, ledger: FileLedger, *, studies: bool) -> None:
        self._root = root
        self._ids = ids
        self._ledger = ledger
        self._instances = ledger.mixed_instances()
        self._studies = ledger.mixed_studies() if studies else frozenset()

    def files(self) -> Iterator[tuple[FoundFile, KnownFile]]:
        """Yield the files in the order of the walk, with their records."""
        if not (self._studies or self._instances):
            return
        present = {known.id for _, known in self._mixed()}
        owners: dict[str, str] = {}
        for row in self._ledger.rows():
            if row.state in SENT and self._is_mixed(row) and row.id not in present:
                if self._studies:
                    owners.setdefault(row.study, row.patient_id)
                owners.setdefault(row.sop_instance, name_of(row))
        for file, known in self._mixed():
            patient, name = known.patient_id, name_of(known)
            if (self._studies and owners.setdefault(known.study, patient) != patient) or (
                owners.setdefault(known.sop_instance, name) != name
            ):
                yield file, known

    def _is_mixed(self, row: KnownFile | FileRow) -> bool:
        return row.study in self._studies or row.sop_instance in self._instances

    def _mixed(self) -> Iterator[tuple[FoundFile, KnownFile]]:
        """Yield the delivered files of the mixed studies and instances, in the order of the walk."""
        for file, known in recorded_files(self._root, self._ids, self._ledger):
            if known.state in SENT and self._is_mixed(known):
                yield file, known
