"""Kept texts, numbers and UIDs are checked together, by their form, and in bounded time."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import pytest

from orthanc_deid.deid.element_steps import Act
from orthanc_deid.deid.retained_values import all_numbers, all_uids, are_numbers, are_uids, unchanged_acts
from orthanc_deid.deid.text.identity import Identity
from orthanc_deid.verify.rules.value_rules import looks_like_numbers

ALL = {Act.SEARCH, Act.NUMBER, Act.WORDS, Act.CODE}
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
    identity = Identity.of([("person", "TARN^INES")])
    assert unchanged_acts(([b"AXIAL"], [b"1"], [b"1.2"], [], [], []), identity) == ALL
    assert unchanged_acts(([b"Tarn"], [b"1"], [b"1.2"], [], [], []), identity) == {Act.NUMBER}
    assert unchanged_acts(([b"AXIAL"], [b"1", b"A"], [b"1.2"], [], [], []), identity) == ALL - {Act.NUMBER}
    assert unchanged_acts(([b"AXIAL"], [b"1"], [b"1.2", b"Ines"], [], [], []), identity) == ALL - {Act.NUMBER}
    assert unchanged_acts(([b"AXIAL", "Кириллица".encode("cp1251")], [], [], [], [], []), identity) == {
        Act.NUMBER
    }
    assert unchanged_acts(
        ([b"AXIAL"], [b"1"], [], [b"1.2.840.10008.5.1.4.1.1.2", b"1.2"], [], []), identity
    ) == (ALL - {Act.NUMBER})
    words, codes = [b"ORIGINAL\\PRIMARY", b"B31f"], [b"T-D0050", b"113100"]
    assert unchanged_acts(([], [], [], [], words, codes), identity) == ALL
    assert unchanged_acts(([], [], [], [], [*words, b"by Ines"], codes), identity) == {Act.NUMBER}
    assert unchanged_acts(([], [], [], [], [*words, b"by Zinaida"], codes), identity) == ALL - {Act.WORDS}
    assert unchanged_acts(([], [], [], [], codes, words), identity) == ALL - {Act.WORDS}
    assert unchanged_acts(([], [], [], [], words, [b"79161234567"]), identity) == ALL - {Act.CODE}
