"""Outputs with one wrong value, element or sequence: each is found by the rules."""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import deepcopy

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from orthanc_deid.config.key import Key
from orthanc_deid.dicom.slices import Slices
from orthanc_deid.profile.action import Action
from orthanc_deid.profile.model import AttributeRule, Profile
from orthanc_deid.profile.options import Option
from orthanc_deid.verify.verifier import verify
from support.data.faulty_outputs import BASIC, NEUTRAL, SHIFTED, cleaned_by_hand, drop, faulty, findings, put
from support.data.hand_made import (
    FRAME,
    KEY,
    SERIES,
    STUDY,
    by_hand,
    encoded,
    keyed_uid,
    original,
    output,
    shift_of,
)


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (put(PatientName="Wexler^Ottilie"), "pseudonyms: no pseudonymous name value (0010,0010)"),
        (put(PatientID="PAT-55012"), "pseudonyms: no pseudonym value (0010,0020)"),
        (drop("PatientName"), "pseudonyms: missing where pseudonymous name is due (0010,0010)"),
        (put(AccessionNumber="ACC-90210"), "Basic Profile: no empty value (0008,0050)"),
        (put(InstitutionName="Kestrelmoor Infirmary"), "Basic Profile: not removed (0008,0080)"),
        (put(StudyDate="20190315"), "Basic Profile: no empty value (0008,0020)"),
        (put(PatientBirthDate="19610907"), "Basic Profile: no empty value (0010,0030)"),
        (put(StudyInstanceUID=STUDY), "Basic Profile: no keyed UID value (0020,000D)"),
        (put(FrameOfReferenceUID=FRAME), "Basic Profile: no keyed UID value (0020,0052)"),
        (put(StudyInstanceUID=keyed_uid(SERIES)), "no keyed UID value (0020,000D)"),
        (put(KVP="121"), "attributes that no row names: not kept as it was (0018,0060)"),
        (put(Rows=65), "attributes that no row names: not kept as it was (0028,0010)"),
        (put(BodyPartExamined="HEAD"), "changed where it may only be kept or removed (0018,0015)"),
        (drop("KVP"), "missing where kept number is due (0018,0060)"),
        (drop("WindowCenter"), "missing where kept number is due (0028,1050)"),
        (drop("PixelData"), "missing where kept is due (7FE0,0010)"),
        (drop("StudyDate"), "Basic Profile: missing where empty is due (0008,0020)"),
        (drop("AccessionNumber"), "Basic Profile: missing where empty is due (0008,0050)"),
        (drop("AnatomicRegionSequence"), "sequence missing where descended into is due (0008,2218)"),
        (drop("SpecificCharacterSet"), "missing where character set is due (0008,0005)"),
        (put(SpecificCharacterSet="ISO_IR 192"), "no character set value (0008,0005)"),
        (put(PatientComments="fine"), "additions: element that the original has not (0010,4000)"),
    ],
)
def test_a_wrong_value_at_the_top_level_is_found(change: Callable[[Dataset], None], finding: str) -> None:
    assert finding in faulty(change, ds=original(SpecificCharacterSet="ISO_IR 100"))


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2"], ids=["explicit", "implicit"])
def test_an_element_left_at_any_depth_is_found(syntax: str) -> None:
    ds = original()
    for depth in (1, 2):
        made = by_hand(ds, BASIC)
        level, source = made.AnatomicRegionSequence[0], ds.AnatomicRegionSequence[0]
        if depth == 2:
            level, source = level.CTDIPhantomTypeCodeSequence[0], source.CTDIPhantomTypeCodeSequence[0]
        for element in source:
            if element.VR != "SQ":
                level[element.tag] = deepcopy(element)
        found = findings(encoded(ds, syntax), output(made, syntax))
        assert ("(0008,2218)[0].(0010,0010)" in found) == (depth == 1)
        assert ("(0008,2218)[0].(0018,9346)[0].(0008,1070)" in found) == (depth == 2)


def test_a_sequence_that_must_go_is_found_with_what_is_in_it() -> None:
    ds = original()
    made = by_hand(ds, BASIC)
    made.RequestAttributesSequence = ds.RequestAttributesSequence
    assert "Basic Profile: sequence not gone (0040,0275)" in findings(encoded(ds), output(made))


def test_an_item_more_or_less_is_found() -> None:
    assert "sequence items: number changed (0008,2218)" in faulty(
        lambda made: made.AnatomicRegionSequence.append(Dataset())
    )
    assert "sequence items: number changed (0008,2218)" in faulty(
        lambda made: setattr(made, "AnatomicRegionSequence", Sequence([]))
    )


def test_a_private_block_and_its_creator_are_found() -> None:
    def keep(made: Dataset) -> None:
        made.private_block(0x0019, "ACME PRIVATE", create=True).add_new(0x10, "LO", "Wexler private")

    found = faulty(keep)
    assert "private attributes: not removed (0019,0010)" in found
    assert "private attributes: not removed (0019,1010)" in found


def test_a_cleaned_description_may_lose_words_and_gain_none() -> None:
    profile = Profile(name="cleaned", options=(Option.CLEAN_DESCRIPTORS,))
    ds = original(StudyDescription="Thorax Wexler lateral")
    verify(encoded(ds), output(cleaned_by_hand(ds, profile, StudyDescription="Thorax lateral")), profile, KEY)
    made = cleaned_by_hand(ds, profile, StudyDescription="Thorax frontal")
    assert "no cleaned value (0008,1030)" in findings(encoded(ds), output(made), profile)


def test_one_date_shifted_by_other_days_is_found() -> None:
    ds = original()
    days = shift_of(ds, SHIFTED)
    assert days
    found = faulty(put(SeriesDate="20190314" if days != -1 else "20190313"), SHIFTED)
    assert found == "dates: shift: no changed date value (0008,0021)"


def test_a_date_left_where_it_was_is_found() -> None:
    assert "dates: shift: no changed date value (0008,0020)" in faulty(put(StudyDate="20190315"), SHIFTED)
    assert "dates: neutral: no changed date value (0008,0020)" in faulty(put(StudyDate="20190315"), NEUTRAL)
    assert "(0008,0030)" in faulty(put(StudyTime="101530.125"), NEUTRAL)


def test_every_date_shifted_alike_but_by_wrong_days_is_found() -> None:
    other = Key(bytes(32))
    ds = original()
    assert "no changed date value" in findings(encoded(ds), output(by_hand(ds, SHIFTED)), SHIFTED, other)


def test_swapped_uids_are_found() -> None:
    def swap(made: Dataset) -> None:
        made.StudyInstanceUID, made.SeriesInstanceUID = made.SeriesInstanceUID, made.StudyInstanceUID

    found = faulty(swap)
    assert "(0020,000D)" in found
    assert "(0020,000E)" in found


def test_another_key_is_found() -> None:
    ds = original()
    assert "(0010,0020)" in findings(encoded(ds), output(by_hand(ds, BASIC)), key=Key(b"k" * 32))


def test_a_vr_changed_on_the_way_is_found() -> None:
    ds = original()
    made = bytes(output(by_hand(ds, BASIC)))
    changed = made.replace(b"\x18\x00\x60\x00DS", b"\x18\x00\x60\x00LO")
    assert "VR changed (0018,0060)" in findings(encoded(ds), Slices([changed]))


def test_a_number_that_is_none_must_go() -> None:
    ds = original()
    source = encoded(ds).replace(b"DS\x04\x001.25", b"DS\x04\x00Ines")
    made = bytes(output(by_hand(ds, BASIC))).replace(b"DS\x04\x001.25", b"DS\x04\x00Ines")
    assert "(0018,0050)" in findings(source, Slices([made]))


def test_a_text_written_as_a_number_must_go() -> None:
    ds = original()
    odd = b"\x18\x00\x10\x12US\x06\x00Wexler"
    source, made = encoded(ds), bytes(output(by_hand(ds, BASIC)))
    pattern = re.compile(rb"\x18\x00\x10\x12SH\n\x00BONE PLUS ")
    assert "VR of another kind" in findings(pattern.sub(odd, source), Slices([pattern.sub(odd, made)]))


@pytest.mark.parametrize("vr", [b"US", b"UL", b"FL", b"AT"])
def test_a_number_string_written_in_binary_must_go(vr: bytes) -> None:
    ds = original()
    source, made = encoded(ds), bytes(output(by_hand(ds, BASIC)))
    number, odd = b"DS\x04\x001.25", vr + b"\x04\x00Ines"
    found = findings(source.replace(number, odd), Slices([made.replace(number, odd)]))
    assert "VR of another kind: no empty value (0018,0050)" in found


def test_a_dummy_sequence_holds_nothing_but_dummies() -> None:
    profile = Profile(
        name="dummy", attributes=(AttributeRule(attribute="AnatomicRegionSequence", action=Action.D),)
    )
    ds = original()
    made = by_hand(ds, profile)
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "REMOVED", "99DEID", "Removed"
    made.AnatomicRegionSequence = Sequence([code])
    verify(encoded(ds), output(made), profile, KEY)
    code.CodeMeaning = "Chest"
    assert "dummy sequence: no dummy value (0008,2218)[0].(0008,0104)" in findings(
        encoded(ds), output(made), profile
    )
    made.AnatomicRegionSequence.append(code)
    assert "dummy sequence: more than one item" in findings(encoded(ds), output(made), profile)
