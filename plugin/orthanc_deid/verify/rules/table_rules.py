"""Lookup tables: whether an instance displays anything by them, and the bytes that their descriptors allow.

Written from RULES.md, "Numbers in binary", and PS3.3 sections C.7.6.3.1.5 and C.7.9.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from orthanc_deid.dicom.tags import (
    LUT_DATA,
    LUT_DESCRIPTOR,
    RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
    SEGMENTED_RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
)

_RED, _RED_SEGMENTED = RED_PALETTE_COLOR_LOOKUP_TABLE_DATA, SEGMENTED_RED_PALETTE_COLOR_LOOKUP_TABLE_DATA
_SEGMENTED: Final = range(_RED_SEGMENTED, _RED_SEGMENTED + 4)
_LARGE: Final = range(0x00281211, 0x00281214)
_COLOURS: Final = (
    range(_RED, _RED + 4),
    _LARGE,
    _SEGMENTED,
)


def is_palette(tag: int) -> bool:
    """Whether the attribute holds the colours of a palette."""
    return any(tag in each for each in _COLOURS)


def has_use_for_palettes(photometric: str, presentation: str) -> bool:
    """Whether the Photometric Interpretation and Pixel Presentation of an instance leave a use for a palette."""
    by_palette = photometric.upper() in ("", "PALETTE COLOR", "ARGB", "HSV")
    return by_palette or presentation.upper() not in ("", "MONOCHROME", "TRUE_COLOR")


def descriptor_of(tag: int) -> int | None:
    """Return the attribute that describes a table; None for one that has no such bound."""
    if tag == LUT_DATA:
        return LUT_DESCRIPTOR
    return 0x00281100 | tag & 0xF if is_palette(tag) and tag not in _LARGE else None


def described(tag: int, descriptor: Sequence[int], table: bytes) -> bytes | None:
    """Return the part of a table that its descriptor describes; None where it is no descriptor."""
    if len(descriptor) < 3:
        return None
    entries, bits = descriptor[0] % 65536 or 65536, descriptor[2]
    if tag in _SEGMENTED:
        return table[: _end_of_segments(table, entries, 8 if bits <= 8 else 16)]
    if bits > 8 or len(table) >= 2 * entries:
        return table[: 2 * entries]
    return table[: entries + entries % 2]


def _end_of_segments(table: bytes, entries: int, bits: int) -> int:
    size = bits // 8
    units = [int.from_bytes(table[at : at + size], "little") for at in range(0, len(table) - size + 1, size)]
    position = total = 0
    while total < entries and position + 2 < len(units):
        kind, number = units[position], units[position + 1]
        after = position + {0: 2 + number, 1: 3, 2: 2 + 4 // size}.get(kind, 0)
        if after == position or not number or after > len(units):
            return len(table)
        if kind == 2:
            start = int.from_bytes(table[(position + 2) * size : after * size], "little") // size
            number = _copied(units, start, position, number)
        total += number
        position = after
    end = position * size
    return end + end % 2


def _copied(units: Sequence[int], start: int, before: int, segments: int) -> int:
    """Return the entries of `segments` segments from `start` on that stand before the unit `before`; at least 1."""
    total = 0
    for _ in range(segments):
        if start + 1 >= before or units[start] > 1 or not units[start + 1]:
            break
        total += units[start + 1]
        start += 3 if units[start] == 1 else 2 + units[start + 1]
    return max(1, total)
