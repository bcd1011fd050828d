"""The check of the bits above High Bit that the top-level values of an instance ask for."""

from __future__ import annotations

import struct

import pytest

from orthanc_deid.deid.pixels.high_bits import high_bits_check, high_bits_in_use
from orthanc_deid.dicom.tags import BITS_ALLOCATED, HIGH_BIT, PIXEL_REPRESENTATION

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


@pytest.mark.parametrize("bits", [1, 12, 64])
def test_samples_of_another_width_are_not_examined(bits: int) -> None:
    assert not high_bits_in_use(b"\xff" * 16, bits, 0, signed=False)


def test_an_incomplete_sample_at_the_end_is_not_examined() -> None:
    assert not high_bits_in_use(b"\0\0\xff", 16, 11, signed=False)
    assert high_bits_in_use(b"\0\xff\0", 16, 11, signed=False)
