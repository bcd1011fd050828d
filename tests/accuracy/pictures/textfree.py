"""Real pictures without text: radiographs and cross-sections from the wheels of pydicom and pydicom-data."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import numpy as np

from accuracy.pictures.picture import Picture
from accuracy.pictures.public import ANKLE, CHEST, part_of

_BITS = 12


def real_pictures(seeds: range) -> Iterator[Picture]:
    """Yield parts of the two real radiographs, turned, mirrored and scaled; one of them holds a lead letter."""
    for seed in seeds:
        rng = Random(f"real {seed}")
        for name in (CHEST, ANKLE):
            part = part_of(name, rng)
            levels = np.round((1 - part) * (2**_BITS - 1)).astype(np.uint16)
            yield Picture(levels[None], "MONOCHROME1", "radiograph", ())
