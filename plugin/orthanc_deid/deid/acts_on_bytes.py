"""Bytes that are kept are held to their meaning: by which act, and what of the top level is needed for it."""

from __future__ import annotations

from typing import Final

from orthanc_deid.deid.element_steps import Act
from orthanc_deid.deid.pixels.frames.instance_frames import OFFSET_TAGS
from orthanc_deid.deid.pixels.suspicion import HEADER_TAGS
from orthanc_deid.deid.sample_lengths import IMAGE_SIZE, is_samples
from orthanc_deid.dicom.tags import EXTENDED_OFFSET_TABLE, PIXEL_DATA_TAGS

IMAGE_TAGS: Final = HEADER_TAGS | IMAGE_SIZE | PIXEL_DATA_TAGS | {EXTENDED_OFFSET_TABLE}
"""Top-level attributes of an image that the engine needs under every profile."""

_MAY_BE_FRAGMENTS: Final = frozenset({"OB", "OW"})
"""The VRs whose values may have an undefined length (PS3.5 section A.4)."""


def act_on_bytes(tag: int, vr: str) -> int:
    """Return the act for an element that a rule keeps as it is."""
    if tag in OFFSET_TAGS:
        return Act.OFFSETS
    if is_samples(tag):
        return Act.SAMPLES
    return Act.FRAMES if vr in _MAY_BE_FRAGMENTS else Act.KEEP
