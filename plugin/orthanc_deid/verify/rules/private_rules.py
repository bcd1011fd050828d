"""The verdicts on private elements (PS3.5 section 7.8): by creator, and then by the rules of the VR."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pydicom._private_dict import private_dictionaries

from orthanc_deid.profile.model import Profile
from orthanc_deid.profile.options import Option
from orthanc_deid.profile.selectors import PathStep, parse_selector
from orthanc_deid.standard.tables import epoch_seconds, private_samples, safe_creators, safe_private
from orthanc_deid.verify.rules.dummy_table import DATE_VRS, NUMBER_VRS, TEXT_VRS
from orthanc_deid.verify.rules.expectations import Expectation, Requirement
from orthanc_deid.verify.rules.expected_seconds import EPOCH_SECONDS_VRS
from orthanc_deid.verify.text.words_in_numbers import IN_PRIVATE, SHORTEST

_BYTES: Final = frozenset(("OB", "OW", "OF", "OD", "OL", "OV"))

_MOST_NESTED: Final = 64  # sequences, the private one included
_GONE: Final = "private attributes"
_BY_VR: Final = {
    **dict.fromkeys(DATE_VRS, Requirement.CHANGED_DATE),
    **dict.fromkeys(TEXT_VRS, Requirement.CLEANED),
    **dict.fromkeys((*NUMBER_VRS, "OB", "OW"), Requirement.KEPT),
    **dict.fromkeys(("DS", "IS"), Requirement.NUMBER),
    "UI": Requirement.UID,
    "CS": Requirement.SEARCHED,
    "PN": Requirement.DUMMY,
    "SQ": Requirement.DESCENDED,
    "UN": Requirement.JUDGED,
}


class PrivateRules:
    """The verdicts on private elements under a profile; `named`: the steps of its explicit rules' selectors."""

    def __init__(self, profile: Profile, named: Iterable[PathStep]) -> None:
        self._profile = profile
        self._safe = Option.RETAIN_SAFE_PRIVATE in profile.options
        self._also = tuple(parse_selector(text).last for text in profile.private_safe)
        self._named = tuple(step for step in named if step.creator)
        self._creators = {step.creator for step in (*self._also, *self._named)}

    def is_term(self, creator: str) -> bool:
        """Whether a private creator stands in a published list or in the profile, so that it names no person."""
        return creator in self._creators or creator in safe_creators() or creator in private_dictionaries

    def unnamed(self, tag: int, written: str | None, vr: str, creator: str | None, depth: int) -> Expectation:
        """Return the verdict on a private element that no explicit rule names.

        `written`: its VR, SQ for every element that consists of items. `depth`: the number of sequences around it.
        """
        gone = Expectation(Requirement.GONE, _GONE, written, vr)
        if creator is None or not self._safe:
            return gone
        row = safe_private(creator, tag >> 16, tag & 0xFF)
        ours = any(step.matches(tag, creator) for step in self._also)
        rule = Option.RETAIN_SAFE_PRIVATE.rule
        if written == "SQ" and not ours and (row is None or row.vr != "SQ"):
            if self.is_term(creator) and depth < _MOST_NESTED:
                return Expectation(Requirement.SAFE_INSIDE, rule, written, vr)
            return gone
        if row is None and not ours:
            return gone
        return self.kept(tag, written, vr, creator, rule)

    def kept(self, tag: int, written: str | None, vr: str, creator: str, rule: str) -> Expectation:
        """Return the verdict on a private element that stays: the rules of its VR hold."""
        seconds = epoch_seconds(creator, tag >> 16, tag & 0xFF)
        vr = self.vr_of(tag, vr, creator)
        requirement = self._by_vr(vr, seconds=seconds is not None)
        if vr == "SQ" and written != "SQ":
            requirement = Requirement.GONE  # its value holds no items
        return Expectation(requirement, rule, written, vr)

    def vr_of(self, tag: int, vr: str, creator: str) -> str:
        """Return the VR; where the encoding names none, that of the lists, the profile or the dictionary."""
        if vr != "UN":
            return vr
        return epoch_seconds(creator, tag >> 16, tag & 0xFF) or self._unwritten_vr(tag, creator)

    def _unwritten_vr(self, tag: int, creator: str) -> str:
        row = safe_private(creator, tag >> 16, tag & 0xFF)
        if row is not None and row.vr:
            return row.vr.split("/")[0]
        for step in (*self._also, *self._named):
            if step.stated_vr and step.matches(tag, creator):
                return step.stated_vr
        entries = private_dictionaries.get(creator, {})
        for key in (f"{tag >> 16:04X}xx{tag & 0xFF:02X}", f"{tag:08X}"):
            if key in entries:
                return entries[key][0].split(" or ")[0]
        return "UN"

    def _by_vr(self, vr: str, *, seconds: bool) -> Requirement:
        if seconds and vr not in EPOCH_SECONDS_VRS:
            return Requirement.GONE
        if (seconds or vr in DATE_VRS) and self._profile.dates.mode == "table":
            retained = Option.RETAIN_FULL_DATES in self._profile.options
            return Requirement.KEPT if retained else Requirement.GONE
        if seconds:
            return Requirement.CHANGED_SECONDS
        if vr == "UI" and Option.RETAIN_UIDS in self._profile.options:
            return Requirement.NUMBER
        return _BY_VR.get(vr, Requirement.GONE)


def shortest_words(tag: int, vr: str, creator: str) -> int:
    """Return the characters of a stretch that counts as words in kept private bytes; 0 for another VR."""
    if vr not in _BYTES:
        return 0
    return SHORTEST if private_samples(creator, tag >> 16, tag & 0xFF) else IN_PRIVATE


def is_epoch_seconds(tag: int, creator: str) -> bool:
    """Whether a private element holds seconds of the Unix epoch, so that K on it means the same as C."""
    return epoch_seconds(creator, tag >> 16, tag & 0xFF) is not None
