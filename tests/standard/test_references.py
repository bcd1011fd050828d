"""A study of CT, segmentation, report, key objects, presentation state and structure set: what refers still finds."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pydicom
import pytest
from pydicom._uid_dict import UID_dictionary
from pydicom.dataset import Dataset

from orthanc_deid import Key, deidentify
from orthanc_deid.errors import RefusedError
from support.data.objects import referring_study
from support.data.profiles import BUILTIN, builtin
from support.data.studies import PATIENT_ID

KEY = Key(bytes(range(32)))
IDENTIFYING = (
    "Musterfrau",
    "Erika",
    "Brinkmann",
    "Klaus",
    "Okonkwo",
    "Ngozi",
    PATIENT_ID,
    "Invented General",
)
OWN = {"SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID", "FrameOfReferenceUID"}


def uids(dataset: Dataset, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield (path of keywords, UID) of every UID in the data set that the standard does not register."""
    for element in dataset:
        where = f"{path}/{element.keyword or element.tag}"
        if element.VR == "SQ":
            for number, item in enumerate(element.value):
                yield from uids(item, f"{where}[{number}]")
        elif element.VR == "UI":
            for uid in [element.value] if element.VM == 1 else element.value or ():
                if uid not in UID_dictionary:
                    yield where, str(uid)


def opened(files: dict[str, bytes]) -> dict[str, Dataset]:
    return {name: pydicom.dcmread(io.BytesIO(data)) for name, data in files.items()}


def deidentified(name: str) -> dict[str, bytes]:
    """Return the study under a built-in profile; `strict` refuses what is no image."""
    outputs = {}
    for key, data in referring_study().items():
        try:
            outputs[key] = bytes(deidentify(data, builtin(name), KEY))
        except RefusedError:
            assert name == "strict"
    return outputs


@pytest.mark.parametrize("name", BUILTIN)
def test_every_reference_that_is_left_still_finds_its_instance(name: str) -> None:
    before, after = opened(referring_study()), opened(deidentified(name))
    known_before = {(keyword, uid) for data_set in before.values() for keyword, uid in _own(data_set)}
    known_after = {(keyword, uid) for data_set in after.values() for keyword, uid in _own(data_set)}
    assert len(known_before) >= len(known_after) > 0
    values_before, values_after = {uid for _, uid in known_before}, {uid for _, uid in known_after}
    for key, data_set in after.items():
        paths_before = dict(uids(before[key]))
        for path, uid in uids(data_set):
            if paths_before.get(path) in values_before:
                assert uid in values_after, f"{key}: {path} leads nowhere"
            assert uid not in paths_before.values(), f"{key}: {path} is the original's"


def _own(data_set: Dataset) -> Iterator[tuple[str, str]]:
    return ((keyword, str(data_set[keyword].value)) for keyword in OWN if keyword in data_set)


@pytest.mark.parametrize("name", ["basic", "neutral", "research"])
@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("seg", "/ReferencedSeriesSequence[0]/SeriesInstanceUID"),
        ("seg", "/PerFrameFunctionalGroupsSequence[0]/DerivationImageSequence[0]/SourceImageSequence[0]"),
        ("sr", "/CurrentRequestedProcedureEvidenceSequence[0]/ReferencedSeriesSequence[0]"),
        ("ko", "/CurrentRequestedProcedureEvidenceSequence[0]/ReferencedSeriesSequence[0]"),
        ("pr", "/ReferencedSeriesSequence[0]/ReferencedImageSequence[0]"),
        ("pr", "/ReferencedSeriesSequence[0]/ReferencedImageSequence[2]"),
        ("rtstruct", "/ReferencedFrameOfReferenceSequence[0]/RTReferencedStudySequence[0]"),
        ("rtstruct", "/ROIContourSequence[0]/ContourSequence[0]/ContourImageSequence[0]"),
    ],
)
def test_references_that_make_the_object_useful_are_left(name: str, key: str, path: str) -> None:
    found = [where for where, _ in uids(opened(deidentified(name))[key])]
    assert any(where.startswith(path) for where in found), found


def test_the_report_keeps_its_tree_and_its_measurement_under_research() -> None:
    report = opened(deidentified("research"))["sr"]
    values = list(_content(report))
    assert ("NUM", "4.5") in values
    assert ("PNAME", "REMOVED") in values
    assert len(values) == len(list(_content(opened(referring_study())["sr"])))


def _content(item: Dataset) -> Iterator[tuple[str, str]]:
    if item.get("ValueType") == "NUM":
        yield "NUM", str(item.MeasuredValueSequence[0].NumericValue)
    elif item.get("ValueType") == "PNAME":
        yield "PNAME", str(item.PersonName)
    elif "ValueType" in item:
        yield item.ValueType, ""
    for below in item.get("ContentSequence", ()):
        yield from _content(below)


@pytest.mark.parametrize("name", BUILTIN)
def test_no_object_of_the_study_names_a_person(name: str) -> None:
    for key, output in deidentified(name).items():
        for word in (
            *["Musterfrau", "Erika", "Brinkmann", "Klaus", "Okonkwo", "Ngozi"],
            PATIENT_ID,
            "Invented General",
        ):
            assert word.encode() not in output, f"{word} in {key}"
