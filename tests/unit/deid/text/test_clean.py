"""Free text is cleaned by word: identifying words are removed, medical ones stay, a clean text is unchanged."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from orthanc_deid.deid.text.clean import CleanMode, clean_text
from orthanc_deid.deid.text.dates_in_text import neutral_in_text, shift_in_text
from orthanc_deid.deid.text.identity import Identity

IDENTITY = Identity.of(
    [
        ("person", "WEXFORD^ALMA"),
        ("person", "Stone^Rose"),
        ("person", "Иванов^Сергей^Петрович"),
        ("patient_id", "4711"),
        ("id", "ACC-778-12"),
        ("place", "Greenhollow County Hospital"),
        ("birthdate", "19550307"),
    ]
)


def cleaned(text: str, mode: CleanMode = "vocabulary") -> str:
    return clean_text(text, IDENTITY, mode, neutral_in_text)


@pytest.mark.parametrize(
    "text",
    [
        "CT CHEST W/O CONTRAST AX 5.0 B31F",
        "P4^P101^S108^I0",
        "Thorax^1_THORAX_ROUTINE (Adult)",
        "ThoraxRoutine 512x512 1.25mm",
        "COR T1 FMPSPGR POST GAD",
        "SAG STIR FATSAT L-SPINE",
        "t2_tse_tra_fs_320; ep2d_diff_3scan_trace_p2_ADC",
        "Hx RUL nodule s/p LLL lobectomy w/o recurrence",
        "kV 120 mAs 250, FOV 24x24, b=1000",
        "Hodgkin lymphoma, Parkinson's disease",
        "Waters view, Towne projection",
        "Salter-Harris II fracture; Murphy sign; pouch of Douglas; Baker's cyst",
        "The lungs are clear. No focal consolidation, pleural effusion or pneumothorax.",
        "Endotracheal tube terminates 4 cm above the carina.",
        "ОГК прямая проекция",
        "Рентгенография органов грудной клетки в прямой проекции",
        "Лёгочный рисунок не изменён, корни структурны, синусы свободны.",
        "Перелом Коллеса слева, сустав Шопара, болезнь Бехтерева, киста Бейкера",
        "МРТ коленного сустава, PD FS SAG, срез 3 мм",
        "  spaces   stay  ",
        "---",
    ],
)
def test_medical_text_stays_as_it_is(text: str) -> None:
    assert cleaned(text) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Alma Wexford, chest PA", "chest PA"),
        ("chest of A. Wexford", "chest of"),
        ("ROSE STONE ABDOMEN", "ABDOMEN"),
        ("Рентген Иванова С.П., прямая проекция", "Рентген, прямая проекция"),
        ("пациенту ИВАНОВУ Сергею Петровичу", "пациенту"),
        ("SERGEI IWANOW: CHEST", "CHEST"),
        ("chest (Greenhollow)", "chest"),
        ("ID 4711 acc-778-12 chest", "ID chest"),
        ("born 7.3.1955, chest", "born, chest"),
    ],
)
@pytest.mark.parametrize("mode", ["vocabulary", "known"])
def test_identifying_values_are_removed_even_if_they_are_medical_words(
    text: str, left: str, mode: CleanMode
) -> None:
    assert cleaned(text, mode) == left


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Dr. Frazier, chest", "Dr., chest"),
        ("Dr. Q. Widdershins: chest", "Dr.: chest"),
        ("chest, Hicks, knee", "chest, knee"),
        ("CT_Thorax_QUILLON_axial", "CT_Thorax_axial"),
        ("(Davidson) chest", "chest"),
        ("Dr. Baker saw a Baker cyst", "Dr. saw a Baker cyst"),
        ("врач Сидоренко А.В. описал снимок", "врач описал снимок"),
        ("А. В. Сидоренко, снимок", "снимок"),
        ("врач Смит, перелом Смита", "врач, перелом Смита"),
        ("McDonald MacQuillan DeFrazier", ""),
        ("山田太郎 CHEST", "CHEST"),
        ("room A12345", "room"),
    ],
)
def test_unknown_words_are_removed_in_the_mode_vocabulary(text: str, left: str) -> None:
    assert cleaned(text) == left


def test_unknown_words_stay_in_the_mode_known() -> None:
    assert cleaned("Frazier saw Wexford", "known") == "Frazier saw"


@pytest.mark.parametrize("text", ["", "CT CHEST", "Wexford", "2019-03-05"])
def test_the_mode_remove_returns_an_empty_text(text: str) -> None:
    assert cleaned(text, "remove") == ""


@pytest.mark.parametrize("text", ["Wexford", "  Frazier  ", "«Иванов»", "john@quillon.example", " \n"])
def test_a_text_without_remaining_words_becomes_empty(text: str) -> None:
    assert cleaned(text) == ""


def test_dates_change_in_place_and_keep_their_form() -> None:
    text = "CT от 05.03.2019, 5 марта 2019 г., 20190305"
    assert cleaned(text) == "CT от 01.01.2000, 1 января 2000 г., 20000101"
    shifted = clean_text(text, IDENTITY, "vocabulary", lambda part: shift_in_text(part, -64))
    assert shifted == "CT от 31.12.2018, 31 декабря 2018 г., 20181231"


def test_a_date_formed_by_a_cut_is_removed() -> None:
    assert cleaned("CT 5 Wexford March 2019") == "CT"
    assert cleaned("CT 5 Frazier March") == "CT"
    assert cleaned("CT March 2019") == "CT January 2000"


@pytest.mark.parametrize("mode", ["vocabulary", "known"])
@given(
    st.lists(
        st.sampled_from(
            ["Wexford", "ALMA", "Иванова", "С.П.", "Frazier", "CHEST", "лёгких", "5.0", "B31f", "2019-03-05", "5",
             "3", "March", "2019", "марта", "+7", "912", "345-67-89", "4711", "acc-778-12", "a@b.ru", "1.2.840",
             ".10008.5", "ул.", "Ленина", "12 Main", "Street", "Baker", "cyst", "(", ")", ",", ".", "-", "_", "^",
             "/", " ", "  ", "\n", "г.", "д. 5", "кв. 7", "123", "456", "D", "İ", "й"]
        ),
        max_size=14,
    ),
    st.sampled_from(["", " "]),
)  # fmt: skip
@settings(max_examples=400, deadline=None)  # a busy machine is no fault
@example(["5", "Wexford", "March", "2019"], " ")
@example(["+7", "2019-03-05", "acc-778-12"], "")
def test_a_clean_text_stays_and_holds_no_identity(mode: CleanMode, parts: list[str], separator: str) -> None:
    once = cleaned(separator.join(parts), mode)
    assert not IDENTITY.finds(once)
    assert cleaned(once, mode) == once


@given(st.text(max_size=30))
@settings(max_examples=200, deadline=None)
def test_cleaning_any_text_twice_is_cleaning_it_once(text: str) -> None:
    once = cleaned(text)
    assert cleaned(once) == once
