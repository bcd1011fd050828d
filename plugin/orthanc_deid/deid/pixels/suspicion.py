"""Suspicion of burned-in text and of faces (D6 in docs/architecture.md), from the header alone.

A BurnedInAnnotation of NO is a claim of the sender and clears nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from orthanc_deid.dicom.tags import (
    BITS_ALLOCATED,
    BODY_PART_EXAMINED,
    BURNED_IN_ANNOTATION,
    CONVERSION_TYPE,
    HIGH_BIT,
    IMAGE_TYPE,
    MODALITY,
    PIXEL_REPRESENTATION,
    SOP_CLASS_UID,
)
from orthanc_deid.standard.tables import burned_in, faceless_body_parts

HEADER_TAGS = frozenset(
    {SOP_CLASS_UID, IMAGE_TYPE, MODALITY, CONVERSION_TYPE, BURNED_IN_ANNOTATION}
    | {BITS_ALLOCATED, HIGH_BIT, PIXEL_REPRESENTATION, BODY_PART_EXAMINED}
)
"""Top-level attributes whose values `suspicion`, `may_show_face` and `high_bits` need."""

_VOLUMES = frozenset({"CT", "MR", "PT"})
_EVIDENCE = (BURNED_IN_ANNOTATION, SOP_CLASS_UID, MODALITY, IMAGE_TYPE, CONVERSION_TYPE)


def suspicion(values: Mapping[int, tuple[str, ...]], transfer_syntax: str) -> str | None:
    """Return why the header makes burned-in text possible, or None. `values`: trimmed top-level values by tag."""
    return _suspicion(transfer_syntax, *(values.get(tag, ()) for tag in _EVIDENCE))


@lru_cache(maxsize=512)  # the instances of a series share the answer
def _suspicion(transfer_syntax: str, *evidence: tuple[str, ...]) -> str | None:
    lists = burned_in()
    burned, sop_class, modality, image_type, conversion = (
        {value.upper() for value in values if value} for values in evidence
    )
    if "YES" in burned:
        return "BurnedInAnnotation is YES"
    if not lists.sop_classes.isdisjoint(sop_class):
        return "SOP class that may hold text or speech"
    if not lists.modalities.isdisjoint(modality):
        return "modality that may hold text or speech"
    if transfer_syntax in lists.transfer_syntaxes:
        return "video"
    if not lists.image_types.isdisjoint(image_type):
        return "ImageType SECONDARY or SCREEN SAVE"
    if not lists.digital_conversion_types.issuperset(conversion):
        return "ConversionType is not DI"
    return None


def may_show_face(values: Mapping[int, tuple[str, ...]]) -> bool:
    """Whether a face could be reconstructed: a sectional modality, not known to show a body part without a face."""
    parts = [part for part in values.get(BODY_PART_EXAMINED, ()) if part]
    modalities = {modality.upper() for modality in values.get(MODALITY, ())}
    return not _VOLUMES.isdisjoint(modalities) and not (parts and faceless_body_parts().issuperset(parts))
