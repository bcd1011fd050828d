"""Frames of which the engine claims to have changed some regions, as other decoders than the engine's see them."""

from __future__ import annotations

from contextlib import suppress
from importlib.util import find_spec

import numpy as np
import pytest

from orthanc_deid.deid.pixels.blanking.image import FrameBlanker
from orthanc_deid.deid.pixels.fill import Fill
from orthanc_deid.dicom.sample_changes import SampleChange
from orthanc_deid.verify.pixels.claimed_frames import LEFT, OUTSIDE, ClaimedFrames
from orthanc_deid.verify.pixels.image_form import ImageForm
from orthanc_deid.verify.reading.element_headers import ParseError
from support.data.frames_by_syntax import (
    BASELINE,
    COLUMNS,
    DEFLATED,
    EXTENDED,
    HT,
    HT_REVERSIBLE,
    J2K,
    J2K_REVERSIBLE,
    LOSSLESS,
    LS,
    LS_NEAR,
    NATIVE,
    RLE,
    ROWS,
    XL_LOSSLESS,
    Picture,
    encoded,
    lossy_jpeg,
    picture,
    shape_of,
)

REGIONS = [(range(16, 32), range(24, 64)), (range(40, 57), range(3, 21))]
KINDS = [
    *(
        (syntax, 8, 1)
        for syntax in (RLE, DEFLATED, NATIVE, LOSSLESS, LS, LS_NEAR, HT_REVERSIBLE, HT, BASELINE)
    ),
    *((syntax, 12, 1) for syntax in (RLE, DEFLATED, LOSSLESS, LS, HT_REVERSIBLE, EXTENDED)),
    *((syntax, 8, 3) for syntax in (RLE, NATIVE, LOSSLESS, LS, HT_REVERSIBLE, BASELINE)),
    *((J2K_REVERSIBLE, 8, 1), (J2K_REVERSIBLE, 12, 1), (J2K_REVERSIBLE, 8, 3), (J2K, 8, 1)),
]
HAS_FFMPEG = find_spec("av") is not None


def form_of(like: Picture) -> ImageForm:
    rows, columns, *samples = like.shape
    return ImageForm(rows, columns, samples[0] if samples else 1, 8 * like.dtype.itemsize, False, "", 1)


def written_over(frame: bytes, like: Picture, bits: int, syntax: str) -> tuple[bytes, list[SampleChange]]:
    """Return the frame as the engine writes it, and its claims."""
    photometric = "MONOCHROME2" if like.ndim == 2 else "YBR_FULL_422" if syntax == BASELINE else "RGB"
    shape = shape_of(like, bits, photometric)
    blanker = FrameBlanker(syntax, shape, {0: REGIONS}, Fill(shape))
    new = blanker(0, frame)
    assert new is not None
    return new, blanker.claims


def faults(like: Picture, syntax: str, before: bytes, after: bytes, claims: list[SampleChange]) -> set[str]:
    if syntax in (J2K, J2K_REVERSIBLE) and not HAS_FFMPEG:
        pytest.skip("no second decoder of JPEG 2000 is installed")
    return set(ClaimedFrames(form_of(like), claims).compressed(0, before, after, syntax))


@pytest.mark.parametrize(("syntax", "bits", "samples"), KINDS)
def test_what_the_engine_writes_is_accepted_and_no_other_claim_of_it(
    syntax: str, bits: int, samples: int
) -> None:
    like = picture(bits, samples)
    frame = encoded(like, bits, syntax)
    new, claims = written_over(frame, like, bits, syntax)
    assert faults(like, syntax, frame, new, claims) == set()
    moved = [SampleChange(0, range(each.rows.start + 8, each.rows.stop + 8), each.columns) for each in claims]
    assert faults(like, syntax, frame, new, moved) == {OUTSIDE, LEFT}
    assert faults(like, syntax, frame, new, claims[:1]) == {OUTSIDE}
    assert faults(like, syntax, frame, frame, claims) == {LEFT}


@pytest.mark.parametrize(("syntax", "bits", "samples"), KINDS)
def test_one_sample_that_differs_outside_of_the_regions_is_found(
    syntax: str, bits: int, samples: int
) -> None:
    if syntax in (BASELINE, EXTENDED, LS_NEAR, J2K, HT):
        pytest.skip("a lossy encoder changes more than one sample")
    like = picture(bits, samples)
    frame = encoded(like, bits, syntax)
    other = like.copy()
    for rows, columns in REGIONS:
        other[rows.start : rows.stop, columns.start : columns.stop] = 0
    claims = [SampleChange(0, *region) for region in REGIONS]
    assert faults(like, syntax, frame, encoded(other, bits, syntax), claims) == set()
    for row, column in ((0, 0), (15, 24), (32, 40), (ROWS - 1, COLUMNS - 1)):
        wrong = other.copy()
        wrong[row, column] ^= 1
        assert faults(like, syntax, frame, encoded(wrong, bits, syntax), claims) == {OUTSIDE}
    wrong = other.copy()
    wrong[31, 63] = 1
    assert faults(like, syntax, frame, encoded(wrong, bits, syntax), claims) == {LEFT}


def test_a_lossy_frame_that_is_encoded_again_is_found() -> None:
    like = picture()
    frame = encoded(like, 8, BASELINE)
    other = like.copy()
    for rows, columns in REGIONS:
        other[rows.start : rows.stop, columns.start : columns.stop] = 0
    claims = written_over(frame, like, 8, BASELINE)[1]
    assert OUTSIDE in faults(like, BASELINE, frame, lossy_jpeg(other, 92), claims)


@pytest.mark.parametrize("subsampling", ["4:2:2", "4:2:0"])
def test_halved_colours_spread_two_pixels_and_no_farther(subsampling: str) -> None:
    like = picture(8, 3)
    frame = lossy_jpeg(like, subsampling=subsampling)
    new, claims = written_over(frame, like, 8, BASELINE)
    assert faults(like, BASELINE, frame, new, claims) == set()
    smaller = [SampleChange(0, range(each.rows.start + 2, each.rows.stop), each.columns) for each in claims]
    assert OUTSIDE in faults(like, BASELINE, frame, new, smaller)


@pytest.mark.parametrize("syntax", [LOSSLESS, LS, HT_REVERSIBLE])
def test_a_frame_of_another_depth_or_size_is_found(syntax: str) -> None:
    like = picture(12)
    frame = encoded(like, 12, syntax)
    claims = [SampleChange(0, range(ROWS), range(COLUMNS))]
    blank = np.zeros_like(like)
    if syntax != HT_REVERSIBLE:  # whose encoder always states 16 bits
        found = faults(like, syntax, frame, encoded(blank, 16, syntax), claims)
        assert found == {"frame of another size or depth"}
    found = faults(like, syntax, frame, encoded(blank[:-1], 12, syntax), claims)
    assert found == {"frame of another size or depth"}


def test_what_nobody_else_can_decode_is_no_result() -> None:
    like = picture()
    frame = encoded(like, 8, XL_LOSSLESS)
    claims = [SampleChange(0, *REGIONS[0])]
    with pytest.raises(ParseError, match=r"second decoder|header"):
        faults(like, XL_LOSSLESS, frame, frame, claims)


@pytest.mark.parametrize("syntax", [RLE, DEFLATED, NATIVE, BASELINE, LOSSLESS, LS])
def test_damaged_frames_are_parse_errors_or_findings(syntax: str) -> None:
    like = picture()
    frame = encoded(like, 8, syntax)
    new, claims = written_over(frame, like, 8, syntax)
    chance = np.random.default_rng(3)
    for _ in range(40):
        damaged = bytearray(new)
        for at in chance.integers(0, len(new), 3):
            damaged[at] = int(chance.integers(0, 256))
        for one, other in ((bytes(damaged), new), (frame, bytes(damaged)), (frame, new[: len(new) // 2])):
            with suppress(ParseError):
                faults(like, syntax, one, other, claims)
