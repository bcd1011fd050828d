"""A frame of several fragments whose bytes are read where they lie; nearly all of them are never looked at."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import TypeAlias, overload

from orthanc_deid.dicom.slices import Buffer


class Scattered:
    """The bytes of several fragments as one frame; a slice is a copy of its bytes."""

    __slots__ = ("_length", "_pieces", "_starts")

    def __init__(self, pieces: Sequence[memoryview]) -> None:
        self._pieces = pieces
        ends = list(accumulate(map(len, pieces)))
        self._starts = [0, *ends[:-1]]
        self._length = ends[-1]

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, at: int) -> int: ...

    @overload
    def __getitem__(self, at: slice) -> bytes: ...

    def __getitem__(self, at: int | slice) -> int | bytes:
        if isinstance(at, int):
            return self[at : at + 1][0]
        start, stop, step = at.indices(self._length)
        if start >= stop:
            return b""
        place = bisect_right(self._starts, start) - 1
        base = self._starts[place]
        piece = self._pieces[place]
        if stop - base <= len(piece):  # nearly always
            return bytes(piece[start - base : stop - base])[::step]
        found = []
        while start < stop:
            base = self._starts[place]
            found.append(self._pieces[place][start - base : stop - base])
            start, place = base + len(self._pieces[place]), place + 1
        return b"".join(found)[::step]

    def __bytes__(self) -> bytes:
        return b"".join(self._pieces)


Frame: TypeAlias = Buffer | Scattered
"""The bytes of a frame, in one place or in several."""
