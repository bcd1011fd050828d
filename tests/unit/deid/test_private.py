"""Private attributes: removed by default; safe ones are kept by creator and element, never by block."""

from __future__ import annotations

import struct

import pytest

from orthanc_deid import CompiledProfile, Key, deidentify
from support.data.datasets import (
    EXPLICIT,
    FORMS,
    IMPLICIT,
    UNDEFINED,
    DataSet,
    Element,
    Form,
    element,
    encode,
    header,
    in_order,
    instance,
    item,
    nested,
    part10,
    read_file,
    value,
    values,
)
from support.data.profiles import BUILTIN, builtin, profile

KEY = Key(bytes(range(32)))
SEQUENCE = 0x00081115  # descended into by every profile here
SAFE = profile(options=["Retain Safe Private"])
SHIFTED = profile(
    options=["Retain Safe Private", "Retain Longitudinal Temporal Information with Modified Dates"],
    dates={"mode": "shift", "shift_days": [-30, -30]},
)
# rows of Table E.3.10-1
B_VALUE: Element = (0x0019100C, "IS", b"1000")  # SIEMENS MR HEADER (0019,xx0C)
SIEMENS: Element = (0x00190010, "LO", b"SIEMENS MR HEADER ")
NOT_LISTED: Element = (0x00191015, "LO", b"NAGEL^ANNA")
PHILIPS: Element = (0x20010010, "LO", b"Philips Imaging DD 001")
FACTOR: Element = (0x20011003, "FL", struct.pack("<f", 700))  # (2001,xx03)
SEQUENCE_END = header(0xFFFEE0DD, "", 0, explicit=False)


def run(content: DataSet | bytes, used: CompiledProfile = SAFE, form: Form = EXPLICIT) -> DataSet:
    data = content if isinstance(content, bytes) else part10(instance(*content), form)
    return read_file(bytes(deidentify(data, used, KEY)))


def group(found: DataSet, number: int) -> DataSet:
    return [each for each in found if each[0] >> 16 == number]


@pytest.mark.parametrize("name", BUILTIN)
@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("depth", [0, 2])
def test_unlisted_private_elements_are_removed_with_their_creator(name: str, form: Form, depth: int) -> None:
    unlisted: DataSet = [(0x00110010, "LO", b"SOMEBODY INC"), (0x00111001, "LO", b"NAGEL^ANNA")]
    content = [*nested(depth, unlisted, SEQUENCE), (0x00280010, "US", b"\2\0")]
    output = bytes(deidentify(part10(instance(*content), form), builtin(name), KEY))
    assert b"SOMEBODY" not in output
    assert b"NAGEL" not in output


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("depth", [0, 1, 2])
def test_safe_private_elements_stay_with_their_creator_and_without_their_neighbours(
    form: Form, depth: int
) -> None:
    content = nested(depth, [SIEMENS, B_VALUE, NOT_LISTED, PHILIPS, FACTOR], SEQUENCE)
    found = run(content, SAFE, form)
    path = (SEQUENCE,) * depth
    assert value(found, *path, 0x00190010).strip() == b"SIEMENS MR HEADER"
    assert value(found, *path, 0x0019100C) == b"1000"
    assert values(found, *path, 0x00191015) == []
    assert value(found, *path, 0x20011003) == struct.pack("<f", 700)


@pytest.mark.parametrize("form", [EXPLICIT, IMPLICIT], ids=str)
@pytest.mark.parametrize("block", [0x10, 0x11, 0x7F, 0xFF])
def test_private_elements_are_identified_by_creator_not_by_block(form: Form, block: int) -> None:
    moved: DataSet = [
        (0x00190000 | block, "LO", b"SIEMENS MR HEADER "),
        (0x00190000 | block << 8 | 0x0C, "IS", b"1000"),
        (0x00190000 | block << 8 | 0x15, "LO", b"NAGEL^ANNA"),
    ]
    found = group(run(moved, SAFE, form), 0x0019)
    assert [tag for tag, _, _ in found] == [moved[0][0], moved[1][0]]


def test_an_element_of_the_same_number_of_another_creator_is_removed() -> None:
    found = run([(0x00190010, "LO", b"SOMEBODY INC"), B_VALUE])
    assert group(found, 0x0019) == []


def test_an_element_without_a_creator_is_removed() -> None:
    assert group(run([B_VALUE]), 0x0019) == []


def test_a_creator_without_kept_elements_is_removed() -> None:
    assert group(run([SIEMENS, NOT_LISTED]), 0x0019) == []


def test_a_block_reserved_outside_an_item_is_not_reserved_inside_it() -> None:
    found = run([SIEMENS, B_VALUE, (SEQUENCE, "SQ", [[B_VALUE], [SIEMENS, B_VALUE]])])
    first, second = value(found, SEQUENCE)
    assert group(first, 0x0019) == []
    assert len(group(second, 0x0019)) == 2


def test_two_creators_share_a_group() -> None:
    both: DataSet = [
        SIEMENS,
        (0x00190011, "LO", b"SOMEBODY INC"),
        B_VALUE,
        (0x0019110C, "IS", b"4711"),
    ]
    assert [tag for tag, _, _ in group(run(both), 0x0019)] == [0x00190010, 0x0019100C]


@pytest.mark.parametrize("padding", [b"", b" ", b"\0", b"   "])
def test_a_creators_padding_does_not_matter(padding: bytes) -> None:
    found = run([(0x00190010, "LO", b"SIEMENS MR HEADER" + padding), B_VALUE])
    assert value(found, 0x0019100C) == b"1000"


def test_values_written_as_un_are_read_by_the_tables_vr() -> None:
    found = run([SIEMENS, (0x0019100C, "UN", b"1000"), (0x00191015, "UN", b"NAGEL^ANNA")])
    assert value(found, 0x0019100C) == b"1000"
    assert values(found, 0x00191015) == []


def test_an_invalid_number_is_removed_with_its_creator() -> None:
    for vr in ("IS", "UN"):
        assert group(run([SIEMENS, (0x0019100C, vr, b"NAGEL^")]), 0x0019) == []


# kept elements follow the rules of their VR

OURS = [
    '(0019,xx21) "SHOP"',
    '(0019,xx22) "SHOP"',
    '(0019,xx23) "SHOP"',
    '(0019,xx24) "SHOP"',
    '(0019,xx25) "SHOP"',
    '(0019,xx26) "SHOP"',
    '(0019,xx27) "SHOP"',
]
SHOP: DataSet = [
    (0x00190010, "LO", b"SHOP"),
    (0x00191021, "LO", b"CHEST ANDERSSON"),
    (0x00191022, "DA", b"20240315"),
    (0x00191023, "UI", b"1.2.826.0.1.3680043.10.1.2"),
    (0x00191024, "PN", b"NAGEL^ANNA"),
    (0x00191025, "CS", b"ANDERSSON"),
    (0x00191026, "OB", b"\1\2\3\4"),
    (0x00191027, "UR", b"https://example.org/ANDERSSON"),
]


def test_kept_private_elements_follow_the_rules_of_their_vr() -> None:
    used = profile(
        options=["Retain Safe Private", "Retain Longitudinal Temporal Information with Modified Dates"],
        dates={"mode": "shift", "shift_days": [-30, -30]},
        private_safe=OURS,
    )
    found = run(SHOP, used)
    assert value(found, 0x00191021).strip() == b"CHEST"
    assert value(found, 0x00191022) == b"20240214"
    assert value(found, 0x00191023) == value(found, 0x0020000D)
    assert value(found, 0x00191024).strip() == b"REMOVED"
    assert values(found, 0x00191025) == []
    assert value(found, 0x00191026) == b"\1\2\3\4"
    assert values(found, 0x00191027) == []


def test_dates_in_kept_private_elements_are_removed_where_dates_are() -> None:
    assert values(run(SHOP, profile(options=["Retain Safe Private"], private_safe=OURS)), 0x00191022) == []
    options = ["Retain Safe Private", "Retain Longitudinal Temporal Information with Full Dates"]
    assert value(run(SHOP, profile(options=options, private_safe=OURS)), 0x00191022) == b"20240315"


def test_retained_uids_stay_in_kept_private_elements_too() -> None:
    used = profile(options=["Retain Safe Private", "Retain UIDs"], private_safe=OURS)
    found = run(SHOP, used)
    assert value(found, 0x00191023).rstrip(b"\0") == b"1.2.826.0.1.3680043.10.1.2"


# sequences: (2001,xx5F) "Philips Imaging DD 001", Stack Sequence

STACK = 0x2001105F
STACK_CONTENT: DataSet = [
    (0x00100010, "PN", b"NAGEL^ANNA"),
    (0x00280010, "US", b"\7\0"),
    (0x20010010, "LO", b"Philips Imaging DD 001"),
    (0x20011003, "FL", struct.pack("<f", 700)),
    (0x20011063, "CS", b"ANDERSSON "),
]


def inside(found: DataSet) -> DataSet:
    items: list[DataSet] = value(found, STACK)
    assert isinstance(items, list)
    return items[0]


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_the_rules_apply_to_items_of_a_kept_private_sequence(form: Form) -> None:
    data = part10(instance(PHILIPS, (STACK, "SQ", [STACK_CONTENT, STACK_CONTENT])), form)
    output = bytes(deidentify(data, SAFE, KEY))
    assert b"NAGEL" not in output
    assert b"ANDERSSON" not in output
    assert output.count(struct.pack("<f", 700)) == 2
    assert output.count(b"Philips Imaging DD 001") == 3


def unknown(length_known: bool, form: Form = IMPLICIT) -> bytes:
    """Return the stack sequence as UN, which holds implicit VR (PS3.5 section 6.2.2)."""
    items = item(STACK_CONTENT, form) + item(STACK_CONTENT, form)
    if length_known:
        return header(STACK, "UN", len(items)) + items
    return header(STACK, "UN", UNDEFINED) + items + SEQUENCE_END


@pytest.mark.parametrize("length_known", [True, False])
@pytest.mark.parametrize("form", [IMPLICIT, Form(explicit=False, open_items=True)], ids=str)
def test_the_rules_apply_to_items_of_a_kept_private_sequence_in_un(length_known: bool, form: Form) -> None:
    body = encode(in_order([*instance(), PHILIPS])) + unknown(length_known, form)
    output = bytes(deidentify(part10(body), SAFE, KEY))
    assert b"NAGEL" not in output
    assert b"ANDERSSON" not in output
    assert output.count(struct.pack("<f", 700)) == 2
    at = output.index(struct.pack("<HH", STACK >> 16, STACK & 0xFFFF) + b"UN")
    (length,) = struct.unpack_from("<I", output, at + 8)
    assert length in (UNDEFINED, len(output) - at - 12)


def test_a_kept_private_sequence_with_invalid_items_is_removed() -> None:
    body = encode(in_order([*instance(), PHILIPS])) + element(STACK, "UN", b"NAGEL^ANNA^NAGEL^ANNA")
    assert group(read_file(bytes(deidentify(part10(body), SAFE, KEY))), 0x2001) == []


def test_an_unlisted_private_sequence_is_removed_whole() -> None:
    output = bytes(
        deidentify(
            part10(
                instance(
                    (0x00110010, "LO", b"SOMEBODY INC"), (0x00111001, "SQ", [STACK_CONTENT, STACK_CONTENT])
                )
            ),
            SAFE,
            KEY,
        )
    )
    assert b"NAGEL" not in output
    assert struct.pack("<f", 700) not in output


def test_names_inside_removed_private_sequences_are_recognized() -> None:
    """The manufacturer of this device is a person whom only a private sequence names."""
    content: DataSet = [
        (0x00080070, "LO", b"NAGEL LTD "),
        (0x00110010, "LO", b"SOMEBODY INC"),
        (0x00111001, "SQ", [STACK_CONTENT]),
    ]
    assert b"NAGEL" not in bytes(deidentify(part10(instance(*content)), builtin("basic"), KEY))


# explicit rules for private elements


def test_an_explicit_rule_keeps_a_private_element_by_creator() -> None:
    used = profile(attributes=[{"attribute": '(0019,xx15) "SIEMENS MR HEADER"', "action": "K"}])
    found = run([SIEMENS, B_VALUE, NOT_LISTED], used)
    assert [tag for tag, _, _ in group(found, 0x0019)] == [0x00190010, 0x00191015]


def test_an_explicit_rule_removes_a_safe_private_element() -> None:
    used = profile(
        options=["Retain Safe Private"],
        attributes=[{"attribute": '(0019,xx0C) "SIEMENS MR HEADER"', "action": "X"}],
    )
    assert group(run([SIEMENS, B_VALUE], used), 0x0019) == []


def test_an_explicit_rule_cleans_a_private_text() -> None:
    used = profile(attributes=[{"attribute": '(0019,xx21) "SHOP"', "action": "C"}])
    assert value(run(SHOP, used), 0x00191021).strip() == b"CHEST"


def test_a_condition_decides_over_a_private_element() -> None:
    when = [{"attribute": "Modality", "equals": "MR"}]
    used = profile(attributes=[{"attribute": '(0019,xx15) "SIEMENS MR HEADER"', "action": "K", "when": when}])
    assert group(run([SIEMENS, NOT_LISTED], used), 0x0019) == []
    found = run([(0x00080060, "CS", b"MR"), SIEMENS, NOT_LISTED], used)
    assert value(found, 0x00191015) == b"NAGEL^ANNA"


@pytest.mark.parametrize("form", [EXPLICIT, IMPLICIT], ids=str)
@pytest.mark.parametrize("tag", [0x7FD10010, 0x60010010, 0x50030010])
def test_a_private_group_beside_repeating_ones_is_private(tag: int, form: Form) -> None:
    """(7FD1,0010) resembles (7Fxx,0010), which the dictionary defines for even groups alone."""
    creator = "SIEMENS Ultrasound SC2000" if tag >> 16 == 0x7FD1 else "SHOP"
    content: DataSet = [(tag, "LO", creator), (tag & 0xFFFF0000 | 0x1001, "OB", b"\1\2\3\4")]
    kept = [each for each, _, _ in group(run(content, SAFE, form), tag >> 16)]
    assert kept == ([tag, 0x7FD11001] if tag >> 16 == 0x7FD1 else [])
