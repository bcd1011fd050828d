"""The rule of each element, resolved from a profile, the standard's tables and the IOD's Types by `RULES.md`.

`CompiledProfile.level(sop_class_uid)` returns the top level of an instance, `Level.rule(tag, vr)` the rule of an
element there, and `Level.child(tag)` the level of a sequence's items. Levels cache their rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from orthanc_deid.dicom.tags import (
    DATA_SET_TRAILING_PADDING,
    DEIDENTIFICATION_METHOD,
    DEIDENTIFICATION_METHOD_CODE_SEQUENCE,
    ENCRYPTED_ATTRIBUTES_SEQUENCE,
    LENGTH_TO_END,
    LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED,
    OVERLAY_DATA,
    PATIENT_IDENTITY_REMOVED,
    RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE,
    SOP_CLASS_UID,
    SPECIFIC_CHARACTER_SET,
    format_tag,
    is_private,
)
from orthanc_deid.errors import RefusedError
from orthanc_deid.profile import fixed_rules, retained_private, vr_kinds
from orthanc_deid.profile.action import Action
from orthanc_deid.profile.conditions import condition_tags, holds
from orthanc_deid.profile.fixed_rules import PSEUDONYM
from orthanc_deid.profile.geometry_rule import DECAY, FALSIFIED_BYTES, FALSIFIED_DECAY, geometry_rule
from orthanc_deid.profile.model import Profile
from orthanc_deid.profile.options import BASIC_PROFILE, OPTION_COLUMNS, Option
from orthanc_deid.profile.pixel_settings import PixelRule
from orthanc_deid.profile.private_rules import PrivateRules
from orthanc_deid.profile.rule import ExplicitRules, Manner, Rule, as_written
from orthanc_deid.profile.sample_places import out_of_place
from orthanc_deid.profile.type_floor import REFERENCES, resolve
from orthanc_deid.standard import tables
from orthanc_deid.standard.attribute_types import TypeContext

_OVERLAY_GROUPS = 0x60
_CACHED_RULES = 10_000
OTHER_KIND = "VR is not the dictionary's"
"""The reason of what goes because its VR is of another kind than the dictionary's."""
"""Rules cached per level, more than the dictionary has attributes: hostile input must not fill the memory."""
ONLY_VALUE: Final = "the only value that the SOP class leaves"
STAMPS = frozenset(
    {
        PATIENT_IDENTITY_REMOVED,
        DEIDENTIFICATION_METHOD,
        DEIDENTIFICATION_METHOD_CODE_SEQUENCE,
        LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED,
    }
)
"""Attributes that state the de-identification; the engine writes them under every profile."""
_LONGITUDINAL = frozenset(
    {OPTION_COLUMNS[Option.RETAIN_FULL_DATES], OPTION_COLUMNS[Option.RETAIN_MODIFIED_DATES]}
)


class CompiledProfile:
    """A profile ready for use on any instance."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.options = frozenset(profile.options)
        self.basic = profile.base == BASIC_PROFILE
        self.condition_tags = condition_tags(profile)
        self.explicit = ExplicitRules(profile.attributes)
        self.weakening = tuple(each for each in self.explicit.all if each.weakens)
        self.keeps_private = bool(
            Option.RETAIN_SAFE_PRIVATE in self.options
            or profile.private_safe
            or any(rule.selector.last.is_private for rule in self.explicit.all)
        )
        self.drops_overlays = self.basic and not any(
            rule.selector.matches((OVERLAY_DATA,), (None,)) for rule in self.explicit.all
        )
        self.private = PrivateRules(profile, self.explicit)
        self._levels: dict[str, Level] = {}
        self._routes = {name: CompiledProfile(routed) for name, routed in profile.routed.items()}

    def level(self, sop_class_uid: str) -> Level:
        """Return the top level of an instance of that SOP class, with its IOD's Types where it has one."""
        iod = tables.iod_for(sop_class_uid)
        name = iod.name if iod else ""
        only = tables.only_values(sop_class_uid)
        key = sop_class_uid if only else name
        if key not in self._levels:
            types = iod.types if iod else tables.unknown_types()
            self._levels[key] = Level(self, types, (), only_values=only)
        return self._levels[key]

    def route(self, values: Mapping[int, tuple[str, ...]]) -> CompiledProfile | None:
        """Return the profile for an instance with these top-level `values`; None where no instance rule holds.

        On None this profile applies, and a private SOP class is refused. A profile that the instance is routed to
        applies its own instance rules, to the values of its own `condition_tags`.

        Raises RefusedError where an instance rule refuses it.
        """
        for number, rule in enumerate(self.profile.instances):
            if holds(rule.when, values):
                if rule.profile is not None:
                    return self._routes[rule.profile]
                if rule.outcome == "refuse":
                    where = f"profile {self.profile.name}, instances[{number}]"
                    raise RefusedError("refused by an instance rule", where)
                return self
        return None

    def accepts_pixels(self, values: Mapping[int, tuple[str, ...]]) -> bool:
        """Return whether a `pixels` rule accepts an instance that is suspected of burned-in text."""
        rule = self.pixel_rule(values)
        return rule is not None and rule.outcome == "accept"

    def pixel_rule(self, values: Mapping[int, tuple[str, ...]]) -> PixelRule | None:
        """Return the first `pixels` rule that holds for an instance."""
        return next((rule for rule in self.profile.pixels.rules if holds(rule.when, values)), None)


class Level:
    """The data set at one path of an instance's IOD. `path` holds the tags of the sequences around it.

    `creators` are their private creators, as far as they are known. `only_safe`: the level lies in a private sequence
    in which nothing stays but safe private elements. `only_values`: `tables.only_values` of the SOP class.
    """

    __slots__ = ("_children", "_rules", "creators", "only_safe", "only_values", "path", "profile", "types")

    def __init__(
        self,
        profile: CompiledProfile,
        types: TypeContext,
        path: tuple[int, ...],
        creators: tuple[str | None, ...] = (),
        *,
        only_safe: bool = False,
        only_values: Mapping[int, tables.OnlyValue] | None = None,
    ) -> None:
        self.only_values = only_values or {}
        self.profile = profile
        self.types = types
        self.path = path
        self.creators = creators
        self.only_safe = only_safe
        self._rules: dict[tuple[int, str], Rule] = {}
        self._children: dict[tuple[int, str | None, bool], Level] = {}

    def child(self, tag: int, creator: str | None = None, *, only_safe: bool = False) -> Level:
        """Return the level of the items of the sequence `tag`; `creator`: that of a private one."""
        key = (tag, creator, only_safe)
        found = self._children.get(key)
        if found is None:
            creators = (*self.creators, creator)
            types = self.types.child(tag)
            found = Level(self.profile, types, (*self.path, tag), creators, only_safe=only_safe)
            if len(self._children) < _CACHED_RULES:
                self._children[key] = found
        return found

    def rule(self, tag: int, vr: str) -> Rule:
        """Return the rule of the element `tag` that is encoded with `vr` (the dictionary's in implicit VR)."""
        if is_private(tag):
            return fixed_rules.PRIVATE_BY_CREATOR if self.profile.keeps_private else retained_private.REMOVED
        found = self._rules.get((tag, vr))
        if found is None:
            found = self._decide(tag, vr)
            if len(self._rules) < _CACHED_RULES:
                self._rules[tag, vr] = found
        return found

    def _decide(self, tag: int, vr: str) -> Rule:
        fixed = self._structure(tag)
        if fixed is not None:
            return fixed
        path, creators, explicit = (*self.path, tag), (*self.creators, None), self.profile.explicit
        rule = explicit.first(path, creators) or (
            retained_private.REMOVED
            if self.only_safe
            else self._pseudonym(tag, vr) or self._without_rule(tag, vr)
        )
        rule = explicit.with_cases(path, creators, rule)
        return as_written(vr, rule, lambda action, name: self._explicitly(action, tag, vr, name))

    def _explicitly(self, action: Action, tag: int, vr: str, name: str) -> Rule:
        """Return the rule that K or C of an explicit rule stands for: kept terms and number strings are checked."""
        rule = self._cleaned(tag, vr, name) if action is Action.C else self._retained(tag, vr, name)
        if rule.manner is Manner.AGE:  # a site that writes K means the age as it is
            rule = Rule(action, name)
        return self._of_its_kind(tag, vr, rule)

    def _structure(self, tag: int) -> Rule | None:
        """Return the rule of an element that makes the result valid and truthful, and that no profile may change."""
        if tag == SPECIFIC_CHARACTER_SET:
            return fixed_rules.CHARACTER_SET
        if not tag & 0xFFFF or tag in (LENGTH_TO_END, DATA_SET_TRAILING_PADDING):
            return fixed_rules.DROPPED
        if tag in STAMPS:
            return fixed_rules.STAMPED
        if out_of_place(tag, self.types, self.path):
            return fixed_rules.OUT_OF_PLACE
        return fixed_rules.SOP_CLASS if tag == SOP_CLASS_UID and not self.path else None

    def _without_rule(self, tag: int, vr: str) -> Rule:
        return self._of_its_kind(tag, vr, self._by_table(tag, vr) or self._by_vr(tag, vr))

    def _pseudonym(self, tag: int, vr: str) -> Rule | None:
        if tag in fixed_rules.PATIENT:
            return None if self.path else fixed_rules.PATIENT[tag]
        replaced = self.profile.profile.pseudonyms.replaced(tag)
        if replaced is None or vr not in vr_kinds.TEXTS:
            return None
        left = self._without_rule(tag, vr) if self.path and replaced.refuses else None
        return Rule(Action.D, PSEUDONYM, manner=Manner.DERIVED, otherwise=left)

    def _by_table(self, tag: int, vr: str) -> Rule | None:
        if tag >> 24 == _OVERLAY_GROUPS and self.profile.drops_overlays:
            return fixed_rules.OVERLAY_GONE
        row = tables.row_for(tag)
        if row is None:
            return None
        for letter, make in (("K", self._retained), ("C", self._cleaned)):
            for option in self.profile.profile.options:
                if option in OPTION_COLUMNS and row.options.get(OPTION_COLUMNS[option]) == letter:
                    return make(tag, vr, option.rule)
        if vr in vr_kinds.DATES and self._dates_in_place(bool(_LONGITUDINAL & row.options.keys())):
            falsified = self._decays(tag) and self.profile.profile.dates.mode != "shift"
            return self._floored(tag, vr, "X", DECAY) if falsified else fixed_rules.DATE_IN_PLACE
        if not self.profile.basic:
            return None
        if row.basic == REFERENCES and vr == "SQ" and self.profile.profile.references == "keep":
            return Rule(Action.K, "profile: references")
        return self._floored(tag, vr, row.basic, "Basic Profile")

    def _by_vr(self, tag: int, vr: str) -> Rule:
        """Return the rule of an attribute without a row in Table E.1-1 (`RULES.md`, step 8)."""
        name = f"no row: {vr}"
        if self.profile.profile.unnamed == "remove":
            return self._demanded(tag, vr)
        if vr_kinds.dictionary_vrs(tag) is None:
            return self._floored(tag, vr, "X", "not in the dictionary")
        if vr == "PN":
            return self._floored(tag, vr, "D", name)
        if vr in vr_kinds.DATES and self._dates_in_place(longitudinal=True):
            return fixed_rules.DATE_IN_PLACE
        if vr == "UI" and Option.RETAIN_UIDS not in self.profile.options:
            is_class = tag in tables.class_uid_tags()
            return replace(self._kept(tag, vr, name), registered=True) if is_class else Rule(Action.U, name)
        kept = vr in vr_kinds.ALWAYS_KEPT or (
            (vr in vr_kinds.TEXTS and _is_technical(tag))
            or (vr in ("OB", "OW") and tag in tables.image_data_tags())
            or vr == "UI"
        )
        if kept:
            return self._kept(tag, vr, name)
        content = Option.CLEAN_STRUCTURED_CONTENT
        inside = not tables.structured_content().isdisjoint(self.path)
        if vr in vr_kinds.TEXTS and inside and content in self.profile.options:
            return self._cleaned(tag, vr, content.rule)
        return self._floored(tag, vr, "X", name)

    def _demanded(self, tag: int, vr: str) -> Rule:
        """Return the rule where no rule keeps the attribute: numbers and image data that the IOD demands are kept.

        Other bytes that it demands refuse the instance: zeros would falsify them.
        """
        rule = self._floored(tag, vr, "X", "no rule keeps it")
        if rule.action is not Action.D or vr not in vr_kinds.NUMBERS | vr_kinds.BINARY | {"SQ"}:
            return rule
        if tag == ENCRYPTED_ATTRIBUTES_SEQUENCE:
            return replace(rule, action=Action.X)  # nobody but its writer reads it
        if vr in vr_kinds.BINARY and tag not in tables.image_data_tags():
            return FALSIFIED_BYTES
        return self._kept(tag, vr, rule.name)

    def _decays(self, tag: int) -> bool:
        """Return whether the decay of activity is computed from the time."""
        return tag in tables.decay_times() and self.path[-1:] == (RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE,)

    def _dates_in_place(self, longitudinal: bool) -> bool:
        mode = self.profile.profile.dates.mode
        return mode == "neutral" or (mode != "table" and longitudinal)

    def _floored(self, tag: int, vr: str, code: str, name: str) -> Rule:
        action = resolve(code, self.types.type_of(tag))
        if action is Action.D:
            if self._decays(tag) and vr in vr_kinds.DATES:
                return FALSIFIED_DECAY
            if tag in tables.geometry_units() and vr in vr_kinds.NUMBERS:
                return self._kept(tag, vr, name)
            if vr == "UI":
                action = Action.U
            elif vr == "SQ" and tag in tables.reference_sequences():
                action = Action.K
        if action is Action.K and vr != "SQ":
            action = Action.D
        return Rule(action, name)

    def _of_its_kind(self, tag: int, vr: str, rule: Rule) -> Rule:
        """Return `rule` if the element's VR is one that the attribute can have; otherwise the rule of its removal.

        A rule written for one kind of value must not be applied to another. Raises RefusedError where the attribute
        must not be missing.
        """
        unread = vr == "UN" and rule.action is Action.K
        agree = vr_kinds.agree(tag, vr)
        if rule.action in (Action.X, Action.Z) or (agree and not unread):
            return rule
        instead = self._floored(tag, vr, "X", OTHER_KIND)
        if not agree and instead.action not in (Action.X, Action.Z):
            raise RefusedError(OTHER_KIND, format_tag(tag))
        return instead

    def _kept(self, tag: int, vr: str, name: str) -> Rule:
        searched = vr in vr_kinds.SEARCHED
        illegal = None
        if vr in ("DS", "IS") and tag in tables.geometry_units():
            illegal = geometry_rule(self.types.type_of(tag))
        elif searched or vr in ("DS", "IS", "UI"):
            reason = "identifying value found" if searched else f"no value of {vr}"
            illegal = self._floored(tag, vr, "X", reason)
        if illegal is not None and illegal.action is Action.D and tag in tables.structural_terms():
            only = self.only_values.get(tag)  # a dummy would say something else of the image
            illegal = None if only is None else Rule(Action.D, ONLY_VALUE, value=only.value)
        return Rule(Action.K, name, searched=searched, by_word=searched, otherwise=illegal)

    def _retained(self, tag: int, vr: str, name: str) -> Rule:
        if vr in ("DS", "IS", "UI") or vr in vr_kinds.SEARCHED:
            by_word = vr == "CS" or _is_technical(tag)
            return replace(self._kept(tag, vr, name), by_word=by_word)
        return Rule(Action.K, name, manner=Manner.AGE if vr == "AS" else Manner.PLAIN)

    def _cleaned(self, tag: int, vr: str, name: str) -> Rule:
        if vr in vr_kinds.TEXTS or (vr in vr_kinds.DATES and self.profile.profile.dates.mode != "table"):
            return Rule(Action.C, name)
        if vr in vr_kinds.ALWAYS_KEPT:
            return self._kept(tag, vr, name)
        return self._floored(tag, vr, {"UI": "U", "PN": "D"}.get(vr, "X"), name)


def _is_technical(tag: int) -> bool:
    """Return whether the attribute holds technical text or terms, which are kept and searched."""
    return tag in tables.kept_text_tags() or "CS" in vr_kinds.vrs_of(tag)
