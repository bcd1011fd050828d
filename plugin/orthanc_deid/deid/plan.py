"""A compiled profile as tables for the walker: which elements of an instance are noted, with which step.

The tables fill themselves as instances bring new attributes, by one decision per tag, VR and place.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from functools import cache
from typing import Final

from orthanc_deid.deid.acts_on_bytes import IMAGE_TAGS, act_on_bytes
from orthanc_deid.deid.binary_numbers import SHORT_NUMBERS
from orthanc_deid.deid.dummy_values import dummy_value
from orthanc_deid.deid.element_encoder import encode_element
from orthanc_deid.deid.element_steps import (
    GATHERED_ACTS,
    Act,
    ElementStep,
    Gathered,
    PrescanRead,
    gathered_list,
    retained_kind,
)
from orthanc_deid.deid.prescan_reads import kind_of, prescan_read_of
from orthanc_deid.deid.private_steps import PrivateSteps
from orthanc_deid.deid.stamps import equipment_item, stamps
from orthanc_deid.deid.words_in_bytes import FEWEST_LETTERS
from orthanc_deid.dicom.elements import (
    LONG_VRS,
    UNDEFINED,
    Entry,
    MalformedError,
    Op,
    delimiter,
    key_tag,
    vr_of_key,
)
from orthanc_deid.dicom.tags import (
    CODE_VALUES,
    CONTRIBUTING_EQUIPMENT_SEQUENCE,
    ENCAPSULATED_DOCUMENT,
    ISSUER_OF_PATIENT_ID,
    PATIENT_BIRTH_DATE,
    PATIENT_ID,
    PATIENT_NAME,
    SERIES_INSTANCE_UID,
    SOP_CLASS_UID,
    SOP_INSTANCE_UID,
    SPECIFIC_CHARACTER_SET,
    STUDY_INSTANCE_UID,
    is_private,
)
from orthanc_deid.dicom.walk_cache import WalkCache
from orthanc_deid.profile import vr_kinds
from orthanc_deid.profile.action import Action
from orthanc_deid.profile.compile import OTHER_KIND, STAMPS, CompiledProfile, Level
from orthanc_deid.profile.number_lengths import most_bytes
from orthanc_deid.profile.rule import Manner, Rule
from orthanc_deid.standard.tables import needed_attributes, structural_terms

_MOST_ENTRIES: Final = 150_000
"""Attributes cached per plan, some 35 MB; hostile input must not fill the memory."""


IDENTIFIERS: Final = frozenset(
    {SOP_INSTANCE_UID, STUDY_INSTANCE_UID, SERIES_INSTANCE_UID}
    | {PATIENT_NAME, PATIENT_ID, ISSUER_OF_PATIENT_ID, PATIENT_BIRTH_DATE}
)
"""Top-level attributes whose original values the engine needs under every profile."""

_MARKS: Final = tuple(  # where elements may be inserted at the top level
    sorted(
        IDENTIFIERS - {ISSUER_OF_PATIENT_ID, PATIENT_BIRTH_DATE}
        | STAMPS
        | {SOP_CLASS_UID, CONTRIBUTING_EQUIPMENT_SEQUENCE}
    )
)


class Plan:
    """The tables of one compiled profile. `stamps`: encoded stamps by (Basic Profile holds, explicit VR)."""

    def __init__(self, compiled: CompiledProfile) -> None:
        self.compiled = compiled
        self.stamps = {
            (basic, explicit): stamps(compiled, basic=basic, explicit=explicit)
            for basic in (True, False)
            for explicit in (True, False)
        }
        self.entries = 0
        self.needed = IDENTIFIERS | IMAGE_TAGS | {ENCAPSULATED_DOCUMENT} | compiled.condition_tags
        self._top_levels: dict[tuple[int, bool, bool, bool], WalkCache] = {}
        self.private = PrivateSteps(compiled, self.step)

    def items(self, step: ElementStep) -> LevelTable:
        """Return the table for the items of a private element whose header did not show that it is a sequence."""
        child = step.level.child(step.tag)
        return LevelTable(self, child, explicit=False, gathers=False, inside=Inside.PRIVATE)

    def top_level(self, sop_class_uid: str, *, explicit: bool, gathers: bool, rewritten: bool) -> WalkCache:
        """Return the walk of instances of that SOP class.

        With `gathers`, the values of texts and numbers that probably stay are gathered (`Gathered`); without, these
        elements are noted like all others. `rewritten`: UN of a known attribute is its long form.
        """
        if self.entries > _MOST_ENTRIES:
            self._top_levels.clear()
            self.entries = 0
        level = self.compiled.level(sop_class_uid)
        key = (id(level), explicit, gathers, rewritten)
        found = self._top_levels.get(key)
        if found is None:
            table = LevelTable(self, level, explicit=explicit, gathers=gathers, rewritten=rewritten)
            found = self._top_levels[key] = WalkCache(table, explicit=explicit, marks=_MARKS)
        return found

    def step(
        self, level: Level, tag: int, vr: str, rule: Rule, *, explicit: bool, falls: bool = False
    ) -> ElementStep:
        """Return the step that carries out `rule` on the element; `falls`: in place of a rule that keeps it."""
        kind, stays = kind_of(tag, vr, level), rule.action is Action.K
        identity, retained = ("", retained_kind(kind, rule)) if stays else (kind, "")
        otherwise = replace(rule, cases=()) if rule.cases else rule.otherwise
        act, replacement = self._act(tag, vr, rule, explicit=explicit)
        if rule.action in _LEAVES_NOTHING and (falls or rule.name == OTHER_KIND) and tag in _needed():
            act = Act.FALL
        if tag == CONTRIBUTING_EQUIPMENT_SEQUENCE and not level.path:
            act, replacement = _equipment_act(act, vr), equipment_item(explicit=explicit)
        needed = not level.path and tag in self.needed
        prescan_read = prescan_read_of(tag, vr, act, needed=needed, identifying=bool(identity))
        return ElementStep(
            tag=tag,
            vr=vr,
            rule=rule,
            act=act,
            level=level,
            explicit=explicit,
            replacement=replacement,
            identity=identity,
            most=most_bytes(tag, vr) if act in (Act.BINARY, Act.TABLE) else None,
            retained=retained,
            prescan_read=prescan_read + (PrescanRead.GATHERED if act in GATHERED_ACTS else 0),
            needed=needed,
            otherwise=self.step(level, tag, vr, otherwise, explicit=explicit, falls=not rule.cases)
            if otherwise
            else None,
            cases=tuple(
                (when, self.step(level, tag, vr, case, explicit=explicit)) for when, case in rule.cases
            ),
        )

    def _act(self, tag: int, vr: str, rule: Rule, *, explicit: bool) -> tuple[int, bytes]:
        """Return the act that carries out `rule`; for REPLACE also the encoded element."""
        if rule.cases:
            return Act.CASES, b""
        if rule.value is not None:
            return Act.GIVE, b""
        if rule.manner is not Manner.PLAIN:
            return _MANNER[rule.manner], b""
        if rule.action is Action.D and vr == "SQ":
            return Act.DUMMY_SEQUENCE, b""
        if rule.action in (Action.Z, Action.D):
            value = self._zero_value(vr) if rule.action is Action.Z else self._dummy_value(tag, vr)
            return Act.REPLACE, encode_element(tag, vr, value, explicit=explicit)
        act = _act_of_action(tag, vr, rule)
        return (act_on_bytes(tag, vr) if act == Act.KEEP else act), b""

    def _zero_value(self, vr: str) -> bytes:
        texts = self.compiled.profile.texts
        takes_text = vr in vr_kinds.TEXTS or vr == "PN"
        return texts.placeholder.encode("ascii") if texts.zero == "placeholder" and takes_text else b""

    def _dummy_value(self, tag: int, vr: str) -> bytes:
        return dummy_value(tag, vr, self.compiled.profile.texts.placeholder)


def _act_of_action(tag: int, vr: str, rule: Rule) -> int:
    if rule.action is Action.X:
        return Act.REMOVE
    if rule.action is Action.U:
        return Act.UID
    if rule.action is Action.C:
        return Act.DATE if vr in vr_kinds.DATES else Act.TEXT
    if rule.by_word and tag in structural_terms():
        return Act.TERM
    if rule.by_word:
        return Act.CODE if tag in CODE_VALUES else Act.WORDS
    if rule.searched:
        return Act.SEARCH
    return Act.NUMBER if rule.otherwise is not None else Act.KEEP


_MANNER: Final = {
    Manner.PATIENT_ID: Act.PATIENT_ID,
    Manner.PATIENT_NAME: Act.PATIENT_NAME,
    Manner.DERIVED: Act.DERIVE,
    Manner.CHARACTER_SET: Act.CHARACTER_SET,
    Manner.PRIVATE: Act.PRIVATE,
    Manner.AGE: Act.AGE,
    Manner.SECONDS: Act.SECONDS,
    Manner.GEOMETRY: Act.REPAIR,
    Manner.REFUSED: Act.REFUSE,
    Manner.SAFE_INSIDE: Act.SAFE_INSIDE,
    Manner.JUDGED: Act.JUDGED,
}
_LEAVES_NOTHING: Final = (Action.X, Action.Z)
_MAY_STAY: Final = frozenset({Act.KEEP, Act.PRIVATE, Act.CASES, Act.EQUIPMENT})


@cache
def _needed() -> frozenset[int]:
    """Return the attributes that others are bound to."""
    return frozenset().union(*needed_attributes().values())


def _equipment_act(act: int, vr: str) -> int:
    """Return the act for Contributing Equipment Sequence, which holds our item in every result."""
    if act == Act.CASES:
        return act
    return Act.EQUIPMENT if act == Act.KEEP and vr == "SQ" else Act.REMOVE


class Inside(Enum):
    """The sequence that a place lies in, at any depth, as far as it decides what is noted."""

    KEPT = 0
    GONE = 1  # removed or replaced: only identifying values are noted
    PRIVATE = 2  # perhaps kept, by its creator, on which the steps depend as well: everything is noted


class LevelTable(dict[bytes, Entry]):
    """The walker's table for one place of an IOD and one encoding."""

    def __init__(
        self,
        plan: Plan,
        level: Level,
        *,
        explicit: bool,
        gathers: bool,
        inside: Inside = Inside.KEPT,
        rewritten: bool = False,
    ) -> None:
        super().__init__()
        self._rewritten, self._gathers = rewritten, gathers
        self._plan = plan
        self._level = level
        self._explicit = explicit
        self._inside = inside
        self._private_steps: dict[str, ElementStep] = {}

    def __missing__(self, key: bytes) -> Entry:
        entry = delimiter(key) or self._entry(key)
        self._plan.entries += 1
        if len(self) < _MOST_ENTRIES:
            self[key] = entry
        return entry

    def _entry(self, key: bytes) -> Entry:
        tag = key_tag(key)
        written = vr = vr_of_key(key) if self._explicit else vr_kinds.implicit_vr(tag)
        if self._explicit and vr_kinds.is_miswritten(tag, vr):
            if not self._rewritten:
                raise MalformedError("UN, or a text for numbers, where the dictionary knows the VR")
            vr = (
                vr_kinds.implicit_vr(tag) if vr == "UN" else vr
            )  # the value is too long (PS3.5 section 6.2.2)
        step = self._gone_step(tag, vr) if self._inside is Inside.GONE else self._step(tag, vr)
        if vr in ("SQ", "UN"):
            return self._sequence_entry(tag, vr, step)
        long = self._explicit and written in LONG_VRS
        if self._inside is Inside.PRIVATE:
            return (Op.NOTE_LONG if long else Op.NOTE, tag, step, None)
        if step is None or _is_ignored(step):
            return (Op.SKIP_LONG if long else Op.SKIP, tag, None, None)
        if _is_dropped(step) and self._inside is Inside.KEPT:
            return (Op.DROP_LONG if long else Op.DROP, tag, step, None)
        gathered = None if long or step.is_prescanned else self._gathered_entry(tag, step)
        return gathered or (Op.NOTE_LONG if long else Op.NOTE, tag, step, None)

    def _gathered_entry(self, tag: int, step: ElementStep) -> Entry | None:
        """Return the entry of an element that no event needs to report, or only one that is too long."""
        if step.most is not None and step.most < FEWEST_LETTERS and step.vr in SHORT_NUMBERS:
            return (Op.BOUNDED, tag, step, step.most)
        if self._gathers and step.act == Act.BINARY:
            return (Op.GATHER, tag, Gathered.BINARY, (step.most or UNDEFINED, step))
        if self._gathers and step.act in GATHERED_ACTS:
            return (Op.GATHER, tag, gathered_list(step), None)
        return None

    def _sequence_entry(self, tag: int, vr: str, step: ElementStep | None) -> Entry:
        """Return the entry of an SQ, or of a UN, which is a sequence in implicit VR if its length is undefined."""
        if self._inside is Inside.PRIVATE or (step is not None and step.act == Act.PRIVATE):
            child = self._child(tag, explicit=self._explicit and vr == "SQ", inside=Inside.PRIVATE)
            return (Op.DESCEND if vr == "SQ" else Op.DESCEND_UN, tag, step, child)
        gone = self._inside is Inside.GONE or (step is not None and step.act not in _MAY_STAY)
        inside = Inside.GONE if gone else Inside.KEPT
        if vr == "SQ":
            noted = None if step is None or _is_ignored(step) else step
            return (Op.DESCEND, tag, noted, self._child(tag, explicit=self._explicit, inside=inside))
        op = Op.DROP_UN if step is not None and _is_dropped(step) else Op.DESCEND_UN
        return (op, tag, step, self._child(tag, explicit=False, inside=inside))

    def _step(self, tag: int, vr: str) -> ElementStep | None:
        rule = self._level.rule(tag, vr)
        if not is_private(tag) or rule.manner is Manner.PRIVATE or vr in ("PN", "SQ"):
            return self._plan.step(self._level, tag, vr, rule, explicit=self._explicit)
        # One step for all that are removed: there may be a hundred thousand.
        if vr not in self._private_steps:
            self._private_steps[vr] = self._plan.step(self._level, tag, vr, rule, explicit=self._explicit)
        return self._private_steps[vr]

    def _gone_step(self, tag: int, vr: str) -> ElementStep | None:
        if tag != SPECIFIC_CHARACTER_SET and not (kind_of(tag, vr, self._level)):
            return None
        rule = self._level.rule(tag, vr) if tag == SPECIFIC_CHARACTER_SET else _GONE
        return self._plan.step(self._level, tag, vr, rule, explicit=self._explicit)

    def _child(self, tag: int, *, explicit: bool, inside: Inside) -> LevelTable:
        level = self._level.child(tag)
        encoding = {"explicit": explicit, "gathers": self._gathers, "rewritten": self._rewritten}
        return LevelTable(self._plan, level, inside=inside, **encoding)


def _is_ignored(step: ElementStep) -> bool:
    """Whether the element stays and the prescan needs nothing of it."""
    return step.act == Act.KEEP and not step.is_prescanned


def _is_dropped(step: ElementStep) -> bool:
    """Whether the element is removed and the prescan needs nothing of it."""
    return step.act == Act.REMOVE and not step.is_prescanned


_GONE = Rule(Action.X, "inside a sequence that goes")
