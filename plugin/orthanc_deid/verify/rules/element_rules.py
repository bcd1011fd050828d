"""The published rules (`profile/RULES.md`) applied to one place of an instance, element by element.

Written from that text and from the standard's tables; `profile.compile`, which the engine follows, is not used.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from orthanc_deid.dicom.tags import is_private
from orthanc_deid.profile.model import AttributeRule, Profile
from orthanc_deid.profile.options import BASIC_PROFILE, COLUMNS, Option
from orthanc_deid.profile.selectors import Selector
from orthanc_deid.standard.tables import (
    ConfidentialityRow,
    TypeContext,
    class_uid_tags,
    image_data_tags,
    kept_text_tags,
    row_for,
    structured_content,
)
from orthanc_deid.verify.rules.dummy_table import DATES, NUMBERS, TEXTS
from orthanc_deid.verify.rules.expectations import (
    Expected,
    Want,
    dictionary_vrs,
    identity_kind,
    is_of_dictionary_kind,
    resolve,
    vr_of,
    want_of,
)
from orthanc_deid.verify.rules.private_rules import cleaned_private, is_date_in_disguise, listed_private
from orthanc_deid.verify.text.binary_values import is_to_be_read

_SOP_CLASS = 0x00080016
STAMPS = frozenset((0x00120062, 0x00120063, 0x00120064, 0x00280303))
_PATIENT = {0x00100020: Want.PATIENT_ID, 0x00100010: Want.PATIENT_NAME}
_LONGITUDINAL = (COLUMNS[Option.RETAIN_FULL_DATES], COLUMNS[Option.RETAIN_MODIFIED_DATES])
_OVERLAYS = 0x60
_DROPPED = frozenset((0x00080001, 0xFFFCFFFC))
_MOST_CACHED = 150_000  # attributes of a place; hostile input must not fill the memory
_UNNAMED = "attributes that no row names"
_TRUSTING = frozenset(
    (
        Want.KEPT,
        Want.SEARCHED,
        Want.NUMBER,
        Want.CHANGED_DATE,
        Want.DESCENDED,
        Want.CLEANED,
        Want.UID,
        Want.DUMMY,
    )
)


@dataclass(slots=True)
class Place:
    """One level of an instance: the top level, or the items of a sequence. Verdicts are remembered by tag.

    `path` are the tags of the enclosing sequences and `creators` their private creators; `explicit` the
    profile's rules whose conditions this instance meets, in the profile's order. `needs_creators` says whether a
    private element is judged by its creator here; if not, all of them go.
    """

    profile: Profile
    types: TypeContext
    explicit: tuple[tuple[AttributeRule, Selector], ...]
    path: tuple[int, ...] = ()
    creators: tuple[str | None, ...] = ()
    table: dict[int, Expected] = field(default_factory=dict)
    _varied: dict[tuple[int, str | None, str | None], Expected] = field(default_factory=dict)
    _inside: dict[tuple[int, str | None], Place] = field(default_factory=dict)
    needs_creators: bool = field(init=False)

    def __post_init__(self) -> None:
        private = any(any(step.is_private for step in selector.steps) for _, selector in self.explicit)
        self.needs_creators = private or Option.RETAIN_SAFE_PRIVATE in self.profile.options

    def expected(self, tag: int, written: str | None, creator: str | None) -> Expected:
        """Return the verdict on an element; `creator` is the private creator of a private one."""
        key = (tag, written, creator)
        found = self._varied.get(key)
        if found is None:
            found = self._judge(tag, written, creator)
            if len(self._varied) > _MOST_CACHED:
                self._varied.clear()
                self.table.clear()
            self._varied[key] = found
        if creator is None:
            self.table[tag] = found
        return found

    def inside(self, tag: int, creator: str | None) -> Place:
        """Return the place of the items of the sequence `tag`."""
        key = (tag, creator)
        found = self._inside.get(key)
        if found is None:
            if len(self._inside) > _MOST_CACHED:
                self._inside.clear()
            found = self._inside[key] = Place(
                self.profile,
                self.types.child(tag),
                self.explicit,
                (*self.path, tag),
                (*self.creators, creator),
            )
        return found

    def _judge(self, tag: int, written: str | None, creator: str | None) -> Expected:
        vr = vr_of(tag, written)
        found = self._by_rules(tag, written, vr, creator)
        kind = identity_kind(tag, vr, self.path[-1] if self.path else None)
        unsure = not is_of_dictionary_kind(tag, vr) or (found.vr == "UN" and not dictionary_vrs(tag))
        if unsure and found.want in _TRUSTING and not found.explicit:
            found = Expected(self._floor(tag, vr), "VR of another kind", written, vr)
        vr = found.vr
        plain = kind is None and (
            (
                found.want in (Want.KEPT, Want.SEARCHED, Want.NUMBER)
                and vr not in ("UI", "PN", "SQ", "AS")
                and not (is_private(tag) or is_to_be_read(tag, vr))
            )
            or (found.want is Want.GONE and vr not in ("UI", "SQ"))
        )
        return replace(found, kind=kind, plain=plain)

    def _by_rules(self, tag: int, written: str | None, vr: str, creator: str | None) -> Expected:
        return (
            self._by_structure(tag, written, vr)
            or self._by_explicit_rule(tag, written, vr, creator)
            or self._by_pseudonym(tag, written, vr)
            or self._by_overlay(tag, written, vr)
            or (listed_private(self.profile, tag, written, vr, creator) if is_private(tag) else None)
            or self._by_table(tag, written, vr)
        )

    def _by_explicit_rule(
        self, tag: int, written: str | None, vr: str, creator: str | None
    ) -> Expected | None:
        path, creators = (*self.path, tag), (*self.creators, creator)
        for rule, selector in self.explicit:
            if not selector.matches(path, creators):
                continue
            name = f"profile: {rule.attribute}"
            if rule.action is None:
                return Expected(Want.FIXED, name, written, vr, value=rule.value, retained=True, explicit=True)
            if creator is not None and (
                rule.action == "C" or (rule.action == "K" and is_date_in_disguise(tag, creator))
            ):
                return cleaned_private(self.profile, tag, written, vr, creator, name)
            if rule.action == "C":
                return self._cleaned(tag, written, vr, name)
            if rule.action == "K" and not is_private(tag):
                return self._kept_by_rule(tag, written, vr, name)
            kept = rule.action == "K" and vr != "SQ"
            return Expected(
                want_of(rule.action.value, tag, vr), name, written, vr, retained=kept, explicit=True
            )
        return None

    def _kept_by_rule(self, tag: int, written: str | None, vr: str, name: str) -> Expected:
        """K: a CS and a listed text are searched, DS, IS and UI must look like it, the rest is kept as it is."""
        checked = {
            "CS": Want.SEARCHED,
            "DS": Want.NUMBER,
            "IS": Want.NUMBER,
            "UI": Want.NUMBER,
        }.get(vr)
        if vr in TEXTS and (tag in kept_text_tags() or "CS" in dictionary_vrs(tag)):
            checked = Want.SEARCHED
        if checked is not None:
            return Expected(checked, name, written, vr, self._floor(tag, vr))
        return Expected(want_of("K", tag, vr), name, written, vr, retained=vr != "SQ")

    def _by_structure(self, tag: int, written: str | None, vr: str) -> Expected | None:
        if tag == 0x00080005:
            return Expected(Want.CHARSET, "Specific Character Set", written, vr)
        if tag & 0xFFFF == 0 or tag in _DROPPED:
            return Expected(Want.GONE, "group lengths and padding", written, vr)
        if tag in STAMPS:
            return Expected(Want.GONE if self.path else Want.STAMP, "stamps", written, vr)
        if tag == _SOP_CLASS and not self.path:
            return Expected(Want.KEPT, "SOP Class UID", written, vr)
        return None

    def _by_pseudonym(self, tag: int, written: str | None, vr: str) -> Expected | None:
        if tag in _PATIENT:
            return None if self.path else Expected(_PATIENT[tag], "pseudonyms", written, vr)
        replaced = self.profile.pseudonyms.replaced(tag)
        if replaced is None or vr not in TEXTS:
            return None
        left = self._by_table(tag, written, vr).want if self.path and replaced.refuses else Want.DERIVED
        return Expected(Want.DERIVED, "pseudonyms", written, vr, fallback=left)

    def _by_table(self, tag: int, written: str | None, vr: str) -> Expected:
        return (
            self._by_option(tag, written, vr)
            or self._in_place(tag, written, vr)
            or self._by_basic(tag, written, vr)
            or self._unnamed(tag, written, vr)
        )

    def _by_overlay(self, tag: int, written: str | None, vr: str) -> Expected | None:
        """An overlay plane goes as a whole, as its Overlay Data does."""
        if tag >> 24 != _OVERLAYS or is_private(tag) or self.profile.base != BASIC_PROFILE:
            return None
        path, creators = (*self.path, tag & 0xFFFF0000 | 0x3000), (*self.creators, None)
        if any(selector.matches(path, creators) for _, selector in self.explicit):
            return None
        return Expected(Want.GONE, "overlay planes", written, vr)

    def _by_option(self, tag: int, written: str | None, vr: str) -> Expected | None:
        row = row_for(tag)
        if row is None:
            return None
        columns = {option: COLUMNS[option] for option in self.profile.options if option in COLUMNS}
        for option, column in columns.items():
            if row.options.get(column) == "K":
                return self._kept_by_rule(tag, written, vr, option.rule)
        for option, column in columns.items():
            if row.options.get(column) == "C":
                return self._cleaned(tag, written, vr, option.rule)
        return None

    def _cleaned(self, tag: int, written: str | None, vr: str, rule: str) -> Expected:
        """C: dates by `dates.mode`, text by word, CS searched, UI as U, PN as D, numbers kept, the rest X."""
        fallback = self._floor(tag, vr)
        if vr in DATES:
            want = Want.CHANGED_DATE if self.profile.dates.mode != "table" else fallback
        elif vr in TEXTS:
            want = Want.CLEANED
        elif vr in NUMBERS:
            want = Want.NUMBER if vr in ("DS", "IS") else Want.KEPT
        else:
            want = {
                "CS": Want.SEARCHED,
                "UI": Want.UID,
                "PN": Want.DUMMY,
                "SQ": Want.DESCENDED,
            }.get(vr, fallback)
        return Expected(want, rule, written, vr, fallback)

    def _in_place(self, tag: int, written: str | None, vr: str) -> Expected | None:
        mode = self.profile.dates.mode
        row = row_for(tag)
        if vr not in DATES or mode == "table":
            return None
        if row is None and (self.profile.unnamed == "remove" or not dictionary_vrs(tag)):
            return None
        if row is None or mode == "neutral" or any(column in row.options for column in _LONGITUDINAL):
            return Expected(Want.CHANGED_DATE, f"dates: {mode}", written, vr)
        return None

    def _by_basic(self, tag: int, written: str | None, vr: str) -> Expected | None:
        row: ConfidentialityRow | None = row_for(tag)
        if row is None or self.profile.base != BASIC_PROFILE:
            return None
        want = want_of(resolve(row.basic, self.types.type_of(tag)), tag, vr)
        return Expected(want, "Basic Profile", written, vr)

    def _floor(self, tag: int, vr: str) -> Want:
        """X under the floor, as what the output shows."""
        letter = resolve("X", self.types.type_of(tag))
        return want_of(letter, tag, vr)

    def _unnamed(self, tag: int, written: str | None, vr: str) -> Expected:
        fallback = self._floor(tag, vr)
        want = self._unnamed_want(tag, vr, fallback)
        content = Option.CLEAN_STRUCTURED_CONTENT
        cleans = content in self.profile.options and self.profile.unnamed != "remove"
        if want is fallback and cleans and vr in TEXTS and not structured_content().isdisjoint(self.path):
            return self._cleaned(tag, written, vr, content.rule)
        return Expected(want, _UNNAMED, written, vr, fallback)

    def _unnamed_want(self, tag: int, vr: str, removed: Want) -> Want:
        if not dictionary_vrs(tag) or self.profile.unnamed == "remove":
            return removed
        if vr == "SQ":
            return Want.DESCENDED
        if vr == "PN":
            return Want.DUMMY
        if vr in DATES and self.profile.dates.mode != "table":
            return Want.CHANGED_DATE
        if vr == "UI":
            classes = tag in class_uid_tags() or Option.RETAIN_UIDS in self.profile.options
            return Want.NUMBER if classes else Want.UID
        if vr in ("OB", "OW"):
            return Want.KEPT if tag in image_data_tags() else removed
        if vr in TEXTS:
            kept = tag in kept_text_tags() or "CS" in dictionary_vrs(tag)
            return Want.SEARCHED if kept else removed
        if vr == "CS":
            return Want.SEARCHED
        if vr in NUMBERS:
            return Want.NUMBER if vr in ("DS", "IS") else Want.KEPT
        return removed  # DA, DT and TM of `table`, AE, AS, UN, UR, and VRs that the standard does not know
