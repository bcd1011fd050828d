"""Layouts of items: the same headers, encoding and delimiter, and values that differ."""

from __future__ import annotations

import struct

from orthanc_deid.verify.reading.element_headers import Encoding
from orthanc_deid.verify.reading.item_layouts import ItemLayout
from orthanc_deid.verify.reading.parsing import read_items
from orthanc_deid.verify.reading.small_items import EncodedItem
from orthanc_deid.verify.reading.stream import within
from support.data.datasets import (
    EXPLICIT,
    encode,
    item,
)
from support.data.many_frames import FRAMES, IN_STACK, STACK


def test_items_of_another_encoding_are_of_another_shape() -> None:
    data = encode([(STACK, "SH", "STACK 12"), (IN_STACK, "UL", bytes(4))])
    packed = EncodedItem(data, Encoding(explicit=True, little=True), 1, 0)
    shape = ItemLayout(packed, [(8, 8), (24, 4)])
    assert shape.values(packed._replace(position=99)) == (b"STACK 12", bytes(4))
    assert shape.values(packed._replace(encoding=Encoding(explicit=False, little=True))) is None
    assert shape.values(packed._replace(delimited=True)) is None
    assert shape.values(packed._replace(data=data.replace(b"SH", b"LO"))) is None


def test_items_of_undefined_length_in_fragments_are_read_in_full(readings: list[bool]) -> None:
    """A compressed icon ends with its fragments, whose lengths no header of an element holds."""
    fragments = item([], EXPLICIT) + item([(STACK, "SH", "STACK 12")], EXPLICIT)
    icon = struct.pack("<HH2sHL", 0x7FE0, 0x0010, b"OB", 0, 0xFFFFFFFF) + fragments
    icon += struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)
    start, end = (struct.pack("<HHL", 0xFFFE, *rest) for rest in ((0xE000, 0xFFFFFFFF), (0xE00D, 0)))
    data = (start + icon + end) * FRAMES
    stream = within(data, 0)
    found = list(read_items(stream, 0, len(data), Encoding(explicit=True, little=True), 1))
    assert len(found) == FRAMES
    assert len(readings) >= FRAMES
    assert all(level.unloaded[0x7FE00010].fragments for level, _ in found)
