"""Equality of long values without loading them: they are the same memory, or are compared piece by piece."""

from __future__ import annotations

from typing import Final

import numpy as np

from orthanc_deid.dicom.slices import Slices

_CHUNK = 1 << 22
_SHORT = 1 << 16  # bytes that are copied and compared in less time than arrays are made of them

WORD_SIZES: Final = {
    **dict.fromkeys(("US", "SS", "OW", "AT"), 2),
    **dict.fromkeys(("UL", "SL", "FL", "OF", "OL"), 4),
    **dict.fromkeys(("UV", "SV", "FD", "OD", "OV"), 8),
}
"""Bytes of a word that is swapped when a value changes byte order (PS3.5 section 7.3), by VR; others are not."""


def same_bytes(one: Slices, start: int, other: Slices, other_start: int, length: int) -> bool:
    """Whether `length` bytes of both are equal; bytes of the same memory or file are not read."""
    tail, other_tail = one.tail_at(start, length), other.tail_at(other_start, length)
    if tail is not None and other_tail is not None and tail.is_same(other_tail):
        return True
    in_memory = one.tail is None and other.tail is None
    step = length if in_memory else _CHUNK  # reading a tail makes a copy
    return all(
        _same_stretch(one, start + at, other, other_start + at, min(step, length - at))
        for at in range(0, length, step or 1)
    )


def _same_stretch(one: Slices, start: int, other: Slices, other_start: int, length: int) -> bool:
    left = one.between(start, start + length)
    right = other.between(other_start, other_start + length)
    if sum(map(len, left)) != length or sum(map(len, right)) != length:
        return False
    return are_same(left, right)


def are_same(left: list[memoryview], right: list[memoryview]) -> bool:
    """Whether both hold the same bytes, cut at whatever places; both lists are used up."""
    while left and right:
        size = min(len(left[0]), len(right[0]))
        if not _same(left[0][:size], right[0][:size]):
            return False
        left[0], right[0] = left[0][size:], right[0][size:]
        left = left if len(left[0]) else left[1:]
        right = right if len(right[0]) else right[1:]
    return not left and not right


def _same(one: memoryview, other: memoryview) -> bool:
    if len(one) <= _SHORT:
        return bytes(one) == bytes(other)
    left, right = np.frombuffer(one, np.uint8), np.frombuffer(other, np.uint8)
    if left.__array_interface__["data"][0] == right.__array_interface__["data"][0]:
        return True
    return all(
        np.array_equal(left[at : at + _CHUNK], right[at : at + _CHUNK]) for at in range(0, len(left), _CHUNK)
    )


def same_words(one: Slices, start: int, other: Slices, other_start: int, length: int, size: int) -> bool:
    """Whether `length` bytes are equal as words of `size` bytes, big endian in `one` and little in `other`."""
    for at in range(0, length, _CHUNK):
        count = min(_CHUNK, length - at)
        left = b"".join(one.between(start + at, start + at + count))
        right = b"".join(other.between(other_start + at, other_start + at + count))
        if len(left) != count or swapped(left, size) != right:
            return False
    return True


def swapped(value: bytes, size: int) -> bytes:
    """Return `value` with the bytes of each word swapped; unchanged where it is no whole number of words."""
    if size == 1 or len(value) % size:
        return value
    return np.frombuffer(value, np.dtype(f">u{size}")).astype(f"<u{size}").tobytes()
