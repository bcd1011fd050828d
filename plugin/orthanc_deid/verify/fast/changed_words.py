"""Kept texts one by one, with their places: read where the batches of both files differ (`fast_reading`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from orthanc_deid.bounded_cache import bounded_cache
from orthanc_deid.dicom.elements import Entry, EventKind, Op, vr_of_key
from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.dicom.tags import CODE_VALUES, SPECIFIC_CHARACTER_SET, ElementPath
from orthanc_deid.standard.tables import structure_label_tags
from orthanc_deid.verify.audit.evidence import Evidence, kept_text
from orthanc_deid.verify.fast.fast_reading import STRUCTURAL, Batch, Batches, FastTable, UndecidedError
from orthanc_deid.verify.rules.element_rules import LevelRules
from orthanc_deid.verify.rules.expectations import Expectation, Requirement
from orthanc_deid.verify.rules.value_rules import ValueRules
from orthanc_deid.verify.text.decoding import Terms, parse_terms
from orthanc_deid.verify.text.known_words import is_known
from orthanc_deid.verify.text.structural_terms import holds_defined_terms

_WORDS = (Batch.WORDS, Batch.CODES)
_DESCENTS = (Op.DESCEND, Op.DESCEND_UN)
_REPLACED = (Requirement.DUMMY, Requirement.EMPTY)


class WordTable(FastTable):
    """The walker's table for one level that notes character sets, and the texts that `FastTable` batches as words."""

    def _entry(self, key: bytes) -> Entry:
        entry = super()._entry(key)
        op, tag, noted, _ = entry
        if op in _DESCENTS or tag == SPECIFIC_CHARACTER_SET:
            return entry
        if op == Op.GATHER and noted in _WORDS:
            return (Op.NOTE, tag, (tag, vr_of_key(key) if self._explicit else None), None)
        return (Op.SKIP_LONG if op in (Op.NOTE_LONG, Op.SKIP_LONG) else Op.SKIP, tag, None, None)


class Word(NamedTuple):
    """A kept text: its VR as written, its value, and the character set in force."""

    written: str | None
    value: bytes
    terms: Terms


Words = Mapping[ElementPath, Word]
"""The kept texts of a file by their paths, in its order."""


def words_in(buffer: Buffer, events: Sequence[tuple[int, int, int, int, Any]]) -> Words:
    """Return the texts that a walk with `WordTable` noted; raises UndecidedError for one that is not in memory."""
    found: dict[ElementPath, Word] = {}
    path: list[int] = []
    outer: list[Terms] = []
    terms: Terms = ()
    for kind, _, start, end, step in events:
        if kind == EventKind.ELEMENT:
            tag, written = step
            if end > len(buffer):
                raise UndecidedError
            value = bytes(buffer[start:end])
            if tag == SPECIFIC_CHARACTER_SET:
                terms = parse_terms(value)
            else:
                found[*path, tag] = Word(written, value, terms)
        elif kind == EventKind.SEQUENCE:
            path.append(step[0])
        elif kind == EventKind.ITEM:
            path.append(step)
            outer.append(terms)
        else:
            path.pop()
            if kind == EventKind.ITEM_END:
                terms = outer.pop()
    return found


class WordAudit:
    """The audit of kept texts by the rules of the full depth; it raises UndecidedError where they do not hold."""

    def __init__(self, rules: LevelRules, value_rules: ValueRules, evidence: Evidence) -> None:
        """`rules`: those of the top level."""
        self._rules = rules
        self._value_rules = value_rules
        self._evidence = evidence

    def left(self, original: Words, output: Words) -> Iterator[tuple[bytes, bool]]:
        """Yield the texts of the output that must be made of known words, each with whether it is a Code Value."""
        if not output.keys() <= original.keys():
            raise UndecidedError
        for path, before in original.items():
            after = output.get(path)
            if after == before or self._is_left(path, before, after):
                yield output[path].value, path[-1] in CODE_VALUES

    def _is_left(self, path: ElementPath, before: Word, after: Word | None) -> bool:
        """Whether a changed text is a part of the original's; else it is gone, or a dummy took its place."""
        self._require(path[-1] not in structure_label_tags())  # which are whole or replaced whole
        expected = self._expected(path, before)
        source = kept_text(before.value, before.terms, path, expected)
        if after is None:
            self._require(expected.fallback is Requirement.GONE)
        else:
            self._require(after.written == before.written)
            if self._is_shortened(expected, before, after) and not self._evidence.must_stay(source):
                return True
            due = expected.under(expected.fallback)
            self._require(
                expected.fallback in _REPLACED
                and self._value_rules.accepts(
                    due.requirement, due, path[-1], after.value, before.value, before.terms
                )
            )
        self._evidence.removed_texts.append(source)
        return False

    def _expected(self, path: ElementPath, word: Word) -> Expectation:
        rules = self._rules
        for tag in path[:-1:2]:
            rules = rules.inside(tag, None)
        expected = rules.expected(path[-1], word.written, None)
        self._require(expected.by_word and expected.requirement is Requirement.SEARCHED)
        return expected

    def _is_shortened(self, expected: Expectation, before: Word, after: Word) -> bool:
        return expected.fallback is not Requirement.KEPT and self._value_rules.is_shortened(
            after.value, before.value, before.terms, expected.vr
        )

    @staticmethod
    def _require(condition: bool) -> None:
        if not condition:
            raise UndecidedError


@bounded_cache(maxsize=1024)  # a series repeats nearly all of them
def are_known(joined: bytes, *, code: bool) -> bool:
    """Whether kept texts, joined by backslashes, are in ASCII and made of known words."""
    if not joined.isascii():
        return False
    values = {value.strip(" \0") for value in joined.decode("ascii").split("\\")}
    return all(is_known(value, code=code) for value in values if value)


def are_terms(batches: Batches) -> bool:
    """Whether the batches of `STRUCTURAL` hold nothing but defined terms of their attributes."""
    return all(
        not values or holds_defined_terms(tag, b"\\".join(values))
        for tag, values in zip(STRUCTURAL, batches[Batch.TERMS :], strict=True)
    )
