"""Identifying numbers leave the DS and IS of standard attributes; the check agrees, and other numbers stay."""

from __future__ import annotations

import io
import time

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from orthanc_deid.deid.engine import Deidentifier
from orthanc_deid.deid.retained_values import hold_integer
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.profile.load import load_profile
from orthanc_deid.profile.verify_depth import VerifyDepth
from orthanc_deid.verify.text.whole_numbers import whole_numbers
from orthanc_deid.verify.verifier import verify
from support.data.hand_made import KEY, encoded, original

NEUTRAL = CompiledProfile(load_profile("neutral"))
KNOWN = 52306917
DEPTHS: tuple[VerifyDepth, ...] = ("full", "fast")


def delivered(**changes: object) -> Dataset:
    """Return the de-identified instance; both depths of the check accept it."""
    data = encoded(original(PatientID=str(KNOWN), **changes))
    result = Deidentifier(NEUTRAL, KEY).run(data)
    for depth in DEPTHS:
        verify(data, result.output, NEUTRAL.profile, KEY, depth)
    return dcmread(io.BytesIO(bytes(result.output)))


@pytest.mark.parametrize("keyword", ["SeriesNumber", "InstanceNumber", "AcquisitionNumber", "ExposureTime"])
def test_an_id_does_not_stay_as_a_whole_number(keyword: str) -> None:
    assert not delivered(**{keyword: str(KNOWN)}).get(keyword)


@pytest.mark.parametrize("written", ["52306917", "52306917.0", "-52306917", "+052306917", "5.2306917e7"])
@pytest.mark.parametrize("keyword", ["SliceThickness", "TableHeight", "WindowCenter", "KVP"])
def test_an_id_does_not_stay_in_a_decimal(keyword: str, written: str) -> None:
    assert not delivered(**{keyword: written}).get(keyword)


def test_days_do_not_stay_as_whole_numbers() -> None:
    assert not delivered(SeriesNumber="19610907").SeriesNumber
    assert not delivered(SeriesNumber="20190315").SeriesNumber


def test_an_id_goes_from_items_as_well() -> None:
    item = Dataset()
    item.ReferencedFrameNumber = str(KNOWN)
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = "51185008", "SCT", "Chest"
    found = delivered(AnatomicRegionSequence=[item])
    assert not found.AnatomicRegionSequence[0].get("ReferencedFrameNumber")


@pytest.mark.parametrize("written", ["5230691.7", "-123.52306917", "523069170", "2306917", "512"])
def test_other_numbers_stay(written: str) -> None:
    assert str(delivered(TableHeight=written).TableHeight) == written


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"1\\52306917 ", True),
        (b"52306917.", True),
        (b"00052306917", True),
        (b"523069.17E2", True),
        (b"52306917.5", False),
        (b"-0.52306917", False),
        (b"1e999\\" + b"9" * 5000, False),
        (b"", False),
    ],
)
def test_both_read_numbers_alike(raw: bytes, found: bool) -> None:
    assert hold_integer(raw, frozenset({KNOWN})) is found
    assert (KNOWN in whole_numbers(raw)) is found


@pytest.mark.parametrize("raw", [b"1" * 400_000, b"1.5e3\\" * 80_000, b"123456\\" * 60_000])
def test_long_values_take_linear_time(raw: bytes) -> None:
    start = time.process_time()
    assert not hold_integer(raw.rstrip(b"\\"), frozenset({KNOWN}))
    assert KNOWN not in whole_numbers(raw)
    assert time.process_time() - start < 2
