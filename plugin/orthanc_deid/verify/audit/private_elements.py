"""Private elements (PS3.5 section 7.8): verdicts by creator, and sequences that no VR marks as such."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from orthanc_deid.verify.reading.data_set import DataSet
from orthanc_deid.verify.reading.element_headers import Encoding, ParseError
from orthanc_deid.verify.reading.instance import Instance
from orthanc_deid.verify.reading.parsing import SequenceItems, read_items
from orthanc_deid.verify.reading.private_creators import Creators
from orthanc_deid.verify.reading.stream import within
from orthanc_deid.verify.rules.element_rules import LevelRules
from orthanc_deid.verify.rules.expectations import Expectation, Requirement

_ITEM: Final = b"\xfe\xff\x00\xe0"


def private_expectation(
    rules: LevelRules, creators: Creators, original: Instance, level: DataSet, tag: int
) -> tuple[str | None, Expectation]:
    """Return the creator of a private element (None for a creator itself) and the verdict on the element.

    `level`: that of the original. A creator is kept as long as an element of its block stays in the output; one that
    is a term of a list is not searched.
    """
    written = level.elements[tag].VR
    creator = creators.of(tag)
    unread = written is None or written == "UN"
    if tag in level.sequences or (unread and consists_of_items(original, level, tag, len(rules.path) + 1)):
        return creator, rules.expected(tag, "SQ", creator)
    expected = rules.expected(tag, written, creator)
    needed = creators.needed(tag)
    if needed is not None:
        expected = replace(expected, requirement=Requirement.KEPT, plain=rules.private.is_term(needed))
    return creator, expected


def begins_with_item(file: Instance, level: DataSet, tag: int) -> bool:
    """Whether a value without VR (implicit VR, UN) begins like the items of a sequence (PS3.5 section 6.2.2)."""
    element = level.elements[tag]
    if element.VR not in (None, "UN"):
        return False
    span = level.unloaded.get(tag)
    if span is None:
        return element.value is not None and element.value[:4] == _ITEM
    return span.fragments is None and file.load(span.start, span.start + 4) == _ITEM


def consists_of_items(file: Instance, level: DataSet, tag: int, depth: int) -> bool:
    """Whether a private element is a sequence; one that only its value shows is parsed, into `level.sequences`.

    `depth`: that of its items. A value that holds other bytes, or sequences that are nested too deep, is none.
    """
    if tag in level.sequences:
        return True
    if not begins_with_item(file, level, tag):
        return False
    value = file.value(level, tag)
    start = level.unloaded[tag].start if tag in level.unloaded else 0
    encoding = Encoding(explicit=False, little=True, strict=True)
    end, stream = start + len(value), within(value, start)
    try:
        ready = tuple(item for item, _ in read_items(stream, start, end, encoding, depth))
        if not all(map(_is_ordered, ready)):
            return False
    except ParseError:
        return False
    level.sequences[tag] = SequenceItems(stream, start, end, encoding, depth, ready)
    level.unloaded.pop(tag, None)
    return True


def _is_ordered(item: DataSet) -> bool:
    return item.ordered and all(_is_ordered(inner) for items in item.sequences.values() for inner in items)
