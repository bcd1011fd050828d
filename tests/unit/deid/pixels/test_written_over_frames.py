"""Compressed frames with regions written over: decoded by other libraries, only the regions differ."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from orthanc_deid.deid.pixels.blanking.image import FrameBlanker, by_frame
from orthanc_deid.deid.pixels.codecs.codestream_header import jpeg_2000_header, jpeg_header
from orthanc_deid.deid.pixels.fill import Fill
from orthanc_deid.dicom.sample_changes import SampleChange
from orthanc_deid.errors import RefusedError
from support.data.frames_by_syntax import (
    BASELINE,
    COLUMNS,
    DEFLATED,
    EXTENDED,
    HT,
    HT_REVERSIBLE,
    HT_RPCL,
    J2K,
    J2K_REVERSIBLE,
    LOSSLESS,
    LOSSLESS_FIRST,
    LS,
    LS_NEAR,
    NATIVE,
    RLE,
    ROWS,
    XL_LOSSLESS,
    Picture,
    decoded,
    encoded,
    lossy_jpeg,
    picture,
    shape_of,
)

REGIONS = [
    (range(3, 17), range(5, 60)),
    (range(12, 30), range(50, 71)),
    (range(ROWS - 5, ROWS), range(COLUMNS - 9, COLUMNS)),
]


class Kind(NamedTuple):
    syntax: str
    bits: int = 8
    samples: int = 1
    signed: bool = False
    photometric: str = "MONOCHROME2"


EXACT = [
    *(Kind(syntax, bits) for syntax in (RLE, DEFLATED, NATIVE) for bits in (8, 12, 16)),
    *(Kind(syntax, bits) for syntax in (LOSSLESS, LOSSLESS_FIRST, LS, LS_NEAR) for bits in (8, 10, 12, 16)),
    *(
        Kind(syntax, bits)
        for syntax in (J2K_REVERSIBLE, J2K, HT_REVERSIBLE, HT_RPCL, HT)
        for bits in (8, 12, 16)
    ),
    *(Kind(syntax, 16, 1, True) for syntax in (RLE, NATIVE, LOSSLESS, LS, J2K_REVERSIBLE, HT_REVERSIBLE)),
    *(Kind(syntax, 12, 1, True) for syntax in (LOSSLESS, LS, J2K_REVERSIBLE)),
    *(
        Kind(syntax, 8, 3, False, "RGB")
        for syntax in (RLE, DEFLATED, NATIVE, LOSSLESS, LS, J2K_REVERSIBLE, HT_REVERSIBLE)
    ),
    Kind(J2K_REVERSIBLE, 8, 3, False, "YBR_RCT"),
    Kind(RLE, 16, 3, False, "YBR_FULL"),
    Kind(LS, 12, 1, False, "MONOCHROME1"),
]


def inside(claims: list[SampleChange]) -> NDArray[np.bool_]:
    """Return which pixels the claims name."""
    mask = np.zeros((ROWS, COLUMNS), np.bool_)
    for claim in claims:
        mask[claim.rows.start : claim.rows.stop, claim.columns.start : claim.columns.stop] = True
    return mask


def written_over(frame: bytes, like: Picture, kind: Kind) -> tuple[Picture, Picture, FrameBlanker]:
    """Return the decoded frame before and after, and what wrote over it."""
    shape = shape_of(like, kind.bits, kind.photometric)
    blanker = FrameBlanker(kind.syntax, shape, {0: REGIONS}, Fill(shape))
    new = blanker(0, frame)
    assert new is not None
    before, after = (decoded(each, like, kind.bits, kind.syntax) for each in (frame, new))
    return before, after, blanker


@pytest.mark.parametrize("kind", EXACT, ids=str)
def test_only_the_regions_differ_and_are_the_background(kind: Kind) -> None:
    like = picture(kind.bits, kind.samples, signed=kind.signed)
    before, after, blanker = written_over(encoded(like, kind.bits, kind.syntax), like, kind)
    mask = inside([SampleChange(0, *region) for region in REGIONS])
    assert np.array_equal(mask, inside(blanker.claims))
    off = np.abs(before[~mask].astype(np.int64) - after[~mask])
    assert off.max() <= (kind.syntax in (HT, J2K))  # where the decoders of lossy frames round differently
    filled = np.unique(after[mask].reshape(-1, kind.samples), axis=0)
    assert len(filled) == 1
    if kind.samples == 3:
        middle = 1 << (kind.bits - 1)
        assert filled.tolist() == [[0, middle, middle] if kind.photometric == "YBR_FULL" else [0, 0, 0]]
    else:
        darkest = before[~mask].max() if kind.photometric == "MONOCHROME1" else before[~mask].min()
        assert abs(int(filled[0, 0]) - int(darkest)) <= (kind.syntax in (HT, J2K))


@pytest.mark.parametrize("syntax", [LOSSLESS, LS, J2K_REVERSIBLE])
@pytest.mark.parametrize("bits", [8, 12])
def test_a_new_codestream_states_the_depth_of_the_old_one(syntax: str, bits: int) -> None:
    like = picture(bits)
    shape = shape_of(like, bits)
    frame = encoded(like, bits, syntax)
    new = FrameBlanker(syntax, shape, {0: REGIONS}, Fill(shape))(0, frame)
    assert new is not None
    read = jpeg_2000_header if syntax == J2K_REVERSIBLE else jpeg_header
    assert read(new).precision == read(frame).precision == bits


def test_a_frame_of_a_lossy_syntax_is_noted_as_written_without_loss() -> None:
    for syntax, is_lossy in ((J2K, True), (LS_NEAR, True), (HT, True), (J2K_REVERSIBLE, False), (LS, False)):
        like = picture()
        _, _, blanker = written_over(encoded(like, 8, syntax), like, Kind(syntax))
        assert blanker.reversibly is is_lossy


LOSSY = {
    "grey": lossy_jpeg(picture()),
    "grey, own tables": lossy_jpeg(picture(), optimize=True),
    "grey, coarse": lossy_jpeg(picture(), 20, optimize=True),
    "grey, restarts": lossy_jpeg(picture(), restart_marker_blocks=7),
    "grey, restarts by row": lossy_jpeg(picture(), optimize=True, restart_marker_rows=1),
    **{f"colour {name}": lossy_jpeg(picture(8, 3), subsampling=name) for name in ("4:4:4", "4:2:2", "4:2:0")},
    "colour, restarts": lossy_jpeg(
        picture(8, 3), subsampling="4:2:0", restart_marker_blocks=3, optimize=True
    ),
    "12 bits": encoded(picture(12), 12, EXTENDED),
}


@pytest.mark.parametrize("name", LOSSY)
def test_blocks_of_a_lossy_frame_outside_the_regions_keep_their_coefficients(name: str) -> None:
    bits, samples = 12 if name == "12 bits" else 8, 3 if name.startswith("colour") else 1
    photometric = "YBR_FULL_422" if samples == 3 else "MONOCHROME2"
    kind = Kind(EXTENDED if bits == 12 else BASELINE, bits, samples, False, photometric)
    like = picture(bits, samples)
    before, after, blanker = written_over(LOSSY[name], like, kind)
    mask = inside(blanker.claims)
    assert mask[inside([SampleChange(0, *region) for region in REGIONS])].all()
    assert mask.mean() < 0.5
    near, core = mask, mask
    if "4:2" in name or name == "colour, restarts":  # a decoder spreads halved colours to the next two pixels
        moves = [(down, across) for down in (-2, 0, 2) for across in (-2, 0, 2)]
        spread = np.stack([np.roll(mask, move, (0, 1)) for move in moves])
        near, core = np.logical_or.reduce(spread), np.logical_and.reduce(spread)
    assert np.array_equal(before[~near], after[~near])
    one, other = (each.reshape(ROWS, COLUMNS, samples)[..., 0][~mask] for each in (before, after))
    assert np.array_equal(one, other)
    filled = np.unique(after[core].reshape(-1, samples), axis=0)
    assert len(filled) == 1
    if samples == 3:
        assert filled.tolist() == [[0, 128, 128]]
    else:
        assert before[~mask].min() <= filled[0, 0] <= before[~mask].min() + (1 << bits) / 32


def test_colours_of_a_jpeg_without_colour_differences_become_black() -> None:
    like = picture(8, 3)
    frame = lossy_jpeg(like, keep_rgb=True)
    _, after, blanker = written_over(frame, like, Kind(BASELINE, 8, 3, False, "RGB"))
    assert not after[inside(blanker.claims)].any()


def test_frames_without_a_region_are_left_alone() -> None:
    like = picture()
    frame = encoded(like, 8, LS)
    shape = shape_of(like, 8, frames=3)
    blanker = FrameBlanker(LS, shape, by_frame([SampleChange(1, range(8), range(8))], shape), Fill(shape))
    assert [blanker(number, frame) is None for number in range(3)] == [True, False, True]
    assert {claim.frame for claim in blanker.claims} == {1}
    blanker.check_all_seen()


def test_a_format_whose_result_nobody_else_could_decode_is_refused() -> None:
    like = picture()
    with pytest.raises(RefusedError, match="no encoder"):
        written_over(encoded(like, 8, XL_LOSSLESS), like, Kind(XL_LOSSLESS))
    with pytest.raises(RefusedError, match="not decoded"):
        written_over(b"", like, Kind("1.2.840.10008.1.2.4.94"))
    with pytest.raises(RefusedError, match="process"):
        written_over(lossy_jpeg(like, progressive=True), like, Kind(BASELINE))


@pytest.mark.parametrize("level", [0, 96, 128, 200, 255])
@pytest.mark.parametrize("restarts", [0, 3])
def test_a_difference_behind_a_region_that_happens_to_be_none_is_written_too(
    level: int, restarts: int
) -> None:
    like = picture(8, 3)
    like[:, 60:] = level  # behind the regions the coefficients are those of blank blocks
    frame = lossy_jpeg(like, subsampling="4:4:4", restart_marker_blocks=restarts)
    before, after, blanker = written_over(frame, like, Kind(BASELINE, 8, 3, False, "YBR_FULL"))
    mask = inside(blanker.claims)
    assert np.array_equal(before[~mask], after[~mask])
