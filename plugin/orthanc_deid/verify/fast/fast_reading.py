"""The reading of the fast depth: our walker returns the elements that are checked and skips the others."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from functools import cache
from typing import Any

from pydicom.dataelem import RawDataElement

from orthanc_deid.dicom.elements import Entry, EventKind, MalformedError, Op, delimiter, key_tag, vr_of_key
from orthanc_deid.dicom.slices import Buffer, Slices
from orthanc_deid.dicom.tags import (
    CODE_VALUES,
    CONTRIBUTING_EQUIPMENT_SEQUENCE,
    is_private,
)
from orthanc_deid.dicom.walk_cache import WalkCache
from orthanc_deid.errors import RefusedError
from orthanc_deid.standard.tables import all_safe_private, structural_terms
from orthanc_deid.verify.reading.data_set import DataSet, UnloadedValue
from orthanc_deid.verify.reading.element_headers import Encoding
from orthanc_deid.verify.reading.instance import Instance
from orthanc_deid.verify.reading.parsing import SequenceItems
from orthanc_deid.verify.reading.stream import DEFER, within
from orthanc_deid.verify.rules.element_rules import LevelRules
from orthanc_deid.verify.rules.expectations import Expectation, Requirement
from orthanc_deid.verify.text.binary_values import BINARY_NUMBER_VRS

DATA = frozenset(("OB", "OD", "OF", "OL", "OV", "OW"))
"""The VRs of image data and the like: compared, and not searched."""

_LONG = frozenset((*DATA, "SQ", "SV", "UC", "UN", "UR", "UT", "UV"))
_BY_THEMSELVES = DATA | {"UI", "AS", "SQ", "UN"}
_MOST_ENTRIES = 1 << 15
_HEAD = 1 << 16
_NOTHING = within(b"", 0)
_new = tuple.__new__  # half the time of the call of a named tuple, for some hundred elements
_ENCODING = Encoding(explicit=True, little=True)


class UndecidedError(Exception):
    """The fast depth cannot read or decide something, so that the full depth must. Never leaves the verifier."""


class Batch(IntEnum):
    """The batches of short kept values; each is checked all at once."""

    VALUES = 0
    NUMBERS = 1
    TEXTS = 2
    BINARY = 3
    WORDS = 4
    CODES = 5
    TERMS = 6  # the first of the batches of terms, one for each attribute of STRUCTURAL


STRUCTURAL = tuple(structural_terms())
"""The attributes that hold nothing but terms of their own."""


Batches = tuple[list[Buffer], ...]
"""The values of each batch, in the order of the file."""

_BATCHES = {
    Requirement.KEPT: Batch.VALUES,
    Requirement.NUMBER: Batch.NUMBERS,
    Requirement.SEARCHED: Batch.TEXTS,
}


class FastTable(dict[bytes, Entry]):
    """The walker's table for one level: it notes elements that are checked by themselves and batches kept values."""

    def __init__(
        self,
        rules: LevelRules,
        asked: frozenset[int],
        *,
        explicit: bool,
        output: bool,
        everything: bool = False,
        gone: bool = False,
    ) -> None:
        """`rules`: those of the level. `asked`: the tags that are noted in any case.

        `everything`: note all elements, inside our stamps and inside an output's sequences that must be empty or
        dummies. `gone`: note only identifying values, inside an original's sequences that are removed.
        """
        super().__init__()
        self._rules = rules
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
        expected = self._rules.expected(tag, written, None)
        step = (tag, written)
        if written in ("SQ", "UN") or (written is None and expected.vr in ("SQ", "UN")):
            op = Op.DESCEND if written == "SQ" or (written is None and expected.vr == "SQ") else Op.DESCEND_UN
            return (op, tag, step, self._child(tag, written, expected))
        long, batch = written in _LONG, self._batch(tag, expected)
        if batch is not None and not long:
            return (Op.GATHER, tag, batch, (expected.most, step) if expected.most else None)
        if batch is not None or self._is_noted(tag, expected):
            return (Op.NOTE_LONG if long else Op.NOTE, tag, step, None)
        return (Op.SKIP_LONG if long else Op.SKIP, tag, None, None)

    def _child(self, tag: int, written: str | None, expected: Expectation) -> FastTable:
        stays = expected.requirement is Requirement.DESCENDED and not is_private(tag)
        return type(self)(
            self._rules.inside(tag, None),
            self._asked,
            explicit=written == "SQ",
            output=self._output,
            everything=self._everything
            or tag == CONTRIBUTING_EQUIPMENT_SEQUENCE
            or (self._output and not stays),
            gone=self._gone or not (self._output or stays),
        )

    def _batch(self, tag: int, expected: Expectation) -> int | None:
        """Return the batch of a kept value that needs no check by itself."""
        alone = (
            self._everything
            or self._gone
            or tag in self._asked
            or expected.kind is not None
            or expected.vr in _BY_THEMSELVES
            or is_private(tag)
        )
        if not alone and expected.requirement is Requirement.KEPT and expected.vr in BINARY_NUMBER_VRS:
            return Batch.BINARY
        if not alone and expected.by_word and tag in STRUCTURAL:
            return Batch.TERMS + STRUCTURAL.index(tag)
        if not alone and expected.by_word:
            return Batch.CODES if tag in CODE_VALUES else Batch.WORDS
        return None if alone else _BATCHES.get(expected.requirement)

    def _is_noted(self, tag: int, expected: Expectation) -> bool:
        if tag in self._asked or expected.vr == "UI" or expected.kind is not None:
            return True
        if self._output or self._everything:
            return True
        if is_private(tag):
            return self._rules.needs_creators and not self._gone and _may_stay(tag, self._rules)
        return not self._gone and expected.requirement is not Requirement.GONE


def _may_stay(tag: int, rules: LevelRules) -> bool:
    """Whether the profile may keep the private element `tag` of some creator, or `tag` is a creator."""
    by_rule = rules.profile.private_safe or any(selector.last.is_private for _, selector in rules.explicit)
    return bool(by_rule) or tag & 0xFFFF <= 0xFF or (tag >> 16, tag & 0xFF) in _safe_numbers()


@cache
def _safe_numbers() -> frozenset[tuple[int, int]]:
    """Return (group, element number without block) of the safe private elements of all creators."""
    return frozenset((row.group, row.element) for row in all_safe_private())


def read_fast(found: Instance, buffer: Buffer, noted: WalkCache) -> Batches:
    """Fill the data set of a located instance with the noted elements and return the batches; raises UndecidedError.

    `buffer`: the file from its start, which may end within the value of its last element.
    """
    batches: Batches = tuple([] for _ in range(Batch.TERMS + len(STRUCTURAL)))
    try:
        events = noted.walk(buffer, found.start, len(found.slices), batches)
    except (MalformedError, RefusedError):
        raise UndecidedError from None
    found.data_set = _tree(buffer, events)
    return batches


def head_of(output: Slices) -> bytes:
    """Return the bytes that most probably hold every header: all but the rest of a long last slice."""
    if output.tail is not None:
        return b"".join(output.in_memory)
    if not output.in_memory:
        return b""
    last = len(output.in_memory[-1])
    return b"".join(output.between(0, len(output) - last + min(last, _HEAD)))


def _tree(buffer: Buffer, events: Sequence[tuple[int, int, int, int, Any]]) -> DataSet:
    """Return the noted elements as levels, each item with its number."""
    top = DataSet()
    levels = [top]
    opened: list[list[DataSet]] = []
    for kind, _, start, end, step in events:
        if kind == EventKind.ELEMENT:
            _add(levels[-1], buffer, start, end, *step)
        elif kind == EventKind.SEQUENCE:
            tag, written = step
            opened.append([])
            levels[-1].elements[tag] = RawDataElement(tag, written, 0, None, start, written is None, True)
            levels[-1].sequences[tag] = SequenceItems(_NOTHING, 0, 0, _ENCODING, 0, opened[-1])
        elif kind == EventKind.SEQUENCE_END:
            opened.pop()
        elif kind == EventKind.ITEM:
            levels.append(DataSet(number=step))
            opened[-1].append(levels[-1])
        elif kind == EventKind.ITEM_END:
            levels.pop()
    return top


def _add(level: DataSet, buffer: Buffer, start: int, end: int, tag: int, written: str | None) -> None:
    length = end - start
    value = None if length > DEFER or end > len(buffer) else bytes(buffer[start:end])
    level.elements[tag] = _new(RawDataElement, (tag, written, length, value, start, written is None, True))
    if value is None:
        level.unloaded[tag] = UnloadedValue(start, length)
