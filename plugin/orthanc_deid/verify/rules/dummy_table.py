"""The dummy values of the action D, by VR (`profile/RULES.md`, section "Values")."""

from __future__ import annotations

from functools import cache

from pydicom.datadict import dictionary_VM

TEXT_VRS = frozenset(("LO", "SH", "ST", "LT", "UT", "UC"))
SEARCHED_VRS = TEXT_VRS | {"CS", "AE", "UR"}
"""The VRs of texts that are searched wherever they stay."""

DATE_VRS = frozenset(("DA", "DT", "TM"))
NUMBER_VRS = frozenset(
    ("US", "SS", "UL", "SL", "UV", "SV", "FL", "FD", "DS", "IS", "AT", "OD", "OF", "OL", "OV")
)

_PLACEHOLDERS = TEXT_VRS | {"PN", "CS", "AE"}
_FIXED = {
    "DA": b"20000101",
    "TM": b"000000",
    "DT": b"20000101000000",
    "AS": b"000Y",
    "DS": b"0",
    "IS": b"0",
    "UR": b"urn:removed",
}
_SIZES = {"US": 2, "SS": 2, "UL": 4, "SL": 4, "UV": 8, "SV": 8, "FL": 4, "FD": 8, "AT": 4}
_WORDS = range(2, 9)  # bytes of one word of OB, OW, OD, OF, OL, OV, UN


@cache
def least_multiplicity(tag: int) -> int:
    """Return the least number of values by the attribute's VM; 1 where the dictionary does not have it."""
    try:
        text = dictionary_VM(tag)
    except KeyError:
        return 1
    digits = text.split("-")[0].split(" ")[0]
    return int(digits) if digits.isdigit() else 1


def is_dummy(value: bytes, vr: str, tag: int, placeholder: str) -> bool:
    """Whether `value` is the dummy of an element of `vr`; never for UI and SQ, which have other dummies."""
    count = least_multiplicity(tag)
    if vr in _SIZES:
        return value == bytes(_SIZES[vr] * count)
    fixed = placeholder.encode("ascii") if vr in _PLACEHOLDERS else _FIXED.get(vr)
    if fixed is not None:
        return value.rstrip(b" \0") == b"\\".join([fixed] * count).rstrip(b" ")
    return vr not in ("UI", "SQ") and len(value) in _WORDS and not any(value)
