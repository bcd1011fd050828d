"""Suspicion of burned-in text (design D6): told from the header and the unused bits, never from a claim of NO."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.standard.tables import burned_in

SOP_CLASS_UID, IMAGE_TYPE, MODALITY, CONVERSION_TYPE = 0x00080016, 0x00080008, 0x00080060, 0x00080064
BITS_ALLOCATED, HIGH_BIT, PIXEL_REPRESENTATION = 0x00280100, 0x00280102, 0x00280103
BURNED_IN_ANNOTATION = 0x00280301
BODY_PART_EXAMINED = 0x00180015
PIXEL_DATA = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})

HEADER_TAGS = frozenset(
    {SOP_CLASS_UID, IMAGE_TYPE, MODALITY, CONVERSION_TYPE, BURNED_IN_ANNOTATION}
    | {BITS_ALLOCATED, HIGH_BIT, PIXEL_REPRESENTATION, BODY_PART_EXAMINED}
)
"""Top-level attributes that suspicion looks at."""

_VOLUMES = frozenset({"CT", "MR", "PT"})
_FACELESS = frozenset(
    {
        "ABDOMEN",
        "ABDOMENPELVIS",
        "ANKLE",
        "ARM",
        "BLADDER",
        "BREAST",
        "CHEST",
        "CHESTABDOMEN",
        "CHESTABDPELVIS",
    }
    | {
        "CLAVICLE",
        "ELBOW",
        "EXTREMITY",
        "FEMUR",
        "FOOT",
        "FOREARM",
        "HAND",
        "HEART",
        "HIP",
        "HUMERUS",
        "KIDNEY",
    }
    | {
        "KNEE",
        "LEG",
        "LIVER",
        "LSPINE",
        "LUNG",
        "PELVIS",
        "PROSTATE",
        "SHOULDER",
        "SSPINE",
        "TSPINE",
        "WRIST",
    }
)
"""Body parts (PS3.16 Annex L) whose volumes show no face; what is not named here may."""

_CHUNK = 32 << 20  # bytes of samples looked at in one go


def suspicion(values: Mapping[int, tuple[str, ...]], transfer_syntax: str) -> str | None:
    """Return why the header makes burned-in text possible, or None. `values` are the top level's, trimmed."""
    lists = burned_in()

    def told(tag: int) -> set[str]:
        return {value.upper() for value in values.get(tag, ()) if value}

    if "YES" in told(BURNED_IN_ANNOTATION):
        return "BurnedInAnnotation is YES"
    if not lists.sop_classes.isdisjoint(told(SOP_CLASS_UID)):
        return "SOP class that may hold text or speech"
    if not lists.modalities.isdisjoint(told(MODALITY)):
        return "modality that may hold text or speech"
    if transfer_syntax in lists.transfer_syntaxes:
        return "video"
    if not lists.image_types.isdisjoint(told(IMAGE_TYPE)):
        return "ImageType SECONDARY or SCREEN SAVE"
    if not lists.digital_conversion_types.issuperset(told(CONVERSION_TYPE)):
        return "ConversionType is not DI"
    return None


def may_show_face(values: Mapping[int, tuple[str, ...]]) -> bool:
    """Whether a face could be rebuilt from the volume: a sectional modality, not known to be of another body part."""
    parts = [part for part in values.get(BODY_PART_EXAMINED, ()) if part]
    modalities = {modality.upper() for modality in values.get(MODALITY, ())}
    return not _VOLUMES.isdisjoint(modalities) and not (parts and _FACELESS.issuperset(parts))


def high_bits_in_use(samples: Buffer, bits_allocated: int, high_bit: int, *, signed: bool) -> bool:
    """Whether native `samples` (little endian) use bits above the high bit, beyond sign extension.

    Old scanners hide overlays there (PS3.5 section 8.1.2). Nothing is copied; `bits_allocated` 8, 16 or 32.
    """
    spare = bits_allocated - 1 - high_bit
    if bits_allocated not in (8, 16, 32) or spare <= 0:
        return False
    width = bits_allocated // 8
    usable = len(samples) // width * width
    mask = ((1 << spare) - 1) << (high_bit + 1)
    for start in range(0, usable, _CHUNK):
        chunk = samples[start : min(start + _CHUNK, usable)]
        words = np.frombuffer(chunk, f"<u{width}")
        if not int(np.bitwise_or.reduce(words)) & mask:
            continue
        numbers = words.view(f"<i{width}")
        limit = 1 << high_bit
        if not signed or int(numbers.min()) < -limit or int(numbers.max()) >= limit:
            return True
    return False
