"""Changes of samples that the engine claims: checked and never trusted; no profile permits one today."""

from __future__ import annotations

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian

from orthanc_deid.dicom.sample_changes import SampleChange
from orthanc_deid.dicom.slices import Slices
from orthanc_deid.errors import VerificationError
from orthanc_deid.profile.load import load_profile
from orthanc_deid.profile.verify_depth import VerifyDepth
from orthanc_deid.verify.audit.claimed_samples import check_claims
from orthanc_deid.verify.findings import Findings
from orthanc_deid.verify.reading.instance import open_instance
from orthanc_deid.verify.verifier import Verifier
from support.data.hand_made import (
    JPEG,
    KEY,
    by_hand,
    compressed,
    encoded,
    from_big_endian,
    jpeg_frame,
    original,
    output,
)

BASIC = load_profile("basic")
NOT_PERMITTED = "claimed changes of samples: not permitted by the profile (7FE0,0010)"
CHANGED = "attributes that no row names: not kept as it was (7FE0,0010)"
DEPTHS: tuple[VerifyDepth, ...] = ("full", "fast")
REGION = SampleChange(0, range(8, 16), range(32, 64))


def findings(
    ds: Dataset, made: Dataset, *claims: SampleChange, depth: VerifyDepth = "full"
) -> tuple[str, ...]:
    try:
        Verifier(BASIC, KEY, depth).check(encoded(ds), output(made), claims)
    except VerificationError as error:
        return error.findings
    return ()


def with_sample(made: Dataset, row: int, column: int, frame: int = 0) -> Dataset:
    """Return the output with another sample at one pixel of 64 x 64 of two bytes."""
    at = ((frame * 64 + row) * 64 + column) * 2
    made.PixelData = made.PixelData[:at] + bytes([made.PixelData[at] ^ 1]) + made.PixelData[at + 1 :]
    return made


@pytest.mark.parametrize("depth", DEPTHS)
def test_every_claim_is_a_finding_because_no_profile_permits_one(depth: VerifyDepth) -> None:
    ds = original()
    assert findings(ds, by_hand(ds, BASIC), depth=depth) == ()
    assert findings(ds, by_hand(ds, BASIC), REGION, depth=depth) == (NOT_PERMITTED,)


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize(
    ("row", "column", "inside"),
    [
        (8, 32, True),
        (15, 63, True),
        (12, 40, True),
        (8, 31, False),
        (7, 32, False),
        (16, 32, False),
        (0, 0, False),
        (63, 63, False),
    ],
)
def test_samples_outside_the_claimed_region_must_be_those_of_the_original(
    row: int, column: int, inside: bool, depth: VerifyDepth
) -> None:
    ds = original()
    made = with_sample(by_hand(ds, BASIC), row, column)
    assert findings(ds, made, depth=depth) == (CHANGED,)
    found = findings(ds, made, REGION, depth=depth)
    assert found == ((NOT_PERMITTED,) if inside else (NOT_PERMITTED, CHANGED))


def test_so_must_those_of_the_other_frames_of_a_long_image() -> None:
    ds = original(PixelData=bytes(3 * 8192))
    claim = SampleChange(1, range(8, 16), range(32, 64))
    for frame in range(3):
        made = with_sample(by_hand(ds, BASIC), 10, 40, frame)
        ds.NumberOfFrames = made.NumberOfFrames = "3"
        assert findings(ds, made, claim) == ((NOT_PERMITTED,) if frame == 1 else (NOT_PERMITTED, CHANGED))
        del ds.NumberOfFrames


def test_overlapping_claims_cover_no_more_than_their_regions() -> None:
    ds = original()
    claims = (REGION, SampleChange(0, range(0, 12), range(0, 40)), REGION)
    assert findings(ds, with_sample(by_hand(ds, BASIC), 11, 39), *claims) == (NOT_PERMITTED,)
    assert findings(ds, with_sample(by_hand(ds, BASIC), 12, 31), *claims) == (NOT_PERMITTED, CHANGED)


def test_other_pixel_data_than_that_of_the_image_must_be_the_same() -> None:
    ds = original()
    whole = SampleChange(0, range(64), range(64))
    made = by_hand(ds, BASIC)
    made.PixelData += bytes(2)
    assert findings(ds, made, whole) == (NOT_PERMITTED, CHANGED)
    made = by_hand(ds, BASIC)
    made.Rows = 65
    assert "attributes that no row names: not kept as it was (0028,0010)" in findings(ds, made, whole)


@pytest.mark.parametrize(
    ("claim", "finding"),
    [
        (SampleChange(1, range(8), range(8)), "frame that the image has not"),
        (SampleChange(-1, range(8), range(8)), "frame that the image has not"),
        (SampleChange(0, range(60, 65), range(8)), "region outside the image"),
        (SampleChange(0, range(8), range(-1, 8)), "region outside the image"),
        (SampleChange(0, range(8), range(0, 8, 2)), "region outside the image"),
        (SampleChange(0, range(8, 8), range(8)), "region outside the image"),
    ],
)
def test_a_claim_that_is_not_in_the_image_is_a_finding_and_covers_nothing(
    claim: SampleChange, finding: str
) -> None:
    ds = original()
    finding = f"claimed changes of samples: {finding} (7FE0,0010)"
    assert findings(ds, by_hand(ds, BASIC), claim) == (NOT_PERMITTED, finding)
    assert findings(ds, with_sample(by_hand(ds, BASIC), 63, 0), claim) == (NOT_PERMITTED, finding, CHANGED)


def test_a_claim_on_samples_whose_place_is_not_known_is_a_finding() -> None:
    unknown = "claimed changes of samples: samples whose place is not known (7FE0,0010)"
    image = compressed(original(), jpeg_frame())
    big = original()
    for ds, syntax, made in (
        (image, JPEG, output(compressed(by_hand(image, BASIC), jpeg_frame()), JPEG)),
        (big, ExplicitVRBigEndian, output(from_big_endian(by_hand(big, BASIC)))),
        (
            original(BitsAllocated=12, Rows=128),
            None,
            output(by_hand(original(BitsAllocated=12, Rows=128), BASIC)),
        ),
        (original(Rows=65), None, output(by_hand(original(Rows=65), BASIC))),
    ):
        source = encoded(ds) if syntax is None else encoded(ds, syntax)
        with pytest.raises(VerificationError) as caught:
            Verifier(BASIC, KEY).check(source, made, (REGION,))
        assert caught.value.findings == (NOT_PERMITTED, unknown)


@pytest.mark.parametrize("planar", [0, 1])
def test_the_samples_of_a_colour_image_are_found_in_either_planar_configuration(planar: int) -> None:
    ds = original(SamplesPerPixel=3, BitsAllocated=8, Rows=4, Columns=5, PlanarConfiguration=planar)
    ds.NumberOfFrames, ds.PixelData = "2", bytes(120)
    found = Findings()
    claim = SampleChange(1, range(1, 3), range(2, 4))
    opened = open_instance(Slices([encoded(ds)]))
    claimed = check_claims((claim,), opened, permitted=True, findings=found)
    assert claimed is not None
    assert not found
    covered = {*range(120)}
    for start, length in claimed.unclaimed(120):
        covered -= {*range(start, start + length)}
    expected = {
        60 + (plane * 20 + row * 5 + column if planar else (row * 5 + column) * 3 + plane)
        for row in claim.rows
        for column in claim.columns
        for plane in range(3)
    }
    assert covered == expected


def test_where_nothing_is_claimed_no_sample_may_differ() -> None:
    found = Findings()
    opened = open_instance(Slices([encoded(original())]))
    assert check_claims((), opened, permitted=True, findings=found) is None
    assert not found
