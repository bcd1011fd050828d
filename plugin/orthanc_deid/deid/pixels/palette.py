"""The darkest entry of a palette (PS3.3 section C.7.6.3.1.5, C.7.9): what a region of its image is filled with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_LONGEST = 65536
_DISCRETE, _LINEAR = 0, 1


def darkest_entry(descriptors: Sequence[bytes], data: Sequence[bytes], segmented: Sequence[bytes]) -> int:
    """Return the stored value of the darkest entry, -1 where the palette cannot be read.

    Each argument holds the values of red, green and blue, empty where they are missing. Of several the first.
    """
    colours = []
    first = 0
    for descriptor, plain, segments in zip(descriptors, data, segmented, strict=True):
        if len(descriptor) != 6:
            return -1
        count, first, bits = (int.from_bytes(descriptor[at : at + 2], "little") for at in (0, 2, 4))
        table = _entries(plain, segments, count or _LONGEST, bits)
        if table is None:
            return -1
        colours.append(table)
    red, green, blue = colours
    if not len(red) == len(green) == len(blue):
        return -1
    darkest = int((299 * red + 587 * green + 114 * blue).argmin())
    return first + darkest if first + darkest < _LONGEST else -1


def _entries(plain: bytes, segments: bytes, count: int, bits: int) -> NDArray[np.int64] | None:
    if bits not in (8, 16):
        return None
    if plain:
        packed = bits == 8 and len(plain) < 2 * count
        found = np.frombuffer(plain[: len(plain) // 2 * 2], np.uint8 if packed else "<u2").astype(np.int64)
    elif segments:
        words = np.frombuffer(segments[: len(segments) // 2 * 2], "<u2").tolist()
        found = np.array(_expanded(words, count), np.int64)
    else:
        return None
    return found[:count] if len(found) >= count else None


def _expanded(words: list[int], count: int) -> list[int]:
    """Return the entries of segments (PS3.3 section C.7.9.2), as far as they are discrete or linear."""
    found: list[int] = []
    at = 0
    while at + 2 < len(words) and len(found) < count:
        kind, length = words[at : at + 2]
        if kind == _DISCRETE:
            found += words[at + 2 : at + 2 + length]
            at += 2 + length
        elif kind == _LINEAR and found and length:
            start, end = found[-1], words[at + 2]
            found += [start + (end - start) * step // length for step in range(1, length + 1)]
            at += 3
        else:
            return []
    return found
