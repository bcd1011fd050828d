"""A buffer into which one file after another is read: allocating memory takes longer than filling it."""

from __future__ import annotations

import mmap
import sys
from contextlib import suppress

_STEP = 2 << 20
"""Bytes by which the buffer grows: one huge page, where the system provides them for shared memory.

Unlike a bytearray it is aligned to pages; reading a radiograph into it takes three quarters of the time."""


class ReadBuffer:
    """Memory for one file at a time. While a view of it is referenced, the next file gets new memory."""

    def __init__(self) -> None:
        self._allocate(_STEP)

    def take(self, size: int) -> memoryview:
        """Return `size` writable bytes of undefined content."""
        if len(self._memory) < size or self._references() != self._at_rest:
            self._allocate(size)
        return memoryview(self._memory)[:size]

    def _allocate(self, size: int) -> None:
        self._memory = mmap.mmap(-1, max(_STEP, -(-size // _STEP) * _STEP))
        if hasattr(mmap, "MADV_HUGEPAGE"):
            with suppress(OSError):  # a kernel without them
                self._memory.madvise(mmap.MADV_HUGEPAGE)
        self._at_rest = self._references()

    def _references(self) -> int:
        # Everything made from a view, slices and arrays included, references the view, and the view the memory.
        return sys.getrefcount(self._memory)
