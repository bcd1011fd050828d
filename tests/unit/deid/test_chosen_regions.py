"""Which regions and frames a pixel rule chooses: ultrasound regions, frames by number."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from orthanc_deid import Key
from orthanc_deid.deid.engine import Deidentified, Deidentifier
from orthanc_deid.deid.pixels.device_boxes import Rectangle
from orthanc_deid.deid.pixels.ultrasound_regions import outside
from orthanc_deid.errors import RefusedError, VerificationError
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.profile.load import load_profile
from orthanc_deid.profile.model import Profile
from orthanc_deid.verify.rules.rule_regions import Region, regions_of
from orthanc_deid.verify.verifier import Verifier
from support.data.corpus import corpus

KEY = Key(bytes(range(32)))
TOP = [0, 8, 0, 60000]
ALWAYS = [{"attribute": "SOPClassUID", "exists": True}]
ROWS, COLUMNS = 60, 80
PLACES = st.tuples(st.integers(0, 70), st.integers(0, 70), st.integers(0, 90), st.integers(0, 90))


def profile(**rule: Any) -> Profile:
    rules = [{"outcome": "clean", "when": ALWAYS, **rule}]
    used = Profile.model_validate({"name": "pixels", "pixels": {"rules": rules}}, strict=False).pixels
    return load_profile("research").model_copy(update={"pixels": used})


def file(name: str) -> bytes:
    return next(Path(path).read_bytes() for path in corpus() if path.name == name)


def run(data: bytes, used: Profile) -> Deidentified:
    """De-identify and verify at both depths."""
    result = Deidentifier(CompiledProfile(used), KEY).run(data)
    for depth in ("full", "fast"):
        Verifier(used, KEY, depth).check(data, result.output, result.sample_changes)
    return result


def with_regions(*places: tuple[int, int, int, int]) -> tuple[bytes, Dataset]:
    """Return an image whose ultrasound regions are these: first and last row, first and last column."""
    original = pydicom.dcmread(BytesIO(file("CT_small.dcm")))
    items = []
    for top, bottom, left, right in places:
        region = Dataset()
        region.RegionLocationMinX0, region.RegionLocationMaxX1 = left, right
        region.RegionLocationMinY0, region.RegionLocationMaxY1 = top, bottom
        items.append(region)
    original.SequenceOfUltrasoundRegions = Sequence(items)
    written = BytesIO()
    original.save_as(written)
    return written.getvalue(), original


def test_everything_outside_of_the_ultrasound_regions_goes() -> None:
    data, original = with_regions((20, 79, 10, 69), (60, 99, 40, 109))
    before = original.pixel_array
    result = run(data, profile(outside_ultrasound_regions=True))
    after = pydicom.dcmread(BytesIO(bytes(result.output))).pixel_array
    inside = np.zeros(before.shape, bool)
    inside[20:80, 10:70] = inside[60:100, 40:110] = True
    assert np.array_equal(after[inside], before[inside])
    assert (after[~inside] == after[0, 0]).all()


def test_an_image_without_the_regions_that_the_rule_needs_is_refused() -> None:
    with pytest.raises(RefusedError, match="no ultrasound regions"):
        run(file("CT_small.dcm"), profile(outside_ultrasound_regions=True))


def test_the_check_needs_the_ultrasound_regions_too() -> None:
    data = file("CT_small.dcm")
    result = Deidentifier(CompiledProfile(profile(regions=[TOP])), KEY).run(data)
    with pytest.raises(VerificationError, match="no region of the rule"):
        Verifier(profile(outside_ultrasound_regions=True), KEY).check(
            data, result.output, result.sample_changes
        )


def test_only_the_frames_that_the_rule_names_change() -> None:
    data = file("emri_small_RLE.dcm")
    before = pydicom.dcmread(BytesIO(data)).pixel_array
    used = profile(regions=[TOP], frames=[2, 5, 9999])
    result = run(data, used)
    after = pydicom.dcmread(BytesIO(bytes(result.output))).pixel_array
    assert [number for number in range(len(before)) if not np.array_equal(before[number], after[number])] == [
        1,
        4,
    ]
    fewer = Deidentifier(CompiledProfile(profile(regions=[TOP], frames=[2])), KEY).run(data)
    with pytest.raises(VerificationError, match="not every region"):
        Verifier(used, KEY).check(data, fewer.output, fewer.sample_changes)


@given(st.lists(PLACES, max_size=6))
def test_engine_and_check_agree_on_what_is_outside(places: list[tuple[int, int, int, int]]) -> None:
    inside = np.zeros((ROWS, COLUMNS), bool)
    for top, bottom, left, right in places:
        if top < bottom and left < right:
            inside[top:bottom, left:right] = True
    of_engine, of_check = np.zeros((2, ROWS, COLUMNS), int)
    for top, bottom, left, right in outside([Rectangle(*place) for place in places], ROWS, COLUMNS):
        of_engine[top:bottom, left:right] += 1
    size = {0x00280010: (str(ROWS),), 0x00280011: (str(COLUMNS),)}
    [rule] = profile(outside_ultrasound_regions=True).pixels.rules
    for top, bottom, left, right in regions_of(rule, size, [Region(*place) for place in places]):
        of_check[top:bottom, left:right] += 1
    assert np.array_equal(of_engine, ~inside)
    assert np.array_equal(of_check, ~inside)
