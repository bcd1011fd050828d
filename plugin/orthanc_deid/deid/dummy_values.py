"""Dummy values of the action D, which fit VR and VM and carry no information (`profile/RULES.md`, "Values")."""

from __future__ import annotations

from functools import lru_cache

from pydicom.datadict import dictionary_has_tag, dictionary_VM, repeater_has_tag

from orthanc_deid.deid.element_encoder import encode_element, encode_sequence
from orthanc_deid.dicom.tags import (
    ANCHOR_POINT,
    ANCHOR_POINT_ANNOTATION_UNITS,
    ANCHOR_POINT_VISIBILITY,
    CODE_MEANING,
    CODE_VALUE,
    CODING_SCHEME_DESIGNATOR,
    CONCEPT_NAME_CODE_SEQUENCE,
    CONTENT_SEQUENCE,
    GRAPHIC_ANNOTATION_SEQUENCE,
    RELATIONSHIP_TYPE,
    TEXT_OBJECT_SEQUENCE,
    TEXT_VALUE,
    UNFORMATTED_TEXT_VALUE,
    VALUE_TYPE,
    WAVEFORM_ANNOTATION_SEQUENCE,
    is_private,
)
from orthanc_deid.profile import vr_kinds
from orthanc_deid.standard.attribute_types import TypeContext

_DEEPEST_DUMMY = 8  # levels of sequences that need sequences

_TEXT = {
    "DA": b"20000101",
    "TM": b"000000",
    "DT": b"20000101000000",
    "AS": b"000Y",
    "DS": b"0",
    "IS": b"0",
    "UR": b"urn:removed",
    "UI": b"2.25.0",
}
_WIDTH = {"US": 2, "SS": 2, "UL": 4, "SL": 4, "UV": 8, "SV": 8, "FL": 4, "FD": 8, "AT": 4}
_WORD = {"OB": 2, "OW": 2, "UN": 2, "OF": 4, "OL": 4, "OD": 8, "OV": 8}


@lru_cache(maxsize=4096)
def dummy_value(tag: int, vr: str, placeholder: str) -> bytes:
    """Return the D value of a non-sequence element: as many values as its VM requires at least."""
    if vr in _WORD:
        return bytes(_WORD[vr])
    number = _least_values(tag)
    if vr in _WIDTH:
        return bytes(_WIDTH[vr] * number)
    one = _TEXT.get(vr, placeholder.encode("ascii"))
    return one if vr in ("ST", "LT", "UT", "UR") else b"\\".join([one] * number)


def _least_values(tag: int) -> int:
    if is_private(tag) or not (dictionary_has_tag(tag) or repeater_has_tag(tag)):
        return 1
    return int(dictionary_VM(tag).split("-")[0])


def dummy_sequence(tag: int, inside: TypeContext, placeholder: str, *, explicit: bool) -> bytes:
    """Return the sequence `tag` with one valid item; `inside` holds the Types of its items."""
    if tag == CONTENT_SEQUENCE:
        item = _content_item(placeholder, explicit=explicit)
    else:
        item = _dummy_item(inside, placeholder, explicit=explicit, depth=1)
    if tag == WAVEFORM_ANNOTATION_SEQUENCE:  # a code or a text is required (PS3.3 C.10.10)
        item += encode_element(UNFORMATTED_TEXT_VALUE, "ST", placeholder.encode("ascii"), explicit=explicit)
    elif tag == GRAPHIC_ANNOTATION_SEQUENCE:  # its layer must hold a text or a graphic (PS3.3 C.10.5)
        text = _text_object(placeholder, explicit=explicit)
        item += encode_sequence(TEXT_OBJECT_SEQUENCE, [text], explicit=explicit)
    return encode_sequence(tag, [item], explicit=explicit)


def _neutral_code(placeholder: str, *, explicit: bool) -> bytes:
    """Return a coded entry (PS3.3 Table 8.8-1a) without meaning; 99 begins the names of private coding schemes."""
    parts = (
        (CODE_VALUE, "SH", placeholder.encode("ascii")),
        (CODING_SCHEME_DESIGNATOR, "SH", b"99DEID"),
        (CODE_MEANING, "LO", b"Removed"),
    )
    return b"".join(encode_element(tag, vr, value, explicit=explicit) for tag, vr, value in parts)


def _text_object(placeholder: str, *, explicit: bool) -> bytes:
    """Return a text that is anchored, invisibly, at the corner of the display (PS3.3 C.10.5)."""
    parts = (
        (ANCHOR_POINT_ANNOTATION_UNITS, "CS", b"DISPLAY"),
        (UNFORMATTED_TEXT_VALUE, "ST", placeholder.encode("ascii")),
        (ANCHOR_POINT, "FL", bytes(8)),
        (ANCHOR_POINT_VISIBILITY, "CS", b"N"),
    )
    return b"".join(encode_element(tag, vr, value, explicit=explicit) for tag, vr, value in parts)


def _content_item(placeholder: str, *, explicit: bool) -> bytes:
    """Return a content item (PS3.3 C.17.3): its Types depend on the Value Type, here TEXT."""
    name = encode_sequence(
        CONCEPT_NAME_CODE_SEQUENCE, [_neutral_code(placeholder, explicit=explicit)], explicit=explicit
    )
    return (
        encode_element(RELATIONSHIP_TYPE, "CS", b"CONTAINS", explicit=explicit)
        + encode_element(VALUE_TYPE, "CS", b"TEXT", explicit=explicit)
        + name
        + encode_element(TEXT_VALUE, "UT", placeholder.encode("ascii"), explicit=explicit)
    )


def _dummy_item(inside: TypeContext, placeholder: str, *, explicit: bool, depth: int) -> bytes:
    required = inside.required()
    if not required or any(tag == CODE_MEANING for tag, _ in required):
        return _neutral_code(placeholder, explicit=explicit)
    parts = []
    for tag, kind in required:
        vr = vr_kinds.implicit_vr(tag)
        if kind == "2" or (vr == "SQ" and depth == _DEEPEST_DUMMY):
            parts.append(encode_element(tag, vr, b"", explicit=explicit))
        elif vr == "SQ":
            item = _dummy_item(inside.child(tag), placeholder, explicit=explicit, depth=depth + 1)
            parts.append(encode_sequence(tag, [item], explicit=explicit))
        else:
            parts.append(encode_element(tag, vr, dummy_value(tag, vr, placeholder), explicit=explicit))
    return b"".join(parts)
