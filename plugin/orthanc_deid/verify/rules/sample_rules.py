"""Samples of images, overlays and waveforms: where they may stand, and how many bytes they take.

Written from `profile/RULES.md`, "Samples", PS3.5 section 8 and PS3.3 sections C.7.6.3, C.9.2 and C.10.9.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Final

from orthanc_deid.dicom.tags import (
    BITS_ALLOCATED,
    COLUMNS,
    DOUBLE_FLOAT_PIXEL_DATA,
    FLOAT_PIXEL_DATA,
    NUMBER_OF_FRAMES,
    NUMBER_OF_WAVEFORM_CHANNELS,
    NUMBER_OF_WAVEFORM_SAMPLES,
    PHOTOMETRIC_INTERPRETATION,
    PIXEL_DATA,
    ROWS,
    SAMPLES_PER_PIXEL,
    WAVEFORM_BITS_ALLOCATED,
    WAVEFORM_DATA,
    WAVEFORM_SEQUENCE,
)
from orthanc_deid.standard.tables import TypeContext

IMAGE_SIZE_TAGS: Final = (
    ROWS,
    COLUMNS,
    BITS_ALLOCATED,
    SAMPLES_PER_PIXEL,
    NUMBER_OF_FRAMES,
    PHOTOMETRIC_INTERPRETATION,
)
"""The attributes that state how many bytes the samples of an image take."""

_IMAGES: Final = {PIXEL_DATA: 0, FLOAT_PIXEL_DATA: 4, DOUBLE_FLOAT_PIXEL_DATA: 8}  # and the bytes of a sample
_SUBSAMPLED: Final = ("YBR_FULL_422", "YBR_PARTIAL_422")
_OVERLAY, _CURVE, _AUDIO = (0x60, 0x3000), (0x50, 0x3000), (0x50, 0x200C)

Numbers = Mapping[int, str]
"""The first value, trimmed, of the attributes of one level."""


def is_samples(tag: int) -> bool:
    """Whether the attribute holds samples that have a length: of an image, an overlay or a waveform."""
    return tag in _IMAGES or tag == WAVEFORM_DATA or _repeated(tag) == _OVERLAY


def is_out_of_place(tag: int, types: TypeContext, path: tuple[int, ...]) -> bool:
    """Whether samples stand where the IOD names none; `path`: the sequences around them."""
    retired = _repeated(tag) in (_OVERLAY, _CURVE, _AUDIO)
    if not (retired or is_samples(tag)):
        return False
    given = types.type_of(tag)
    if given is not None and given != "3":
        return False
    if retired:
        return path != ()
    return given == "3" or path != ((WAVEFORM_SEQUENCE,) if tag == WAVEFORM_DATA else ())


def size_tags(tag: int) -> tuple[int, ...]:
    """Return the attributes beside the samples that state their number."""
    if tag in _IMAGES:
        return IMAGE_SIZE_TAGS
    if tag == WAVEFORM_DATA:
        return NUMBER_OF_WAVEFORM_CHANNELS, NUMBER_OF_WAVEFORM_SAMPLES, WAVEFORM_BITS_ALLOCATED
    return tuple(tag & 0xFFFF0000 | element for element in (0x10, 0x11, 0x15))


def length_of_samples(tag: int, numbers: Numbers, present: int) -> int:
    """Return the bytes of native samples by the attributes beside them, 0 where these state none.

    `present`: the bytes of the original's value.
    """
    if tag == WAVEFORM_DATA:
        return (prod(_count(numbers.get(each, "")) for each in size_tags(tag)) + 7) // 8
    if tag not in _IMAGES:
        height, width, planes = (_count(numbers.get(each, "")) for each in size_tags(tag))
        return (height * width * (planes or 1) + 7) // 8
    bits = _IMAGES[tag] * 8 or _count(numbers.get(BITS_ALLOCATED, ""))
    rows, columns = (_count(numbers.get(each, "")) for each in (ROWS, COLUMNS))
    samples = _count(numbers.get(SAMPLES_PER_PIXEL, "")) or 1
    one = rows * columns * samples * bits
    stated = numbers.get(NUMBER_OF_FRAMES, "")
    if not one:
        return 0
    frames = _count(stated) or (max(1, present * 8 // one) if stated else 1)
    whole = (one * frames + 7) // 8
    if samples == 3 and numbers.get(PHOTOMETRIC_INTERPRETATION) in _SUBSAMPLED:
        pairs = (columns + 1) // 2  # two luminances and two chrominances for each pair of pixels
        if present != whole + whole % 2:
            return (rows * pairs * 4 * bits * frames + 7) // 8
    return whole


def _repeated(tag: int) -> tuple[int, int]:
    """Return the first byte of the group and the element of a repeating group's attribute; of others zeros."""
    group, element = tag >> 16, tag & 0xFFFF
    return (group >> 8, element) if group >> 8 in (0x50, 0x60) and not group & 1 else (0, 0)


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else 0
