"""Names of structures in `research`: whole or replaced, checked by both depths, never cut to the same rest."""

from __future__ import annotations

import io

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from orthanc_deid.deid.engine import Deidentifier
from orthanc_deid.dicom.slices import Slices
from orthanc_deid.errors import VerificationError
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.profile.load import load_profile
from orthanc_deid.profile.verify_depth import VerifyDepth
from orthanc_deid.verify.verifier import verify
from support.data.hand_made import KEY, encoded, original

RT_STRUCTURE_SET = "1.2.840.10008.5.1.4.1.1.481.3"
RESEARCH = load_profile("research")
NAMES = [
    "OpticNrv_L",
    "GTVn_L",
    "SpinalCord_PRV05",
    "Wexler tumour",
    "Kestrel 1",
    "Kestrel 2",
    "GTV 2019-03-15",
    "Осёл",
]


def structure_set(names: list[str], charset: str = "ISO_IR 192") -> Dataset:
    ds = original(SOPClassUID=RT_STRUCTURE_SET, Modality="RTSTRUCT", SpecificCharacterSet=charset)
    for keyword in ("PixelData", "Rows", "Columns"):
        delattr(ds, keyword)
    items = []
    for number, name in enumerate(names, 1):
        item = Dataset()
        item.ROINumber, item.ROIName, item.ROIGenerationAlgorithm = number, name, ""
        items.append(item)
    ds.StructureSetROISequence = Sequence(items)
    ds.StructureSetLabel = names[0][:16]
    return ds


def run(ds: Dataset) -> tuple[Slices, list[str]]:
    result = Deidentifier(CompiledProfile(RESEARCH), KEY).run(encoded(ds)).output
    read = dcmread(io.BytesIO(bytes(result)))
    return result, [str(item.ROIName) for item in read.StructureSetROISequence]


@pytest.mark.parametrize("depth", ["full", "fast"])
def test_names_stay_whole_or_are_replaced_whole_and_stay_distinct(depth: VerifyDepth) -> None:
    ds = structure_set(NAMES)
    result, names = run(ds)
    verify(encoded(ds), result, RESEARCH, KEY, depth)
    assert names[:3] == NAMES[:3]
    assert all(name.startswith("X-") for name in names[3:])
    assert len(set(names)) == len(NAMES)
    assert run(ds)[1] == names


def test_the_same_name_becomes_the_same_in_another_instance() -> None:
    assert run(structure_set(["Kestrel 1"]))[1] == run(structure_set(["Lung_L", "Kestrel 1"]))[1][1:]


@pytest.mark.parametrize("depth", ["full", "fast"])
def test_a_name_whose_bytes_no_character_set_allows_is_replaced(depth: VerifyDepth) -> None:
    data = encoded(structure_set(["GTV-QQQQ", "Lung_L"])).replace(b"GTV-QQQQ", b"GTV-\xff\xfe\xff\xfe")
    done = Deidentifier(CompiledProfile(RESEARCH), KEY).run(data)
    verify(data, done.output, RESEARCH, KEY, depth)
    assert b"GTV-\xff" not in bytes(done.output)


@pytest.mark.parametrize("depth", ["full", "fast"])
@pytest.mark.parametrize("written", ["L       ", "X-abcdefgh", "OpticNrv"])
def test_the_verifier_accepts_no_other_name(depth: VerifyDepth, written: str) -> None:
    ds = structure_set(["OpticNrv_L", "Lung_R"])
    result = bytes(run(ds)[0])
    changed = result.replace(b"OpticNrv_L", written.encode().ljust(10)[:10], 2)
    with pytest.raises(VerificationError, match=r"\(3006,0026\)|\(3006,0002\)"):
        verify(encoded(ds), Slices([changed]), RESEARCH, KEY, depth)
