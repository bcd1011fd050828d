"""An encoded data set as pydicom's element reader sees it, raw, in order, at every depth (PS3.5 section 7).

Pydicom reads the headers and values of elements. Items and delimiters are read here, because pydicom's data sets
would hide faults that a check must report: elements out of order, elements that occur twice, and bytes that belong to
no element. Sequences are read item by item on demand, so that a long one is never in memory as a whole.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from pydicom._dicom_dict import DicomDictionary
from pydicom.dataelem import RawDataElement
from pydicom.filereader import data_element_generator

from orthanc_deid.dicom.tags import (
    ITEM,
    ITEM_DELIMITATION_ITEM,
    SEQUENCE_DELIMITATION_ITEM,
    SPECIFIC_CHARACTER_SET,
)
from orthanc_deid.verify.reading.data_set import SEQUENCES, DataSet, UnloadedValue
from orthanc_deid.verify.reading.element_headers import (
    DEEPEST,
    LONG_VRS,
    UNDEFINED,
    Encoding,
    ParseError,
    check_spare,
    header,
    item_header,
    read_fragments,
    tag_bytes,
)
from orthanc_deid.verify.reading.item_ends import ItemEnds
from orthanc_deid.verify.reading.small_items import EncodedItem, small_item, small_items
from orthanc_deid.verify.reading.stream import DEFER, Stream, within
from orthanc_deid.verify.reading.text_numbers import BINARY, WRITTEN_AS, as_numbers

_SMALL = 1 << 20
_HEADER = 8  # bytes of the shortest one
FEW_ITEMS = 2
"""First items of a sequence that are parsed at once and never cached by layout: most sequences have no more."""


@dataclass(slots=True)
class SequenceItems:
    """The items of one sequence, parsed when iterated; `ready` holds those of a short one."""

    stream: Stream
    start: int
    end: int | None
    encoding: Encoding
    depth: int
    ready: Sequence[DataSet | EncodedItem] | None = None

    def __iter__(self) -> Iterator[DataSet]:
        return map(parsed_item, self.encoded_items())

    def encoded_items(self) -> Iterator[DataSet | EncodedItem]:
        """Yield the items; not parsed where their end is known without that."""
        if self.ready is not None:
            return iter(self.ready)
        last = self.stream.end if self.end is None else self.end
        stream = self.stream.part(self.start, last)
        return (item for item, _ in _encoded_items(stream, self.start, self.end, self.encoding, self.depth))


def encoded_items(items: Iterable[DataSet]) -> Iterator[DataSet | EncodedItem]:
    """Return the items, not parsed where that is possible."""
    return items.encoded_items() if isinstance(items, SequenceItems) else iter(items)


def parsed_item(item: DataSet | EncodedItem) -> DataSet:
    """Return the data set of an item; raises ParseError."""
    if isinstance(item, DataSet):
        return item
    small = None if item.delimited else small_item(item.data, item.encoding, item.depth)
    if small is not None:
        return small
    stream = within(item.data, item.position)
    return _read_level(stream, item.position, item.encoding, item.depth, delimited=item.delimited)[0]


def read_data_set(stream: Stream, position: int, encoding: Encoding) -> DataSet:
    """Read the data set from `position` to the end of the stream; raises ParseError."""
    return _read_level(stream, position, encoding, 0, delimited=False)[0]


def _undefined(_tag: object, _vr: str | None, length: int) -> bool:
    return length == UNDEFINED


def _undefined_or_charset(tag: int, _vr: str | None, length: int) -> bool:
    return length == UNDEFINED or tag == SPECIFIC_CHARACTER_SET


def _read_level(
    stream: Stream, position: int, encoding: Encoding, depth: int, *, delimited: bool
) -> tuple[DataSet, int]:
    """Read one level; return it and the position after it. `delimited`: an item delimiter ends it."""
    if depth > DEEPEST:
        raise ParseError(f"nested deeper than {DEEPEST}")
    level = DataSet()
    fresh = False
    while position < stream.end:
        end, stop = _read_window(stream, position, encoding, level, depth, fresh=fresh)
        if stop - end == 8 and stream.bytes(end, 4) == tag_bytes(ITEM_DELIMITATION_ITEM, encoding):
            if not delimited:
                raise ParseError("item delimiter outside an item")
            check_spare(any(stream.bytes(end + 4, 4)), encoding)
            level.check_order()
            return level, stop
        if stop == end < stream.limit:
            fresh = False
            position = _read_stopped(stream, end, encoding, level, depth)
            continue
        if end < stream.limit == stream.end or (end == position == stream.base):
            if depth == 0 and stream.end - end < _HEADER and not any(stream.bytes(end, stream.end - end)):
                level.padded = True
                break
            raise ParseError("bytes that belong to no element")
        fresh = end < stream.limit  # the window ends within an element: read on from there
        position = end
    if delimited or position > stream.end:
        raise ParseError("data set ends too early")
    level.check_order()
    return level, position


def _read_window(
    stream: Stream, position: int, encoding: Encoding, level: DataSet, depth: int, *, fresh: bool
) -> tuple[int, int]:
    """Read the elements that lie in one window; return the end of the last whole one and the reader's position."""
    fp = stream.at(position, fresh=fresh)
    stop: Callable[..., bool] | None = None
    if not encoding.little or stream.has_unusual_charset():
        stop = _undefined_or_charset
    elif stream.has_undefined_lengths():
        stop = _undefined
    found: list[RawDataElement] = []
    reader = data_element_generator(fp, not encoding.explicit, encoding.little, stop, DEFER)
    with suppress(struct.error):  # the window ends within a header: the caller opens the next one
        found.extend(reader)  # type: ignore[arg-type]
    base = stream.base
    end = position
    if found:
        last = found[-1]
        end = base + last.value_tell + last.length
        if end > stream.limit and last.length <= DEFER:
            found.pop()
            end = base + found[-1].value_tell + found[-1].length if found else position
        elif end > stream.end:
            raise ParseError("element longer than the data set")
    _take(level, found, stream, encoding, depth)
    return end, max(end, base + fp.tell())


def _take(
    level: DataSet, found: list[RawDataElement], stream: Stream, encoding: Encoding, depth: int
) -> None:
    if encoding.strict and encoding.explicit:
        for element in found:
            if element[1] in LONG_VRS:
                head = stream.base + element.value_tell
                check_spare(any(stream.bytes(head - 6, 2)), encoding)
    elements = level.elements
    for element in found:
        tag = element[0] + 0  # a plain int: pydicom's own compares in Python
        vr = element[1]
        if tag in elements:
            level.duplicates.append(elements[tag])
        elements[tag] = element
        if tag in BINARY and vr in WRITTEN_AS:
            elements[tag] = as_numbers(element, encoding)
        if vr == "SQ" or (vr is None and tag in SEQUENCES):
            level.sequences[tag] = _items(element, stream, encoding, depth + 1)
        elif vr == "UN" and tag in SEQUENCES:
            _take_unknown(level, tag, element, stream, depth + 1, strict=encoding.strict)
        elif element[2] > DEFER:
            level.unloaded[tag] = UnloadedValue(stream.base + element.value_tell, element.length)


def _take_unknown(
    level: DataSet, tag: int, element: RawDataElement, stream: Stream, depth: int, *, strict: bool
) -> None:
    """Parse a known sequence written as UN: its items are in implicit VR (PS3.5 section 6.2.2), or wrongly explicit.

    A value that parses as neither stays a value, which the rules do not keep.
    """
    if not element.length:
        level.sequences[tag] = ()
        return
    start = stream.base + element.value_tell
    head = stream.bytes(start, 14)
    explicit = b"AA" <= head[12:14] <= b"ZZ" and head[12:14].isalpha()
    try:
        level.sequences[tag] = _items(element, stream, Encoding(explicit, little=True, strict=strict), depth)
    except ParseError:
        if element[2] > DEFER:
            level.unloaded[tag] = UnloadedValue(start, element.length)


def _items(element: RawDataElement, stream: Stream, encoding: Encoding, depth: int) -> Iterable[DataSet]:
    """Return the items of a sequence of defined length, at once where its bytes are loaded."""
    start, end = stream.base + element.value_tell, stream.base + element.value_tell + element.length
    if element.length > DEFER:
        return SequenceItems(stream, start, end, encoding, depth)
    small = small_items(element.value or b"", encoding, depth)
    if small is not None:
        return small
    inner = within(element.value or b"", start)
    ready = tuple(item for item, _ in read_items(inner, start, end, encoding, depth))
    return SequenceItems(inner, start, end, encoding, depth, ready)


def _read_stopped(stream: Stream, position: int, encoding: Encoding, level: DataSet, depth: int) -> int:
    """Read the element at `position` before which pydicom's reader was stopped; return its end."""
    tag, vr, length, value = header(stream, position, encoding)
    if encoding.explicit and vr in LONG_VRS:
        check_spare(any(stream.bytes(position + 6, 2)), encoding)
    if tag in level.elements:
        level.duplicates.append(level.elements[tag])
    raw = RawDataElement(tag, vr, length, None, value, not encoding.explicit, encoding.little)  # type: ignore[arg-type]
    if length != UNDEFINED:
        level.elements[tag] = raw._replace(value=stream.bytes(value, length))
        return value + length
    level.elements[tag] = raw
    if _is_sequence(tag, vr, stream, value, encoding):
        inner = Encoding(explicit=False, little=True, strict=encoding.strict) if vr == "UN" else encoding
        return _read_undefined_sequence(stream, value, inner, level, tag, depth)
    if vr not in ("OB", "OW", "UN", None):
        raise ParseError(f"undefined length with VR {vr}")
    end, fragments = read_fragments(stream, value, encoding, last=depth == 0)
    level.unloaded[tag] = UnloadedValue(value, end - value, fragments)
    return end


def _is_sequence(tag: int, vr: str | None, stream: Stream, value: int, encoding: Encoding) -> bool:
    if vr is not None and vr != "UN":
        return vr == "SQ"
    if tag in DicomDictionary and tag not in SEQUENCES:
        return False
    first = stream.bytes(value, 4)
    return first in (tag_bytes(ITEM, encoding), tag_bytes(SEQUENCE_DELIMITATION_ITEM, encoding))


def _read_undefined_sequence(
    stream: Stream, start: int, encoding: Encoding, level: DataSet, tag: int, depth: int
) -> int:
    kept: list[DataSet | EncodedItem] | None = []
    end = start
    for item, end in _encoded_items(stream, start, None, encoding, depth + 1):
        if kept is not None:
            kept.append(item)
            if end - start > _SMALL:
                kept = None  # too long to hold: parsed again on demand
    ready = None if kept is None else tuple(kept)
    level.sequences[tag] = SequenceItems(stream, start, None, encoding, depth + 1, ready)
    return end + 8  # the sequence delimiter


def read_items(
    stream: Stream, position: int, end: int | None, encoding: Encoding, depth: int
) -> Iterator[tuple[DataSet, int]]:
    """Yield each item and the position after it; `end` is None where a sequence delimiter ends them."""
    return (
        (parsed_item(item), stop) for item, stop in _encoded_items(stream, position, end, encoding, depth)
    )


def _encoded_items(
    stream: Stream, position: int, end: int | None, encoding: Encoding, depth: int
) -> Iterator[tuple[DataSet | EncodedItem, int]]:
    """Yield each item and the position after it; short ones not parsed where their end is known without that."""
    last = stream.end if end is None else end
    endings: ItemEnds | None = None
    read = 0
    while end is None or position < end:
        tag, length = item_header(stream, position, encoding, moving=True)
        if tag == SEQUENCE_DELIMITATION_ITEM and end is None:
            check_spare(length, encoding)
            return
        if tag != ITEM:
            raise ParseError("no item where one must begin")
        position += 8
        item: DataSet | EncodedItem
        if length == UNDEFINED:
            if read < FEW_ITEMS:
                item, position = _read_level(stream, position, encoding, depth, delimited=True)
            else:
                endings = endings or ItemEnds()
                item, position = _delimited_item(stream, position, encoding, depth, endings)
        elif position + length > last:
            raise ParseError("item longer than its sequence")
        elif length <= DEFER:
            item = EncodedItem(stream.bytes(position, length, moving=True), encoding, depth, position)
            position += length
        else:
            part = stream.part(position, position + length)
            item, position = _read_level(part, position, encoding, depth, delimited=False)
        yield item, position
        read += 1


def _delimited_item(
    stream: Stream, start: int, encoding: Encoding, depth: int, endings: ItemEnds
) -> tuple[DataSet | EncodedItem, int]:
    """Return an item of undefined length and the position after it; not parsed where its layout is known."""
    item = endings.find(stream, start, encoding, depth)
    if item is not None:
        return item, start + len(item.data)
    level, end = _read_level(stream, start, encoding, depth, delimited=True)
    endings.learn(stream, start, end, encoding, level)
    return level, end
