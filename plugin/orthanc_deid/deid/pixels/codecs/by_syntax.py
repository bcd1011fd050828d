"""The decoder and the lossless encoder of each transfer syntax whose frames can be decoded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from orthanc_deid.deid.pixels.codecs.codestream_header import jpeg_xl_size
from orthanc_deid.deid.pixels.codecs.jpeg import decoded_jpeg, decoded_ls, encoded_lossless, encoded_ls
from orthanc_deid.deid.pixels.codecs.jpeg2000 import (
    decoded_2000,
    encoded_2000,
    encoded_high_throughput,
)
from orthanc_deid.deid.pixels.codecs.libraries import imagecodecs, refusing
from orthanc_deid.deid.pixels.codecs.planes import (
    decoded_deflated,
    decoded_native,
    decoded_rle,
    encoded_rle,
)
from orthanc_deid.deid.pixels.frames.formats import DEFLATED_FRAMES, NATIVE_FRAMES, RLE
from orthanc_deid.deid.pixels.image_shape import ImageShape, Samples, refused

Encoder = Callable[[Samples, bytes, ImageShape], bytes]
"""(samples, the frame that they replace, shape) -> the new frame."""

_JPEG: Final = "1.2.840.10008.1.2.4."
LOSSY_JPEG: Final = frozenset({_JPEG + "50", _JPEG + "51"})
"""Baseline and extended: blocks of cosine coefficients."""
LOSSY_2000: Final = frozenset({_JPEG + "91", _JPEG + "203"})
"""JPEG 2000 and HTJ2K, reversible or not."""


class Codec(NamedTuple):
    """How frames are decoded, and encoded without loss where that is done.

    `may_be_lossy`: the transfer syntax also holds frames that are encoded with loss; a changed one is not.
    """

    decode: Callable[[bytes, ImageShape], Samples]
    encode: Encoder | None = None
    may_be_lossy: bool = False


@refusing
def _decoded_xl(frame: bytes, shape: ImageShape) -> Samples:
    if jpeg_xl_size(frame) != (shape.rows, shape.columns):
        refused("a frame of another size than its attributes say")
    shape.check_decoded_size()
    found: Samples = imagecodecs().jpegxl_decode(frame, numthreads=1)
    if found.size != shape.rows * shape.columns * shape.samples:
        refused("a frame of another size than its attributes say")
    return found


_XL: Final = Codec(_decoded_xl, None, may_be_lossy=True)
_HIGH_THROUGHPUT: Final = Codec(decoded_2000, encoded_high_throughput)

CODECS: Final[Mapping[str, Codec]] = MappingProxyType(
    {
        RLE: Codec(decoded_rle, encoded_rle),
        _JPEG + "50": Codec(decoded_jpeg, None, may_be_lossy=True),
        _JPEG + "51": Codec(decoded_jpeg, None, may_be_lossy=True),
        _JPEG + "57": Codec(decoded_jpeg, encoded_lossless),
        _JPEG + "70": Codec(decoded_jpeg, encoded_lossless),
        _JPEG + "80": Codec(decoded_ls, encoded_ls),
        _JPEG + "81": Codec(decoded_ls, encoded_ls, may_be_lossy=True),
        _JPEG + "90": Codec(decoded_2000, encoded_2000),
        _JPEG + "91": Codec(decoded_2000, encoded_2000, may_be_lossy=True),
        _JPEG + "201": _HIGH_THROUGHPUT,
        _JPEG + "202": _HIGH_THROUGHPUT,
        _JPEG + "203": _HIGH_THROUGHPUT._replace(may_be_lossy=True),
        _JPEG + "110": _XL._replace(may_be_lossy=False),
        _JPEG + "111": _XL,
        _JPEG + "112": _XL,
        DEFLATED_FRAMES: Codec(decoded_deflated),
        NATIVE_FRAMES: Codec(decoded_native),
    }
)


def codec_of(transfer_syntax: str) -> Codec:
    """Return the codec of a transfer syntax; raises RefusedError where its frames cannot be decoded."""
    found = CODECS.get(transfer_syntax)
    if found is None:
        refused("a transfer syntax that is not decoded")
    return found
