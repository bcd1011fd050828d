"""Lookup tables: their use in an instance, and their bytes by their descriptors (PS3.3 C.7.6.3.1.5, C.7.9.2)."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Final

from orthanc_deid.dicom.tags import (
    LUT_DATA,
    LUT_DESCRIPTOR,
    PHOTOMETRIC_INTERPRETATION,
    PIXEL_PRESENTATION,
    RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
    RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
    SEGMENTED_RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
)

_FIRST, _DATA, _SEGMENTS = (
    RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
    RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
    SEGMENTED_RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
)
_PALETTES: Final = {_DATA + colour: _FIRST + colour for colour in range(4)}
_SEGMENTED: Final = {_SEGMENTS + colour: _FIRST + colour for colour in range(4)}
DESCRIPTORS: Final = _PALETTES | _SEGMENTED | {LUT_DATA: LUT_DESCRIPTOR}
"""The attribute beside each table that states how many entries of how many bits it has."""
PALETTES: Final = frozenset((*_PALETTES, *_SEGMENTED, *range(0x00281211, 0x00281214)))
"""The attributes that hold the colours of a palette."""

_DISCRETE, _LINEAR, _INDIRECT = 0, 1, 2  # segments of a segmented palette (C.7.9.2.1 to C.7.9.2.3)
_WITH_PALETTE: Final = frozenset({"", "PALETTE COLOR", "ARGB", "HSV"})
_WITHOUT_COLOURS: Final = frozenset({"", "MONOCHROME", "TRUE_COLOR"})


def uses_palette(values: Mapping[int, tuple[str, ...]]) -> bool:
    """Whether the top-level values of an instance leave a use for a palette: no image, or one displayed by it."""
    photometric, presentation = (
        values.get(tag, ())[:1] or ("",) for tag in (PHOTOMETRIC_INTERPRETATION, PIXEL_PRESENTATION)
    )
    return photometric[0].upper() in _WITH_PALETTE or presentation[0].upper() not in _WITHOUT_COLOURS


def has_colours(values: Mapping[int, tuple[str, ...]]) -> bool:
    """Whether the top-level values of an instance describe an image in colours."""
    photometric = (values.get(PHOTOMETRIC_INTERPRETATION, ())[:1] or ("",))[0]
    return bool(photometric) and not photometric.upper().startswith("MONOCHROME")


def table_length(tag: int, descriptor: Sequence[str], table: bytes) -> int | None:
    """Return the bytes of a table that its descriptor describes; None where the descriptor is missing or no such."""
    try:
        entries, bits = int(descriptor[0]) & 0xFFFF or 0x10000, int(descriptor[2])
    except (IndexError, ValueError):
        return None
    if tag in _SEGMENTED:
        return _segments_length(table, entries, 1 if bits <= 8 else 2)
    words = entries * 2
    packed = entries + entries % 2
    return packed if bits <= 8 and len(table) < words else words


def _segments_length(table: bytes, entries: int, width: int) -> int:
    """Return the bytes of the segments that make up `entries`; those of all where they are no such segments."""
    count = len(table) // width
    numbers = struct.unpack(f"<{count}{'BH'[width - 1]}", table[: count * width])
    at = made = 0
    while made < entries and at + 2 < count:
        code, length = numbers[at], numbers[at + 1]
        size = {_DISCRETE: 2 + length, _LINEAR: 3, _INDIRECT: 2 + 4 // width}.get(code, 0)
        if not size or not length or at + size > count:
            return len(table)
        made += _indirect_entries(numbers, at, width) if code == _INDIRECT else length
        at += size
    return at * width + at * width % 2


def _indirect_entries(numbers: Sequence[int], at: int, width: int) -> int:
    """Return how many entries the segments make that an indirect segment copies; 1 where it copies none."""
    offset = sum(
        part << (8 * width * index) for index, part in enumerate(numbers[at + 2 : at + 2 + 4 // width])
    )
    place, made = offset // width, 0
    for _ in range(numbers[at + 1]):
        if place + 1 >= at or numbers[place] not in (_DISCRETE, _LINEAR) or not numbers[place + 1]:
            return max(1, made)
        made += numbers[place + 1]
        place += 2 + numbers[place + 1] if numbers[place] == _DISCRETE else 3
    return max(1, made)
