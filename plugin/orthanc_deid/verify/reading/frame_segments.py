"""The texts in a compressed frame: comment and application segments of JPEG, JPEG-LS and JPEG 2000.

ISO/IEC 10918-1 B.1, 14495-1 C.1 (JPEG-LS) and 15444-1 A.9 (JPEG 2000). Only the headers before the image are
read; entropy-coded data is neither read nor searched.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

_SOI, _SOC = 0xFFD8, 0xFF4F
_JP2_SIGNATURE = b"\x00\x00\x00\x0cjP  "
_JPEG_TEXT = frozenset((*range(0xFFE0, 0xFFF0), 0xFFFE))  # APP0 to APP15, COM
_JPEG_2000_TEXT = frozenset((0xFF64,))  # COM
_JPEG_ENDS = frozenset((0xFFDA, 0xFFD9))  # start of scan, end of image
_JPEG_2000_ENDS = frozenset((0xFF93, 0xFFD9))  # start of data, end of codestream; tile parts are skipped
_NO_LENGTH = frozenset((0xFF01, *range(0xFFD0, 0xFFD8)))
_COLOUR_PROFILE = b"ICC_PROFILE\0"
_FREE_BOXES = frozenset((b"uuid", b"xml "))
_UUID_BYTES = 16
_MOST_SEGMENTS = 4096

Read = Callable[[int, int], bytes]
"""(position, length) -> bytes, fewer at the end."""


class Segment(NamedTuple):
    """The content of one segment; `free`: its format lets a writer put any text there, unlike a colour profile."""

    content: bytes
    free: bool


def text_segments(read: Read, start: int, end: int) -> Iterator[Segment]:
    """Yield the comment and application segments of the fragment between `start` and `end`.

    A fragment that continues a frame, or is of another format (RLE, MPEG), has no such segments and yields nothing.
    """
    head = read(start, 8)
    marker = struct.unpack_from(">H", head)[0] if len(head) >= 2 else 0
    if marker == _SOI:
        yield from _walk(read, start + 2, end, _JPEG_TEXT, _JPEG_ENDS)
    elif marker == _SOC:
        yield from _walk(read, start + 2, end, _JPEG_2000_TEXT, _JPEG_2000_ENDS)
    elif head == _JP2_SIGNATURE:
        yield from _boxes(read, start, end)


def _boxes(read: Read, position: int, end: int) -> Iterator[Segment]:
    """Yield the boxes of a JP2 file beside its codestream (ISO/IEC 15444-1 Annex I), and that one's comments."""
    for _ in range(_MOST_SEGMENTS):
        head = read(position, 8)
        if position + 8 > end or len(head) < 8:
            return
        length, kind = struct.unpack(">L4s", head)
        length = length if length >= 8 else end - position
        if kind == b"jp2c":
            yield from text_segments(read, position + 8, min(end, position + length))
        else:
            content = read(position + 8, min(length - 8, end - position - 8))
            yield Segment(content[_UUID_BYTES:] if kind == b"uuid" else content, kind in _FREE_BOXES)
        position += length


def _walk(
    read: Read, position: int, end: int, text: frozenset[int], ends: frozenset[int]
) -> Iterator[Segment]:
    for _ in range(_MOST_SEGMENTS):
        head = read(position, 4)
        if position + 4 > end or len(head) < 4:
            return
        marker, length = struct.unpack(">HH", head)
        if marker == 0xFFFF:  # fill bytes may precede a marker
            position += 1
            continue
        if marker in ends or marker < 0xFF00:
            return
        if marker in _NO_LENGTH:
            position += 2
            continue
        if marker in text:
            content = read(position + 4, max(0, min(length - 2, end - position - 4)))
            yield Segment(content, not content.startswith(_COLOUR_PROFILE))
        position += 2 + length
