"""Whole images in each transfer syntax, of several frames, and what other readers decode of them."""

from __future__ import annotations

import io
import struct
from typing import Any

import numpy as np
import pydicom
from pydicom.dataset import Dataset
from pydicom.encaps import generate_frames
from pydicom.uid import ExplicitVRLittleEndian

from support.data.encapsulated import item, padded
from support.data.frames_by_syntax import (
    COLUMNS,
    DEFLATED,
    ROWS,
    XL_LOSSLESS,
    Picture,
    decoded,
    encoded,
    picture,
)
from support.data.hand_made import encoded as part10
from support.data.hand_made import original

NATIVE_SYNTAX = str(ExplicitVRLittleEndian)
_UNKNOWN = {DEFLATED: "1.2.840.10008.1.2.4.50", XL_LOSSLESS: "1.2.840.10008.1.2.4.201"}
"""Transfer syntaxes that pydicom's writer may not know, by others of the same length."""


def pictures(bits: int, samples: int, frames: int) -> list[Picture]:
    """Return different frames of one size."""
    one = picture(bits, samples)
    return [np.roll(one, 7 * number, axis=1) for number in range(frames)]


def image(syntax: str, bits: int = 8, samples: int = 1, frames: int = 2, **more: Any) -> bytes:
    """Return an image in a Part 10 file; `more`: further attributes by keyword."""
    stored = 8 if bits <= 8 else 16
    values: dict[str, Any] = {
        "Rows": ROWS,
        "Columns": COLUMNS,
        "BitsAllocated": stored,
        "BitsStored": bits,
        "HighBit": bits - 1,
        "PixelRepresentation": 0,
        "SamplesPerPixel": samples,
        "PhotometricInterpretation": "MONOCHROME2" if samples == 1 else "RGB",
        "NumberOfFrames": frames,
    }
    values |= {"PlanarConfiguration": 0} if samples > 1 else {}
    ds = original(**(values | more))
    if syntax == NATIVE_SYNTAX:
        ds.PixelData = b"".join(each.tobytes() for each in pictures(bits, samples, frames))
        return part10(ds)
    fragments = [encoded(each, bits, syntax) for each in pictures(bits, samples, frames)]
    starts = [sum(8 + len(padded(each)) for each in fragments[:number]) for number in range(frames)]
    ds.PixelData = b"".join(map(item, (struct.pack(f"<{frames}I", *starts), *fragments)))
    ds["PixelData"].VR = "OB"
    ds["PixelData"].is_undefined_length = True
    known = _UNKNOWN.get(syntax, syntax)
    return part10(ds, known).replace(padded(known.encode()), padded(syntax.encode()))


def icon() -> Dataset:
    """Return the item of an Icon Image Sequence."""
    found = Dataset()
    found.Rows = found.Columns = found.SamplesPerPixel = 1
    found.PhotometricInterpretation, found.PixelRepresentation = "MONOCHROME2", 0
    found.BitsAllocated = found.BitsStored = 8
    found.HighBit = 7
    found.PixelData = b"\1\0"
    return found


def frames_of(data: bytes, syntax: str, bits: int, like: Picture) -> list[Picture]:
    """Return the decoded frames of an image."""
    ds: Dataset = pydicom.dcmread(io.BytesIO(data))
    count = int(ds.get("NumberOfFrames", 1))
    if syntax == NATIVE_SYNTAX:
        return list(np.frombuffer(ds.PixelData, like.dtype)[: count * like.size].reshape(count, *like.shape))
    frames = generate_frames(ds.PixelData, number_of_frames=count)
    return [decoded(bytes(each), like, bits, syntax) for each in frames]
