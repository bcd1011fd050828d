"""Which of several files is delivered whose results have one name and other bytes: the first in the walk's order.

Workers put what they have done as it is done, so that at first the fastest is there. The names over which files
disagreed are in the ledger until it is settled, and a run that finds some there puts the files in question once
more: the first of each name in the place of what is there, and then the others, which are duplicates of it or in
conflict with it. All of it may be done again at any moment, and so survives being cut off.

A delivered result stays where none of the files that it was made from is left in the tree. One that nothing is
recorded of was put by a run that was cut off, of a file that has changed since: it goes.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from orthanc_deid.cli.run.recorder import name_of
from orthanc_deid.ledger.folder_run.file_ledger import FileLedger
from orthanc_deid.ledger.folder_run.file_rows import KnownFile
from orthanc_deid.pipeline.tasks import CONFLICT, SENT
from orthanc_deid.sources.folder_source import FileIds, FoundFile, walk

AT_ONCE = 10_000
"""Names that are settled together: so much is held in memory, and the tree is walked for it twice."""

_LOOKED_UP = 500


class Rival(NamedTuple):
    """A file whose result has a contested name; `first`: it takes the place of what is there."""

    file: FoundFile
    known: KnownFile
    first: bool


class Settling:
    """The files in question for some contested names, found in the tree by what the ledger knows of them."""

    def __init__(self, root: Path, ids: FileIds, ledger: FileLedger, names: frozenset[str]) -> None:
        self._root = root
        self._ids = ids
        self._ledger = ledger
        self._names = names
        self._firsts: set[bytes] | None = None

    def rivals(self, first: bool) -> Iterator[Rival]:
        """Yield those that come first, or the others."""
        if self._firsts is None:
            self._firsts = self._found_firsts()
        for file, known in self._met():
            if (known.id in self._firsts) is first:
                yield Rival(file, known, first)

    def _found_firsts(self) -> set[bytes]:
        firsts: dict[str, bytes] = {}
        replaceable: set[str] = set()
        for _, known in self._met():
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

    def _met(self) -> Iterator[tuple[FoundFile, KnownFile]]:
        """Yield the files in question, in the walk's order."""
        found = (each for each in walk(self._root) if isinstance(each, FoundFile))
        while batch := list(islice(found, _LOOKED_UP)):
            ids = [self._ids.of(each) for each in batch]
            known = self._ledger.known(ids)
            for file_id, file in zip(ids, batch, strict=True):
                each = known.get(file_id)
                if each is not None and _is_result(each) and name_of(each) in self._names:
                    yield file, each


def _is_result(known: KnownFile) -> bool:
    return known.state in SENT or known.rule == CONFLICT
