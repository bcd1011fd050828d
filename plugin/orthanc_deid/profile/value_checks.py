"""Validators of the fields of a profile against the data dictionary.

Each raises ValueError with the fault and the accepted values.
"""

from __future__ import annotations

import re
import struct
from typing import Final

from pydicom import config
from pydicom.valuerep import validate_value

from orthanc_deid.dicom.tags import (
    DATA_SET_TRAILING_PADDING,
    DEIDENTIFICATION_METHOD,
    DEIDENTIFICATION_METHOD_CODE_SEQUENCE,
    LENGTH_TO_END,
    LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED,
    PATIENT_IDENTITY_REMOVED,
    SERIES_INSTANCE_UID,
    SOP_CLASS_UID,
    SOP_INSTANCE_UID,
    SPECIFIC_CHARACTER_SET,
    STUDY_INSTANCE_UID,
    format_tag,
)
from orthanc_deid.profile.action import Action
from orthanc_deid.profile.options import Option
from orthanc_deid.profile.safe_patterns import compile_pattern
from orthanc_deid.profile.selectors import PathStep, Selector, parse_selector, parse_tag, suggestion
from orthanc_deid.profile.uid_keywords import uid_by_keyword

WRITTEN_BY_THE_ENGINE: Final = frozenset(
    {
        LENGTH_TO_END,
        SPECIFIC_CHARACTER_SET,
        PATIENT_IDENTITY_REMOVED,
        DEIDENTIFICATION_METHOD,
        DEIDENTIFICATION_METHOD_CODE_SEQUENCE,
        LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED,
        DATA_SET_TRAILING_PADDING,
    }
)
"""Structural attributes and stamps (RULES.md), which no rule of a profile may name."""

_INSTANCE_UIDS: Final = frozenset({SOP_INSTANCE_UID, STUDY_INSTANCE_UID, SERIES_INSTANCE_UID})
"""An instance without them cannot be stored."""

_ONE_TEXT: Final = frozenset({"LT", "ST", "UT", "UR"})  # a backslash is text here (PS3.5 section 6.2)
_TEXT: Final = _ONE_TEXT | {"AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "PN", "SH", "TM", "UC", "UI"}
_INTEGER_FORMATS: Final = {"US": "<H", "SS": "<h", "UL": "<I", "SL": "<i", "UV": "<Q", "SV": "<q"}
_FLOAT_FORMATS: Final = {"FL": "<f", "FD": "<d"}
_LINES: Final = {"LT", "ST", "UT"}
_ACCEPTED: Final = {
    "AE": "1 to 16 characters, no control character",
    "AS": "an age such as 030Y",
    "CS": "up to 16 capital letters, digits, spaces and underscores",
    "DA": "a date such as 20000101",
    "DS": "a decimal number of up to 16 characters",
    "DT": "a date and time such as 20000101120000",
    "IS": "a whole number of 32 bits",
    "LO": "up to 64 characters",
    "LT": "up to 10240 characters",
    "PN": "up to 64 characters in each component group",
    "SH": "up to 16 characters",
    "ST": "up to 1024 characters",
    "TM": "a time such as 120000",
    "UC": "text",
    "UI": "a UID of up to 64 digits and dots",
    "UR": "a URI without spaces",
    "UT": "text",
}
"""Descriptions of the values of text VRs (PS3.5 Table 6.2-1), for messages."""
_PRINTABLE: Final = re.compile(r"[\x20-\x7e]*")
_PRINTABLE_LINES: Final = re.compile(r"[\x20-\x7e\r\n\f\t]*")


def rule_attribute(text: str) -> str:
    """Return `text` if a rule may name it: not the file meta information, the structure and the stamps."""
    step = parse_selector(text).last
    if step.mask >> 16 == 0xFFFF and step.bits >> 16 in (0x0000, 0x0002):
        raise ValueError(
            "no rule reaches groups 0000 and 0002: the file meta information is always rewritten"
        )
    tag = step.tag
    if tag is not None and (tag in WRITTEN_BY_THE_ENGINE or tag & 0xFFFF == 0):
        raise ValueError(f"{format_tag(tag)} is written by the product itself; no rule may name it")
    return text


def condition_attribute(text: str) -> str:
    """Return `text` if it names one standard attribute of the data set."""
    if parse_tag(text) >> 16 in (0x0000, 0x0002):
        raise ValueError("conditions see the data set, not the file meta information (group 0002)")
    return text


def pattern(text: str) -> str:
    """Return `text` if it is a regular expression with bounded matching time."""
    compile_pattern(text)
    return text


def private_safe(text: str) -> str:
    """Return `text` if it names a private element by creator and element, as Table E.3.10-1 does."""
    selector = parse_selector(text)
    if len(selector.steps) > 1 or selector.last.creator is None:
        raise ValueError('not a private element with its creator; accepted: (0019,xx10) "SIEMENS MR HEADER"')
    return text


def available_option(option: Option) -> Option:
    """Return `option` if this version implements it, since its code is stamped into results."""
    if option is Option.CLEAN_PIXEL_DATA:
        raise ValueError(
            "not available: this version cannot clean pixel data, and would claim what it does not do; "
            "accepted: leave it out (images suspected of burned-in text are quarantined)"
        )
    return option


def check_action(selector: Selector, action: Action) -> None:
    """Raise ValueError unless `action` is possible for the element that `selector` means."""
    step = selector.last
    if action is Action.U and step.vr not in (None, "UI"):
        raise ValueError(f"U replaces UIDs, but {selector.text} has VR {step.vr}; accepted: D, Z, X, K or C")
    if action in (Action.K, Action.C) and step.is_private and step.creator is None:
        raise ValueError(
            f'private elements are kept by creator, never by block number; accepted: ({_xx(step)}) "CREATOR"'
        )
    if len(selector.steps) > 1:
        return
    if step.tag == SOP_CLASS_UID and action is not Action.K:
        raise ValueError("SOPClassUID identifies the IOD of the instance; accepted: K")
    if step.tag in _INSTANCE_UIDS and action not in (Action.U, Action.K):
        raise ValueError(f"an instance cannot be stored without {selector.text}; accepted: U or K")


def check_value(selector: Selector, value: str) -> None:
    r"""Raise ValueError unless `value` (several separated by `\`) is valid for VR and VM of the element.

    Only printable ASCII is accepted, because the value must be writable in each instance's character set.
    """
    step = selector.last
    if not value:
        raise ValueError('an empty value; accepted: action = "Z"')
    if len(selector.steps) == 1 and step.tag is not None and step.tag in (*_INSTANCE_UIDS, SOP_CLASS_UID):
        raise ValueError(f"{selector.text} cannot be the same in all instances; accepted: action U or K")
    vr = step.vr
    if vr is None:
        raise ValueError(f"the VR of {selector.text} is not known here; accepted: an action (D Z X K C U)")
    if vr not in _TEXT and vr not in _INTEGER_FORMATS and vr not in _FLOAT_FORMATS:
        raise ValueError(f"an attribute of VR {vr} has no value that text can give; accepted: an action")
    parts = [value] if vr in _ONE_TEXT else value.split("\\")
    _check_count(step, len(parts))
    for part in parts:
        _check_one(vr, part)


def check_compared(attribute: str, value: str) -> None:
    """Raise ValueError unless a condition on `attribute` can compare with `value`: one value, for UI a UID."""
    if "\\" in value:
        raise ValueError(
            "several values in one; accepted: one of them (any of an attribute's values will do)"
        )
    if parse_selector(attribute).last.vr != "UI" or not value:
        return
    if value not in uid_by_keyword() and not re.fullmatch(r"[0-2](\.(0|[1-9][0-9]*))+", value):
        near = suggestion(value, list(uid_by_keyword()))
        raise ValueError(f"neither a UID nor a registered UID's keyword (CTImageStorage){near}")


def _xx(step: PathStep) -> str:
    return f"{step.bits >> 16:04X},xx{step.bits & 0xFF:02X}"


def _check_count(step: PathStep, count: int) -> None:
    least, _, most = (step.vm or "1-n").partition("-")
    highest = most or least
    if count < int(least) or (highest.isdigit() and count > int(highest)):
        raise ValueError(f"{count} values where the VM is {step.vm}; accepted: that many, separated by \\")


def _check_one(vr: str, value: str) -> None:
    if not (_PRINTABLE_LINES if vr in _LINES else _PRINTABLE).fullmatch(value):
        raise ValueError("accepted: printable ASCII, which every character set of an instance can hold")
    if vr in _INTEGER_FORMATS or vr in _FLOAT_FORMATS:
        _check_number(vr, value)
        return
    if vr in ("DA", "TM", "DT") and "-" in value[:-5]:
        raise ValueError(f"a range is no {vr} value in an instance; accepted: one {vr} value")
    try:
        validate_value(vr, value, config.RAISE)
        valid = vr != "IS" or -(2**31) <= int(value) < 2**31
    except ValueError:
        valid = False
    if not valid:
        raise ValueError(f"not a value of VR {vr}; accepted: {_ACCEPTED[vr]}")


def _check_number(vr: str, value: str) -> None:
    try:
        if vr in _INTEGER_FORMATS:
            struct.pack(_INTEGER_FORMATS[vr], int(value))
        else:
            struct.pack(_FLOAT_FORMATS[vr], float(value))
    except (ValueError, struct.error, OverflowError):
        raise ValueError(f"accepted: a number that fits VR {vr}") from None
