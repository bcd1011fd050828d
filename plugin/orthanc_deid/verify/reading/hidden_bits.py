"""Samples that use bits above High Bit, where old scanners store overlays (PS3.5 section 8.1.2).

The engine tests every sample. This check detects an engine that does not. Reading a gigabyte of samples again would
cost more than the rest of the check, so that of long pixel data it tests stretches at regular distances.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

_CHUNK = 1 << 20
_WHOLE = 64 << 20
"""Bytes of pixel data that are tested without a gap; of longer ones about as many in all."""
_WIDTHS = (8, 16, 32, 64)


def bits_above(
    samples: Sequence[memoryview], allocated: int, high: int, *, signed: bool, low: int = 0
) -> bool:
    """Whether a native sample (little endian, of `allocated` bits) uses bits above bit `high` or below bit `low`.

    The bits above may all be zero, or in a signed sample all equal to its bit `high` (sign extension).
    """
    if allocated not in _WIDTHS or high < 0:
        return False
    above = high < allocated - 1
    return (above or low > 0) and any(
        (above and _uses(words, high, signed=signed)) or (low > 0 and _uses_below(words, low))
        for words in _words(samples, allocated // 8)
    )


def _uses_below(words: NDArray[np.unsignedinteger], low: int) -> bool:
    return bool((words & words.dtype.type((1 << low) - 1)).any())


def _words(samples: Sequence[memoryview], size: int) -> Iterable[NDArray[np.unsignedinteger]]:
    """Yield the samples in bounded pieces; an incomplete last sample is left out."""
    rest = b""
    gaps = len(samples[0]) // _WHOLE if len(samples) == 1 else 0
    step = max(1, gaps) * _CHUNK
    for part in samples:
        for at in range(0, len(part), step):
            piece = part[at : at + _CHUNK] if not rest else memoryview(rest + bytes(part[at : at + _CHUNK]))
            whole = len(piece) // size * size
            rest = bytes(piece[whole:])
            if whole:
                yield np.frombuffer(piece[:whole], f"<u{size}")


def _uses(words: NDArray[np.unsignedinteger], high: int, *, signed: bool) -> bool:
    if int(words.max()) >> (high + 1) == 0:
        return False
    if not signed:
        return True
    extended = np.iinfo(words.dtype).max >> high  # the bits from `high` upwards, all of them set
    upper = words >> words.dtype.type(high)
    return bool(((upper > 1) & (upper != extended)).any())
