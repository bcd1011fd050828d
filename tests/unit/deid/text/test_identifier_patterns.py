"""Identifiers of a known form are found; parameters of images are not."""

from __future__ import annotations

import pytest
from pydicom._uid_dict import UID_dictionary

from orthanc_deid.deid.text.clean import clean_text
from orthanc_deid.deid.text.identity import Identity

NOBODY = Identity.of(())


def cleaned(text: str) -> str:
    return clean_text(text, NOBODY, "known", lambda part: part)


@pytest.mark.parametrize(
    "identifying",
    [
        "quill@widdershins.example",
        "https://pacs.example/study?id=1",
        "www.example.org/a",
        "clinic.example.ru",
        "192.168.10.20",
        "fe80:0:0:0:1:2:3:4",
        "00:1a:2b:3c:4d:5e",
        "1.2.840.113619.2.55.3",
        "2.25.329800735698586629295641978511506172918",
        "2.25.32980073569",
        "1.2.840.10008.1.2.777.1",
        "+7 912 345-67-89",
        "+7(912)345-67-89",
        "8 (912) 345-67-89",
        "8-912-345-67-89",
        "89123456789",
        "8 (4012) 34-56-78",
        "(555) 123-4567",
        "555-123-4567",
        "+49 30 1234567",
        "тел. 34-56-78",
        "345-67-89",
        "112-233-445 95",
        "112-233-445-95",
        "7712345678901234",
        "7712 3456 7890 1234",
        "4503 123456",
        "45 03 № 123456",
        "123-45-6789",
        "123456",
        "MRN00123456",
        "A1234567",
        "1234-5678-9012",
        "12 Quillon Street",
        "12 Main Street, Apt 4",
        "1600 Long Oak Avenue",
        "7 Widdershins Ct",
        "P.O. Box 123",
        "ул. Ленина, д. 5, кв. 12",
        "УЛ. ЛЕНИНА 5-12",
        "улица Красной Армии, дом 7, корп. 2, кв. 15",
        "пр-т Мира, 10",
        "переулок Садовый, 3",
        "г. Мытищи",
        "д. 5 кв. 7",
    ],
)
def test_an_identifier_is_removed_and_the_words_around_it_stay(identifying: str) -> None:
    assert cleaned(identifying) == ""
    assert cleaned(f"chest {identifying}") == "chest"
    assert cleaned(f"{identifying}, chest") == "chest"


@pytest.mark.parametrize(
    "text",
    [
        "CT CHEST W/O CONTRAST AX 5.0 B31F",
        "P4^P101^S108^I0",
        "2 PHASE LIVER CT",
        "3 VIEW CHEST ST",
        "5 mm lateral drive",
        "kVp 120 mAs 250 TR 500 TE 15",
        "512 x 512, 1.234567 mm, 0,1234567",
        "10:22:33",
        "1.5.2",
        "VB10.5.3, 12.345.678, 2.25.1234567890",
        "1.2.840.10008.1.2.1",
        "TS 1.2.840.10008.1.2.4.50, 1.2.840.10008.5.1.4.1.1.2",
        "T1 T2 12345",
        "100 200 300",
        "80/20, 1/3, 4-5",
        "в 2019 г. слева",
        "перелом 5 ребра, д. 5",
        "32 кв. см",
    ],
)
def test_parameters_and_words_stay(text: str) -> None:
    assert cleaned(text) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("UID.1.2.840.113619.2.55.3", "UID"),
        ("SR1.2.840.113619.2.55.3x", "SR x"),
        ("chest 1.2.840.113619.2.55.3.", "chest"),
        ("1.2.840.113619..2.55.3.4", ""),
    ],
)
def test_a_uid_is_removed_next_to_any_sign(text: str, left: str) -> None:
    assert cleaned(text) == left


def test_every_registered_uid_stays() -> None:
    assert [uid for uid in UID_dictionary if cleaned(f"chest {uid}") != f"chest {uid}"] == []


def test_dates_are_not_cut_as_identifiers() -> None:
    text = "2019-03-05, 05.03.2019, 20190305, 20190305101112"
    assert cleaned(text) == text
