"""Bits of native samples that no sample takes, in which old scanners hide overlays (PS3.5 section 8.1.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.dicom.tags import BITS_ALLOCATED, BITS_STORED, HIGH_BIT, PIXEL_REPRESENTATION

_CHUNK = 32 << 20  # bytes of samples that are examined in one go
_WORDS = {bits: np.dtype(f"<u{bits // 8}") for bits in (8, 16, 32, 64)}


def high_bits_check(values: Mapping[int, tuple[str, ...]]) -> Callable[[Buffer], bool] | None:
    """Return `high_bits_in_use` for samples as the top-level `values` describe them; None where they do not."""
    allocated, high, stored = (_number(values, tag) for tag in (BITS_ALLOCATED, HIGH_BIT, BITS_STORED))
    if high is None and stored:
        high = stored - 1
    if allocated is None or high is None:
        return None
    low = max(0, high + 1 - stored) if stored else 0
    signed = values.get(PIXEL_REPRESENTATION, ())[:1] == ("1",)
    return partial(high_bits_in_use, bits_allocated=allocated, high_bit=high, signed=signed, low_bit=low)


def _number(values: Mapping[int, tuple[str, ...]], tag: int) -> int | None:
    try:
        return int(values[tag][0])
    except (KeyError, IndexError, ValueError):
        return None


def high_bits_in_use(
    samples: Buffer, bits_allocated: int, high_bit: int, *, signed: bool, low_bit: int = 0
) -> bool:
    """Whether native `samples` (little endian) use bits above `high_bit`, beyond sign extension, or below `low_bit`.

    No sample is copied. `bits_allocated` is 8, 16, 32 or 64; samples of another width are not examined.
    """
    word = _WORDS.get(bits_allocated)
    if word is None or (high_bit >= bits_allocated - 1 and not low_bit):
        return False
    usable = len(samples) // word.itemsize
    step = _CHUNK // word.itemsize
    for start in range(0, usable, step):
        words = np.frombuffer(samples, word, min(step, usable - start), start * word.itemsize)
        if low_bit and int(np.bitwise_or.reduce(words)) & ((1 << low_bit) - 1):
            return True
        # The maximum is the fastest reduction that notices any high bit.
        if int(np.maximum.reduce(words)) >> (high_bit + 1) == 0:
            continue
        numbers = words.view(f"<i{word.itemsize}")
        limit = 1 << high_bit
        if not signed or int(numbers.min()) < -limit or int(numbers.max()) >= limit:
            return True
    return False
