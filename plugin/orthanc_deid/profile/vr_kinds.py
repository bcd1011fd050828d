"""Kinds of VR (date, text, number, binary), and whether an element's VR agrees with the dictionary's."""

from __future__ import annotations

from functools import cache

from pydicom.datadict import dictionary_has_tag, get_entry, repeater_has_tag

from orthanc_deid.dicom.tags import is_private

DATES = frozenset({"DA", "DT", "TM"})
TEXTS = frozenset({"LO", "SH", "ST", "LT", "UT", "UC"})
NUMBERS = frozenset(
    {"US", "SS", "UL", "SL", "UV", "SV", "FL", "FD", "DS", "IS", "AT", "OD", "OF", "OL", "OV"}
)
SEARCHED = TEXTS | {"CS", "AE", "UR"}
"""The VRs of texts that are searched for identifying values wherever they are kept."""

_WRITTEN_AS_TEXT = frozenset({"DS", "IS", "US", "SS", "UL", "SL", "UV", "SV", "FL", "FD"})

BINARY = frozenset({"OB", "OW", "UN"})
ALWAYS_KEPT = NUMBERS | {"CS", "SQ"}

_KIND: dict[str, str] = (
    dict.fromkeys(DATES, "date")
    | dict.fromkeys(TEXTS | {"CS"}, "text")
    | dict.fromkeys(NUMBERS, "number")
    | dict.fromkeys({"DS", "IS"}, "number string")
    | dict.fromkeys({"OD", "OF", "OL", "OV"}, "number bytes")
    | dict.fromkeys({"OB", "OW"}, "binary")
)


@cache
def dictionary_vrs(tag: int) -> frozenset[str] | None:
    """Return the VRs of the attribute in PS3.6 (several for `US or SS`); None where it is not listed."""
    if is_private(tag) or not (dictionary_has_tag(tag) or repeater_has_tag(tag)):
        return None  # pydicom finds (7FD1,0010) among the repeating groups 7Fxx, and then nothing there
    return frozenset(get_entry(tag)[0].split(" or "))


def vrs_of(tag: int) -> frozenset[str]:
    """Return `dictionary_vrs`, empty for an unknown attribute."""
    return dictionary_vrs(tag) or frozenset()


def agree(tag: int, vr: str) -> bool:
    """Return whether `vr` is of the same kind as the dictionary's; true for attributes that are not listed.

    DS or IS may stand for a binary number, since their syntax is checked. A binary VR may not stand for DS or IS,
    since any text is a valid binary number.
    """
    known = dictionary_vrs(tag)
    kind, due = _KIND.get(vr, vr), {_KIND.get(each, each) for each in known or ()}
    return known is None or vr in known or kind in due or (kind == "number string" and "number" in due)


def is_miswritten(tag: int, vr: str) -> bool:
    """Return whether the dictionary's VR stands for `vr`: for UN, and for a text instead of numbers."""
    known = dictionary_vrs(tag)
    if vr == "UN":
        return known not in (None, {"UN"})
    return vr in TEXTS and not _WRITTEN_AS_TEXT.isdisjoint(known or ())


def implicit_vr(tag: int) -> str:
    """Return the VR of an element in implicit VR (PS3.5 section 7.1.3): the dictionary's, UN where it has none.

    Where the dictionary lists several, one is chosen by kind: numbers and image data are never decoded here.
    """
    known = dictionary_vrs(tag)
    if not known:
        return "UL" if not tag & 0xFFFF else "UN"
    return min(known, key=lambda vr: (vr not in ("OW", "US"), vr))
