"""Small items, as nearly all are: parsed in one step from memory, and the smallest of them cached.

Most items of the frames of an image and of the instances of a series have the same bytes. Items with undefined
lengths, character sets or faults are left to `parsing`.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple, cast

from pydicom.dataelem import RawDataElement
from pydicom.filereader import data_element_generator

from orthanc_deid.dicom.tags import ITEM, is_private
from orthanc_deid.verify.reading.data_set import SEQUENCES, DataSet
from orthanc_deid.verify.reading.element_headers import DEEPEST, LONG_VRS, UNDEFINED, Encoding
from orthanc_deid.verify.reading.text_numbers import BINARY, WRITTEN_AS

_HEAD = struct.Struct("<HHL").unpack_from
_UNDEFINED = b"\xff\xff\xff\xff"
_CHARACTER_SET = b"\x08\x00\x05\x00"
_SHARED = {
    Encoding(explicit, little, strict=True): Encoding(explicit, little)
    for explicit in (True, False)
    for little in (True, False)
}
"""The encodings under which originals and outputs share cached items: only items without spare bytes are cached."""
_CACHED_UP_TO = 128  # bytes of an item


class EncodedItem(NamedTuple):
    """The data set of an item that is not parsed yet; `position`: its place in the file.

    `delimited`: the item is of undefined length, and `data` ends with its delimiter.
    """

    data: bytes
    encoding: Encoding
    depth: int
    position: int
    delimited: bool = False


def small_items(data: bytes, encoding: Encoding, depth: int) -> tuple[DataSet, ...] | None:
    """Return the items in `data`, the value of a sequence; None where `parsing` must read them."""
    found = []
    position, end = 0, len(data)
    while position < end:
        if end - position < 8:
            return None
        group, number, length = _HEAD(data, position)
        start = position + 8
        position = start + length
        if group << 16 | number != ITEM or length == UNDEFINED or position > end:
            return None
        item = small_item(data[start:position], encoding, depth)
        if item is None:
            return None
        found.append(item)
    return tuple(found)


def small_item(data: bytes, encoding: Encoding, depth: int) -> DataSet | None:
    """Return the item whose data set is `data`; None where `parsing` must read it."""
    if len(data) <= _CACHED_UP_TO:
        found = _cached(data, _SHARED[encoding] if encoding.strict else encoding, depth)
        if found is not None:
            return found
    return _read(data, encoding, depth)


@lru_cache(maxsize=4096)
def _cached(data: bytes, encoding: Encoding, depth: int) -> DataSet | None:
    item = _read(data, encoding, depth)
    if item is None or not _is_same_everywhere(item):
        return None
    item.cached = True
    return item


def _is_same_everywhere(item: DataSet) -> bool:
    """Whether the item has no private element, which its creator may make a sequence."""
    return not any(map(is_private, item.elements)) and all(
        inner.cached for items in item.sequences.values() for inner in items
    )


def _read(data: bytes, encoding: Encoding, depth: int) -> DataSet | None:
    if depth > DEEPEST or not encoding.little or _UNDEFINED in data or _CHARACTER_SET in data:
        return None
    item = DataSet()
    end = 0
    try:
        for element in _elements(data, encoding):
            tag = element[0] + 0  # a plain int: pydicom's own compares in Python
            vr, end = element[1], element.value_tell + element[2]
            if (vr == "UN" and tag in SEQUENCES) or (tag in BINARY and vr in WRITTEN_AS):
                return None
            if vr in LONG_VRS and any(data[element.value_tell - 6 : element.value_tell - 4]):
                return None  # bytes of no meaning in a header
            if tag in item.elements:
                item.duplicates.append(item.elements[tag])
            item.elements[tag] = element
            if vr == "SQ" or (vr is None and tag in SEQUENCES):
                items = small_items(element[3] or b"", encoding, depth + 1)
                if items is None:
                    return None
                item.sequences[tag] = items
    except struct.error:
        return None
    if end != len(data):
        return None
    item.check_order()
    return item


def _elements(data: bytes, encoding: Encoding) -> Iterator[RawDataElement]:
    fp = io.BytesIO(data)
    return cast(
        "Iterator[RawDataElement]", data_element_generator(fp, not encoding.explicit, encoding.little)
    )
