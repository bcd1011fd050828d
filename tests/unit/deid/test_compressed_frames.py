"""Pixel Data in fragments: which of them make a frame, what is written of it, and the tables of their offsets."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import generate_fragments, generate_frames, parse_basic_offsets

from orthanc_deid import Key, deidentify
from orthanc_deid.errors import RefusedError
from orthanc_deid.profile.verify_depth import VerifyDepth
from orthanc_deid.verify.verifier import Verifier
from support.data.codestreams import (
    COLUMNS,
    PLANTED,
    ROWS,
    box,
    deflated,
    jpeg,
    jpeg_2000,
    jpeg_ls,
    put_before,
    rle,
    rle_of,
    samples,
    segment,
)
from support.data.encapsulated import (
    DEFLATED,
    DELIMITER,
    JPEG,
    JPEG_2000,
    JPEG_LS,
    JPEG_XL,
    RLE,
    UNCOMPRESSED,
    image,
    item,
    padded,
)
from support.data.hand_made import encoded, original
from support.data.profiles import builtin

KEY = Key(bytes(range(32)))
DEPTHS: tuple[VerifyDepth, ...] = ("full", "fast")
COMMENT = put_before(b"\xff\xdb", segment(0xFE))
RESEARCH = builtin("research")


def delivered(data: bytes) -> Dataset:
    """Return the instance as it is delivered, checked in both depths."""
    done = deidentify(data, RESEARCH, KEY)
    output = bytes(done.output)
    for depth in DEPTHS:
        Verifier(RESEARCH.profile, KEY, depth).check(data, done.output)
    assert PLANTED not in output
    assert output.endswith(DELIMITER)
    return pydicom.dcmread(io.BytesIO(output))


def fragments_of(ds: Dataset) -> list[bytes]:
    """Return the fragments behind the Basic Offset Table."""
    return list(generate_fragments(ds.PixelData))[1:]


FORMATS = {
    JPEG: jpeg(),
    JPEG_LS: jpeg_ls(),
    JPEG_2000: jpeg_2000(),
    RLE: rle(8),
    DEFLATED: deflated(),
    UNCOMPRESSED: samples().tobytes(),
    JPEG_XL: b"\0\0\0\x0cJXL \r\n\x87\n" + box(b"ftyp", b"jxl \0\0\0\0jxl ") + box(b"jxlc", b"\xff\x0a\x10"),
}


@pytest.mark.parametrize(("syntax", "frame"), FORMATS.items())
def test_frames_without_anything_to_remove_are_written_as_they_are(syntax: str, frame: bytes) -> None:
    two = [padded(frame), padded(frame)]
    data = image(two, syntax, table=(0, 8 + len(two[0])), frames=2)
    assert data[-len(b"".join(map(item, two))) - 8 :] in bytes(deidentify(data, RESEARCH, KEY))
    assert fragments_of(delivered(data)) == two


@pytest.mark.parametrize(("syntax", "frame"), FORMATS.items())
def test_bytes_behind_a_frame_go_in_every_format(syntax: str, frame: bytes) -> None:
    ds = delivered(image([padded(frame) + PLANTED, frame], syntax, frames=2))
    assert fragments_of(ds) == [padded(frame)] * 2


@pytest.mark.parametrize(("syntax", "frame"), FORMATS.items())
def test_fragments_of_no_frame_go_in_every_format(syntax: str, frame: bytes) -> None:
    first, second = padded(frame)[:200], padded(frame)[200:]
    assert fragments_of(delivered(image([frame, PLANTED], syntax))) == [padded(frame)]
    assert fragments_of(delivered(image([frame, frame, PLANTED], syntax, frames=2))) == [padded(frame)] * 2
    assert fragments_of(delivered(image([first, second], syntax))) == [first, second]


def test_a_frame_in_several_fragments_that_changes_becomes_one() -> None:
    planted = COMMENT(jpeg())
    parts = [planted[:30], planted[30:300], planted[300:]]
    ds = delivered(image(parts))
    assert fragments_of(ds) == [padded(jpeg())]


def test_frames_in_several_fragments_are_found_by_offsets_or_by_their_beginnings() -> None:
    one, other = padded(COMMENT(jpeg())), padded(jpeg())
    parts = [one[:100], one[100:], other[:200], other[200:]]
    for table in ((), (0, len(one) + 16)):
        ds = delivered(image(parts, table=table, frames=2))
        assert [bytes(each) for each in generate_frames(ds.PixelData, number_of_frames=2)] == [other, other]
        assert parse_basic_offsets(ds.PixelData) == ([0, 8 + len(other)] if table else [])
    lengths = [rle(8), rle_of([bytes(ROWS * COLUMNS)])]
    split = [lengths[0][:100], lengths[0][100:], lengths[1]]
    ds = delivered(image(split, RLE, table=(0, 16 + len(padded(lengths[0]))), frames=2))
    assert [each.rstrip(b"\0") for each in fragments_of(ds)] == [each.rstrip(b"\0") for each in split]


@pytest.mark.parametrize("table", [(0,), (4, 8), (0, 7), tuple(PLANTED), (0, 0xFFFFFFF0)])
def test_an_offset_table_that_is_not_true_is_rewritten(table: tuple[int, ...]) -> None:
    frame = padded(jpeg())
    ds = delivered(image([frame, frame], table=table, frames=2))
    assert parse_basic_offsets(ds.PixelData) == [0, len(frame) + 8]
    assert fragments_of(ds) == [frame, frame]


def extended(offsets: bytes, lengths: bytes, table: Sequence[int] = (), **more: Any) -> bytes:
    values: dict[str, Any] = {"ExtendedOffsetTable": offsets, "ExtendedOffsetTableLengths": lengths} | more
    return image([COMMENT(jpeg()), jpeg()], table=table, frames=2, **values)


def test_extended_offset_tables_are_rewritten_or_removed() -> None:
    size = len(padded(jpeg()))
    for offsets, lengths in (
        (struct.pack("<2Q", 0, 1), struct.pack("<2Q", 2, 3)),
        (PLANTED, PLANTED),
        (struct.pack("<2Q", 0, size + 8), struct.pack("<2Q", size, size)),
    ):
        ds = delivered(extended(offsets, lengths, EncapsulatedPixelDataValueTotalLength=17))
        assert ds.ExtendedOffsetTable == struct.pack("<2Q", 0, size + 8)
        assert ds.ExtendedOffsetTableLengths == struct.pack("<2Q", size, size)
        assert ds.EncapsulatedPixelDataValueTotalLength == 2 * size
    ds = delivered(extended(PLANTED, PLANTED, table=(0, 99)))
    assert "ExtendedOffsetTable" not in ds
    assert "ExtendedOffsetTableLengths" not in ds


def test_extended_offset_tables_of_native_samples_are_removed() -> None:
    ds = original(ExtendedOffsetTable=PLANTED, ExtendedOffsetTableLengths=PLANTED)
    ds.EncapsulatedPixelDataValueTotalLength = 17
    done = deidentify(encoded(ds), RESEARCH, KEY)
    for depth in DEPTHS:
        Verifier(RESEARCH.profile, KEY, depth).check(encoded(ds), done.output)
    found = pydicom.dcmread(io.BytesIO(bytes(done.output)))
    assert not [element for element in found if 0x7FE00000 < element.tag < 0x7FE00010]


@pytest.mark.parametrize("missing", range(1, 9))
def test_a_delimiter_that_is_missing_at_the_end_is_added(missing: int) -> None:
    whole = image([jpeg()])
    assert fragments_of(delivered(whole[:-missing])) == fragments_of(delivered(whole))


def test_a_delimiter_with_a_length_of_its_own_is_rewritten() -> None:
    data = image([jpeg()])
    assert fragments_of(delivered(data[:-4] + b"Anna")) == [padded(jpeg())]


def test_a_fragment_that_is_cut_off_is_refused() -> None:
    with pytest.raises(RefusedError, match="length past the end"):
        deidentify(image([jpeg()])[:-12], RESEARCH, KEY)


def test_frames_that_nobody_can_read_are_refused_with_the_reason() -> None:
    for frame in (b"", PLANTED, jpeg()[:-3], b"\xff\xd8" + PLANTED):
        with pytest.raises(RefusedError, match=r"compressed frame: .*\(7FE0,0010\)"):
            deidentify(image([frame]), RESEARCH, KEY)


def test_fragments_in_a_native_transfer_syntax_are_refused() -> None:
    data = image([jpeg()])
    native = data.replace(b"1.2.840.10008.1.2.4.50", b"1.2.840.10008.1.2.1\0\0\0")
    with pytest.raises(RefusedError, match=r"\(7FE0,0010\)"):
        deidentify(native, RESEARCH, KEY)


def test_bits_above_high_bit_are_found_in_rle_and_deflated_frames() -> None:
    words = samples(bits=12)
    words[5, 5] |= 0x4000
    low, high = (words.view(np.uint8).reshape(-1, 2)[:, place].tobytes() for place in (0, 1))
    shape: dict[str, Any] = {"BitsAllocated": 16, "BitsStored": 12, "HighBit": 11}
    hidden = rle_of([high, low])
    plain = rle_of([bytes(each & 0x0F for each in high), low])
    with pytest.raises(RefusedError, match="suspected of burned-in text: bits outside BitsStored in use"):
        deidentify(image([hidden], RLE, **shape), RESEARCH, KEY)
    assert fragments_of(delivered(image([plain], RLE, **shape))) == [padded(plain)]
    six: dict[str, Any] = {"BitsAllocated": 16, "BitsStored": 6, "HighBit": 5}
    for frame, syntax in ((plain, RLE), (words.tobytes(), UNCOMPRESSED)):
        with pytest.raises(RefusedError, match="bits outside BitsStored in use"):
            deidentify(image([frame], syntax, **six), RESEARCH, KEY)


def test_fragments_that_are_no_pixel_data_are_removed() -> None:
    ds = original()
    data = encoded(ds)
    at = data.index(struct.pack("<HH", 0x7FE0, 0x0010))
    lut = struct.pack("<HH", 0x0028, 0x1221) + b"OW\0\0\xff\xff\xff\xff" + item(PLANTED) + DELIMITER
    found = bytes(deidentify(data[:at] + lut + data[at:], RESEARCH, KEY))
    assert PLANTED not in found
