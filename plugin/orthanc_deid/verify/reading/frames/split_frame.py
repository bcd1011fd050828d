"""A frame whose bytes lie in several places of a file; only those that are asked for are copied."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import TypeAlias, overload

from orthanc_deid.dicom.slices import Buffer


class SplitFrame:
    """The bytes of several stretches of memory, one behind another; none of them is empty."""

    def __init__(self, places: Sequence[memoryview]) -> None:
        self._places = places
        self._ends: list[int] = []
        for place in places:
            self._ends.append(len(self) + len(place))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __bytes__(self) -> bytes:
        return b"".join(self._places)

    @overload
    def __getitem__(self, wanted: int) -> int: ...

    @overload
    def __getitem__(self, wanted: slice) -> bytes: ...

    def __getitem__(self, wanted: int | slice) -> int | bytes:
        if isinstance(wanted, int):
            return b"".join(self.stretch(wanted, wanted + 1))[0]
        start, end, step = wanted.indices(len(self))
        return b"".join(self.stretch(start, end))[::step]

    def stretch(self, start: int, end: int) -> Iterator[memoryview]:
        """Yield the bytes from `start` to `end` where they lie."""
        number = bisect_right(self._ends, start)
        while start < end and number < len(self._places):
            place = self._places[number]
            begin = self._ends[number] - len(place)
            yield place[start - begin : end - begin]
            start = self._ends[number]
            number += 1


Frame: TypeAlias = Buffer | SplitFrame
"""The bytes of a frame, in one place or in several."""


def stretches(frame: Frame, start: int, end: int) -> list[memoryview]:
    """Return the bytes of a frame from `start` to `end` where they lie."""
    return (
        list(frame.stretch(start, end)) if isinstance(frame, SplitFrame) else [memoryview(frame)[start:end]]
    )
