"""The sample values that a region of an image is filled with: its background, by the photometric interpretation.

The fill is a value of the frame itself, outside of all regions, so that no viewer computes another window because
of it: for grey values the one that is shown darkest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Final

import numpy as np

from orthanc_deid.deid.pixels.image_shape import ImageShape, Samples, refused
from orthanc_deid.dicom.tags import PHOTOMETRIC_INTERPRETATION

Region = tuple[range, range]
"""Rows and columns."""

_GREY: Final = frozenset({"MONOCHROME1", "MONOCHROME2"})
_COLOUR_DIFFERENCES: Final = frozenset({"YBR_FULL", "YBR_FULL_422"})
_DECODED_AS_RGB: Final = frozenset({"RGB", "YBR_ICT", "YBR_RCT"})


class Fill:
    """What regions of one image are filled with.

    `darkest`: of a palette, the stored value of its darkest entry, -1 where it cannot be read. `inverted`: Rescale
    Slope is negative, so that the largest stored value is the smallest number.
    """

    def __init__(self, shape: ImageShape, darkest: int = -1, *, inverted: bool = False) -> None:
        """Raise RefusedError for a photometric interpretation whose black is not known."""
        self._shape = shape
        self._darkest = darkest
        self._low = shape.high + 1 - shape.stored
        self._largest = (shape.photometric == "MONOCHROME1") is not inverted
        self._of: Callable[[Samples, Iterable[Region]], tuple[int, ...]] = self._constant
        if shape.photometric in _GREY and shape.samples == 1:
            self._of = self._grey
        elif shape.photometric == "PALETTE COLOR" and shape.samples == 1:
            self._of = self._entry
        elif shape.samples != 3 or not self._black():
            refused("the black of its photometric interpretation is not known", PHOTOMETRIC_INTERPRETATION)

    def of(self, samples: Samples, regions: Iterable[Region]) -> tuple[int, ...]:
        """Return the words, one per sample of a pixel, that `regions` of a frame are filled with.

        `samples`: the frame as unsigned words.
        """
        return self._of(samples, regions)

    def _black(self) -> tuple[int, ...]:
        middle = 1 << (self._shape.stored - 1) << self._low
        if self._shape.photometric in _COLOUR_DIFFERENCES:
            return (0, middle, middle)
        if self._shape.photometric == "YBR_PARTIAL_422":
            return (middle >> 3, middle, middle)
        return (0, 0, 0) if self._shape.photometric in _DECODED_AS_RGB else ()

    def _constant(self, samples: Samples, regions: Iterable[Region]) -> tuple[int, ...]:
        return self._black()

    def _grey(self, samples: Samples, regions: Iterable[Region]) -> tuple[int, ...]:
        found = list(self._extremes(samples, regions)) or list(self._extremes(samples, ()))
        return ((max if self._largest else min)(found)[1],)

    def _extremes(self, samples: Samples, regions: Iterable[Region]) -> Iterator[tuple[int, int]]:
        """Yield (value, word) of the darkest sample of each stretch of rows outside the regions."""
        for words in outside(samples, regions):
            numbers = as_numbers(words, self._shape)
            at = int(numbers.argmax() if self._largest else numbers.argmin())
            place = np.unravel_index(at, words.shape)
            yield int(numbers[place]), int(words[place])

    def _entry(self, samples: Samples, regions: Iterable[Region]) -> tuple[int, ...]:
        if self._darkest < 0:
            refused("a palette that cannot be read", PHOTOMETRIC_INTERPRETATION)
        return (self._darkest << self._low,)


def outside(samples: Samples, regions: Iterable[Region]) -> list[Samples]:
    """Return the rectangles of a frame that lie in none of `regions`, as views."""
    spans = list(regions)
    edges = {0, samples.shape[0]}
    for rows, _ in spans:
        edges |= {rows.start, rows.stop}
    ordered = sorted(edges)
    found = []
    for top, bottom in pairwise(ordered):
        column = 0
        covering = sorted(
            (columns.start, columns.stop) for rows, columns in spans if rows.start <= top < rows.stop
        )
        for start, stop in [*covering, (samples.shape[1],) * 2]:
            if start > column:
                found.append(samples[top:bottom, column:start])
            column = max(column, stop)
    return found


def as_numbers(words: Samples, shape: ImageShape) -> Samples:
    """Return the numbers that stored words stand for, by High Bit, Bits Stored and Pixel Representation."""
    size = 8 * words.dtype.itemsize
    low = shape.high + 1 - shape.stored
    if words.dtype.kind != "u" or (not low and shape.stored >= size):
        is_signed = words.dtype.kind == "i" or shape.signed
        return words.view(f"<{'i' if is_signed else 'u'}{words.dtype.itemsize}")
    numbers: Samples = words.astype(np.int64 if size > 16 else np.int32)
    numbers = np.right_shift(numbers, low, out=numbers)
    numbers = np.bitwise_and(numbers, (1 << shape.stored) - 1, out=numbers)
    if shape.signed:
        numbers -= (numbers & (1 << (shape.stored - 1))) << 1
    return numbers
