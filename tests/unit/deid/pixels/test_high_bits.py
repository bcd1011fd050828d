"""The check of the bits above High Bit that the top-level values of an instance ask for."""

from __future__ import annotations

import struct

import pytest

from orthanc_deid.deid.pixels.high_bits import high_bits_check, high_bits_in_use
from orthanc_deid.dicom.tags import BITS_ALLOCATED, BITS_STORED, HIGH_BIT, PIXEL_REPRESENTATION
from orthanc_deid.verify.reading.hidden_bits import bits_above

CT = {BITS_ALLOCATED: ("16",), HIGH_BIT: ("11",), PIXEL_REPRESENTATION: ("0",)}


@pytest.mark.parametrize(
    "change",
    [{HIGH_BIT: ()}, {HIGH_BIT: ("",)}, {BITS_ALLOCATED: ("many",)}, {BITS_ALLOCATED: ()}],
)
def test_samples_that_the_values_do_not_describe_are_not_checked(change: dict[int, tuple[str, ...]]) -> None:
    assert high_bits_check(CT) is not None
    assert high_bits_check(CT | change) is None
    assert high_bits_check({BITS_ALLOCATED: ("16",)}) is None


@pytest.mark.parametrize(
    ("representation", "sample", "expected"),
    [(("0",), 4095, False), (("0",), -1, True), (("1",), -1, False), (("1",), -2049, True), ((), -1, True)],
)
def test_sign_extension_is_in_use_only_where_samples_are_signed(
    representation: tuple[str, ...], sample: int, expected: bool
) -> None:
    check = high_bits_check(CT | {PIXEL_REPRESENTATION: representation})
    assert check is not None
    assert check(struct.pack("<2h", 0, sample)) is expected


@pytest.mark.parametrize("bits", [1, 12])
def test_samples_of_another_width_are_not_examined(bits: int) -> None:
    assert not high_bits_in_use(b"\xff" * 16, bits, 0, signed=False)


def test_an_incomplete_sample_at_the_end_is_not_examined() -> None:
    assert not high_bits_in_use(b"\0\0\xff", 16, 11, signed=False)
    assert high_bits_in_use(b"\0\xff\0", 16, 11, signed=False)


@pytest.mark.parametrize(
    ("high", "stored", "sample", "expected"),
    [
        ("15", "12", 0xFFF0, False),
        ("15", "12", 0xFFF1, True),
        ("15", "12", 0x0008, True),
        ("11", "12", 0x0FFF, False),
        ("13", "12", 0x3FFC, False),
        ("13", "12", 0x3FFD, True),
        ("13", "12", 0x7FFC, True),
        ("", "12", 0x0FFF, False),
        ("", "12", 0x1000, True),
    ],
)
def test_bits_below_the_stored_ones_are_examined_as_well(
    high: str, stored: str, sample: int, expected: bool
) -> None:
    check = high_bits_check({BITS_ALLOCATED: ("16",), BITS_STORED: (stored,), HIGH_BIT: (high,)})
    assert check is not None
    samples = struct.pack("<3H", 0, sample, 0)
    assert check(samples) is expected
    top = int(high) if high else int(stored) - 1
    low = max(0, top - int(stored) + 1)
    assert bits_above([memoryview(samples)], 16, top, signed=False, low=low) is expected


def test_samples_of_64_bits_are_examined() -> None:
    samples = struct.pack("<2Q", 0, 1 << 40)
    assert high_bits_in_use(samples, 64, 31, signed=False)
    assert bits_above([memoryview(samples)], 64, 31, signed=False)
    assert not high_bits_in_use(samples, 64, 40, signed=False)
    assert not bits_above([memoryview(samples)], 64, 40, signed=False)
