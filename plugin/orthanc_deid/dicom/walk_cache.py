"""Walks that are remembered: in a series nearly all headers stand where they stood in an instance before.

What a walk finds depends on the headers that it reads, and on nothing else of the data set. Where every one of them
is, byte for byte, what it was at the same place, so is what the walk finds; all of them are compared at once, which
takes a tenth of the time. Tags, VRs, lengths and places are remembered, and no values.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from orthanc_deid.dicom.elements import Event, MalformedError, Table
from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.dicom.walker import READ, Readers, walk

MOST: Final = 32
"""Shapes that one table remembers, of different start or end."""

MOST_HEADERS: Final = 2000
"""Headers of a shape that is remembered: longer data sets are rarely alike, and memory is dear."""

_WINDOW: Final = "V8"  # a header; the 32-bit length behind a long one ends a window of its own
# To learn a shape takes two walks more, and a hit spares most of one. Where hardly any comes again, few are learned.
_FIRST_CREDIT, _MOST_CREDIT, _FOR_A_HIT, _FOR_A_MISS = 8.0, 32.0, 0.5, 1 / 64

_Gathered = tuple[int, int, int]
"""(heap, start, end) of a value that the table gathers."""


class Shapes:
    """What was walked with one table, one encoding and the same marks, at the top level."""

    def __init__(self, table: Table, *, explicit: bool, marks: tuple[int, ...] = ()) -> None:
        self._table = table
        self._explicit = explicit
        self._marks = marks
        self._known: dict[tuple[int, int], _Shape] = {}
        self._credit = _FIRST_CREDIT

    def walk(
        self, buffer: Buffer, start: int, end: int, heaps: Sequence[list[Buffer]] = ()
    ) -> Sequence[Event]:
        """Return what `walker.walk` returns and fill `heaps` as it does; the events are not to be changed.

        Raises what `walker.walk` raises.
        """
        shape = self._known.get((start, end))
        if shape is not None and shape.fits(buffer):
            for heap, value, stop in shape.gathered:
                heaps[heap].append(buffer[value:stop])
            self._credit = min(_MOST_CREDIT, self._credit + _FOR_A_HIT)
            return shape.events
        events = walk(
            buffer, start, end, self._table, explicit=self._explicit, marks=self._marks, heaps=heaps
        )
        self._credit += _FOR_A_MISS
        if self._credit >= 1 and len(events) <= MOST_HEADERS:
            self._learn(buffer, start, end, events, len(heaps))
        return events

    def _learn(self, buffer: Buffer, start: int, end: int, events: Sequence[Event], heaps: int) -> None:
        self._credit -= 1
        trace = _Trace(buffer)
        places: tuple[list[tuple[int, int]], ...] = tuple([] for _ in range(heaps))
        try:
            walk(
                trace,  # type: ignore[arg-type]
                start,
                end,
                self._table,
                explicit=self._explicit,
                marks=self._marks,
                heaps=places,  # type: ignore[arg-type]
                readers=_TRACED,
            )
        except MalformedError:
            return  # too long
        if not trace.windows:
            return
        if len(self._known) >= MOST:
            self._known = {}
        gathered = [(heap, *place) for heap, found in enumerate(places) for place in found]
        self._known[start, end] = _Shape(buffer, trace.windows, events, gathered)


class _Shape:
    """The headers of one data set, and what was found by them."""

    __slots__ = ("_end", "_headers", "_windows", "events", "gathered")

    def __init__(
        self, buffer: Buffer, windows: list[int], events: Sequence[Event], gathered: list[_Gathered]
    ) -> None:
        self.events = events
        self.gathered = gathered
        self._windows = np.array(windows, np.intp)
        self._end = max(windows) + 8
        self._headers = self._read(buffer)

    def fits(self, buffer: Buffer) -> bool:
        """Whether another data set has the same headers at the same places."""
        return len(buffer) >= self._end and self._read(buffer) == self._headers

    def _read(self, buffer: Buffer) -> bytes:
        everywhere: NDArray[np.void] = np.ndarray((self._end - 7,), _WINDOW, buffer, strides=(1,))
        return everywhere[self._windows].tobytes()


class _Trace:
    """A buffer that notes which windows of 8 bytes are read; a slice of it is the place where it lies."""

    def __init__(self, buffer: Buffer) -> None:
        self.buffer = buffer
        self.windows: list[int] = []

    def __getitem__(self, place: slice) -> tuple[int, int]:
        return place.start, place.stop

    def note(self, at: int) -> None:
        """Note the window that begins at `at`; MalformedError for one too many."""
        if len(self.windows) == MOST_HEADERS:
            raise MalformedError("more headers than are remembered")
        self.windows.append(at)


def _explicit(trace: _Trace, at: int) -> tuple[bytes, int]:
    trace.note(at)
    return READ.explicit(trace.buffer, at)


def _implicit(trace: _Trace, at: int) -> tuple[bytes, int]:
    trace.note(at)
    return READ.implicit(trace.buffer, at)


def _item(trace: _Trace, at: int) -> tuple[bytes, int]:
    trace.note(at)
    return READ.item(trace.buffer, at)


def _length(trace: _Trace, at: int) -> tuple[int]:
    trace.note(at - 4)
    return READ.length(trace.buffer, at)


_TRACED = Readers(_explicit, _implicit, _item, _length)  # type: ignore[arg-type]
