"""What the fast depth looks at, read by our walker; all other elements it passes over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from typing import Any

from pydicom.dataelem import RawDataElement

from orthanc_deid.dicom.elements import Entry, Found, MalformedError, Op, delimiter, key_tag, vr_of_key
from orthanc_deid.dicom.slices import Buffer, Slices
from orthanc_deid.dicom.tags import is_private
from orthanc_deid.dicom.walk_cache import Shapes
from orthanc_deid.errors import RefusedError
from orthanc_deid.standard.tables import all_safe_private
from orthanc_deid.verify.audit.stamp_audit import EQUIPMENT
from orthanc_deid.verify.reading.data_set import SPECIFIC_CHARACTER_SET, DataSet, Span
from orthanc_deid.verify.reading.framing import Encoding
from orthanc_deid.verify.reading.instance import Instance
from orthanc_deid.verify.reading.parsing import Items
from orthanc_deid.verify.reading.stream import DEFER, within
from orthanc_deid.verify.rules.element_rules import Place
from orthanc_deid.verify.rules.expectations import Expected, Want
from orthanc_deid.verify.text.binary_values import NUMBERS

DATA = frozenset(("OB", "OD", "OF", "OL", "OV", "OW"))
"""The VRs of image data and its like: compared, and not searched."""

_LONG = frozenset((*DATA, "SQ", "SV", "UC", "UN", "UR", "UT", "UV"))
_BY_THEMSELVES = DATA | {"UI", "AS", "SQ", "UN"}
_MOST_ENTRIES = 1 << 15
_HEAD = 1 << 16
_NOTHING = within(b"", 0)
_ENCODING = Encoding(explicit=True, little=True)


class DoubtError(Exception):
    """What the fast depth cannot read or vouch for; the full depth takes over. Never leaves the verifier."""


class Heap(IntEnum):
    """Where the values of short elements go that are kept, to be judged all at once."""

    VALUES = 0
    NUMBERS = 1
    TEXTS = 2
    BINARY = 3


Heaps = tuple[list[Buffer], ...]
"""The values on each heap, in the order of the file."""

_HEAPS = {Want.KEPT: Heap.VALUES, Want.NUMBER: Heap.NUMBERS, Want.SEARCHED: Heap.TEXTS}


class NoteTable(dict[bytes, Entry]):
    """A walker's table for one place: notes what the rules have anything to say of, and heaps what is kept."""

    def __init__(
        self,
        place: Place,
        asked: frozenset[int],
        *,
        explicit: bool,
        output: bool,
        everything: bool = False,
        gone: bool = False,
    ) -> None:
        """Take the place; `asked` are noted at any rate.

        Inside stamps and sequences that must be empty or dummies `everything` of an output is noted, and of the
        original, where it is `gone`, only what identifies.
        """
        super().__init__()
        self._place = place
        self._asked = asked
        self._explicit = explicit
        self._output = output
        self._everything = everything
        self._gone = gone

    def __missing__(self, key: bytes) -> Entry:
        entry = delimiter(key) or self._entry(key)
        if len(self) > _MOST_ENTRIES:
            self.clear()
        self[key] = entry
        return entry

    def _entry(self, key: bytes) -> Entry:
        tag = key_tag(key)
        written = vr_of_key(key) if self._explicit else None
        expected = self._place.expected(tag, written, None)
        step = (tag, written)
        if written in ("SQ", "UN") or (written is None and expected.vr in ("SQ", "UN")):
            op = Op.DESCEND if written == "SQ" or (written is None and expected.vr == "SQ") else Op.DESCEND_UN
            return (op, tag, step, self._child(tag, written, expected))
        long, heap = written in _LONG, self._heap(tag, expected)
        if heap is not None and not long:
            return (Op.GATHER, tag, heap, None)
        if heap is not None or self._is_looked_at(tag, expected):
            return (Op.NOTE_LONG if long else Op.NOTE, tag, step, None)
        return (Op.SKIP_LONG if long else Op.SKIP, tag, None, None)

    def _child(self, tag: int, written: str | None, expected: Expected) -> NoteTable:
        stays = expected.want is Want.DESCENDED and not is_private(tag)
        return NoteTable(
            self._place.inside(tag, None),
            self._asked,
            explicit=written == "SQ",
            output=self._output,
            everything=self._everything or tag == EQUIPMENT or (self._output and not stays),
            gone=self._gone or not (self._output or stays),
        )

    def _heap(self, tag: int, expected: Expected) -> Heap | None:
        """Return the heap of a value that is kept and of which nobody else asks."""
        alone = (
            self._everything
            or self._gone
            or tag in self._asked
            or expected.kind is not None
            or expected.vr in _BY_THEMSELVES
            or is_private(tag)
        )
        if not alone and expected.want is Want.KEPT and expected.vr in NUMBERS:
            return Heap.BINARY
        return None if alone else _HEAPS.get(expected.want)

    def _is_looked_at(self, tag: int, expected: Expected) -> bool:
        if tag in self._asked or expected.vr == "UI" or expected.kind is not None:
            return True
        if self._output or self._everything:
            return True
        if is_private(tag):
            return self._place.needs_creators and not self._gone and _may_stay(tag, self._place)
        return not self._gone and expected.want is not Want.GONE


def _may_stay(tag: int, place: Place) -> bool:
    """Whether there may be a creator of whom the profile keeps the private element `tag`, or a creator itself."""
    by_rule = place.profile.private_safe or any(selector.last.is_private for _, selector in place.explicit)
    return bool(by_rule) or tag & 0xFFFF <= 0xFF or (tag >> 16, tag & 0xFF) in _safe_numbers()


@cache
def _safe_numbers() -> frozenset[tuple[int, int]]:
    """Return (group, element without block) of the safe private elements of all creators."""
    return frozenset((row.group, row.element) for row in all_safe_private())


@dataclass(slots=True)
class Tables:
    """What walks the two files with the tables of one top-level place, kept between instances."""

    original: dict[bool, Shapes]
    output: dict[bool, Shapes]

    @classmethod
    def of(cls, top: Place, asked: frozenset[int]) -> Tables:
        """Return empty tables, by whether the encoding is explicit; `asked` are noted whatever the rules say."""
        asked = asked | {SPECIFIC_CHARACTER_SET}
        return cls(
            *(
                {
                    explicit: Shapes(
                        NoteTable(top, asked, explicit=explicit, output=output), explicit=explicit
                    )
                    for explicit in (False, True)
                }
                for output in (False, True)
            )
        )


def read_noted(found: Instance, buffer: Buffer, noted: Shapes) -> Heaps:
    """Fill the data set of a located instance with what a table notes; return what it heaps. Raises DoubtError.

    `buffer` starts as the file does and may end within the value of its last element.
    """
    heaps: Heaps = tuple([] for _ in Heap)
    try:
        events = noted.walk(buffer, found.start, len(found.slices), heaps)
    except (MalformedError, RefusedError):
        raise DoubtError from None
    found.data_set = _tree(buffer, events)
    return heaps


def head_of(output: Slices) -> bytes:
    """Return the bytes that hold every header, as far as a guess goes: all but the rest of a long last slice."""
    if output.tail is not None:
        return b"".join(output.in_memory)
    if not output.in_memory:
        return b""
    last = len(output.in_memory[-1])
    return b"".join(output.between(0, len(output) - last + min(last, _HEAD)))


def _tree(buffer: Buffer, events: Sequence[tuple[int, int, int, int, Any]]) -> DataSet:
    """Return the noted elements as levels, each item with its own number."""
    top = DataSet()
    levels = [top]
    opened: list[list[DataSet]] = []
    for kind, _, start, end, step in events:
        if kind == Found.ELEMENT:
            _add(levels[-1], buffer, start, end, *step)
        elif kind == Found.SEQUENCE:
            tag, written = step
            opened.append([])
            levels[-1].elements[tag] = RawDataElement(tag, written, 0, None, start, written is None, True)
            levels[-1].sequences[tag] = Items(_NOTHING, 0, 0, _ENCODING, 0, opened[-1])
        elif kind == Found.SEQUENCE_END:
            opened.pop()
        elif kind == Found.ITEM:
            levels.append(DataSet(number=step))
            opened[-1].append(levels[-1])
        elif kind == Found.ITEM_END:
            levels.pop()
    return top


def _add(level: DataSet, buffer: Buffer, start: int, end: int, tag: int, written: str | None) -> None:
    length = end - start
    value = None if length > DEFER or end > len(buffer) else bytes(buffer[start:end])
    level.elements[tag] = RawDataElement(tag, written, length, value, start, written is None, True)  # type: ignore[arg-type]
    if value is None:
        level.spans[tag] = Span(start, length)
