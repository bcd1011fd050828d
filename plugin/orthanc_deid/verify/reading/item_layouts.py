"""The shape of an encoded item: where its headers stand, and where the values between them.

A header tells where the next one begins. An item that has the same bytes in all places of headers, delimiters
among them, as one that pydicom has read is read by pydicom alike, element by element and at every depth; it ends
where that one does, and nothing but values can differ.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

from orthanc_deid.verify.reading.element_headers import Encoding
from orthanc_deid.verify.reading.small_items import EncodedItem
from orthanc_deid.verify.reading.value_spans import Span

_ON_TRUST = 8  # shapes that are learned whatever comes of them
_FOR_ONE = 8  # uses of those known that pay for one more


class ItemLayout:
    """What all items of one shape have in common; `size` is the length of their bytes."""

    __slots__ = ("_delimited", "_encoding", "_headers", "_layout", "size")

    def __init__(self, item: EncodedItem, spans: Iterable[Span]) -> None:
        """Take an item, and the spans of its values in order; what lies between them are headers."""
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
        """Return the values of an item in order, None where it is of another shape."""
        data, encoding, _, _, delimited = item
        if len(data) != self.size or encoding != self._encoding or delimited is not self._delimited:
            return None
        parts = self._layout.unpack(data)
        return parts[1::2] if parts[::2] == self._headers else None


class LearningBudget:
    """Says whether to learn one more shape: some on trust, further ones as long as they come to be used."""

    __slots__ = ("_learned", "used")

    def __init__(self) -> None:
        self._learned = self.used = 0

    def one_more(self) -> bool:
        """Count one more, if it may be."""
        if self._learned >= _ON_TRUST + self.used // _FOR_ONE:
            return False
        self._learned += 1
        return True
