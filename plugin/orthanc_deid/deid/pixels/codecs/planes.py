"""RLE frames (PS3.5 Annex G) by a PackBits coder, and frames in a deflate stream or as they are (A.4.11, A.4.13)."""

from __future__ import annotations

import struct
import zlib
from typing import Final

import numpy as np

from orthanc_deid.deid.pixels.codecs.libraries import imagecodecs, refusing
from orthanc_deid.deid.pixels.frames.deflated import deflated_parts
from orthanc_deid.deid.pixels.frames.rle import rle_segments
from orthanc_deid.deid.pixels.image_shape import ImageShape, Samples, refused
from orthanc_deid.deid.pixels.native_samples import NativeLayout

_MOST_SEGMENTS: Final = 15


@refusing
def decoded_rle(frame: bytes, shape: ImageShape) -> Samples:
    """Return the samples of an RLE frame as unsigned words."""
    shape.check_decoded_size()
    width, pixels = _width(shape), shape.rows * shape.columns
    segments = rle_segments(frame, pixels, shape.samples * width)
    octets = np.empty((pixels, shape.samples, width), np.uint8)
    unpacked = imagecodecs().packbits_decode
    for place, segment in enumerate(segments):
        plane = np.frombuffer(unpacked(frame[segment.start : segment.end]), np.uint8)
        octets[:, place // width, width - 1 - place % width] = plane[:pixels]
    words = octets.view(f"<u{width}")[..., 0]
    return words.reshape(shape.rows, shape.columns, shape.samples)[
        ..., 0 if shape.samples == 1 else slice(None)
    ]


@refusing
def encoded_rle(samples: Samples, frame: bytes, shape: ImageShape) -> bytes:  # noqa: ARG001
    """Return the samples as an RLE frame; no run crosses the end of a row. Nothing of the old `frame` matters."""
    width = _width(shape)
    words = np.ascontiguousarray(samples.reshape(shape.rows, shape.columns, shape.samples))
    octets = words.view(np.uint8).reshape(*words.shape, width)
    segments = []
    for sample in range(shape.samples):
        for place in reversed(range(width)):
            plane = np.ascontiguousarray(octets[:, :, sample, place])
            packed = bytes(imagecodecs().packbits_encode(plane, axis=-1))
            segments.append(packed + bytes(len(packed) % 2))
    starts = [64 + sum(map(len, segments[:place])) for place in range(len(segments))]
    header = struct.pack("<16I", len(segments), *starts, *[0] * (_MOST_SEGMENTS - len(starts)))
    return header + b"".join(segments)


def _width(shape: ImageShape) -> int:
    """Return the bytes of one sample; raises RefusedError for samples that RLE cannot hold."""
    if shape.allocated not in (8, 16, 32) or shape.samples * shape.allocated // 8 > _MOST_SEGMENTS:
        refused("bits that its transfer syntax cannot hold")
    return shape.allocated // 8


@refusing
def decoded_deflated(frame: bytes, shape: ImageShape) -> Samples:
    """Return the samples of a frame in a deflate stream."""
    return decoded_native(inflated(frame, shape), shape)


def inflated(frame: bytes, shape: ImageShape) -> bytes:
    """Return the native bytes of a deflated frame; raises RefusedError."""
    shape.check_decoded_size()
    return deflated_parts(frame, -(-shape.full_frame_bits // 8))[1]


def deflated(native: bytes) -> bytes:
    """Return the native bytes of a frame as a deflate stream."""
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(native) + stream.flush()


@refusing
def decoded_native(frame: bytes, shape: ImageShape) -> Samples:
    """Return the samples of a native frame in fragments."""
    return NativeLayout(shape).frame(checked_native(frame, shape), 0)


def checked_native(frame: bytes, shape: ImageShape) -> bytes:
    """Return the bytes of a native frame; raises RefusedError where they are not all there."""
    if 8 * len(frame) < shape.full_frame_bits:
        refused("fewer samples than its attributes say")
    return frame
