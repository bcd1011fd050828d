"""What is written of compressed frames: entropy-coded data and what steers decoding, and nothing else."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from jpeg_ls import decode as decode_ls  # type: ignore[import-untyped]
from openjpeg.utils import decode as decode_2000
from openjpeg.utils import encode_array as encode_2000
from PIL import Image

from orthanc_deid.deid.pixels.frames.formats import FrameFormat, FrameShape
from orthanc_deid.deid.pixels.frames.parts import Part
from orthanc_deid.errors import RefusedError
from orthanc_deid.verify.reading.element_headers import ParseError
from orthanc_deid.verify.reading.frames.needed import needed
from orthanc_deid.verify.reading.frames.pieces import equals, is_whole, total
from orthanc_deid.verify.reading.frames.runs import FrameSize
from support.data.codestreams import (
    COLUMNS,
    IN_JP2,
    IN_JPEG,
    IN_JPEG_2000,
    IN_JPEG_LS,
    IN_RLE,
    PLANTED,
    ROWS,
    Plant,
    box,
    deflated,
    in_tile_part,
    jp2,
    jpeg,
    jpeg_2000,
    jpeg_ls,
    put_before,
    rle,
    samples,
    segment,
    tiled,
)

JPEG, RLE, DEFLATED = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.8.1"
UNCOMPRESSED = "1.2.840.10008.1.2.1.98"
PIXELS = ROWS * COLUMNS


def written(frame: bytes, syntax: str = JPEG, bits: int = 8) -> bytes:
    """Return what the engine writes of a frame; the verifier must read the same as needed, and nothing else in it."""
    shape = FrameShape(PIXELS, 1, bits, PIXELS * bits // 8)
    parts: list[Part] = FrameFormat(syntax, shape, lambda *_: None).parts(frame)
    found = b"".join(part if isinstance(part, bytes) else frame[slice(*part)] for part in parts)
    size = FrameSize(PIXELS, 1, bits)
    pieces = needed(frame, syntax, size)
    assert total(pieces) == len(found)
    assert equals(frame, pieces, found)
    assert is_whole(needed(found, syntax, size), len(found))
    return found


def refused(frame: bytes, syntax: str = JPEG, bits: int = 8) -> str:
    """Return why a frame is refused; the verifier refuses it too."""
    with pytest.raises(ParseError, match="compressed frame: "):
        needed(frame, syntax, FrameSize(PIXELS, 1, bits))
    with pytest.raises(RefusedError) as caught:
        written(frame, syntax, bits)
    return caught.value.rule.removeprefix("compressed frame: ")


FRAMES = {
    "grey": jpeg(),
    "colour": jpeg(3),
    "progressive": jpeg(3, progressive=True),
    "optimized": jpeg(optimize=True),
    "restart markers": jpeg(3, restart_marker_blocks=2),
}


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
def test_a_jpeg_frame_of_a_common_encoder_is_written_as_it_is(frame: bytes) -> None:
    assert written(frame) == frame


@pytest.mark.parametrize("plant", IN_JPEG.values(), ids=IN_JPEG)
def test_what_stands_in_a_jpeg_frame_and_steers_nothing_goes(plant: Plant) -> None:
    planted = plant(jpeg())
    assert planted != jpeg()
    assert written(planted) == jpeg()


@pytest.mark.parametrize("frame", [jpeg(3, progressive=True), jpeg(3, restart_marker_blocks=2)])
def test_a_comment_between_two_scans_or_anywhere_else_goes(frame: bytes) -> None:
    comment = segment(0xFE)
    places = [at for at in range(2, len(frame) - 1) if frame[at] == 0xFF and frame[at + 1] in (0xC4, 0xDA)]
    for at in places:
        assert written(frame[:at] + comment + frame[at:]) == frame


def test_fill_bytes_before_a_restart_marker_go() -> None:
    frame = jpeg(3, restart_marker_blocks=2)
    at = frame.index(b"\xff\xd1")
    assert written(frame[:at] + b"\xff\xff" + frame[at:]) == frame


def test_a_thumbnail_in_jfif_and_spare_bytes_in_adobe_go() -> None:
    plain = b"\xff\xe0\x00\x10JFIF\0\1\1\0\0\1\0\1\0\0"
    with_thumbnail = segment(0xE0, plain[4:-2] + b"\3\3" + PLANTED[:27])
    frame = jpeg()
    assert plain in frame
    assert written(frame.replace(plain, with_thumbnail)) == frame
    stretched = plain[:12] + b"\1Wexler"[:5] + b"\0\0"
    assert written(frame.replace(plain, segment(0xE0, stretched[4:].ljust(14, b"\0")))) == frame
    adobe = segment(0xEE, b"Adobe\0\x64\0\0\0\0\1")
    longer = segment(0xEE, b"Adobe\0\x64\0\0\0\0\1" + PLANTED)
    assert written(frame.replace(plain, longer)) == frame.replace(plain, adobe)
    assert written(frame.replace(plain, segment(0xEE, b"Adobe" + PLANTED))) == frame.replace(
        plain, segment(0xEE, b"Adobe\0\x64\0\0\0\0" + PLANTED[6:7])
    )


SPARE = {
    "quantization table": put_before(b"\xff\xc0", segment(0xDB, b"\0" + bytes(64) + PLANTED)),
    "quantization table that is no table": put_before(b"\xff\xc0", segment(0xDB)),
    "Huffman table": put_before(b"\xff\xda", segment(0xC4, b"\0" + bytes(16) + PLANTED)),
    "symbols twice": put_before(b"\xff\xda", segment(0xC4, b"\x13" + bytes(15) + b"\x20" + PLANTED)),
    "frame header": put_before(b"\xff\xda", segment(0xC0, b"\x08\0\x28\0\x30\1\1\x11\0" + PLANTED)),
    "restart interval": put_before(b"\xff\xda", segment(0xDD, b"\0\4" + PLANTED)),
    "unknown segment": put_before(b"\xff\xda", segment(0xF0)),
    "bytes between segments": put_before(b"\xff\xda", PLANTED),
}


@pytest.mark.parametrize("plant", SPARE.values(), ids=SPARE)
def test_a_jpeg_frame_with_spare_bytes_in_its_segments_is_refused(plant: Plant) -> None:
    assert refused(plant(jpeg())) in (
        "segment of a wrong length",
        "no valid table",
        "unknown segment",
        "bytes between segments",
        "cut off",
    )


@pytest.mark.parametrize("end", [1, 3, 30, 200, -2])
def test_a_jpeg_frame_that_is_cut_off_is_refused(end: int) -> None:
    assert refused(jpeg()[:end]) in ("cut off", "without its end", "of no known format")


@pytest.mark.parametrize("plant", IN_JPEG_LS.values(), ids=IN_JPEG_LS)
@pytest.mark.parametrize("bits", [8, 16])
def test_what_stands_in_a_jpeg_ls_frame_and_steers_nothing_goes(plant: Plant, bits: int) -> None:
    frame = jpeg_ls(bits)
    assert written(frame) == frame
    planted = plant(frame)
    assert planted != frame
    assert written(planted) == frame
    assert np.array_equal(decode_ls(np.frombuffer(frame, np.uint8)), samples(bits=bits))


def test_preset_parameters_of_jpeg_ls_with_spare_bytes_are_refused() -> None:
    preset = b"\1" + struct.pack(">5H", 255, 3, 7, 21, 64)
    with_preset = put_before(b"\xff\xda", segment(0xF8, preset))(jpeg_ls())
    assert written(with_preset) == with_preset
    for content in (preset + PLANTED, PLANTED):
        assert (
            refused(put_before(b"\xff\xda", segment(0xF8, content))(jpeg_ls())) == "segment of a wrong length"
        )


@pytest.mark.parametrize("frame", [jpeg_2000(), jpeg_2000(3), jpeg_2000(bits=12), tiled()])
@pytest.mark.parametrize("plant", IN_JPEG_2000.values(), ids=IN_JPEG_2000)
def test_what_stands_in_a_codestream_and_steers_nothing_goes(plant: Plant, frame: bytes) -> None:
    assert written(frame) == frame
    planted = plant(frame)
    assert planted != frame
    assert written(planted) == frame


def test_lengths_of_tile_parts_and_packets_that_an_encoder_wrote_stay_or_go() -> None:
    with_lengths = bytes(encode_2000(samples(), bits_stored=8, add_tlm=True, add_plt=True))
    found = written(with_lengths)
    assert b"\xff\x55" in found
    assert b"\xff\x58" not in found
    assert np.array_equal(decode_2000(found), samples())


def test_lengths_of_tile_parts_are_corrected() -> None:
    frame = tiled()
    lengths = [
        struct.unpack_from(">I", frame, at + 6)[0]
        for at in range(len(frame))
        if frame[at : at + 4] == b"\xff\x90\x00\x0a"
    ]

    def listed(each: list[int]) -> Plant:
        return put_before(b"\xff\x90", segment(0x55, b"\0\x40" + struct.pack(f">{len(each)}I", *each)))

    comment = segment(0x64, b"\0\1" + PLANTED)
    longer = [*lengths[:-1], lengths[-1] + len(comment)]
    assert len(lengths) == 9
    assert written(listed(lengths)(frame)) == listed(lengths)(frame)
    assert written(listed(longer)(in_tile_part(comment)(frame))) == listed(lengths)(frame)
    assert written(listed(lengths[1:])(frame)) == frame


SPARE_2000 = {
    "SIZ": lambda frame: frame[:4] + struct.pack(">H", 41 + 32) + frame[6:43] + PLANTED + frame[43:],
    "coding style": put_before(b"\xff\x5c", segment(0x52, b"\0\0\0\1\0\5\4\4\0\1" + PLANTED)),
    "quantization": put_before(b"\xff\x90", segment(0x5C, b"\x40" + PLANTED[:31])),
    "order": put_before(b"\xff\x90", segment(0x5F, PLANTED[:28])),
    "extension that is not declared": put_before(b"\xff\x90", segment(0x74)),
    "unknown segment": put_before(b"\xff\x90", segment(0x6F)),
    "bytes between tile-parts": put_before(b"\xff\xd9", PLANTED),
}


@pytest.mark.parametrize("plant", SPARE_2000.values(), ids=SPARE_2000)
def test_a_codestream_with_spare_bytes_in_its_segments_is_refused(plant: Plant) -> None:
    assert refused(plant(jpeg_2000())) in (
        "segment of a wrong length",
        "unknown segment",
        "bytes between segments",
        "cut off",
    )


@pytest.mark.parametrize("plant", IN_JP2.values(), ids=IN_JP2)
def test_boxes_that_decoding_does_not_need_go(plant: Plant) -> None:
    frame = jp2()
    assert written(frame) == frame
    planted = plant(frame)
    assert planted != frame
    assert written(planted) == frame
    assert np.array_equal(decode_2000(frame), samples(3))


def test_a_colour_profile_in_a_box_becomes_the_enumerated_colour_space() -> None:
    frame = jp2()
    space = box(b"colr", b"\1\0\0\0\0\0\x10")
    profile = box(b"colr", b"\2\0\0" + PLANTED)
    at = frame.index(b"jp2h") - 4
    (length,) = struct.unpack_from(">I", frame, at)
    head = struct.pack(">I", length + len(profile) - len(space))
    with_profile = frame[:at] + head + frame[at + 4 :].replace(space, profile)
    assert written(with_profile) == frame


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("plant", IN_RLE.values(), ids=IN_RLE)
def test_what_the_header_of_rle_does_not_name_goes(plant: Plant, bits: int) -> None:
    frame = rle(bits)
    assert written(frame, RLE, bits) == frame
    assert written(plant(frame), RLE, bits) == frame


def test_bytes_between_two_segments_of_rle_go_and_offsets_are_corrected() -> None:
    frame = rle()
    _, first, second = struct.unpack_from("<3I", frame)
    moved = struct.pack("<3I", 2, first, second + len(PLANTED)) + frame[12:second] + PLANTED + frame[second:]
    assert written(moved, RLE, 16) == frame


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (rle()[:40], "cut off"),
        (rle()[:-20], "cut off"),
        (rle(8), "another number of RLE segments than its attributes say"),
        (struct.pack("<3I", 2, 4000, 64) + rle()[12:], "RLE segments out of order"),
    ],
)
def test_a_damaged_rle_frame_is_refused(frame: bytes, reason: str) -> None:
    assert refused(frame, RLE, 16) == reason


def test_bytes_behind_a_deflate_stream_or_a_native_frame_go() -> None:
    assert written(deflated() + PLANTED, DEFLATED) == deflated()
    assert written(samples().tobytes() + PLANTED, UNCOMPRESSED) == samples().tobytes()


def test_a_deflated_or_native_frame_of_another_length_is_refused() -> None:
    assert refused(deflated(), DEFLATED, 16) == "another length than its attributes say"
    assert refused(deflated()[:-9], DEFLATED) == "another length than its attributes say"
    assert refused(PLANTED, DEFLATED) in ("cannot be inflated", "another length than its attributes say")
    assert refused(samples().tobytes()[1:], UNCOMPRESSED) == "cut off"


def test_of_a_jpeg_xl_container_the_codestream_stays() -> None:
    head = b"\0\0\0\x0cJXL \r\n\x87\n" + box(b"ftyp", b"jxl \0\0\0\0jxl ")
    stream = b"\xff\x0a" + bytes(range(127, 200))
    clean = (
        head + box(b"jxll", b"\5") + box(b"jxlp", b"\0\0\0\0" + stream) + box(b"jxlp", b"\x80\0\0\1" + stream)
    )
    planted = head + box(b"Exif") + box(b"jbrd") + clean[len(head) :] + box(b"xml ") + PLANTED
    assert written(clean) == clean
    assert written(planted) == clean
    assert written(stream) == stream
    assert refused(stream + PLANTED) == "text in a codestream"
    assert (
        refused(head + box(b"jxlc", stream + "Черёмухин Лаврентий, Псков".encode())) == "text in a codestream"
    )
    assert written(stream + b"U" * 99) == stream + b"U" * 99
    assert refused(head + box(b"xml ")) == "without its end"


def test_a_frame_without_its_header_may_hold_nothing_that_names() -> None:
    scan = segment(0xDA, b"\1\1\0\0\x3f\0")
    assert written(b"\xff\xd8" + scan + b"\x12\x34\xff\xd9") == b"\xff\xd8" + scan + b"\x12\x34\xff\xd9"
    assert refused(b"\xff\xd8" + scan + PLANTED + b"\xff\xd9") == "without its header"
    assert written(b"\xff\x4f\xff\x93\0\0\xff\xd9" + PLANTED) == b"\xff\x4f\xff\x93\0\0\xff\xd9"
    assert refused(b"\xff\x4f\xff\x93" + PLANTED + b"\xff\xd9") == "without its header"
    blank = b"\xff\x4f\xff\x51" + bytes(60) + b"\xff\xd9"
    assert written(blank) == blank
    assert refused(b"\xff\x4f\xff\x51" + bytes(30) + b"W" + bytes(30) + b"\xff\xd9") == "cut off"


@pytest.mark.parametrize("plant", IN_JPEG.values(), ids=IN_JPEG)
def test_a_cleaned_jpeg_frame_decodes_to_the_same_samples(plant: Plant) -> None:
    for frame in (jpeg(), jpeg(3)):
        before, after = (Image.open(io.BytesIO(each)) for each in (frame, written(plant(frame))))
        assert np.array_equal(np.asarray(before), np.asarray(after))
