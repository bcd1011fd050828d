"""Frames in a deflate stream, one each (PS3.5 section A.4.13), and native frames in fragments (A.4.11)."""

from __future__ import annotations

import zlib
from typing import Final

from orthanc_deid.deid.pixels.frames.parts import Part, unreadable
from orthanc_deid.dicom.slices import Buffer

_PIECE: Final = 1 << 20


def deflated_parts(frame: Buffer, length: int) -> tuple[list[Part], bytes]:
    """Return the parts of a deflated frame of `length` bytes, and its bytes inflated. Raises RefusedError."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        found = inflater.decompress(frame, length + 1)
        while not inflater.eof and len(found) <= length:  # the last block may end behind the last byte
            more = inflater.decompress(inflater.unconsumed_tail, _PIECE)
            found += more
            if not more and not inflater.unconsumed_tail:
                break
    except zlib.error:
        raise unreadable("cannot be inflated") from None
    if not inflater.eof or (len(found) != length + length % 2 and len(found) != length):
        raise unreadable("another length than its attributes say")
    return [(0, len(frame) - len(inflater.unused_data))], found


def native_parts(frame: Buffer, length: int) -> list[Part]:
    """Return the parts of a native frame of `length` bytes."""
    if len(frame) < length:
        raise unreadable("cut off")
    return [(0, length)]
