"""Cleaning takes linear, not quadratic time: a text of megabytes must not block a worker."""

from __future__ import annotations

import time

import pytest

from orthanc_deid.deid.changed_values import cleaned_text
from orthanc_deid.deid.text.clean import clean_text
from orthanc_deid.deid.text.identity import Identity

IDENTITY = Identity.of(
    [
        ("person", "TARN^INES^M"),
        ("patient_id", "A-123 45"),
        ("place", "Kestrelmoor Clinic, 12 Oak St"),
        ("birthdate", "19530417"),
        ("phone", "+44 1632 960451"),
    ]
)
PIECES = (
    *(
        "CT of the chest shows no nodule. ",
        "a",
        "1",
        " ",
        "_",
        "a.",
        "1.",
        "1.2.",
        "a-",
        "1-",
        "'a",
        "(",
        "/ ",
        "--",
    ),
    *(
        "12.03.2019 ",
        "12 March 2019 ",
        "Tarn ",
        "Тарн ",
        "x@y ",
        "a@",
        "1.2.3.4 ",
        "- ",
        "((Tarn)) ",
        "12 34 ",
    ),
    *(
        "зззз 12 Tarn, ",
        "й",
        "i",
        "а\u0301\u0316",
        "\u0301\u0316",
        "ул. Ленина ",
        "tel ",
        "12 Oak ",
        "www.",
        "http://",
        "of the ",
        "Murphy of ",
    ),
)
SHORT, LONG = 5_000, 40_000  # both longer than what is remembered


def seconds(text: str) -> float:
    begun = time.process_time()
    cleaned_text(text, IDENTITY, "vocabulary", "shift", 13)
    return time.process_time() - begun


@pytest.mark.parametrize("end", ["", "@"])
@pytest.mark.parametrize("piece", PIECES)
def test_cleaning_takes_linear_time(piece: str, end: str) -> None:
    short, long = (piece * (length // len(piece)) + end for length in (SHORT, LONG))
    seconds(short)  # fills the caches of words for both
    once = min(seconds(short) for _ in range(2))
    assert min(seconds(long) for _ in range(2)) < 40 * once + 0.02  # quadratic time would be 64 times


@pytest.mark.parametrize(
    "text",
    ["см.clinic.ru", "(clinic.example.org)", "a@b.clinic", "-clinic.gov/path", "..clinic.com", "x.y@clinic"],
)
def test_addresses_are_removed_at_any_position(text: str) -> None:
    kept = clean_text(f"CT {text} chest", IDENTITY, "known", lambda part: part)
    assert "clinic" not in kept
    assert kept.startswith("CT")
    assert kept.endswith("chest")


def test_dates_among_removed_parts_are_recognized() -> None:
    text = "Tarn 5.3.2019 Tarn 6.3.2019, 1234567 7.3.2019 wexlerova 17 April 1953"
    kept = clean_text(text, IDENTITY, "vocabulary", lambda part: part)
    assert kept == "5.3.2019 6.3.2019, 7.3.2019"


@pytest.mark.parametrize("piece", ["i", "й", "ia", "и", "a.", "Tarn ", "Тарн ", "1 ", "o\u0301"])
def test_long_identifying_values_are_prepared_in_linear_time(piece: str) -> None:
    def seconds(length: int) -> float:
        begun = time.process_time()
        Identity.of([("place", piece * (length // len(piece))), ("person", piece * (length // len(piece)))])
        return time.process_time() - begun

    once = min(seconds(SHORT) for _ in range(2))
    assert min(seconds(LONG) for _ in range(2)) < 40 * once + 0.02
