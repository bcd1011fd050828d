"""The changes of one instance: carries out the step of every element that the walker noted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import ClassVar, TypeAlias

from orthanc_deid.config.key import Key
from orthanc_deid.deid.bytes_changes import BytesChanges
from orthanc_deid.deid.dummy_values import dummy_sequence
from orthanc_deid.deid.edits import Edits
from orthanc_deid.deid.element_changes import ElementHandler
from orthanc_deid.deid.element_steps import Act, ElementStep
from orthanc_deid.deid.plan import Plan
from orthanc_deid.deid.prescan import Prescan
from orthanc_deid.deid.private_blocks import PrivateBlocks
from orthanc_deid.deid.subject import Subject
from orthanc_deid.dicom.elements import Event, EventKind, MalformedError, end_of_sequence
from orthanc_deid.dicom.part10 import Encoded
from orthanc_deid.dicom.tags import CONTRIBUTING_EQUIPMENT_SEQUENCE
from orthanc_deid.dicom.walker import walk_items
from orthanc_deid.errors import RefusedError

_DEPENDING = (Act.PRIVATE, Act.CASES)  # acts that depend on other elements of the instance

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
        self._unchanged: frozenset[int] = frozenset()
        self._depth = 0  # of sequences
        self._equipment: tuple[int, bytes] | None = None  # start of the items, and the item to append to them
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

        A value whose items cannot be read, also because they are nested too deep, is removed.
        """
        try:
            events = walk_items(self.buffer, value, end, self.plan.items(step), depth=self._depth)
        except (MalformedError, RefusedError):
            self._remove(start, value, end, step)
            return
        unchanged, self._unchanged = self._unchanged, frozenset()  # the prescan did not see these elements
        self._private.stays(step)
        self._depth += 1
        self.edits.open(value)
        self._apply(events)
        self.edits.close()
        self._depth -= 1
        self._unchanged = unchanged

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
