"""Damaged and hostile frames: engine and verifier agree on them, in time that grows with their size."""

from __future__ import annotations

import random
import time
import zlib
from itertools import pairwise

import pytest

from orthanc_deid.deid.pixels.frames.formats import FrameFormat, FrameShape
from orthanc_deid.errors import RefusedError
from orthanc_deid.verify.reading.element_headers import ParseError
from orthanc_deid.verify.reading.frames.needed import needed
from orthanc_deid.verify.reading.frames.pieces import equals, is_whole, total
from orthanc_deid.verify.reading.frames.runs import FrameSize
from support.data.codestreams import (
    COLUMNS,
    IN_JPEG,
    IN_JPEG_2000,
    IN_JPEG_LS,
    ROWS,
    box,
    deflated,
    jp2,
    jpeg,
    jpeg_2000,
    jpeg_ls,
    rle,
    segment,
    tiled,
)
from support.data.encapsulated import DEFLATED, JPEG, RLE

PIXELS = ROWS * COLUMNS
XL = b"\0\0\0\x0cJXL \r\n\x87\n" + box(b"ftyp", b"jxl \0\0\0\0jxl ") + box(b"jxlc", b"\xff\x0a" + bytes(99))
FRAMES = {
    "jpeg": jpeg(3),
    "progressive jpeg": jpeg(3, progressive=True),
    "jpeg with segments": IN_JPEG["colour profile"](IN_JPEG["codes that no scan uses"](jpeg())),
    "jpeg-ls": IN_JPEG_LS["mapping table that no scan uses"](jpeg_ls()),
    "jpeg 2000": IN_JPEG_2000["comment in a tile-part"](jpeg_2000(3)),
    "tiles": tiled(),
    "jp2": jp2(),
    "jpeg xl": XL,
    "rle": rle(8),
    "deflated": deflated(),
}
SYNTAXES = {"rle": RLE, "deflated": DEFLATED}


def outcome(frame: bytes, syntax: str) -> bytes | None:
    """Return what is written of a frame, None where it is refused; engine and verifier must agree."""
    shape, size = FrameShape(PIXELS, 1, 8, PIXELS), FrameSize(PIXELS, 1, 8)
    try:
        pieces = needed(frame, syntax, size)
    except ParseError:
        pieces = None
    try:
        parts = FrameFormat(syntax, shape, lambda *_: None).parts(frame)
    except RefusedError:
        assert pieces is None
        return None
    assert pieces is not None
    found = b"".join(part if isinstance(part, bytes) else frame[slice(*part)] for part in parts)
    assert total(pieces) == len(found)
    assert equals(frame, pieces, found)
    assert is_whole(needed(found, syntax, size), len(found))
    return found


def damaged(frame: bytes, chance: random.Random) -> bytes:
    """Return a frame with a few bytes changed, removed or repeated, most of them in its segments."""
    made = bytearray(frame)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(min(len(made), 700 if chance.random() < 0.8 else len(made)))
        match chance.randrange(4):
            case 0:
                made[at] = chance.choice((0, 1, 2, 255, 254, 0xD9, 0xDA, 0x4F, 0x90, chance.randrange(256)))
            case 1:
                del made[at : at + chance.randint(1, 9)]
            case 2:
                made[at:at] = made[at : at + chance.randint(1, 60)]
            case _:
                made[at:at] = bytes((255, chance.choice((0xFE, 0xE1, 0xDB, 0xC4, 0xD9, 0xFF, 0x64, 0x58))))
        made = made or bytearray(b"\0")
    return bytes(made)


@pytest.mark.parametrize("name", FRAMES)
def test_engine_and_verifier_agree_on_any_damaged_frame(name: str) -> None:
    chance = random.Random(name)
    outcomes = [outcome(damaged(FRAMES[name], chance), SYNTAXES.get(name, JPEG)) for _ in range(600)]
    assert None in outcomes
    assert any(each is not None for each in outcomes)


def _hostile(size: int) -> dict[str, bytes]:
    start, scan = b"\xff\xd8" + segment(0xC0, b"\x08\0\x28\0\x30\1\1\x11\0"), segment(0xDA, b"\1\1\0\0\x3f\0")
    main = jpeg_2000()[: jpeg_2000().index(b"\xff\x90")]
    return {
        "fill bytes": start + b"\xff" * size + b"\xd9",
        "fill bytes in a scan": start + scan + b"\xff" * size + b"\xd9",
        "fill bytes and restart markers": start + scan + b"\xff\xff\xd0" * (size // 3) + b"\xff\xd9",
        "stuffed bytes": start + scan + b"\xff\0" * (size // 2),
        "empty segments": start + b"\xff\xfe\0\2" * (size // 4),
        "tables": start + segment(0xDB, bytes(65)) * (size // 69) + b"\xff\xd9",
        "scans": start + scan * (size // 10) + b"\xff\xd9",
        "comments in a codestream": main + b"\xff\x64\0\2" * (size // 4),
        "tile-parts": main + b"\xff\x90\0\x0a\0\0\0\0\0\x0e\0\0\xff\x93" * (size // 14) + b"\xff\xd9",
        "open tile-parts": main + b"\xff\x90\0\x0a\0\0\0\0\0\0\0\0\xff\x93" * (size // 14),
        "boxes": jp2()[:12] + box(b"free", b"") * (size // 8),
    }


@pytest.mark.parametrize("name", _hostile(100))
def test_the_time_of_hostile_frames_grows_with_their_size_only(name: str) -> None:
    times = []
    for size in (1 << 14, 1 << 16):
        frame = _hostile(size)[name]
        times.append(min(_seconds(frame) for _ in range(2)))
    for one, other in pairwise(times):
        assert other < max(0.5, 10 * one)  # four times the size


def _seconds(frame: bytes) -> float:
    began = time.process_time()
    outcome(frame, JPEG)
    return time.process_time() - began


def test_a_deflated_frame_that_grows_without_end_is_refused_early() -> None:
    stream = zlib.compressobj(wbits=-15)
    bomb = stream.compress(bytes(64 << 20)) + stream.flush()
    assert outcome(bomb, DEFLATED) is None
