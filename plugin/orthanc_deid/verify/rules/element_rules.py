"""The published rules (`profile/RULES.md`) for the elements of one level of an instance.

Written from that text and from the standard's tables; the engine's `profile.compile` is not used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from orthanc_deid.dicom.tags import (
    DATA_SET_TRAILING_PADDING,
    ICC_PROFILE,
    LENGTH_TO_END,
    OVERLAY_DATA,
    PATIENT_ID,
    PATIENT_NAME,
    RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE,
    SOP_CLASS_UID,
    SPECIFIC_CHARACTER_SET,
    is_private,
)
from orthanc_deid.profile.model import AttributeRule, Profile
from orthanc_deid.profile.options import BASIC_PROFILE, OPTION_COLUMNS, Option
from orthanc_deid.profile.selectors import Selector
from orthanc_deid.standard.tables import (
    ConfidentialityRow,
    OnlyValue,
    TypeContext,
    row_for,
    structured_content,
)
from orthanc_deid.verify.reading.frames.fragments import OFFSET_TAGS
from orthanc_deid.verify.rules.dummy_table import DATE_VRS, NUMBER_VRS, SEARCHED_VRS, TEXT_VRS
from orthanc_deid.verify.rules.expectations import (
    KEEPING,
    OTHER_KIND,
    Expectation,
    Requirement,
    dictionary_vrs,
    is_of_dictionary_kind,
    kind_searched,
    requirement_of,
    resolve,
    vr_of,
)
from orthanc_deid.verify.rules.geometry_numbers import DECAY_TIMES, is_geometry
from orthanc_deid.verify.rules.kept_text_rules import by_word
from orthanc_deid.verify.rules.number_rules import is_binary, most_bytes
from orthanc_deid.verify.rules.private_rules import PrivateRules, is_epoch_seconds, shortest_words
from orthanc_deid.verify.rules.sample_rules import is_out_of_place, is_samples
from orthanc_deid.verify.rules.stamped_tags import STAMPS
from orthanc_deid.verify.rules.unnamed_rules import is_class, unnamed
from orthanc_deid.verify.text.binary_values import is_searched_as_binary

_PATIENT = {PATIENT_ID: Requirement.PATIENT_ID, PATIENT_NAME: Requirement.PATIENT_NAME}
_LONGITUDINAL = (OPTION_COLUMNS[Option.RETAIN_FULL_DATES], OPTION_COLUMNS[Option.RETAIN_MODIFIED_DATES])
_OVERLAYS = 0x60
_DROPPED = frozenset((LENGTH_TO_END, DATA_SET_TRAILING_PADDING))
_MOST_CACHED = 150_000  # attributes of a place; hostile input must not fill the memory
_UNNAMED = "attributes that no row names"


@dataclass(slots=True)
class LevelRules:
    """The rules of one level of an instance, the top level or the items of a sequence; verdicts are cached by tag.

    `path`: the tags of the enclosing sequences; `creators`: their private creators. `explicit`: the profile's rules
    whose conditions this instance meets, in the profile's order. `needs_creators`: private elements are decided by
    their creators; if not, all of them are removed. `only_safe`: inside a private sequence whose other elements go.
    `only_values`: the values of structural CS that the SOP class leaves as the only ones, by tag.
    """

    profile: Profile
    types: TypeContext
    explicit: tuple[tuple[AttributeRule, Selector], ...]
    path: tuple[int, ...] = ()
    creators: tuple[str | None, ...] = ()
    only_safe: bool = False
    only_values: Mapping[int, OnlyValue] = field(default_factory=dict)
    table: dict[int, Expectation] = field(default_factory=dict)
    _varied: dict[tuple[int, str | None, str | None], Expectation] = field(default_factory=dict)
    _inside: dict[tuple[int, str | None, bool], LevelRules] = field(default_factory=dict)
    needs_creators: bool = field(init=False)
    private: PrivateRules = field(init=False)

    def __post_init__(self) -> None:
        named = [step for _, selector in self.explicit for step in selector.steps if step.is_private]
        self.needs_creators = bool(named) or Option.RETAIN_SAFE_PRIVATE in self.profile.options
        self.private = PrivateRules(self.profile, named)

    def expected(self, tag: int, written: str | None, creator: str | None) -> Expectation:
        """Return the verdict on an element; `written`: its VR, None if implicit; `creator`: its private creator."""
        key = (tag, written, creator)
        found = self._varied.get(key)
        if found is None:
            found = self._decide(tag, written, creator)
            if len(self._varied) > _MOST_CACHED:
                self._varied.clear()
                self.table.clear()
            self._varied[key] = found
        if creator is None:
            self.table[tag] = found
        return found

    def inside(self, tag: int, creator: str | None, *, only_safe: bool = False) -> LevelRules:
        """Return the rules of the items of the sequence `tag`; `only_safe`: that of the items."""
        key = (tag, creator, only_safe)
        found = self._inside.get(key)
        if found is None:
            if len(self._inside) > _MOST_CACHED:
                self._inside.clear()
            found = self._inside[key] = LevelRules(
                self.profile,
                self.types.child(tag),
                self.explicit,
                (*self.path, tag),
                (*self.creators, creator),
                only_safe,
            )
        return found

    def _decide(self, tag: int, written: str | None, creator: str | None) -> Expectation:
        vr = vr_of(tag, written)
        found = self._by_rules(tag, written, vr, creator)
        kind = kind_searched(tag, self.path, found, self.profile.options)
        unsure = not is_of_dictionary_kind(tag, vr) or (found.vr == "UN" and not dictionary_vrs(tag))
        if unsure and found.requirement in KEEPING and not found.explicit:
            found = Expectation(self._type_floor(tag, vr), OTHER_KIND, written, vr)
        vr = found.vr
        if found.requirement is Requirement.SEARCHED:
            found, device = (
                by_word(found, tag, self.only_values),
                found.rule == Option.RETAIN_DEVICE_IDENTITY.rule,
            )
            kind = None if device else kind  # the location of a device is searched for the instance's places
        plain = kind is None and (
            (
                found.requirement in (Requirement.KEPT, Requirement.SEARCHED, Requirement.NUMBER)
                and vr not in ("UI", "PN", "SQ", "AS")
                and not (is_private(tag) or is_searched_as_binary(tag, vr))
                and not (is_samples(tag) or tag in OFFSET_TAGS)
            )
            or (found.requirement is Requirement.GONE and vr not in ("UI", "SQ"))
        )
        found = replace(found, kind=kind, plain=plain, lost=self._floor(tag, vr), iod=self.types.type_of(tag))
        if is_samples(tag):
            return replace(found, samples=True, required=self.types.type_of(tag) in ("1", "1C"))
        return self._binary(found, tag, vr, creator) if found.requirement is Requirement.KEPT else found

    def _binary(self, found: Expectation, tag: int, vr: str, creator: str | None) -> Expectation:
        """Return the verdict on a kept element, with what numbers in binary and bytes are held to."""
        if creator is not None:
            return replace(found, shortest=shortest_words(tag, vr, creator))
        if tag == ICC_PROFILE:
            return replace(found, required=self.types.type_of(tag) in ("1", "1C"))
        if is_binary(tag, vr):
            return replace(found, binary=True, most=most_bytes(tag, vr), floor=self._floor(tag, vr))
        return found

    def _by_rules(self, tag: int, written: str | None, vr: str, creator: str | None) -> Expectation:
        return (
            self._by_structure(tag, written, vr)
            or self._by_explicit_rule(tag, written, vr, creator)
            or self._by_place(tag, written, vr, creator)
            or self._by_pseudonym(tag, written, vr)
            or self._by_overlay(tag, written, vr)
            or self._by_table(tag, written, vr)
        )

    def _by_place(self, tag: int, written: str | None, vr: str, creator: str | None) -> Expectation | None:
        if is_private(tag):
            return self.private.unnamed(tag, written, vr, creator, len(self.path))
        return Expectation(Requirement.GONE, "private attributes", written, vr) if self.only_safe else None

    def _by_explicit_rule(
        self, tag: int, written: str | None, vr: str, creator: str | None
    ) -> Expectation | None:
        path, creators = (*self.path, tag), (*self.creators, creator)
        for rule, selector in self.explicit:
            if not selector.matches(path, creators):
                continue
            name = f"profile: {rule.attribute}"
            if rule.action is None:
                return Expectation(
                    Requirement.FIXED, name, written, vr, value=rule.value, retained=True, explicit=True
                )
            if creator is not None and rule.action in ("C", "K"):
                vr = self.private.vr_of(tag, vr, creator)
                unread = vr == "SQ" and written != "SQ"  # its value holds no items
                if rule.action == "C" or unread or is_epoch_seconds(tag, creator):
                    return self.private.kept(tag, written, vr, creator, name)
            if rule.action == "C":
                return self._cleaned(tag, written, vr, name)
            if rule.action == "K" and not is_private(tag):
                return self._kept_by_rule(tag, written, vr, name)
            kept = rule.action == "K" and vr != "SQ"
            if kept and vr in SEARCHED_VRS:
                return Expectation(Requirement.SEARCHED, name, written, vr, retained=True, explicit=True)
            return Expectation(
                requirement_of(rule.action.value, tag, vr), name, written, vr, retained=kept, explicit=True
            )
        return None

    def _kept_by_rule(self, tag: int, written: str | None, vr: str, name: str) -> Expectation:
        """K: texts are searched, DS, IS and UI must have their form, all others are kept unchanged."""
        checked = Requirement.SEARCHED if vr in SEARCHED_VRS else None
        if vr in ("DS", "IS", "UI"):
            checked = Requirement.NUMBER
        if checked is not None:
            return Expectation(checked, name, written, vr, self._instead(tag, vr), retained=True)
        return Expectation(requirement_of("K", tag, vr), name, written, vr, retained=vr != "SQ")

    def _by_structure(self, tag: int, written: str | None, vr: str) -> Expectation | None:
        if tag == SPECIFIC_CHARACTER_SET:
            return Expectation(Requirement.CHARSET, "Specific Character Set", written, vr)
        if tag & 0xFFFF == 0 or tag in _DROPPED:
            return Expectation(Requirement.GONE, "group lengths and padding", written, vr)
        if tag in STAMPS:
            return Expectation(Requirement.GONE if self.path else Requirement.STAMP, "stamps", written, vr)
        if tag == SOP_CLASS_UID and not self.path:
            return Expectation(Requirement.KEPT, "SOP Class UID", written, vr)
        if is_out_of_place(tag, self.types, self.path):
            return Expectation(Requirement.GONE, "samples out of place", written, vr)
        return None

    def _by_pseudonym(self, tag: int, written: str | None, vr: str) -> Expectation | None:
        if tag in _PATIENT:
            return None if self.path else Expectation(_PATIENT[tag], "pseudonyms", written, vr)
        replaced = self.profile.pseudonyms.replaced(tag)
        if replaced is None or vr not in TEXT_VRS:
            return None
        left = (
            self._by_table(tag, written, vr).requirement
            if self.path and replaced.refuses
            else Requirement.DERIVED
        )
        return Expectation(Requirement.DERIVED, "pseudonyms", written, vr, fallback=left)

    def _by_table(self, tag: int, written: str | None, vr: str) -> Expectation:
        return (
            self._by_option(tag, written, vr)
            or self._in_place(tag, written, vr)
            or self._by_basic(tag, written, vr)
            or self._unnamed(tag, written, vr)
        )

    def _by_overlay(self, tag: int, written: str | None, vr: str) -> Expectation | None:
        """All attributes of an overlay plane are removed where its Overlay Data is."""
        if tag >> 24 != _OVERLAYS or is_private(tag) or self.profile.base != BASIC_PROFILE:
            return None
        path, creators = (*self.path, tag & 0xFFFF0000 | OVERLAY_DATA & 0xFFFF), (*self.creators, None)
        if any(selector.matches(path, creators) for _, selector in self.explicit):
            return None
        return Expectation(Requirement.GONE, "overlay planes", written, vr)

    def _by_option(self, tag: int, written: str | None, vr: str) -> Expectation | None:
        row = row_for(tag)
        if row is None:
            return None
        columns = {
            option: OPTION_COLUMNS[option] for option in self.profile.options if option in OPTION_COLUMNS
        }
        for option, column in columns.items():
            if row.options.get(column) == "K":
                return self._kept_by_rule(tag, written, vr, option.rule)
        for option, column in columns.items():
            if row.options.get(column) == "C":
                return self._cleaned(tag, written, vr, option.rule)
        return None

    def _cleaned(self, tag: int, written: str | None, vr: str, rule: str) -> Expectation:
        """C: dates by `dates.mode`, texts word by word, CS searched, UI as U, PN as D, numbers kept, others X."""
        fallback = self._instead(tag, vr)
        if vr in DATE_VRS:
            requirement = Requirement.CHANGED_DATE if self.profile.dates.mode != "table" else fallback
        elif vr in TEXT_VRS:
            requirement = Requirement.CLEANED
        elif vr in NUMBER_VRS:
            requirement = Requirement.NUMBER if vr in ("DS", "IS") else Requirement.KEPT
        else:
            requirement = {
                "CS": Requirement.SEARCHED,
                "UI": Requirement.UID,
                "PN": Requirement.DUMMY,
                "SQ": Requirement.DESCENDED,
            }.get(vr, fallback)
        return Expectation(requirement, rule, written, vr, fallback)

    def _in_place(self, tag: int, written: str | None, vr: str) -> Expectation | None:
        mode = self.profile.dates.mode
        row = row_for(tag)
        if vr not in DATE_VRS or mode == "table":
            return None
        if row is None and (self.profile.unnamed == "remove" or not dictionary_vrs(tag)):
            return None
        if self._decays(tag) and mode != "shift":
            return Expectation(self._floor(tag, vr), "decay", written, vr)
        if row is None or mode == "neutral" or any(column in row.options for column in _LONGITUDINAL):
            return Expectation(Requirement.CHANGED_DATE, f"dates: {mode}", written, vr)
        return None

    def _by_basic(self, tag: int, written: str | None, vr: str) -> Expectation | None:
        row: ConfidentialityRow | None = row_for(tag)
        if row is None or self.profile.base != BASIC_PROFILE:
            return None
        if self.profile.references == "keep" and vr == "SQ" and row.basic.endswith("U*"):
            return Expectation(Requirement.DESCENDED, "references", written, vr)
        return Expectation(self._under_type(row.basic, tag, vr), "Basic Profile", written, vr)

    def _floor(self, tag: int, vr: str) -> Requirement:
        """Return the requirement of X under the floor of the attribute's Type."""
        return self._under_type("X", tag, vr)

    def _type_floor(self, tag: int, vr: str, code: str = "X") -> Requirement:
        return requirement_of(resolve(code, self.types.type_of(tag)), tag, vr)

    def _under_type(self, code: str, tag: int, vr: str) -> Requirement:
        """Return the requirement of a Basic code; no dummy may stand for geometry or for a time of decay."""
        found = self._type_floor(tag, vr, code)
        if found is not Requirement.DUMMY:
            return found
        if vr in NUMBER_VRS and is_geometry(tag):
            return Requirement.SAME_NUMBERS if vr in ("DS", "IS") else Requirement.KEPT
        return Requirement.GONE if self._decays(tag) and vr in DATE_VRS else found

    def _decays(self, tag: int) -> bool:
        return tag in DECAY_TIMES and self.path[-1:] == (RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE,)

    def _instead(self, tag: int, vr: str) -> Requirement:
        """Return the requirement where a value cannot be kept: X under the floor, but for the numbers of geometry."""
        return Requirement.SAME_NUMBERS if vr in ("DS", "IS") and is_geometry(tag) else self._floor(tag, vr)

    def _unnamed(self, tag: int, written: str | None, vr: str) -> Expectation:
        removed, fallback = self._floor(tag, vr), self._instead(tag, vr)
        requirement = unnamed(self.profile, tag, vr, removed)
        content = Option.CLEAN_STRUCTURED_CONTENT
        cleans = content in self.profile.options and self.profile.unnamed != "remove"
        if (
            requirement is removed
            and cleans
            and vr in TEXT_VRS
            and not structured_content().isdisjoint(self.path)
        ):
            return self._cleaned(tag, written, vr, content.rule)
        registered = is_class(tag, vr) and Option.RETAIN_UIDS not in self.profile.options
        return Expectation(requirement, _UNNAMED, written, vr, fallback, registered=registered)
