"""Pixel data that differs from that of the original: one sample or one fragment is found."""

from __future__ import annotations

from pydicom.dataset import Dataset

from orthanc_deid.dicom.slices import Slices
from support.data.faulty_outputs import BASIC, faulty, findings
from support.data.hand_made import (
    JPEG,
    by_hand,
    compressed,
    encoded,
    jpeg_frame,
    original,
    output,
)


def test_one_pixel_touched_is_found() -> None:
    def touch(made: Dataset) -> None:
        made.PixelData = made.PixelData[:-3] + bytes([made.PixelData[-3] ^ 1]) + made.PixelData[-2:]

    assert faulty(touch) == "attributes that no row names: not kept as it was (7FE0,0010)"


def test_one_bit_in_the_middle_of_long_pixel_data_is_found() -> None:
    ds = original(Rows=2048, Columns=2048)
    ds.PixelData = bytes(2048 * 2048 * 2)
    source, made = encoded(ds), bytearray(bytes(output(by_hand(ds, BASIC))))
    made[len(made) // 2] ^= 0x10
    assert "not kept as it was (7FE0,0010)" in findings(source, Slices([made]))
    shorter = by_hand(ds, BASIC)
    shorter.PixelData = bytes(2048 * 2048 * 2 - 2)
    assert "not kept as it was (7FE0,0010)" in findings(source, output(shorter))


def test_a_frame_touched_or_cut_otherwise_is_found() -> None:
    ds = compressed(original(), jpeg_frame())
    made = by_hand(ds, BASIC)
    made.PixelData = made.PixelData.replace(b"entropy", b"ENTROPY")
    changed = "compressed frames: not what decoding needs of the original (7FE0,0010)"
    assert changed in findings(encoded(ds, JPEG), output(made, JPEG))
