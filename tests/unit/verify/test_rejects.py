"""What the verifier stops: outputs made by hand with one fault each. Every test fails without its check."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from copy import deepcopy

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ImplicitVRLittleEndian

from orthanc_deid.config.key import Key
from orthanc_deid.dicom.slices import Slices
from orthanc_deid.errors import VerificationError
from orthanc_deid.profile.action import Action
from orthanc_deid.profile.load import load_profile
from orthanc_deid.profile.model import AttributeRule, Dates, Profile, Texts
from orthanc_deid.profile.options import Option
from orthanc_deid.verify import verify
from support.data.hand_made import (
    FRAME,
    INSTANCE,
    JPEG,
    KEY,
    SERIES,
    STUDY,
    by_hand,
    compressed,
    encoded,
    jpeg_frame,
    keyed_uid,
    original,
    output,
    shift_of,
)

BASIC = load_profile("basic")
NEUTRAL = load_profile("neutral")
SHIFTED = Profile(name="shifted", dates=Dates(mode="shift"))
IDENTITY = (
    "Wexler",
    "Ottilie",
    "PAT-55012",
    "19610907",
    "ACC-90210",
    "Kestrelmoor",
    "Quillfeather",
    "Tarn",
    "7777",
    "4711",
)


def findings(source: bytes, made: Slices, profile: Profile = BASIC, key: Key = KEY) -> str:
    """Return what the verifier says of an output that must not pass; no value may be in it."""
    with pytest.raises(VerificationError) as caught:
        verify(source, made, profile, key)
    text = "\n".join(caught.value.findings)
    assert not [value for value in IDENTITY if value.lower() in text.lower()]
    return text


def faulty(change: Callable[[Dataset], object], profile: Profile = BASIC, ds: Dataset | None = None) -> str:
    """Return the findings on an output that `change` made faulty."""
    ds = original() if ds is None else ds
    made = by_hand(ds, profile)
    change(made)
    return findings(encoded(ds), output(made), profile)


def put(**values: object) -> Callable[[Dataset], None]:
    def change(ds: Dataset) -> None:
        for keyword, value in values.items():
            setattr(ds, keyword, value)

    return change


def drop(*keywords: str) -> Callable[[Dataset], None]:
    def change(ds: Dataset) -> None:
        for keyword in keywords:
            delattr(ds, keyword)

    return change


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


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Wexler^Ottilie", "kernel of WEXLER"),
        ("Wexler^Ottilie", "ottilie's"),
        ("Черёмухин^Лаврентий", "для Черемухина"),
        ("Черёмухин^Лаврентий", "с Лаврентием"),
        ("Черёмухин^Лаврентий", "Cheremukhin"),
        ("Черёмухин^Лаврентий", "Čerëmuhin L."),
        ("Черёмухин^Лаврентий", "Cheryomukhina"),
        ("Wexler^Ottilie", "born 7 September 1961"),
        ("Wexler^Ottilie", "07.09.61"),
        ("Wexler^Ottilie", "1961-09-07"),
        ("Wexler^Ottilie", "PAT-55012"),
        ("Wexler^Ottilie", "pat 55012"),
        ("Wexler^Ottilie", "acc-90210 b"),
        ("Wexler^Ottilie", "Kestrelmoor"),
        ("Wexler^Ottilie", "RP-4242"),
        ("Wexler^Ottilie", "Векслер"),
        ("Müller^Jörg", "MUELLER"),
        ("Müller^Jörg", "Muller"),
        ("山田^太郎", "山田さん"),
        ("Khrushchev^Nikolai", "Хрущёва"),
    ],
)
def test_an_identifying_value_in_a_kept_text_is_found(name: str, text: str) -> None:
    ds = original(name, ManufacturerModelName=text, SpecificCharacterSet="ISO_IR 192")
    ds.AnatomicRegionSequence[0].PatientName = "Somebody^Else"
    found = findings(encoded(ds), output(by_hand(ds, BASIC)))
    assert "identifying values (attributes that no row names)" in found
    assert found.endswith("found (0008,1090)")
    assert text.lower() not in found.lower()


@pytest.mark.parametrize("codec", ["cp1251", "iso8859_5", "utf-8", "koi8-r"])
def test_a_name_is_found_whatever_character_set_the_writer_forgot_to_declare(codec: str) -> None:
    ds = original(
        "Черёмухин^Лаврентий", ConvolutionKernel="для Черёмухина", SpecificCharacterSet="ISO_IR 192"
    )
    sources = [
        encoded(each).replace(b"ISO_IR 192", b"ISO_IR 100") for each in (ds, by_hand(ds, BASIC))
    ]  # the bytes stay, the declaration is untrue
    known = {"Черёмухин": "Черёмухин".encode(codec), "Лаврентий": "Лаврентий".encode(codec)}
    assert known
    found = findings(sources[0], Slices([_ours(sources[1], by_hand(ds, BASIC))]))
    assert "person found (0018,1210)" in found


def _ours(file: bytes, made: Dataset) -> bytes:
    return encoded(made, ours=True).replace(b"ISO_IR 192", b"ISO_IR 100") if file else file


def test_a_name_in_a_code_string_is_found_unless_it_is_a_defined_term() -> None:
    ds = original(BodyPartExamined="WEXLER")
    assert "person found (0018,0015)" in findings(encoded(ds), output(by_hand(ds, BASIC)))


def test_a_name_in_a_nested_code_meaning_is_found() -> None:
    ds = original()
    ds.AnatomicRegionSequence[0].CodeMeaning = "Thorax of Wexler"
    assert "(0008,2218)[0].(0008,0104)" in findings(encoded(ds), output(by_hand(ds, BASIC)))


def test_a_name_that_only_a_nested_item_of_the_original_knows_is_searched_too() -> None:
    ds = original(ConvolutionKernel="by Zephyrine")
    request = ds.RequestAttributesSequence[0]
    request.RequestingPhysician = "Zephyrine^Maud"
    assert "person found (0018,1210)" in findings(encoded(ds), output(by_hand(ds, BASIC)))


def test_a_transliterated_name_in_a_cleaned_description_is_found() -> None:
    profile = Profile(name="cleaned", options=(Option.CLEAN_DESCRIPTORS,), texts=Texts(clean="known"))
    ds = original(
        "Черёмухин^Лаврентий", StudyDescription="Thorax Cheremukhin", SpecificCharacterSet="ISO_IR 192"
    )
    ds.AnatomicRegionSequence[0].PatientName = "Somebody^Else"
    made = _cleaned(ds, profile, StudyDescription="Thorax Cheremukhin")
    assert "person found (0008,1030)" in findings(encoded(ds), output(made), profile)


def test_a_cleaned_description_may_lose_words_and_gain_none() -> None:
    profile = Profile(name="cleaned", options=(Option.CLEAN_DESCRIPTORS,))
    ds = original(StudyDescription="Thorax Wexler lateral")
    verify(encoded(ds), output(_cleaned(ds, profile, StudyDescription="Thorax lateral")), profile, KEY)
    made = _cleaned(ds, profile, StudyDescription="Thorax frontal")
    assert "no cleaned value (0008,1030)" in findings(encoded(ds), output(made), profile)


def _cleaned(ds: Dataset, profile: Profile, **texts: str) -> Dataset:
    made = by_hand(ds, profile)
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator = "113105", "DCM"
    code.CodeMeaning = "Clean Descriptors Option"
    made.DeidentificationMethodCodeSequence.append(code)
    made.SeriesDescription, made.ProtocolName = ds.SeriesDescription, ds.ProtocolName
    made.RequestAttributesSequence = Sequence([Dataset()])
    made.RequestAttributesSequence[0].ScheduledProcedureStepDescription = "Thorax,"
    made.RequestAttributesSequence[0].RequestedProcedureID = "REMOVED"
    for keyword, text in texts.items():
        setattr(made, keyword, text)
    return made


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


def test_a_uid_of_the_original_inside_a_text_is_found() -> None:
    ds = original(ConvolutionKernel="K")
    ds.AnatomicRegionSequence[0].CodeMeaning = f"see {INSTANCE}"
    assert "UIDs: a UID of the original is left" in findings(encoded(ds), output(by_hand(ds, BASIC)))


def test_one_pixel_touched_is_found() -> None:
    def touch(made: Dataset) -> None:
        made.PixelData = made.PixelData[:-3] + bytes([made.PixelData[-3] ^ 1]) + made.PixelData[-2:]

    assert faulty(touch) == "attributes that no row names: not kept as it was (7FE0,0010)"


def test_one_bit_in_the_middle_of_long_pixel_data_is_found() -> None:
    ds = original(Rows=2048, Columns=2048)
    ds.PixelData = bytes(2048 * 2048 * 2)
    source, made = encoded(ds), bytearray(bytes(output(by_hand(ds, BASIC))))
    made[len(made) // 2] ^= 0x10
    assert "not kept as it was (7FE0,0010)" in findings(source, Slices([made]))
    shorter = by_hand(ds, BASIC)
    shorter.PixelData = bytes(2048 * 2048 * 2 - 2)
    assert "not kept as it was (7FE0,0010)" in findings(source, output(shorter))


def test_a_frame_touched_or_cut_otherwise_is_found() -> None:
    ds = compressed(original(), jpeg_frame(b"harmless"))
    made = by_hand(ds, BASIC)
    made.PixelData = made.PixelData.replace(b"entropy", b"ENTROPY")
    assert "not kept as it was (7FE0,0010)" in findings(encoded(ds, JPEG), output(made, JPEG))


@pytest.mark.parametrize(
    "comment", [b"Wexler, Ottilie", "Векслер".encode("cp1251"), b"PAT-55012", b"* 07/09/1961"]
)
def test_identity_in_a_jpeg_comment_is_found(comment: bytes) -> None:
    ds = compressed(original(), jpeg_frame(comment))
    found = findings(encoded(ds, JPEG), output(by_hand(ds, BASIC), JPEG))
    assert found.startswith("identifying values (compressed frames): ")
    assert found.endswith("(7FE0,0010)")


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (put(PatientIdentityRemoved="NO"), "stamps: wrong value (0012,0062)"),
        (drop("PatientIdentityRemoved"), "stamps: wrong value (0012,0062)"),
        (put(DeidentificationMethod="by hand"), "stamps: wrong value (0012,0063)"),
        (put(LongitudinalTemporalInformationModified="UNMODIFIED"), "stamps: wrong value (0028,0303)"),
        (
            drop("DeidentificationMethodCodeSequence"),
            "stamps: codes that are not those that hold (0012,0064)",
        ),
    ],
)
def test_a_stamp_that_is_not_true_is_found(change: Callable[[Dataset], None], finding: str) -> None:
    assert finding in faulty(change)


def test_a_code_that_claims_more_than_was_done_is_found() -> None:
    def claim(made: Dataset) -> None:
        code = Dataset()
        code.CodeValue, code.CodingSchemeDesignator = "113101", "DCM"
        code.CodeMeaning = "Clean Pixel Data Option"
        made.DeidentificationMethodCodeSequence.append(code)

    assert "(0012,0064)" in faulty(claim)


def test_basic_is_not_claimed_where_an_explicit_rule_keeps_what_the_table_names() -> None:
    profile = Profile(name="keeps-sex", attributes=(AttributeRule(attribute="PatientSex", action=Action.K),))
    ds = original()
    made = by_hand(ds, profile)
    made.PatientSex = "F"
    assert "(0012,0064)" in findings(encoded(ds), output(made), profile)
    made.DeidentificationMethodCodeSequence = Sequence([])
    assert verify(encoded(ds), output(made), profile, KEY).codes == ()


def test_a_stamp_of_another_profile_is_found() -> None:
    ds = original()
    changed = Profile(name="basic", description="other content, same name")
    assert "stamps: wrong value (0012,0063)" in findings(encoded(ds), output(by_hand(ds, changed)))


@pytest.mark.parametrize(
    ("meta", "finding"),
    [
        ({"SourceApplicationEntityTitle": "WEXLERPACS"}, "file meta information incomplete"),
        ({"ImplementationVersionName": "PYDICOM 3.0"}, "PS3.10 7.1: wrong value or encoding (0002,0013)"),
        ({"ImplementationClassUID": "1.2.3.4"}, "PS3.10 7.1: wrong value or encoding (0002,0012)"),
    ],
)
def test_file_meta_that_is_not_ours_is_found(meta: dict[str, str], finding: str) -> None:
    ds = original()
    assert finding in findings(encoded(ds), output(by_hand(ds, BASIC), **meta))


def test_a_uid_in_the_file_meta_that_is_not_the_data_sets_is_found() -> None:
    ds = original()
    made = bytes(output(by_hand(ds, BASIC)))
    uid = keyed_uid(INSTANCE).encode()
    other = made.replace(uid, uid[:-1] + (b"1" if uid[-1:] != b"1" else b"2"), 1)
    assert "PS3.10 7.1: wrong value or encoding (0002,0003)" in findings(encoded(ds), Slices([other]))


def test_a_transfer_syntax_changed_without_need_is_found() -> None:
    ds = original()
    made = output(by_hand(ds, BASIC), ImplicitVRLittleEndian)
    assert "transfer syntax: changed (0002,0010)" in findings(encoded(ds), made)


def test_a_preamble_with_something_in_it_is_found() -> None:
    ds = original()
    made = b"II*\0" + bytes(output(by_hand(ds, BASIC)))[4:]
    assert "preamble not zeroed" in findings(encoded(ds), Slices([made]))


def test_a_wrong_group_length_is_found() -> None:
    ds = original()
    made = bytearray(bytes(output(by_hand(ds, BASIC))))
    made[140] ^= 2
    assert "PS3.10 7.1: wrong value or encoding (0002,0000)" in findings(encoded(ds), Slices([made]))


def test_an_element_out_of_order_or_twice_is_found() -> None:
    ds = original()
    made = bytes(output(by_hand(ds, BASIC)))
    hidden = b"\x10\x00\x10\x00PN\x0e\x00Wexler^Ottilie"
    at = made.rindex(b"\x10\x00\x10\x00PN")
    assert "PS3.5 7.1: elements out of order or twice" in findings(
        encoded(ds), Slices([made[:at] + hidden + made[at:]])
    )


def test_an_element_twice_inside_an_item_is_found() -> None:
    ds = original()
    wrong = by_hand(ds, BASIC)
    wrong["AnatomicRegionSequence"].is_undefined_length = True
    wrong.AnatomicRegionSequence[0].is_undefined_length_sequence_item = True
    made = bytes(output(wrong))
    at = made.index(b"\x08\x00\x00\x01SH")
    hidden = b"\x08\x00\x00\x01SH\x06\x00Wexler"
    found = findings(encoded(ds), Slices([made[:at] + hidden + made[at:]]))
    assert "PS3.5 7.1: elements out of order or twice (0008,2218)" in found


@pytest.mark.parametrize("rest", [b"Wexler", b"\xfe\xff\x0d\xe0\0\0\0\0Wexler^Ottilie", b"\0" * 9])
def test_bytes_that_belong_to_no_element_are_found(rest: bytes) -> None:
    ds = original()
    assert findings(encoded(ds), Slices([bytes(output(by_hand(ds, BASIC))) + rest])).startswith("output: ")


def test_a_truncated_output_is_found() -> None:
    ds = original()
    made = bytes(output(by_hand(ds, BASIC)))
    for length in (0, 100, 200, 400, len(made) // 2, len(made) - 1):
        with pytest.raises(VerificationError):
            verify(encoded(ds), Slices([made[:length]]), BASIC, KEY)


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


def test_findings_are_capped_and_the_rest_is_counted() -> None:
    ds = original()
    made = by_hand(ds, BASIC)
    for number in range(90):
        made.add_new(0x00211001 + number, "LO", "x")
    source = encoded(ds)
    with pytest.raises(VerificationError) as caught:
        verify(source, output(made), BASIC, KEY)
    assert len(caught.value.findings) == 51
    assert re.fullmatch(r"and \d+ more", caught.value.findings[-1])


def test_an_unreadable_original_is_said_to_be_so() -> None:
    made = output(by_hand(original(), BASIC))
    broken = encoded(original())[:-10]
    with pytest.raises(VerificationError, match="original: "):
        verify(broken, made, BASIC, KEY)
    deep = b"".join(
        struct.pack("<HH2sxxLHHL", 8, 0x2218, b"SQ", 2**32 - 1, 0xFFFE, 0xE000, 2**32 - 1) for _ in range(300)
    )
    with pytest.raises(VerificationError, match="nested deeper than 64"):
        verify(bytes(128) + b"DICM" + deep, made, BASIC, KEY)
