"""Outputs that pass: made by hand by the published rules, in every encoding."""

from __future__ import annotations

import ast
import hashlib
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

import orthanc_deid.verify
from orthanc_deid.dicom.slices import Buffer, Slices
from orthanc_deid.errors import VerificationError
from orthanc_deid.profile.load import load_profile
from orthanc_deid.profile.model import Dates, Profile
from orthanc_deid.verify.result import Verified
from orthanc_deid.verify.verifier import Verifier, verify
from support.data.hand_made import (
    JPEG,
    KEY,
    bare,
    by_hand,
    compressed,
    encoded,
    from_big_endian,
    jpeg_frame,
    keyed_uid,
    original,
    output,
    patient_id,
)

BASIC = load_profile("basic")
NEUTRAL = load_profile("neutral")
SHIFTED = Profile(name="shifted", dates=Dates(mode="shift"))


@pytest.mark.parametrize("profile", [BASIC, NEUTRAL, SHIFTED], ids=lambda profile: profile.name)
@pytest.mark.parametrize(
    "syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian], ids=["explicit", "implicit"]
)
def test_an_output_made_by_the_rules_passes(profile: Profile, syntax: str) -> None:
    ds = original()
    passed = verify(encoded(ds, syntax), output(by_hand(ds, profile), syntax), profile, KEY)
    assert passed.patient_id == patient_id(ds, profile)
    assert passed.sop_instance_uid == keyed_uid(ds.SOPInstanceUID)
    assert passed.study_instance_uid == keyed_uid(ds.StudyInstanceUID)
    assert passed.series_instance_uid == keyed_uid(ds.SeriesInstanceUID)
    assert passed.sop_class_uid == ds.SOPClassUID
    assert passed.codes == ("113100",)


@pytest.mark.parametrize(
    "syntax", [ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian], ids=["big", "deflated"]
)
def test_a_retired_byte_order_and_deflation_may_become_explicit_little_endian(syntax: str) -> None:
    ds = original()
    source, made = encoded(ds, syntax), by_hand(ds, BASIC)
    if syntax == ExplicitVRBigEndian:
        made = from_big_endian(made)
    assert verify(source, output(made), BASIC, KEY).codes == ("113100",)


def test_big_endian_samples_left_in_their_byte_order_are_found() -> None:
    ds = original()
    with pytest.raises(VerificationError, match=r"\(7FE0,0010\)"):
        verify(encoded(ds, ExplicitVRBigEndian), output(by_hand(ds, BASIC)), BASIC, KEY)


def test_big_endian_samples_are_compared_as_samples() -> None:
    ds = original()
    source, wrong = encoded(ds, ExplicitVRBigEndian), by_hand(ds, BASIC)
    wrong.PixelData = bytes(reversed(wrong.PixelData))
    with pytest.raises(VerificationError, match=r"\(7FE0,0010\)"):
        verify(source, output(wrong), BASIC, KEY)


@pytest.mark.parametrize("implicit", [True, False])
def test_a_bare_data_set_becomes_a_part_10_file(implicit: bool) -> None:
    ds = original()
    syntax = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
    verify(bare(ds, implicit=implicit), output(by_hand(ds, BASIC), syntax), BASIC, KEY)
    verify(bytes(128) + b"DICM" + bare(ds, implicit=implicit), output(by_hand(ds, BASIC), syntax), BASIC, KEY)


def test_a_data_set_without_uids_gets_those_of_the_rules() -> None:
    ds = original(SOPInstanceUID=None, StudyInstanceUID=None, SOPClassUID=None, SeriesInstanceUID="")
    source, made = bare(ds, implicit=False), by_hand(ds, BASIC)
    study = keyed_uid(
        f"0020000D\0study\0id\0{ds.PatientID}\0{ds.get('IssuerOfPatientID', '')}\0"
        f"{ds.StudyDate}\0{ds.StudyTime}\0{ds.AccessionNumber}\0{ds.StudyID}"
    )
    series = keyed_uid(f"0020000E\0series\0{study}\0CT\0{ds.SeriesNumber}")
    content = hashlib.sha256(source).digest()
    made.SOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    made.SOPInstanceUID = keyed_uid(keyed_uid(b"00080018\0content\0" + content))
    made.StudyInstanceUID, made.SeriesInstanceUID = keyed_uid(study), keyed_uid(series)
    verify(source, output(made), BASIC, KEY)
    for keyword, tag in (("StudyInstanceUID", "0020,000D"), ("SeriesInstanceUID", "0020,000E")):
        right = made[keyword].value
        for wrong in ("1.2.826.0.1.3680043.9.7777.5", keyed_uid("another")):
            setattr(made, keyword, wrong)
            with pytest.raises(VerificationError, match=rf"no keyed UID value \({tag}\)"):
                verify(source, output(made), BASIC, KEY)
        setattr(made, keyword, right)


def test_compressed_frames_pass_without_their_comments() -> None:
    ds = compressed(original(), jpeg_frame(b"lossy, quality 90"))
    made = compressed(by_hand(ds, BASIC), jpeg_frame())
    verify(encoded(ds, JPEG), output(made, JPEG), BASIC, KEY)


def test_pixels_that_are_the_originals_own_memory_are_equal_without_a_look() -> None:
    ds = original()
    source = encoded(ds)
    made = bytes(output(by_hand(ds, BASIC)))
    at, there = source.rindex(ds.PixelData), made.rindex(ds.PixelData)
    size = len(ds.PixelData)
    parts: list[Buffer] = [made[:there], memoryview(source)[at : at + size], made[there + size :]]
    assert verify(source, Slices(parts), BASIC, KEY).codes == ("113100",)


def test_a_patient_called_chest_does_not_drown_the_site_in_alarms() -> None:
    ds = original("Chest^Lateral")
    ds.AnatomicRegionSequence[0].CodeMeaning = "Thorax"
    passed = verify(encoded(ds), output(by_hand(ds, BASIC)), BASIC, KEY)
    assert ds.BodyPartExamined == "CHEST"
    assert passed.patient_id


def test_short_identifiers_are_left_out_and_counted() -> None:
    ds = original(AccessionNumber="17", StudyID="3")
    passed = verify(encoded(ds), output(by_hand(ds, BASIC)), BASIC, KEY)
    assert passed.left_out["id: fewer than 4 characters"] == 2


def test_a_kept_text_that_names_the_patient_must_go_and_may_go() -> None:
    ds = original(ConvolutionKernel="for Wexler")
    verify(encoded(ds), output(by_hand(ds, BASIC, gone=frozenset(["ConvolutionKernel"]))), BASIC, KEY)


def test_a_kept_text_goes_where_digits_touch_the_name() -> None:
    ds = original("Дьячкова^Олеся", ConvolutionKernel="K7Dyachkova", SpecificCharacterSet="ISO_IR 144")
    verify(encoded(ds), output(by_hand(ds, BASIC, gone=frozenset(["ConvolutionKernel"]))), BASIC, KEY)


def test_the_removal_of_a_kept_text_without_a_name_is_found() -> None:
    ds = original()
    made = by_hand(ds, BASIC, gone=frozenset(["ConvolutionKernel"]))
    with pytest.raises(VerificationError, match=r"nobody is named in it \(0018,1210\)"):
        verify(encoded(ds), output(made), BASIC, KEY)


def test_one_verifier_serves_many_instances_and_patients() -> None:
    verifier = Verifier(NEUTRAL, KEY)
    for number in range(3):
        ds = original(f"Wexler{number}^Ottilie", PatientID=f"PAT-{number}", InstanceNumber=str(number))
        ds.AnatomicRegionSequence[0].PatientName = ds.PatientName
        assert verifier.check(encoded(ds), output(by_hand(ds, NEUTRAL))).patient_id == patient_id(ds, NEUTRAL)


def test_long_sequences_are_read_item_by_item() -> None:
    ds = original()
    ds.AnatomicRegionSequence = Sequence([ds.AnatomicRegionSequence[0]] * 200)
    for undefined in (False, True):
        ds["AnatomicRegionSequence"].is_undefined_length = undefined
        made = by_hand(ds, BASIC)
        verify(encoded(ds), output(made), BASIC, KEY)
        made.AnatomicRegionSequence[199].CodeMeaning = "Head"
        with pytest.raises(VerificationError, match=r"\(0008,2218\)\[199\]\.\(0008,0104\)"):
            verify(encoded(ds), output(made), BASIC, KEY)


def test_only_the_verifier_makes_a_verified_result() -> None:
    with pytest.raises(TypeError, match="only the verifier"):
        Verified(Slices([b"x"]), "a", "b", "c", "d", "e")


def test_the_md5_is_that_of_the_output() -> None:
    ds = original()
    file = output(by_hand(ds, BASIC))
    import hashlib

    assert (
        verify(encoded(ds), file, BASIC, KEY).md5()
        == hashlib.md5(bytes(file), usedforsecurity=False).hexdigest()
    )


def test_empty_values_stay_empty() -> None:
    ds = original(StudyDate="", AccessionNumber="", ReferringPhysicianName="", InstitutionName="")
    made = by_hand(ds, NEUTRAL)
    made.StudyDate = made.AccessionNumber = made.ReferringPhysicianName = ""
    verify(encoded(ds), output(made), NEUTRAL, KEY)


def test_the_second_opinion_imports_neither_the_engine_nor_the_compiled_rules() -> None:
    for module, imported in _imports().items():
        forbidden = ("orthanc_deid.deid", "orthanc_deid.profile.compile", "orthanc_deid.profile.type_floor")
        assert not [name for name in imported if name.startswith(forbidden)], module


def test_only_the_fast_depth_reads_with_the_walker() -> None:
    walking = {f"orthanc_deid.dicom.{module}" for module in ("walker", "walk_cache", "part10", "file_meta")}
    assert {module for module, imported in _imports().items() if walking & imported} == {
        "fast_reading",
        "fast_walks",
    }


def _imports() -> dict[str, set[str]]:
    return {
        path.stem: {
            node.module or ""
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.ImportFrom)
        }
        for path in Path(orthanc_deid.verify.__file__).parent.rglob("*.py")
    }


def test_a_nameless_patient_is_known_by_name_and_birth_date_or_by_the_study() -> None:
    nameless: Dataset = original("", PatientID="")
    made = by_hand(original(), BASIC)
    with pytest.raises(VerificationError, match=r"pseudonyms: no pseudonym value \(0010,0020\)"):
        verify(encoded(nameless), output(made), BASIC, KEY)
