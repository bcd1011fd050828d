"""The element walker: every encoding that PS3.5 allows, marks, tables and gathered values."""

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

from orthanc_deid.dicom.elements import Entry, EventKind, MalformedError, Op, delimiter, key_tag
from orthanc_deid.dicom.uniform_tables import note_everything
from orthanc_deid.dicom.walker import walk
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
from support.data.walks import SEQUENCE_END, SMALL, as_tree, plain, walked


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


# data sets of hypothesis: attributes of fixed VRs, so that implicit VR has the same
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


def test_explicit_vr_continues_after_a_un_of_undefined_length_in_an_item() -> None:
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
def test_empty_sequences_and_empty_items_are_read(form: Form) -> None:
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
def test_trailing_zeros_are_reported_with_their_position(form: Form) -> None:
    data = encode(SMALL, form)
    with pytest.raises(MalformedError) as caught:
        walked(data + bytes(64), form)
    assert caught.value.position == len(data)


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
    """Gathers values of LO and SH in the first list and of DS in the second, drops PN, passes the rest."""

    LISTS = {b"LO": 0, b"SH": 0, b"DS": 1}  # noqa: RUF012

    def __missing__(self, key: bytes) -> Entry:
        known = delimiter(key)
        if known is not None:
            return known
        vr = key[4:6]
        if vr == b"SQ":
            return (Op.DESCEND, key_tag(key), None, self)
        if vr in self.LISTS:
            return (Op.GATHER, key_tag(key), self.LISTS[vr], None)
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
    assert [[bytes(value) for value in values] for values in gathered] == [
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
def test_a_gathered_value_may_not_extend_past_the_end(length: int) -> None:
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
