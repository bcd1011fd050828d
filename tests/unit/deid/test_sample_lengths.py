"""The bytes that samples take by the attributes that describe them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from orthanc_deid.deid.sample_lengths import samples_length
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
)
from orthanc_deid.verify.rules.sample_rules import length_of_samples

ENOUGH = 1 << 20


Values = Mapping[int, tuple[str, ...]]


def image(rows: int, columns: int, bits: int, **more: str) -> dict[int, tuple[str, ...]]:
    named = {"samples": SAMPLES_PER_PIXEL, "frames": NUMBER_OF_FRAMES, "colour": PHOTOMETRIC_INTERPRETATION}
    sized: dict[int, tuple[str, ...]] = {
        ROWS: (str(rows),),
        COLUMNS: (str(columns),),
        BITS_ALLOCATED: (str(bits),),
    }
    return sized | {named[name]: (value,) for name, value in more.items()}


def both(tag: int, values: Values, present: int = ENOUGH) -> int | None:
    """Return the length that engine and verifier find, which are written apart from each other."""
    found = samples_length(tag, values, present)
    assert length_of_samples(tag, {each: text[0] for each, text in values.items() if text}, present) == (
        found or 0
    )
    return found


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (image(5, 7, 8), 35),
        (image(5, 7, 16, frames="3"), 210),
        (image(5, 7, 16, samples="3", colour="RGB"), 210),
        (image(5, 7, 32), 140),
        (image(5, 7, 64), 280),
        (image(5, 7, 1, frames="3"), 14),  # 105 bits, frames not aligned to bytes
        (image(5, 7, 12), 53),  # packed
        (image(4, 6, 8, samples="3", colour="YBR_FULL_422"), 48),
        (image(4, 6, 8, samples="3", colour="YBR_PARTIAL_422", frames="2"), 96),
        (image(4, 6, 8, samples="3", colour="YBR_FULL"), 72),
        (image(4, 6, 8, frames=""), 24),
    ],
)
def test_an_image_takes_what_its_size_says(values: dict[int, tuple[str, ...]], expected: int) -> None:
    assert both(PIXEL_DATA, values) == expected


def test_floating_point_samples_have_their_own_width() -> None:
    assert both(FLOAT_PIXEL_DATA, image(3, 5, 16)) == 60
    assert both(DOUBLE_FLOAT_PIXEL_DATA, image(3, 5, 32, frames="2")) == 240


def test_colours_for_every_pixel_stay_where_the_value_has_just_their_length() -> None:
    values = image(4, 6, 8, samples="3", colour="YBR_FULL_422")
    assert both(PIXEL_DATA, values, 72) == 72
    assert both(PIXEL_DATA, values, 74) == 48


def test_frames_without_a_number_count_as_far_as_they_are_whole() -> None:
    assert both(PIXEL_DATA, image(4, 6, 8, frames="1A"), 80) == 72
    assert both(PIXEL_DATA, image(4, 6, 8, frames="0"), 80) == 72


def test_samples_that_nothing_describes_have_no_length() -> None:
    for missing in (ROWS, COLUMNS, BITS_ALLOCATED):
        assert both(PIXEL_DATA, {tag: each for tag, each in image(4, 6, 8).items() if tag != missing}) is None
    assert both(PIXEL_DATA, image(4, 6, 8) | {ROWS: ()}) is None
    assert both(WAVEFORM_DATA, {}) is None
    assert both(0x60003000, {}) is None


def test_waveforms_and_overlays_take_what_their_own_attributes_say() -> None:
    waveform = {
        NUMBER_OF_WAVEFORM_CHANNELS: ("3",),
        NUMBER_OF_WAVEFORM_SAMPLES: ("7",),
        WAVEFORM_BITS_ALLOCATED: ("16",),
    }
    assert both(WAVEFORM_DATA, waveform) == 42
    assert both(0x60023000, {0x60020010: ("5",), 0x60020011: ("7",)}) == 5
    assert both(0x60023000, {0x60020010: ("5",), 0x60020011: ("7",), 0x60020015: ("2",)}) == 9
