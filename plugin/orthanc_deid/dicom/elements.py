"""The walker's vocabulary: element headers, the tables that select elements, and the events that report them.

A table maps the first bytes of an element's header (tag and VR in explicit, the tag in implicit VR) to an `Entry`.
Tables fill themselves on demand: `__missing__` decides once per tag and VR.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.dicom.tags import ITEM_DELIMITATION_ITEM, format_tag

UNDEFINED = 0xFFFFFFFF

ITEM_KEY = b"\xfe\xff\x00\xe0"
ITEM_DELIMITATION_KEY = b"\xfe\xff\x0d\xe0"
SEQUENCE_DELIMITATION_KEY = b"\xfe\xff\xdd\xe0"

LONG_VRS = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"})
SHORT_VRS = frozenset(
    {"AE", "AS", "AT", "CS", "DA", "DS", "DT", "FL", "FD", "IS", "LO"}
    | {"LT", "PN", "SH", "SL", "SS", "ST", "TM", "UI", "UL", "US"}
)
VRS = LONG_VRS | SHORT_VRS


class MalformedError(Exception):
    """The walker cannot read this encoding; `reencode.rewrite` may. Never leaves the engine.

    `position`: where the offending element begins, at the top level; else -1.
    """

    def __init__(self, message: str, position: int = -1) -> None:
        super().__init__(message)
        self.position = position


class Op:
    """The walker's operation on an element. Long forms have the 32-bit length of PS3.5 Table 7.1-1."""

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
    GATHER = 10  # its value is appended to the list whose number is the step; no event reports it
    BOUNDED = 11  # skipped, but noted where it is longer than the number of bytes in place of the child


Entry: TypeAlias = "tuple[int, int, Any, Any]"
"""(op, tag, step, child): an `Op`, the element's tag, the caller's data, the table for the items of a sequence.

In place of the child, BOUNDED has the most bytes of the value, and GATHER may have them with the step of the event
that reports a longer one instead of gathering it.

A plain tuple with plain integers, because only those are unpacked and compared at full speed.
"""

Table: TypeAlias = Mapping[bytes, Entry]


class EventKind:
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
GONE: a run of adjacent dropped elements: start of the first, twice the end of the last, the list of their steps.
MARK: three times the start of the first top-level element whose tag is not below the mark, the mark's tag.
The length field of a sequence or item is the 4 bytes before `value`. Items in which nothing was found are left
out, and so are sequences without a step.
"""


def end_of_sequence(remaining: Iterator[Event]) -> int:
    """Consume the events of a sequence whose SEQUENCE event is consumed; return where the sequence ends."""
    return inside_sequence(remaining)[1]


def inside_sequence(remaining: Iterator[Event]) -> tuple[list[Event], int]:
    """Consume the events of a sequence as `end_of_sequence` does; return those inside, and where it ends."""
    depth = 1
    inside: list[Event] = []
    for event in remaining:
        if event[0] == EventKind.SEQUENCE:
            depth += 1
        elif event[0] == EventKind.SEQUENCE_END:
            depth -= 1
            if not depth:
                return inside, event[3]
        inside.append(event)
    raise ValueError("a SEQUENCE event without its SEQUENCE_END")


SPARE_BYTES = "bytes of no meaning in a header"

_DELIMITER = (Op.DELIMITER, ITEM_DELIMITATION_ITEM, None, None)


def delimiter(key: bytes) -> Entry | None:
    """Return the entry of an item delimiter for `__missing__` of a table, or None for any other key.

    Raises MalformedError for a delimiter with a length, of which an explicit key holds the lower half.
    """
    if key[:4] != ITEM_DELIMITATION_KEY:
        return None
    if any(key[4:]):
        raise MalformedError(SPARE_BYTES)
    return _DELIMITER


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
