"""What decoding needs of frames in boxes: JP2, JPH, JPX and JPEG XL (ISO/IEC 15444-1 Annex I, 18181-2)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.verify.reading.frames.jpeg2000 import needed_of_codestream
from orthanc_deid.verify.reading.frames.pieces import Piece, big_endian, fault, total, written

JP2: Final = b"\0\0\0\x0cjP  \r\n\x87\n"
JPEG_XL: Final = b"\0\0\0\x0cJXL \r\n\x87\n"
JPEG_XL_STREAM: Final = b"\xff\x0a"
_BOXES_AT_MOST: Final = 4096
_BRANDS: Final = (b"jp2 ", b"jpx ", b"jph ")
_OTHER_BRANDS: Final = (b"jpxb", b"J2P0", b"J2P1")
_SPACES: Final = (0, 1, 3, 4, 9, *range(11, 25))
_WORDS: Final = re.compile(rb"(?:[ -~]|[\xd0\xd1][\x80-\xbf]){24,}")
_JXL_TYPE: Final = b"\0\0\0\x14ftypjxl \0\0\0\0jxl "


class _Box(NamedTuple):
    kind: bytes
    start: int
    inside: int
    end: int


def _boxes(frame: Buffer, at: int, end: int) -> Iterator[_Box]:
    for _ in range(_BOXES_AT_MOST):
        if at + 8 > end:
            return
        size, inside = big_endian(frame, at, 4), at + 8
        kind = bytes(frame[at + 4 : at + 8])
        if size == 1:
            size, inside = big_endian(frame, at + 8, 8), at + 16
        stop = end if size == 0 else at + size
        if not inside <= stop <= end:
            raise fault("box of a wrong length")
        yield _Box(kind, at, inside, stop)
        at = stop
    raise fault("too many boxes")


def needed_of_jp2(frame: Buffer) -> list[Piece]:
    """Return the pieces of a JPEG 2000 frame in boxes that decoding needs; raises ParseError."""
    pieces = [Piece(0, 12)]
    for box in _boxes(frame, 12, len(frame)):
        if box.kind == b"ftyp":
            pieces.append(_file_type(frame, box))
        elif box.kind == b"jp2h":
            pieces += _around(box, _image_header(frame, box))
        elif box.kind == b"jp2c":
            inner = needed_of_codestream(frame[box.inside : box.end])
            pieces += _around(box, [_shifted(piece, box.inside) for piece in inner])
            return pieces
    raise fault("without its end")


def needed_of_jpeg_xl(frame: Buffer) -> list[Piece]:
    """Return the pieces of a JPEG XL frame that decoding needs: those of a bare codestream are all of it."""
    if bytes(frame[:2]) == JPEG_XL_STREAM:
        _check_stream(frame)
        return [Piece(0, len(frame))]
    pieces = [Piece(0, 12)]
    for box in _boxes(frame, 12, len(frame)):
        size = box.end - box.inside
        if box.kind == b"ftyp":
            same = bytes(frame[box.start : box.end]) == _JXL_TYPE
            pieces.append(Piece(box.start, box.end) if same else written(_JXL_TYPE))
        elif (box.kind, size) == (b"jxll", 1):
            pieces.append(Piece(box.start, box.end))
        elif box.kind == b"jxlc" or (box.kind == b"jxlp" and size > 3):
            _check_stream(frame[box.inside : box.end])
            pieces.append(Piece(box.start, box.end))
            if box.kind == b"jxlc" or frame[box.inside] > 127:  # the last part
                return pieces
    raise fault("without its end")


def _check_stream(stream: Buffer) -> None:
    """Raise ParseError for a stream with 24 characters of ASCII or Cyrillic (UTF-8) in a row, 8 bytes different."""
    if any(len({*match[0]}) > 7 for match in _WORDS.finditer(stream)):
        raise fault("text in a codestream")


def _shifted(piece: Piece, by: int) -> Piece:
    return piece if piece.new is not None else piece._replace(start=piece.start + by, end=piece.end + by)


def _around(box: _Box, inner: Sequence[Piece]) -> list[Piece]:
    """Return a box with this content: its own header, or a new one where the length is another."""
    size = total(inner)
    if size == box.end - box.inside:
        return [Piece(box.start, box.inside), *inner]
    return [written((size + 8).to_bytes(4, "big") + box.kind), *inner]


def _file_type(frame: Buffer, box: _Box) -> Piece:
    content = bytes(frame[box.inside : box.end])
    names = [content[at : at + 4] for at in range(8, len(content), 4)]
    known = all(name in _BRANDS or name in _OTHER_BRANDS for name in names) and len({*names}) == len(names)
    brand = content[:4] if content[:4] in _BRANDS else _BRANDS[0]
    if content[:4] == brand and content[4:8] == bytes(4) and known and len(content) % 4 == 0:
        return Piece(box.start, box.end)
    return written(b"\0\0\0\x14ftyp" + brand + bytes(4) + brand)


def _image_header(frame: Buffer, box: _Box) -> list[Piece]:
    inside = list(_boxes(frame, box.inside, box.end))
    sizes = [each for each in inside if each.kind == b"ihdr"]
    if not sizes or sizes[0].end - sizes[0].inside != 14:
        raise fault("box of a wrong length")
    channels = big_endian(frame, sizes[0].inside + 8, 2)
    colours = [each for each in inside if each.kind == b"colr"]
    named = [each for each in colours if _names_space(frame, each)]
    pieces: list[Piece] = []
    for each in inside:
        size = each.end - each.inside
        if each.kind == b"colr":
            if each == (named or colours)[0]:
                pieces.append(_colours(frame, each, bool(named), channels))
            continue
        if each.kind in (b"ihdr", b"bpcc", b"pclr", b"cmap", b"cdef"):
            if size != _due(frame, each, channels):
                raise fault("box of a wrong length")
            pieces.append(Piece(each.start, each.end))
    return pieces


def _names_space(frame: Buffer, box: _Box) -> bool:
    content = bytes(frame[box.inside : box.end])
    return len(content) == 7 and content[0] == 1 and int.from_bytes(content[3:], "big") in _SPACES


def _colours(frame: Buffer, box: _Box, named: bool, channels: int) -> Piece:
    if named and not any(frame[box.inside + 1 : box.inside + 3]):
        return Piece(box.start, box.end)
    space = bytes(frame[box.inside + 3 : box.end]) if named else bytes((0, 0, 0, 17 if channels < 3 else 16))
    return written(b"\0\0\0\x0fcolr\1\0\0" + space)


def _due(frame: Buffer, box: _Box, channels: int) -> int:
    """Return the length that the content of a box has by itself; -1 where a value in it is not valid."""
    content = bytes(frame[box.inside : box.end])
    if box.kind == b"ihdr":
        return 14
    if box.kind == b"bpcc":
        return channels if all(depth % 128 <= 37 for depth in content) else -1
    if box.kind == b"cmap":
        return len(content) & ~3 if max(content[2::4], default=0) <= 1 else -1
    if box.kind == b"cdef":
        kinds = [content[at : at + 2] for at in range(4, len(content) - 1, 6)]
        valid = all(kind in (b"\0\0", b"\0\1", b"\0\2", b"\xff\xff") for kind in kinds)
        return 2 + 6 * big_endian(frame, box.inside, 2) if valid else -1
    columns = big_endian(frame, box.inside + 2, 1)
    row = sum((depth % 128) // 8 + 1 for depth in content[3 : 3 + columns])
    return 3 + columns + row * big_endian(frame, box.inside, 2)
