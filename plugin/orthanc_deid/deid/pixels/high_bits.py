"""Bits of native samples above High Bit, in which old scanners hide overlays (PS3.5 section 8.1.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.dicom.tags import BITS_ALLOCATED, HIGH_BIT, PIXEL_REPRESENTATION

_CHUNK = 32 << 20  # bytes of samples that are examined in one go
_WORDS = {bits: np.dtype(f"<u{bits // 8}") for bits in (8, 16, 32)}


def high_bits_check(values: Mapping[int, tuple[str, ...]]) -> Callable[[Buffer], bool] | None:
    """Return `high_bits_in_use` for samples as the top-level `values` describe them; None where they do not."""
    try:
        allocated, high = int(values[BITS_ALLOCATED][0]), int(values[HIGH_BIT][0])
    except (KeyError, IndexError, ValueError):
        return None
    signed = values.get(PIXEL_REPRESENTATION, ())[:1] == ("1",)
    return partial(high_bits_in_use, bits_allocated=allocated, high_bit=high, signed=signed)


def high_bits_in_use(samples: Buffer, bits_allocated: int, high_bit: int, *, signed: bool) -> bool:
    """Whether native `samples` (little endian) use bits above `high_bit`, beyond sign extension.

    No sample is copied. `bits_allocated` is 8, 16 or 32; samples of another width are not examined.
    """
    word = _WORDS.get(bits_allocated)
    if word is None or high_bit >= bits_allocated - 1:
        return False
    usable = len(samples) // word.itemsize
    step = _CHUNK // word.itemsize
    for start in range(0, usable, step):
        words = np.frombuffer(samples, word, min(step, usable - start), start * word.itemsize)
        # The maximum is the fastest reduction that notices any high bit.
        if int(np.maximum.reduce(words)) >> (high_bit + 1) == 0:
            continue
        numbers = words.view(f"<i{word.itemsize}")
        limit = 1 << high_bit
        if not signed or int(numbers.min()) < -limit or int(numbers.max()) >= limit:
            return True
    return False
