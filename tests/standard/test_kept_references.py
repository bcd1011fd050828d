"""Localizers, sources and key objects in a de-identified study, found as highdicom finds them."""

from __future__ import annotations

import io
import warnings
from copy import deepcopy

import highdicom as hd
import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from orthanc_deid import Key, deidentify, load_profile
from orthanc_deid.deid.engine import Deidentified
from orthanc_deid.dicom.slices import Slices
from orthanc_deid.verify.verifier import verify
from support.data.objects import key_objects, segmentation
from support.data.profiles import builtin
from support.data.studies import ct_study

KEY = Key(bytes(range(32)))


def reference(image: Dataset, preserved: str = "") -> Dataset:
    made = Dataset()
    made.ReferencedSOPClassUID, made.ReferencedSOPInstanceUID = image.SOPClassUID, image.SOPInstanceUID
    if preserved:
        made.SpatialLocationsPreserved = preserved
    return made


def planned_study() -> dict[str, Dataset]:
    """Return a localizer, three slices planned on it, an image derived from them, a segmentation and key objects."""
    slices = ct_study(3)
    scout = deepcopy(slices[0])
    scout.SOPInstanceUID = generate_uid(entropy_srcs=["planned", "scout"])
    scout.SeriesInstanceUID = generate_uid(entropy_srcs=["planned", "scout series"])
    scout.ImageType = ["ORIGINAL", "PRIMARY", "LOCALIZER"]
    for image in slices:
        image.ReferencedImageSequence = [reference(scout)]
    derived = deepcopy(slices[1])
    derived.SOPInstanceUID = generate_uid(entropy_srcs=["planned", "derived"])
    derived.SeriesInstanceUID = generate_uid(entropy_srcs=["planned", "derived series"])
    derived.SourceImageSequence = [reference(image, "YES") for image in slices]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # highdicom's remarks on its own input are no concern of ours
        made = {"seg": segmentation(slices), "ko": key_objects(slices)}
    return {"scout": scout, "derived": derived, **made} | {
        f"ct{n}": image for n, image in enumerate(slices, 1)
    }


def written(data_set: Dataset) -> bytes:
    if "TransferSyntaxUID" not in getattr(data_set, "file_meta", ()):
        data_set.file_meta = FileMetaDataset()
        data_set.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    buffer = io.BytesIO()
    data_set.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def result(data_set: Dataset, name: str) -> Dataset:
    """Return the verified result of an instance."""
    data = written(data_set)
    output: Deidentified = deidentify(data, builtin(name), KEY)
    verify(data, Slices([bytes(output)]), load_profile(name).profile, KEY)
    return pydicom.dcmread(io.BytesIO(bytes(output)))


@pytest.fixture(scope="module")
def research() -> dict[str, Dataset]:
    return {key: result(data_set, "research") for key, data_set in planned_study().items()}


def test_research_keeps_the_localizer_of_each_slice(research: dict[str, Dataset]) -> None:
    for key in ("ct1", "ct2", "ct3"):
        (item,) = research[key].ReferencedImageSequence
        assert item.ReferencedSOPInstanceUID == research["scout"].SOPInstanceUID
        assert item.ReferencedSOPClassUID == research["scout"].SOPClassUID


def test_research_keeps_the_sources_of_a_derived_image(research: dict[str, Dataset]) -> None:
    items = research["derived"].SourceImageSequence
    assert [item.ReferencedSOPInstanceUID for item in items] == [
        research[key].SOPInstanceUID for key in ("ct1", "ct2", "ct3")
    ]
    assert {item.SpatialLocationsPreserved for item in items} == {"YES"}


def test_research_stamps_the_basic_profile(research: dict[str, Dataset]) -> None:
    codes = [item.CodeValue for item in research["ct1"].DeidentificationMethodCodeSequence]
    assert "113100" in codes


def test_highdicom_resolves_the_key_objects(research: dict[str, Dataset]) -> None:
    document = hd.ko.KeyObjectSelectionDocument.from_dataset(research["ko"])
    image = research["ct1"]
    study, series, instance = document.resolve_reference(image.SOPInstanceUID)
    assert (study, series, instance) == (
        image.StudyInstanceUID,
        image.SeriesInstanceUID,
        image.SOPInstanceUID,
    )
    (item,) = document.content.get_references(sop_class_uid=image.SOPClassUID)
    assert item.referenced_sop_instance_uid == image.SOPInstanceUID


@pytest.mark.parametrize("name", ["basic", "neutral", "research", "strict"])
def test_highdicom_indexes_a_segmentation_by_its_sources(name: str) -> None:
    made = {key: result(planned_study()[key], name) for key in ("seg", "ct1", "ct2", "ct3")}
    read = hd.seg.Segmentation.from_dataset(made["seg"])
    sources = [made[key].SOPInstanceUID for key in ("ct1", "ct2", "ct3")]
    pixels = read.get_pixels_by_source_instance(source_sop_instance_uids=sources)
    assert pixels.shape[0] == len(sources)
    assert np.all(pixels[:, 4:8, 4:8] == 1)


@pytest.mark.parametrize("name", ["basic", "neutral", "strict"])
def test_other_profiles_follow_the_table(name: str) -> None:
    study = planned_study()
    assert "ReferencedImageSequence" not in result(study["ct1"], name)
    assert "SourceImageSequence" not in result(study["derived"], name)
