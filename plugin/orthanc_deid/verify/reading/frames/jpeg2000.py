"""What decoding needs of JPEG 2000 and HTJ2K codestreams (ISO/IEC 15444-1 Annex A), from `profile/RULES.md`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from orthanc_deid.verify.reading.frames.pieces import Piece, big_endian, fault, written
from orthanc_deid.verify.reading.frames.split_frame import Frame, SplitFrame

_SOC, _SIZ, _SOT, _SOD, _EOC, _TLM = 0x4F, 0x51, 0x90, 0x93, 0xD9, 0x55
_NOT_NEEDED: Final = frozenset((0x56, 0x57, 0x58, 0x59, 0x63, 0x64))  # PRF, PLM, PLT, CPF, CRG, COM
_ONLY_MAIN: Final = frozenset((_SIZ, 0x50, _TLM, 0x60))  # and CAP, PPM
_SEGMENTS_AT_MOST: Final = 1 << 16
_TINY: Final = 8
_EOC_BYTES: Final = re.compile(rb"\xff\xd9")


@dataclass(slots=True)
class _Segment:
    marker: int
    start: int
    end: int


@dataclass(slots=True)
class _Part:
    """A tile-part: its segments that are needed, and its data; `stated`: the length in its SOT."""

    start: int
    tile: int
    stated: int
    segments: list[_Segment]
    data: int
    end: int


class _Image:
    """The sizes that the lengths of segments depend on; the methods say whether a segment has that of its content."""

    def __init__(self) -> None:
        self.components = 0
        self.extended = False
        self.levels = 0  # the most of any coding style
        self.quantized = 0  # the most of any quantization

    @property
    def index(self) -> int:
        """The bytes of a component's number."""
        return 2 if self.components > 256 else 1

    def size(self, frame: Frame, start: int, length: int) -> bool:
        self.extended = big_endian(frame, start + 4, 2) >= 0x8000
        self.components = count = big_endian(frame, start + 38, 2)
        if length != 38 + 3 * count:
            return False
        end = start + 40 + 3 * count
        depths, steps = bytes(frame[start + 40 : end : 3]), bytes(frame[start + 41 : end : 3])
        return all(depth & 0x7F <= 37 for depth in depths) and 0 not in steps

    def capabilities(self, frame: Frame, start: int, length: int) -> bool:
        return length == 8 and big_endian(frame, start + 4, 4) == 1 << 17

    def style(self, frame: Frame, start: int, length: int) -> bool:
        return length == 12 + self._precincts(frame, start + 4, start + 9)

    def component_style(self, frame: Frame, start: int, length: int) -> bool:
        flags = start + 4 + self.index
        return length == 8 + self.index + self._precincts(frame, flags, flags + 1)

    def quantization(self, frame: Frame, start: int, length: int) -> bool:
        return self._bands(frame, start + 4, length - 3)

    def component_quantization(self, frame: Frame, start: int, length: int) -> bool:
        return self._bands(frame, start + 4 + self.index, length - 3 - self.index)

    def region(self, frame: Frame, start: int, length: int) -> bool:
        return length == 4 + self.index

    def order(self, frame: Frame, start: int, length: int) -> bool:
        size = 5 + 2 * self.index
        if (length - 2) % size:
            return False
        entries = [bytes(frame[at : at + size]) for at in range(start + 4, start + 2 + length, size)]
        return all(one[0] <= 32 and one[3 + self.index] <= 33 and one[-1] <= 4 for one in entries)

    def anything(self, frame: Frame, start: int, length: int) -> bool:
        return True

    def _precincts(self, frame: Frame, flags: int, levels: int) -> int:
        """Return the bytes of precinct sizes that follow the levels of a coding style."""
        count = big_endian(frame, levels, 1)
        if count > 32:
            raise fault("segment of a wrong length")
        self.levels = max(self.levels, count)
        return (1 + count) * (big_endian(frame, flags, 1) % 2)

    def _bands(self, frame: Frame, style: int, room: int) -> bool:
        """Whether `room` bytes behind a quantization style are an entry for a subband, and three of each level."""
        kind = big_endian(frame, style, 1) % 32
        if kind == 1:
            return room == 2
        if kind not in (0, 2) or room <= 0 or (kind == 2 and room % 2):
            return False
        entries = room // 2 if kind == 2 else room
        self.quantized = max(self.quantized, entries // 3)
        return entries % 3 == 1


_RULES: Final[Mapping[int, Callable[[_Image, Frame, int, int], bool]]] = {
    _SIZ: _Image.size,
    0x50: _Image.capabilities,
    0x52: _Image.style,
    0x53: _Image.component_style,
    0x5C: _Image.quantization,
    0x5D: _Image.component_quantization,
    0x5E: _Image.region,
    0x5F: _Image.order,
    0x60: _Image.anything,
    0x61: _Image.anything,
}
"""Whether a segment is valid: (image, frame, start, length)."""


def needed_of_codestream(frame: Frame) -> list[Piece]:
    """Return the pieces that decoding needs; raises ParseError."""
    if bytes(frame[:2]) != b"\xff\x4f":
        raise fault("no JPEG 2000")
    image = _Image()
    main = _header(frame, 2, image, ends=(_SOT, _SOD, _EOC))
    at = main[-1].start
    pieces = [Piece(0, 2)]
    if main[-1].marker == _SOD:
        end = _first_end(frame, at + 2)
        if end - at - 2 > _TINY:
            raise fault("without its header")
        pieces += [Piece(each.start, each.end) for each in main[:-1] if each.marker != _TLM]
        pieces.append(Piece(at, end))
        main, at = [], end
    parts: list[_Part] = []
    while len(frame) - at > 1 and big_endian(frame, at, 2) == 0xFF00 | _SOT:
        parts.append(_tile_part(frame, at, image))
        at = parts[-1].end
        if len(parts) > _SEGMENTS_AT_MOST:
            raise fault("too many segments")
    if image.quantized > image.levels:
        raise fault("segment of a wrong length")
    rewritten = [(part.tile, _length(part)) for part in parts]
    pieces += _main_pieces(frame, main[:-1], rewritten)
    for part, (_, length) in zip(parts, rewritten, strict=True):
        pieces += _tile_pieces(part, length)
    if len(frame) - at > 1:
        if big_endian(frame, at, 2) != 0xFF00 | _EOC:
            raise fault("bytes between segments")
        pieces.append(Piece(at, at + 2))
    return pieces


def _first_end(frame: Frame, at: int) -> int:
    match = _EOC_BYTES.search(bytes(frame) if isinstance(frame, SplitFrame) else frame, at)
    if match is None:
        raise fault("without its end")
    return match.start()


def _header(frame: Frame, at: int, image: _Image, ends: tuple[int, ...]) -> list[_Segment]:
    """Return the needed segments from `at`, and as the last one the marker that ends them."""
    found: list[_Segment] = []
    for _ in range(_SEGMENTS_AT_MOST):
        marker = big_endian(frame, at, 2) ^ 0xFF00
        if marker in ends:
            found.append(_Segment(marker, at, at + 2))
            return found
        length = big_endian(frame, at + 2, 2)
        end = at + 2 + length
        if length < 2 or end > len(frame):
            raise fault("cut off")
        if marker not in _NOT_NEEDED:
            if _SOT not in ends and marker in _ONLY_MAIN:
                raise fault("unknown segment")
            if marker != _TLM and not _is_valid(frame, marker, at, length, image):
                raise fault("segment of a wrong length")
            found.append(_Segment(marker, at, end))
        at = end
    raise fault("too many segments")


def _tile_part(frame: Frame, at: int, image: _Image) -> _Part:
    if big_endian(frame, at + 2, 2) != 10:
        raise fault("segment of a wrong length")
    if not image.components:
        raise fault("without its header")
    tile, stated = big_endian(frame, at + 4, 2), big_endian(frame, at + 6, 4)
    segments = _header(frame, at + 12, image, ends=(_SOD,))
    data = segments.pop().start
    end = at + stated if stated else _first_end(frame, data + 2)
    if not data + 2 <= end <= len(frame):
        raise fault("cut off")
    return _Part(at, tile, stated, segments, data, end)


def _length(part: _Part) -> int:
    return 12 + sum(each.end - each.start for each in part.segments) + part.end - part.data


def _tile_pieces(part: _Part, length: int) -> Iterator[Piece]:
    start = part.start
    if part.stated in (0, length):
        yield Piece(start, start + 12)
    else:
        yield Piece(start, start + 6)
        yield written(length.to_bytes(4, "big"))
        yield Piece(start + 10, start + 12)
    yield from (Piece(each.start, each.end) for each in part.segments)
    yield Piece(part.data, part.end, coded=True)


def _main_pieces(
    frame: Frame, segments: Sequence[_Segment], tile_parts: Sequence[tuple[int, int]]
) -> Iterator[Piece]:
    listed = [each for each in segments if each.marker == _TLM]
    lengths = _tile_lengths(frame, listed, tile_parts)
    for each in segments:
        if each.marker != _TLM:
            yield Piece(each.start, each.end)
        elif lengths:
            yield from lengths[each.start]


def _tile_lengths(
    frame: Frame, segments: Sequence[_Segment], tile_parts: Sequence[tuple[int, int]]
) -> Mapping[int, list[Piece]]:
    """Return each TLM segment as it must be, by its start; nothing where they do not list the tile-parts in order."""
    found: dict[int, list[Piece]] = {}
    remaining = list(tile_parts)
    for place, (start, end) in enumerate((each.start, each.end) for each in segments):
        raw = bytes(frame[start:end])
        if len(raw) < 6 or raw[4] != place or raw[5] & 0x8F or raw[5] >> 4 & 3 == 3:
            return {}
        named, wide = raw[5] >> 4 & 3, 4 if raw[5] & 0x40 else 2
        count, left = divmod(len(raw) - 6, named + wide)
        due, remaining = remaining[:count], remaining[count:]
        if left or len(due) < count or any(length >= 1 << 8 * wide for _, length in due):
            return {}
        new = raw[:6] + b"".join(
            (tile.to_bytes(2, "big")[2 - named :] if named else b"") + length.to_bytes(wide, "big")
            for tile, length in due
        )
        for at in range(6, len(raw), named + wide):
            if raw[at : at + named] != new[at : at + named]:
                return {}
        found[start] = [Piece(start, end) if new == raw else written(new)]
    return {} if remaining else found


def _is_valid(frame: Frame, marker: int, start: int, length: int, image: _Image) -> bool:
    rule = _RULES.get(marker)
    if rule is None:
        if not (0x70 <= marker <= 0x7A and image.extended):
            raise fault("unknown segment")
        return True
    return rule(image, frame, start, length)
