"""Memory into which one file is read after another: to get fresh memory takes longer than to fill it."""

from __future__ import annotations

import mmap
import sys
from contextlib import suppress

_STEP = 2 << 20
"""Bytes by which the memory grows: a huge page, where the system gives some for shared memory, which this is.

It begins with a page, unlike a bytearray, and a radiograph is read into it in three quarters of the time."""


class ReadMemory:
    """Lends memory. What is still being looked at is never lent again: the next file gets memory of its own."""

    def __init__(self) -> None:
        self._take(_STEP)

    def lend(self, size: int) -> memoryview:
        """Return `size` writable bytes, of no particular content."""
        if len(self._memory) < size or self._references() != self._at_rest:
            self._take(size)
        return memoryview(self._memory)[:size]

    def _take(self, size: int) -> None:
        self._memory = mmap.mmap(-1, max(_STEP, -(-size // _STEP) * _STEP))
        if hasattr(mmap, "MADV_HUGEPAGE"):
            with suppress(OSError):  # a kernel without them
                self._memory.madvise(mmap.MADV_HUGEPAGE)
        self._at_rest = self._references()

    def _references(self) -> int:
        # Whatever is made of a view, slices and arrays too, holds the view, and the view the memory.
        return sys.getrefcount(self._memory)
