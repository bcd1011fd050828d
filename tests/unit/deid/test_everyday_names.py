"""Names that are everyday words in some form, and everyday words that are no names, in engine and verifier."""

from __future__ import annotations

import calendar
from io import BytesIO

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from orthanc_deid import Key, deidentify
from orthanc_deid.verify.verifier import Verifier
from support.data.profiles import builtin
from support.data.studies import ct_study, encoded

KEY = Key(bytes(32))
RESEARCH = builtin("research")


def series_description(name: str, text: str, charset: str = "ISO_IR 144", **values: str) -> str:
    """Return the Series Description in the verified result of a patient of that name."""
    image: Dataset = ct_study(1)[0]
    image.SpecificCharacterSet, image.PatientName, image.SeriesDescription = charset, name, text
    for keyword, value in values.items():
        setattr(image, keyword, value)
    data = encoded(image)
    result = deidentify(data, RESEARCH, KEY)
    Verifier(RESEARCH.profile, KEY).check(data, result.output)
    return str(dcmread(BytesIO(bytes(result))).SeriesDescription)


@pytest.mark.parametrize("name", ["Кольцов^Лев^Ильич", "Koltsov^Lev"])
@pytest.mark.parametrize("text", ["Левая кисть", "в левом лёгком, слева", "левой доли"])
def test_the_adjective_left_is_no_form_of_the_name_lev(name: str, text: str) -> None:
    assert series_description(name, text) == text


@pytest.mark.parametrize("name", ["Кольцов^Лев^Ильич", "Koltsov^Lev"])
def test_the_name_lev_is_removed_in_its_cases(name: str) -> None:
    assert series_description(name, "Кисть Льва Ильича, снимок Львом") == "Кисть, снимок"


@pytest.mark.parametrize("charset", ["ISO_IR 144", "ISO_IR 192"])
def test_medical_words_of_a_place_stay_in_any_character_set(charset: str) -> None:
    place = {"InstitutionName": "Веснянская центральная районная больница"}
    text = "Центральная доля, районная, по данным"
    assert series_description("Гайворон^Устин", text, charset, **place) == text


@pytest.mark.parametrize("name", ["Сухая^Устинья", "Sukhaia^Ustinia", "Sukhaya^Ustinya", "Suhaja^Ustinja"])
def test_an_adjectival_name_is_removed_in_its_feminine_cases(name: str) -> None:
    assert series_description(name, "Стопа Сухой, снимок Сухую") == "Стопа, снимок"


def test_a_date_that_contains_a_name_is_removed() -> None:
    assert series_description("May^Ann", "Chest, 5 May 2019", "ISO_IR 100") == "Chest"


def test_a_date_that_the_shift_would_turn_into_the_name_is_removed() -> None:
    for month in calendar.month_name[1:]:
        kept = series_description(f"{month}^Ann", "Chest, 5 February 2019", "ISO_IR 100")
        assert month not in kept
        assert kept == "Chest" or kept.startswith("Chest, ")
        assert kept == "Chest" or len(kept.split()) == 4


@pytest.mark.parametrize("text", ["Call 274-7859", "phone 020 7946 0958", "ext 4471", "cell 274-7850"])
def test_telephone_numbers_are_removed_in_short_forms(text: str) -> None:
    kept = series_description("Gaivoron^Ustin", f"Chest. {text}", "ISO_IR 100")
    assert not any(char.isdigit() for char in kept)


@pytest.mark.parametrize("text", ["window -600/1500", "b 500-1000", "HU 130-3000", "-600/1500"])
def test_parameters_are_no_telephone_numbers(text: str) -> None:
    assert series_description("Gaivoron^Ustin", text, "ISO_IR 100") == text


def test_the_sign_of_a_number_stays_behind_a_name() -> None:
    assert series_description("Gaivoron^Ustin", "Gaivoron -600/1500", "ISO_IR 100") == "-600/1500"


@pytest.mark.parametrize(
    ("name", "text"), [("Strelin^Ilya", "Ilia"), ("Strelin^Iurii", "Yuri"), ("Strelin^Mai", "May")]
)
def test_short_names_are_removed_in_another_romanization(name: str, text: str) -> None:
    assert series_description(name, f"Chest {text}", "ISO_IR 100") == "Chest"


def test_the_calibration_of_the_device_moves_with_the_study() -> None:
    image = ct_study(1)[0]
    image.DateOfLastCalibration = image.StudyDate
    data = encoded(image)
    result = deidentify(data, RESEARCH, KEY)
    Verifier(RESEARCH.profile, KEY).check(data, result.output)
    output = dcmread(BytesIO(bytes(result)))
    assert output.DateOfLastCalibration == output.StudyDate != image.StudyDate


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("LAO 45 November 22, 2020", "LAO 45 "),
        ("segment 4 March 5, 2019", "segment 4 "),
        ("matrix 320x256 10.2011", "matrix 320x256 "),
    ],
)
def test_a_number_before_a_date_leaves_it_a_date(text: str, kept: str) -> None:
    cleaned = series_description("Gaivoron^Ustin", text, "ISO_IR 100")
    assert cleaned.startswith(kept)
    assert cleaned != text
    assert len(cleaned) > len(kept) + 6


def test_a_russian_name_in_an_english_text_does_not_change_the_order_of_a_date() -> None:
    shifted = series_description("Gaivoron^Ustin", "Operation on 1/11/2015", "ISO_IR 192")
    beside = series_description("Gaivoron^Ustin", "Operation on 1/11/2015 by Стрелин", "ISO_IR 192")
    assert beside.startswith(shifted)
