"""The decoded values of the original's top level that a profile's conditions depend on."""

from __future__ import annotations

from collections.abc import Iterable

from orthanc_deid.dicom.tags import (
    ISSUER_OF_PATIENT_ID,
    PATIENT_BIRTH_DATE,
    PATIENT_ID,
    PATIENT_NAME,
    SPECIFIC_CHARACTER_SET,
)
from orthanc_deid.standard.tables import identity_kinds
from orthanc_deid.verify.reading.instance import Instance
from orthanc_deid.verify.reading.stored_numbers import STRUCT_CODES, numbers
from orthanc_deid.verify.rules.expectations import vr_of
from orthanc_deid.verify.text.decoding import decode, parse_terms

_WHOLE = frozenset((PATIENT_NAME, PATIENT_ID, ISSUER_OF_PATIENT_ID, PATIENT_BIRTH_DATE))
_ONE_VALUE = ("LT", "ST", "UR", "UT")  # a backslash is text here (PS3.5 section 6.2)
_LONGEST = 1 << 16  # bytes of a value that is decoded
_UNREAD = frozenset(("SQ", "OB", "OW", "OF", "OD", "OL", "OV", "UN", "AT"))


def top_level_values(source: Instance, tags: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Return the values of those of `tags` that are present; `()` for an empty element, a sequence, or bytes."""
    elements = source.data_set.elements
    charset = elements.get(SPECIFIC_CHARACTER_SET)
    terms = parse_terms(charset.value) if charset is not None else ()
    found: dict[int, tuple[str, ...]] = {}
    for tag in tags:
        element = elements.get(tag)
        if element is None:
            continue
        value = element.value or b""
        vr = vr_of(tag, element.VR)
        if vr in STRUCT_CODES:
            found[tag] = tuple(map(str, numbers(value, vr, little=source.encoding.little)))
        elif not value or len(value) > _LONGEST or (vr in _UNREAD and tag not in identity_kinds()):
            found[tag] = ()
        else:
            text = decode(value, terms)
            found[tag] = (
                (text,) if vr in _ONE_VALUE or (tag in _WHOLE and vr != "UI") else tuple(text.split("\\"))
            )
    return found
