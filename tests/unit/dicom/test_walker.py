"""The element walker: every encoding PS3.5 allows, and what it makes of those that it does not."""

from __future__ import annotations

import io
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import config
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset

from orthanc_deid.dicom.elements import Entry, Event, EventKind, MalformedError, Op, delimiter, key_tag
from orthanc_deid.dicom.uniform_tables import note_everything
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


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("depth", [0, 1, 2, 5])
def test_every_element_is_found_in_every_form_at_every_depth(form: Form, depth: int) -> None:
    data_set: DataSet = [
        (0x00081140, "SQ", [[(0x00081150, "UI", b"1.2\0")], [], [(0x00081150, "UI", b"1.4\0")]]),
        *nested(depth, SMALL),
        (0x00401001, "SH", b""),
        (0x7FE00010, "OW", bytes(range(64))),
    ]
    data_set.sort()
    data = encode(data_set, form)
    assert as_tree(data, walked(data, form)) == plain(data_set)


# what hypothesis makes: attributes of fixed VRs, so that implicit VR tells them too
_VALUES: dict[int, str] = {
    0x00080060: "CS",
    0x00080018: "UI",
    0x00081030: "LO",
    0x00100010: "PN",
    0x00104000: "LT",
    0x00189073: "FD",
    0x00280010: "US",
    0x00420011: "OB",
    0x7FE00010: "OW",
}
_SEQUENCES = (0x00081140, REQUEST_ATTRIBUTES, CONTENT)
_bytes = st.binary(max_size=8).map(lambda data: data + b"\0" * (len(data) & 1))
_values = st.dictionaries(st.sampled_from(sorted(_VALUES)), _bytes, max_size=5).map(
    lambda found: [(tag, _VALUES[tag], value) for tag, value in found.items()]
)


def _with_sequences(inner: st.SearchStrategy[DataSet]) -> st.SearchStrategy[DataSet]:
    sequences = st.dictionaries(st.sampled_from(_SEQUENCES), st.lists(inner, max_size=3), max_size=2)
    return st.builds(
        lambda values, nested: sorted([*values, *((tag, "SQ", items) for tag, items in nested.items())]),
        _values,
        sequences,
    )


data_sets = st.recursive(_values.map(sorted), _with_sequences, max_leaves=8)


def pydicom_tree(dataset: Dataset) -> list[Any]:
    found: list[Any] = []
    for tag in sorted(dataset.keys()):
        raw: Any = dataset.get_item(tag)
        if tag in _SEQUENCES:
            found.append((int(tag), [pydicom_tree(each) for each in dataset[tag].value if len(each)]))
        else:
            found.append((int(tag), raw.value or b""))
    return found


@given(data_set=data_sets, form=st.sampled_from(FORMS))
@settings(max_examples=150, deadline=None)
def test_the_walker_reads_what_pydicom_reads(data_set: DataSet, form: Form) -> None:
    data = encode(data_set, form)
    with config.disable_value_validation():
        expected = pydicom_tree(read_dataset(io.BytesIO(data), not form.explicit, True))
    assert as_tree(data, walked(data, form)) == expected == plain(data_set)


@given(data_set=data_sets, form=st.sampled_from(FORMS), cut=st.integers(0, 400), flip=st.integers(0, 255))
@settings(max_examples=200, deadline=None)
def test_damaged_data_is_read_or_refused_and_nothing_else(
    data_set: DataSet, form: Form, cut: int, flip: int
) -> None:
    data = bytearray(encode(data_set, form))
    if data:
        data[cut % len(data)] = flip
    try:
        events = walked(bytes(data), form, ordered=False)
    except (RefusedError, MalformedError):
        return
    assert all(start <= len(data) for _, start, _, _, _ in events)


def test_un_of_undefined_length_holds_a_sequence_in_implicit_vr() -> None:
    inner = item(nested(1, SMALL, CONTENT), IMPLICIT)
    data = header(0x00091010, "UN", UNDEFINED) + inner + SEQUENCE_END + element(0x00100020, "LO", "1")
    assert as_tree(data, walked(data)) == [
        (0x00091010, [[(CONTENT, [plain(SMALL)])]]),
        (0x00100020, b"1 "),
    ]


def test_explicit_vr_goes_on_behind_a_un_of_undefined_length_inside_an_item() -> None:
    unknown = header(0x00091010, "UN", UNDEFINED) + item(SMALL, IMPLICIT) + SEQUENCE_END
    content = unknown + element(0x00100020, "LO", "1")
    data = header(CONTENT, "SQ", 8 + len(content)) + header(0xFFFEE000, "", len(content), explicit=False)
    data += content + element(0x00420010, "ST", "x")
    assert as_tree(data, walked(data)) == [
        (CONTENT, [[(0x00091010, [plain(SMALL)]), (0x00100020, b"1 ")]]),
        (0x00420010, b"x "),
    ]


def test_un_of_defined_length_is_one_value() -> None:
    data = element(0x00091010, "UN", item(SMALL, IMPLICIT))
    assert as_tree(data, walked(data)) == [(0x00091010, item(SMALL, IMPLICIT))]


@pytest.mark.parametrize("fragments", [[b""], [b"", b"\xff\xd8" + bytes(10)], [bytes(4), b"ab", b"cdef"]])
def test_fragments_of_encapsulated_pixel_data_are_one_value_with_their_delimiter(
    fragments: list[bytes],
) -> None:
    body = b"".join(header(0xFFFEE000, "", len(each), explicit=False) + each for each in fragments)
    data = header(0x7FE00010, "OB", UNDEFINED) + body + SEQUENCE_END + element(0xFFFCFFFC, "OB", bytes(8))
    assert as_tree(data, walked(data)) == [(0x7FE00010, body + SEQUENCE_END), (0xFFFCFFFC, bytes(8))]


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_empty_sequences_and_empty_items_disturb_nothing(form: Form) -> None:
    data_set: DataSet = [
        (0x00081140, "SQ", []),
        (REQUEST_ATTRIBUTES, "SQ", [[], [(0x00081140, "SQ", [[]])], []]),
        (0x00420010, "ST", b"x "),
    ]
    data = encode(data_set, form)
    assert as_tree(data, walked(data, form)) == plain(data_set)


def test_odd_lengths_and_group_lengths_are_read_as_they_are() -> None:
    data = element(0x00080000, "UL", struct.pack("<I", 99)) + header(0x00100010, "PN", 3) + b"A^B"
    data += element(0x00100020, "LO", b"1")
    assert as_tree(data, walked(data)) == [
        (0x00080000, struct.pack("<I", 99)),
        (0x00100010, b"A^B"),
        (0x00100020, b"1 "),
    ]


@pytest.mark.parametrize("form", [EXPLICIT, IMPLICIT], ids=str)
def test_trailing_zeros_are_told_with_the_place_where_they_begin(form: Form) -> None:
    data = encode(SMALL, form)
    with pytest.raises(MalformedError) as caught:
        walked(data + bytes(64), form)
    assert caught.value.position == len(data)


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
def test_deeper_nesting_is_refused_in_what_nobody_looks_into(depth: int) -> None:
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
    "fragments without a delimiter": _FRAGMENTS,
    "sequence without its delimiter": _OPEN_SEQUENCE[:-8],
    "item and sequence without delimiters": _OPEN[:-16],
    "item without its delimiter": _OPEN_ITEM[:-8],
    "half a header": encode(SMALL) + b"\x28\0\x11\0U",
    "half a long header": encode(SMALL) + header(0x7FE00010, "OW", 0)[:10],
    "half an item header": _OPEN_SEQUENCE[:14],
}


@pytest.mark.parametrize("data", PAST_THE_END.values(), ids=PAST_THE_END)
def test_what_reaches_past_the_end_is_refused_without_a_value_in_the_message(data: bytes) -> None:
    with pytest.raises(RefusedError) as caught:
        walked(data)
    assert "ANDERSSON" not in f"{caught.value} {caught.value!r} {caught.value.args}"


def test_an_item_may_not_reach_past_its_sequence() -> None:
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
def test_elements_out_of_order_or_twice_are_told_at_every_depth(
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
def test_without_order_they_are_read_all_the_same(form: Form, data_set: DataSet, depth: int) -> None:
    data = encode(nested(depth, data_set), form)
    assert as_tree(data, walked(data, form, ordered=False)) == plain(nested(depth, data_set))


def test_order_starts_afresh_in_each_item_and_goes_on_behind_the_sequence() -> None:
    data_set: DataSet = [(0x00081140, "SQ", [SMALL, SMALL]), (0x00081030, "LO", b"x ")]
    with pytest.raises(MalformedError, match="out of order"):
        walked(encode(data_set))
    assert as_tree(encode(data_set[:1]), walked(encode(data_set[:1]))) == plain(data_set[:1])


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_marks_name_the_first_element_of_the_top_level_that_is_not_below_them(form: Form) -> None:
    data_set: DataSet = [
        (0x00080060, "CS", b"CT"),
        (0x00081140, "SQ", [[(0x00100020, "LO", b"inner ")]]),
        (0x00100020, "LO", b"1 "),
    ]
    data = encode(data_set, form)
    marks = (0x00080001, 0x00080060, 0x00100010, 0x00100020, 0x00200010, 0x7FE00010)
    table = note_everything(explicit=form.explicit)
    events = walk(data, 0, len(data), table, explicit=form.explicit, marks=marks)
    patient_id = len(encode(data_set[:2], form))
    assert {step: start for kind, start, _, _, step in events if kind == EventKind.MARK} == {
        0x00080001: 0,
        0x00080060: 0,
        0x00100010: patient_id,
        0x00100020: patient_id,
        0x00200010: len(data),
        0x7FE00010: len(data),
    }


def test_marks_in_an_empty_data_set_stand_at_its_end() -> None:
    events = walk(b"", 0, 0, note_everything(explicit=True), explicit=True, marks=(0x00080018, 0x00100010))
    assert events == [
        (EventKind.MARK, 0, 0, 0, 0x00080018),
        (EventKind.MARK, 0, 0, 0, 0x00100010),
    ]


def test_a_table_is_asked_once_for_each_tag_and_vr() -> None:
    asked: list[bytes] = []

    class Once(dict[bytes, Entry]):
        def __missing__(self, key: bytes) -> Entry:
            asked.append(key)
            self[key] = (Op.SKIP, key_tag(key), None, None)
            return self[key]

    table = Once()
    data = encode(SMALL)
    for _ in range(3):
        assert walk(data, 0, len(data), table, explicit=True) == []
    assert asked == [b"\x08\0\x60\0CS", b"\x10\0\x10\0PN", b"\x28\0\x10\0US"]


def test_sequences_in_which_nothing_was_found_are_left_out() -> None:
    class Names(dict[bytes, Entry]):
        def __missing__(self, key: bytes) -> Entry:
            known = delimiter(key)
            if known is not None:
                return known
            if key[4:6] == b"SQ":
                return (Op.DESCEND, key_tag(key), None, self)
            wanted = key[4:6] == b"PN"
            return (Op.NOTE if wanted else Op.SKIP, key_tag(key), "name" if wanted else None, None)

    data_set: DataSet = [
        (0x00081140, "SQ", [[(0x00081150, "UI", b"1.2\0")], [(0x00081199, "SQ", [[]])]]),
        (REQUEST_ATTRIBUTES, "SQ", [[(0x00080060, "CS", b"CT")], SMALL]),
    ]
    data = encode(data_set)
    events = walk(data, 0, len(data), Names(), explicit=True)
    kinds = [(kind, step) for kind, _, _, _, step in events]
    assert kinds == [
        (EventKind.SEQUENCE, None),
        (EventKind.ITEM, 1),
        (EventKind.ELEMENT, "name"),
        (EventKind.ITEM_END, None),
        (EventKind.SEQUENCE_END, None),
    ]


class Gathering(dict[bytes, Entry]):
    """Gathers what an LO or SH holds on the first heap and a DS on the second, drops PN, passes the rest."""

    HEAPS = {b"LO": 0, b"SH": 0, b"DS": 1}  # noqa: RUF012

    def __missing__(self, key: bytes) -> Entry:
        known = delimiter(key)
        if known is not None:
            return known
        vr = key[4:6]
        if vr == b"SQ":
            return (Op.DESCEND, key_tag(key), None, self)
        if vr in self.HEAPS:
            return (Op.GATHER, key_tag(key), self.HEAPS[vr], None)
        return (Op.DROP if vr == b"PN" else Op.SKIP, key_tag(key), vr, None)


def test_values_are_gathered_from_every_depth_without_an_event() -> None:
    inner: DataSet = [(0x00080060, "CS", b"CT"), (0x00081030, "LO", b"HEAD"), (0x00181050, "DS", b"1.5 ")]
    content: DataSet = [
        (0x00080050, "SH", b""),
        (REQUEST_ATTRIBUTES, "SQ", [inner, inner]),
        (0x00431010, "DS", b"7 "),
    ]
    gathered: tuple[list[Any], ...] = ([], [])
    data = encode(content)
    events = walk(memoryview(data), 0, len(data), Gathering(), explicit=True, gathered=gathered)
    assert [[bytes(value) for value in heap] for heap in gathered] == [
        [b"", b"HEAD", b"HEAD"],
        [b"1.5 ", b"1.5 ", b"7 "],
    ]
    assert events == []


def test_a_gathered_element_ends_a_run_of_dropped_ones() -> None:
    content: DataSet = [(0x00100010, "PN", b"A "), (0x00100020, "LO", b"7 "), (0x00101001, "PN", b"B ")]
    data = encode(content)
    events = walk(data, 0, len(data), Gathering(), explicit=True, gathered=([], []))
    assert [(kind, start, end) for kind, start, _, end, _ in events] == [
        (EventKind.GONE, 0, 10),
        (EventKind.GONE, 20, 30),
    ]


@pytest.mark.parametrize("length", [3, 200])
def test_what_is_gathered_may_not_reach_past_the_end(length: int) -> None:
    data = header(0x00100020, "LO", length) + b"7 "
    with pytest.raises(RefusedError, match="length past the end"):
        walk(data, 0, len(data), Gathering(), explicit=True, gathered=([], []))


def test_no_gathered_element_is_of_undefined_length() -> None:
    class Texts(dict[bytes, Entry]):
        def __missing__(self, key: bytes) -> Entry:
            return (Op.GATHER, key_tag(key), 0, None)

    data = header(0x00100020, "LO", UNDEFINED, explicit=False) + SEQUENCE_END
    with pytest.raises(MalformedError, match="undefined length"):
        walk(data, 0, len(data), Texts(), explicit=False, gathered=([],))
