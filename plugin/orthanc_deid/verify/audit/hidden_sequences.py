"""Private sequences of defined length in whose header no VR tells them: implicit VR and UN (PS3.5 6.2.2)."""

from __future__ import annotations

from contextlib import suppress

from orthanc_deid.verify.reading.data_set import DataSet
from orthanc_deid.verify.reading.framing import Encoding, ParseError
from orthanc_deid.verify.reading.instance import Instance
from orthanc_deid.verify.reading.parsing import Items, read_items
from orthanc_deid.verify.reading.stream import within
from orthanc_deid.verify.rules.expectations import Expected, Want


def unfolded(
    expected: Expected, tag: int, source: tuple[Instance, DataSet], output: tuple[Instance, DataSet]
) -> Expected:
    """Read the element as a sequence in both data sets; what has no items must be gone."""
    try:
        _unfold(*source, tag)
    except ParseError:
        return expected.under(Want.GONE)
    if tag in output[1].elements and tag not in output[1].sequences:
        with suppress(ParseError):  # then it is no sequence in the output, and found out
            _unfold(*output, tag)
    return expected


def _unfold(instance: Instance, level: DataSet, tag: int) -> None:
    value = instance.value(level, tag)
    start = level.spans[tag].start if tag in level.spans else 0
    end, encoding, stream = start + len(value), Encoding(explicit=False, little=True), within(value, start)
    ready = tuple(item for item, _ in read_items(stream, start, end, encoding, 1))
    level.sequences[tag] = Items(stream, start, end, encoding, 1, ready)
    level.spans.pop(tag, None)
