"""Decoders of frames for the check: of other libraries than those by which the engine decodes and encodes.

| format | the engine | the check |
|---|---|---|
| RLE | imagecodecs' PackBits | own code (`verify/reading/frames/runs.py`) |
| JPEG, lossy | own code in the cosine domain | libjpeg of Thomas Richter |
| JPEG, lossless | libjpeg-turbo | libjpeg of Thomas Richter |
| JPEG-LS | CharLS | libjpeg of Thomas Richter |
| JPEG 2000 | OpenJPEG | FFmpeg (PyAV) |
| HTJ2K | OpenJPEG decodes, OpenJPH encodes | OpenJPH for both, whose encoder OpenJPEG's tests decode |
| deflated frames | zlib | zlib |

There is no second decoder of JPEG XL: a changed frame is a finding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from orthanc_deid.verify.pixels.codestreams import StatedImage, clear_sign, stated_by_2000, stated_by_jpeg
from orthanc_deid.verify.pixels.image_form import Frame, ImageForm, unreadable
from orthanc_deid.verify.reading.frames.needed import DEFLATED, RLE, UNCOMPRESSED
from orthanc_deid.verify.reading.frames.runs import FrameSize, decoded_plane, inflated, rle_planes

_JPEG: Final = "1.2.840.10008.1.2.4."
LOSSY_BLOCKS: Final = frozenset({_JPEG + "50", _JPEG + "51"})
"""JPEG in blocks of cosine coefficients."""
ROUNDED: Final = frozenset({_JPEG + "91", _JPEG + "203"})
"""Transfer syntaxes whose decoders round differently: samples may differ by one level."""


def decoded(frame: bytes, syntax: str, form: ImageForm) -> Frame:
    """Return the samples of a frame; raises ParseError where it cannot be decoded, or nobody else can decode it."""
    decoder = _DECODERS.get(syntax)
    if decoder is None:
        raise unreadable("no second decoder of the transfer syntax")
    try:
        found = decoder(frame, form)
    except (RuntimeError, ValueError, TypeError, IndexError, MemoryError):
        raise unreadable("a frame that cannot be decoded") from None
    if found.size != form.rows * form.columns * form.samples:
        raise unreadable("a frame of another size than its attributes say")
    return found.reshape(form.rows, form.columns, form.samples)


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        raise unreadable("no second decoder is installed") from None


def _checked(stated: StatedImage, form: ImageForm) -> None:
    if stated.size != (form.rows, form.columns, form.samples):
        raise unreadable("a frame of another size than its attributes say")


def _jpeg(frame: bytes, form: ImageForm) -> Frame:
    _checked(stated_by_jpeg(frame), form)
    return np.asarray(_library("libjpeg.utils").decode(frame, 0))


def _jpeg_2000(frame: bytes, form: ImageForm) -> Frame:
    stated = stated_by_2000(frame)
    _checked(stated, form)
    av = _library("av")
    context = av.codec.CodecContext.create("jpeg2000", "r")
    context.thread_count = 1
    # The decoder clips negative numbers: as unsigned ones the samples are the same but for the level shift.
    pictures = context.decode(av.Packet(clear_sign(frame))) or context.decode(None)
    if len(pictures) != 1:
        raise unreadable("a frame that cannot be decoded")
    kind = pictures[0].format.name
    if kind not in ("gray", "gray16le", "rgb24", "rgb48le"):
        raise unreadable("a frame that cannot be decoded")
    width = 2 if kind in ("gray16le", "rgb48le") else 1
    plane = pictures[0].planes[0]
    lines = np.frombuffer(plane, np.uint8).reshape(plane.height, -1)[:, : form.columns * form.samples * width]
    words = np.ascontiguousarray(lines).view(f"<u{width}") >> (8 * width - stated.precision)
    return words if not stated.signed else words.astype(np.int64) - (1 << (stated.precision - 1))


def _high_throughput(frame: bytes, form: ImageForm) -> Frame:
    """Decode twice into different memory: the library does not tell what it left undecoded."""
    stated = stated_by_2000(frame)
    _checked(stated, form)
    kind = f"{'i' if stated.signed else 'u'}{1 if stated.precision <= 8 else 2}"
    shape = (form.rows, form.columns) if form.samples == 1 else (form.rows, form.columns, form.samples)
    one, other = np.zeros(shape, kind), np.full(shape, 85, kind)
    for found in (one, other):
        _library("imagecodecs").htj2k_decode(frame, out=found)
    if not np.array_equal(one, other):
        raise unreadable("a frame that cannot be decoded")
    return one


def _rle(frame: bytes, form: ImageForm) -> Frame:
    width, pixels = max(1, form.bits // 8), form.rows * form.columns
    planes = rle_planes(frame, FrameSize(pixels, form.samples, form.bits))
    kind = np.dtype(f"<u{width if width in (1, 2, 4) else 8}")
    found = np.zeros((pixels, form.samples), kind)
    for place, (start, end, _) in enumerate(planes):
        plane = np.frombuffer(decoded_plane(frame, start, end, pixels), np.uint8).astype(kind)
        found[:, place // width] |= plane << kind.type(8 * (width - 1 - place % width))
    return found


def _deflated(frame: bytes, form: ImageForm) -> Frame:
    return form.native(inflated(frame, (form.frame_bits + 7) // 8)[0])


def _native(frame: bytes, form: ImageForm) -> Frame:
    return form.native(frame)


_DECODERS: Final[Mapping[str, Callable[[bytes, ImageForm], Frame]]] = MappingProxyType(
    {
        RLE: _rle,
        DEFLATED: _deflated,
        UNCOMPRESSED: _native,
        **dict.fromkeys((_JPEG + end for end in ("50", "51", "57", "70", "80", "81")), _jpeg),
        **dict.fromkeys((_JPEG + end for end in ("90", "91")), _jpeg_2000),
        **dict.fromkeys((_JPEG + end for end in ("201", "202", "203")), _high_throughput),
    }
)
