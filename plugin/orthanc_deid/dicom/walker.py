"""The element walker: one pass over an encoded data set that decodes no value.

It reads explicit and implicit VR little endian (PS3.5 sections 7.1, 7.5 and A.4), defined and undefined lengths,
at every depth, iteratively. A table (`elements`) selects the elements of interest; any other element costs one
look-up and one addition, so that a walk is cheaper than a copy of the file.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Literal, TypeAlias

from orthanc_deid.dicom.elements import (
    ITEM_KEY,
    SEQUENCE_DELIMITATION_KEY,
    SPARE_BYTES,
    UNDEFINED,
    Event,
    EventKind,
    MalformedError,
    Op,
    Table,
    key_tag,
)
from orthanc_deid.dicom.fragments import PAST_THE_END, end_of_fragments
from orthanc_deid.dicom.header_readers import READ, Readers
from orthanc_deid.dicom.known_tags import tag_if_known
from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.dicom.tags import format_tag
from orthanc_deid.dicom.uniform_tables import SKIP_EXPLICIT, SKIP_IMPLICIT
from orthanc_deid.errors import RefusedError

MAX_DEPTH = 64  # deeper nesting is refused; real objects stay below 10


_NEVER = 1 << 33  # above every tag
_OUTSIDE = -2  # the end of the data set around a sequence that is walked by itself
TOO_DEEP = f"nesting deeper than {MAX_DEPTH}"

_Frame: TypeAlias = tuple[int, int, bool, "Table", bool, int, int, int, bool, "Table"]
"""The data set around a sequence (end, last tag, open-ended, table, explicit, mark, items so far), then the
sequence itself (end, of undefined length, its items' table)."""


def walk(
    buffer: Buffer,
    start: int,
    end: int,
    table: Table,
    *,
    explicit: bool,
    marks: tuple[int, ...] = (),
    ordered: bool = True,
    gathered: Sequence[list[Buffer]] = (),
    readers: Readers = READ,
) -> list[Event]:
    """Walk the data set in `buffer[start:end]` and return the events that `table` selects, in order.

    `marks` are ascending tags whose place at the top level is reported. With `ordered` an element out of order is
    an error. Gathered values are appended to the lists of `gathered`, as slices of the buffer. The events depend on
    nothing but the arguments and what `readers` read.

    Raises MalformedError for an encoding that `rewrite` may still read, RefusedError for a length past the end of
    its container and for nesting deeper than `MAX_DEPTH`.
    """
    walker = _Walk(buffer, explicit=explicit, ordered=ordered, gathered=gathered, readers=readers)
    try:
        walker.run(start, end, table, marks)
    except struct.error:
        raise RefusedError("data set ends inside an element's header") from None
    return walker.found


def walk_items(buffer: Buffer, start: int, end: int, table: Table, *, depth: int = 0) -> list[Event]:
    """Walk the items in `buffer[start:end]`, those of a sequence of defined length that is encoded as implicit UN.

    `depth`: the number of sequences around it. Events and errors are those of `walk`; the sequence has no event.
    """
    if depth >= MAX_DEPTH:
        raise RefusedError(TOO_DEEP)
    walker = _Walk(buffer, explicit=False, ordered=True, deepest=MAX_DEPTH - depth)
    try:
        walker.run(start, end, table, inside="closed")
    except struct.error:
        raise RefusedError("data set ends inside an element's header") from None
    return walker.found


def end_of_undefined(buffer: Buffer, key: bytes, value: int, end: int, *, explicit: bool) -> int:
    """Return where a value of undefined length ends, which begins at `value`. Raises as `walk` does."""
    return _Walk(buffer, explicit=explicit, ordered=False)._end_of_undefined(
        key, value, end, explicit=explicit
    )


class _Walk:
    """One walk: the arguments that the loop shares with the rare cases below it."""

    __slots__ = ("buffer", "deepest", "explicit", "found", "gathered", "ordered", "readers")

    def __init__(
        self,
        buffer: Buffer,
        *,
        explicit: bool,
        ordered: bool,
        gathered: Sequence[list[Buffer]] = (),
        readers: Readers = READ,
        deepest: int = MAX_DEPTH,
    ) -> None:
        self.buffer = buffer
        self.deepest = deepest
        self.explicit = explicit
        self.ordered = ordered
        self.gathered = gathered
        self.readers = readers
        self.found: list[Event] = []

    def run(
        self,
        pos: int,
        end: int,
        table: Table,
        marks: tuple[int, ...] = (),
        *,
        inside: Literal["open", "closed", ""] = "",
    ) -> int:
        """Walk from `pos` to `end` and return where it stopped.

        With `inside`, `pos` is at the first item of a sequence: of an open one (of undefined length), after whose
        delimiter the walk stops, or of one that ends at `end`. One long function, because every element passes this
        loop and a call for each would double its cost; the operations and kinds of events are locals for the same
        reason.
        """
        buffer, ordered, explicit = self.buffer, self.ordered, self.explicit
        found, gathered = self.found, self.gathered
        skip, drop, drop_long, drop_un, gather = Op.SKIP, Op.DROP, Op.DROP_LONG, Op.DROP_UN, Op.GATHER
        bounded = Op.BOUNDED
        note, note_long, delimiter = Op.NOTE, Op.NOTE_LONG, Op.DELIMITER
        descend, descend_un = Op.DESCEND, Op.DESCEND_UN
        element, sequence, sequence_end = EventKind.ELEMENT, EventKind.SEQUENCE, EventKind.SEQUENCE_END
        item, item_end, passed_mark, dropped = (
            EventKind.ITEM,
            EventKind.ITEM_END,
            EventKind.MARK,
            EventKind.GONE,
        )
        emit = found.append
        explicit_head, implicit_head, item_head, length_at = self.readers
        head = explicit_head if explicit else implicit_head
        waiting = [*reversed(marks)]
        mark = waiting.pop() if waiting else _NEVER
        last, open_ended, items = -1, False, 0
        gone = -1  # where the run of dropped elements began
        steps: list[object] = []
        stack: list[_Frame] = []
        if inside:
            opened = inside == "open"
            stack.append((_OUTSIDE, last, False, table, explicit, mark, items, end, opened, table))
            end = pos
        while True:
            while pos < end:  # the elements of one data set: the top level or an item
                try:
                    key, length = head(buffer, pos)
                    op, tag, step, child = table[key]
                except MalformedError as error:
                    raise MalformedError(str(error), -1 if stack else pos) from None
                except struct.error:
                    if stack or any(buffer[pos:end]):
                        raise
                    raise MalformedError("zeros behind the last element", pos) from None
                if tag <= last and ordered:
                    raise MalformedError(f"out of order: {format_tag(tag)}", -1 if stack else pos)
                last = tag
                if tag >= mark:
                    if gone >= 0:
                        emit((dropped, gone, pos, pos, steps))
                        gone = -1
                    while tag >= mark:
                        emit((passed_mark, pos, pos, pos, mark))
                        mark = waiting.pop() if waiting else _NEVER
                if op == drop:
                    if length != UNDEFINED:
                        if gone < 0:
                            gone, steps = pos, [step]
                        else:
                            steps.append(step)
                        pos += 8 + length
                        continue
                    op = note_long
                elif op == gather:
                    if length == UNDEFINED:
                        raise MalformedError(f"undefined length: {format_tag(tag)}")
                    if child is None or length <= child[0]:
                        if gone >= 0:
                            emit((dropped, gone, pos, pos, steps))
                            gone = -1
                        value = pos + 8
                        pos = value + length
                        gathered[step].append(buffer[value:pos])
                        continue
                    op, step = note, child[1]
                elif op == skip:
                    if gone >= 0:
                        emit((dropped, gone, pos, pos, steps))
                        gone = -1
                    pos += 8 + length
                    continue
                elif op == bounded:
                    if length <= child:
                        if gone >= 0:
                            emit((dropped, gone, pos, pos, steps))
                            gone = -1
                        pos += 8 + length
                        continue
                    op = note
                elif op >= drop_long:  # or DROP_UN
                    value, reserved = pos + 8, length
                    if explicit:
                        (length,) = length_at(buffer, value)
                        value += 4
                    if length != UNDEFINED:
                        if gone < 0:
                            gone, steps = pos, [step]
                        else:
                            steps.append(step)
                        pos = value + length
                        continue
                    op = descend_un if op == drop_un else note_long
                    length = reserved
                if gone >= 0:
                    emit((dropped, gone, pos, pos, steps))
                    gone = -1
                if op == note and length != UNDEFINED:
                    value = pos + 8
                    emit((element, pos, value, value + length, step))
                    pos = value + length
                    continue
                if op == delimiter:
                    if not open_ended:
                        raise MalformedError("delimiter outside an item of undefined length")
                    if length:
                        raise MalformedError(SPARE_BYTES)
                    pos += 8
                    open_ended = False
                    break
                value = pos + 8
                if explicit:
                    if length:
                        raise MalformedError(SPARE_BYTES)
                    (length,) = length_at(buffer, value)
                    value += 4
                if op == descend or (op == descend_un and length == UNDEFINED):
                    if len(stack) == self.deepest:
                        raise RefusedError(TOO_DEEP, tag_if_known(tag))
                    opened = length == UNDEFINED
                    stop = end if opened else value + length
                    if stop > end:
                        raise RefusedError(PAST_THE_END, tag_if_known(tag))
                    emit((sequence, pos, value, -1, step))
                    inner = table if child is None else child  # a table that is still empty is a table
                    stack.append((end, last, open_ended, table, explicit, mark, items, stop, opened, inner))
                    if op == descend_un:
                        explicit, head = False, implicit_head
                    pos, mark, items, open_ended = value, _NEVER, 0, False
                    break
                if length == UNDEFINED:
                    stop = self._end_of_undefined(key, value, end, explicit=explicit, last=not stack)
                else:
                    stop = value + length
                if step is not None:
                    emit((element, pos, value, stop, step))
                pos = stop
            if pos > end:
                raise RefusedError(PAST_THE_END, tag_if_known(last))
            if gone >= 0:
                emit((dropped, gone, pos, pos, steps))
                gone = -1
            if open_ended:
                raise RefusedError("item without its delimiter", tag_if_known(last))
            if not stack:
                break
            # between the items of the innermost sequence
            frame = stack[-1]
            stop, opened, child = frame[7:]
            if items:
                if found[-1][0] == item:
                    found.pop()
                else:
                    emit((item_end, pos, pos, pos, None))
            if pos < stop:
                key, length = item_head(buffer, pos)
                if key == ITEM_KEY:
                    emit((item, pos, pos + 8, -1, items))
                    pos += 8
                    items += 1
                    open_ended = length == UNDEFINED
                    end = stop if open_ended else pos + length
                    if end > stop:
                        raise RefusedError(PAST_THE_END, tag_if_known(frame[1]))
                    last, table = -1, child
                    continue
                if key != SEQUENCE_DELIMITATION_KEY or not opened:
                    raise MalformedError(f"no item where one must be: {format_tag(frame[1])}")
                if length:
                    raise MalformedError(SPARE_BYTES)
                pos += 8
            elif opened:
                raise RefusedError("sequence without its delimiter", tag_if_known(frame[1]))
            end, last, open_ended, table, was_explicit, mark, items, _, _, _ = stack.pop()
            if end == _OUTSIDE:
                return pos
            if found[-1][0] == sequence and found[-1][4] is None:
                found.pop()
            else:
                emit((sequence_end, pos, pos, pos, None))
            if explicit != was_explicit:
                explicit = was_explicit
                head = explicit_head if explicit else implicit_head
        while mark != _NEVER:
            emit((passed_mark, pos, pos, pos, mark))
            mark = waiting.pop() if waiting else _NEVER
        return pos

    def _end_of_undefined(
        self, key: bytes, value: int, end: int, *, explicit: bool, last: bool = False
    ) -> int:
        """Return where a value of undefined length ends that the table does not descend into.

        Fragments of encapsulated pixel data (PS3.5 A.4) for OB and OW, else items. `last`: the data set ends at
        `end`, where fragments may lack their delimiter or a part of it.
        """
        if explicit and key[4:6] in (b"OB", b"OW"):
            item_head, tag = self.readers.item, key_tag(key)
            return end_of_fragments(item_head, self.buffer, value, end, tag, last=last)
        is_sequence = explicit and key[4:6] == b"SQ"
        if explicit and not is_sequence and key[4:6] != b"UN":
            raise MalformedError(f"undefined length: {format_tag(key_tag(key))}")
        inner = _Walk(self.buffer, explicit=is_sequence, ordered=False, readers=self.readers)
        return inner.run(value, end, SKIP_EXPLICIT if is_sequence else SKIP_IMPLICIT, inside="open")
