"""Suspicion of burned-in text and of faces (D6 in docs/architecture.md), from the header alone.

A BurnedInAnnotation of NO is a claim of the sender and clears nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from orthanc_deid.dicom.tags import (
    BITS_ALLOCATED,
    BITS_STORED,
    BODY_PART_EXAMINED,
    BURNED_IN_ANNOTATION,
    CONVERSION_TYPE,
    HIGH_BIT,
    IMAGE_ORIENTATION_PATIENT,
    IMAGE_TYPE,
    MODALITY,
    PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE,
    PHOTOMETRIC_INTERPRETATION,
    PIXEL_REPRESENTATION,
    SOP_CLASS_UID,
)
from orthanc_deid.standard.tables import burned_in, faceless_body_parts

HEADER_TAGS = frozenset(
    {SOP_CLASS_UID, IMAGE_TYPE, MODALITY, CONVERSION_TYPE, BURNED_IN_ANNOTATION}
    | {
        BITS_ALLOCATED,
        BITS_STORED,
        HIGH_BIT,
        PIXEL_REPRESENTATION,
        BODY_PART_EXAMINED,
        PHOTOMETRIC_INTERPRETATION,
    }
    | {IMAGE_ORIENTATION_PATIENT, PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE}
)
"""Top-level attributes whose values `suspicion`, `may_show_face` and `high_bits` need."""

_VOLUMES = frozenset({"CT", "MR", "PT"})
_SECONDARY = frozenset({"SECONDARY"})
_EVIDENCE = (BURNED_IN_ANNOTATION, SOP_CLASS_UID, MODALITY, IMAGE_TYPE, CONVERSION_TYPE)


def suspicion(values: Mapping[int, tuple[str, ...]], transfer_syntax: str) -> str | None:
    """Return why the header makes burned-in text possible, or None. `values`: trimmed top-level values by tag."""
    return _suspicion(
        transfer_syntax, _is_gray_with_geometry(values), *(values.get(tag, ()) for tag in _EVIDENCE)
    )


def _is_gray_with_geometry(values: Mapping[int, tuple[str, ...]]) -> bool:
    """Whether the image has one gray sample per pixel, and an orientation in the patient."""
    gray = values.get(PHOTOMETRIC_INTERPRETATION, ()) in (("MONOCHROME1",), ("MONOCHROME2",))
    # The orientation stands for the position, which differs in each instance and would have to be read anew.
    oriented = any(values.get(IMAGE_ORIENTATION_PATIENT, ()))
    return gray and (oriented or PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE in values)


@lru_cache(maxsize=512)  # the instances of a series share the answer
def _suspicion(transfer_syntax: str, has_geometry: bool, *evidence: tuple[str, ...]) -> str | None:
    lists = burned_in()
    burned, sop_class, modality, image_type, conversion = (
        {value.upper() for value in values if value} for values in evidence
    )
    if "YES" in burned:
        return "BurnedInAnnotation is YES"
    if not lists.sop_classes.isdisjoint(sop_class):
        return "SOP class that may hold text or speech"
    is_map = has_geometry and not lists.parametric_sop_classes.isdisjoint(sop_class)
    is_section = is_map or (has_geometry and not lists.sectional_sop_classes.isdisjoint(sop_class))
    if not (is_map or lists.modalities.isdisjoint(modality)):
        return "modality that may hold text or speech"
    if transfer_syntax in lists.transfer_syntaxes:
        return "video"
    if not lists.image_types.isdisjoint(image_type - _SECONDARY if is_section else image_type):
        return "ImageType SECONDARY or SCREEN SAVE"
    if not lists.digital_conversion_types.issuperset(conversion):
        return "ConversionType is not DI"
    return None


def may_show_face(values: Mapping[int, tuple[str, ...]]) -> bool:
    """Whether a face could be reconstructed: a sectional modality, not known to show a body part without a face."""
    parts = [part for part in values.get(BODY_PART_EXAMINED, ()) if part]
    modalities = {modality.upper() for modality in values.get(MODALITY, ())}
    return not _VOLUMES.isdisjoint(modalities) and not (parts and faceless_body_parts().issuperset(parts))
