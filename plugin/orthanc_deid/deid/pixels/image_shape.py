"""The shape of the frames of an image by its attributes (PS3.3 C.7.6.3, PS3.5 section 8), checked before any use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import numpy as np
from numpy.typing import NDArray

from orthanc_deid.dicom.tags import (
    BITS_ALLOCATED,
    BITS_STORED,
    COLUMNS,
    HIGH_BIT,
    NUMBER_OF_FRAMES,
    PHOTOMETRIC_INTERPRETATION,
    PIXEL_DATA,
    PIXEL_REPRESENTATION,
    PLANAR_CONFIGURATION,
    ROWS,
    SAMPLES_PER_PIXEL,
    format_tag,
)
from orthanc_deid.errors import RefusedError

Samples = NDArray[np.integer[Any]]
"""The samples of one frame: (rows, columns), or (rows, columns, samples) of colour."""

MOST_SAMPLES: Final = 1 << 27
"""Samples of a frame that is decoded: one beyond it would fill the memory of a worker."""

_LONGEST_SIDE: Final = 65535
_MOST_FRAMES: Final = 1 << 24
_ALLOCATED: Final = frozenset({1, 8, 12, 16, 24, 32, 64})
_HALF_COLOUR: Final = frozenset({"YBR_FULL_422", "YBR_PARTIAL_422"})


SHAPE_TAGS: Final = frozenset(
    {ROWS, COLUMNS, SAMPLES_PER_PIXEL, BITS_ALLOCATED, BITS_STORED, HIGH_BIT, NUMBER_OF_FRAMES}
    | {PIXEL_REPRESENTATION, PLANAR_CONFIGURATION, PHOTOMETRIC_INTERPRETATION}
)
"""The attributes on which a shape depends."""


def refused(reason: str, tag: int = PIXEL_DATA) -> NoReturn:
    """Raise the error for an image whose samples cannot be changed safely."""
    raise RefusedError(f"pixels cannot be cleaned: {reason}", format_tag(tag))


@dataclass(frozen=True, slots=True)
class ImageShape:
    """The attributes that describe the frames of an image.

    `samples`: per pixel. `planar`: native colour is stored by plane. `photometric`: Photometric Interpretation.
    """

    rows: int
    columns: int
    samples: int
    allocated: int
    stored: int
    high: int
    signed: bool
    planar: bool
    photometric: str
    frames: int

    @classmethod
    def of(cls, values: Mapping[int, tuple[str, ...]]) -> ImageShape:
        """Return the shape that top-level values state, trimmed, by tag. Raises RefusedError for one of no image."""
        rows, columns = _number(values, ROWS, 0), _number(values, COLUMNS, 0)
        if not (0 < rows <= _LONGEST_SIDE and 0 < columns <= _LONGEST_SIDE):
            refused("no rows or columns", ROWS)
        samples, allocated = _number(values, SAMPLES_PER_PIXEL, 1), _number(values, BITS_ALLOCATED, 0)
        if samples not in (1, 3, 4):
            refused("another number of samples per pixel than 1, 3 and 4", SAMPLES_PER_PIXEL)
        if allocated not in _ALLOCATED:
            refused("unusual number of bits", BITS_ALLOCATED)
        stored = _number(values, BITS_STORED, allocated)
        high = _number(values, HIGH_BIT, stored - 1)
        if not 0 < stored <= allocated or not stored - 1 <= high < allocated:
            refused("unusual number of bits", BITS_STORED)
        frames = _number(values, NUMBER_OF_FRAMES, 1)
        if not 0 < frames <= _MOST_FRAMES:
            refused("no frames", NUMBER_OF_FRAMES)
        signed = _number(values, PIXEL_REPRESENTATION, 0) == 1
        planar = samples > 1 and _number(values, PLANAR_CONFIGURATION, 0) == 1
        photometric = values.get(PHOTOMETRIC_INTERPRETATION, ("",))[:1] or ("",)
        return cls(
            rows, columns, samples, allocated, stored, high, signed, planar, photometric[0].strip(), frames
        )

    @property
    def is_half_colour(self) -> bool:
        """Whether native pixels share their colours by two (PS3.3 section C.7.6.3.1.2)."""
        return self.samples == 3 and self.photometric in _HALF_COLOUR

    @property
    def full_frame_bits(self) -> int:
        """Bits of a native frame with all samples of each pixel."""
        return self.rows * self.columns * self.samples * self.allocated

    @property
    def half_frame_bits(self) -> int:
        """Bits of a native frame whose pixels share their colours by two."""
        return self.rows * (self.columns + self.columns % 2) * 2 * self.allocated

    def check_decoded_size(self) -> None:
        """Raise RefusedError for a frame that is too large to be decoded."""
        if self.rows * self.columns * self.samples > MOST_SAMPLES:
            refused("frame too large to be decoded", ROWS)

    def check_region(self, frame: int, rows: range, columns: range) -> None:
        """Raise RefusedError for a region that the image has not."""
        inside = (
            0 <= frame < self.frames
            and 0 <= rows.start < rows.stop <= self.rows
            and 0 <= columns.start < columns.stop <= self.columns
            and rows.step == columns.step == 1
        )
        if not inside:
            refused("region outside the image")


def _number(values: Mapping[int, tuple[str, ...]], tag: int, default: int) -> int:
    """Return the first value of an attribute, `default` where it is missing or empty; raises RefusedError."""
    found = values.get(tag, ())[:1]
    text = found[0].strip() if found else ""
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        refused("no number where one must be", tag)
    return int(text)
