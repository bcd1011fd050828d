"""Texts of megabytes: the check takes time linear in their length."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from pydicom.config import disable_value_validation
from pydicom.dataelem import RawDataElement
from pydicom.uid import ImplicitVRLittleEndian

from orthanc_deid.dicom.slices import Slices
from orthanc_deid.profile.action import Action
from orthanc_deid.profile.model import AttributeRule, Dates, Profile
from orthanc_deid.profile.verify_depth import VerifyDepth
from orthanc_deid.verify.reading.data_set import DataSet
from orthanc_deid.verify.reading.private_creators import Creators
from orthanc_deid.verify.rules.expected_dates import expected_dates
from orthanc_deid.verify.rules.expected_pseudonyms import uids_in
from orthanc_deid.verify.rules.value_rules import looks_like_numbers
from orthanc_deid.verify.text.cleaned_text_dates import dates_are_changed
from orthanc_deid.verify.text.decoding import decode
from orthanc_deid.verify.text.identifiers import Kind, make_identifiers
from orthanc_deid.verify.text.name_forms import name_forms
from orthanc_deid.verify.text.removal_reasons import RemovalReasons
from orthanc_deid.verify.text.romanization import keys, plain
from orthanc_deid.verify.text.text_search import found_in_any, kinds_in
from orthanc_deid.verify.verifier import Verifier
from support.data.hand_made import KEY, by_hand, encoded, original, output
from support.processor_time import least_time

SHORT, LONG = 50_000, 200_000
MOST_GROWTH = (
    12  # three times that of a linear one; a square would be 16: clocks are coarse and machines are shared
)
UTF_8 = ("ISO_IR 192",)
VALUES: frozenset[tuple[Kind, str]] = frozenset(
    (
        ("person", "Tarn^Ines^M"),
        ("person", "Иванова^Мария"),
        ("person", "山田^太郎"),
        ("patient id", "A-123 45"),
        ("place", "Kestrelmoor Clinic, 12 Oak St"),
        ("birthdate", "19530417"),
        ("phone", "+44 1632 960451"),
    )
)
IDENTIFIERS = make_identifiers(VALUES)
PIECES = {
    "vowels": "i",
    "Cyrillic vowels": "ий",
    "marks in no order": "\u0301\u0316",
    "halfwidth marks in no order": "\uff9e\u0316",
    "letters and dots": "a.",
    "digits": "1",
    "spaces": " ",
    "names": "Tarn Ines, ",
    "Cyrillic names": "Тарн Инес, ",
    "escapes": "\x1b$B;3\x1b(B",
    "UIDs": "1.2.840.10008.1.1 ",
}
ASKED: dict[str, Callable[[str], object]] = {
    "plain": plain,
    "keys": keys,
    "name_forms": name_forms,
    "kinds": lambda text: kinds_in(text.encode(), UTF_8, IDENTIFIERS),
    "found": lambda text: found_in_any([text.encode()], {UTF_8}, IDENTIFIERS),
    "reasons": RemovalReasons.of(VALUES).may_be_in,
    "identifiers": lambda text: make_identifiers(frozenset([("person", text), ("place", text)])),
    "numbers": lambda text: looks_like_numbers(text.encode(), "DS"),
    "UIDs": lambda text: list(uids_in(text.encode())),
    "decoded": lambda text: decode(text.encode(), ("", "ISO 2022 IR 87")),
}


def repeated(piece: str, length: int) -> str:
    return (piece * (length // len(piece) + 1))[:length]


def takes_time_by_length(call: Callable[[int], object]) -> bool:
    """Whether `call` with a length takes time that grows with it, and not with its square.

    It is called with several lengths of both sizes, so that nothing is gained by what is remembered.
    """
    short = max(least_time(partial(call, SHORT + n), times=1) for n in range(3))
    return short < 20 and any(
        least_time(partial(call, LONG + n), times=1) < MOST_GROWTH * short for n in range(3)
    )


@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
def test_each_search_of_a_text_takes_time_linear_in_its_length(
    asked: Callable[[str], object], piece: str
) -> None:
    assert takes_time_by_length(lambda length: asked(repeated(piece, length)))


def dates(count: int) -> list[str]:
    """Return as many different dates."""
    return [f"{1 + n % 28:02d}.{1 + n // 28 % 12:02d}.{1900 + n // 336 % 199}" for n in range(count)]


def test_many_dates_are_compared_in_time_by_their_number() -> None:
    def compare(length: int) -> None:
        source = dates(length // 11)
        assert dates_are_changed(" ".join(source), " ".join(reversed(source)), "table", 0, may_stay=True)

    assert takes_time_by_length(compare)


def test_many_dates_of_one_value_are_changed_in_time_by_their_number() -> None:
    assert takes_time_by_length(
        lambda length: expected_dates(repeated("20190312\\", length), "DA", "shift", 30)
    )


def test_many_values_are_searched_in_time_by_their_number() -> None:
    def search(length: int) -> None:
        count = length // 50
        values: list[tuple[Kind, str]] = [("id", f"A {n} B {n}a") for n in range(count)]
        identifiers = make_identifiers(frozenset(values))
        for n in range(count):
            assert not kinds_in(f"series {n} of B {n}a".encode(), (), identifiers)

    assert takes_time_by_length(search)


def test_many_private_creators_are_resolved_in_time_linear_in_their_number() -> None:
    def tell(length: int) -> None:
        groups = range(9, 9 + 2 * (length // 50), 2)
        level = DataSet()
        level.elements = {
            group << 16 | 0x10: RawDataElement(group << 16 | 0x10, "LO", 4, b"ACME", 0, False, True)  # type: ignore[arg-type]
            for group in groups
        }
        creators = Creators(level, [group << 16 | 0x1001 for group in groups])
        assert all(creators.needed(tag) == "ACME" for tag in level.elements)

    assert takes_time_by_length(tell)


# the whole check

CLEANED = Profile(
    name="cleaned",
    dates=Dates(mode="neutral"),
    attributes=(AttributeRule(attribute="StudyDescription", action=Action.C),),
)


@pytest.mark.parametrize("depth", ["full", "fast"])
@pytest.mark.parametrize("keyword", ["PatientName", "StudyDescription"])
@pytest.mark.parametrize("piece", ["i", "1", "12.03.2019 ", "\u0301\u0316"])
def test_an_instance_with_a_long_text_is_checked_in_time_by_its_length(
    piece: str, keyword: str, depth: VerifyDepth
) -> None:
    with disable_value_validation():  # pydicom warns that the texts are too long
        files = {length: original_and_output(keyword, repeated(piece, length)) for length in (SHORT, LONG)}
    assert takes_time_by_length(
        lambda length: Verifier(CLEANED, KEY, depth).check(*files[SHORT if length < LONG else LONG])
    )


def original_and_output(keyword: str, text: str) -> tuple[bytes, Slices]:
    source = original(SpecificCharacterSet="ISO_IR 192", **{keyword: text})
    made = by_hand(source, CLEANED)
    made.StudyDescription = source.StudyDescription.replace("12.03.2019", "01.01.2000")
    return encoded(source, ImplicitVRLittleEndian), output(made, ImplicitVRLittleEndian)
