"""Suspicion of burned-in text (design D6): told from the header and the unused bits, never from a claim of NO."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from orthanc_deid.dicom.slices import Buffer
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
"""Top-level attributes that suspicion looks at."""

_VOLUMES = frozenset({"CT", "MR", "PT"})
_CHUNK = 32 << 20  # bytes of samples looked at in one go
_WORDS = {bits: np.dtype(f"<u{bits // 8}") for bits in (8, 16, 32)}


def suspicion(values: Mapping[int, tuple[str, ...]], transfer_syntax: str) -> str | None:
    """Return why the header makes burned-in text possible, or None. `values` are the top level's, trimmed."""
    return _suspicion(transfer_syntax, *(values.get(tag, ()) for tag in _TOLD))


_TOLD = (BURNED_IN_ANNOTATION, SOP_CLASS_UID, MODALITY, IMAGE_TYPE, CONVERSION_TYPE)


@lru_cache(maxsize=512)
def _suspicion(transfer_syntax: str, *told: tuple[str, ...]) -> str | None:
    """A series repeats its answer. `told` in the order of `_TOLD`."""
    lists = burned_in()
    burned, sop_class, modality, image_type, conversion = (
        {value.upper() for value in values if value} for values in told
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
    """Whether a face could be rebuilt from the volume: a sectional modality, not known to be of another body part."""
    parts = [part for part in values.get(BODY_PART_EXAMINED, ()) if part]
    modalities = {modality.upper() for modality in values.get(MODALITY, ())}
    return not _VOLUMES.isdisjoint(modalities) and not (parts and faceless_body_parts().issuperset(parts))


def high_bits_in_use(samples: Buffer, bits_allocated: int, high_bit: int, *, signed: bool) -> bool:
    """Whether native `samples` (little endian) use bits above the high bit, beyond sign extension.

    Old scanners hide overlays there (PS3.5 section 8.1.2). Nothing is copied; `bits_allocated` 8, 16 or 32.
    """
    word = _WORDS.get(bits_allocated)
    if word is None or high_bit >= bits_allocated - 1:
        return False
    usable = len(samples) // word.itemsize
    step = _CHUNK // word.itemsize
    for start in range(0, usable, step):
        words = np.frombuffer(samples, word, min(step, usable - start), start * word.itemsize)
        # The maximum is the quickest look of all that tell of any bit.
        if int(np.maximum.reduce(words)) >> (high_bit + 1) == 0:
            continue
        numbers = words.view(f"<i{word.itemsize}")
        limit = 1 << high_bit
        if not signed or int(numbers.min()) < -limit or int(numbers.max()) >= limit:
            return True
    return False
