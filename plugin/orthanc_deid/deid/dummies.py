"""The action D: values that fit VR and VM and carry nothing (`profile/RULES.md`, "Values")."""

from __future__ import annotations

from functools import lru_cache

from pydicom.datadict import dictionary_has_tag, dictionary_VM, repeater_has_tag

from orthanc_deid.deid.encode import encode_element, encode_sequence
from orthanc_deid.dicom.tags import is_private
from orthanc_deid.profile import kinds
from orthanc_deid.standard.types import TypeContext

NEUTRAL_CODE = ((0x00080100, "SH", b"REMOVED"), (0x00080102, "SH", b"99DEID"), (0x00080104, "LO", b"Removed"))
"""A coded entry (PS3.3 Table 8.8-1a) that says nothing; 99 begins the designators of private coding schemes."""

_CODE_MEANING = 0x00080104
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
    """Return the D value of a non-sequence element: as many values as its VM demands at least."""
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
    item = _dummy_item(inside, placeholder, explicit=explicit, depth=1)
    return encode_sequence(tag, [item], explicit=explicit)


def _dummy_item(inside: TypeContext, placeholder: str, *, explicit: bool, depth: int) -> bytes:
    required = inside.required()
    if not required or any(tag == _CODE_MEANING for tag, _ in required):
        return b"".join(encode_element(tag, vr, value, explicit=explicit) for tag, vr, value in NEUTRAL_CODE)
    parts = []
    for tag, kind in required:
        vr = kinds.implicit_vr(tag)
        if kind == "2" or (vr == "SQ" and depth == _DEEPEST_DUMMY):
            parts.append(encode_element(tag, vr, b"", explicit=explicit))
        elif vr == "SQ":
            item = _dummy_item(inside.child(tag), placeholder, explicit=explicit, depth=depth + 1)
            parts.append(encode_sequence(tag, [item], explicit=explicit))
        else:
            parts.append(encode_element(tag, vr, dummy_value(tag, vr, placeholder), explicit=explicit))
    return b"".join(parts)
