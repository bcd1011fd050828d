"""Headers of elements and items, and the fragments of encapsulated values (PS3.5 sections 7.1, 7.5 and A.4)."""

from __future__ import annotations

import struct
from typing import NamedTuple

from orthanc_deid.dicom.tags import ITEM, SEQUENCE_DELIMITATION_ITEM
from orthanc_deid.verify.reading.stream import Stream

UNDEFINED = 0xFFFFFFFF
DEEPEST = 64
"""The deepest nesting that is read; a deeper instance is refused."""

LONG_VRS = frozenset(("OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"))
"""The VRs after which a header in explicit VR has two reserved bytes and a length of four."""

_LONG_VRS = frozenset(vr.encode() for vr in LONG_VRS)
_DELIMITER = b"\xfe\xff\xdd\xe0\0\0\0\0"


class ParseError(ValueError):
    """The bytes are no valid data set; the message names the fault and holds no value."""


class Encoding(NamedTuple):
    """The encoding of a data set: explicit or implicit VR, little or big endian.

    `strict`: bytes of headers that have no meaning must be zero (PS3.5 sections 7.1.2 and 7.5).
    """

    explicit: bool
    little: bool
    strict: bool = False


def header(stream: Stream, position: int, encoding: Encoding) -> tuple[int, str | None, int, int]:
    """Return tag, VR (None if implicit), length and the position of the value."""
    data = stream.bytes(position, 12)
    order = "<" if encoding.little else ">"
    group, number, length = struct.unpack_from(f"{order}HHL", data)
    tag = group << 16 | number
    vr = data[4:6]
    if not encoding.explicit or not b"AA" <= vr <= b"ZZ":
        return tag, None, length, position + 8
    if vr in _LONG_VRS:
        return tag, vr.decode("latin-1"), struct.unpack_from(f"{order}L", data, 8)[0], position + 12
    return tag, vr.decode("latin-1"), struct.unpack_from(f"{order}H", data, 6)[0], position + 8


def check_spare(spare: int, encoding: Encoding) -> None:
    """Raise ParseError where reserved bytes or the length of a delimiter, `spare`, must be zero and are not."""
    if spare and encoding.strict:
        raise ParseError("bytes of no meaning in a header")


def tag_bytes(tag: int, encoding: Encoding) -> bytes:
    """Return a tag as it is encoded."""
    return struct.pack("<HH" if encoding.little else ">HH", tag >> 16, tag & 0xFFFF)


def item_header(
    stream: Stream, position: int, encoding: Encoding, *, moving: bool = False
) -> tuple[int, int]:
    """Return tag and length of the item or delimiter at `position`; `moving` as for `Stream.bytes`."""
    data = stream.bytes(position, 8, moving=moving)
    if len(data) < 8:
        raise ParseError("data set ends too early")
    group, number, length = struct.unpack("<HHL" if encoding.little else ">HHL", data)
    return group << 16 | number, length


def read_fragments(
    stream: Stream, position: int, encoding: Encoding, *, last: bool
) -> tuple[int, tuple[tuple[int, int], ...]]:
    """Return the end of an encapsulated value and (start, length) of its fragments, offset table included.

    `last`: the value may end the instance, and then lack its delimiter, or a part of it.
    """
    fragments: list[tuple[int, int]] = []
    while True:
        rest = stream.bytes(position, 8) if last and fragments and stream.end - position < 8 else None
        if rest is not None and _DELIMITER.startswith(rest):
            return stream.end, tuple(fragments)
        tag, length = item_header(stream, position, encoding)
        position += 8
        if tag == SEQUENCE_DELIMITATION_ITEM:
            check_spare(length, encoding)
            return position, tuple(fragments)
        if tag != ITEM or position + length > stream.end:
            raise ParseError("encapsulated value has no valid fragments")
        fragments.append((position, length))
        position += length
