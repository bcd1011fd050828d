"""The places of samples in an IOD: anywhere else they describe no image and no waveform (`RULES.md`, step 1)."""

from __future__ import annotations

from typing import Final

from orthanc_deid.dicom.tags import (
    OVERLAY_DATA,
    PIXEL_DATA_TAGS,
    WAVEFORM_DATA,
    WAVEFORM_SEQUENCE,
    is_private,
)
from orthanc_deid.standard.attribute_types import TypeContext

_CURVES_AND_AUDIO: Final = frozenset({0x50003000, 0x5000200C})
_NAMED: Final = ("1", "1C", "2", "2C")


def out_of_place(tag: int, types: TypeContext, path: tuple[int, ...]) -> bool:
    """Whether `tag` holds samples, and the IOD does not name them among the attributes of `types`.

    `path`: the tags of the sequences around it. Where no Type is known, samples of images, overlays, curves and audio
    have their place at the top level, those of waveforms in the items of Waveform Sequence.
    """
    family = tag & 0xFF00FFFF
    repeating = not is_private(tag) and (family == OVERLAY_DATA or family in _CURVES_AND_AUDIO)
    if tag not in PIXEL_DATA_TAGS and tag != WAVEFORM_DATA and not repeating:
        return False
    known = types.type_of(tag)
    if known in _NAMED:
        return False
    if repeating:  # retired from the IODs, or left out of their tables
        return bool(path)
    return known is not None or path != ((WAVEFORM_SEQUENCE,) if tag == WAVEFORM_DATA else ())
