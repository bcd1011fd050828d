"""Images that are damaged, or claim what they do not hold: a reason, never another error and never an endless run."""

from __future__ import annotations

import struct
from collections.abc import Mapping

import imagecodecs
import numpy as np
import pytest

from orthanc_deid.deid.pixels.blanking.image import FrameBlanker, blanked_native, by_frame
from orthanc_deid.deid.pixels.codecs.by_syntax import CODECS
from orthanc_deid.deid.pixels.codecs.codestream_header import jpeg_xl_size
from orthanc_deid.deid.pixels.fill import Fill
from orthanc_deid.deid.pixels.image_shape import ImageShape
from orthanc_deid.deid.pixels.native_samples import NativeLayout
from orthanc_deid.dicom import tags
from orthanc_deid.dicom.sample_changes import SampleChange
from orthanc_deid.errors import RefusedError
from support.data.frames_by_syntax import (
    BASELINE,
    DEFLATED,
    EXTENDED,
    HT_REVERSIBLE,
    J2K_REVERSIBLE,
    LOSSLESS,
    LS,
    NATIVE,
    RLE,
    XL_LOSSLESS,
    encoded,
    lossy_jpeg,
    picture,
    shape_of,
)

REGIONS = {0: [(range(3, 17), range(5, 60))]}
SYNTAXES = (RLE, BASELINE, EXTENDED, LOSSLESS, LS, J2K_REVERSIBLE, HT_REVERSIBLE, DEFLATED, NATIVE)
VALUES = {
    tags.ROWS: ("90",),
    tags.COLUMNS: ("118",),
    tags.BITS_ALLOCATED: ("16",),
    tags.BITS_STORED: ("12",),
    tags.HIGH_BIT: ("11",),
    tags.PHOTOMETRIC_INTERPRETATION: ("MONOCHROME2",),
}


def outcome(frame: bytes, syntax: str, shape: ImageShape) -> bytes | None:
    """Return the new frame, None where it is refused."""
    try:
        return FrameBlanker(syntax, shape, REGIONS, Fill(shape))(0, frame)
    except RefusedError:
        return None


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_a_frame_that_is_cut_off_or_damaged_never_ends_in_another_error(syntax: str) -> None:
    bits = 12 if syntax == EXTENDED else 8
    like = picture(bits)
    frame, shape = encoded(like, bits, syntax), shape_of(like, bits)
    chance = np.random.default_rng(5)
    for length in (0, 1, 2, 20, len(frame) // 4, len(frame) // 2):
        outcome(frame[:length], syntax, shape)
    for _ in range(60):
        damaged = bytearray(frame)
        for at in chance.integers(0, len(frame), 3):
            damaged[at] = int(chance.integers(0, 256))
        outcome(bytes(damaged), syntax, shape)


@pytest.mark.parametrize("syntax", [BASELINE, EXTENDED])
def test_a_lossy_frame_whose_data_ends_early_or_late_is_refused(syntax: str) -> None:
    bits = 12 if syntax == EXTENDED else 8
    frame, shape = encoded(picture(bits), bits, syntax), shape_of(picture(bits), bits)
    assert outcome(frame, syntax, shape) is not None
    assert outcome(frame[: len(frame) // 2] + b"\xff\xd9", syntax, shape) is None
    restarts = lossy_jpeg(picture(), restart_marker_blocks=5)
    at = restarts.index(b"\xff\xd3")
    assert outcome(restarts[:at] + restarts[at + 2 :], BASELINE, shape_of(picture(), 8)) is None


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("change", [{"rows": 91}, {"columns": 60}, {"samples": 3, "photometric": "RGB"}])
def test_a_frame_of_another_size_than_its_attributes_is_refused(
    syntax: str, change: Mapping[str, object]
) -> None:
    bits = 12 if syntax == EXTENDED else 8
    like = picture(bits)
    values = {name: getattr(shape_of(like, bits), name) for name in ImageShape.__slots__} | dict(change)
    frame = encoded(like, bits, syntax)
    if syntax == NATIVE and change == {"columns": 60}:
        return  # more bytes than samples: those behind are no part of the frame
    assert outcome(frame, syntax, ImageShape(**values)) is None


def test_a_codestream_that_claims_to_be_huge_is_refused_before_it_is_decoded() -> None:
    frame = encoded(picture(), 8, J2K_REVERSIBLE)
    at = frame.index(b"\xff\x51") + 6
    huge = frame[:at] + struct.pack(">II", 60000, 60000) + frame[at + 8 :]
    shape = ImageShape.of(VALUES | {tags.ROWS: ("60000",), tags.COLUMNS: ("60000",)})
    assert outcome(huge, J2K_REVERSIBLE, shape) is None
    assert outcome(huge, J2K_REVERSIBLE, shape_of(picture(), 8)) is None
    for syntax in SYNTAXES:
        assert outcome(encoded(picture(), 8, BASELINE), syntax, shape) is None


@pytest.mark.parametrize(
    "values",
    [
        {tags.ROWS: ("0",)},
        {tags.ROWS: ()},
        {tags.COLUMNS: ("70000",)},
        {tags.BITS_ALLOCATED: ("7",)},
        {tags.BITS_STORED: ("17",)},
        {tags.HIGH_BIT: ("3",)},
        {tags.SAMPLES_PER_PIXEL: ("2",)},
        {tags.SAMPLES_PER_PIXEL: ("abc",)},
        {tags.NUMBER_OF_FRAMES: ("0",)},
        {tags.NUMBER_OF_FRAMES: ("99999999999",)},
        {tags.NUMBER_OF_FRAMES: ("-1",)},
    ],
    ids=str,
)
def test_attributes_of_no_image_are_refused(values: Mapping[int, tuple[str, ...]]) -> None:
    assert ImageShape.of(VALUES).stored == 12
    with pytest.raises(RefusedError, match="pixels cannot be cleaned"):
        ImageShape.of({**VALUES, **values})


def test_native_samples_that_are_fewer_than_stated_are_refused() -> None:
    image = ImageShape.of(VALUES)
    assert NativeLayout.of(image, 90 * 118 * 2).frame_bits == 90 * 118 * 16
    for shape, length in (
        (image, 90 * 118 * 2 - 1),
        (ImageShape.of({**VALUES, tags.NUMBER_OF_FRAMES: ("1000000",)}), 90 * 118 * 2),
        (ImageShape.of({**VALUES, tags.ROWS: ("60000",), tags.COLUMNS: ("60000",)}), 90 * 118 * 2),
    ):
        with pytest.raises(RefusedError, match="fewer samples"):
            blanked_native(bytes(length), (0, length), shape, {}, Fill(shape))


@pytest.mark.parametrize(
    "region",
    [
        SampleChange(1, range(8), range(8)),
        SampleChange(-1, range(8), range(8)),
        SampleChange(0, range(60, 91), range(8)),
        SampleChange(0, range(8), range(-1, 8)),
        SampleChange(0, range(0, 8, 2), range(8)),
        SampleChange(0, range(8, 8), range(8)),
    ],
)
def test_a_region_outside_of_the_image_is_refused(region: SampleChange) -> None:
    with pytest.raises(RefusedError, match="region outside"):
        by_frame([region], ImageShape.of(VALUES))


@pytest.mark.parametrize("size", [(8, 8), (64, 96), (90, 118), (1, 513), (300, 400), (2000, 1000), (9, 5000)])
@pytest.mark.parametrize("container", [False, True])
def test_the_size_of_jpeg_xl_is_read_before_it_is_decoded(size: tuple[int, int], container: bool) -> None:
    frame = bytes(imagecodecs.jpegxl_encode(np.zeros(size, np.uint8), lossless=True, usecontainer=container))
    assert jpeg_xl_size(frame) == size
    with pytest.raises(RefusedError):
        CODECS[XL_LOSSLESS].decode(frame, shape_of(np.zeros((91, 117), np.uint8), 8))
    with pytest.raises(RefusedError):
        jpeg_xl_size(b"\0" + frame[2:10])


def test_jpeg_xl_is_decoded_to_be_looked_at() -> None:
    like = picture(12)
    found = CODECS[XL_LOSSLESS].decode(encoded(like, 12, XL_LOSSLESS), shape_of(like, 12))
    assert np.array_equal(np.asarray(found).reshape(like.shape), like)
