"""The tables of a JPEG frame (ISO/IEC 10918-1 B.2.4), and which of them a scan uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from orthanc_deid.bounded_cache import bounded_cache
from orthanc_deid.deid.pixels.frames.parts import Part, number, unreadable
from orthanc_deid.dicom.slices import Buffer

_Key: TypeAlias = tuple[int, int]

_QUANTIZATION: Final = 2
"""The class of quantization tables here; 0 and 1 are those of Huffman tables: DC and AC."""
_MOST_COMPONENTS: Final = 4
_LOSSLESS: Final = frozenset({0xC3, 0xC7, 0xCB, 0xCF})
_PROGRESSIVE: Final = frozenset({0xC2, 0xC6, 0xCA, 0xCE})


@dataclass(slots=True)
class _Table:
    start: int
    end: int
    needed: bool = False


@dataclass(slots=True)
class _Segment:
    start: int
    end: int
    tables: list[_Table]


@bounded_cache(maxsize=256)  # the frames of an instance share their tables
def _tables(content: bytes, quantization: bool) -> tuple[tuple[_Key, int, int], ...]:
    """Return (class and number, start, end) of the tables in the content of a segment. Raises RefusedError."""
    found = []
    at = 0
    while at < len(content):
        key, stop = (_quantization_table if quantization else _huffman_table)(content, at)
        if stop > len(content):
            raise unreadable("segment of a wrong length")
        found.append((key, at, stop))
        at = stop
    return tuple(found)


def _quantization_table(content: bytes, at: int) -> tuple[_Key, int]:
    precision, table = divmod(content[at], 16)
    if precision > 1 or table > 3:
        raise unreadable("no valid table")
    return (_QUANTIZATION, table), at + 1 + 64 * (precision + 1)


def _huffman_table(content: bytes, at: int) -> tuple[_Key, int]:
    kind, table = divmod(content[at], 16)
    count = sum(content[at + 1 : at + 17])
    symbols = content[at + 17 : at + 17 + count]
    if kind > 1 or table > 3 or len(set(symbols)) < count or (kind == 0 and max(symbols, default=0) > 16):
        raise unreadable("no valid table")
    return (kind, table), at + 17 + count


class Tables:
    """The tables of one frame in the order of its segments; a scan uses the last one of each number before it."""

    def __init__(self, frame: Buffer) -> None:
        self._frame = frame
        self._segments: list[_Segment] = []
        self._current: dict[tuple[int, int], _Table] = {}  # by class and number
        self._quantization: dict[int, int] = {}  # the table of each component
        self._header = 0

    def define(self, quantization: bool, start: int, end: int) -> int:
        """Read a segment of tables; return its number here. Raises RefusedError."""
        segment = _Segment(start, end, [])
        for key, first, stop in _tables(bytes(self._frame[start + 4 : end]), quantization):
            table = self._current[key] = _Table(start + 4 + first, start + 4 + stop)
            segment.tables.append(table)
        self._segments.append(segment)
        return len(self._segments) - 1

    def frame_header(self, at: int, marker: int, length: int) -> None:
        """Note the quantization tables of the components of the frame header `marker` at `at`."""
        self._header = marker
        frame = self._frame
        for component in range(at + 10, at + 2 + length, 3):
            self._quantization[number(frame, component, 1)] = number(frame, component + 2, 1)

    def scan_header(self, at: int, components: int) -> None:
        """Mark the tables that the scan uses whose header begins at `at`."""
        frame = self._frame
        if components > _MOST_COMPONENTS:
            raise unreadable("segment of a wrong length")
        first, last = number(frame, at + 5 + 2 * components, 1), number(frame, at + 6 + 2 * components, 1)
        for place in range(at + 5, at + 5 + 2 * components, 2):
            component, (direct, alternating) = (
                number(frame, place, 1),
                divmod(number(frame, place + 1, 1), 16),
            )
            used = [(0, direct), (1, alternating), (_QUANTIZATION, self._quantization.get(component, 0))]
            if self._header in _LOSSLESS:
                used = used[:1]
            elif self._header in _PROGRESSIVE:  # a scan of DC or of AC coefficients
                used = used[:1] * (first == 0) + used[1:2] * (last > 0) + used[2:]
            for key in used:
                if key in self._current:
                    self._current[key].needed = True

    def written(self, segment: int) -> list[Part]:
        """Return what is written of a segment: all of it, or the tables in it that a scan uses."""
        found = self._segments[segment]
        kept = [table for table in found.tables if table.needed]
        if not kept:
            return []
        if len(kept) == len(found.tables):
            return [(found.start, found.end)]
        length = 2 + sum(table.end - table.start for table in kept)
        head = bytes(self._frame[found.start : found.start + 2]) + length.to_bytes(2, "big")
        return [head, *((table.start, table.end) for table in kept)]
