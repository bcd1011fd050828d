"""Views of a picture: what the detector is shown.

What a detector finds depends more on the view than on the model. A text is drawn to differ from what is next to it,
so the main view is normalized locally: from each pixel the mean of its neighbourhood, divided by the deviation there.
It needs neither a window nor the depth, and letters of one percent of the range are as clear as white ones on black.
"""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np

Samples = np.ndarray[Any, np.dtype[Any]]
View = np.ndarray[Any, np.dtype[np.float32]]
"""(rows, columns) or (rows, columns, 3), from 0 to 1."""

NEIGHBOURHOOD: Final = 31
"""Rows and columns of the neighbourhood, in pixels: about the height of a line of text."""
FLOOR: Final = 0.005
"""Added to the standard deviation, as a share of the range, so that noise below it stays faint."""
SPAN: Final = 3.0
"""Standard deviations from the mean that are shown; beyond is black or white."""
_TAILS: Final = (0.5, 99.5)  # percentiles that are the range: single hot pixels do not count
_BAND: Final = 256  # rows
_EVERY: Final = 4  # the percentiles are taken from every fourth row and column


def scaled(picture: Samples) -> View:
    """Return the samples as numbers where 0 and 1 are the tails of their distribution; values may lie beyond.

    The range comes from the data: what the header says of the depth need not be true.
    """
    plane = np.nan_to_num(picture.astype(np.float32), copy=False, posinf=0, neginf=0)
    low, high = _range(plane)
    plane -= np.float32(low)
    plane /= np.float32(max(high - low, 1e-6))
    return plane


def span_of(picture: Samples) -> float:
    """Return the range of the samples, above 0."""
    low, high = _range(picture)
    return max(high - low, 1e-6)


def _range(plane: Samples) -> tuple[float, float]:
    low, high = np.percentile(plane[::_EVERY, ::_EVERY], _TAILS)
    if high <= low:  # nearly all of the picture has one value
        low, high = plane.min(), plane.max()
    return float(low), float(high)


def windowed(plane: View) -> View:
    """Return the view of a viewer whose window is the range: values beyond are black or white."""
    return np.clip(plane, 0, 1)


def locally_normalized(plane: View) -> View:
    """Return the view in which each pixel is compared with its neighbourhood; each colour by itself."""
    view = np.empty_like(plane)
    for top in range(
        0, len(plane), _BAND
    ):  # in bands, which need less memory and stay in the processor's cache
        first = max(0, top - NEIGHBOURHOOD)
        band = _normalized(plane[first : top + _BAND + NEIGHBOURHOOD])
        view[top : top + _BAND] = band[top - first : top - first + _BAND]
    return view


def _normalized(plane: View) -> View:
    size = (NEIGHBOURHOOD, NEIGHBOURHOOD)
    view = plane - cv2.blur(plane, size)
    deviation = cv2.blur(cv2.multiply(view, view), size)
    deviation = np.sqrt(
        np.maximum(deviation, 0, out=deviation), out=deviation
    )  # running sums may fall below 0
    deviation = np.multiply(deviation + np.float32(FLOOR), np.float32(2 * SPAN), out=deviation)
    view /= deviation
    view += 0.5
    return np.clip(view, 0, 1, out=view)


def halved(plane: View) -> View:
    """Return the picture at half its size, in which large letters are as high as others."""
    return _resized(plane, 0.5, cv2.INTER_AREA)


def doubled(plane: View) -> View:
    """Return the picture at twice its size, in which small letters are as high as others."""
    return _resized(plane, 2, cv2.INTER_LINEAR)


def _resized(plane: View, factor: float, interpolation: int) -> View:
    size = tuple(max(1, round(length * factor)) for length in plane.shape[1::-1])
    return cv2.resize(plane, size, interpolation=interpolation).astype(np.float32, copy=False)
