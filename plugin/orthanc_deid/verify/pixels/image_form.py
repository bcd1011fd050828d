"""What the attributes of an original say about its frames (PS3.3 C.7.6.3), and its native frames as numbers."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from orthanc_deid.dicom.tags import (
    BITS_ALLOCATED,
    COLUMNS,
    NUMBER_OF_FRAMES,
    PHOTOMETRIC_INTERPRETATION,
    PLANAR_CONFIGURATION,
    ROWS,
    SAMPLES_PER_PIXEL,
)
from orthanc_deid.verify.reading.element_headers import ParseError
from orthanc_deid.verify.reading.instance import Instance
from orthanc_deid.verify.reading.stored_numbers import numbers

Frame = NDArray[np.integer[Any]]
"""The samples of one frame: (rows, columns, samples)."""

_MOST_SAMPLES = 1 << 27
_MOST_FRAMES = 1 << 24


def unreadable(what: str) -> ParseError:
    """Return the error for an image that cannot be compared."""
    return ParseError(f"changed pixels: {what}")


class ImageForm(NamedTuple):
    """The attributes that describe the frames; `half`: native pixels share their colours by two."""

    rows: int
    columns: int
    samples: int
    bits: int
    planar: bool
    photometric: str
    frames: int
    half: bool = False

    @classmethod
    def of(cls, original: Instance, length: int | None) -> ImageForm:
        """Return the form of an image; `length`: bytes of native Pixel Data. Raises ParseError for no image."""
        rows, columns, bits = (_number(original, tag) for tag in (ROWS, COLUMNS, BITS_ALLOCATED))
        samples = _number(original, SAMPLES_PER_PIXEL) or 1
        stated = original.text(NUMBER_OF_FRAMES).split("\\")[0].strip()
        frames = int(stated) if stated.isdigit() and len(stated) < 9 else 0 if stated else 1
        if not (rows and columns and bits and 0 < samples <= 4 and 0 < frames <= _MOST_FRAMES):
            raise unreadable("no image by its attributes")
        if rows * columns * samples > _MOST_SAMPLES:
            raise unreadable("a frame too large to be decoded")
        planar = samples > 1 and _number(original, PLANAR_CONFIGURATION) == 1
        found = cls(rows, columns, samples, bits, planar, original.text(PHOTOMETRIC_INTERPRETATION), frames)
        return found if length is None else found._native(length)

    def _native(self, length: int) -> ImageForm:
        whole = (self.frame_bits * self.frames + 7) // 8
        found = self
        if self.samples == 3 and self.photometric in ("YBR_FULL_422", "YBR_PARTIAL_422"):
            found = self._replace(half=length not in (whole, whole + whole % 2))
        if length < (found.frame_bits * found.frames + 7) // 8 or (
            found.half and (self.planar or self.bits % 8)
        ):
            raise unreadable("samples whose place is not known")
        return found

    @property
    def frame_bits(self) -> int:
        """Bits of one native frame."""
        if self.half:
            return self.rows * ((self.columns + 1) // 2) * 4 * self.bits
        return self.rows * self.columns * self.samples * self.bits

    def native(self, data: bytes, skipped: int = 0) -> Frame:
        """Return the native frame that begins `skipped` bits, 0 to 7, into `data`; little endian."""
        count = self.frame_bits // self.bits
        if self.bits in (8, 16, 32, 64):
            words: Frame = np.frombuffer(data, f"<u{self.bits // 8}", count)
        else:
            words = _numbers_of_bits(data, skipped, count, self.bits)
        if self.half:
            pairs = words.reshape(self.rows, -1, 4)
            frame = np.empty((self.rows, 2 * pairs.shape[1], 3), words.dtype)
            frame[:, 0::2, 0], frame[:, 1::2, 0] = pairs[..., 0], pairs[..., 1]
            for pixel in (0, 1):
                frame[:, pixel::2, 1:] = pairs[..., 2:]
            return frame[:, : self.columns]
        if self.planar:
            return words.reshape(self.samples, self.rows, self.columns).transpose(1, 2, 0)
        return words.reshape(self.rows, self.columns, self.samples)


def _numbers_of_bits(data: bytes, skipped: int, count: int, bits: int) -> Frame:
    """Return numbers that are packed without a gap, each from its lowest bit on."""
    single = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
    cells = single[skipped : skipped + count * bits].reshape(count, bits)
    weights = np.uint64(1) << np.arange(bits, dtype=np.uint64)
    found = np.zeros(count, np.uint64)
    for place in range(bits):
        found += cells[:, place] * weights[place]
    return found


def _number(instance: Instance, tag: int) -> int:
    """Return a top-level US, 0 where there is none of two bytes."""
    element = instance.data_set.elements.get(tag)
    value = b"" if element is None else element.value or b""
    return int(numbers(value, "US", little=instance.encoding.little)[0]) if len(value) == 2 else 0
