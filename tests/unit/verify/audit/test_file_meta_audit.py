"""Preamble, file meta information and transfer syntax that differ from what the output must have."""

from __future__ import annotations

import pytest
from pydicom.uid import ImplicitVRLittleEndian

from orthanc_deid.dicom.slices import Slices
from support.data.faulty_outputs import BASIC, findings
from support.data.hand_made import (
    INSTANCE,
    by_hand,
    encoded,
    keyed_uid,
    original,
    output,
)


@pytest.mark.parametrize(
    ("meta", "finding"),
    [
        ({"SourceApplicationEntityTitle": "WEXLERPACS"}, "file meta information incomplete"),
        ({"ImplementationVersionName": "PYDICOM 3.0"}, "PS3.10 7.1: wrong value or encoding (0002,0013)"),
        ({"ImplementationClassUID": "1.2.3.4"}, "PS3.10 7.1: wrong value or encoding (0002,0012)"),
    ],
)
def test_file_meta_that_is_not_ours_is_found(meta: dict[str, str], finding: str) -> None:
    ds = original()
    assert finding in findings(encoded(ds), output(by_hand(ds, BASIC), **meta))


def test_a_uid_in_the_file_meta_that_is_not_the_data_sets_is_found() -> None:
    ds = original()
    made = bytes(output(by_hand(ds, BASIC)))
    uid = keyed_uid(INSTANCE).encode()
    other = made.replace(uid, uid[:-1] + (b"1" if uid[-1:] != b"1" else b"2"), 1)
    assert "PS3.10 7.1: wrong value or encoding (0002,0003)" in findings(encoded(ds), Slices([other]))


def test_a_transfer_syntax_changed_without_need_is_found() -> None:
    ds = original()
    made = output(by_hand(ds, BASIC), ImplicitVRLittleEndian)
    assert "transfer syntax: changed (0002,0010)" in findings(encoded(ds), made)


def test_a_preamble_with_something_in_it_is_found() -> None:
    ds = original()
    made = b"II*\0" + bytes(output(by_hand(ds, BASIC)))[4:]
    assert "preamble not zeroed" in findings(encoded(ds), Slices([made]))


def test_a_wrong_group_length_is_found() -> None:
    ds = original()
    made = bytearray(bytes(output(by_hand(ds, BASIC))))
    made[140] ^= 2
    assert "PS3.10 7.1: wrong value or encoding (0002,0000)" in findings(encoded(ds), Slices([made]))
