"""Suspicion of burned-in text and of faces, from top-level values and the transfer syntax."""

from __future__ import annotations

import pytest

from orthanc_deid.deid.pixels.suspicion import may_show_face, suspicion
from orthanc_deid.dicom.tags import (
    BODY_PART_EXAMINED,
    BURNED_IN_ANNOTATION,
    CONVERSION_TYPE,
    IMAGE_ORIENTATION_PATIENT,
    IMAGE_TYPE,
    MODALITY,
    PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE,
    PHOTOMETRIC_INTERPRETATION,
    SOP_CLASS_UID,
)

EXPLICIT = "1.2.840.10008.1.2.1"
MPEG2 = "1.2.840.10008.1.2.4.100"
CT = {
    SOP_CLASS_UID: ("1.2.840.10008.5.1.4.1.1.2",),
    MODALITY: ("CT",),
    IMAGE_TYPE: ("ORIGINAL", "PRIMARY", "AXIAL"),
}


@pytest.mark.parametrize(
    ("values", "syntax", "reason"),
    [
        ({BURNED_IN_ANNOTATION: ("yes",)}, EXPLICIT, "BurnedInAnnotation is YES"),
        (
            {SOP_CLASS_UID: ("1.2.840.10008.5.1.4.1.1.7",)},
            EXPLICIT,
            "SOP class that may hold text or speech",
        ),
        ({MODALITY: ("us",)}, EXPLICIT, "modality that may hold text or speech"),
        ({}, MPEG2, "video"),
        ({IMAGE_TYPE: ("DERIVED", "Secondary")}, EXPLICIT, "ImageType SECONDARY or SCREEN SAVE"),
        ({CONVERSION_TYPE: ("WSD",)}, EXPLICIT, "ConversionType is not DI"),
    ],
)
def test_each_evidence_alone_is_enough_whatever_burned_in_annotation_claims(
    values: dict[int, tuple[str, ...]], syntax: str, reason: str
) -> None:
    assert suspicion(CT | values, syntax) == reason
    assert suspicion(CT | {BURNED_IN_ANNOTATION: ("NO",)} | values, syntax) == reason


@pytest.mark.parametrize("conversion", [(), ("DI",), ("",)])
def test_a_ct_image_and_missing_values_are_not_suspicious(conversion: tuple[str, ...]) -> None:
    assert suspicion(CT | {CONVERSION_TYPE: conversion}, EXPLICIT) is None
    assert suspicion({}, EXPLICIT) is None


GEOMETRY = {
    PHOTOMETRIC_INTERPRETATION: ("MONOCHROME2",),
    IMAGE_ORIENTATION_PATIENT: ("1", "0", "0", "0", "1", "0"),
}
DERIVED = {IMAGE_TYPE: ("DERIVED", "SECONDARY", "MPR")}
PARAMETRIC_MAP = {SOP_CLASS_UID: ("1.2.840.10008.5.1.4.1.1.30",), MODALITY: ("OT",)}


@pytest.mark.parametrize(
    "values",
    [
        CT | GEOMETRY | DERIVED,
        CT | GEOMETRY | DERIVED | {SOP_CLASS_UID: ("1.2.840.10008.5.1.4.1.1.4",), MODALITY: ("MR",)},
        PARAMETRIC_MAP | GEOMETRY,
        PARAMETRIC_MAP
        | DERIVED
        | {PHOTOMETRIC_INTERPRETATION: ("MONOCHROME1",), PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE: ()},
    ],
)
def test_a_derived_section_with_geometry_is_no_picture_of_a_screen(
    values: dict[int, tuple[str, ...]],
) -> None:
    assert suspicion(values, EXPLICIT) is None
    assert suspicion(values | {BURNED_IN_ANNOTATION: ("YES",)}, EXPLICIT) is not None
    assert suspicion(values | {CONVERSION_TYPE: ("WSD",)}, EXPLICIT) is not None


@pytest.mark.parametrize(
    "values",
    [
        {IMAGE_ORIENTATION_PATIENT: ()},
        {PHOTOMETRIC_INTERPRETATION: ("RGB",)},
        {SOP_CLASS_UID: ("1.2.840.10008.5.1.4.1.1.1",), MODALITY: ("CR",)},
        {IMAGE_TYPE: ("DERIVED", "SECONDARY", "SCREEN SAVE")},
        {IMAGE_TYPE: ("DERIVED", "SECONDARY", "OTHER", "CSA REPORT")},
        {MODALITY: ("OT",)},
    ],
)
def test_any_other_derived_image_stays_suspicious(values: dict[int, tuple[str, ...]]) -> None:
    assert suspicion(CT | GEOMETRY | DERIVED | values, EXPLICIT) is not None


@pytest.mark.parametrize(
    ("modality", "body_parts", "expected"),
    [
        ("CT", ("HEAD",), True),
        ("ct", (), True),
        ("MR", ("",), True),
        ("PT", ("KNEE", "HEAD"), True),
        ("CT", ("KNEE",), False),
        ("DX", ("HEAD",), False),
    ],
)
def test_a_volume_may_show_a_face_unless_every_body_part_is_known_to_have_none(
    modality: str, body_parts: tuple[str, ...], expected: bool
) -> None:
    assert may_show_face({MODALITY: (modality,), BODY_PART_EXAMINED: body_parts}) is expected
