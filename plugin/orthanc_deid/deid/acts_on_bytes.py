"""Bytes that are kept are held to their meaning: by which act, and what of the top level is needed for it."""

from __future__ import annotations

from typing import Final

from orthanc_deid.deid.element_steps import Act
from orthanc_deid.deid.lookup_tables import DESCRIPTORS
from orthanc_deid.deid.pixels.frames.instance_frames import OFFSET_TAGS
from orthanc_deid.deid.pixels.suspicion import HEADER_TAGS
from orthanc_deid.deid.sample_lengths import IMAGE_SIZE, is_samples
from orthanc_deid.deid.words_in_bytes import IN_NUMBERS, IN_PRIVATE_BYTES
from orthanc_deid.dicom.tags import (
    EXTENDED_OFFSET_TABLE,
    ICC_PROFILE,
    PIXEL_DATA_TAGS,
    PIXEL_PRESENTATION,
    is_private,
)
from orthanc_deid.profile.number_lengths import WIDTHS
from orthanc_deid.standard.tables import image_data_tags, private_samples

IMAGE_TAGS: Final = HEADER_TAGS | IMAGE_SIZE | PIXEL_DATA_TAGS | {EXTENDED_OFFSET_TABLE, PIXEL_PRESENTATION}
"""Top-level attributes of an image that the engine needs under every profile."""

_BYTES: Final = frozenset({"OB", "OW"})
"""The VRs whose values may have an undefined length (PS3.5 section A.4)."""
_ARRAYS: Final = frozenset({"OF", "OD", "OL", "OV"})


def shortest_words(tag: int, creator: str) -> int:
    """Return the characters of the shortest run that counts as words in kept private bytes."""
    return IN_NUMBERS if private_samples(creator, tag >> 16, tag & 0xFF) else IN_PRIVATE_BYTES


def act_on_bytes(tag: int, vr: str) -> int:
    """Return the act for an element that a rule keeps as it is."""
    if tag in OFFSET_TAGS:
        return Act.OFFSETS
    if is_samples(tag):
        return Act.SAMPLES
    if is_private(tag):
        return Act.PRIVATE_BYTES if vr in _BYTES | _ARRAYS else Act.KEEP
    if tag == ICC_PROFILE and vr in _BYTES:
        return Act.ICC_PROFILE
    if vr in WIDTHS and tag not in DESCRIPTORS:
        return Act.BINARY
    if vr in _ARRAYS or tag in DESCRIPTORS or (vr in _BYTES and tag in image_data_tags()):
        return Act.TABLE
    return Act.FRAMES if vr in _BYTES else Act.KEEP
