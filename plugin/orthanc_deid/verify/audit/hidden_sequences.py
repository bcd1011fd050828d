"""Private sequences of defined length in whose header no VR tells them: implicit VR and UN (PS3.5 6.2.2)."""

from __future__ import annotations

from contextlib import suppress

from orthanc_deid.verify.reading.data_set import DataSet
from orthanc_deid.verify.reading.element_headers import Encoding, ParseError
from orthanc_deid.verify.reading.instance import Instance
from orthanc_deid.verify.reading.parsing import SequenceItems, read_items
from orthanc_deid.verify.reading.stream import within
from orthanc_deid.verify.rules.expectations import Expectation, Requirement


def parsed_as_sequence(
    expected: Expectation, tag: int, source: tuple[Instance, DataSet], output: tuple[Instance, DataSet]
) -> Expectation:
    """Read the element as a sequence in both data sets; what has no items must be gone."""
    try:
        _parse_as_sequence(*source, tag)
    except ParseError:
        return expected.under(Requirement.GONE)
    if tag in output[1].elements and tag not in output[1].sequences:
        with suppress(ParseError):  # then it is no sequence in the output, and found out
            _parse_as_sequence(*output, tag)
    return expected


def _parse_as_sequence(instance: Instance, level: DataSet, tag: int) -> None:
    value = instance.value(level, tag)
    start = level.unloaded[tag].start if tag in level.unloaded else 0
    end, encoding, stream = start + len(value), Encoding(explicit=False, little=True), within(value, start)
    ready = tuple(item for item, _ in read_items(stream, start, end, encoding, 1))
    level.sequences[tag] = SequenceItems(stream, start, end, encoding, 1, ready)
    level.unloaded.pop(tag, None)
