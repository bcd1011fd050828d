"""From what the walker found to the changes: every noted element meets its rule here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

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
from orthanc_deid.deid.element_steps import Act, Step
from orthanc_deid.deid.plan import Plan
from orthanc_deid.deid.prescan import Harvest, read
from orthanc_deid.deid.private_blocks import PrivateBlocks
from orthanc_deid.deid.pseudonyms import identifier_pseudonym
from orthanc_deid.deid.replaced_uids import OwnUids
from orthanc_deid.deid.retained_values import are_numbers, are_uids, names_somebody
from orthanc_deid.deid.subject import Subject
from orthanc_deid.deid.uids import UidMap
from orthanc_deid.dicom import character_sets
from orthanc_deid.dicom.elements import Event, Found, MalformedError
from orthanc_deid.dicom.part10 import Encoded
from orthanc_deid.dicom.tags import CONTRIBUTING_EQUIPMENT_SEQUENCE, SOP_INSTANCE_UID, format_tag
from orthanc_deid.dicom.walker import walk_items
from orthanc_deid.errors import RefusedError
from orthanc_deid.profile.conditions import holds

_WHOLE_TEXT = frozenset({"ST", "LT", "UT"})  # a backslash is no separator in these (PS3.5 section 6.2)


class Changes:
    """The changes of one instance. `done` are the steps that changed something; `sop_instance_uid` is the new one."""

    def __init__(self, encoded: Encoded, plan: Plan, subject: Subject, found: Harvest, key: Key) -> None:
        self.buffer = encoded.buffer
        self.plan = plan
        self.profile = plan.compiled.profile
        self.subject = subject
        self.found = found
        self.key = key
        self.uids = UidMap(key)
        self.done: list[Step] = []
        self.edits = Edits(encoded.buffer)
        self._terms = character_sets.DEFAULT
        self._inserted: Mapping[int, bytes] = {}
        self._stay: frozenset[int] = frozenset()  # acts whose elements need no second look
        self.sop_instance_uid = found.first(SOP_INSTANCE_UID)
        self._own_uids = OwnUids(encoded, plan.compiled, found.values)
        self._private = PrivateBlocks(plan, self.edits, encoded.buffer)

    def make(
        self, events: Sequence[Event], insertions: Mapping[int, bytes], stay: frozenset[int] = frozenset()
    ) -> Edits:
        """Return the changes.

        `insertions` are encoded elements by tag, put in at their MARK; of the acts in `stay` it is known that they
        change nothing.
        """
        self._inserted, self._stay = insertions, stay
        self._apply(events)
        return self.edits

    def _apply(self, events: Sequence[Event]) -> None:
        edits, handlers, stay = self.edits, self._HANDLERS, self._stay
        change, done, inserted = edits.list.append, self.done, self._inserted
        outer: list[tuple[str, ...]] = []
        gone_depth = depth = 0
        gone: tuple[int, bytes] = (0, b"")
        equipment: tuple[int, bytes] | None = None  # where its items begin, and ours that goes behind them
        for kind, start, value, end, step in events:
            if kind == 0:
                if gone_depth:
                    continue
                act = step.act
                if act == 1:  # removed, as most are
                    change((start, end, b""))
                    done.append(step)
                elif act == 2:
                    if value < end:
                        change((start, end, step.replacement))
                        done.append(step)
                elif act not in stay:
                    handlers[act](self, start, value, end, step)
            elif kind == 6:  # GONE
                if not gone_depth:
                    change((start, end, b""))
                    done += step
            elif kind == 5:  # MARK
                if step in inserted:
                    change((start, start, inserted[step]))
            elif kind == Found.SEQUENCE:
                depth += 1
                if gone_depth:
                    continue
                instead = None if step is None else self._instead_of_sequence(value, step)
                if instead is None:
                    if (
                        step is not None
                        and step.tag == CONTRIBUTING_EQUIPMENT_SEQUENCE
                        and not step.level.path
                    ):
                        edits.take_back()  # what its MARK put in
                        equipment = value, step.replacement
                    edits.open(value)
                else:
                    gone_depth, gone = depth, (start, instead)
            elif kind == Found.SEQUENCE_END:
                if gone_depth == depth:
                    self.edits.replace(gone[0], end, gone[1])
                    gone_depth = 0
                elif not gone_depth:
                    if equipment and depth == 1:
                        edits.append_item(equipment[0], end, equipment[1])
                        equipment = None
                    edits.close()
                depth -= 1
            elif kind == Found.ITEM:
                outer.append(self._terms)
                if not gone_depth:
                    self.edits.open(value)
                    self._private.enter()
            elif kind == Found.ITEM_END:
                self._terms = outer.pop()
                if not gone_depth:
                    self._private.leave()
                    self.edits.close()

    def _instead_of_sequence(self, value: int, step: Step) -> bytes | None:
        """Return what stands in place of a whole sequence; None where it stays and its items are judged."""
        if step.act == Act.PRIVATE:
            kept = self._private.kept(step)
            if kept is None:
                self.done.append(step)
                return b""
            if kept.act == Act.CASES:
                kept = self._case(kept)
            if kept.act != Act.REMOVE:
                self._private.stays(step)
            step = kept
        if step.act == Act.CASES:
            step = self._case(step)
        if step.act in (Act.KEEP, Act.EQUIPMENT):
            return None
        if step.act == Act.DUMMY_SEQUENCE and not self.edits.has_items(value):
            return None
        self.done.append(step)
        if step.act == Act.DUMMY_SEQUENCE:
            inside, placeholder = step.level.types.child(step.tag), self.profile.texts.placeholder
            return dummy_sequence(step.tag, inside, placeholder, explicit=step.explicit)
        return step.replacement if step.act == Act.REPLACE else b""

    def _element(self, start: int, value: int, end: int, step: Step) -> None:
        self._HANDLERS[step.act](self, start, value, end, step)

    def _put(self, start: int, end: int, step: Step, value: bytes, vr: str = "") -> None:
        new = encode_element(step.tag, vr or step.vr, value, explicit=step.explicit)
        self.edits.replace(start, end, new)
        self.done.append(step)

    def _keep(self, start: int, value: int, end: int, step: Step) -> None:
        """Nothing to do, its value was wanted; but for an empty one that is put in anew."""
        if value == end and not step.level.path and step.tag in self._inserted:
            self.edits.replace(start, end, b"")

    def _remove(self, start: int, value: int, end: int, step: Step) -> None:
        self.edits.replace(start, end, b"")
        self.done.append(step)

    def _replace(self, start: int, value: int, end: int, step: Step) -> None:
        if value < end:
            self.edits.replace(start, end, step.replacement)
            self.done.append(step)

    def _give(self, start: int, value: int, end: int, step: Step) -> None:
        if step.rule.value is not None:
            self._put(start, end, step, encode_value(step.vr, step.rule.value, self._terms))

    def _uid(self, start: int, value: int, end: int, step: Step) -> None:
        if value == end:
            self._keep(start, value, end, step)
            return
        raw = bytes(self.buffer[value:end])
        new = self.uids[raw]
        if step.tag == SOP_INSTANCE_UID and not step.level.path:
            self.sop_instance_uid = new.rstrip(b"\0").decode("latin-1")
        if new != raw:
            self._put(start, end, step, new)

    def _date(self, start: int, value: int, end: int, step: Step) -> None:
        raw = bytes(self.buffer[value:end])
        change = changed_seconds if step.act == Act.SECONDS else changed_date
        new = change(raw, step.vr, self.profile.dates.mode, self.subject.offset)
        if new != raw:
            self._put(start, end, step, new)

    def _text(self, start: int, value: int, end: int, step: Step) -> None:
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

    def _searched_text(self, start: int, value: int, end: int, step: Step) -> None:
        raw = bytes(self.buffer[value:end])
        identity = self.subject.identity
        if not names_somebody(raw, step.vr, self._terms, identity) and not self._own_uids.stand_in(raw):
            return
        if step.otherwise is None:
            raise RefusedError("identifying value in a text that must stay", format_tag(step.tag))
        self._element(start, value, end, step.otherwise)

    def _age(self, start: int, value: int, end: int, step: Step) -> None:
        raw = bytes(self.buffer[value:end])
        new = collapsed_age(raw, self.profile.ages.limit)
        if new != raw.strip(b" \0"):
            self._put(start, end, step, new)

    def _number(self, start: int, value: int, end: int, step: Step) -> None:
        are_such = are_uids if step.vr == "UI" else are_numbers
        if step.otherwise is not None and not are_such(bytes(self.buffer[value:end])):
            self._element(start, value, end, step.otherwise)
        elif value == end:
            self._keep(start, value, end, step)

    def _patient_id(self, start: int, value: int, end: int, step: Step) -> None:
        self._put(start, end, step, character_sets.encode(self.subject.patient_id, self._terms), "LO")

    def _patient_name(self, start: int, value: int, end: int, step: Step) -> None:
        self._put(start, end, step, character_sets.encode(self.subject.patient_name, self._terms), "PN")

    def _derive(self, start: int, value: int, end: int, step: Step) -> None:
        text = read(bytes(self.buffer[value:end]), self._terms).strip(" \0")
        new = identifier_pseudonym(self.key, step.tag, text, self.profile.pseudonyms)
        if new:
            self._put(start, end, step, new.encode("ascii"))
        elif new is None and step.otherwise is not None:
            self._element(start, value, end, step.otherwise)
        elif new is None:
            raise RefusedError("not in the table of pseudonyms", format_tag(step.tag))

    def _character_set(self, start: int, value: int, end: int, step: Step) -> None:
        raw = bytes(self.buffer[value:end])
        self._terms = character_sets.parse(raw)
        new = "\\".join(self._terms).encode("ascii")
        if new != raw.strip(b" \0"):
            self._put(start, end, step, new)

    def _private_element(self, start: int, value: int, end: int, step: Step) -> None:
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

    def _unread_sequence(self, start: int, value: int, end: int, step: Step) -> None:
        """Judge the items of a kept private sequence of defined length, in whose header nobody could see one.

        What has no items that can be read goes.
        """
        try:
            events = walk_items(self.buffer, value, end, self.plan.items(step))
        except (MalformedError, RefusedError):
            self._remove(start, value, end, step)
            return
        known, self._stay = self._stay, frozenset()
        self._private.stays(step)
        self.edits.open(value)
        self._apply(events)  # nobody has seen these before, so each is judged by itself
        self.edits.close()
        self._stay = known

    def _cases(self, start: int, value: int, end: int, step: Step) -> None:
        self._element(start, value, end, self._case(step))

    def _case(self, step: Step) -> Step:
        cases = (case for when, case in step.cases if holds(when, self.found.values))
        return next(cases, step.otherwise or step)

    _HANDLERS: ClassVar[Mapping[int, Callable[[Changes, int, int, int, Step], None]]] = {
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
