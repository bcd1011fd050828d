"""Frames that lie in several fragments, and frames that share their headers, are read as any other."""

from __future__ import annotations

import random

import pytest

from orthanc_deid.deid.pixels.frames.formats import FrameFormat, FrameShape
from orthanc_deid.deid.pixels.frames.scattered import Scattered
from orthanc_deid.errors import RefusedError
from orthanc_deid.verify.reading.element_headers import ParseError
from orthanc_deid.verify.reading.frames.needed import needed
from orthanc_deid.verify.reading.frames.pieces import equals
from orthanc_deid.verify.reading.frames.runs import FrameSize
from orthanc_deid.verify.reading.frames.split_frame import SplitFrame
from support.data.codestreams import COLUMNS, ROWS, jpeg, jpeg_2000, jpeg_ls, segment, tiled

SYNTAX = "1.2.840.10008.1.2.4.90"
PIXELS = ROWS * COLUMNS
FORM = FrameFormat(SYNTAX, FrameShape(PIXELS, 1, 8, PIXELS), lambda *_: None)
COMMENT = segment(0xFE, b"Wexler Ottilie")
FRAMES = {
    "codestream": jpeg_2000(),
    "tiles": tiled(),
    "cut off": jpeg_2000()[:-40],
    "JPEG": jpeg(),
    "JPEG-LS": jpeg_ls(),
    "no frame": b"\xff\x4f" + bytes(100),
}


def cut(frame: bytes, seed: int) -> list[memoryview]:
    """Return the frame in several pieces, some of one byte."""
    places = sorted(random.Random(seed).sample(range(1, len(frame)), 7))
    view = memoryview(frame)
    return [view[one:two] for one, two in zip([0, *places], [*places, len(frame)], strict=True)]


def outcome(read: object, *arguments: object) -> object:
    try:
        return read(*arguments)  # type: ignore[operator]
    except (RefusedError, ParseError) as error:
        return str(error)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
def test_a_frame_in_several_places_is_read_as_in_one(frame: bytes, seed: int) -> None:
    pieces, size = cut(frame, seed), FrameSize(PIXELS, 1, 8)
    assert outcome(FORM.parts, Scattered(pieces)) == outcome(FORM.parts, frame)
    assert outcome(needed, SplitFrame(pieces), SYNTAX, size) == outcome(needed, frame, SYNTAX, size)
    assert bytes(Scattered(pieces)) == bytes(SplitFrame(pieces)) == frame
    for start in range(0, len(frame), 3):
        end = start * 2 % len(frame)
        assert Scattered(pieces)[start:end] == SplitFrame(pieces)[start:end] == frame[start:end]


def test_frames_in_several_places_are_compared_in_full() -> None:
    frame = jpeg_2000()
    whole = needed(frame, SYNTAX, FrameSize(PIXELS, 1, 8))
    assert equals(SplitFrame(cut(frame, 1)), whole, SplitFrame(cut(frame, 2)))
    for at in range(0, len(frame), 5):
        other = bytearray(frame)
        other[at] ^= 1
        assert not equals(SplitFrame(cut(frame, 1)), whole, SplitFrame(cut(bytes(other), 2)))


@pytest.mark.parametrize("first", [jpeg(), jpeg_ls()], ids=["JPEG", "JPEG-LS"])
def test_what_follows_a_known_header_is_read(first: bytes) -> None:
    """A comment behind the data, a second image and damage are seen behind a header that was read before."""
    size = FrameSize(PIXELS, 1, 8)
    end = first.rindex(b"\xff\xd9")
    others = [
        first,
        first[:end] + COMMENT + first[end:],
        first[:end] + b"\xff\xff\xff" + first[end:],
        first[:end] + b"\x12\x34\x56" + first[end:] + b"Wexler",
        first[:end],
        first + first,
    ]
    for other in [*others, *others]:
        parts = outcome(FORM.parts, other)
        pieces = outcome(needed, other, SYNTAX, size)
        if isinstance(parts, str):
            assert isinstance(pieces, str)
            continue
        assert isinstance(parts, list)
        made = b"".join(part if isinstance(part, bytes) else other[slice(*part)] for part in parts)
        assert b"Wexler" not in made
        assert made.endswith(b"\xff\xd9")
        assert equals(other, pieces, made)  # type: ignore[arg-type]
