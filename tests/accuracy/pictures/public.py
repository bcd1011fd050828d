"""Real radiographs without text, from the wheel of pydicom-data: backgrounds, and what must not be taken for text."""

from __future__ import annotations

from functools import cache
from importlib.metadata import distribution
from random import Random
from typing import Final

import cv2
import numpy as np
from pydicom import dcmread

from accuracy.pictures.backgrounds import Canvas

CHEST: Final = "RG1_UNCR.dcm"
"""A chest, 1955 x 1841, MONOCHROME1."""
ANKLE: Final = "RG3_UNCR.dcm"
"""An ankle with a lead letter R, 1760 x 1760, MONOCHROME1."""
_LEAST: Final = 1000  # rows and columns of a part


@cache
def real_radiograph(name: str) -> Canvas:
    """Return a real radiograph as brightness from 0 to 1: the darkest and brightest pixels are its limits."""
    path = distribution("pydicom-data").locate_file(f"data_store/data/{name}")
    samples: Canvas = dcmread(str(path)).pixel_array.astype(np.float32)
    samples -= samples.min()
    return np.asarray(1 - samples / samples.max(), np.float32)


def part_of(name: str, rng: Random) -> Canvas:
    """Return a part of a real radiograph, turned by a multiple of 90 degrees, mirrored or scaled by chance."""
    whole = real_radiograph(name)
    rows, columns = (rng.randint(_LEAST, size) for size in whole.shape)
    top, left = rng.randint(0, whole.shape[0] - rows), rng.randint(0, whole.shape[1] - columns)
    part = np.rot90(whole[top : top + rows, left : left + columns], rng.randrange(4))
    if rng.random() < 0.5:
        part = part[:, ::-1]
    scale = rng.choice((1, 1, 0.8, 1.2))
    return cv2.resize(
        np.ascontiguousarray(part), (0, 0), fx=scale, fy=scale, interpolation=cv2.INTER_AREA
    ).astype(np.float32)
