"""Identifying values and UIDs of the original that are left in an output: each is found."""

from __future__ import annotations

import pytest
from pydicom.dataset import Dataset

from orthanc_deid.dicom.slices import Slices
from orthanc_deid.profile.model import Profile, Texts
from orthanc_deid.profile.options import Option
from support.data.faulty_outputs import BASIC, cleaned_by_hand, findings
from support.data.hand_made import (
    INSTANCE,
    JPEG,
    by_hand,
    compressed,
    encoded,
    jpeg_frame,
    original,
    output,
)


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
    assert "found (0008,1090)" in found
    assert text.lower() not in found.lower()


@pytest.mark.parametrize("codec", ["cp1251", "iso8859_5", "utf-8", "koi8-r"])
def test_a_name_is_found_in_any_character_set_that_the_writer_forgot_to_declare(codec: str) -> None:
    ds = original(
        "Черёмухин^Лаврентий", ConvolutionKernel="для Черёмухина", SpecificCharacterSet="ISO_IR 192"
    )
    sources = [
        encoded(each).replace(b"ISO_IR 192", b"ISO_IR 100") for each in (ds, by_hand(ds, BASIC))
    ]  # the bytes stay, the declaration is wrong
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
    made = cleaned_by_hand(ds, profile, StudyDescription="Thorax Cheremukhin")
    assert "person found (0008,1030)" in findings(encoded(ds), output(made), profile)


def test_a_uid_of_the_original_inside_a_text_is_found() -> None:
    ds = original(ConvolutionKernel="K")
    ds.AnatomicRegionSequence[0].CodeMeaning = f"see {INSTANCE}"
    assert "UIDs: a UID of the original is left" in findings(encoded(ds), output(by_hand(ds, BASIC)))


@pytest.mark.parametrize(
    "text", [b"Wexler, Ottilie", " WEXLER ".encode("utf-16-le"), b"PAT-55012", b"* 07/09/1961"]
)
def test_identity_in_a_table_of_a_jpeg_frame_is_found(text: bytes) -> None:
    frame = jpeg_frame().replace(b"\x43\0" + bytes(64), b"\x43\0" + text.ljust(64, b"\0"))
    ds = compressed(original(), frame)
    found = findings(encoded(ds, JPEG), output(by_hand(ds, BASIC), JPEG))
    assert found.startswith("identifying values (compressed frames): ")
    assert found.endswith("(7FE0,0010)")
