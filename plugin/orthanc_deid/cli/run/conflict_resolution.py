"""Resolve conflicts: of several files whose results have one name and different bytes, the first is delivered.

First means first in the order of the walk. Workers put results as they are made, so at first the fastest one is in
the output folder. The ledger holds the contested names until they are resolved. A run that finds some there puts
the contested files once more: the first file of each name replaces the result in the folder, and then the others
are duplicates of it or in conflict with it. Every step can be repeated, so an interruption does no harm.

A delivered result stays where none of the files that it was made from is left in the tree. A result of which nothing
is recorded is replaced: an interrupted run put it, from a file that has changed since.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from orthanc_deid.cli.run.recorded_files import recorded_files
from orthanc_deid.cli.run.recorder import name_of
from orthanc_deid.ledger.folder_run.file_ledger import FileLedger
from orthanc_deid.ledger.folder_run.file_rows import KnownFile
from orthanc_deid.pipeline.tasks import CONFLICT, SENT
from orthanc_deid.sources.folder_source import FileIds, FoundFile

NAMES_AT_ONCE = 10_000
"""Names that are resolved together: a bound of the memory used. The tree is walked twice for them."""


class ContestedFile(NamedTuple):
    """A file whose result has a contested name; `first`: its result replaces the one in the output folder."""

    file: FoundFile
    known: KnownFile
    first: bool


class ConflictResolution:
    """The files of some contested names, found in the tree by their records in the ledger."""

    def __init__(self, root: Path, ids: FileIds, ledger: FileLedger, names: frozenset[str]) -> None:
        self._root = root
        self._ids = ids
        self._ledger = ledger
        self._names = names
        self._firsts: set[bytes] | None = None

    def contested_files(self, first: bool) -> Iterator[ContestedFile]:
        """Yield the first file of each name, or all others."""
        if self._firsts is None:
            self._firsts = self._found_firsts()
        for file, known in self._contested():
            if (known.id in self._firsts) is first:
                yield ContestedFile(file, known, first)

    def _found_firsts(self) -> set[bytes]:
        firsts: dict[str, bytes] = {}
        replaceable: set[str] = set()
        for _, known in self._contested():
            name = name_of(known)
            firsts.setdefault(name, known.id)
            if known.state in SENT:
                replaceable.add(name)
        replaceable |= self._unrecorded(firsts.keys() - replaceable)
        return {file_id for name, file_id in firsts.items() if name in replaceable}

    def _unrecorded(self, names: set[str]) -> set[str]:
        """Return those of the names under which no file's result was ever recorded as delivered."""
        if not names:
            return names
        return names.difference(name_of(row) for row in self._ledger.rows() if row.state in SENT)

    def _contested(self) -> Iterator[tuple[FoundFile, KnownFile]]:
        """Yield the contested files, in the order of the walk."""
        for file, known in recorded_files(self._root, self._ids, self._ledger):
            if _is_result(known) and name_of(known) in self._names:
                yield file, known


def _is_result(known: KnownFile) -> bool:
    return known.state in SENT or known.rule == CONFLICT
