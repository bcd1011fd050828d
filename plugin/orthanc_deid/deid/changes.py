"""The changes of one instance: carries out the step of every element that the walker noted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import ClassVar, TypeAlias

from orthanc_deid.config.key import Key
from orthanc_deid.deid.binary_numbers import FORMATS
from orthanc_deid.deid.bytes_changes import BytesChanges
from orthanc_deid.deid.dummy_values import dummy_sequence
from orthanc_deid.deid.edits import Edits
from orthanc_deid.deid.element_changes import ElementHandler
from orthanc_deid.deid.element_steps import Act, ElementStep
from orthanc_deid.deid.plan import Plan
from orthanc_deid.deid.prescan import Prescan
from orthanc_deid.deid.private_blocks import PrivateBlocks
from orthanc_deid.deid.private_values import found_in_bytes, holds_number, reads_as_text
from orthanc_deid.deid.recurring_events import recurring_changes
from orthanc_deid.deid.retained_values import are_numbers
from orthanc_deid.deid.subject import Subject
from orthanc_deid.deid.text.identity import SHORTEST_VALUE
from orthanc_deid.dicom.elements import Event, EventKind, end_of_sequence, inside_sequence
from orthanc_deid.dicom.part10 import Encoded
from orthanc_deid.dicom.tags import CONTRIBUTING_EQUIPMENT_SEQUENCE, is_private
from orthanc_deid.dicom.walk_cache import CachedEvents
from orthanc_deid.profile.compile import Level

_KEEPING = (Act.KEEP, Act.NUMBER)

BoundaryStep: TypeAlias = ElementStep | int | None
"""The step of an event at the start or end of a sequence or item: an item's is its number."""

BoundaryHandler: TypeAlias = "Callable[[Changes, int, int, BoundaryStep, Iterator[Event]], None]"
"""(changes, start, value, step, remaining events) of such an event; at an end, start and value are behind it."""


class Changes(BytesChanges):
    """The changes of one instance: of every element, sequence and item."""

    def __init__(self, encoded: Encoded, plan: Plan, subject: Subject, prescan: Prescan, key: Key) -> None:
        super().__init__(encoded, plan, subject, prescan, key)
        self._outer: list[
            tuple[tuple[str, ...], int]
        ] = []  # character set and start of the data sets around an item
        self._depth = 0  # of sequences
        self._equipment: tuple[int, bytes] | None = None  # start of the items, and the item to append to them
        self._private = PrivateBlocks(plan, self.edits, encoded.buffer)
        self._level: Level | None = None  # of the items inside a private sequence, None outside of one

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
        if isinstance(events, CachedEvents):
            events = events.once(recurring_changes, partial(recurring_changes, events))
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
            if step.act == Act.PRIVATE:
                self._private_sequence(start, value, step, remaining)
                return
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
        self._outer.append((self._terms, self._item_start))
        self._item_start = value
        self.edits.open(value)
        self._private.enter()

    def _leave_item(self, end: int, value: int, step: BoundaryStep, remaining: Iterator[Event]) -> None:
        self._terms, self._item_start = self._outer.pop()
        self._private.leave()
        self.edits.close()

    def _instead_of_sequence(self, value: int, step: ElementStep) -> bytes | None:
        """Return the encoded replacement of a whole sequence; None where it stays and its items are changed."""
        if step.act == Act.CASES:
            step = self.case(step)
        if step.act in (Act.KEEP, Act.EQUIPMENT, Act.SAFE_INSIDE):
            return None
        if step.act == Act.DUMMY_SEQUENCE and not self.edits.has_items(value):
            return None
        self.done.append(step)
        if step.act == Act.DUMMY_SEQUENCE:
            inside, placeholder = step.level.types.child(step.tag), self.profile.texts.placeholder
            return dummy_sequence(step.tag, inside, placeholder, explicit=step.explicit)
        return step.replacement if step.act == Act.REPLACE else b""

    def _private_element(self, start: int, value: int, end: int, step: ElementStep) -> None:
        kept = self._private.element(start, value, end, step, self._level or step.level)
        if kept is None:
            return
        if kept.act == Act.CASES:
            kept = self.case(kept)
        if kept.act in _KEEPING and self._identifies(kept.vr, bytes(self.buffer[value:end])):
            self._remove(start, value, end, kept)
            return
        before = len(self.done)
        self._element(start, value, end, kept)
        if len(self.done) == before or self.done[-1].act != Act.REMOVE:
            self._private.stays(step)

    def _identifies(self, vr: str, raw: bytes) -> bool:
        """Whether a private number, or its bytes as a text, is an identifying value."""
        if vr not in FORMATS:
            return vr in ("DS", "IS") and are_numbers(raw) and holds_number(raw, vr, self.subject.numbers)
        if holds_number(raw, vr, self.subject.numbers):
            return True
        return (
            len(raw) >= SHORTEST_VALUE and reads_as_text(raw) and found_in_bytes(raw, self.subject.identity)
        )

    def _private_sequence(
        self, start: int, value: int, step: ElementStep, remaining: Iterator[Event]
    ) -> None:
        """Change the items of a private sequence by its creator, or remove it.

        Where no list names it, it goes unless a safe element in it stays.
        """
        inside, end = inside_sequence(remaining)
        level = self._level or step.level
        kept = self._private.kept(step, level, items=True)
        if kept is not None and kept.act == Act.CASES:
            kept = self.case(kept)
        instead = b"" if kept is None else self._instead_of_sequence(value, kept)
        if kept is None or instead is not None:
            self._replace_whole(start, end, kept or step, instead or b"")
            return
        edits, done, stayed, outer = len(self.edits.list), len(self.done), self._private.stayed, self._level
        only_safe = kept.act == Act.SAFE_INSIDE
        self._level = level.child(step.tag, self._private.creator(step), only_safe=only_safe)
        self.edits.open(value)
        self._apply_inside(inside)
        self.edits.close()
        self._level = outer
        if only_safe and self._private.stayed == stayed:
            del self.edits.list[edits:], self.done[done:]
            self._replace_whole(start, end, step, b"")
        else:
            self._private.stays(step)

    def _replace_whole(self, start: int, end: int, step: ElementStep, new: bytes) -> None:
        self.edits.replace(start, end, new)
        self.done.append(step)

    def _apply_inside(self, events: Sequence[Event]) -> None:
        """Apply the events inside a private sequence, on whose creators the steps of its elements depend."""
        remaining = iter(events)
        for kind, start, value, end, noted in remaining:
            if kind == EventKind.ELEMENT:
                self._element(start, value, end, self._step_inside(noted))
            elif kind != EventKind.SEQUENCE:
                self._BOUNDARIES[kind](self, start, value, noted, remaining)
            elif is_private(noted.tag):
                self._private_sequence(start, value, noted, remaining)
            else:
                self._sequence_inside(start, value, self._step_inside(noted), remaining)

    def _step_inside(self, noted: ElementStep) -> ElementStep:
        return noted if self._level is None else self.plan.private.inside(noted, self._level)

    def _sequence_inside(self, start: int, value: int, step: ElementStep, remaining: Iterator[Event]) -> None:
        """Change a standard sequence inside a private one."""
        inside, end = inside_sequence(remaining)
        instead = self._instead_of_sequence(value, step)
        if instead is not None:
            self.edits.replace(start, end, instead)
            return
        outer, self._level = self._level, step.level.child(step.tag)
        self.edits.open(value)
        self._apply_inside(inside)
        self.edits.close()
        self._level = outer

    _HANDLERS: ClassVar[Mapping[int, ElementHandler]] = {
        **BytesChanges._HANDLERS,
        Act.PRIVATE: _private_element,
    }
    _BOUNDARIES: ClassVar[Mapping[int, BoundaryHandler]] = {
        EventKind.SEQUENCE: _enter_sequence,
        EventKind.SEQUENCE_END: _leave_sequence,
        EventKind.ITEM: _enter_item,
        EventKind.ITEM_END: _leave_item,
    }
