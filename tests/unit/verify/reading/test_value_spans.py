"""The spans of values in an encoded item."""

from __future__ import annotations

import struct

import pytest

from orthanc_deid.verify.reading.element_headers import Encoding
from orthanc_deid.verify.reading.parsing import parsed_item
from orthanc_deid.verify.reading.small_items import EncodedItem
from orthanc_deid.verify.reading.value_spans import ValueSpans
from support.data.datasets import (
    EXPLICIT,
    FORMS,
    DataSet,
    Form,
    encode,
)
from support.data.many_frames import CONTENT, POSITION, PURPOSE, SOURCE, frame


def spans(
    content: DataSet, form: Form = EXPLICIT, more: bytes = b"", *, little: bool = True
) -> ValueSpans | None:
    """Return the spans of an item by the elements that pydicom read; `more`: bytes behind the item."""
    data = encode(content, form)
    position = 40
    read = parsed_item(EncodedItem(data, Encoding(form.explicit, little=True), 1, position))
    return ValueSpans.of(EncodedItem(data + more, Encoding(form.explicit, little), 1, position), read)


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_the_spans_of_an_item_are_those_of_its_values(form: Form) -> None:
    data = encode(frame(7), form)
    found = spans(frame(7), form)
    assert found is not None
    start, length = found.by_path[SOURCE, 0, PURPOSE, 0, 0x00080104]
    assert data[start : start + length] == b"Source image"
    start, length = found.by_path[POSITION, 0, 0x00200032]
    assert data[start : start + length] == b"-180.0\\12.5\\000007.5"
    start, length = found.by_path[CONTENT,]
    assert data[start : start + 4] == struct.pack("<HH", 0xFFFE, 0xE000)
    assert found.plain == sorted(found.plain)
    assert {
        found.by_path[path] for path in found.by_path if path[-1] not in (SOURCE, PURPOSE, CONTENT, POSITION)
    } == {*found.plain}


def test_no_spans_are_returned_for_an_item_that_is_not_plain() -> None:
    assert spans(frame(7)) is not None
    assert spans(frame(7), little=False) is None
    assert spans(frame(7)[::-1]) is None
    assert spans([*frame(7), frame(7)[-1]]) is None
    assert spans(frame(7), more=bytes(8)) is None
