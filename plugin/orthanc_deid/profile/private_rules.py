"""The rule of a private data element, by its creator (PS3.5 section 7.8 and PS3.15 section E.3.10).

The rules of what stays, by VR, are in `retained_private`.
"""

from __future__ import annotations

from functools import cache

from pydicom._private_dict import private_dictionaries
from pydicom.datadict import get_private_entry

from orthanc_deid.profile import retained_private, vr_kinds
from orthanc_deid.profile.action import Action
from orthanc_deid.profile.model import Profile
from orthanc_deid.profile.options import Option
from orthanc_deid.profile.rule import ExplicitRules, Manner, Rule, as_written
from orthanc_deid.profile.selectors import PathStep, parse_selector
from orthanc_deid.standard import tables

_DEEPEST = 64
"""Nesting of the private sequences that are searched for safe elements; deeper ones are removed."""
_SAFE_INSIDE = Rule(Action.K, Option.RETAIN_SAFE_PRIVATE.rule, manner=Manner.SAFE_INSIDE)


class PrivateRules:
    """The private elements that a profile keeps: those of its options, of `private_safe` and of explicit rules."""

    def __init__(self, profile: Profile, explicit: ExplicitRules) -> None:
        self._profile = profile
        self._explicit = explicit
        self._keeps_safe = Option.RETAIN_SAFE_PRIVATE in profile.options
        self._listed = tuple(parse_selector(text).last for text in profile.private_safe)
        named = (step for each in explicit.all for step in each.selector.steps)
        self._creators = frozenset(step.creator for step in (*self._listed, *named) if step.creator)

    def rule(self, path: tuple[int, ...], creators: tuple[str | None, ...], vr: str) -> tuple[Rule, str]:
        """Return the rule and the VR of the private data element at `path`, tags from the top level down.

        `creators`: their private creators, of which the last one reserved the element's block. `vr`: the encoded one,
        `UN` where none is encoded, `SQ` where the element consists of items.
        """
        tag, creator = path[-1], creators[-1] or ""
        listed = tables.safe_private(creator, tag >> 16, tag & 0xFF)
        ours = next((step for step in self._listed if step.matches(tag, creator)), None)
        seconds = tables.epoch_seconds(creator, tag >> 16, tag & 0xFF)
        if vr == "UN":
            named = (listed.vr.split("/")[0] if listed else "") or self._stated_vr(path, creators, ours)
            vr = seconds or named or _dictionary_vr(tag, creator) or vr
        stays = retained_private.kept if seconds is None else retained_private.seconds
        is_safe = self._keeps_safe and (listed is not None or ours is not None)
        rule = self._explicit.first(path, creators)
        if rule is None and vr == "SQ" and not (ours or (listed and listed.vr == "SQ")):
            rule = self._sequence(creator, len(path))
        elif rule is None:
            rule = (
                stays(self._profile, vr, Option.RETAIN_SAFE_PRIVATE.rule)
                if is_safe
                else retained_private.REMOVED
            )
        rule = self._explicit.with_cases(path, creators, rule)

        def explicitly(action: Action, name: str) -> Rule:
            if action is Action.C or seconds is not None:
                return stays(self._profile, vr, name)
            if vr in vr_kinds.SEARCHED:
                return Rule(action, name, searched=True, otherwise=retained_private.REMOVED)
            return Rule(action, name)

        return as_written(vr, rule, explicitly), vr

    def _sequence(self, creator: str, depth: int) -> Rule:
        """Return the rule of a sequence that no list names: its creator would stay with it, and must be a term."""
        is_term = creator in self._creators or creator in _published_creators()
        return (
            _SAFE_INSIDE if self._keeps_safe and is_term and depth <= _DEEPEST else retained_private.REMOVED
        )

    def _stated_vr(
        self, path: tuple[int, ...], creators: tuple[str | None, ...], ours: PathStep | None
    ) -> str:
        """Return the VR that the profile states for the element, in `private_safe` or an explicit rule."""
        if ours is not None and ours.stated_vr:
            return ours.stated_vr
        matching = self._explicit.matching(path, creators)
        return next((vr for each in matching if (vr := each.selector.last.stated_vr)), "")


@cache
def _published_creators() -> frozenset[str]:
    """Return the private creators of the published lists: terms, which name no person."""
    return tables.safe_creators() | private_dictionaries.keys()


def _dictionary_vr(tag: int, creator: str) -> str:
    """Return the VR in pydicom's private dictionary; empty if it knows none."""
    try:
        vr = get_private_entry(tag, creator)[0].split(" or ")[0]
    except KeyError:
        return ""
    return "" if vr == "UN" else vr
