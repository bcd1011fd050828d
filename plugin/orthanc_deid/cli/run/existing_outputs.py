"""Results that lie in OUTPUT when a run begins, so that the system need not be asked about each of them."""

from __future__ import annotations

import sys

AT_MOST = 500_000 if sys.hash_info.width >= 64 else 0
"""Results that are noted, some 80 bytes of memory each; about more of them the system is asked."""


class Present:
    """Names of results, by their hashes: one that is in it is there, one that is not may be there, too.

    64 bits with a secret of the process: among so many names, one that is not there is taken for one that is
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
