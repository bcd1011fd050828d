"""JPEG 2000 and High-Throughput JPEG 2000 codestreams: the marker segments that steer decoding, and the tile-parts.

ISO/IEC 15444-1 Annex A (with the markers of 15444-2 and 15444-15). Dropped are comments, packet lengths (PLM, PLT),
component registration, everything behind the end of codestream, and tile-part lengths (TLM) that are not those of the
tile-parts; where a tile-part becomes shorter, its length and TLM are corrected.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from orthanc_deid.deid.pixels.frames.jpeg import FEW_BYTES
from orthanc_deid.deid.pixels.frames.parts import Part, Parts, length_of, number, unreadable
from orthanc_deid.deid.pixels.frames.scattered import Frame, Scattered
from orthanc_deid.deid.pixels.frames.tile_lengths import TileLengths

_SOC, _SOT, _SOD, _EOC = 0xFF4F, 0xFF90, 0xFF93, 0xFFD9
_SIZ, _CAP, _COD, _COC, _QCD, _QCC, _RGN, _POC = (
    0xFF51,
    0xFF50,
    0xFF52,
    0xFF53,
    0xFF5C,
    0xFF5D,
    0xFF5E,
    0xFF5F,
)
_PRF, _CPF, _TLM, _PPM, _PPT = 0xFF56, 0xFF59, 0xFF55, 0xFF60, 0xFF61
_DROPPED: Final = frozenset(
    {0xFF64, 0xFF57, 0xFF58, 0xFF63, _PRF, _CPF}
)  # COM, PLM, PLT, CRG and two profiles
_PART_2: Final = frozenset(range(0xFF70, 0xFF7B))  # DCO to ATK: transforms between components and the like
_MOST_SEGMENTS: Final = 1 << 16
_PART_15: Final = (
    1 << 17  # the capability of ISO/IEC 15444-15, the only one with a segment of known length
)
_MOST_LEVELS: Final = 32
_MOST_BITS: Final = 37  # of a sample, less one
CODESTREAM: Final = b"\xff\x4f"
_END: Final = re.compile(rb"\xff\xd9")


@dataclass(slots=True)
class _TilePart:
    """A tile-part: its parts from SOT on, its tile, and whether its length is stated (else it is 0)."""

    tile: int
    parts: Parts = field(default_factory=Parts)
    states_length: bool = True


def codestream_parts(frame: Frame) -> list[Part]:
    """Return the parts of a codestream that decoding needs. Raises RefusedError."""
    reading = _Reading(frame)
    reading.run()
    return reading.written()


class _Reading:
    """One pass over the main header and the tile-parts of a codestream."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._main: list[Part | TileLengths] = []
        self._tile_parts: list[_TilePart] = []
        self._end: list[Part] = []
        self._components = 0
        self._extended = False  # by ISO/IEC 15444-2
        self._levels = 0  # the most decomposition levels of any component
        self._quantized = 0  # the most levels that a quantization segment lists

    def run(self) -> None:
        frame = self._frame
        if number(frame, 0, 2) != _SOC:
            raise unreadable("no JPEG 2000")
        self._main.append((0, 2))
        at = self._main_header(2)
        for _ in range(_MOST_SEGMENTS):
            if len(frame) - at < 2:
                return  # without EOC: the length of the last tile-part says where it ends
            marker = number(frame, at, 2)
            if marker == _EOC:
                self._end.append((at, at + 2))
                return
            if marker != _SOT:
                raise unreadable("bytes between segments")
            at = self._tile_part(at)
        raise unreadable("too many segments")

    def _main_header(self, at: int) -> int:
        """Read the segments before the first tile-part; return its start."""
        frame = self._frame
        for _ in range(_MOST_SEGMENTS):
            marker = number(frame, at, 2)
            if marker in (_SOT, _EOC):
                return at
            if marker == _SOD:
                return self._bare_data(at)
            end = self._end_of(at)
            if marker == _TLM:
                self._main.append(TileLengths(frame, at, end))
            elif marker not in _DROPPED:
                self._check_segment(marker, at, end)
                self._main.append((at, end))
            at = end
        raise unreadable("too many segments")

    def _bare_data(self, at: int) -> int:
        """Take data that no tile-part precedes, which is no image; return its end."""
        end = self._first_end(at + 2)
        if end < 0 or end - at - 2 > FEW_BYTES:
            raise unreadable("without its header")
        self._main.append((at, end))
        return end

    def _first_end(self, at: int) -> int:
        """Return where the first end of codestream behind `at` stands, -1 without one."""
        if isinstance(self._frame, Scattered):
            self._frame = bytes(self._frame)
        found = _END.search(self._frame, at)
        return -1 if found is None else found.start()

    def _end_of(self, at: int) -> int:
        end = at + 2 + number(self._frame, at + 2, 2)
        if end < at + 4 or end > len(self._frame):
            raise unreadable("cut off")
        return end

    def _tile_part(self, start: int) -> int:
        """Read the tile-part whose SOT is at `start`; return its end."""
        frame = self._frame
        if number(frame, start + 2, 2) != 10:
            raise unreadable("segment of a wrong length")
        if not self._components:
            raise unreadable("without its header")
        stated = number(frame, start + 6, 4)
        tile_part = _TilePart(number(frame, start + 4, 2), states_length=stated > 0)
        tile_part.parts.keep(start, start + 12)
        at = start + 12
        while (marker := number(frame, at, 2)) != _SOD:
            end = self._end_of(at)
            if marker not in _DROPPED:
                if marker in (_SIZ, _CAP, _TLM, _PPM):
                    raise unreadable("unknown segment")
                self._check_segment(marker, at, end)
                tile_part.parts.keep(at, end)
            at = end
        if stated:
            stop = start + stated
            if stop < at + 2 or stop > len(frame):
                raise unreadable("cut off")
        else:
            stop = self._first_end(at + 2)
            if stop < 0:
                raise unreadable("without its end")
        tile_part.parts.keep(at, stop)
        self._tile_parts.append(tile_part)
        return stop

    def _check_segment(self, marker: int, at: int, end: int) -> None:
        """Refuse a segment that is longer or shorter than its content (ISO/IEC 15444-1 A.5 and A.6)."""
        length_of_content = _LENGTHS.get(marker)
        if length_of_content is None and not (marker in _PART_2 and self._extended):
            raise unreadable("unknown segment")
        if length_of_content is not None and end - at - 2 != length_of_content(self, at, end):
            raise unreadable("segment of a wrong length")

    @property
    def _index(self) -> int:
        """The bytes of a component's number."""
        return 1 if self._components < 257 else 2

    def _any(self, at: int, end: int) -> int:
        return end - at - 2

    def _capabilities(self, at: int, end: int) -> int:
        return 8 if number(self._frame, at + 4, 4) == _PART_15 else -1

    def _style(self, at: int, end: int) -> int:
        return 12 + self._precincts(at + 4, at + 9)

    def _style_of_component(self, at: int, end: int) -> int:
        return 8 + self._index + self._precincts(at + 4 + self._index, at + 5 + self._index)

    def _quantization(self, at: int, end: int) -> int:
        return self._bands(at + 4, 3, end - at - 2)

    def _quantization_of_component(self, at: int, end: int) -> int:
        return self._bands(at + 4 + self._index, 3 + self._index, end - at - 2)

    def _region(self, at: int, end: int) -> int:
        return 4 + self._index

    def _precincts(self, style: int, levels: int) -> int:
        """Return the number of precinct sizes in the coding style at `style` with its levels at `levels`."""
        count = number(self._frame, levels, 1)
        if count > _MOST_LEVELS:
            raise unreadable("segment of a wrong length")
        self._levels = max(self._levels, count)
        return count + 1 if number(self._frame, style, 1) & 1 else 0

    def _size(self, at: int, end: int) -> int:
        """Read the SIZ segment at `at` and return its length (ISO/IEC 15444-1 A.5.1)."""
        frame = self._frame
        self._extended = bool(number(frame, at + 4, 2) & 0x8000)
        self._components = components = number(frame, at + 38, 2)
        for component in range(at + 40, at + 40 + 3 * components, 3):
            if number(frame, component, 1) & 0x7F > _MOST_BITS or not number(frame, component + 1, 1):
                raise unreadable("segment of a wrong length")
        return 38 + 3 * components

    def _bands(self, style: int, fixed: int, length: int) -> int:
        """Return the length of a quantization segment: an entry for a subband, and three more for each level."""
        kind = number(self._frame, style, 1) & 0x1F
        if kind == 1:
            return fixed + 2
        size = {0: 1, 2: 2}.get(kind, 0)
        levels = (length - fixed) // size // 3 if size else -1
        self._quantized = max(self._quantized, levels)
        return fixed + size * (1 + 3 * levels)

    def _order_changes(self, at: int, end: int) -> int:
        frame, size = self._frame, 5 + 2 * self._index
        for entry in range(at + 4, end - size + 1, size):
            first, last = number(frame, entry, 1), number(frame, entry + 3 + self._index, 1)
            if first > _MOST_LEVELS or last > _MOST_LEVELS + 1 or number(frame, entry + size - 1, 1) > 4:
                return -1
        return 2 + (end - at - 4) // size * size

    def written(self) -> list[Part]:
        """Return the parts that are written, with the lengths of tile-parts as they become."""
        if self._quantized > self._levels:
            raise unreadable("segment of a wrong length")
        lengths = [(each.tile, length_of(each.parts.list)) for each in self._tile_parts]
        segments = [each for each in self._main if isinstance(each, TileLengths)]
        corrected = TileLengths.corrected(segments, lengths)
        parts = Parts()
        for entry in self._main:
            if not isinstance(entry, TileLengths):
                parts.take([entry])
            elif corrected is not None:
                parts.take([corrected[entry]])
        for tile_part, (_, length) in zip(self._tile_parts, lengths, strict=True):
            parts.take(self._with_length(tile_part, length))
        parts.take(self._end)
        return parts.list

    def _with_length(self, tile_part: _TilePart, length: int) -> list[Part]:
        """Return the parts of a tile-part whose SOT states `length`, unless it left that open."""
        first, *others = tile_part.parts.list
        start, end = first
        if not tile_part.states_length or number(self._frame, start + 6, 4) == length:
            return tile_part.parts.list
        return [(start, start + 6), length.to_bytes(4, "big"), (start + 10, end), *others]


_LENGTHS: Final[Mapping[int, Callable[[_Reading, int, int], int]]] = {
    _SIZ: _Reading._size,
    _CAP: _Reading._capabilities,
    _COD: _Reading._style,
    _COC: _Reading._style_of_component,
    _QCD: _Reading._quantization,
    _QCC: _Reading._quantization_of_component,
    _RGN: _Reading._region,
    _POC: _Reading._order_changes,
    _PPM: _Reading._any,
    _PPT: _Reading._any,
}
"""The length that the content of a segment has, by its marker; -1 where a value in it is not valid."""
