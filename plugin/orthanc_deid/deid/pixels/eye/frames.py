"""What of many frames is looked at: pictures of all of them, and each by itself.

Text that stands still is in every picture of all frames: their mean is free of moving noise, and a word on a few
frames is in the brightest or the darkest value of each pixel.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

Samples = np.ndarray[Any, np.dtype[Any]]


def projections(frames: Samples) -> Iterator[Samples]:
    """Yield the mean, the brightest and the darkest value of each pixel over the frames; one frame as it is."""
    if len(frames) == 1:
        yield frames[0]
        return
    total = np.zeros(frames.shape[1:], np.float32)
    for frame in frames:
        total += frame
    yield total / len(frames)
    yield frames.max(axis=0)
    yield frames.min(axis=0)


def runs_of_equal_frames(frames: Samples) -> Iterator[range]:
    """Yield the runs of frames that follow each other and are equal."""
    first = 0
    for number in range(1, len(frames) + 1):
        if number == len(frames) or not np.array_equal(frames[number], frames[first]):
            yield range(first, number)
            first = number
