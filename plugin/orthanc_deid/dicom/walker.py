"""The element walker: one pass over an encoded data set, without decoding what nobody asked for.

It reads explicit and implicit VR little endian (PS3.5 sections 7.1, 7.5 and A.4), defined and undefined lengths,
at every depth, iteratively. What interests the caller is said by a table (below); for all other elements the
walker does one look-up and one addition, which is what makes a header cost less than the copy of its file.

A table maps the first bytes of an element's header (tag and VR in explicit, the tag in implicit VR) to an
`Entry`. Tables fill themselves on demand: `__missing__` decides once per tag and VR.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from struct import Struct
from typing import Any, Literal, TypeAlias

from pydicom.datadict import dictionary_has_tag, dictionary_VR

from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.dicom.tags import format_tag
from orthanc_deid.errors import RefusedError

MAX_DEPTH = 64  # deeper nesting is refused; real objects stay below 10
UNDEFINED = 0xFFFFFFFF

EXPLICIT_HEAD = Struct("<6sH")
IMPLICIT_HEAD = Struct("<4sI")
_U32 = Struct("<I").unpack_from
_TAG_AND_LENGTH = Struct("<4sI").unpack_from

ITEM = b"\xfe\xff\x00\xe0"
ITEM_DELIMITATION = b"\xfe\xff\x0d\xe0"
SEQUENCE_DELIMITATION = b"\xfe\xff\xdd\xe0"

LONG_VRS = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"})
SHORT_VRS = frozenset(
    {"AE", "AS", "AT", "CS", "DA", "DS", "DT", "FL", "FD", "IS", "LO"}
    | {"LT", "PN", "SH", "SL", "SS", "ST", "TM", "UI", "UL", "US"}
)
VRS = LONG_VRS | SHORT_VRS


class MalformedError(Exception):
    """The walker cannot read this encoding; pydicom's reader may (see `rewrite`). Never leaves the engine.

    `position` is where the element begins that it stumbled over, at the top level; else -1.
    """

    def __init__(self, message: str, position: int = -1) -> None:
        super().__init__(message)
        self.position = position


class Op:
    """What the walker does with an element. Long forms have the 32-bit length of PS3.5 Table 7.1-1."""

    SKIP = 0
    SKIP_LONG = 1
    NOTE = 2
    NOTE_LONG = 3
    DESCEND = 4  # a sequence; its items are walked with the entry's child table
    DESCEND_UN = 5  # UN: a sequence in implicit VR where its length is undefined (PS3.5 6.2.2), else noted
    DELIMITER = 6
    DROP = 7  # like NOTE, but a run of neighbours is one GONE event
    DROP_LONG = 8
    DROP_UN = 9  # DESCEND_UN where its length is undefined, else dropped
    GATHER = 10  # its value goes to the heap that the step numbers, and no event tells its place


Entry: TypeAlias = "tuple[int, int, Any, Table | None]"
"""(op, tag, step, child): an `Op`, the element's tag, the caller's own, the table for the items of a sequence.

A plain tuple of plain integers, because only those are unpacked and compared at full speed.
"""

Table: TypeAlias = Mapping[bytes, Entry]


class Found:
    """The kinds of events that `walk` returns."""

    ELEMENT = 0
    SEQUENCE = 1
    SEQUENCE_END = 2
    ITEM = 3
    ITEM_END = 4
    MARK = 5
    GONE = 6


Event: TypeAlias = tuple[int, int, int, int, Any]
"""(kind, start, value, end, step); offsets into the buffer.

ELEMENT: header start, value start, end after the value (delimiter included), the entry's step.
SEQUENCE: header start, start of the first item, -1, step. SEQUENCE_END: end after its delimiter in all three.
ITEM: header start, start of its first element, -1, the item's number from 0. ITEM_END: like SEQUENCE_END.
GONE: start of the first, twice the end of the last of neighbours that a table drops, the list of their steps.
MARK: three times the start of the first top-level element whose tag is not below the mark, the mark's tag.
The length field of a sequence or item is the 4 bytes before `value`. Items in which nothing was found are left
out, and so are sequences without a step.
"""

_DELIMITER = (Op.DELIMITER, 0xFFFEE00D, None, None)
_NEVER = 1 << 33  # above every tag
_OUTSIDE = -2  # the end of what lies around a sequence that is walked by itself
PAST_THE_END = "length past the end"

_Frame: TypeAlias = tuple[int, int, bool, "Table", bool, int, int, int, bool, "Table"]
"""What surrounds a sequence (end, last tag, open-ended, table, explicit, mark, items so far), then the
sequence itself (end, of undefined length, its items' table)."""


def delimiter(key: bytes) -> Entry | None:
    """Return the entry of an item delimiter for `__missing__` of a table, or None for any other key."""
    return _DELIMITER if key[:4] == ITEM_DELIMITATION else None


def key_tag(key: bytes) -> int:
    """Return the 32-bit tag of a table's key."""
    return (key[1] << 24) | (key[0] << 16) | (key[3] << 8) | key[2]


def tag_at(buffer: Buffer, start: int) -> int:
    """Return the tag of the element whose header begins at `start`."""
    return key_tag(bytes(buffer[start : start + 4]))


def vr_of_key(key: bytes) -> str:
    """Return the VR in an explicit key. Raises MalformedError where there is none."""
    vr = key[4:6].decode("latin-1")
    if vr not in VRS:
        raise MalformedError(f"no VR: {format_tag(key_tag(key))}")
    return vr


def walk(
    buffer: Buffer,
    start: int,
    end: int,
    table: Table,
    *,
    explicit: bool,
    marks: tuple[int, ...] = (),
    ordered: bool = True,
    heaps: Sequence[list[Buffer]] = (),
) -> list[Event]:
    """Walk the data set in `buffer[start:end]` and return what `table` asked for, in order.

    `marks` are ascending tags whose place at the top level is wanted. With `ordered` an element out of order is
    an error. `heaps` take the values of what the table gathers, as slices of the buffer.

    Raises MalformedError for an encoding that pydicom may still read, RefusedError for a length past the end of
    what holds it and for nesting deeper than `MAX_DEPTH`.
    """
    walker = _Walk(buffer, explicit=explicit, ordered=ordered, heaps=heaps)
    try:
        walker.run(start, end, table, marks)
    except struct.error:
        raise RefusedError("data set ends inside an element's header") from None
    return walker.found


def walk_items(buffer: Buffer, start: int, end: int, table: Table) -> list[Event]:
    """Walk the items in `buffer[start:end]`, those of a sequence of defined length that is encoded as implicit UN.

    What is found and raised is as for `walk`; nothing is told of the sequence itself.
    """
    walker = _Walk(buffer, explicit=False, ordered=True)
    try:
        walker.run(start, end, table, inside="closed")
    except struct.error:
        raise RefusedError("data set ends inside an element's header") from None
    return walker.found


class _Walk:
    """One walk. A class only so that the rare cases below need not pass ten arguments."""

    __slots__ = ("buffer", "explicit", "found", "heaps", "ordered")

    def __init__(
        self, buffer: Buffer, *, explicit: bool, ordered: bool, heaps: Sequence[list[Buffer]] = ()
    ) -> None:
        self.buffer = buffer
        self.explicit = explicit
        self.ordered = ordered
        self.heaps = heaps
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

        With `inside`, `pos` is at the first item of a sequence: of an open one (of undefined length), behind whose
        delimiter the walk stops, or of one that ends at `end`.

        One function on purpose: this is the loop that every element of every instance passes,
        and a call per element would double its cost.
        """
        buffer, ordered, explicit = self.buffer, self.ordered, self.explicit
        found, heaps = self.found, self.heaps
        note = found.append
        head = (EXPLICIT_HEAD if explicit else IMPLICIT_HEAD).unpack_from
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
                        note((6, gone, pos, pos, steps))
                        gone = -1
                    while tag >= mark:
                        note((5, pos, pos, pos, mark))
                        mark = waiting.pop() if waiting else _NEVER
                if op >= 7:
                    value = pos + 8
                    if op == 10:
                        if length == UNDEFINED:
                            raise MalformedError(f"undefined length: {format_tag(tag)}")
                        if gone >= 0:
                            note((6, gone, pos, pos, steps))
                            gone = -1
                        pos = value + length
                        heaps[step].append(buffer[value:pos])
                        continue
                    if op != 7 and explicit:
                        (length,) = _U32(buffer, value)
                        value += 4
                    if length != UNDEFINED:
                        if gone < 0:
                            gone, steps = pos, [step]
                        else:
                            steps.append(step)
                        pos = value + length
                        continue
                    op = 5 if op == 9 else 3
                if gone >= 0:
                    note((6, gone, pos, pos, steps))
                    gone = -1
                if op == 0:
                    pos += 8 + length
                    continue
                if op == 2 and length != UNDEFINED:
                    value = pos + 8
                    note((0, pos, value, value + length, step))
                    pos = value + length
                    continue
                if op == 6:
                    if not open_ended:
                        raise MalformedError("delimiter outside an item of undefined length")
                    pos += 8
                    open_ended = False
                    break
                value = pos + 8
                if explicit:
                    (length,) = _U32(buffer, value)
                    value += 4
                if op == 4 or (op == 5 and length == UNDEFINED):
                    if len(stack) == MAX_DEPTH:
                        raise RefusedError(f"nesting deeper than {MAX_DEPTH}", format_tag(tag))
                    opened = length == UNDEFINED
                    stop = end if opened else value + length
                    if stop > end:
                        raise RefusedError(PAST_THE_END, format_tag(tag))
                    note((1, pos, value, -1, step))
                    inner = table if child is None else child  # a table that is still empty is a table
                    stack.append((end, last, open_ended, table, explicit, mark, items, stop, opened, inner))
                    if op == 5:
                        explicit, head = False, IMPLICIT_HEAD.unpack_from
                    pos, mark, items, open_ended = value, _NEVER, 0, False
                    break
                if length == UNDEFINED:
                    stop = self._end_of_undefined(key, value, end, explicit=explicit)
                else:
                    stop = value + length
                if step is not None:
                    note((0, pos, value, stop, step))
                pos = stop
            if pos > end:
                raise RefusedError(PAST_THE_END, format_tag(last))
            if gone >= 0:
                note((6, gone, pos, pos, steps))
                gone = -1
            if open_ended:
                raise RefusedError("item without its delimiter", format_tag(last))
            if not stack:
                break
            # between the items of the innermost sequence
            frame = stack[-1]
            stop, opened, child = frame[7:]
            if items:
                if found[-1][0] == 3:
                    found.pop()
                else:
                    note((4, pos, pos, pos, None))
            if pos < stop:
                key, length = _TAG_AND_LENGTH(buffer, pos)
                if key == ITEM:
                    note((3, pos, pos + 8, -1, items))
                    pos += 8
                    items += 1
                    open_ended = length == UNDEFINED
                    end = stop if open_ended else pos + length
                    if end > stop:
                        raise RefusedError(PAST_THE_END, format_tag(frame[1]))
                    last, table = -1, child
                    continue
                if key != SEQUENCE_DELIMITATION or not opened:
                    raise MalformedError(f"no item where one must be: {format_tag(frame[1])}")
                pos += 8
            elif opened:
                raise RefusedError("sequence without its delimiter", format_tag(frame[1]))
            end, last, open_ended, table, was_explicit, mark, items, _, _, _ = stack.pop()
            if end == _OUTSIDE:
                return pos
            if found[-1][0] == 1 and found[-1][4] is None:
                found.pop()
            else:
                note((2, pos, pos, pos, None))
            if explicit != was_explicit:
                explicit = was_explicit
                head = (EXPLICIT_HEAD if explicit else IMPLICIT_HEAD).unpack_from
        while mark != _NEVER:
            note((5, pos, pos, pos, mark))
            mark = waiting.pop() if waiting else _NEVER
        return pos

    def _end_of_undefined(self, key: bytes, value: int, end: int, *, explicit: bool) -> int:
        """Return where a value of undefined length ends that nobody wants to look into.

        Fragments of encapsulated pixel data (PS3.5 A.4) for OB and OW, else the items of a sequence.
        """
        if explicit and key[4:6] in (b"OB", b"OW"):
            return _end_of_fragments(self.buffer, value, end, key_tag(key))
        is_sequence = explicit and key[4:6] == b"SQ"
        if explicit and not is_sequence and key[4:6] != b"UN":
            raise MalformedError(f"undefined length: {format_tag(key_tag(key))}")
        inner = _Walk(self.buffer, explicit=is_sequence, ordered=False)
        return inner.run(value, end, _SKIP_EXPLICIT if is_sequence else _SKIP_IMPLICIT, inside="open")


def _end_of_fragments(buffer: Buffer, pos: int, end: int, tag: int) -> int:
    while pos + 8 <= end:
        key, length = _TAG_AND_LENGTH(buffer, pos)
        pos += 8
        if key == SEQUENCE_DELIMITATION:
            return pos
        if key != ITEM or length == UNDEFINED:
            raise RefusedError("no fragment where one must be", format_tag(tag))
        pos += length
    raise RefusedError(PAST_THE_END, format_tag(tag))


class _PlainTable(dict[bytes, Entry]):
    """Treats everything alike: passes over it, or notes it; finds the ends of undefined lengths."""

    def __init__(self, *, explicit: bool, note: bool) -> None:
        super().__init__()
        self._explicit = explicit
        self._note = note
        self._implicit = self if not explicit else _PlainTable(explicit=False, note=note)

    def __missing__(self, key: bytes) -> Entry:
        tag = key_tag(key)
        found = delimiter(key)
        if found is not None:
            return found
        step = tag if self._note else None
        if not self._explicit:
            is_sequence = self._note and dictionary_has_tag(tag) and dictionary_VR(tag) == "SQ"
            return (Op.DESCEND if is_sequence else Op.DESCEND_UN, tag, step, self)
        vr = vr_of_key(key)
        if vr == "SQ":
            return (Op.DESCEND, tag, step, self)
        if vr == "UN":
            return (Op.DESCEND_UN, tag, step, self._implicit)
        if vr in LONG_VRS:
            return (Op.NOTE_LONG if self._note else Op.SKIP_LONG, tag, step, None)
        return (Op.NOTE if self._note else Op.SKIP, tag, step, None)


_SKIP_IMPLICIT = _PlainTable(explicit=False, note=False)
_SKIP_EXPLICIT = _PlainTable(explicit=True, note=False)


def note_everything(*, explicit: bool) -> Table:
    """Return a table that notes every element; each step is the element's tag."""
    return _PlainTable(explicit=explicit, note=True)
