"""JPEG frames, lossless ones written (ISO/IEC 10918-1 Annex H), by libjpeg-turbo; JPEG-LS (14495-1), by CharLS."""

from __future__ import annotations

from typing import Final

import numpy as np

from orthanc_deid.deid.pixels.codecs.codestream_header import jpeg_header
from orthanc_deid.deid.pixels.codecs.libraries import imagecodecs, jpeg_ls, refusing
from orthanc_deid.deid.pixels.image_shape import ImageShape, Samples, refused

_LOSSLESS: Final = 0xC3
_LS: Final = 0xF7
_BY_PLANE, _BY_PIXEL = 0, 2


@refusing
def decoded_jpeg(frame: bytes, shape: ImageShape) -> Samples:
    """Return the samples of a JPEG frame, without a transform of its colours."""
    jpeg_header(frame).check(shape)
    colour = {"colorspace": "ycbcr", "outcolorspace": "ycbcr"} if shape.samples == 3 else {}
    found: Samples = imagecodecs().jpeg8_decode(frame, **colour)
    return found


@refusing
def encoded_lossless(samples: Samples, frame: bytes, shape: ImageShape) -> bytes:
    """Return the samples as a lossless JPEG frame of first-order prediction, of the precision of `frame`."""
    header = jpeg_header(frame)
    if header.process != _LOSSLESS:
        refused("a frame of another process than its transfer syntax says")
    colour = "unknown" if shape.samples > 1 else "grayscale"
    return bytes(
        imagecodecs().jpeg8_encode(
            np.ascontiguousarray(samples),
            lossless=True,
            predictor=1,
            bitspersample=header.precision,
            colorspace=colour,
            outcolorspace=colour,
        )
    )


@refusing
def decoded_ls(frame: bytes, shape: ImageShape) -> Samples:
    """Return the samples of a JPEG-LS frame."""
    header = jpeg_header(frame)
    header.check(shape)
    raw, _ = jpeg_ls().decode_buffer(frame)
    words = np.frombuffer(raw, "<u1" if header.precision <= 8 else "<u2")
    if shape.samples == 1:
        return words.reshape(shape.rows, shape.columns)
    if header.detail == _BY_PLANE:
        return np.moveaxis(words.reshape(shape.samples, shape.rows, shape.columns), 0, -1)
    return words.reshape(shape.rows, shape.columns, shape.samples)


@refusing
def encoded_ls(samples: Samples, frame: bytes, shape: ImageShape) -> bytes:
    """Return the samples as a lossless JPEG-LS frame, of the precision and the interleaving of `frame`."""
    header = jpeg_header(frame)
    mode = header.detail if shape.samples > 1 else _BY_PLANE
    ordered = np.moveaxis(samples, -1, 0) if shape.samples > 1 and mode == _BY_PLANE else samples
    return bytes(
        jpeg_ls().encode_buffer(
            np.ascontiguousarray(ordered).tobytes(),
            shape.rows,
            shape.columns,
            shape.samples,
            header.precision,
            lossy_error=0,
            interleave_mode=mode,
        )
    )
