"""UIDs of classes stay where a public registry names them; own UIDs leave texts in whatever form."""

from __future__ import annotations

import io
import warnings

import pytest
from pydicom import dcmread
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from orthanc_deid.deid.engine import Deidentifier
from orthanc_deid.deid.uid_forms import UidForms, without_uids
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.profile.load import load_profile
from orthanc_deid.profile.verify_depth import VerifyDepth
from orthanc_deid.verify.verifier import verify
from support.data.hand_made import KEY, STUDY, encoded, original

DEPTHS = pytest.mark.parametrize("depth", ["full", "fast"])
RESEARCH = CompiledProfile(load_profile("research"))
PUBLIC = [
    "2.16.840.1.113883.6.96",
    "1.2.840.10008.2.16.4",
    "1.2.840.10008.6.1.7047",
    "1.2.840.10008.8.1.1",
    "1.3.12.2.1107.5.9.1",
    "1.2.840.10065.1.12",
    "1.2.840.10008.5.1.4.1.1.2",
]
NOWHERE = [
    "1.2.840.88888.55012.7",
    "55012",
    "2.16.840.1.113883.6.55012",
    "1.2.840.10008.6.1.1961090",
    "2.25.7",
]


def text(keyword: str, value: str) -> Dataset:
    ds = original()
    ds[keyword] = DataElement(
        keyword, "CS" if keyword == "BodyPartExamined" else "LO", value, validation_mode=0
    )
    return ds


def coded(**changes: str) -> Dataset:
    ds = original()
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = "69536005", "SCT", "Head"
    for keyword, value in changes.items():
        setattr(item, keyword, value)
    ds.AnatomicRegionSequence = Sequence([item])
    return ds


def run(ds: Dataset, depth: VerifyDepth = "full") -> Dataset:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the values of CS are longer than allowed
        data = encoded(ds)
    result = Deidentifier(RESEARCH, KEY).run(data).output
    verify(data, result, RESEARCH.profile, KEY, depth)
    return dcmread(io.BytesIO(bytes(result)))


@DEPTHS
@pytest.mark.parametrize("keyword", ["CodingSchemeUID", "ContextUID", "MappingResourceUID"])
@pytest.mark.parametrize("uid", PUBLIC)
def test_a_class_that_is_registered_stays(uid: str, keyword: str, depth: VerifyDepth) -> None:
    assert run(coded(**{keyword: uid}), depth).AnatomicRegionSequence[0][keyword].value == uid


@DEPTHS
@pytest.mark.parametrize("keyword", ["CodingSchemeUID", "ContextUID", "MappingResourceUID"])
@pytest.mark.parametrize("uid", NOWHERE)
def test_a_class_that_is_registered_nowhere_goes(uid: str, keyword: str, depth: VerifyDepth) -> None:
    item = run(coded(**{keyword: uid}), depth).AnatomicRegionSequence[0]
    assert keyword not in item
    assert item.CodeMeaning == "Head"


def test_of_several_classes_one_that_is_registered_nowhere_takes_all() -> None:
    ds = original(RelatedGeneralSOPClassUID=[PUBLIC[-1], "1.2.840.88888.55012.7"])
    assert "RelatedGeneralSOPClassUID" not in run(ds)


def test_a_class_of_type_1_that_is_registered_nowhere_is_replaced() -> None:
    ds, image = original(), Dataset()
    image.ReferencedSOPClassUID, image.ReferencedSOPInstanceUID = "1.2.840.88888.55012.7", "1.2.3.4.5"
    ds.SourceImageSequence = Sequence([image])
    found = run(ds).get("SourceImageSequence")
    assert found is None or found[0].ReferencedSOPClassUID.startswith("2.25.")


FORMS = [
    STUDY + ".1",
    "1." + STUDY,
    "0" + STUDY,
    STUDY.replace(".", "_"),
    STUDY.replace(".", " "),
    STUDY.replace(".", ", "),
    STUDY.replace(".", ".0"),
    f"scan{STUDY}x",
]


@DEPTHS
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("keyword", ["ManufacturerModelName", "SeriesDescription", "BodyPartExamined"])
def test_an_own_uid_leaves_texts_in_any_form(keyword: str, form: str, depth: VerifyDepth) -> None:
    found = str(run(text(keyword, form), depth).get(keyword, ""))
    assert "9" not in found
    assert "4711" not in found


def test_a_short_own_uid_leaves_a_cleaned_text() -> None:
    read = run(original(FrameOfReferenceUID="1.2.3.77", SeriesDescription="Lung 1-2-3-77 thin"))
    assert read.SeriesDescription == "Lung thin"


@pytest.mark.parametrize("text", ["Lung 1.2.3.4 mm", "1, 2, 3, 4, 5, 6", "V 2.7.0.1 b", "0.5 1.0 1.5 2.0"])
def test_other_numbers_stay(text: str) -> None:
    assert run(original(ManufacturerModelName=text)).ManufacturerModelName == text


def test_forms_are_searched_in_linear_time() -> None:
    own = UidForms.of(f"1.2.826.0.1.{number}".encode() for number in range(5000))
    assert own.occur_in(b"1.2.826.0.1.77")
    assert not own.occur_in(b"1.2.826.0.2." * 50_000 + b"x")
    assert without_uids("a 1.2.826.0.1 b") == "a b"
