"""Encodings with a fault that leaves one reading (RULES.md, "Mended encodings"): lengths of items, delimiters.

The elements of such a data set still follow one another without a gap. Their own lengths say where each item and each
sequence ends, so that the length of an item that says otherwise is corrected, and delimiters that are missing at the
very end are added.
"""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import Final

from pydicom.datadict import dictionary_has_tag, dictionary_VR

from orthanc_deid.dicom.elements import LONG_VRS, SHORT_VRS, UNDEFINED
from orthanc_deid.dicom.fragments import PAST_THE_END
from orthanc_deid.dicom.part10 import EXPLICIT_VR_BIG_ENDIAN, Encoded
from orthanc_deid.dicom.tags import ITEM, ITEM_DELIMITATION_ITEM, SEQUENCE_DELIMITATION_ITEM, is_private
from orthanc_deid.dicom.walker import MAX_DEPTH

CUT_OFF: Final = "data set ends inside an element's header"
FAULTS: Final = frozenset(
    {CUT_OFF, PAST_THE_END, "item without its delimiter", "sequence without its delimiter"}
    | {"item or delimiter outside a sequence", "no item where one must be"}
)
"""The rules of refusals that may be for such a fault."""

MENDED: Final = "lengths or delimiters of the encoding were wrong and have one reading"
"""A note for the report."""

_DELIMITERS: Final = frozenset({ITEM, ITEM_DELIMITATION_ITEM, SEQUENCE_DELIMITATION_ITEM})
_HEADER: Final = 8


class _OtherReadingError(Exception):
    """The data set has another fault, or may be read in several ways."""


def mended(encoded: Encoded) -> Encoded | None:
    """Return the instance with correct lengths of items and all delimiters; None where it has no single reading."""
    if encoded.tail is not None:
        return None
    mender = _Mender(encoded)
    try:
        mender.data_set(encoded.start, encoded.end)
    except (struct.error, _OtherReadingError):
        return None
    if not mender.lengths and not mender.missing:
        return None
    data = bytearray(memoryview(encoded.buffer)[: mender.end])
    for position, length in mender.lengths:
        struct.pack_into(f"{mender.order}L", data, position, length)
    data += b"".join(struct.pack(f"{mender.order}HHL", 0xFFFE, tag & 0xFFFF, 0) for tag in mender.missing)
    return replace(encoded, buffer=bytes(data), end=len(data))


class _Mender:
    """Follows the elements of a data set. `lengths`: (position, length) of those to be corrected.

    `missing`: the tags of the delimiters to be added, and `end`: where.
    """

    def __init__(self, encoded: Encoded) -> None:
        self.buffer = memoryview(encoded.buffer)
        self.end = encoded.end
        self.order = ">" if encoded.transfer_syntax == EXPLICIT_VR_BIG_ENDIAN else "<"
        self.explicit = encoded.explicit
        self.lengths: list[tuple[int, int]] = []
        self.missing: list[int] = []

    def data_set(self, pos: int, end: int) -> None:
        """Follow the elements from `pos` to `end`."""
        if self._elements(pos, end, explicit=self.explicit, depth=0) != self.end:
            raise _OtherReadingError

    def _elements(self, pos: int, end: int, *, explicit: bool, depth: int) -> int:
        """Follow the elements of one data set; return where it ends: at `end`, or before an item or a delimiter."""
        last = -1
        while pos < min(end, self.end):
            if depth and self._is_part_of_delimiter(pos):
                return pos
            tag, vr, length, value = self._header(pos, explicit=explicit)
            if tag in _DELIMITERS and depth:
                return pos
            if tag <= last:
                raise _OtherReadingError
            last = tag
            if self._is_sequence(tag, vr, length, value):
                inner = vr == "SQ" and explicit
                pos = self._items(value, length, end, explicit=inner, depth=depth + 1)
            elif length == UNDEFINED:
                pos = self._fragments(value, end)
            else:
                pos = value + length
        if pos > end:
            raise _OtherReadingError
        return pos

    def _items(self, value: int, length: int, end: int, *, explicit: bool, depth: int) -> int:
        """Follow the items of a sequence up to `end` at most, and return where it ends."""
        if depth > MAX_DEPTH:
            raise _OtherReadingError
        opened = length == UNDEFINED
        stop = end if opened else value + length
        if stop > end:
            raise _OtherReadingError
        pos = value
        while pos < min(stop, self.end):
            if opened and self._is_missing(pos, SEQUENCE_DELIMITATION_ITEM):
                return pos
            tag, size = self._item_header(pos)
            start = pos + _HEADER
            if tag == SEQUENCE_DELIMITATION_ITEM and opened:
                return start
            if tag != ITEM or (opened and size != UNDEFINED and start + size > end):
                raise _OtherReadingError
            pos = self._elements(start, stop, explicit=explicit, depth=depth)
            pos = self._end_of_item(start, size, pos)
        if opened and not self._is_missing(pos, SEQUENCE_DELIMITATION_ITEM):
            raise _OtherReadingError
        return pos

    def _end_of_item(self, start: int, size: int, pos: int) -> int:
        """Return where an item ends whose elements end at `pos`; its length is noted if it says otherwise."""
        if size != UNDEFINED:
            if size != pos - start:
                self.lengths.append((start - 4, pos - start))
            return pos
        if self._is_missing(pos, ITEM_DELIMITATION_ITEM):
            return pos
        if self._item_header(pos)[0] != ITEM_DELIMITATION_ITEM:
            raise _OtherReadingError
        return pos + _HEADER

    def _is_missing(self, pos: int, tag: int) -> bool:
        """Whether the data set ends at `pos`, or with a part of a delimiter; if so, the delimiter is to be added."""
        if pos != self.end and not self._is_part_of_delimiter(pos):
            return False
        self.end = pos
        self.missing.append(tag)
        return True

    def _is_part_of_delimiter(self, pos: int) -> bool:
        """Whether nothing but the beginning of a delimiter is left."""
        if not 0 < self.end - pos < _HEADER:
            return False
        rest = bytes(self.buffer[pos : self.end])
        return any(
            struct.pack(f"{self.order}HHL", 0xFFFE, tag & 0xFFFF, 0).startswith(rest)
            for tag in (ITEM_DELIMITATION_ITEM, SEQUENCE_DELIMITATION_ITEM)
        )

    def _header(self, pos: int, *, explicit: bool) -> tuple[int, str, int, int]:
        """Return tag, VR (empty if none is written), length and the position of the value."""
        group, number, length = struct.unpack_from(f"{self.order}HHL", self.buffer, pos)
        tag = group << 16 | number
        vr = bytes(self.buffer[pos + 4 : pos + 6]).decode("latin-1") if explicit else ""
        if vr in LONG_VRS:
            return tag, vr, struct.unpack_from(f"{self.order}L", self.buffer, pos + 8)[0], pos + 12
        if vr in SHORT_VRS:
            return tag, vr, struct.unpack_from(f"{self.order}H", self.buffer, pos + 6)[0], pos + 8
        if explicit and tag not in _DELIMITERS:
            raise _OtherReadingError
        return tag, "", length, pos + 8

    def _item_header(self, pos: int) -> tuple[int, int]:
        group, number, length = struct.unpack_from(f"{self.order}HHL", self.buffer, pos)
        return group << 16 | number, length

    def _is_sequence(self, tag: int, vr: str, length: int, value: int) -> bool:
        if vr and vr != "UN":
            return vr == "SQ"
        if is_private(tag) or not dictionary_has_tag(tag):
            return length == UNDEFINED and self._item_header(value)[0] in _DELIMITERS
        return dictionary_VR(tag) == "SQ" and (not vr or length == UNDEFINED)

    def _fragments(self, pos: int, end: int) -> int:
        """Return where a value in fragments ends."""
        while True:
            tag, length = self._item_header(pos)
            pos += _HEADER
            if tag == SEQUENCE_DELIMITATION_ITEM:
                return pos
            if tag != ITEM or length == UNDEFINED or pos + length > end:
                raise _OtherReadingError
            pos += length
