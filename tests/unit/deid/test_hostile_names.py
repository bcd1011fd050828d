"""Names and IDs that are terms of devices, signs or placeholders: engine and verifier agree on them."""

from __future__ import annotations

import pytest

from unit.deid.test_kept_text import result


@pytest.mark.parametrize("name", ["basic", "neutral", "research"])
@pytest.mark.parametrize("part", ["Ъ", "ь", "Лосев^Ь^Пётр"])
def test_a_component_that_is_a_sign_without_a_sound_is_a_name(name: str, part: str) -> None:
    read = result(name, SpecificCharacterSet="ISO_IR 192", PatientName=part, RescaleType="HU")
    assert read.RescaleType == "HU"


@pytest.mark.parametrize("name", ["basic", "neutral", "research"])
@pytest.mark.parametrize("keyword", ["PatientID", "AccessionNumber"])
@pytest.mark.parametrize("text", ["HU", "REMOVED", "HU REMOVED", "Leokadia REMOVED", "Leokadia"])
def test_an_id_that_is_the_placeholder_refuses_nothing(name: str, keyword: str, text: str) -> None:
    values = {keyword: "REMOVED", "RescaleType": text}
    assert result(name, **values).RescaleType == ("HU" if text == "HU" else "REMOVED")


def test_what_is_not_seen_is_not_kept() -> None:
    assert "SequenceName" not in result(SpecificCharacterSet="ISO_IR 100", SequenceName="\xad,")


@pytest.mark.parametrize("name", ["basic", "neutral", "research"])
def test_words_that_hold_invisible_signs_stay_as_they_are_seen(name: str) -> None:
    text, seen = "Bone d\xado\u20dd Leokadia ﬁne", "Bone do fine"
    read = result(name, SpecificCharacterSet="ISO_IR 192", RescaleType=text)
    assert read.RescaleType == seen


def test_a_cleaned_text_holds_words_as_they_are_seen() -> None:
    read = result(
        "research", SpecificCharacterSet="ISO_IR 192", SeriesDescription="Chest l\xadef\u20ddt Leokadia"
    )
    assert read.SeriesDescription == "Chest left"


@pytest.mark.parametrize("text", ["Tarn² bone", "bone Tarn²18", "①Tarn bone", "bone Tarn½"])
def test_signs_that_look_like_digits_are_no_part_of_a_name(text: str) -> None:
    read = result(
        "research", SpecificCharacterSet="ISO_IR 192", PatientName="Tarn^Ines", SeriesDescription=text
    )
    assert "Tarn" not in read.SeriesDescription
    assert "bone" in read.SeriesDescription


def test_a_name_spelled_out_in_letters_of_another_romanization_may_go() -> None:
    read = result(
        SpecificCharacterSet="ISO_IR 192", PatientName="^уыажбксн", RescaleType="BONE U Y A Z B X N CHEST"
    )
    assert read.RescaleType == "REMOVED"


def test_a_name_of_one_letter_with_a_mark_is_compared_with_its_mark() -> None:
    for text, left in (("n/a", "n/a"), ("Å room", "")):
        read = result("research", SpecificCharacterSet="ISO_IR 100", PatientName="Å", DeviceSerialNumber=text)
        assert read.get("DeviceSerialNumber", "") == left


def test_the_initial_behind_a_title_is_no_name_of_two_letters() -> None:
    read = result(
        "research", SpecificCharacterSet="ISO_IR 192", PatientName="ъы^Алла", SeriesDescription="DR Y, AS"
    )
    assert read.SeriesDescription == "DR Y, AS"


def test_a_name_in_german_letters_over_two_values_may_go() -> None:
    read = result(
        "research",
        SpecificCharacterSet="ISO_IR 192",
        PatientName="Gammamed^Шт^УЧИВШИХСЯ",
        StationName=["UCZIWSZICHSI", "A H"],
    )
    assert "StationName" not in read


@pytest.mark.parametrize("name", ["LUNG-0001", "LUNG_0001", "LIDC-IDRI-0001", "PHILIPS-001", "4D-Lung-100"])
@pytest.mark.parametrize("profile", ["basic", "neutral", "research"])
def test_terms_beside_digits_are_no_names(name: str, profile: str) -> None:
    for text in ("LUNG", "LIDC", "PHILIPS", "4D Lung"):
        read = result(profile, PatientName=name, PatientID=name, Manufacturer=text)
        assert read.Manufacturer == text


@pytest.mark.parametrize("name", ["IVANOV-1985", "IVANOV_1985", "LUNG-IVANOV-07", "LIDC-IVANOV-0001^Ann"])
def test_other_words_beside_digits_are_names(name: str) -> None:
    read = result("research", PatientName=name, StationName="ROOM IVANOV", SeriesDescription="Ivanov lung")
    assert "StationName" not in read
    assert read.SeriesDescription == "lung"


def test_an_id_of_signs_and_one_letter_is_no_letter() -> None:
    assert result("research", StudyID="--c-", DeviceSerialNumber="MOBILE C").DeviceSerialNumber == "MOBILE C"


@pytest.mark.parametrize(
    "text",
    [
        "Z I N A I D A",
        "N.e.l.s.o.n",
        "Z_i_n_a",
        "Sm1th",
        "Pe7rov4",
        "1 9 5 8",
        "12 03 58",
        "58 03 12",
    ],
)
@pytest.mark.parametrize("name", ["basic", "neutral", "research", "strict"])
def test_words_in_disguise_go_from_kept_texts(name: str, text: str) -> None:
    assert result(name, RescaleType=f"HU {text}").RescaleType == "HU"
    assert result(name, RescaleType=text).RescaleType == "REMOVED"


@pytest.mark.parametrize(
    "text",
    ["B31f", "VB42B", "3DT1W", "5.8.3.12", "T R A", "0.5 x 1", "512x512", "ep2d", "R 1 2", "45x38x40mm"],
)
def test_codes_sizes_and_versions_are_no_disguise(text: str) -> None:
    assert result(ConvolutionKernel=text).ConvolutionKernel == text


def test_initials_go_with_the_name_beside_them() -> None:
    assert result(RescaleType="HU Z.P. Zinaida").RescaleType == "HU"
