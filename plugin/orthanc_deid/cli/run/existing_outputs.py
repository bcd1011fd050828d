"""The results in OUTPUT when a run begins: noted once, so that no system call is needed for each of them."""

from __future__ import annotations

import sys

AT_MOST = 500_000 if sys.hash_info.width >= 64 else 0
"""The most results that are noted, at some 80 bytes of memory each; others are looked up in the file system."""


class ExistingOutputs:
    """Names of results, by their hashes. A name in this set exists; one that is not in it may exist as well.

    Hashes have 64 bits and are salted per process: among so many names, a missing one is taken for an existing one
    less often than once in ten trillion.
    """

    def __init__(self) -> None:
        self._hashes: set[int] = set()

    def add(self, name: str) -> None:
        """Note the name of a result, relative to OUTPUT, unless there are too many."""
        if len(self._hashes) < AT_MOST:
            self._hashes.add(hash(name))

    def __contains__(self, name: str) -> bool:
        return hash(name) in self._hashes
