"""Rules of the private data elements that a profile keeps, by VR."""

from __future__ import annotations

from orthanc_deid.profile import vr_kinds
from orthanc_deid.profile.action import Action
from orthanc_deid.profile.model import Profile
from orthanc_deid.profile.options import Option
from orthanc_deid.profile.rule import Manner, Rule

REMOVED = Rule(Action.X, "private")
_SECONDS = frozenset({"SL", "UL", "SV", "UV", "FL", "FD"})
_KEPT = vr_kinds.NUMBERS | {"SQ", "OB", "OW"}


def kept(profile: Profile, vr: str, name: str) -> Rule:
    """Return the rule of a private element that is safe, under the rule's `name` (`RULES.md`, step 7)."""
    if vr == "PN":
        return Rule(Action.D, name)
    if vr == "UI" and Option.RETAIN_UIDS not in profile.options:
        return Rule(Action.U, name)
    if vr in vr_kinds.DATES and profile.dates.mode == "table":
        return Rule(Action.K, name) if Option.RETAIN_FULL_DATES in profile.options else REMOVED
    if vr in vr_kinds.DATES or vr in vr_kinds.TEXTS:
        return Rule(Action.C, name)
    if vr in ("CS", "DS", "IS", "UI"):
        return Rule(Action.K, name, searched=vr == "CS", by_word=vr == "CS", otherwise=REMOVED)
    if vr == "UN":
        return Rule(Action.K, name, manner=Manner.JUDGED, otherwise=REMOVED)
    return Rule(Action.K, name) if vr in _KEPT else REMOVED


def seconds(profile: Profile, vr: str, name: str) -> Rule:
    """Return the rule of a kept private element that holds seconds since 1970: it is treated as a date.

    Removed if its VR cannot hold them: the content is then unknown.
    """
    if vr not in _SECONDS:
        return REMOVED
    if profile.dates.mode == "table":
        return kept(profile, "DT", name)
    return Rule(Action.C, name, manner=Manner.SECONDS)
