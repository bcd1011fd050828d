"""Walks over encoded data sets, and what they find as a tree."""

from __future__ import annotations

from typing import Any

from orthanc_deid.dicom.elements import Event, EventKind, key_tag
from orthanc_deid.dicom.uniform_tables import note_everything
from orthanc_deid.dicom.walker import walk
from support.data.datasets import (
    EXPLICIT,
    DataSet,
    Form,
    header,
)

PLANTED = b"ANDERSSON^BRITTA"
ITEM_END = header(0xFFFEE00D, "", 0, explicit=False)
SEQUENCE_END = header(0xFFFEE0DD, "", 0, explicit=False)
SMALL: DataSet = [(0x00080060, "CS", b"CT"), (0x00100010, "PN", PLANTED), (0x00280010, "US", b"\2\0")]


def walked(data: bytes, form: Form = EXPLICIT, *, ordered: bool = True) -> list[Event]:
    table = note_everything(explicit=form.explicit)
    return walk(data, 0, len(data), table, explicit=form.explicit, ordered=ordered)


def as_tree(data: bytes, events: list[Event]) -> list[Any]:
    """Return what was found as [(tag, value or items)], items being such lists themselves."""
    top: list[Any] = []
    stack: list[list[Any]] = [top]
    for kind, start, value, end, step in events:
        if kind == EventKind.ELEMENT:
            assert key_tag(data[start : start + 4]) == step
            stack[-1].append((step, data[value:end]))
        elif kind == EventKind.SEQUENCE:
            items: list[Any] = []
            stack[-1].append((step, items))
            stack.append(items)
        elif kind == EventKind.ITEM:
            content: list[Any] = []
            stack[-1].append(content)
            stack.append(content)
        elif kind in (EventKind.ITEM_END, EventKind.SEQUENCE_END):
            stack.pop()
    assert stack == [top]
    return top


def plain(data_set: DataSet) -> list[Any]:
    """Return a built data set in the form of `as_tree`; items in which nothing stands are left out there."""
    return [
        (tag, [plain(each) for each in value if each] if vr == "SQ" else value) for tag, vr, value in data_set
    ]
