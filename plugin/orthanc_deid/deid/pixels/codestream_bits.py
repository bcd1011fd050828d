"""Bits above High Bit in codestreams whose samples are wider than Bits Stored: the frame is decoded to see them.

Most encoders state Bits Stored as the precision. Where a codestream states more, it may hold what no viewer shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from orthanc_deid.deid.pixels.codecs.by_syntax import codec_of
from orthanc_deid.deid.pixels.codecs.codestream_header import jpeg_header
from orthanc_deid.deid.pixels.frames.scattered import Frame, Scattered
from orthanc_deid.deid.pixels.high_bits import high_bits_in_use
from orthanc_deid.deid.pixels.image_shape import ImageShape
from orthanc_deid.errors import RefusedError

_SIZ: Final = b"\xff\x4f\xff\x51"
_DEPTH: Final = 42  # where SIZ states the depth of the first component, from the start of the codestream
_SUSPECTED: Final = "suspected of burned-in text"


def precision_of(frame: Frame) -> int:
    """Return the bits of a sample as a JPEG, JPEG-LS or JPEG 2000 codestream states them; 0 for other formats."""
    if frame[:2] == b"\xff\xd8":
        try:
            return jpeg_header(bytes(frame) if isinstance(frame, Scattered) else frame).precision
        except RefusedError:  # no image
            return 0
    at = 0 if frame[:4] == _SIZ else bytes(frame).find(_SIZ)
    depth = frame[at + _DEPTH : at + _DEPTH + 1] if at >= 0 else b""
    return (depth[0] & 0x7F) + 1 if depth else 0


def check_decoded_bits(
    frame: Frame, transfer_syntax: str, values: Mapping[int, tuple[str, ...]], high_bit: int
) -> None:
    """Raise RefusedError if decoded samples use bits above `high_bit`, or cannot be decoded.

    `values`: the top-level values that describe the image.
    """
    try:
        shape = ImageShape.of(values)
        samples = np.ascontiguousarray(codec_of(transfer_syntax).decode(bytes(frame), shape))
    except RefusedError:
        raise RefusedError(_SUSPECTED, "bits outside BitsStored that cannot be decoded") from None
    signed = shape.signed or samples.dtype.kind == "i"
    if high_bits_in_use(samples.tobytes(), 8 * samples.dtype.itemsize, high_bit, signed=signed):
        raise RefusedError(_SUSPECTED, "bits outside BitsStored in use")
