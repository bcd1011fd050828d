"""How the verifier's eye is shown a picture: what is as fine as letters, by its strength in the surroundings.

From each pixel, slightly smoothed, the wider mean around it is taken away, both with Gaussian weights; the result is
divided by its own root mean square around. So the result needs neither window nor depth.
"""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np

Numbers = np.ndarray[Any, np.dtype[np.float32]]

FINE: Final = 0.6  # deviation of the first smoothing, in pixels
WIDE: Final = 9.0  # of the mean that is taken away
AROUND: Final = 12.0  # of the root mean square
FAINT: Final = 0.004  # share of the range that counts as nothing
SHOWN: Final = 6.0  # multiples of the root mean square from black to white


def fine_detail(picture: Any) -> Numbers:
    """Return the fine detail of a picture of (rows, columns) from 0 to 1; 0.5 is none."""
    values = np.nan_to_num(np.asarray(picture, np.float32), posinf=0, neginf=0)
    detail = _smoothed(values, FINE) - _smoothed(values, WIDE)
    strength = np.sqrt(_smoothed(detail * detail, AROUND))
    detail /= (strength + max(FAINT * _range(values), 1e-6)) * SHOWN
    detail += 0.5
    return np.clip(detail, 0, 1, out=detail)


def _smoothed(values: Numbers, deviation: float) -> Numbers:
    size = 2 * round(2.5 * deviation) + 1
    return np.asarray(cv2.GaussianBlur(values, (size, size), deviation), np.float32)


def _range(values: Numbers) -> float:
    """Return the span of the middle 98 percent of the values, or of all where that is nothing."""
    ordered = np.sort(values[::5, ::5], axis=None)
    ends = ordered[len(ordered) // 100], ordered[-1 - len(ordered) // 100]
    return float(ends[1] - ends[0]) or float(values.max() - values.min())
