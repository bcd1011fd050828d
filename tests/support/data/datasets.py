"""Encoded data sets for tests, made and read with `struct` alone: nothing here shares code with the product.

A data set is a list of elements `(tag, vr, value)`; the value of a sequence is a list of data sets, that of any
other element its bytes. `Form` says how it is encoded: VR, and which lengths are undefined. `read` is the way back,
strict, and what tests look at results with.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, TypeAlias

from pydicom.datadict import dictionary_VR

Element: TypeAlias = tuple[int, str, Any]
DataSet: TypeAlias = list[Element]

IMPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2"
EXPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
CT_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.2"
REQUEST_ATTRIBUTES = 0x00400275
CONTENT = 0x0040A730

UNDEFINED = 0xFFFFFFFF
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_LONG = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"})
_NUL_PADDED = frozenset({"UI", "OB", "OW", "UN", "OF", "OL", "OD", "OV"})


@dataclass(frozen=True, slots=True)
class Form:
    """How a data set is encoded: VR written or not, undefined lengths of sequences and of items."""

    explicit: bool = True
    open_sequences: bool = False
    open_items: bool = False

    @property
    def transfer_syntax(self) -> str:
        return EXPLICIT_VR_LITTLE_ENDIAN if self.explicit else IMPLICIT_VR_LITTLE_ENDIAN

    def __str__(self) -> str:
        parts = (
            "explicit" if self.explicit else "implicit",
            "SQ?" * self.open_sequences,
            "item?" * self.open_items,
        )
        return "-".join(filter(None, parts))


EXPLICIT, IMPLICIT = Form(), Form(explicit=False)
FORMS = tuple(Form(*flags) for flags in product((True, False), repeat=3))


def _tag_bytes(tag: int) -> bytes:
    return struct.pack("<HH", tag >> 16, tag & 0xFFFF)


def header(tag: int, vr: str, length: int, *, explicit: bool = True) -> bytes:
    """Return the header of an element, whatever length it claims."""
    if not explicit:
        return _tag_bytes(tag) + struct.pack("<I", length)
    if vr in _LONG:
        return _tag_bytes(tag) + vr.encode() + struct.pack("<HI", 0, length)
    return _tag_bytes(tag) + vr.encode() + struct.pack("<H", length)


def padded(vr: str, value: bytes | str) -> bytes:
    """Return the value at even length, as its VR wants."""
    data = value.encode() if isinstance(value, str) else bytes(value)
    return data + (b"\0" if vr in _NUL_PADDED else b" ") if len(data) & 1 else data


def element(tag: int, vr: str, value: Any, form: Form = EXPLICIT) -> bytes:
    """Return one encoded element; `vr` SQ takes a list of data sets, any other bytes or text."""
    if vr != "SQ":
        data = padded(vr, value)
        return header(tag, vr, len(data), explicit=form.explicit) + data
    items = b"".join(item(each, form) for each in value)
    if form.open_sequences:
        end = header(_SEQUENCE_END, "", 0, explicit=False)
        return header(tag, vr, UNDEFINED, explicit=form.explicit) + items + end
    return header(tag, vr, len(items), explicit=form.explicit) + items


def item(data_set: Iterable[Element], form: Form = EXPLICIT) -> bytes:
    """Return one item of a sequence."""
    content = encode(data_set, form)
    if form.open_items:
        start, end = (
            header(tag, "", length, explicit=False) for tag, length in ((_ITEM, UNDEFINED), (_ITEM_END, 0))
        )
        return start + content + end
    return header(_ITEM, "", len(content), explicit=False) + content


def encode(data_set: Iterable[Element], form: Form = EXPLICIT) -> bytes:
    """Return the data set, in the order given."""
    return b"".join(element(tag, vr, value, form) for tag, vr, value in data_set)


def in_order(data_set: Iterable[Element]) -> DataSet:
    """Return the elements by tag; of those with one tag the last stays."""
    by_tag = {each[0]: each for each in data_set}
    return [by_tag[tag] for tag in sorted(by_tag)]


def nested(depth: int, data_set: DataSet, sequence: int = REQUEST_ATTRIBUTES) -> DataSet:
    """Return the data set inside `depth` sequences of one item each; as it is at depth 0."""
    for _ in range(depth):
        data_set = [(sequence, "SQ", [data_set])]
    return data_set


def instance(*extra: Element, sop_class: str = CT_IMAGE_STORAGE) -> DataSet:
    """Return a small CT (or whatever `sop_class` says) without pixels, `extra` elements put in or in place."""
    return in_order(
        [
            (0x00080016, "UI", sop_class),
            (0x00080018, "UI", "1.2.826.0.1.3680043.10.1.1"),
            (0x00080020, "DA", "20240315"),
            (0x00080060, "CS", "CT"),
            (0x00100010, "PN", "ANDERSSON^BRITTA"),
            (0x00100020, "LO", "PID-48151"),
            (0x00100030, "DA", "19610407"),
            (0x0020000D, "UI", "1.2.826.0.1.3680043.10.1.2"),
            (0x0020000E, "UI", "1.2.826.0.1.3680043.10.1.3"),
            *extra,
        ]
    )


def image_size(rows: int, columns: int, bits: int = 16) -> DataSet:
    """Return the elements that state the size of an image of one frame and one sample per pixel."""
    numbers = ((0x00280010, rows), (0x00280011, columns), (0x00280100, bits))
    return [(tag, "US", struct.pack("<H", number)) for tag, number in numbers]


def part10(data_set: Iterable[Element] | bytes, form: Form = EXPLICIT, *, transfer_syntax: str = "") -> bytes:
    """Return a Part 10 file; UIDs of its meta are those of `instance`."""
    body = data_set if isinstance(data_set, bytes) else encode(data_set, form)
    meta = encode(
        [
            (0x00020001, "OB", b"\0\1"),
            (0x00020002, "UI", CT_IMAGE_STORAGE),
            (0x00020003, "UI", "1.2.826.0.1.3680043.10.1.1"),
            (0x00020010, "UI", transfer_syntax or form.transfer_syntax),
            (0x00020012, "UI", "1.2.826.0.1.3680043.10.9"),
            (0x00020016, "AE", "SENDER_AE"),
        ]
    )
    return bytes(128) + b"DICM" + element(0x00020000, "UL", struct.pack("<I", len(meta))) + meta + body


def split(file: bytes) -> tuple[DataSet, bytes, str]:
    """Return the file meta, the data set's bytes and the transfer syntax of a Part 10 file."""
    assert file[:132] == bytes(128) + b"DICM"
    (length,) = struct.unpack_from("<I", file, 140)
    meta = read(file[132 : 144 + length])
    syntax = next(value for tag, _, value in meta if tag == 0x00020010)
    return meta, file[144 + length :], syntax.rstrip(b"\0").decode()


def read_file(file: bytes) -> DataSet:
    """Return the data set of a Part 10 file."""
    _, body, syntax = split(file)
    return read(body, explicit=syntax != IMPLICIT_VR_LITTLE_ENDIAN)


def read(data: bytes, *, explicit: bool = True) -> DataSet:
    """Return the data set in `data`; AssertionError where a length does not fit. Implicit VR: by the dictionary."""
    found, pos = _read(data, 0, len(data), explicit=explicit)
    assert pos == len(data)
    return found


def _read(data: bytes, pos: int, end: int, *, explicit: bool) -> tuple[DataSet, int]:
    found: DataSet = []
    value: Any
    while pos < end:
        group, number = struct.unpack_from("<HH", data, pos)
        tag = group << 16 | number
        if tag == _ITEM_END:
            assert data[pos + 4 : pos + 8] == bytes(4)
            return found, pos + 8
        vr, length, pos = _header(data, pos, tag, explicit=explicit)
        if vr == "SQ" or (vr == "UN" and length == UNDEFINED):
            value, pos = _read_items(data, pos, length, end, explicit=explicit and vr == "SQ")
            vr = "SQ"
        elif length == UNDEFINED:
            stop = _end_of_fragments(data, pos)
            value, pos = data[pos:stop], stop
        else:
            assert pos + length <= end, f"{tag:08X} goes past the end"
            value, pos = data[pos : pos + length], pos + length
        found.append((tag, vr, value))
    assert pos == end
    return found, pos


def _end_of_fragments(data: bytes, pos: int) -> int:
    """Return where encapsulated pixel data ends, its delimiter included (PS3.5 section A.4)."""
    while True:
        group, number, size = struct.unpack_from("<HHI", data, pos)
        pos += 8
        if group << 16 | number == _SEQUENCE_END:
            return pos
        assert group << 16 | number == _ITEM
        pos += size


def _header(data: bytes, pos: int, tag: int, *, explicit: bool) -> tuple[str, int, int]:
    if not explicit:
        (length,) = struct.unpack_from("<I", data, pos + 4)
        try:
            vr = dictionary_VR(tag)
        except KeyError:
            vr = "UN"
        return ("SQ" if length == UNDEFINED and vr == "UN" else vr), length, pos + 8
    vr = data[pos + 4 : pos + 6].decode("ascii")
    if vr in _LONG:
        assert data[pos + 6 : pos + 8] == b"\0\0"
        (length,) = struct.unpack_from("<I", data, pos + 8)
        return vr, length, pos + 12
    (length,) = struct.unpack_from("<H", data, pos + 6)
    return vr, length, pos + 8


def _read_items(data: bytes, pos: int, length: int, end: int, *, explicit: bool) -> tuple[list[DataSet], int]:
    items: list[DataSet] = []
    stop = end if length == UNDEFINED else pos + length
    assert stop <= end
    while pos < stop:
        group, number, size = struct.unpack_from("<HHI", data, pos)
        tag, pos = group << 16 | number, pos + 8
        if tag == _SEQUENCE_END and length == UNDEFINED:
            return items, pos
        assert tag == _ITEM, f"{tag:08X} where an item must be"
        inner_end = stop if size == UNDEFINED else pos + size
        assert inner_end <= stop
        content, pos = _read(data, pos, inner_end, explicit=explicit)
        items.append(content)
    assert length != UNDEFINED
    return items, pos


def values(data_set: Sequence[Element], *path: int) -> list[Any]:
    """Return the values found at `path`, tags from the top level down, in every item on the way."""
    found = [value for tag, _, value in data_set if tag == path[0]]
    if len(path) == 1:
        return found
    return [each for sequence in found for inner in sequence for each in values(inner, *path[1:])]


def value(data_set: Sequence[Element], *path: int) -> Any:
    """Return the one value at `path`; None where there is none."""
    found = values(data_set, *path)
    assert len(found) < 2
    return found[0] if found else None


def elements(
    data_set: Sequence[Element], path: tuple[int, ...] = ()
) -> Iterator[tuple[tuple[int, ...], str, Any]]:
    """Yield (path of tags, VR, value) of every element at every depth, sequences before their items."""
    for tag, vr, content in data_set:
        yield (*path, tag), vr, content
        if vr == "SQ":
            for inner in content:
                yield from elements(inner, (*path, tag))
