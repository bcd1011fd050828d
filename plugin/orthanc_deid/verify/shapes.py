"""The shape of an encoded item: where its headers stand, and where the values between them.

A header tells where the next one begins. An item that has the same bytes in all places of headers as one that
pydicom has read is read by pydicom alike, element by element and at every depth; nothing but values can differ.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

from orthanc_deid.verify.framing import Encoding
from orthanc_deid.verify.small_items import Packed


class Shape:
    """What all items of one shape have in common."""

    __slots__ = ("_encoding", "_headers", "_layout")

    def __init__(self, item: Packed, spans: Iterable[tuple[int, int]]) -> None:
        """Take an item, and (start, length) of each value of it in order; what lies between them are headers."""
        layout, end = "", 0
        for start, length in spans:
            layout += f"{start - end}s{length}s"
            end = start + length
        self._layout = struct.Struct(f"{layout}{len(item.data) - end}s")
        self._encoding: Encoding = item.encoding
        self._headers = self._layout.unpack(item.data)[::2]

    def values(self, item: Packed) -> tuple[bytes, ...] | None:
        """Return the values of an item in order, None where it is of another shape."""
        if len(item.data) != self._layout.size or item.encoding != self._encoding:
            return None
        parts = self._layout.unpack(item.data)
        return parts[1::2] if parts[::2] == self._headers else None
