"""The changes of one instance: carries out the step of every element that the walker noted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import ClassVar, TypeAlias

from orthanc_deid.config.key import Key
from orthanc_deid.deid.changed_values import (
    changed_date,
    changed_seconds,
    cleaned_text,
    collapsed_age,
    encode_value,
)
from orthanc_deid.deid.dummy_values import dummy_sequence
from orthanc_deid.deid.edits import Edits
from orthanc_deid.deid.element_encoder import encode_element
from orthanc_deid.deid.element_steps import Act, ElementStep
from orthanc_deid.deid.plan import Plan
from orthanc_deid.deid.prescan import Prescan, decode_or_latin1
from orthanc_deid.deid.private_blocks import PrivateBlocks
from orthanc_deid.deid.pseudonyms import identifier_pseudonym
from orthanc_deid.deid.replaced_uids import ReplacedUids
from orthanc_deid.deid.retained_values import are_numbers, are_uids, holds_identity
from orthanc_deid.deid.subject import Subject
from orthanc_deid.deid.uids import UidMap
from orthanc_deid.dicom import character_sets
from orthanc_deid.dicom.elements import Event, EventKind, MalformedError, end_of_sequence
from orthanc_deid.dicom.part10 import Encoded
from orthanc_deid.dicom.tags import CONTRIBUTING_EQUIPMENT_SEQUENCE, SOP_INSTANCE_UID, format_tag
from orthanc_deid.dicom.walker import walk_items
from orthanc_deid.errors import RefusedError
from orthanc_deid.profile.conditions import holds

_WHOLE_TEXT = frozenset({"ST", "LT", "UT"})  # a backslash is no separator in these (PS3.5 section 6.2)

_DEPENDING = (Act.PRIVATE, Act.CASES)  # acts that depend on other elements of the instance

ElementHandler: TypeAlias = "Callable[[Changes, int, int, int, ElementStep], None]"
"""(changes, start, value, end, step) of an ELEMENT event."""

BoundaryStep: TypeAlias = ElementStep | int | None
"""The step of an event at the start or end of a sequence or item: an item's is its number."""

BoundaryHandler: TypeAlias = "Callable[[Changes, int, int, BoundaryStep, Iterator[Event]], None]"
"""(changes, start, value, step, remaining events) of such an event; at an end, start and value are behind it."""


class Changes:
    """The changes of one instance.

    `done`: the steps that changed an element. `sop_instance_uid`: the new one. `uids`: the UIDs that were replaced.
    """

    def __init__(self, encoded: Encoded, plan: Plan, subject: Subject, prescan: Prescan, key: Key) -> None:
        self.buffer = encoded.buffer
        self.plan = plan
        self.profile = plan.compiled.profile
        self.subject = subject
        self.prescan = prescan
        self.key = key
        self.uids = UidMap(key)
        self.done: list[ElementStep] = []
        self.edits = Edits(encoded.buffer)
        self.sop_instance_uid = prescan.first(SOP_INSTANCE_UID)
        self._terms = character_sets.DEFAULT
        self._outer_terms: list[tuple[str, ...]] = []  # of the data sets around an item
        self._insertions: Mapping[int, bytes] = {}
        self._unchanged: frozenset[int] = frozenset()
        self._depth = 0  # of sequences
        self._equipment: tuple[int, bytes] | None = None  # start of the items, and the item to append to them
        self._replaced_uids = ReplacedUids(encoded, plan.compiled, prescan.values)
        self._private = PrivateBlocks(plan, self.edits, encoded.buffer)

    def make(
        self,
        events: Sequence[Event],
        insertions: Mapping[int, bytes],
        unchanged: frozenset[int] = frozenset(),
    ) -> Edits:
        """Return the changes.

        `insertions`: encoded elements by tag, inserted at their MARK. `unchanged`: acts that are known to change
        nothing in this instance.
        """
        self._insertions, self._unchanged = insertions, unchanged
        self._apply(events)
        return self.edits

    def _apply(self, events: Sequence[Event]) -> None:
        # Every noted element passes here: names are bound to locals, and the most frequent acts take no call.
        element, gone, mark = EventKind.ELEMENT, EventKind.GONE, EventKind.MARK
        remove, replace = Act.REMOVE, Act.REPLACE
        handlers, unchanged, insertions = self._HANDLERS, self._unchanged, self._insertions
        change, done = self.edits.list.append, self.done
        remaining = iter(events)
        for kind, start, value, end, step in remaining:
            if kind == element:
                act = step.act
                if act == remove:
                    change((start, end, b""))
                    done.append(step)
                elif act == replace:
                    if value < end:
                        change((start, end, step.replacement))
                        done.append(step)
                elif act not in unchanged:
                    handlers[act](self, start, value, end, step)
            elif kind == gone:
                change((start, end, b""))
                done += step
            elif kind == mark:
                if step in insertions:
                    change((start, start, insertions[step]))
            else:
                self._BOUNDARIES[kind](self, start, value, step, remaining)

    def _enter_sequence(self, start: int, value: int, step: BoundaryStep, remaining: Iterator[Event]) -> None:
        if isinstance(step, ElementStep):
            instead = self._instead_of_sequence(value, step)
            if instead is not None:
                self.edits.replace(start, end_of_sequence(remaining), instead)
                return
            if step.tag == CONTRIBUTING_EQUIPMENT_SEQUENCE and not step.level.path:
                self.edits.take_back()  # the sequence that its MARK inserted
                self._equipment = value, step.replacement
        self._depth += 1
        self.edits.open(value)

    def _leave_sequence(self, end: int, value: int, step: BoundaryStep, remaining: Iterator[Event]) -> None:
        if self._equipment and self._depth == 1:
            items, item = self._equipment
            self.edits.append_item(items, end, item)
            self._equipment = None
        self._depth -= 1
        self.edits.close()

    def _enter_item(self, start: int, value: int, step: BoundaryStep, remaining: Iterator[Event]) -> None:
        self._outer_terms.append(self._terms)
        self.edits.open(value)
        self._private.enter()

    def _leave_item(self, end: int, value: int, step: BoundaryStep, remaining: Iterator[Event]) -> None:
        self._terms = self._outer_terms.pop()
        self._private.leave()
        self.edits.close()

    def _instead_of_sequence(self, value: int, step: ElementStep) -> bytes | None:
        """Return the encoded replacement of a whole sequence; None where it stays and its items are changed."""
        if step.act in _DEPENDING:
            resolved = self._sequence_step(step)
            if resolved is None:
                self.done.append(step)
                return b""
            step = resolved
        if step.act in (Act.KEEP, Act.EQUIPMENT):
            return None
        if step.act == Act.DUMMY_SEQUENCE and not self.edits.has_items(value):
            return None
        self.done.append(step)
        if step.act == Act.DUMMY_SEQUENCE:
            inside, placeholder = step.level.types.child(step.tag), self.profile.texts.placeholder
            return dummy_sequence(step.tag, inside, placeholder, explicit=step.explicit)
        return step.replacement if step.act == Act.REPLACE else b""

    def _sequence_step(self, step: ElementStep) -> ElementStep | None:
        """Return the step that applies to a sequence of this instance; None for a private one that is removed."""
        if step.act == Act.PRIVATE:
            kept = self._private.kept(step)
            if kept is None:
                return None
            if kept.act == Act.CASES:
                kept = self._case(kept)
            if kept.act != Act.REMOVE:
                self._private.stays(step)
            step = kept
        return self._case(step) if step.act == Act.CASES else step

    def _element(self, start: int, value: int, end: int, step: ElementStep) -> None:
        self._HANDLERS[step.act](self, start, value, end, step)

    def _put(self, start: int, end: int, step: ElementStep, value: bytes, vr: str = "") -> None:
        new = encode_element(step.tag, vr or step.vr, value, explicit=step.explicit)
        self.edits.replace(start, end, new)
        self.done.append(step)

    def _keep(self, start: int, value: int, end: int, step: ElementStep) -> None:
        """Keep the element, unless it is empty and its MARK inserted another one."""
        if value == end and not step.level.path and step.tag in self._insertions:
            self.edits.replace(start, end, b"")

    def _remove(self, start: int, value: int, end: int, step: ElementStep) -> None:
        self.edits.replace(start, end, b"")
        self.done.append(step)

    def _replace(self, start: int, value: int, end: int, step: ElementStep) -> None:
        if value < end:
            self.edits.replace(start, end, step.replacement)
            self.done.append(step)

    def _give(self, start: int, value: int, end: int, step: ElementStep) -> None:
        if step.rule.value is not None:
            self._put(start, end, step, encode_value(step.vr, step.rule.value, self._terms))

    def _uid(self, start: int, value: int, end: int, step: ElementStep) -> None:
        if value == end:
            self._keep(start, value, end, step)
            return
        raw = bytes(self.buffer[value:end])
        new = self.uids[raw]
        if step.tag == SOP_INSTANCE_UID and not step.level.path:
            self.sop_instance_uid = new.rstrip(b"\0").decode("latin-1")
        if new != raw:
            self._put(start, end, step, new)

    def _date(self, start: int, value: int, end: int, step: ElementStep) -> None:
        raw = bytes(self.buffer[value:end])
        change = changed_seconds if step.act == Act.SECONDS else changed_date
        new = change(raw, step.vr, self.profile.dates.mode, self.subject.offset)
        if new != raw:
            self._put(start, end, step, new)

    def _text(self, start: int, value: int, end: int, step: ElementStep) -> None:
        if value == end:
            return
        raw = bytes(self.buffer[value:end])
        try:
            text = character_sets.decode(raw, self._terms)
        except UnicodeDecodeError:
            text = ""
        parts = [text] if step.vr in _WHOLE_TEXT else text.split("\\")
        mode, clean, subject = self.profile.dates.mode, self.profile.texts.clean, self.subject
        cleaned = [
            cleaned_text(part.strip(" \0"), subject.identity, clean, mode, subject.offset) for part in parts
        ]
        new = character_sets.encode("\\".join(cleaned), self._terms) if any(cleaned) else b""
        if not new and step.level.types.type_of(step.tag) in ("1", "1C"):
            new = self.profile.texts.placeholder.encode("ascii")
        if new != raw.strip(b" \0"):
            self._put(start, end, step, new)

    def _searched_text(self, start: int, value: int, end: int, step: ElementStep) -> None:
        raw = bytes(self.buffer[value:end])
        identity = self.subject.identity
        if not holds_identity(raw, step.vr, self._terms, identity) and not self._replaced_uids.occur_in(raw):
            return
        if step.otherwise is None:
            raise RefusedError("identifying value in a text that must stay", format_tag(step.tag))
        self._element(start, value, end, step.otherwise)

    def _age(self, start: int, value: int, end: int, step: ElementStep) -> None:
        raw = bytes(self.buffer[value:end])
        new = collapsed_age(raw, self.profile.ages.limit)
        if new != raw.strip(b" \0"):
            self._put(start, end, step, new)

    def _number(self, start: int, value: int, end: int, step: ElementStep) -> None:
        is_valid = are_uids if step.vr == "UI" else are_numbers
        if step.otherwise is not None and not is_valid(bytes(self.buffer[value:end])):
            self._element(start, value, end, step.otherwise)
        elif value == end:
            self._keep(start, value, end, step)

    def _patient_id(self, start: int, value: int, end: int, step: ElementStep) -> None:
        self._put(start, end, step, character_sets.encode(self.subject.patient_id, self._terms), "LO")

    def _patient_name(self, start: int, value: int, end: int, step: ElementStep) -> None:
        self._put(start, end, step, character_sets.encode(self.subject.patient_name, self._terms), "PN")

    def _derive(self, start: int, value: int, end: int, step: ElementStep) -> None:
        text = decode_or_latin1(bytes(self.buffer[value:end]), self._terms).strip(" \0")
        new = identifier_pseudonym(self.key, step.tag, text, self.profile.pseudonyms)
        if new:
            self._put(start, end, step, new.encode("ascii"))
        elif new is None and step.otherwise is not None:
            self._element(start, value, end, step.otherwise)
        elif new is None:
            raise RefusedError("not in the table of pseudonyms", format_tag(step.tag))

    def _character_set(self, start: int, value: int, end: int, step: ElementStep) -> None:
        raw = bytes(self.buffer[value:end])
        self._terms = character_sets.parse(raw)
        new = "\\".join(self._terms).encode("ascii")
        if new != raw.strip(b" \0"):
            self._put(start, end, step, new)

    def _private_element(self, start: int, value: int, end: int, step: ElementStep) -> None:
        kept = self._private.element(start, value, end, step)
        if kept is None:
            return
        if kept.act == Act.CASES:
            kept = self._case(kept)
        if kept.vr == "SQ" and kept.act == Act.KEEP:
            self._unread_sequence(start, value, end, kept)
            return
        before = len(self.done)
        self._element(start, value, end, kept)
        if len(self.done) == before or self.done[-1].act != Act.REMOVE:
            self._private.stays(step)

    def _unread_sequence(self, start: int, value: int, end: int, step: ElementStep) -> None:
        """Change the items of a kept private sequence of defined length, which is encoded as UN.

        A value whose items cannot be read is removed.
        """
        try:
            events = walk_items(self.buffer, value, end, self.plan.items(step))
        except (MalformedError, RefusedError):
            self._remove(start, value, end, step)
            return
        unchanged, self._unchanged = self._unchanged, frozenset()  # the prescan did not see these elements
        self._private.stays(step)
        self.edits.open(value)
        self._apply(events)
        self.edits.close()
        self._unchanged = unchanged

    def _cases(self, start: int, value: int, end: int, step: ElementStep) -> None:
        self._element(start, value, end, self._case(step))

    def _case(self, step: ElementStep) -> ElementStep:
        cases = (case for when, case in step.cases if holds(when, self.prescan.values))
        return next(cases, step.otherwise or step)

    _HANDLERS: ClassVar[Mapping[int, ElementHandler]] = {
        Act.KEEP: _keep,
        Act.REMOVE: _remove,
        Act.REPLACE: _replace,
        Act.GIVE: _give,
        Act.UID: _uid,
        Act.DATE: _date,
        Act.SECONDS: _date,
        Act.TEXT: _text,
        Act.SEARCH: _searched_text,
        Act.AGE: _age,
        Act.NUMBER: _number,
        Act.PATIENT_ID: _patient_id,
        Act.PATIENT_NAME: _patient_name,
        Act.DERIVE: _derive,
        Act.CHARACTER_SET: _character_set,
        Act.PRIVATE: _private_element,
        Act.CASES: _cases,
    }
    _BOUNDARIES: ClassVar[Mapping[int, BoundaryHandler]] = {
        EventKind.SEQUENCE: _enter_sequence,
        EventKind.SEQUENCE_END: _leave_sequence,
        EventKind.ITEM: _enter_item,
        EventKind.ITEM_END: _leave_item,
    }
