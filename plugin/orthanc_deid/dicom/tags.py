"""Attribute tags by their PS3.6 keyword, and tags and paths of tags as text, `(gggg,eeee)`.

The one place where a tag is written as a number. The table says what a tag is called and nothing else; which tags
matter to whom is decided where they are used, so that the verifier can share the names and no judgement.
"""

from __future__ import annotations

from typing import Final

FILE_META_INFORMATION_GROUP_LENGTH: Final = 0x00020000
FILE_META_INFORMATION_VERSION: Final = 0x00020001
MEDIA_STORAGE_SOP_CLASS_UID: Final = 0x00020002
MEDIA_STORAGE_SOP_INSTANCE_UID: Final = 0x00020003
TRANSFER_SYNTAX_UID: Final = 0x00020010
IMPLEMENTATION_CLASS_UID: Final = 0x00020012
IMPLEMENTATION_VERSION_NAME: Final = 0x00020013
LENGTH_TO_END: Final = 0x00080001
SPECIFIC_CHARACTER_SET: Final = 0x00080005
IMAGE_TYPE: Final = 0x00080008
SOP_CLASS_UID: Final = 0x00080016
SOP_INSTANCE_UID: Final = 0x00080018
ACCESSION_NUMBER: Final = 0x00080050
MODALITY: Final = 0x00080060
CONVERSION_TYPE: Final = 0x00080064
MANUFACTURER: Final = 0x00080070
CODE_VALUE: Final = 0x00080100
CODING_SCHEME_DESIGNATOR: Final = 0x00080102
CODE_MEANING: Final = 0x00080104
DERIVATION_DESCRIPTION: Final = 0x00082111
PATIENT_NAME: Final = 0x00100010
PATIENT_ID: Final = 0x00100020
ISSUER_OF_PATIENT_ID: Final = 0x00100021
PATIENT_BIRTH_DATE: Final = 0x00100030
PATIENT_IDENTITY_REMOVED: Final = 0x00120062
DEIDENTIFICATION_METHOD: Final = 0x00120063
DEIDENTIFICATION_METHOD_CODE_SEQUENCE: Final = 0x00120064
BODY_PART_EXAMINED: Final = 0x00180015
SOFTWARE_VERSIONS: Final = 0x00181020
CONTRIBUTING_EQUIPMENT_SEQUENCE: Final = 0x0018A001
STUDY_INSTANCE_UID: Final = 0x0020000D
SERIES_INSTANCE_UID: Final = 0x0020000E
STUDY_ID: Final = 0x00200010
SAMPLES_PER_PIXEL: Final = 0x00280002
PHOTOMETRIC_INTERPRETATION: Final = 0x00280004
PLANAR_CONFIGURATION: Final = 0x00280006
NUMBER_OF_FRAMES: Final = 0x00280008
ROWS: Final = 0x00280010
COLUMNS: Final = 0x00280011
BITS_ALLOCATED: Final = 0x00280100
HIGH_BIT: Final = 0x00280102
PIXEL_REPRESENTATION: Final = 0x00280103
BURNED_IN_ANNOTATION: Final = 0x00280301
LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED: Final = 0x00280303
RELATIONSHIP_TYPE: Final = 0x0040A010
VALUE_TYPE: Final = 0x0040A040
CONCEPT_NAME_CODE_SEQUENCE: Final = 0x0040A043
TEXT_VALUE: Final = 0x0040A160
PURPOSE_OF_REFERENCE_CODE_SEQUENCE: Final = 0x0040A170
CONTENT_SEQUENCE: Final = 0x0040A730
WAVEFORM_ANNOTATION_SEQUENCE: Final = 0x0040B020
ENCAPSULATED_DOCUMENT: Final = 0x00420011
GRAPHIC_ANNOTATION_SEQUENCE: Final = 0x00700001
ANCHOR_POINT_ANNOTATION_UNITS: Final = 0x00700004
UNFORMATTED_TEXT_VALUE: Final = 0x00700006
TEXT_OBJECT_SEQUENCE: Final = 0x00700008
ANCHOR_POINT: Final = 0x00700014
ANCHOR_POINT_VISIBILITY: Final = 0x00700015
WAVEFORM_DATA: Final = 0x54001010
OVERLAY_DATA: Final = 0x60003000
FLOAT_PIXEL_DATA: Final = 0x7FE00008
DOUBLE_FLOAT_PIXEL_DATA: Final = 0x7FE00009
PIXEL_DATA: Final = 0x7FE00010
DATA_SET_TRAILING_PADDING: Final = 0xFFFCFFFC
ITEM: Final = 0xFFFEE000
ITEM_DELIMITATION_ITEM: Final = 0xFFFEE00D
SEQUENCE_DELIMITATION_ITEM: Final = 0xFFFEE0DD

PIXEL_DATA_TAGS: Final = frozenset({FLOAT_PIXEL_DATA, DOUBLE_FLOAT_PIXEL_DATA, PIXEL_DATA})
"""The attributes that hold samples of an image (PS3.3 section C.7.6.3 and C.7.6.24)."""

ElementPath = tuple[int, ...]
"""(tag,) at the top level, or (tag, item, tag, item, ..., tag) down through sequences; items count from 0."""


def format_tag(tag: int) -> str:
    """Return `(gggg,eeee)` in upper-case hexadecimal for the 32-bit `tag`."""
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def format_path(path: ElementPath) -> str:
    """Return for instance `(0040,0275)[0].(0040,0007)`: items in brackets, counted from 0."""
    parts = [format_tag(path[0])]
    for item, tag in zip(path[1::2], path[2::2], strict=True):
        parts.append(f"[{item}].{format_tag(tag)}")
    return "".join(parts)


def is_private(tag: int) -> bool:
    """Whether the group is odd (PS3.5 section 7.8)."""
    return bool(tag & 0x10000)
