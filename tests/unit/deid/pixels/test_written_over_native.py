"""Native frames with regions written over: no other bit of Pixel Data differs, whatever its layout."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from orthanc_deid.deid.pixels.blanking.image import blanked_native, by_frame
from orthanc_deid.deid.pixels.fill import Fill
from orthanc_deid.deid.pixels.image_shape import ImageShape
from orthanc_deid.deid.pixels.native_samples import NativeLayout
from orthanc_deid.dicom.sample_changes import SampleChange
from orthanc_deid.errors import RefusedError

ROWS, COLUMNS, FRAMES = 11, 13, 3
REGIONS = [
    SampleChange(0, range(2, 5), range(3, 9)),
    SampleChange(0, range(4, 7), range(7, 12)),
    SampleChange(2, range(10, 11), range(0, 13)),
]
CHANCE = np.random.default_rng(11)


def shape(allocated: int = 8, stored: int = 0, samples: int = 1, **more: object) -> ImageShape:
    values: dict[str, object] = {
        "rows": ROWS,
        "columns": COLUMNS,
        "samples": samples,
        "allocated": allocated,
        "stored": stored or allocated,
        "high": (stored or allocated) - 1,
        "signed": False,
        "planar": False,
        "photometric": "MONOCHROME2" if samples == 1 else "RGB",
        "frames": FRAMES,
    }
    return ImageShape(**{**values, **more})  # type: ignore[arg-type]


def bits_of(value: bytes) -> list[int]:
    """Return the bits of a value, the lowest of each byte first."""
    return list(np.unpackbits(np.frombuffer(value, np.uint8), bitorder="little"))


def written_over(
    value: bytes, image: ImageShape, regions: Sequence[SampleChange] = REGIONS, fill: Fill | None = None
) -> bytes:
    """Return the value with regions written over, between other bytes that must stay."""
    buffer = b"ahead" + value + b"behind"
    edits, claims = blanked_native(
        buffer, (5, 5 + len(value)), image, by_frame(regions, image), fill or Fill(image)
    )
    new = bytearray(buffer)
    assert edits == sorted(edits)
    for start, end, instead in edits:
        assert len(instead) == end - start
        new[start:end] = instead
    assert new.startswith(b"ahead")
    assert new.endswith(b"behind")
    assert {claim.frame for claim in claims} == {change.frame for change in regions}
    return bytes(new[5:-6])


def cells(image: ImageShape) -> list[list[int]]:
    """Return the first bit of each sample of each pixel, by pixel in the order frame, row, column."""
    size, samples, frame = image.allocated, image.samples, ROWS * COLUMNS
    found = []
    for pixel in range(FRAMES * frame):
        number, within = divmod(pixel, frame)
        if image.planar:
            places = [(number * samples + plane) * frame + within for plane in range(samples)]
        else:
            places = [pixel * samples + sample for sample in range(samples)]
        found.append([place * size for place in places])
    return found


LAYOUTS = {
    "8 bits": shape(),
    "16 bits": shape(16, 12),
    "16 bits, signed": shape(16, 16, signed=True),
    "32 bits": shape(32),
    "64 bits": shape(64),
    "24 bits": shape(24),
    "12 bits packed": shape(12),
    "1 bit": shape(1),
    "colour by pixel": shape(8, 8, 3),
    "colour by plane": shape(8, 8, 3, planar=True),
    "16 bits, colour by plane": shape(16, 16, 3, planar=True),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_no_bit_outside_the_regions_changes(name: str) -> None:
    image = LAYOUTS[name]
    length = -(-image.full_frame_bits * FRAMES // 8)
    value = CHANCE.integers(0, 256, length + length % 2, np.uint8).tobytes()
    if image.stored < image.allocated:
        value = (np.frombuffer(value, "<u2") & (1 << image.stored) - 1).astype("<u2").tobytes()
    before, after = bits_of(value), bits_of(written_over(value, image))
    filled: dict[int, set[tuple[int, ...]]] = {}
    for pixel, firsts in enumerate(cells(image)):
        frame, within = divmod(pixel, ROWS * COLUMNS)
        row, column = divmod(within, COLUMNS)
        new = [tuple(after[first : first + image.allocated]) for first in firsts]
        old = [tuple(before[first : first + image.allocated]) for first in firsts]
        if any(c.frame == frame and row in c.rows and column in c.columns for c in REGIONS):
            filled.setdefault(frame, set()).add(tuple(bit for sample in new for bit in sample))
        else:
            assert new == old, (frame, row, column)
    assert (
        after[len(cells(image)) * image.samples * image.allocated :]
        == before[len(before) - (len(after) - len(cells(image)) * image.samples * image.allocated) :]
    )
    assert all(len(each) == 1 for each in filled.values())
    if image.samples == 3:
        assert not any(bit for each in filled.values() for word in each for bit in word)


def test_pixels_that_share_their_colours_change_by_pairs() -> None:
    image = shape(8, 8, 3, photometric="YBR_FULL_422")
    pairs = CHANCE.integers(1, 256, (FRAMES, ROWS, 7, 4), np.uint8)
    new = np.frombuffer(written_over(pairs.tobytes(), image), np.uint8).reshape(pairs.shape)
    changed = np.zeros(pairs.shape[:3], np.bool_)
    changed[0, 2:5, 1:5] = changed[0, 4:7, 3:6] = changed[2, 10:11, 0:7] = True
    assert np.array_equal(new[~changed], pairs[~changed])
    assert set(map(tuple, new[changed])) == {(0, 0, 128, 128)}
    _, claims = blanked_native(
        pairs.tobytes(), (0, pairs.nbytes), image, by_frame(REGIONS, image), Fill(image)
    )
    assert [claim.columns for claim in claims] == [range(2, 10), range(6, 12), range(13)]
    full = CHANCE.integers(
        1, 256, (FRAMES, ROWS, COLUMNS, 3), np.uint8
    )  # a value long enough for all colours
    new = np.frombuffer(written_over(full.tobytes(), image), np.uint8).reshape(full.shape)
    assert (new[0, 2:5, 3:9] == (0, 128, 128)).all()
    assert np.array_equal(new[1], full[1])


def frame_of(
    image: ImageShape, value: bytes, regions: Sequence[SampleChange]
) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """Return the numbers of the first region as it is written over."""
    new = written_over(value, image, regions)
    words = NativeLayout.of(image, len(new)).frame(new, 0).astype(np.int64)
    words &= (1 << image.stored) - 1
    words -= (words >> (image.stored - 1)) * image.signed << image.stored
    return words[regions[0].rows.start, regions[0].columns.start]  # type: ignore[no-any-return]


def test_the_fill_is_the_darkest_sample_outside_of_the_regions() -> None:
    samples = np.full((FRAMES, ROWS, COLUMNS), 700, "<i2")
    samples[0, 0, 0], samples[0, 1, 1] = -300, 1500
    samples[0, 3, 5], samples[0, 3, 6] = (
        -2000,
        3000,
    )  # inside: a text that nobody is to see in the window either
    regions = [SampleChange(0, range(2, 5), range(3, 9))]
    for photometric, darkest in (("MONOCHROME2", -300), ("MONOCHROME1", 1500)):
        image = shape(16, 13, signed=True, photometric=photometric)
        words = (samples.astype(np.int64) & 0x1FFF).astype("<u2").tobytes()
        assert frame_of(image, words, regions) == darkest
        assert (
            frame_of(shape(16, 16, signed=True, photometric=photometric), samples.tobytes(), regions)
            == darkest
        )
    inverted = Fill(shape(16, 16, signed=True), inverted=True)
    new = written_over(samples.tobytes(), shape(16, 16, signed=True), regions, inverted)
    assert np.frombuffer(new, "<i2").reshape(samples.shape)[0, 3, 5] == 1500


def test_an_image_that_is_written_over_as_a_whole_keeps_to_its_own_values() -> None:
    whole = [SampleChange(0, range(ROWS), range(COLUMNS))]
    samples = np.full((FRAMES, ROWS, COLUMNS), 700, "<u2")
    samples[0, 4, 4] = 31
    assert frame_of(shape(16), samples.tobytes(), whole) == 31


def test_the_fill_of_a_palette_is_its_darkest_entry() -> None:
    image = shape(photometric="PALETTE COLOR")
    value = bytes(FRAMES * ROWS * COLUMNS + 1)
    assert written_over(value, image, fill=Fill(image, 7)).count(7) == 3 * 6 + 3 * 5 - 2 + 13
    with pytest.raises(RefusedError, match="palette"):
        written_over(value, image)


@pytest.mark.parametrize("photometric", ["CMYK", "HSV", "ARGB", ""])
def test_an_unknown_black_is_refused(photometric: str) -> None:
    with pytest.raises(RefusedError, match="black"):
        Fill(shape(8, 8, 3, photometric=photometric))
