"""The verifier's parsing beside pydicom's own reading."""

from __future__ import annotations

import io
from pathlib import Path

import pydicom.data
import pytest
from pydicom import dcmread
from pydicom.datadict import dictionary_VR
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian

from orthanc_deid.dicom.slices import Slices
from orthanc_deid.verify.reading.data_set import DataSet
from orthanc_deid.verify.reading.element_headers import ParseError
from orthanc_deid.verify.reading.instance import open_instance

_FILES = Path(pydicom.data.__file__).parent / "test_files"
_PARSED = [path for path in sorted(_FILES.glob("*.dcm")) if "trunc" not in path.stem][::3]


@pytest.mark.parametrize("path", _PARSED, ids=lambda path: path.stem)
def test_parsing_agrees_with_pydicoms_own_reading(path: Path) -> None:
    data = path.read_bytes()
    try:
        mine = open_instance(Slices([data])).data_set
        found = list(_paths(mine))
    except ParseError:
        pytest.skip("damaged on purpose")
    reference = dcmread(io.BytesIO(data), force=True)
    assert found == list(_reference_paths(reference))


def _paths(level: DataSet, prefix: tuple[int, ...] = ()) -> list[tuple[int, ...]]:
    found = []
    for tag in sorted(level.elements):
        found.append((*prefix, tag))
        for index, item in enumerate(level.sequences.get(tag, ())):
            found += _paths(item, (*prefix, tag, index))
    return found


def _reference_paths(ds: Dataset, prefix: tuple[int, ...] = ()) -> list[tuple[int, ...]]:
    found = []
    for tag in sorted(int(tag) for tag in ds.keys()):  # noqa: SIM118  # a Dataset iterates over elements
        found.append((*prefix, tag))
        raw = ds.get_item(tag)
        known = raw.VR if raw.VR not in (None, "UN") else _known_vr(tag)
        if known == "SQ":
            for index, item in enumerate(ds[tag].value):
                found += _reference_paths(item, (*prefix, tag, index))
    return found


def _known_vr(tag: int) -> str:
    try:
        return dictionary_VR(tag)
    except KeyError:
        return "UN"


def test_values_longer_than_a_window_are_left_where_they_are() -> None:
    ds = Dataset()
    ds.PatientID = "1"
    ds.add_new(0x00280106, "US", 7)
    ds.add_new(0x00091010, "UN", b"x" * 100_000)
    ds.add_new(0x00281201, "OW", bytes(70_000))
    ds.PixelData = bytes(300_000)
    ds["PixelData"].VR = "OW"
    ds.add_new(0xFFFCFFFC, "OB", b"end!")
    with io.BytesIO() as file:
        ds.save_as(file, implicit_vr=False, little_endian=True, enforce_file_format=False)
        data = file.getvalue()
    found = open_instance(Slices([data[:1000], data[1000:]]))
    assert {tag: span.length for tag, span in found.data_set.unloaded.items()} == {
        0x00091010: 100_000,
        0x00281201: 70_000,
        0x7FE00010: 300_000,
    }
    assert found.data_set.elements[0xFFFCFFFC].value == b"end!"
    assert found.value(found.data_set, 0x00091010) == b"x" * 100_000


def test_big_endian_is_recognized_by_the_file_meta() -> None:
    data = (_FILES / "ExplVR_BigEnd.dcm").read_bytes()
    assert open_instance(Slices([data])).transfer_syntax == ExplicitVRBigEndian
