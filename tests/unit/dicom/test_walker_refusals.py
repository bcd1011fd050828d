"""Encodings that the walker refuses or leaves to pydicom: nesting, lengths, delimiters, order."""

from __future__ import annotations

import struct

import pytest

from orthanc_deid.dicom.elements import Entry, EventKind, MalformedError, Op, delimiter, key_tag
from orthanc_deid.dicom.walker import MAX_DEPTH, walk
from orthanc_deid.errors import RefusedError
from support.data.datasets import (
    CONTENT,
    EXPLICIT,
    FORMS,
    IMPLICIT,
    REQUEST_ATTRIBUTES,
    UNDEFINED,
    DataSet,
    Form,
    element,
    encode,
    header,
    item,
    nested,
)
from support.data.walks import ITEM_END, PLANTED, SEQUENCE_END, SMALL, as_tree, plain, walked


def deep(depth: int, form: Form) -> bytes:
    data = encode([(0x00100010, "PN", PLANTED)], form)
    for _ in range(depth):
        inner = header(0xFFFEE000, "", UNDEFINED, explicit=False) + data + ITEM_END
        data = header(CONTENT, "SQ", UNDEFINED, explicit=form.explicit) + inner + SEQUENCE_END
    return data


@pytest.mark.parametrize("form", [EXPLICIT, IMPLICIT], ids=str)
def test_nesting_as_deep_as_the_limit_is_read(form: Form) -> None:
    data = deep(MAX_DEPTH, form)
    assert sum(kind == EventKind.SEQUENCE for kind, *_ in walked(data, form)) == MAX_DEPTH == 64


@pytest.mark.parametrize("form", [EXPLICIT, IMPLICIT], ids=str)
@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 3000])
def test_deeper_nesting_is_refused(form: Form, depth: int) -> None:
    with pytest.raises(RefusedError, match="nesting deeper than 64"):
        walked(deep(depth, form), form)


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 3000])
def test_deeper_nesting_is_refused_in_elements_that_are_not_descended_into(depth: int) -> None:
    class Passing(dict[bytes, Entry]):
        def __missing__(self, key: bytes) -> Entry:
            return delimiter(key) or (Op.SKIP_LONG, key_tag(key), None, None)

    data = deep(depth, EXPLICIT)
    with pytest.raises(RefusedError, match="nesting deeper than 64"):
        walk(data, 0, len(data), Passing(), explicit=True)


def _with(length: int, at: int, data: bytes) -> bytes:
    return data[:at] + struct.pack("<I", length) + data[at + 4 :]


_SEQUENCE = element(REQUEST_ATTRIBUTES, "SQ", [SMALL])
_OPEN_SEQUENCE = element(REQUEST_ATTRIBUTES, "SQ", [SMALL], Form(open_sequences=True))
_OPEN_ITEM = element(REQUEST_ATTRIBUTES, "SQ", [SMALL], Form(open_items=True))
_OPEN = element(REQUEST_ATTRIBUTES, "SQ", [SMALL], Form(open_sequences=True, open_items=True))
_FRAGMENTS = header(0x7FE00010, "OB", UNDEFINED) + header(0xFFFEE000, "", 4, explicit=False) + b"abcd"
PAST_THE_END = {
    "short form": header(0x00100010, "PN", 200) + PLANTED,
    "long form": header(0x00420011, "OB", 200) + PLANTED,
    "long form, near 4 GiB": header(0x00420011, "OB", UNDEFINED - 1) + PLANTED,
    "UN": header(0x00091010, "UN", 200) + PLANTED,
    "sequence": _with(len(_SEQUENCE), 8, _SEQUENCE),
    "item": _with(len(_SEQUENCE), 16, _SEQUENCE),
    "item in an open sequence": _with(len(_OPEN_SEQUENCE), 16, _OPEN_SEQUENCE),
    "element in an item": encode([(REQUEST_ATTRIBUTES, "SQ", [SMALL[:1]])])[:-6] + b"CS\x09\0" + b"CT",
    "last fragment": _FRAGMENTS[:-2],
    "fragments and a part of no delimiter": _FRAGMENTS + b"\xfe\xff\xdd\xe1",
    "fragments without a delimiter in an item": _with(
        8 + len(_FRAGMENTS), 4, header(0xFFFEE000, "", 0, explicit=False)
    ).join((header(REQUEST_ATTRIBUTES, "SQ", 8 + len(_FRAGMENTS)), _FRAGMENTS)),
    "sequence without its delimiter": _OPEN_SEQUENCE[:-8],
    "item and sequence without delimiters": _OPEN[:-16],
    "item without its delimiter": _OPEN_ITEM[:-8],
    "half a header": encode(SMALL) + b"\x28\0\x11\0U",
    "half a long header": encode(SMALL) + header(0x7FE00010, "OW", 0)[:10],
    "half an item header": _OPEN_SEQUENCE[:14],
}


@pytest.mark.parametrize("data", PAST_THE_END.values(), ids=PAST_THE_END)
def test_a_length_past_the_end_is_refused_without_a_value_in_the_message(data: bytes) -> None:
    with pytest.raises(RefusedError) as caught:
        walked(data)
    assert "ANDERSSON" not in f"{caught.value} {caught.value!r} {caught.value.args}"


def test_an_item_may_not_extend_past_its_sequence() -> None:
    short = element(REQUEST_ATTRIBUTES, "SQ", [SMALL, SMALL])
    data = _with(len(short) - 12 - 8, 8, short) + element(0x00420010, "ST", "behind")
    with pytest.raises(RefusedError, match="past the end"):
        walked(data)


MISPLACED = {
    "item end at the top level": encode(SMALL) + ITEM_END,
    "sequence end at the top level": encode(SMALL) + SEQUENCE_END,
    "item at the top level": encode(SMALL) + item(SMALL),
    "item end in an item of defined length": encode([(REQUEST_ATTRIBUTES, "SQ", [])])[:-4]
    + struct.pack("<I", 16) + header(0xFFFEE000, "", 8, explicit=False) + ITEM_END,
    "sequence end in a sequence of defined length": header(REQUEST_ATTRIBUTES, "SQ", 8) + SEQUENCE_END,
    "no item in a sequence": header(REQUEST_ATTRIBUTES, "SQ", 10) + element(0x00080060, "CS", "CT"),
    "sequence end where an item should end": _OPEN[:-16] + SEQUENCE_END,
    "undefined length of a text": header(0x00420010, "UT", UNDEFINED) + item(SMALL) + SEQUENCE_END,
    "no VR": encode(SMALL) + b"\x28\0\x11\0\x02\0\0\0\1\0",
}  # fmt: skip


@pytest.mark.parametrize("data", MISPLACED.values(), ids=MISPLACED)
def test_delimiters_in_the_wrong_place_are_left_to_pydicom(data: bytes) -> None:
    with pytest.raises(MalformedError) as caught:
        walked(data)
    assert "ANDERSSON" not in str(caught.value)


def test_fragments_hold_nothing_but_items() -> None:
    data = header(0x7FE00010, "OB", UNDEFINED) + element(0x00100010, "PN", PLANTED) + SEQUENCE_END
    with pytest.raises(RefusedError, match="no fragment"):
        walked(data)


UNSORTED: DataSet = [(0x00100020, "LO", b"1 "), (0x00080060, "CS", b"CT"), (0x00280010, "US", b"\2\0")]
TWICE: DataSet = [(0x00080060, "CS", b"CT"), (0x00080060, "CS", b"MR")]


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("data_set", [UNSORTED, TWICE], ids=["unsorted", "twice"])
@pytest.mark.parametrize("depth", [0, 1, 3])
def test_elements_out_of_order_or_repeated_are_reported_at_every_depth(
    form: Form, data_set: DataSet, depth: int
) -> None:
    data = encode(nested(depth, data_set), form)
    with pytest.raises(MalformedError, match="out of order") as caught:
        walked(data, form)
    first = len(encode(data_set[:1], form))
    assert caught.value.position == (first if depth == 0 else -1)


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("data_set", [UNSORTED, TWICE], ids=["unsorted", "twice"])
@pytest.mark.parametrize("depth", [0, 1, 3])
def test_elements_out_of_order_are_read_when_order_is_not_required(
    form: Form, data_set: DataSet, depth: int
) -> None:
    data = encode(nested(depth, data_set), form)
    assert as_tree(data, walked(data, form, ordered=False)) == plain(nested(depth, data_set))


def test_order_restarts_in_each_item_and_continues_after_the_sequence() -> None:
    data_set: DataSet = [(0x00081140, "SQ", [SMALL, SMALL]), (0x00081030, "LO", b"x ")]
    with pytest.raises(MalformedError, match="out of order"):
        walked(encode(data_set))
    assert as_tree(encode(data_set[:1]), walked(encode(data_set[:1]))) == plain(data_set[:1])
