"""JPEG 2000 (ISO/IEC 15444-1) by OpenJPEG, and High-Throughput JPEG 2000 (15444-15), which OpenJPH encodes.

OpenJPH is not used for decoding: errors in damaged frames are lost on the way, and what it did not decode is left in
the result as it happened to be in memory.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from orthanc_deid.deid.pixels.codecs.codestream_header import jpeg_2000_header
from orthanc_deid.deid.pixels.codecs.libraries import imagecodecs, refusing
from orthanc_deid.deid.pixels.image_shape import ImageShape, Samples

_SIZ: Final = b"\xff\x4f\xff\x51"
_DEPTH: Final = 42
"""Where SIZ states the depth of the first component, from the start of the codestream."""


@refusing
def decoded_2000(frame: bytes, shape: ImageShape) -> Samples:
    """Return the samples of a JPEG 2000 or HTJ2K frame, RGB where its components were transformed."""
    jpeg_2000_header(frame).check(shape)
    found: Samples = imagecodecs().jpeg2k_decode(frame, numthreads=1)
    return found


@refusing
def encoded_2000(samples: Samples, frame: bytes, shape: ImageShape) -> bytes:
    """Return the samples as a reversible codestream, of the depth and the component transform of `frame`."""
    header = jpeg_2000_header(frame)
    smaller = min(shape.rows, shape.columns)
    return bytes(
        imagecodecs().jpeg2k_encode(
            np.ascontiguousarray(samples),
            reversible=True,
            codecformat="J2K",
            bitspersample=header.precision,
            mct=shape.samples == 3 and bool(header.detail),
            resolutions=max(1, min(6, smaller.bit_length())),
            numthreads=1,
        )
    )


@refusing
def encoded_high_throughput(samples: Samples, frame: bytes, shape: ImageShape) -> bytes:
    """Return the samples as a reversible HTJ2K codestream, of the depth and component transform of `frame`.

    The encoder knows 8 and 16 bits only. Of another depth the samples are moved by the difference of the level
    shifts, so that the coefficients are those of the true depth, which SIZ is then made to state.
    """
    header = jpeg_2000_header(frame)
    words = np.ascontiguousarray(samples)
    full = 8 * words.dtype.itemsize
    if not header.signed and header.precision < full:
        shift = (1 << (full - 1)) - (1 << (header.precision - 1))
        words = np.add(words, shift, dtype=words.dtype, casting="unsafe")
    rgb = shape.samples == 3 and bool(header.detail)
    stream = bytearray(imagecodecs().htj2k_encode(words, reversible=True, rgb=rgb, tlm=True))
    depth = header.precision - 1 | header.signed << 7
    at = stream.index(_SIZ) + _DEPTH
    stream[at : at + 3 * shape.samples] = bytes((depth, 1, 1)) * shape.samples
    return bytes(stream)
