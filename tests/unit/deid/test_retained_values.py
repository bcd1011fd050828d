"""Kept texts, numbers and UIDs are checked together, by their form, and in bounded time."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import pytest

from orthanc_deid.deid.element_steps import STRUCTURAL, Act, Gathered
from orthanc_deid.deid.retained_values import all_numbers, all_uids, are_numbers, are_uids, unchanged_acts
from orthanc_deid.deid.text.identity import Identity
from orthanc_deid.verify.rules.value_rules import looks_like_numbers

ALL = {Act.SEARCH, Act.NUMBER, Act.WORDS, Act.CODE, Act.TERM}
NUMBERS = [
    b"",
    b" ",
    b"0",
    b"-1.5",
    b"+.5e-3 ",
    b"1.",
    b" 12 ",
    b"1\\2\\3",
    b"1\\\\3",
    b"\\",
    b"1 \\ -2 ",
    b"7\0",
]
NO_NUMBERS = [b"1.2.3", b"12-34", b"1 2", b"A", b"1e", b"0x10", b"1\\B", b"+", b".", b"1,5", b"7\0 8"]
UIDS = [b"", b"1.2.840\0", b"1.2\\1.3\0", b"1.2 "]
NO_UIDS = [b"1.2.A", b"NAME", b"1.2\0.3", b"1-2"]


@pytest.mark.parametrize("raw", NUMBERS)
def test_number_strings_are_recognized_alone_and_among_others(raw: bytes) -> None:
    assert are_numbers(raw)
    assert all_numbers([b"1", raw.rstrip(b"\0"), b"2"])


@pytest.mark.parametrize("raw", NO_NUMBERS)
def test_invalid_number_strings_are_recognized_alone_and_among_others(raw: bytes) -> None:
    assert not are_numbers(raw)
    assert not all_numbers([b"1", raw, b"2"])


@pytest.mark.parametrize("raw", UIDS)
def test_uids_are_recognized_alone_and_among_others(raw: bytes) -> None:
    assert are_uids(raw)
    assert all_uids([b"1.2\0", memoryview(raw), b"2.25"])


@pytest.mark.parametrize("raw", NO_UIDS)
def test_invalid_uids_are_recognized_alone_and_among_others(raw: bytes) -> None:
    assert not are_uids(raw)
    assert not all_uids([b"1.2\0", raw, b"2.25"])


@pytest.mark.parametrize(
    "piece", [b"1", b" ", b"1.", b"\\", b" \\", b"  \\  ", b"1e1", b"\0", b"1 ", b"-", b"1\\ "]
)
@pytest.mark.parametrize("end", [b"x", b" x", b"1 x", b"\0x"])
@pytest.mark.parametrize("judge", [are_numbers, are_uids, partial(looks_like_numbers, vr="DS")])
def test_no_value_takes_long_to_check(judge: Callable[[bytes], bool], piece: bytes, end: bytes) -> None:
    def seconds(times: int) -> float:
        value = piece * times + end
        begun = time.process_time()
        assert not judge(value)
        return time.process_time() - begun

    assert max(seconds(times) for times in (20, 2_000, 200_000)) < 5  # by the square it would be minutes


def test_a_kind_is_unchanged_only_if_all_its_values_pass() -> None:
    words, codes = [b"ORIGINAL\\PRIMARY", b"B31f"], [b"T-D0050", b"113100"]
    without = ALL - {Act.SEARCH, Act.WORDS, Act.CODE}
    assert unchanged(texts=[b"AXIAL"], numbers=[b"1"], uids=[b"1.2"]) == ALL
    assert unchanged(texts=[b"Tarn"]) == without
    assert unchanged(texts=[b"AXIAL", "Кириллица".encode("cp1251")]) == without
    assert unchanged(texts=[b"aged 95"]) == without
    assert unchanged(numbers=[b"1", b"A"]) == ALL - {Act.NUMBER}
    assert unchanged(uids=[b"1.2", b"Ines"]) == ALL - {Act.NUMBER}
    assert unchanged(classes=[b"1.2.840.10008.5.1.4.1.1.2", b"1.2"]) == ALL - {Act.NUMBER}
    assert unchanged(words=words, codes=codes) == ALL
    assert unchanged(words=[*words, b"by Ines"], codes=codes) == without
    assert unchanged(words=[*words, b"by Zinaida"], codes=codes) == ALL - {Act.WORDS}
    assert unchanged(words=codes, codes=words) == ALL - {Act.WORDS}
    assert unchanged(words=words, codes=[b"79161234567"]) == ALL - {Act.CODE}
    assert unchanged(modality=[b"CT", b"MR "]) == ALL
    assert unchanged(modality=[b"CT", b"LUNG"]) == ALL - {Act.TERM}


def unchanged(**values: list[bytes]) -> frozenset[int]:
    """Return the acts that change nothing in the values, by the list of `Gathered`; `modality`: those of Modality."""
    lists: list[list[bytes]] = [[] for _ in range(Gathered.COUNT)]
    places = {"modality": Gathered.TERMS + STRUCTURAL.index(0x00080060)}
    for name, gathered in values.items():
        lists[places.get(name, getattr(Gathered, name.upper(), -1))] = gathered
    return unchanged_acts(lists, Identity.of([("person", "TARN^INES")]), 89)
