"""Frames of invented images in each transfer syntax, made by its encoder, and decoded by another library."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import imagecodecs
import numpy as np
from jpeg_ls import encode_buffer  # type: ignore[import-untyped]
from libjpeg.utils import decode as libjpeg_decode
from numpy.typing import NDArray
from openjpeg.utils import decode as openjpeg_decode
from PIL import Image
from pydicom.pixels.decoders.rle import _rle_decode_frame
from pydicom.pixels.encoders.native import _encode_segment

from orthanc_deid.deid.pixels.image_shape import ImageShape

Picture = NDArray[np.integer[Any]]

ROWS, COLUMNS = 90, 118
_JPEG = "1.2.840.10008.1.2.4."
RLE, DEFLATED, NATIVE = "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.8.1", "1.2.840.10008.1.2.1.98"
BASELINE, EXTENDED = _JPEG + "50", _JPEG + "51"
LOSSLESS, LOSSLESS_FIRST = _JPEG + "57", _JPEG + "70"
LS, LS_NEAR = _JPEG + "80", _JPEG + "81"
J2K_REVERSIBLE, J2K = _JPEG + "90", _JPEG + "91"
HT_REVERSIBLE, HT_RPCL, HT = _JPEG + "201", _JPEG + "202", _JPEG + "203"
XL_LOSSLESS = _JPEG + "110"


def picture(bits: int = 8, samples: int = 1, *, signed: bool = False) -> Picture:
    """Return an image of waves and noise; of colour with three different planes."""
    chance = np.random.default_rng(bits + samples)
    down, across = np.mgrid[0:ROWS, 0:COLUMNS]
    top = (1 << bits) - 1
    waves = (np.sin(across / 15) + np.cos(down / 11) + 2) / 4 * top * 0.8 + chance.normal(
        0, top / 60, (ROWS, COLUMNS)
    )
    grey = np.clip(waves, top // 50, top).astype(np.int64)
    if signed:
        grey -= 1 << (bits - 1)
    found = grey.astype(f"{'i' if signed else 'u'}{1 if bits <= 8 else 2}")
    return found if samples == 1 else np.stack([found, top - found, found[::-1]], axis=-1)


def shape_of(picture: Picture, bits: int, photometric: str = "MONOCHROME2", frames: int = 1) -> ImageShape:
    """Return the attributes of an image with such frames."""
    rows, columns, *samples = picture.shape
    size, signed = 8 * picture.dtype.itemsize, picture.dtype.kind == "i"
    return ImageShape(
        rows, columns, samples[0] if samples else 1, size, bits, bits - 1, signed, False, photometric, frames
    )


def unsigned(picture: Picture, bits: int) -> Picture:
    """Return the words that stand for the samples of an image where a format knows no sign."""
    return picture.astype(np.int64).__and__((1 << bits) - 1).astype(f"u{picture.dtype.itemsize}")


def encoded(picture: Picture, bits: int, syntax: str) -> bytes:
    """Return a frame with these samples; lossy formats at high quality, colour as the format has it by itself."""
    if syntax in (LOSSLESS, LOSSLESS_FIRST, EXTENDED, BASELINE):
        return _jpeg(picture, bits, syntax)
    if syntax in _OTHERS:
        return bytes(_OTHERS[syntax](picture, bits))
    native = picture.astype(picture.dtype.newbyteorder("<")).tobytes()
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(native) + stream.flush() if syntax == DEFLATED else native


def _jpeg(picture: Picture, bits: int, syntax: str) -> bytes:
    if syntax == BASELINE:
        return lossy_jpeg(picture)
    words = unsigned(picture, bits)
    if syntax == EXTENDED:
        return bytes(imagecodecs.jpeg8_encode(words, 90, bitspersample=bits))
    space = "rgb" if picture.ndim == 3 else "grayscale"
    predictor = 4 if syntax == LOSSLESS else 1
    return bytes(
        imagecodecs.jpeg8_encode(
            words,
            lossless=True,
            bitspersample=bits,
            colorspace=space,
            outcolorspace=space,
            predictor=predictor,
        )
    )


def _ls(picture: Picture, bits: int, error: int = 0) -> bytes:
    samples, mode = (3, 2) if picture.ndim == 3 else (1, 0)
    words = unsigned(picture, bits).tobytes()
    return bytes(
        encode_buffer(words, *picture.shape[:2], samples, bits, lossy_error=error, interleave_mode=mode)
    )


def _j2k(picture: Picture, bits: int, level: int | None = None) -> bytes:
    reversible = level is None
    return bytes(
        imagecodecs.jpeg2k_encode(
            picture, level=level, reversible=reversible, bitspersample=bits, codecformat="J2K"
        )
    )


def _high_throughput(picture: Picture, *, reversible: bool = True) -> bytes:
    return bytes(imagecodecs.htj2k_encode(picture, reversible=reversible))


def _xl(picture: Picture, bits: int) -> bytes:
    return bytes(imagecodecs.jpegxl_encode(picture, lossless=True, bitspersample=bits))


def _rle(picture: Picture) -> bytes:
    rows, columns = picture.shape[:2]
    octets = np.ascontiguousarray(picture).view(np.uint8).reshape(rows * columns, -1, picture.dtype.itemsize)
    planes = [
        octets[:, sample, place]
        for sample in range(octets.shape[1])
        for place in reversed(range(octets.shape[2]))
    ]
    segments = [bytes(_encode_segment(plane.tobytes(), columns)) for plane in planes]
    starts = [64 + sum(map(len, segments[:place])) for place in range(len(segments))]
    header = struct.pack("<16I", len(segments), *starts, *[0] * (15 - len(starts)))
    return header + b"".join(segments)


def lossy_jpeg(picture: Picture, quality: int = 90, **options: object) -> bytes:
    """Return a baseline frame, with Pillow's `options`."""
    with io.BytesIO() as file:
        Image.fromarray(picture).save(file, "JPEG", quality=quality, **options)
        return file.getvalue()


_OTHERS: dict[str, Callable[[Picture, int], bytes]] = {
    RLE: lambda picture, _: _rle(picture),
    LS: _ls,
    LS_NEAR: lambda picture, bits: _ls(picture, bits, 2),
    J2K_REVERSIBLE: _j2k,
    J2K: lambda picture, bits: _j2k(picture, bits, 45),
    HT_REVERSIBLE: lambda picture, _: _high_throughput(picture),
    HT_RPCL: lambda picture, _: _high_throughput(picture),
    HT: lambda picture, _: _high_throughput(picture, reversible=False),
    XL_LOSSLESS: _xl,
}


def decoded(frame: bytes, like: Picture, bits: int, syntax: str) -> Picture:
    """Return the samples of a frame, by another library than the one that the engine uses."""
    if syntax == RLE:
        samples = like.shape[2] if like.ndim == 3 else 1
        rows, columns = like.shape[:2]
        planes = bytes(_rle_decode_frame(frame, rows, columns, samples, 8 * like.dtype.itemsize))
        return np.moveaxis(
            np.frombuffer(planes, like.dtype).reshape(samples, *like.shape[:2]), 0, -1
        ).reshape(like.shape)
    if syntax in (LOSSLESS, LOSSLESS_FIRST, LS, LS_NEAR, BASELINE, EXTENDED):
        found = libjpeg_decode(frame)
    elif syntax in (J2K_REVERSIBLE, J2K, HT_REVERSIBLE, HT_RPCL, HT):
        found = openjpeg_decode(frame)
    else:
        native = zlib.decompress(frame, -15) if syntax == DEFLATED else frame
        found = np.frombuffer(native[: like.nbytes], like.dtype)
    words = np.asarray(found).reshape(like.shape)
    return as_signed(words, bits) if like.dtype.kind == "i" and words.dtype.kind == "u" else words


def as_signed(words: Picture, bits: int) -> Picture:
    """Return the numbers in two's complement that words of some bits stand for."""
    numbers = words.astype(np.int64)
    return np.asarray(numbers - ((numbers >> (bits - 1) & 1) << bits))
