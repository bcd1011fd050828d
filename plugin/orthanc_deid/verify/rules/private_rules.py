"""The verdicts on private elements (PS3.5 section 7.8): by creator, and then by the rules of the VR."""

from __future__ import annotations

from typing import Final

from orthanc_deid.profile.model import Profile
from orthanc_deid.profile.options import Option
from orthanc_deid.profile.selectors import parse_selector
from orthanc_deid.standard.tables import epoch_seconds, safe_private
from orthanc_deid.verify.rules.dummy_table import DATE_VRS, NUMBER_VRS, TEXT_VRS
from orthanc_deid.verify.rules.expectations import Expectation, Requirement
from orthanc_deid.verify.rules.expected_seconds import EPOCH_SECONDS_VRS

_BY_VR: Final = {
    **dict.fromkeys(DATE_VRS, Requirement.CHANGED_DATE),
    **dict.fromkeys(TEXT_VRS, Requirement.CLEANED),
    **dict.fromkeys((*NUMBER_VRS, "OB", "OW"), Requirement.KEPT),
    **dict.fromkeys(("DS", "IS"), Requirement.NUMBER),
    "UI": Requirement.UID,
    "CS": Requirement.SEARCHED,
    "PN": Requirement.DUMMY,
    "SQ": Requirement.DESCENDED,
}


def safe_private_rule(
    profile: Profile, tag: int, written: str | None, vr: str, creator: str | None
) -> Expectation:
    """Return the verdict on a private element that no explicit rule names."""
    row = None if creator is None else safe_private(creator, tag >> 16, tag & 0xFF)
    also = (parse_selector(text) for text in profile.private_safe)
    if (
        creator is None
        or Option.RETAIN_SAFE_PRIVATE not in profile.options
        or (row is None and not any(selector.matches((tag,), (creator,)) for selector in also))
    ):
        return Expectation(Requirement.GONE, "private attributes", written, vr)
    return kept_private_rule(profile, tag, written, vr, creator, Option.RETAIN_SAFE_PRIVATE.rule)


def kept_private_rule(
    profile: Profile, tag: int, written: str | None, vr: str, creator: str, rule: str
) -> Expectation:
    """Return the verdict on a private element that stays: the rules of its VR hold.

    Where the encoding names no VR, that of the table that lists the element holds.
    """
    row = safe_private(creator, tag >> 16, tag & 0xFF)
    seconds = epoch_seconds(creator, tag >> 16, tag & 0xFF)
    if vr == "UN":
        vr = seconds or (row.vr.split("/")[0] if row is not None else "") or vr
    return Expectation(_requirement(vr, profile, seconds=seconds is not None), rule, written, vr)


def is_epoch_seconds(tag: int, creator: str) -> bool:
    """Whether a private element holds seconds of the Unix epoch, so that K on it means the same as C."""
    return epoch_seconds(creator, tag >> 16, tag & 0xFF) is not None


def _requirement(vr: str, profile: Profile, *, seconds: bool) -> Requirement:
    if seconds and vr not in EPOCH_SECONDS_VRS:
        return Requirement.GONE
    if (seconds or vr in DATE_VRS) and profile.dates.mode == "table":
        return Requirement.KEPT if Option.RETAIN_FULL_DATES in profile.options else Requirement.GONE
    if seconds:
        return Requirement.CHANGED_SECONDS
    if vr == "UI" and Option.RETAIN_UIDS in profile.options:
        return Requirement.NUMBER
    return _BY_VR.get(vr, Requirement.GONE)
