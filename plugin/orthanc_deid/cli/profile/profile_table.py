"""A profile attribute by attribute: action and rule for every attribute of the data dictionary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from pydicom._dicom_dict import DicomDictionary, RepeatersDictionary
from pydicom._uid_dict import UID_dictionary

from orthanc_deid.dicom.tags import format_tag
from orthanc_deid.profile.action import Action
from orthanc_deid.profile.compile import CompiledProfile, Level
from orthanc_deid.profile.condition_model import Condition
from orthanc_deid.profile.model import Profile
from orthanc_deid.profile.rule import Manner, Rule
from orthanc_deid.standard.tables import CompositeIod, TypeContext, all_rows, iod_for, row_for

TABLE_COLUMNS = ("Tag", "Attribute", "VR", "Action", "Rule")
_TYPES = ("1", "2", "3")
_LAST_COMMAND_GROUP, _META_GROUP = 0x0000, 0x0002
_ITEMS = 0xFFFE
_REPEATING = ("50xx", "60xx")


@dataclass(frozen=True, slots=True)
class _OneType:
    """An IOD in which every attribute has the same Type: it shows the actions that depend on the Type."""

    kind: str

    def type_of(self, _tag: int) -> str:
        return self.kind

    def child(self, _tag: int) -> _OneType:
        return self

    def required(self) -> tuple[tuple[int, str], ...]:
        return ()


@dataclass(frozen=True, slots=True)
class Line:
    """One attribute's action and rule. `named`: a row of Table E.1-1 or a rule of the profile names it.

    `tag` is written as PS3.6 writes it, that of a repeating group with `xx`.
    """

    tag: str
    keyword: str
    vr: str
    action: str
    rule: str
    named: bool

    def cells(self) -> tuple[str, ...]:
        """Return the cells of `TABLE_COLUMNS`."""
        return self.tag, self.keyword, self.vr, self.action, self.rule


def lines(profile: Profile, iod: CompositeIod | None) -> Iterator[Line]:
    """Yield a line for every attribute at the top level of instances of `iod`.

    Without an IOD the action is listed for each Type where it depends on the Type.
    """
    compiled = CompiledProfile(profile)
    levels = (
        {"": Level(compiled, iod.types, ())}
        if iod is not None
        else {kind: Level(compiled, cast(TypeContext, _OneType(kind)), ()) for kind in _TYPES}
    )
    for tag, written, vr, keyword in _dictionary():
        action, rule = _action_and_rule(levels, tag, vr)
        named = row_for(tag) is not None or not rule.startswith("no row")
        yield Line(written, keyword, vr, action, rule, named)


def _dictionary() -> Iterator[tuple[int, str, str, str]]:
    """Yield tag, tag as written, VR (the first, where PS3.6 has several) and keyword of every attribute.

    Attributes that Table E.1-1 names and pydicom's older dictionary does not know have the VR UN.
    """
    known = {tag: (entry[0].split(" or ")[0], entry[4]) for tag, entry in DicomDictionary.items() if entry[4]}
    for row in all_rows():
        if row.tag.startswith("(") and "x" not in row.tag:
            known.setdefault(int(row.tag[1:5] + row.tag[6:10], 16), ("UN", row.keyword))
    for tag, (vr, keyword) in sorted(known.items()):
        if tag >> 16 not in (_LAST_COMMAND_GROUP, _META_GROUP, _ITEMS):
            yield tag, format_tag(tag), vr, keyword
    for mask, (vrs, _vm, _name, _retired, keyword) in sorted(RepeatersDictionary.items()):
        if mask.startswith(_REPEATING):
            tag = int(mask.replace("x", "0"), 16)
            yield tag, f"({mask[:4]},{mask[4:].upper()})".replace("X", "x"), vrs.split(" or ")[0], keyword


def unnamed(found: list[Line]) -> list[tuple[str, str, str]]:
    """Return (VR, action, number of attributes) of the attributes that nothing names, for a summary."""
    counted = Counter((line.vr, line.action) for line in found if not line.named)
    return [(vr, action, str(number)) for (vr, action), number in sorted(counted.items())]


def find_iod(name: str) -> CompositeIod | None:
    """Return the IOD of a SOP class, given by its UID, its keyword or its name; None if there is none."""
    wanted = name.casefold()
    for uid, (full, *_rest, keyword) in UID_dictionary.items():
        if wanted in (uid, full.casefold(), keyword.casefold()) and (found := iod_for(uid)) is not None:
            return found
    return None


def _action_and_rule(levels: Mapping[str, Level], tag: int, vr: str) -> tuple[str, str]:
    rules = {kind: level.rule(tag, vr) for kind, level in levels.items()}
    actions = {kind: _action(rule) for kind, rule in rules.items()}
    first = next(iter(rules.values()))
    names = "; ".join(dict.fromkeys(_name(rule) for rule in rules.values()))
    if len(set(actions.values())) == 1:
        return actions.popitem()[1], names
    listed = ", ".join(f"Type {kind}: {action}" for kind, action in actions.items())
    return listed, _name(first) if first.cases else names


def _action(rule: Rule) -> str:
    if rule.value is not None:
        return f'"{rule.value}"'
    word = _MANNERS.get(rule.manner, rule.action.value)
    if rule.searched and rule.action is Action.K:
        word = "K, searched"
    return word


_MANNERS = {
    Manner.PATIENT_ID: "pseudonym",
    Manner.PATIENT_NAME: "pseudonym",
    Manner.DERIVED: "given, or derived from the key",
    Manner.CHARACTER_SET: "K",
    Manner.AGE: "K, collapsed above the limit",
    Manner.PRIVATE: "K by creator, else X",
    Manner.GEOMETRY: "K, repaired",
    Manner.REFUSED: "refuses the instance",
    Manner.SAFE_INSIDE: "safe elements of its items K, else X",
    Manner.JUDGED: "K or X by its bytes",
}


def _name(rule: Rule) -> str:
    cases = [f"{_action(case)} if {' and '.join(map(_condition, when))}" for when, case in rule.cases]
    return "; ".join((*cases, f"else {rule.name}")) if cases else rule.name


def _condition(condition: Condition) -> str:
    if condition.equals is not None:
        return f"{condition.attribute} = {condition.equals}"
    if condition.one_of is not None:
        return f"{condition.attribute} in {', '.join(condition.one_of)}"
    if condition.matches is not None:
        return f"{condition.attribute} matches {condition.matches}"
    return f"{condition.attribute} {'exists' if condition.exists else 'is missing'}"
