"""Images whose Pixel Data is encapsulated in given fragments (PS3.5 section A.4)."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

from support.data.codestreams import COLUMNS, ROWS
from support.data.hand_made import encoded, original

JPEG, JPEG_LS, JPEG_2000, RLE = (f"1.2.840.10008.1.2.{end}" for end in ("4.50", "4.80", "4.90", "5"))
DEFLATED, UNCOMPRESSED = "1.2.840.10008.1.2.8.1", "1.2.840.10008.1.2.1.98"
JPEG_XL = "1.2.840.10008.1.2.4.112"
DELIMITER = b"\xfe\xff\xdd\xe0\0\0\0\0"

_KNOWN = {DEFLATED: JPEG, JPEG_XL: "1.2.840.10008.1.2.4.201"}
"""Transfer syntaxes that pydicom's writer may not know, by others of the same length that it knows."""


def padded(frame: bytes) -> bytes:
    """Return a frame of even length."""
    return frame + bytes(len(frame) % 2)


def item(content: bytes) -> bytes:
    """Return one fragment with its header."""
    content = padded(content)
    return b"\xfe\xff\x00\xe0" + struct.pack("<I", len(content)) + content


def image(
    fragments: Sequence[bytes], syntax: str = JPEG, table: Sequence[int] = (), frames: int = 1, **more: Any
) -> bytes:
    """Return an image in a Part 10 file; `table`: the entries of its Basic Offset Table."""
    values: dict[str, Any] = {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7} | more
    ds = original(Rows=ROWS, Columns=COLUMNS, **values)
    if frames > 1:
        ds.NumberOfFrames = frames
    ds.PixelData = b"".join(map(item, (struct.pack(f"<{len(table)}I", *table), *fragments)))
    ds["PixelData"].VR = "OB"
    ds["PixelData"].is_undefined_length = True
    known = _KNOWN.get(syntax, syntax)
    return encoded(ds, known).replace(padded(known.encode()), padded(syntax.encode()))
