"""Files that are no valid data sets: faults that pydicom would hide are found."""

from __future__ import annotations

import struct

import pytest

from orthanc_deid.dicom.slices import Slices
from orthanc_deid.errors import VerificationError
from orthanc_deid.verify.verifier import verify
from support.data.faulty_outputs import BASIC, findings
from support.data.hand_made import (
    KEY,
    by_hand,
    encoded,
    original,
    output,
)


def test_an_element_out_of_order_or_twice_is_found() -> None:
    ds = original()
    made = bytes(output(by_hand(ds, BASIC)))
    hidden = b"\x10\x00\x10\x00PN\x0e\x00Wexler^Ottilie"
    at = made.rindex(b"\x10\x00\x10\x00PN")
    assert "PS3.5 7.1: elements out of order or twice" in findings(
        encoded(ds), Slices([made[:at] + hidden + made[at:]])
    )


def test_an_element_twice_inside_an_item_is_found() -> None:
    ds = original()
    wrong = by_hand(ds, BASIC)
    wrong["AnatomicRegionSequence"].is_undefined_length = True
    wrong.AnatomicRegionSequence[0].is_undefined_length_sequence_item = True
    made = bytes(output(wrong))
    at = made.index(b"\x08\x00\x00\x01SH")
    hidden = b"\x08\x00\x00\x01SH\x06\x00Wexler"
    found = findings(encoded(ds), Slices([made[:at] + hidden + made[at:]]))
    assert "PS3.5 7.1: elements out of order or twice (0008,2218)" in found


@pytest.mark.parametrize("rest", [b"Wexler", b"\xfe\xff\x0d\xe0\0\0\0\0Wexler^Ottilie", b"\0" * 9])
def test_bytes_that_belong_to_no_element_are_found(rest: bytes) -> None:
    ds = original()
    assert findings(encoded(ds), Slices([bytes(output(by_hand(ds, BASIC))) + rest])).startswith("output: ")


def test_a_truncated_output_is_found() -> None:
    ds = original()
    made = bytes(output(by_hand(ds, BASIC)))
    for length in (0, 100, 200, 400, len(made) // 2, len(made) - 1):
        with pytest.raises(VerificationError):
            verify(encoded(ds), Slices([made[:length]]), BASIC, KEY)


def test_an_unreadable_original_is_said_to_be_so() -> None:
    made = output(by_hand(original(), BASIC))
    broken = encoded(original())[:-10]
    with pytest.raises(VerificationError, match="original: "):
        verify(broken, made, BASIC, KEY)
    deep = b"".join(
        struct.pack("<HH2sxxLHHL", 8, 0x2218, b"SQ", 2**32 - 1, 0xFFFE, 0xE000, 2**32 - 1) for _ in range(300)
    )
    with pytest.raises(VerificationError, match="nested deeper than 64"):
        verify(bytes(128) + b"DICM" + deep, made, BASIC, KEY)
