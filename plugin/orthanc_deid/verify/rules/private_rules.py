"""What may stand of a private element (PS3.5 section 7.8): by its creator, and then by the rules of its VR."""

from __future__ import annotations

from typing import Final

from orthanc_deid.profile.model import Profile
from orthanc_deid.profile.options import Option
from orthanc_deid.profile.selectors import parse_selector
from orthanc_deid.standard.tables import epoch_seconds, safe_private
from orthanc_deid.verify.rules.changed_seconds import HOLDERS
from orthanc_deid.verify.rules.dummy_table import DATES, NUMBERS, TEXTS
from orthanc_deid.verify.rules.expectations import Expected, Want

_BY_VR: Final = {
    **dict.fromkeys(DATES, Want.CHANGED_DATE),
    **dict.fromkeys(TEXTS, Want.CLEANED),
    **dict.fromkeys((*NUMBERS, "OB", "OW"), Want.KEPT),
    **dict.fromkeys(("DS", "IS"), Want.NUMBER),
    "UI": Want.UID,
    "CS": Want.SEARCHED,
    "PN": Want.DUMMY,
    "SQ": Want.DESCENDED,
}


def listed_private(profile: Profile, tag: int, written: str | None, vr: str, creator: str | None) -> Expected:
    """Return the verdict on a private element of which no explicit rule says anything."""
    row = None if creator is None else safe_private(creator, tag >> 16, tag & 0xFF)
    also = (parse_selector(text) for text in profile.private_safe)
    if (
        creator is None
        or Option.RETAIN_SAFE_PRIVATE not in profile.options
        or (row is None and not any(selector.matches((tag,), (creator,)) for selector in also))
    ):
        return Expected(Want.GONE, "private attributes", written, vr)
    return cleaned_private(profile, tag, written, vr, creator, Option.RETAIN_SAFE_PRIVATE.rule)


def cleaned_private(
    profile: Profile, tag: int, written: str | None, vr: str, creator: str, rule: str
) -> Expected:
    """Return the verdict on a private element that stays: what is kept obeys the rules of its VR.

    The VR is that of a table which lists the element, where the encoding tells none.
    """
    row = safe_private(creator, tag >> 16, tag & 0xFF)
    seconds = epoch_seconds(creator, tag >> 16, tag & 0xFF)
    if vr == "UN":
        vr = seconds or (row.vr.split("/")[0] if row is not None else "") or vr
    return Expected(_want(vr, profile, seconds=seconds is not None), rule, written, vr)


def is_date_in_disguise(tag: int, creator: str) -> bool:
    """Whether K on a private element means no more than C: it holds seconds of the epoch, which look like no date."""
    return epoch_seconds(creator, tag >> 16, tag & 0xFF) is not None


def _want(vr: str, profile: Profile, *, seconds: bool) -> Want:
    if seconds and vr not in HOLDERS:
        return Want.GONE
    if (seconds or vr in DATES) and profile.dates.mode == "table":
        return Want.KEPT if Option.RETAIN_FULL_DATES in profile.options else Want.GONE
    if seconds:
        return Want.CHANGED_SECONDS
    if vr == "UI" and Option.RETAIN_UIDS in profile.options:
        return Want.NUMBER
    return _BY_VR.get(vr, Want.GONE)
