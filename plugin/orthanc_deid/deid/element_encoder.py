"""New elements as bytes, in explicit or implicit VR little endian (PS3.5 sections 7.1.2 and 7.1.3)."""

from __future__ import annotations

import struct
from functools import lru_cache

from orthanc_deid.dicom.elements import ITEM_KEY, LONG_VRS

_ZERO_PADDED = frozenset({"UI", "OB", "OW", "UN"})
_LONGEST_SHORT = 0xFFFE
_U16, _U32 = struct.Struct("<H").pack, struct.Struct("<I").pack


def tag_bytes(tag: int) -> bytes:
    """Return the 4 bytes of a tag, little endian."""
    return struct.pack("<HH", tag >> 16, tag & 0xFFFF)


@lru_cache(maxsize=1024)
def _key(tag: int, vr: str) -> bytes:
    return tag_bytes(tag) + vr.encode()


def encode_element(tag: int, vr: str, value: bytes, *, explicit: bool) -> bytes:
    """Return one element; an odd value is padded by the rule of its VR.

    A value too long for the 16-bit length of its VR is written as UN (PS3.5 section 6.2.2, note 2).
    """
    if len(value) & 1:
        value += b"\0" if vr in _ZERO_PADDED else b" "
    if not explicit:
        return _key(tag, "") + _U32(len(value)) + value
    if vr in LONG_VRS:
        return _key(tag, vr) + b"\0\0" + _U32(len(value)) + value
    if len(value) > _LONGEST_SHORT:
        return _key(tag, "UN") + b"\0\0" + _U32(len(value)) + value
    return _key(tag, vr) + _U16(len(value)) + value


def encode_item(content: bytes) -> bytes:
    """Return an item of defined length; `content` is an encoded data set."""
    return ITEM_KEY + struct.pack("<I", len(content)) + content


def encode_sequence(tag: int, items: list[bytes], *, explicit: bool) -> bytes:
    """Return a sequence of defined length; each of `items` is an encoded data set."""
    return encode_element(tag, "SQ", b"".join(map(encode_item, items)), explicit=explicit)
