"""Scans of lossy JPEG that encoders seldom write: one per component, and tables that lack codes of a blank block."""

from __future__ import annotations

import struct

import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray

from orthanc_deid.deid.pixels.blanking.huffman import HuffmanTable
from orthanc_deid.deid.pixels.blanking.image import FrameBlanker
from orthanc_deid.deid.pixels.fill import Fill
from orthanc_deid.errors import RefusedError
from support.data.frames_by_syntax import (
    BASELINE,
    COLUMNS,
    ROWS,
    Picture,
    decoded,
    lossy_jpeg,
    picture,
    shape_of,
)

REGIONS = [(range(3, 17), range(5, 40)), (range(70, 80), range(90, 118))]


def segments(frame: bytes) -> dict[int, list[bytes]]:
    """Return the contents of the segments by marker, and under 0 the entropy-coded data."""
    found: dict[int, list[bytes]] = {}
    at = 2
    while frame[at + 1] != 0xD9:
        marker, (length,) = frame[at + 1], struct.unpack_from(">H", frame, at + 2)
        found.setdefault(marker, []).append(frame[at + 4 : at + 2 + length])
        at += 2 + length
        if marker == 0xDA:
            end = frame.index(b"\xff\xd9", at)
            found[0] = [frame[at:end]]
            at = end
    return found


def segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def one_scan_each(planes: list[Picture], factors: list[int]) -> bytes:
    """Return a frame with one scan for each component; `factors`: of sampling, as SOF has them."""
    found = [segments(lossy_jpeg(plane)) for plane in planes]
    parts = b"".join(struct.pack("3B", number, each, 0) for number, each in enumerate(factors, 1))
    frame = b"\xff\xd8" + b"".join(segment(0xDB, each) for each in found[0][0xDB])
    frame += segment(0xC0, struct.pack(">BHHB", 8, ROWS, COLUMNS, len(planes)) + parts)
    frame += b"".join(segment(0xC4, each) for each in found[0][0xC4])
    for number, each in enumerate(found, 1):
        frame += segment(0xDA, bytes((1, number, 0, 0, 63, 0))) + each[0][0]
    return frame + b"\xff\xd9"


def halved(plane: Picture) -> Picture:
    return np.ascontiguousarray(plane[::2, ::2])


def written_over(frame: bytes, like: Picture, photometric: str) -> tuple[bytes, NDArray[np.bool_]]:
    """Return the new frame, and which pixels it claims to have changed."""
    shape = shape_of(like, 8, photometric)
    blanker = FrameBlanker(BASELINE, shape, {0: REGIONS}, Fill(shape))
    new = blanker(0, frame)
    assert new is not None
    mask = np.zeros((ROWS, COLUMNS), np.bool_)
    for claim in blanker.claims:
        mask[claim.rows.start : claim.rows.stop, claim.columns.start : claim.columns.stop] = True
    return new, mask


@pytest.mark.parametrize("is_halved", [False, True])
def test_components_in_scans_of_their_own(is_halved: bool) -> None:
    like = picture(8, 3)
    planes = [np.ascontiguousarray(like[..., place]) for place in range(3)]
    if is_halved:
        frame = one_scan_each([planes[0], halved(planes[1]), halved(planes[2])], [0x22, 0x11, 0x11])
    else:
        frame = one_scan_each(planes, [0x11] * 3)
    new, mask = written_over(frame, like, "YBR_FULL_422" if is_halved else "YBR_FULL")
    before, after = (decoded(each, like, 8, BASELINE) for each in (frame, new))
    assert np.array_equal(before[..., 0][~mask], after[..., 0][~mask])
    assert not after[..., 0][mask].any()
    margin = 2 if is_halved else 0
    moves = [(down, across) for down in (-margin, 0, margin) for across in (-margin, 0, margin)]
    spread = np.stack([np.roll(mask, move, (0, 1)) for move in moves])
    assert np.array_equal(before[~spread.any(axis=0)], after[~spread.any(axis=0)])
    assert (after[spread.all(axis=0)] == (0, 128, 128)).all()


def by_two_decoders(frame: bytes, like: Picture) -> list[Picture]:
    return [decoded(frame, like, 8, BASELINE), imagecodecs.jpeg8_decode(frame)]


def test_a_table_without_the_size_of_a_difference_gets_a_code_for_it() -> None:
    like = np.linspace(40, 250, ROWS * COLUMNS).reshape(ROWS, COLUMNS).astype(np.uint8)
    like[-8:, :8] = 2  # the darkest sample, reached by one great step at the end
    frame = lossy_jpeg(like, optimize=True)
    tables = {content[0]: content for content in segments(frame)[0xC4]}
    new, mask = written_over(frame, like, "MONOCHROME2")
    assert {content[0]: content for content in segments(new)[0xC4]} != tables
    for before, after in zip(by_two_decoders(frame, like), by_two_decoders(new, like), strict=True):
        assert np.array_equal(before[~mask], after[~mask])
        assert len(np.unique(after[mask])) == 1


def test_a_table_without_the_end_of_a_block_gets_a_code_for_it() -> None:
    like = np.random.default_rng(9).integers(0, 256, (ROWS // 8 * 8, COLUMNS // 8 * 8), np.uint8)
    like = np.pad(like, ((0, ROWS % 8), (0, COLUMNS % 8)), "symmetric")
    frame = lossy_jpeg(like, 100, optimize=True)
    new, mask = written_over(frame, like, "MONOCHROME2")
    for before, after in zip(by_two_decoders(frame, like), by_two_decoders(new, like), strict=True):
        assert np.array_equal(before[~mask], after[~mask])
        assert len(np.unique(after[mask])) == 1


def test_a_table_without_a_free_code_is_refused() -> None:
    counts = bytes([1] * 16)  # one code of each length: only the code of ones is left, which is never used
    table = HuffmanTable(counts, bytes(range(1, 17)))
    assert table.code(3) == (0b110, 3)
    with pytest.raises(RefusedError, match="no code"):
        table.code(0)
    table = HuffmanTable(bytes([1] * 15 + [0]), bytes(range(1, 16)))
    assert table.code(0) == ((1 << 16) - 2, 16)
    assert table.written() == bytes([1] * 16) + bytes([*range(1, 16), 0])
    with pytest.raises(RefusedError, match="decoded"):
        HuffmanTable(bytes([3] + [0] * 15), bytes(3))
