"""What of many frames is looked at: pictures of all of them, and how each differs from what is usual.

Text that stands still is in the mean, which is free of moving noise. Text on a few frames is in the difference of
these from the usual picture, in which tissue that moves slowly leaves little, and what stands still nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

Samples = np.ndarray[Any, np.dtype[Any]]
Picture = np.ndarray[Any, np.dtype[np.float32]]

_LEAST: Final = 4
"""Frames from which the extremes are left out of the usual picture."""


@dataclass(frozen=True, slots=True)
class Loop:
    """Pictures of all frames: their mean, the extremes of each pixel, and the usual value, without the extremes."""

    mean: Picture
    highest: Picture
    lowest: Picture
    usual: Picture


def loop_of(frames: Samples) -> Loop:
    """Return the pictures of all frames."""
    total: Picture = np.zeros(frames.shape[1:], np.float32)
    for frame in frames:
        total += frame
    highest, lowest = (extreme(axis=0).astype(np.float32) for extreme in (frames.max, frames.min))
    mean = usual = np.divide(total, len(frames), dtype=np.float32)
    if len(frames) >= _LEAST:
        usual = np.divide(total - highest - lowest, len(frames) - 2, dtype=np.float32)
    return Loop(mean, highest, lowest, usual)


def runs_of_equal_frames(frames: Samples) -> Iterator[range]:
    """Yield the runs of frames that follow each other and are equal."""
    first = 0
    for number in range(1, len(frames) + 1):
        if number == len(frames) or not np.array_equal(frames[number], frames[first]):
            yield range(first, number)
            first = number
