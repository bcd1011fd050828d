"""The boxes of JP2, JPH and JPX around a JPEG 2000 codestream (ISO/IEC 15444-1 Annex I).

PS3.5 section A.4.4 wants the codestream alone. Where boxes are there, those stay that decoding needs: signature, file
type, and in the header box sizes, bit depths, colour space, palette and channels. A colour space that an ICC profile
describes becomes the enumerated one of its number of channels.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from orthanc_deid.deid.pixels.frames.jpeg2000 import codestream_parts
from orthanc_deid.deid.pixels.frames.parts import Part, Parts, length_of, moved, number, unreadable
from orthanc_deid.dicom.slices import Buffer

SIGNATURE: Final = b"\0\0\0\x0cjP  \r\n\x87\n"
_BRANDS: Final = frozenset({b"jp2 ", b"jpx ", b"jph "})
_COMPATIBLE: Final = _BRANDS | {b"jpxb", b"J2P0", b"J2P1"}
_SRGB, _GREYSCALE = 16, 17
_ENUMERATED: Final = frozenset(
    {0, 1, 3, 4, 9, 11, 12, 13, 14, 15, _SRGB, _GREYSCALE, 18, 19, 20, 21, 22, 23, 24}
)
_STAY: Final = frozenset({b"ihdr", b"bpcc", b"pclr", b"cmap", b"cdef"})
_CHANNELS: Final = frozenset({0, 1, 2, 0xFFFF})  # the types of a channel
_MOST_BITS: Final = 37  # of a sample, less one
_MOST_BOXES: Final = 4096


class Box(NamedTuple):
    """A box: its kind, where its content begins and where it ends."""

    kind: bytes
    start: int
    content: int
    end: int


def boxes(frame: Buffer, start: int, end: int) -> Iterator[Box]:
    """Yield the boxes from `start` to `end`, the last of which may leave its length open. Raises RefusedError."""
    for _ in range(_MOST_BOXES):
        if end - start < 8:  # nothing, or the padding of the fragment
            return
        length, kind, content = number(frame, start, 4), bytes(frame[start + 4 : start + 8]), start + 8
        if length == 1:
            length, content = number(frame, start + 8, 8), start + 16
        stop = start + length if length else end
        if stop < content or stop > end:
            raise unreadable("box of a wrong length")
        yield Box(kind, start, content, stop)
        start = stop
    raise unreadable("too many boxes")


def box_parts(frame: Buffer) -> list[Part]:
    """Return the parts of a frame in boxes that decoding needs. Raises RefusedError."""
    parts = Parts()
    parts.keep(0, len(SIGNATURE))
    for box in boxes(frame, len(SIGNATURE), len(frame)):
        if box.kind == b"ftyp":
            parts.take(_file_type(frame, box))
        elif box.kind == b"jp2h":
            parts.take(framed(box, _header(frame, box)))
        elif box.kind == b"jp2c":
            inner = moved(codestream_parts(frame[box.content : box.end]), box.content)
            parts.take(framed(box, inner))
            return parts.list
    raise unreadable("without its end")


def framed(box: Box, inner: list[Part]) -> list[Part]:
    """Return a box with another content: its header stays where its length stays or is left open."""
    length = length_of(inner)
    if length == box.end - box.content:
        return [(box.start, box.content), *inner]
    return [(8 + length).to_bytes(4, "big") + box.kind, *inner]


def _file_type(frame: Buffer, box: Box) -> list[Part]:
    content = bytes(frame[box.content : box.end])
    brand = content[:4] if content[:4] in _BRANDS else b"jp2 "
    listed = {content[at : at + 4] for at in range(8, len(content), 4)}
    if (
        content[:4] == brand
        and content[4:8] == bytes(4)
        and listed <= _COMPATIBLE
        and len(listed) * 4 == len(content) - 8
    ):
        return [(box.start, box.end)]
    return [b"\0\0\0\x14ftyp" + brand + bytes(4) + brand]


def _header(frame: Buffer, box: Box) -> list[Part]:
    """Return the boxes of the header box that stay, each of the length that its content has."""
    parts = Parts()
    inner = list(boxes(frame, box.content, box.end))
    image = next((each for each in inner if each.kind == b"ihdr"), None)
    if image is None or image.end - image.content != 14:
        raise unreadable("box of a wrong length")
    channels = number(frame, image.content + 8, 2)
    spaces = [each for each in inner if each.kind == b"colr"]
    stays = next((each for each in spaces if _is_enumerated(frame, each)), None)
    for each in inner:
        if each.kind == b"colr" and each is (stays or spaces[0]):
            parts.take(_colour_space(frame, each, stays is not None, channels))
        elif each.kind in _STAY:
            if each.end - each.content != _length(frame, each, channels):
                raise unreadable("box of a wrong length")
            parts.keep(each.start, each.end)
    return parts.list


def _is_enumerated(frame: Buffer, box: Box) -> bool:
    """Whether a colour box names a colour space, and holds no profile."""
    if box.end - box.content != 7 or number(frame, box.content, 1) != 1:
        return False
    return number(frame, box.content + 3, 4) in _ENUMERATED


def _colour_space(frame: Buffer, box: Box, enumerated: bool, channels: int) -> list[Part]:
    """Return the one colour box that stays; precedence and approximation, which steer nothing, become 0."""
    if enumerated and frame[box.content + 1 : box.content + 3] == b"\0\0":
        return [(box.start, box.end)]
    space = number(frame, box.content + 3, 4) if enumerated else _SRGB if channels >= 3 else _GREYSCALE
    return [b"\0\0\0\x0fcolr\1\0\0" + space.to_bytes(4, "big")]


def _length(frame: Buffer, box: Box, channels: int) -> int:
    """Return the length that the content of a box of the header must have; -1 where it is not valid."""
    start, end = box.content, box.end
    if box.kind == b"ihdr":
        return 14
    if box.kind == b"bpcc":
        return -1 if any(depth & 0x7F > _MOST_BITS for depth in frame[start:end]) else channels
    if box.kind == b"cmap":
        return -1 if any(kind > 1 for kind in frame[start + 2 : end : 4]) else (end - start) // 4 * 4
    if box.kind == b"cdef":
        kinds = {number(frame, at, 2) for at in range(start + 4, end - 1, 6)}
        return 2 + 6 * number(frame, start, 2) if kinds <= _CHANNELS else -1
    entries, columns = number(frame, start, 2), number(frame, start + 2, 1)
    bits = frame[start + 3 : start + 3 + columns]
    return 3 + columns + entries * sum(((each & 0x7F) + 8) // 8 for each in bits)
