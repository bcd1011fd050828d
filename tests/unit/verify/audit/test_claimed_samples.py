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
OTHER_NUMBER = "changed pixels: another number of samples (7FE0,0010)"
OUTSIDE = "changed pixels: samples changed outside of the claimed regions (7FE0,0010)"
LEFT = "changed pixels: claimed region that is not of one value (7FE0,0010)"
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


def written_over(made: Dataset, *claims: SampleChange) -> Dataset:
    """Return the output with zeros in the claimed regions of 64 x 64 pixels of two bytes."""
    samples = bytearray(made.PixelData)
    for claim in claims:
        for row in claim.rows:
            first = ((claim.frame * 64 + row) * 64 + claim.columns.start) * 2
            samples[first : first + 2 * len(claim.columns)] = bytes(2 * len(claim.columns))
    made.PixelData = bytes(samples)
    return made


@pytest.mark.parametrize("depth", DEPTHS)
def test_every_claim_is_a_finding_because_no_profile_permits_one(depth: VerifyDepth) -> None:
    ds = original()
    assert findings(ds, by_hand(ds, BASIC), depth=depth) == ()
    made = written_over(by_hand(ds, BASIC), REGION)
    assert findings(ds, made, REGION, depth=depth) == (NOT_PERMITTED,)


def test_a_region_must_be_of_one_value() -> None:
    ds = original()
    assert findings(ds, by_hand(ds, BASIC), REGION) == (NOT_PERMITTED, LEFT)
    made = with_sample(written_over(by_hand(ds, BASIC), REGION), 12, 40)
    assert findings(ds, made, REGION) == (NOT_PERMITTED, LEFT)


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
    assert findings(ds, with_sample(by_hand(ds, BASIC), row, column), depth=depth) == (CHANGED,)
    made = with_sample(written_over(by_hand(ds, BASIC), REGION), row, column)
    assert findings(ds, made, REGION, depth=depth) == (NOT_PERMITTED, LEFT if inside else OUTSIDE)


def test_so_must_those_of_the_other_frames_of_a_long_image() -> None:
    ds = original(PixelData=bytes(3 * 8192))
    claim = SampleChange(1, range(8, 16), range(32, 64))
    for frame in range(3):
        made = with_sample(by_hand(ds, BASIC), 10, 40, frame)
        ds.NumberOfFrames = made.NumberOfFrames = "3"
        assert findings(ds, made, claim) == (NOT_PERMITTED, LEFT if frame == 1 else OUTSIDE)
        del ds.NumberOfFrames


def test_overlapping_claims_cover_no_more_than_their_regions() -> None:
    ds = original()
    claims = (REGION, SampleChange(0, range(0, 12), range(0, 40)), REGION)
    made = written_over(by_hand(ds, BASIC), *claims)
    assert findings(ds, made, *claims) == (NOT_PERMITTED,)
    assert findings(ds, with_sample(made, 12, 31), *claims) == (NOT_PERMITTED, OUTSIDE)


def test_other_pixel_data_than_that_of_the_image_must_be_the_same() -> None:
    ds = original()
    whole = SampleChange(0, range(64), range(64))
    made = by_hand(ds, BASIC)
    made.PixelData += bytes(2)
    assert findings(ds, made, whole) == (NOT_PERMITTED, OTHER_NUMBER)
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
    assert findings(ds, with_sample(by_hand(ds, BASIC), 63, 0), claim) == (NOT_PERMITTED, finding, OUTSIDE)


def test_a_claim_on_samples_whose_place_is_not_known_is_a_finding() -> None:
    unknown = "claimed changes of samples: samples whose place is not known (7FE0,0010)"
    ds = original(Rows=65)
    assert findings(ds, by_hand(ds, BASIC), REGION) == (NOT_PERMITTED, unknown)


def test_samples_of_another_byte_order_are_compared() -> None:
    big = original()
    made = written_over(from_big_endian(by_hand(big, BASIC)), REGION)
    for row, column, found in ((12, 40, LEFT), (12, 31, OUTSIDE), (0, 0, OUTSIDE)):
        wrong = with_sample(from_big_endian(by_hand(big, BASIC)), row, column)
        wrong = (
            with_sample(written_over(wrong, REGION), row, column)
            if found == LEFT
            else written_over(wrong, REGION)
        )
        with pytest.raises(VerificationError) as caught:
            Verifier(BASIC, KEY).check(encoded(big, ExplicitVRBigEndian), output(wrong), (REGION,))
        assert caught.value.findings == (NOT_PERMITTED, found)
    with pytest.raises(VerificationError) as caught:
        Verifier(BASIC, KEY).check(encoded(big, ExplicitVRBigEndian), output(made), (REGION,))
    assert caught.value.findings == (NOT_PERMITTED,)


def test_a_compressed_frame_with_a_claim_must_be_decodable() -> None:
    image = compressed(original(), jpeg_frame())
    made = output(compressed(by_hand(image, BASIC), jpeg_frame()), JPEG)
    with pytest.raises(VerificationError, match="changed pixels: a frame"):
        Verifier(BASIC, KEY).check(encoded(image, JPEG), made, (REGION,))


def test_where_nothing_is_claimed_no_sample_may_differ() -> None:
    found = Findings()
    opened = open_instance(Slices([encoded(original())]))
    assert check_claims((), opened, permitted=True, findings=found) is None
    assert not found
