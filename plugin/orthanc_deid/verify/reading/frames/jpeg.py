"""What decoding needs of JPEG and JPEG-LS (ISO/IEC 10918-1 Annex B, 14495-1 Annex C), from `profile/RULES.md`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from orthanc_deid.bounded_cache import LONGEST, bounded_cache
from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.verify.reading.element_headers import ParseError
from orthanc_deid.verify.reading.frames.pieces import Piece, big_endian, fault, written

START, END, SCAN = 0xD8, 0xD9, 0xDA
_DATA: Final = 0
_HUFFMAN, _QUANTIZATION, _CONDITIONING = 0xC4, 0xDB, 0xCC
_LS_FRAME, _LS_PRESET = 0xF7, 0xF8
_FRAMES: Final = (*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0), _LS_FRAME)
_LOSSLESS: Final = (0xC3, 0xC7, 0xCB, 0xCF)
_PROGRESSIVE: Final = (0xC2, 0xC6, 0xCA, 0xCE)
_RESTARTS: Final = range(0xD0, 0xD8)
_NOT_DATA: Final = re.compile(rb"\xff[\x01-\xcf\xd8-\xff]")
_NOT_LS_DATA: Final = re.compile(rb"\xff[\x80-\xcf\xd8-\xff]")
_MOST_TOKENS: Final = 4096
_MOST_HEADERS: Final = 64  # before the first scan
_TINY: Final = 8
_JFIF: Final = b"JFIF\0\x01\x01\x00\x00\x01\x00\x01\x00\x00"
_ADOBE: Final = b"Adobe\0\x64\0\0\0\0"


class Token(NamedTuple):
    """A marker with its segment, or with `marker` 0 a stretch of entropy-coded data."""

    marker: int
    start: int
    end: int


def needed_of_jpeg(frame: Buffer) -> list[Piece]:
    """Return the pieces that decoding needs; raises ParseError."""
    begun = _end_of_scan_header(frame)
    if 0 < begun <= LONGEST:
        known = _needed_before_data(bytes(frame[:begun]))
        match = known[1].search(frame, begun) if known is not None else None
        if known is not None and match is not None and frame[match.start() + 1] == END:
            end = match.start()
            return [*known[0], Piece(begun, end, coded=True), Piece(end, end + 2)]
    return _needed(frame)


def _end_of_scan_header(frame: Buffer) -> int:
    """Return the end of the first scan header, 0 where anything but segments stands before it."""
    at = 2
    for _ in range(_MOST_HEADERS):
        head = bytes(frame[at : at + 4])
        if len(head) < 4 or head[0] != 0xFF or head[1] < 0xC0 or head[1] in (0xFF, START, END, *_RESTARTS):
            return 0
        at += 2 + int.from_bytes(head[2:], "big")
        if head[1] == SCAN:
            return at if at <= len(frame) else 0
    return 0


@lru_cache(maxsize=64)
def _needed_before_data(header: bytes) -> tuple[list[Piece], re.Pattern[bytes]] | None:
    """Return the pieces before the data of a frame with one scan, and the pattern of the data's end.

    None for a header that is not valid, or of no image. The frames of an instance share their headers.
    """
    try:
        *pieces, data, _ = _needed(header + b"\xff\xd9")
    except ParseError:
        return None
    kinds = [token.marker for token in _tokens(header + b"\xff\xd9") if token.marker in _FRAMES]
    if not kinds or not data.coded:
        return None
    return pieces, _NOT_LS_DATA if kinds[-1] == _LS_FRAME else _NOT_DATA


def _needed(frame: Buffer) -> list[Piece]:
    """Return the pieces that decoding needs, by all markers of the frame."""
    tokens = list(_tokens(frame))
    coded = sum(token.end - token.start for token in tokens if token.marker == _DATA)
    framed = any(token.marker in _FRAMES for token in tokens)
    if not framed and coded > _TINY:
        raise fault("without its header")
    live = _live_tables(frame, tokens) if framed else {}
    mapped = _mapping_tables(frame, tokens)
    found: list[Piece] = []
    colours: set[int] = set()
    scanned = False
    for place, (marker, start, end) in enumerate(tokens):
        scanned = scanned or marker == SCAN
        if marker == _DATA:
            found.append(Piece(start, end, coded=True))
        elif marker in (_HUFFMAN, _QUANTIZATION):
            found += _tables(frame, start, end, live.get(place, []))
        elif marker in range(0xE0, 0xF0):
            if not scanned and marker not in colours and (piece := _colour(frame, marker, start, end)):
                colours.add(marker)
                found.append(piece)
        elif marker == _LS_PRESET:
            if frame[start + 4] not in (2, 3) or frame[start + 5] in mapped:
                found.append(Piece(start, end))
        elif marker != 0xFE:
            found.append(Piece(start, end))
    return found


def _tokens(frame: Buffer) -> Iterator[Token]:
    """Yield the markers, segments and data up to the end of image."""
    at, kind = 0, 0
    size = len(frame)
    for count in range(_MOST_TOKENS):
        while at + 1 < size and frame[at] == frame[at + 1] == 0xFF:
            at += 1
        if at + 2 > size or frame[at] != 0xFF:
            raise fault("bytes between segments" if at + 2 <= size else "without its end")
        marker = frame[at + 1]
        if (count == 0) is not (marker == START):
            raise fault("no JPEG" if count == 0 else "unknown segment")
        if marker in (START, END):
            yield Token(marker, at, at + 2)
            if marker == END:
                return
            at += 2
            continue
        end = at + 2 + big_endian(frame, at + 2, 2)
        if end > size or end < at + 4:
            raise fault("cut off")
        kind = marker if marker in _FRAMES else kind
        _check(frame, marker, at, end, kind)
        yield Token(marker, at, end)
        at = end
        if marker == SCAN:
            for token in _data(frame, at, _NOT_LS_DATA if kind == _LS_FRAME else _NOT_DATA):
                yield token
                at = token.end
            at = _after_fill(frame, at)
    raise fault("too many segments")


def _data(frame: Buffer, at: int, ends: re.Pattern[bytes]) -> Iterator[Token]:
    """Yield the entropy-coded data from `at`, with one 0xFF where several stand before a restart marker."""
    begin = at
    for _ in range(_MOST_TOKENS):
        match = ends.search(frame, at)
        if match is None:
            raise fault("without its end")
        at = match.start()
        after = _after_fill(frame, at)
        if after + 1 >= len(frame):
            raise fault("without its end")
        follows = frame[after + 1]
        if after == at or not (follows in _RESTARTS or (follows == 0 and ends is _NOT_DATA)):
            yield Token(_DATA, begin, at)
            return
        yield Token(_DATA, begin, at)
        begin, at = after, after + 1
    raise fault("too many segments")


def _after_fill(frame: Buffer, at: int) -> int:
    """Return the place of the last of several 0xFF."""
    while at + 1 < len(frame) and frame[at] == frame[at + 1] == 0xFF:
        at += 1
    return at


def _check(frame: Buffer, marker: int, start: int, end: int, kind: int) -> None:
    """Raise ParseError for a segment whose length is not that of its content."""
    length = end - start - 2
    if marker in range(0xE0, 0xF0) or marker == 0xFE:
        return
    if marker in _FRAMES or marker == 0xDE:
        valid = length == 8 + 3 * big_endian(frame, start + 9, 1)
    elif marker == SCAN:
        valid = length == 6 + 2 * big_endian(frame, start + 4, 1)
    elif marker in (0xDC, 0xDD):
        valid = length == 4 or (kind == _LS_FRAME and length in (5, 6))
    elif marker == 0xDF:
        valid = length == 3
    elif marker == _CONDITIONING:
        valid = length in range(2, 19, 2)
    elif marker in (_HUFFMAN, _QUANTIZATION):
        valid = bool(_split(frame, marker, start, end)) or length == 2
    elif marker == _LS_PRESET:
        valid = _is_preset(frame, start, length)
    else:
        raise fault("unknown segment")
    if not valid:
        raise fault("segment of a wrong length")


def _is_preset(frame: Buffer, start: int, length: int) -> bool:
    kind = big_endian(frame, start + 4, 1)
    if kind == 1:
        return length == 13
    if kind == 4:
        return length == 4 + 2 * big_endian(frame, start + 5, 1)
    return kind in (2, 3) and length > 5 and (length - 5) % (big_endian(frame, start + 6, 1) or 1) == 0


class _Table(NamedTuple):
    key: tuple[int, int]  # 0 DC, 1 AC, 2 quantization; and its number
    start: int
    end: int


def _split(frame: Buffer, marker: int, start: int, end: int) -> list[_Table]:
    """Return the tables of a segment, which must fill it."""
    content = bytes(frame[start + 4 : end])
    found = (_quantization_tables if marker == _QUANTIZATION else _huffman_tables)(content)
    return [_Table(key, start + 4 + one, start + 4 + two) for key, one, two in found]


@bounded_cache(maxsize=256)  # the frames of an instance share their tables
def _quantization_tables(content: bytes) -> tuple[_Table, ...]:
    found = []
    at = 0
    while at < len(content):
        precision, number = content[at] >> 4, content[at] & 15
        stop = at + 65 + 64 * precision
        if precision > 1 or number > 3:
            raise fault("no valid table")
        if stop > len(content):
            raise fault("segment of a wrong length")
        found.append(_Table((2, number), at, stop))
        at = stop
    return tuple(found)


@bounded_cache(maxsize=256)
def _huffman_tables(content: bytes) -> tuple[_Table, ...]:
    found = []
    at = 0
    while at < len(content):
        kind, number = content[at] >> 4, content[at] & 15
        count = sum(content[at + 1 : at + 17])
        stop = at + 17 + count
        symbols = content[at + 17 : stop]
        if kind > 1 or number > 3 or len({*symbols}) != count or (kind == 0 and max(symbols, default=0) > 16):
            raise fault("no valid table")
        found.append(_Table((kind, number), at, stop))
        at = stop
    return tuple(found)


def _live_tables(frame: Buffer, tokens: Sequence[Token]) -> dict[int, list[_Table]]:
    """Return the tables that a later scan reads before others take their places, by the place of their segment."""
    scans = _tables_of_scans(frame, tokens)
    wanted: set[tuple[int, int]] = set()
    live: dict[int, list[_Table]] = {}
    for place in range(len(tokens) - 1, -1, -1):
        marker, start, end = tokens[place]
        if marker == SCAN:
            wanted |= scans[place]
        elif marker in (_HUFFMAN, _QUANTIZATION):
            for table in reversed(_split(frame, marker, start, end)):
                if table.key in wanted:
                    wanted.remove(table.key)
                    live.setdefault(place, []).insert(0, table)
    return live


def _tables_of_scans(frame: Buffer, tokens: Sequence[Token]) -> dict[int, set[tuple[int, int]]]:
    """Return the tables that each scan reads, by its place."""
    header, quantization = 0, {}
    found: dict[int, set[tuple[int, int]]] = {}
    for place, (marker, start, end) in enumerate(tokens):
        if marker in _FRAMES or marker == 0xDE:
            header = marker
            quantization.update({frame[at]: frame[at + 2] for at in range(start + 10, end, 3)})
        elif marker == SCAN:
            count = frame[start + 4]
            if header != _LS_FRAME and count > 4:
                raise fault("segment of a wrong length")
            first, last = frame[end - 3], frame[end - 2]
            keys = found.setdefault(place, set())
            for at in range(start + 5, start + 5 + 2 * count, 2):
                direct, alternating = (0, frame[at + 1] >> 4), (1, frame[at + 1] & 15)
                if header in _LOSSLESS:
                    keys.add(direct)
                    continue
                keys.add((2, quantization.get(frame[at], 0)))
                if header not in _PROGRESSIVE or first == 0:
                    keys.add(direct)
                if header not in _PROGRESSIVE or last > 0:
                    keys.add(alternating)
    return found


def _tables(frame: Buffer, start: int, end: int, live: list[_Table]) -> list[Piece]:
    if not live:
        return []
    size = 2 + sum(table.end - table.start for table in live)
    if size == end - start - 2:
        return [Piece(start, end)]
    head = written(bytes(frame[start : start + 2]) + size.to_bytes(2, "big"))
    return [head, *(Piece(table.start, table.end) for table in live)]


def _colour(frame: Buffer, marker: int, start: int, end: int) -> Piece | None:
    """Return what stays of an application segment that changes how colours are read; None of any other."""
    content = bytes(frame[start + 4 : min(end, start + 24)])
    length = end - start - 4
    if marker == 0xE0 and content.startswith(b"JFIF\0") and length >= len(_JFIF):
        plain = length == len(_JFIF) and content[5] == 1 and content[6] < 3 and content[7] < 3
        if plain and content[8:10] == content[10:12] and content[12:14] == b"\0\0":
            return Piece(start, end)
        return written(b"\xff\xe0\x00\x10" + _JFIF)
    if marker == 0xEE and content.startswith(b"Adobe") and length >= 12:
        usual = content[5:7] in (b"\0\x64", b"\0\x65") and content[7] & 0x3F == 0 and not any(content[8:11])
        if usual and length == 12:
            return Piece(start, end)
        return written(b"\xff\xee\x00\x0e" + _ADOBE + content[11:12])
    if marker == 0xE8 and content.startswith(b"mrfx") and length >= 5:
        return Piece(start, end) if length == 5 else written(b"\xff\xe8\x00\x07mrfx" + content[4:5])
    return None


def _mapping_tables(frame: Buffer, tokens: Sequence[Token]) -> set[int]:
    """Return the mapping tables of JPEG-LS that a scan reads."""
    if not any(token.marker == _LS_FRAME for token in tokens):
        return set()
    scans = (token.start for token in tokens if token.marker == SCAN)
    return {frame[start + 6 + 2 * each] for start in scans for each in range(frame[start + 4])}
