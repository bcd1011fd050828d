"""The position of each value of an encoded item, computed from the elements that pydicom has read."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field

from pydicom.dataelem import RawDataElement
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32

from orthanc_deid.dicom.tags import ITEM, ElementPath
from orthanc_deid.verify.reading.data_set import DataSet
from orthanc_deid.verify.reading.element_headers import UNDEFINED, tag_bytes
from orthanc_deid.verify.reading.small_items import EncodedItem

ByteSpan = tuple[int, int]
"""(start, length) of a value in an encoded item."""

_DELIMITER = 8
_ITEM_HEADER = 8
_LENGTH = struct.Struct("<L").unpack_from


class _UnclearError(Exception):
    """The positions of the values cannot be computed."""


@dataclass(slots=True)
class ValueSpans:
    """The spans of an item's values, in the order of the bytes.

    `by_path`: all spans by path from the item, those of sequences without their delimiter. `plain`: the spans of all
    elements that are no sequences, at all depths.
    """

    by_path: dict[ElementPath, ByteSpan] = field(default_factory=dict)
    plain: list[ByteSpan] = field(default_factory=list)

    @classmethod
    def of(cls, item: EncodedItem, level: DataSet) -> ValueSpans | None:
        """Return the spans of an item; `level`: its elements as pydicom has read them.

        None where tags are out of order, a value is in fragments or was not loaded, or byte order is big endian.
        """
        if not item.encoding.little:
            return None
        found = cls()
        try:
            end = found._take(item, level, (), 0)
        except _UnclearError:
            return None
        if item.delimited:
            end += _DELIMITER
        return found if end == len(item.data) else None

    def _take(self, item: EncodedItem, level: DataSet, path: ElementPath, at: int) -> int:
        """Add a level that begins at `at`, and return its end."""
        if not level.ordered or level.unloaded:
            raise _UnclearError
        for tag, element in level.elements.items():
            if item.data[at : at + 4] != tag_bytes(tag, item.encoding):
                raise _UnclearError
            at += _header_length(element)
            if tag in level.sequences:
                end = self._items(item, level.sequences[tag], (*path, tag), at)
            else:
                end = at + element.length
                self.plain.append((at, element.length))
            if element.length not in (end - at, UNDEFINED):
                raise _UnclearError
            self.by_path[*path, tag] = (at, end - at)
            at = end + _DELIMITER if element.length == UNDEFINED else end
        return at

    def _items(self, item: EncodedItem, items: Iterable[DataSet], path: ElementPath, at: int) -> int:
        for index, inner in enumerate(items):
            if item.data[at : at + 4] != tag_bytes(ITEM, item.encoding):
                raise _UnclearError
            (length,) = _LENGTH(item.data, at + 4)
            at = self._take(item, inner, (*path, index), at + _ITEM_HEADER)
            if length == UNDEFINED:
                at += _DELIMITER
        return at


def _header_length(element: RawDataElement) -> int:
    return 12 if not element.is_implicit_VR and element.VR in EXPLICIT_VR_LENGTH_32 else 8
