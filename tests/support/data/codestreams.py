"""Compressed frames of an invented image, made by the encoders of the test dependencies, and text planted in them."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterable
from functools import cache

import numpy as np
from jpeg_ls import encode_array  # type: ignore[import-untyped]
from numpy.typing import NDArray
from openjpeg.utils import encode_array as encode_2000
from PIL import Image
from pydicom.pixels.encoders.native import _encode_segment

PLANTED = b"Wexler, Ottilie 79161234567 1961"
ROWS, COLUMNS = 40, 48

Plant = Callable[[bytes], bytes]
"""From a frame to the same frame with `PLANTED` in it."""


def samples(bands: int = 1, bits: int = 8) -> NDArray[np.integer]:
    """Return the samples of an image with flat, steep and noisy parts."""
    chance = np.random.default_rng(bands + bits)
    shape = (ROWS, COLUMNS) if bands == 1 else (ROWS, COLUMNS, bands)
    image = np.linspace(0, (1 << bits) - 1, ROWS * COLUMNS * bands).reshape(shape)
    image[:10] = 3
    image[20:30] = chance.integers(0, 1 << bits, image[20:30].shape)
    return image.astype(np.uint8 if bits <= 8 else np.uint16)


@cache
def jpeg(bands: int = 1, **options: object) -> bytes:
    """Return a JPEG frame: baseline, or with Pillow's `options`; its segments are those that decoding needs."""
    with io.BytesIO() as file:
        Image.fromarray(samples(bands)).save(file, "JPEG", quality=90, **options)
        return file.getvalue()


@cache
def jpeg_ls(bits: int = 8) -> bytes:
    """Return a JPEG-LS frame."""
    return bytes(encode_array(samples(bits=bits)))


@cache
def jpeg_2000(bands: int = 1, bits: int = 8) -> bytes:
    """Return a JPEG 2000 codestream without comments."""
    found = encode_2000(
        samples(bands, bits), bits_stored=bits, photometric_interpretation=1 if bands == 3 else 2
    )
    return without_segment(bytes(found), 0x64)


@cache
def tiled() -> bytes:
    """Return a JPEG 2000 codestream of several tiles."""
    with io.BytesIO() as file:
        Image.fromarray(samples()).save(file, "JPEG2000", no_jp2=True, tile_size=(16, 16))
        return without_segment(file.getvalue(), 0x64)


@cache
def jp2() -> bytes:
    """Return a JPEG 2000 file."""
    with io.BytesIO() as file:
        Image.fromarray(samples(3)).save(file, "JPEG2000")
        frame = file.getvalue()
    at = frame.index(b"jp2c")
    stream = without_segment(frame[at + 4 :], 0x64)
    return frame[: at - 4] + struct.pack(">I", len(stream) + 8) + b"jp2c" + stream


@cache
def rle(bits: int = 16) -> bytes:
    """Return an RLE frame."""
    native, width = samples(bits=bits).tobytes(), bits // 8
    return rle_of(native[place::width] for place in reversed(range(width)))


@cache
def deflated() -> bytes:
    """Return a frame in a deflate stream."""
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(samples().tobytes()) + stream.flush()


def rle_of(planes: Iterable[bytes]) -> bytes:
    """Return an RLE frame of these planes of bytes, without padding behind the last one."""
    encoded = [bytes(_encode_segment(plane, COLUMNS)) for plane in planes]
    starts = [64 + sum(map(len, encoded[:place])) for place in range(len(encoded))]
    header = struct.pack("<16I", len(starts), *starts, *[0] * (15 - len(starts)))
    return (header + b"".join(encoded)).removesuffix(b"\0")


def segment(marker: int, content: bytes = PLANTED) -> bytes:
    """Return a marker segment of JPEG or JPEG 2000."""
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def box(kind: bytes, content: bytes = PLANTED) -> bytes:
    """Return a box of JP2 or JPEG XL."""
    return struct.pack(">I", len(content) + 8) + kind + content


def without_segment(codestream: bytes, marker: int) -> bytes:
    """Return a codestream without the first segment `marker` of its main header."""
    at = codestream.find(bytes((0xFF, marker)))
    if at < 0:
        return codestream
    return codestream[:at] + codestream[at + 2 + struct.unpack_from(">H", codestream, at + 2)[0] :]


def put_before(marker: bytes, new: bytes) -> Plant:
    """Return the plant that puts `new` before the first `marker`."""
    return lambda frame: frame.replace(marker, new + marker, 1)


def behind(marker: bytes, new: bytes) -> Plant:
    """Return the plant that puts `new` behind the last `marker`."""

    def plant(frame: bytes) -> bytes:
        at = frame.rindex(marker) + len(marker)
        return frame[:at] + new + frame[at:]

    return plant


def in_tile_part(new: bytes) -> Plant:
    """Return the plant that puts `new` into the header of the last tile-part, whose length it corrects."""

    def plant(frame: bytes) -> bytes:
        at = frame.rindex(b"\xff\x90\x00\x0a")
        (length,) = struct.unpack_from(">I", frame, at + 6)
        head = frame[: at + 6] + struct.pack(">I", length + len(new)) + frame[at + 10 : at + 12]
        return head + new + frame[at + 12 :]

    return plant


_TABLE = b"\x03" + PLANTED.ljust(64, b"\1")
_SYMBOLS = bytes(dict.fromkeys(PLANTED))
_CODES = b"\x13" + bytes(15) + bytes((len(_SYMBOLS),)) + _SYMBOLS

IN_JPEG: dict[str, Plant] = {
    "comment": put_before(b"\xff\xdb", segment(0xFE)),
    "application segment": put_before(b"\xff\xdb", segment(0xE1, b"Exif\0\0" + PLANTED)),
    "colour profile": put_before(b"\xff\xdb", segment(0xE2, b"ICC_PROFILE\0\1\1" + PLANTED)),
    "second JFIF": put_before(b"\xff\xdb", segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")),
    "comment before the scan": put_before(b"\xff\xda", segment(0xFE)),
    "comment behind the last scan": put_before(b"\xff\xd9", segment(0xFE)),
    "application segment behind the scan": put_before(b"\xff\xd9", segment(0xEE, b"Adobe" + PLANTED)),
    "fill bytes": put_before(b"\xff\xda", b"\xff" * 9),
    "fill bytes at the start": lambda frame: b"\xff\xff" + frame,
    "behind the end": lambda frame: frame + PLANTED,
    "table that no component uses": put_before(b"\xff\xc0", segment(0xDB, _TABLE)),
    "table that is defined again": put_before(b"\xff\xdb", segment(0xDB, b"\0" + _TABLE[1:])),
    "codes that no scan uses": put_before(b"\xff\xda", segment(0xC4, _CODES)),
    "table behind the last scan": put_before(b"\xff\xd9", segment(0xDB, b"\0" + _TABLE[1:])),
}

IN_JPEG_LS: dict[str, Plant] = {
    "comment": put_before(b"\xff\xf7", segment(0xFE)),
    "SPIFF": put_before(b"\xff\xf7", segment(0xE8, b"SPIFF\0" + PLANTED)),
    "mapping table that no scan uses": put_before(b"\xff\xda", segment(0xF8, b"\2\5\1" + PLANTED)),
    "behind the end": lambda frame: frame + PLANTED,
}

IN_JPEG_2000: dict[str, Plant] = {
    "comment": put_before(b"\xff\x52", segment(0x64, b"\0\1" + PLANTED)),
    "component registration": put_before(b"\xff\x90", segment(0x63, PLANTED)),
    "packet lengths": put_before(b"\xff\x90", segment(0x57, PLANTED)),
    "profile": put_before(b"\xff\x90", segment(0x56, PLANTED)),
    "wrong lengths of tile-parts": put_before(b"\xff\x90", segment(0x55, b"\0\x60" + PLANTED[:30])),
    "comment in a tile-part": in_tile_part(segment(0x64, b"\0\1" + PLANTED)),
    "packet lengths in a tile-part": in_tile_part(segment(0x58, b"\0" + PLANTED)),
    "behind the end": lambda frame: frame + PLANTED,
}

IN_JP2: dict[str, Plant] = {
    "label": put_before(b"\0\0\0\x2djp2h", box(b"lbl ")),
    "XML": lambda frame: frame[:32] + box(b"xml ") + frame[32:],
    "UUID behind the codestream": lambda frame: frame + box(b"uuid"),
    "behind the end": lambda frame: frame + PLANTED,
}

IN_RLE: dict[str, Plant] = {
    "header": lambda frame: frame[:16] + PLANTED + frame[48:],
    "behind the last segment": lambda frame: frame + PLANTED,
}
