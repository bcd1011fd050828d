"""The CS attributes by which an image is read: a term of their own, the only value that is possible, or a refusal."""

from __future__ import annotations

import pytest

from orthanc_deid.errors import RefusedError
from unit.deid.test_kept_text import PROFILES, result

RADIOGRAPH, ROTATION = "1.2.840.10008.5.1.4.1.1.1", "1.2.840.10008.5.1.4.1.1.13.1.1"
DERIVED = ["DERIVED", "PRIMARY", "AXIAL"]


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize(
    ("sop_class", "keyword"), [(RADIOGRAPH, "PhotometricInterpretation"), (ROTATION, "Modality")]
)
@pytest.mark.parametrize("text", ["WOLKENBRUCH L", "MONOCHROME2 OF LEOKADIA", "Wexler", "LUNG"])
def test_no_term_refuses_the_instance_where_several_values_are_possible(
    name: str, sop_class: str, keyword: str, text: str
) -> None:
    with pytest.raises(RefusedError, match="no defined term"):
        result(name, SOPClassUID=sop_class, **{keyword: text})


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize(
    ("keyword", "value"), [("Modality", "CT"), ("PhotometricInterpretation", "MONOCHROME2")]
)
@pytest.mark.parametrize("text", ["WOLKENBRUCH L", "CT OF LEOKADIA", "Wexler", "LUNG"])
def test_no_term_becomes_the_only_value_that_the_sop_class_leaves(
    name: str, keyword: str, value: str, text: str
) -> None:
    assert result(name, **{keyword: text})[keyword].value == value


def test_the_sop_class_of_a_radiograph_leaves_one_modality() -> None:
    assert result(SOPClassUID=RADIOGRAPH, Modality="LEOKADIA").Modality == "CR"


def test_the_colours_of_several_samples_are_not_derived() -> None:
    with pytest.raises(RefusedError, match="no defined term"):
        result(PhotometricInterpretation="LEOKADIA", SamplesPerPixel=3)


def test_the_colours_of_a_derived_image_are_not_derived() -> None:
    with pytest.raises(RefusedError, match="no defined term"):
        result(PhotometricInterpretation="LEOKADIA", ImageType=DERIVED)


@pytest.mark.parametrize("text", ["LEOKADIA", "HFS LEOKADIA", "LUNG", "HFS-1"])
def test_what_may_be_empty_is_emptied(text: str) -> None:
    assert result(PatientPosition=text).PatientPosition == ""


@pytest.mark.parametrize(
    ("keyword", "text"),
    [
        ("PatientPosition", "HFS"),
        ("PatientPosition", "hfs"),
        ("Modality", "DR"),
        ("Laterality", "B"),
        ("PatientOrientation", ["HFL", "AR"]),
        ("PatientOrientation", ["RTCD", "V"]),
    ],
)
def test_terms_of_the_attribute_stay(keyword: str, text: object) -> None:
    assert result(**{keyword: text})[keyword].value == text


def test_one_wrong_direction_takes_the_other_with_it() -> None:
    assert not result(PatientOrientation=["L", "LEOKADIA"]).PatientOrientation
