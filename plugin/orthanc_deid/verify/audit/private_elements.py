"""Private elements (PS3.5 section 7.8): verdicts by creator, and sequences that no VR marks as such."""

from __future__ import annotations

from contextlib import suppress

from orthanc_deid.verify.reading.data_set import DataSet
from orthanc_deid.verify.reading.element_headers import DEEPEST, Encoding, ParseError
from orthanc_deid.verify.reading.instance import Instance
from orthanc_deid.verify.reading.parsing import SequenceItems, read_items
from orthanc_deid.verify.reading.private_creators import Creators
from orthanc_deid.verify.reading.stream import within
from orthanc_deid.verify.rules.element_rules import LevelRules
from orthanc_deid.verify.rules.expectations import Expectation, Requirement


def private_expectation(
    rules: LevelRules, creators: Creators, tag: int, written: str | None
) -> tuple[str | None, Expectation]:
    """Return the creator of a private element (None for a creator itself) and the verdict on the element.

    A creator is kept as long as an element of its block stays in the output.
    """
    creator = creators.of(tag)
    expected = rules.expected(tag, written, creator)
    return creator, expected.under(Requirement.KEPT) if creators.is_needed(tag) else expected


def parsed_as_sequence(
    expected: Expectation,
    tag: int,
    source: tuple[Instance, DataSet],
    output: tuple[Instance, DataSet],
    depth: int,
) -> Expectation:
    """Parse a private element as a sequence in both data sets and return its verdict.

    A sequence of defined length in implicit VR, or written as UN (PS3.5 section 6.2.2), is known by its creator
    alone. A value that holds no items must be gone; so must one that is nested too deep. `depth`: that of its items.
    """
    try:
        _parse_as_sequence(*source, tag, depth)
    except ParseError:
        return expected.under(Requirement.GONE)
    if tag in output[1].elements and tag not in output[1].sequences:
        with suppress(ParseError):  # the audit then reports that the output holds no sequence
            _parse_as_sequence(*output, tag, depth)
    return expected


def _parse_as_sequence(instance: Instance, level: DataSet, tag: int, depth: int) -> None:
    if depth > DEEPEST:
        raise ParseError(f"nested deeper than {DEEPEST}")
    value = instance.value(level, tag)
    start = level.unloaded[tag].start if tag in level.unloaded else 0
    encoding = Encoding(explicit=False, little=True, strict=instance.encoding.strict)
    end, stream = start + len(value), within(value, start)
    ready = tuple(item for item, _ in read_items(stream, start, end, encoding, depth))
    level.sequences[tag] = SequenceItems(stream, start, end, encoding, depth, ready)
    level.unloaded.pop(tag, None)
