"""UIDs in texts: an instance's own are removed from kept texts, all from cleaned ones; the verifier checks it."""

from __future__ import annotations

import io

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from orthanc_deid.deid.engine import Deidentifier
from orthanc_deid.dicom.slices import Slices
from orthanc_deid.errors import VerificationError
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.profile.load import load_profile
from orthanc_deid.profile.verify_depth import VerifyDepth
from orthanc_deid.verify.verifier import verify
from support.data.hand_made import (
    FRAME,
    INSTANCE,
    JPEG,
    KEY,
    SERIES,
    STUDY,
    bare,
    by_hand,
    compressed,
    encoded,
    jpeg_frame,
    original,
    output,
)
from support.data.profiles import profile

DEPTHS = pytest.mark.parametrize("depth", ["full", "fast"])
BASIC = CompiledProfile(load_profile("basic"))
RESEARCH = CompiledProfile(load_profile("research"))
STRANGER = "1.2.826.0.1.3680043.9.8888.5"
REFERENCED = "2.25.329800735698586629295641978511506172918"
GONE = "1.2.826.0.1.3680043.9.7777.6.99"
OWN = [STUDY, SERIES, INSTANCE, FRAME, REFERENCED, GONE]
TEXT = "ManufacturerModelName"  # kept and searched, of Type 3


def ct(**changes: object) -> Dataset:
    """Return a CT that refers to another instance, and to a third one in a sequence that every profile removes."""
    ds = original(BitsStored=16, HighBit=15, **changes)
    series, image, request = Dataset(), Dataset(), Dataset()
    image.ReferencedSOPClassUID, image.ReferencedSOPInstanceUID = ds.SOPClassUID, REFERENCED
    series.ReferencedInstanceSequence = Sequence([image])
    ds.ReferencedSeriesSequence = Sequence([series])
    request.StudyInstanceUID = GONE
    ds.ReferencedPatientSequence = Sequence([request])
    return ds


def run(data: bytes, used: CompiledProfile) -> tuple[Slices, Dataset]:
    result = Deidentifier(used, KEY).run(data).output
    return result, dcmread(io.BytesIO(bytes(result)))


@DEPTHS
@pytest.mark.parametrize("uid", OWN)
def test_a_kept_text_with_one_of_the_instances_own_uids_is_removed(uid: str, depth: VerifyDepth) -> None:
    ds = ct(**{TEXT: f"Scan ({uid})."})
    result, read = run(encoded(ds), BASIC)
    assert TEXT not in read
    assert read.Manufacturer == ds.Manufacturer
    verify(encoded(ds), result, BASIC.profile, KEY, depth)


def test_such_a_text_is_removed_from_a_bare_data_set_in_implicit_vr() -> None:
    data = bare(ct(**{TEXT: f"Scan {REFERENCED}"}), implicit=True)
    result, read = run(data, BASIC)
    assert TEXT not in read
    verify(data, result, BASIC.profile, KEY)


def test_such_a_text_of_type_1_becomes_a_dummy() -> None:
    ds = ct()
    ds.AnatomicRegionSequence[0].CodeMeaning = STUDY
    result, read = run(encoded(ds), BASIC)
    assert read.AnatomicRegionSequence[0].CodeMeaning == "REMOVED"
    verify(encoded(ds), result, BASIC.profile, KEY)


@DEPTHS
@pytest.mark.parametrize(
    "text",
    [
        "version 1.2.3",
        "1.2.840.10008.5.1.4.1.1.2",
        "4.0.3.1",
    ],
)
def test_registered_uids_and_versions_stay_in_kept_texts(text: str, depth: VerifyDepth) -> None:
    ds = ct(**{TEXT: text})
    result, read = run(encoded(ds), BASIC)
    assert read[TEXT].value == text
    verify(encoded(ds), result, BASIC.profile, KEY, depth)


@DEPTHS
def test_a_uid_that_the_result_keeps_does_not_remove_the_text(depth: VerifyDepth) -> None:
    ds = ct(**{TEXT: f"Scan {STUDY}"})
    keeping = profile(options=["Retain UIDs"])
    result, read = run(encoded(ds), keeping)
    assert read[TEXT].value == "Scan"  # and is no word that a list has
    verify(encoded(ds), result, keeping.profile, KEY, depth)


@DEPTHS
def test_other_uids_are_removed_from_kept_texts(depth: VerifyDepth) -> None:
    ds = ct(**{TEXT: f"scan {STRANGER}"})
    result, read = run(encoded(ds), BASIC)
    assert read[TEXT].value == "scan"
    verify(encoded(ds), result, BASIC.profile, KEY, depth)


@pytest.mark.parametrize(("modality", "stays"), [("CT", True), ("MR", False)])
def test_whether_the_result_keeps_a_uid_may_depend_on_conditions(modality: str, stays: bool) -> None:
    ds = ct(**{TEXT: f"Scan {FRAME}"})
    when = [{"attribute": "Modality", "equals": modality}]
    used = profile(attributes=[{"attribute": "FrameOfReferenceUID", "action": "K", "when": when}])
    result, read = run(encoded(ds), used)
    assert (TEXT in read) is stays
    verify(encoded(ds), result, used.profile, KEY)


@DEPTHS
@pytest.mark.parametrize("uid", [*OWN, STRANGER])
def test_every_unregistered_uid_is_removed_from_a_cleaned_text(uid: str, depth: VerifyDepth) -> None:
    ds = ct(SeriesDescription=f"CHEST {uid} 5.1.3", ProtocolName="CHEST 1.2.840.10008.1.2.1")
    result, read = run(encoded(ds), RESEARCH)
    assert read.SeriesDescription == "CHEST 5.1.3"
    assert read.ProtocolName == "CHEST 1.2.840.10008.1.2.1"
    verify(encoded(ds), result, RESEARCH.profile, KEY, depth)


@DEPTHS
def test_a_text_that_the_profile_retains_goes_with_an_own_uid(depth: VerifyDepth) -> None:
    ds = ct(ImageComments=f"see {STUDY}")
    used = profile(attributes=[{"attribute": "ImageComments", "action": "K"}])
    result, read = run(encoded(ds), used)
    assert "ImageComments" not in read
    verify(encoded(ds), result, used.profile, KEY, depth)
    read.ImageComments = f"see {STUDY}"
    with pytest.raises(VerificationError) as caught:
        verify(encoded(ds), output(read), used.profile, KEY, depth)
    assert "UIDs: a UID of the original is left in a text" in caught.value.findings


# the check by itself


@DEPTHS
@pytest.mark.parametrize("uid", [STUDY, REFERENCED, STRANGER])
def test_the_verifier_finds_a_uid_left_in_a_cleaned_text(uid: str, depth: VerifyDepth) -> None:
    ds = ct(SeriesDescription=f"CHEST {uid}")
    _, read = run(encoded(ds), RESEARCH)
    read.SeriesDescription = f"CHEST {uid}"
    with pytest.raises(VerificationError) as caught:
        verify(encoded(ds), output(read), RESEARCH.profile, KEY, depth)
    assert "Clean Descriptors Option: no cleaned value (0008,103E)" in "\n".join(caught.value.findings)


@pytest.mark.parametrize("uid", [STUDY, REFERENCED])
def test_the_verifier_finds_an_own_uid_in_a_kept_text(uid: str) -> None:
    ds = ct(**{TEXT: f"Scan {uid}"})
    _, read = run(encoded(ds), BASIC)
    setattr(read, TEXT, f"Scan {uid}")
    with pytest.raises(VerificationError) as caught:
        verify(encoded(ds), output(read), BASIC.profile, KEY)
    assert "UIDs: a UID of the original is left" in caught.value.findings


def test_the_verifier_finds_a_kept_text_that_was_removed_without_a_reason() -> None:
    ds = ct(**{TEXT: "Scanner 3"})
    _, read = run(encoded(ds), BASIC)
    delattr(read, TEXT)
    with pytest.raises(VerificationError) as caught:
        verify(encoded(ds), output(read), BASIC.profile, KEY)
    assert "removed although nobody is named in it (0008,1090)" in "\n".join(caught.value.findings)


@DEPTHS
def test_the_verifier_finds_a_uid_in_a_jpeg_comment(depth: VerifyDepth) -> None:
    ds = compressed(original(), jpeg_frame(f"id {STUDY}".encode()))
    with pytest.raises(VerificationError, match="bytes that decoding does not need"):
        verify(encoded(ds, JPEG), output(by_hand(ds, BASIC.profile), JPEG), BASIC.profile, KEY, depth)


def test_short_uids_are_left_out_and_counted() -> None:
    ds = ct(**{TEXT: "Scan 1.2.3"})
    ds.FrameOfReferenceUID = "1.2.3"
    result, read = run(encoded(ds), BASIC)
    assert read[TEXT].value == "Scan 1.2.3"
    passed = verify(encoded(ds), result, BASIC.profile, KEY)
    assert passed.left_out["uid: too short to be distinguished from other numbers"] == 1
