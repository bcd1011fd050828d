"""Errors in the values by which an image is read: terms of their own, or the only value that is possible."""

from __future__ import annotations

from faults.mutation_originals import ct
from faults.mutations import Mutation, code
from faults.mutations_of_rules import BASIC
from orthanc_deid.deid import structural_values
from orthanc_deid.deid.element_changes import ElementChanges
from orthanc_deid.profile.compile import Level

SOP_CLASS, FLUOROSCOPY = 0x00080016, "1.2.840.10008.5.1.4.1.1.3.1"
IMAGE_TYPE, MODALITY, PATIENT_POSITION, COLOURS = 0x00080008, 0x00080060, 0x00185100, 0x00280004
CAPTURE = "1.2.840.10008.5.1.4.1.1.1"

DERIVED = (
    Mutation(
        "writes another value than the only one of the SOP class",
        code(Level._kept, ("value=only.value)", "value='MR')")),
        ct((MODALITY, "CS", "ZINAIDA")),
        BASIC,
        "no fixed value value (0008,0060)",
    ),
    Mutation(
        "keeps a term of another attribute",
        code(structural_values._is_term, ("value in structural_terms()[tag]", "value.isalpha()")),
        ct((MODALITY, "CS", "LUNG")),
        BASIC,
        "words that no list has (0008,0060)",
    ),
    Mutation(
        "believes that all values are terms of their attribute",
        code(structural_values.are_terms, ("return {", "return True or {")),
        ct((PATIENT_POSITION, "CS", "ZINAIDA")),
        BASIC,
        "words that no list has (0018,5100)",
    ),
    Mutation(
        "removes the terms of the attribute",
        code(ElementChanges._term, ("if are_terms(step.tag, raw) or (", "if False and (")),
        ct((PATIENT_POSITION, "CS", "hfs")),
        BASIC,
        "removed although nobody is named in it (0018,5100)",
    ),
)
"""The sound engine delivers these instances."""

STRUCTURAL = (
    Mutation(
        "writes a dummy where the image is read by the value",
        code(Level._kept, ("illegal = None if only is None else", "illegal = illegal if only is None else")),
        ct((0x00280004, "CS", "ZINAIDA"), (SOP_CLASS, "UI", CAPTURE)),
        BASIC,
        "(0028,0004)",
    ),
    Mutation(
        "writes the value of one sample per pixel for colours",
        code(structural_values.is_only_value, ('!= ("1",)', "== ()")),
        ct((0x00280002, "US", b"\3\0"), (COLOURS, "CS", "ZINAIDA")),
        BASIC,
        "not kept as it was (0028,0004)",
    ),
    Mutation(
        "writes the value of originals for derived images",
        code(structural_values.is_only_value, ("not only.original or", "True or")),
        ct((IMAGE_TYPE, "CS", "DERIVED\\PRIMARY\\AXIAL"), (COLOURS, "CS", "ZINAIDA")),
        BASIC,
        "not kept as it was (0028,0004)",
    ),
)
"""The sound engine refuses these instances."""
