"""Damaged files in both depths, and the memory that a large file takes."""

from __future__ import annotations

import io
import mmap
import random
from contextlib import ExitStack
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset

from orthanc_deid.dicom.slices import Slices
from orthanc_deid.errors import VerificationError
from orthanc_deid.profile.load import load_profile
from orthanc_deid.profile.verify_depth import VerifyDepth
from orthanc_deid.verify.verifier import Verifier, verify
from support.data.hand_made import (
    KEY,
    by_hand,
    encoded,
    original,
    output,
)

BASIC = load_profile("basic")
NEUTRAL = load_profile("neutral")
DEPTHS: tuple[VerifyDepth, ...] = ("full", "fast")


@pytest.mark.parametrize("depth", DEPTHS)
def test_damage_is_a_finding_and_never_another_error(depth: VerifyDepth) -> None:
    """An output that passes has the content of the good one: only bytes without a meaning may differ."""
    chance = random.Random(20)
    ds = original()
    ds["AnatomicRegionSequence"].is_undefined_length = True
    made = by_hand(ds, NEUTRAL)
    made["AnatomicRegionSequence"].is_undefined_length = True
    source, good = encoded(ds), bytes(output(made))
    verifier = Verifier(NEUTRAL, KEY, depth)
    head = len(good) - len(ds.PixelData)
    found = 0
    for _ in range(400):
        broken, other = bytearray(good), bytearray(source)
        if chance.random() < 0.2:
            broken = broken[: chance.randrange(len(good))]
        else:
            broken[chance.randrange(132, head)] = chance.choice((0, 255, chance.randrange(256)))
        if chance.random() < 0.3:
            other[chance.randrange(132, len(source) - len(ds.PixelData))] = chance.randrange(256)
        try:
            verifier.check(bytes(other), Slices([broken]))
        except VerificationError:
            found += 1
        else:
            assert content(broken) == content(good)
    assert found > 300


def content(file: bytes | bytearray) -> tuple[FileMetaDataset, Dataset]:
    """Return file meta information and data set as pydicom reads them."""
    read = dcmread(io.BytesIO(file))
    return read.file_meta, Dataset(dict(read))


def test_a_gigabyte_is_neither_read_nor_copied_where_memory_is_shared(tmp_path: Path) -> None:
    size = 1 << 30
    ds = original(Rows=32768, Columns=16384)
    ds.PixelData = b"\0\0"
    source, made = encoded(ds), bytes(output(by_hand(ds, BASIC)))
    length = (2).to_bytes(4, "little") + b"\0\0"
    assert source.endswith(length)
    assert made.endswith(length)
    path = tmp_path / "large.dcm"
    with path.open("wb") as file:
        file.write(source[:-6] + size.to_bytes(4, "little"))
        file.truncate(len(source) - 2 + size)
    before = _anonymous_kilobytes()
    with ExitStack() as stack:
        opened = stack.enter_context(path.open("rb"))
        mapped = stack.enter_context(mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ))
        whole = stack.enter_context(memoryview(mapped))
        pixels = stack.enter_context(whole[len(source) - 2 :])
        made_whole = Slices([made[:-6] + size.to_bytes(4, "little"), pixels])
        assert verify(whole, made_whole, BASIC, KEY).codes == ("113100",)
        for part in made_whole.in_memory:
            part.release()
    assert _anonymous_kilobytes() - before < 100_000


def _anonymous_kilobytes() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("RssAnon"))
