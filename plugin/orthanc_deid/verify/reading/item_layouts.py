"""The layout of an encoded item: the positions of its headers and of the values between them.

Each header determines where the next one begins. So an item with the same header bytes at the same positions,
delimiters included, as one that pydicom has read has the same elements at every depth and the same end; only its
values can differ.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

from orthanc_deid.verify.reading.element_headers import Encoding
from orthanc_deid.verify.reading.small_items import EncodedItem
from orthanc_deid.verify.reading.value_spans import ByteSpan

_ON_TRUST = 8  # layouts that are recorded whether or not they are used
_FOR_ONE = 8  # uses of the recorded layouts that allow for one more


class ItemLayout:
    """The headers that all items of one layout share; `size`: the bytes of an item."""

    __slots__ = ("_delimited", "_encoding", "_headers", "_layout", "size")

    def __init__(self, item: EncodedItem, spans: Iterable[ByteSpan]) -> None:
        """`spans`: those of the item's values in order; the bytes between them are headers."""
        layout, end = "", 0
        for start, length in spans:
            layout += f"{start - end}s{length}s"
            end = start + length
        self.size = len(item.data)
        self._layout = struct.Struct(f"{layout}{self.size - end}s")
        self._encoding: Encoding = item.encoding
        self._delimited = item.delimited
        self._headers = self._layout.unpack(item.data)[::2]

    def values(self, item: EncodedItem) -> tuple[bytes, ...] | None:
        """Return the values of an item in order, None where it has another layout."""
        data, encoding, _, _, delimited = item
        if len(data) != self.size or encoding != self._encoding or delimited is not self._delimited:
            return None
        parts = self._layout.unpack(data)
        return parts[1::2] if parts[::2] == self._headers else None


class LearningBudget:
    """Decides whether to record one more layout: the first few, and further ones while recorded ones are used."""

    __slots__ = ("_learned", "used")

    def __init__(self) -> None:
        self._learned = self.used = 0

    def one_more(self) -> bool:
        """Return whether one more may be recorded, and count it."""
        if self._learned >= _ON_TRUST + self.used // _FOR_ONE:
            return False
        self._learned += 1
        return True
