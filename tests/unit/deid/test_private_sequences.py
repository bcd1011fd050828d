"""Private sequences: safe elements in them stay, at any depth and in any encoding, and nothing else does."""

from __future__ import annotations

import struct

import pytest

from orthanc_deid import CompiledProfile, Key, deidentify
from orthanc_deid.verify.verifier import Verifier
from support.data.datasets import (
    EXPLICIT,
    FORMS,
    IMPLICIT,
    DataSet,
    Element,
    Form,
    encode,
    header,
    in_order,
    instance,
    item,
    part10,
    read_file,
    value,
    values,
)
from support.data.profiles import builtin, profile

KEY = Key(bytes(range(32)))
SLOPE = struct.pack("<f", 0.00125)
FRAME = 0x2005140F
"""A sequence of Philips MR Imaging DD 005 that no list names; it holds a frame's private elements."""

FRAME_CREATOR: Element = (0x20050014, "LO", b"Philips MR Imaging DD 005")
SCALED: DataSet = [
    (0x00100010, "PN", b"NAGEL^ANNA"),
    (0x00181030, "LO", b"KNEE FOR NAGEL"),
    (0x00280010, "US", b"\7\0"),
    (0x20050010, "LO", b"Philips MR Imaging DD 001"),
    (0x20051003, "LO", b"NAGEL WAS HERE"),
    (0x2005100E, "FL", SLOPE),
]
UNSAFE: DataSet = [(0x00100010, "PN", b"NAGEL^ANNA"), (0x00280010, "US", b"\7\0")]


def run(content: DataSet | bytes, used: CompiledProfile, form: Form = EXPLICIT) -> tuple[bytes, DataSet]:
    """Return the result, which the verifier accepts in both depths, and its data set."""
    data = content if isinstance(content, bytes) else part10(instance(*content), form)
    result = deidentify(data, used, KEY)
    Verifier(used.profile, KEY, "full").check(data, result.output)
    Verifier(used.profile, KEY, "fast").check(data, result.output)
    return bytes(result), read_file(bytes(result))


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_a_sequence_that_holds_a_safe_element_stays_with_that_element_alone(form: Form) -> None:
    output, _ = run([FRAME_CREATOR, (FRAME, "SQ", [SCALED, SCALED])], builtin("research"), form)
    assert output.count(SLOPE) == 2
    assert output.count(b"Philips MR Imaging DD 001") == 2
    assert b"Philips MR Imaging DD 005" in output
    assert b"NAGEL" not in output
    assert b"KNEE" not in output


def test_an_item_without_a_safe_element_stays_so_that_items_can_be_counted() -> None:
    _, found = run([FRAME_CREATOR, (FRAME, "SQ", [UNSAFE, SCALED])], builtin("research"))
    first, second = value(found, FRAME)
    assert first == []
    assert [tag for tag, _, _ in second] == [0x20050010, 0x2005100E]


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_a_sequence_in_which_nothing_safe_stays_goes_with_its_creator(form: Form) -> None:
    output, _ = run([FRAME_CREATOR, (FRAME, "SQ", [UNSAFE])], builtin("research"), form)
    assert b"Philips" not in output
    assert b"NAGEL" not in output


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_safe_elements_are_found_in_private_sequences_inside_private_sequences(form: Form) -> None:
    inner: DataSet = [*UNSAFE, FRAME_CREATOR, (FRAME, "SQ", [SCALED])]
    middle: DataSet = [(0x20050015, "LO", b"Philips MR Imaging DD 006"), (0x20051502, "SQ", [inner])]
    functional: DataSet = [FRAME_CREATOR, (FRAME, "SQ", [middle])]
    output, _ = run([(0x52009230, "SQ", [functional])], builtin("research"), form)
    assert output.count(SLOPE) == 1
    assert b"NAGEL" not in output


def test_a_standard_sequence_inside_a_private_one_goes_with_all_that_it_holds() -> None:
    inner: DataSet = [(0x00081140, "SQ", [SCALED]), *SCALED[-3:]]
    output, _ = run([FRAME_CREATOR, (FRAME, "SQ", [inner])], builtin("research"))
    assert output.count(SLOPE) == 1


def test_a_sequence_of_an_unknown_creator_goes_since_its_creator_would_stay() -> None:
    content: DataSet = [(0x00110010, "LO", b"NAGEL UND SOHN"), (0x00111001, "SQ", [SCALED])]
    output, _ = run(content, builtin("research"))
    assert SLOPE not in output
    assert b"NAGEL" not in output


def test_a_creator_that_the_profile_names_may_hold_safe_elements() -> None:
    used = profile(options=["Retain Safe Private"], private_safe=['(0011,xx02) "SHOP"'])
    output, _ = run([(0x00110010, "LO", b"SHOP"), (0x00111001, "SQ", [SCALED])], used)
    assert SLOPE in output


@pytest.mark.parametrize("name", ["basic", "neutral"])
def test_other_profiles_remove_private_sequences(name: str) -> None:
    output, _ = run([FRAME_CREATOR, (FRAME, "SQ", [SCALED])], builtin(name))
    assert SLOPE not in output


def nested_unread(depth: int) -> bytes:
    """Return the frame sequence, without VR, inside itself `depth` times; the innermost item is SCALED."""
    content = encode(in_order(SCALED), IMPLICIT)
    for _ in range(depth):
        items = header(0xFFFEE000, "", len(content), explicit=False) + content
        content = encode([FRAME_CREATOR], IMPLICIT) + header(FRAME, "", len(items), explicit=False) + items
    return content


@pytest.mark.parametrize(("depth", "stays"), [(1, True), (40, True), (64, True), (65, False), (400, False)])
def test_sequences_without_vr_are_read_to_a_depth_of_64(depth: int, stays: bool) -> None:
    body = encode(in_order([*instance()]), IMPLICIT)
    data = part10(body + nested_unread(depth), IMPLICIT)
    output, _ = run(data, builtin("research"))
    assert (SLOPE in output) is stays
    assert b"NAGEL" not in output


def test_a_value_that_only_begins_like_items_is_no_sequence() -> None:
    items = item(SCALED, IMPLICIT)
    for broken in (items[:-2], items + b"NAGEL^", items + items[:12]):
        _, found = run([FRAME_CREATOR, (FRAME, "UN", broken)], builtin("research"))
        assert values(found, FRAME) == []


def test_names_in_private_sequences_without_vr_are_recognized_elsewhere() -> None:
    """The manufacturer of this device is a person whom only a private sequence names."""
    content: DataSet = [
        (0x00080070, "LO", b"NAGEL LTD "),
        FRAME_CREATOR,
        (FRAME, "UN", item(SCALED, IMPLICIT)),
    ]
    output, _ = run(content, builtin("research"))
    assert b"NAGEL" not in output
    assert SLOPE in output


def test_a_rule_of_the_site_by_a_path_through_a_private_sequence_holds_in_it() -> None:
    path = '(2005,xx0F) "Philips MR Imaging DD 005"/(2005,xx0E) "Philips MR Imaging DD 001"'
    used = profile(options=["Retain Safe Private"], attributes=[{"attribute": path, "action": "X"}])
    output, _ = run([FRAME_CREATOR, (FRAME, "SQ", [SCALED]), *SCALED[3:]], used)
    assert output.count(SLOPE) == 1
