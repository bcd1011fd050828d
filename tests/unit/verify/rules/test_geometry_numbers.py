"""The check's own reading of numbers that must be the same in original and result."""

from __future__ import annotations

from time import process_time

import pytest

from orthanc_deid.dicom.slices import Slices
from orthanc_deid.verify.rules.geometry_numbers import has_same_numbers, says_no_number
from support.data.faulty_outputs import BASIC, findings
from support.data.hand_made import by_hand, encoded, original, output

POSITION, SPACING, INTERCEPT, VECTOR, DURATION = 0x00200032, 0x00280030, 0x00281052, 0x00181065, 0x00181242


@pytest.mark.parametrize(
    ("tag", "before", "after"),
    [
        (POSITION, b"1,5\\2,5\\3,5", b"1.5\\2.5\\3.5 "),
        (POSITION, b"1.5\\2.5\\3.5", b"1.5\\2.5\\3.5"),
        (POSITION, b" 1,5 \\2.50\\3", b"1.5\\2.5\\3.0 "),
        (SPACING, b"0,7 mm\\0,7mm", b"0.7\\0.7"),
        (INTERCEPT, b"-1024 HU", b"-1024 "),
        (VECTOR, b"0\\33,3", b"0\\33.3"),
        (DURATION, b"40 ms", b"40"),
        (SPACING, b"\\", b"\\"),
    ],
)
def test_the_same_numbers_are_accepted(tag: int, before: bytes, after: bytes) -> None:
    assert has_same_numbers(tag, before, after)


@pytest.mark.parametrize(
    ("tag", "before", "after"),
    [
        (POSITION, b"1,5\\2,5\\3,5", b"0\\0\\0"),
        (POSITION, b"1,5\\2,5\\3,5", b"1.5\\2.5\\3.6"),
        (POSITION, b"1,5\\2,5\\3,5", b"1.5\\2.5"),
        (POSITION, b"1,5\\2,5\\3,5", b"1,5\\2,5\\3,5"),
        (POSITION, b"1,024\\2,5\\3,5", b"1.024\\2.5\\3.5"),
        (POSITION, b"1,024\\2,5\\3,5", b"1024\\2.5\\3.5"),
        (POSITION, b"1.5,2.5,3.5", b"1.5\\2.5\\3.5"),
        (SPACING, b"1,1", b"1.1"),
        (SPACING, b"1 cm\\1 cm", b"1\\1"),
        (SPACING, b"0.7 mm\\0.7 mm", b"0.7 mm\\0.7 mm"),
        (INTERCEPT, b"-1024 HU", b"0"),
        (INTERCEPT, b"-1024 mm", b"-1024"),
        (INTERCEPT, b"n/a", b"0"),
        (INTERCEPT, b"n/a", b""),
        (INTERCEPT, b"5,", b"5."),
        (DURATION, b"40,5", b"40.5"),
    ],
)
def test_other_numbers_are_not_accepted(tag: int, before: bytes, after: bytes) -> None:
    assert not has_same_numbers(tag, before, after)


def test_a_value_says_no_number_if_none_is_lost_with_it() -> None:
    assert says_no_number(INTERCEPT, b"n/a", "DS")
    assert says_no_number(DURATION, b"40,5", "IS")
    assert not says_no_number(DURATION, b"40 ms", "IS")
    assert not says_no_number(INTERCEPT, b"1,024", "DS")


@pytest.mark.parametrize(
    ("written", "left", "finding"),
    [
        (b"0,7\\0,7 ", b"0\\0 ", "no same numbers value (0028,0030)"),
        (b"1 cm\\1 cm ", b"1\\1 ", "no same numbers value (0028,0030)"),
        (b"0,7\\0,7 ", b"", "no same numbers value (0028,0030)"),
        (b"0,7\\0,7 ", b"0,7\\0,7 ", "kept although no number (0028,0030)"),
    ],
)
def test_a_wrong_spacing_is_found(written: bytes, left: bytes, finding: str) -> None:
    ds = original(PixelSpacing=[0.5, 0.5])
    source, made = encoded(ds), bytes(output(by_hand(ds, BASIC)))
    old = _spacing(source)
    made = made.replace(old, _element(left))
    assert finding in findings(source.replace(old, _element(written)), Slices([made]))


def test_a_long_value_is_read_in_linear_time() -> None:
    for value in (b"1," * 300_000, b"1" * 600_000 + b"x", b"1\\" * 300_000 + b"x", b"e" * 600_000):
        started = process_time()
        assert not has_same_numbers(POSITION, value, b"0")
        assert process_time() - started < 2


def _spacing(data: bytes) -> bytes:
    start = data.index(b"\x28\x00\x30\x00DS")
    return data[start : start + 8 + int.from_bytes(data[start + 6 : start + 8], "little")]


def _element(value: bytes) -> bytes:
    return b"\x28\x00\x30\x00DS" + len(value).to_bytes(2, "little") + value
