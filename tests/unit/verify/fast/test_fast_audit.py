"""The fast depth: outputs that pass, faults that it finds, and files that it leaves to the full depth."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

from orthanc_deid.dicom.slices import Slices
from orthanc_deid.errors import VerificationError
from orthanc_deid.profile.action import Action
from orthanc_deid.profile.condition_model import Condition
from orthanc_deid.profile.load import load_profile
from orthanc_deid.profile.model import AttributeRule, Profile
from orthanc_deid.verify.verifier import Verifier, verify
from support.data.hand_made import (
    INSTANCE,
    JPEG,
    KEY,
    STUDY,
    bare,
    by_hand,
    compressed,
    encoded,
    from_big_endian,
    jpeg_frame,
    original,
    output,
    patient_id,
)

BASIC = load_profile("basic")
NEUTRAL = load_profile("neutral")


def fast(source: bytes, made: Slices, profile: Profile = BASIC) -> str:
    """Return the findings of the fast depth, empty if the output passes."""
    try:
        verify(source, made, profile, KEY, "fast")
    except VerificationError as error:
        return "\n".join(error.findings)
    return ""


@pytest.mark.parametrize("profile", [BASIC, NEUTRAL], ids=lambda profile: profile.name)
@pytest.mark.parametrize(
    "syntax", ["1.2.840.10008.1.2.1", ImplicitVRLittleEndian], ids=["explicit", "implicit"]
)
def test_the_fast_depth_passes_what_is_right(profile: Profile, syntax: str) -> None:
    ds = original()
    passed = verify(encoded(ds, syntax), output(by_hand(ds, profile), syntax), profile, KEY, "fast")
    assert passed.patient_id == patient_id(ds, profile)
    assert passed.codes == ("113100",)


@pytest.mark.parametrize("syntax", [ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian])
def test_what_the_walker_cannot_read_is_checked_in_full(syntax: str) -> None:
    ds = original()
    made = by_hand(ds, BASIC)
    right = from_big_endian(made) if syntax == ExplicitVRBigEndian else made
    assert fast(encoded(ds, syntax), output(right)) == ""
    wrong = by_hand(ds, BASIC)
    wrong.KVP = "1"  # only the full depth compares kept values
    assert "not kept as it was (0018,0060)" in fast(encoded(ds, syntax), output(wrong))
    assert "not kept as it was (0018,0060)" in fast(bare(ds, implicit=False), output(wrong))


@pytest.mark.parametrize(
    ("keyword", "value", "finding"),
    [
        ("PatientName", "Wexler^Ottilie", "(0010,0010)"),
        ("PatientID", "PAT-55012", "(0010,0020)"),
        ("AccessionNumber", "ACC-90210", "no empty value (0008,0050)"),
        ("StudyInstanceUID", STUDY, "no keyed UID value (0020,000D)"),
        ("InstitutionName", "Kestrelmoor", "not removed (0008,0080)"),
        ("PatientIdentityRemoved", "NO", "stamps: wrong value (0012,0062)"),
        ("PixelData", bytes(8192), "not kept as it was (7FE0,0010)"),
        ("PixelData", bytes(8190), "not kept as it was (7FE0,0010)"),
    ],
)
def test_the_fast_depth_finds_what_identifies(keyword: str, value: object, finding: str) -> None:
    ds = original()
    made = by_hand(ds, BASIC)
    setattr(made, keyword, value)
    assert finding in fast(encoded(ds), output(made))


def test_the_fast_depth_searches_at_every_depth() -> None:
    ds = original()
    ds.AnatomicRegionSequence[0].CodeMeaning = "Wexler's thorax"
    assert "person found (0008,2218)[0].(0008,0104)" in fast(encoded(ds), output(by_hand(ds, BASIC)))
    ds.AnatomicRegionSequence[0].CodeMeaning = INSTANCE
    assert "a UID of the original is left" in fast(encoded(ds), output(by_hand(ds, BASIC)))
    made = by_hand(ds, BASIC)
    made.AnatomicRegionSequence[0].PatientName = "Else^Somebody"
    assert "no empty value (0008,2218)[0].(0010,0010)" in fast(encoded(ds), output(made))
    del made.AnatomicRegionSequence
    made.RequestAttributesSequence = ds.RequestAttributesSequence
    assert "sequence not gone (0040,0275)" in fast(encoded(ds), output(made))


def test_the_fast_depth_finds_private_elements_dates_and_jpeg_comments() -> None:
    ds = compressed(original(), jpeg_frame(b"for Wexler"))
    made = by_hand(ds, NEUTRAL)
    made.private_block(0x0019, "ACME PRIVATE", create=True).add_new(0x10, "LO", "x")
    made.StudyDate = "20190315"
    found = fast(encoded(ds, JPEG), output(made, JPEG), NEUTRAL)
    assert "private attributes: not removed (0019,1010)" in found
    assert "no changed date value (0008,0020)" in found
    assert "bytes that decoding does not need (7FE0,0010)" in found


def test_the_fast_depth_knows_the_profiles_conditions() -> None:
    rule = AttributeRule(
        attribute="ManufacturerModelName",
        action=Action.X,
        when=(Condition(attribute="Modality", equals="CT"),),
    )
    profile = Profile(name="conditional", attributes=(rule,), verify="fast")
    ds = original()
    made = by_hand(ds, profile)
    verifier = Verifier(profile, KEY)
    with pytest.raises(VerificationError, match=r"ManufacturerModelName: not removed \(0008,1090\)"):
        verifier.check(encoded(ds), output(made))
    del made.ManufacturerModelName
    assert verifier.check(encoded(ds), output(made)).patient_id


def test_both_depths_agree_on_hand_made_faults() -> None:
    faults: list[Callable[[Dataset], None]] = [
        lambda made: setattr(made, "StudyID", "ST-31337"),
        lambda made: setattr(made, "ReferringPhysicianName", "Quillfeather^Abelard"),
        lambda made: setattr(made, "DeidentificationMethod", "none"),
    ]
    for fault in faults:
        ds = original()
        made = by_hand(ds, BASIC)
        fault(made)
        assert fast(encoded(ds), output(made))
        with pytest.raises(VerificationError):
            verify(encoded(ds), output(made), BASIC, KEY)
