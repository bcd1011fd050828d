"""Private sequences that no VR marks as such: parsed by their creator's row, and checked item by item."""

from __future__ import annotations

import struct

import pytest

from orthanc_deid import deidentify
from support.data.datasets import (
    EXPLICIT,
    IMPLICIT,
    DataSet,
    Element,
    Form,
    element,
    encode,
    header,
    in_order,
    instance,
    item,
    part10,
)
from support.data.many_frames import KEY, RESEARCH, findings

STACK = 0x2001105F  # Table E.3.10-1: (2001,xx5F) "Philips Imaging DD 001", Stack Sequence
NESTING = 0x00081115
CREATOR: Element = (0x20010010, "LO", b"Philips Imaging DD 001")
NAME: Element = (0x00100010, "PN", b"NAGEL^ANNA")
UNLISTED: Element = (0x20011063, "CS", b"ANDERSSON ")
CONTENT: DataSet = [
    (0x00081070, "PN", b"TARN^INES^M "),
    NAME,
    (0x00280010, "US", b"\7\0"),
    CREATOR,
    (0x20011003, "FL", struct.pack("<f", 700)),
    UNLISTED,
]
FEW, LONG = 2, 200  # items; the value of the long one is not loaded at once
WRITTEN = pytest.mark.parametrize("form", [EXPLICIT, IMPLICIT], ids=["UN", "implicit VR"])
COUNTS = pytest.mark.parametrize("count", [FEW, LONG])


def private(value: bytes, form: Form) -> bytes:
    """Return the creator and the sequence with this value, of defined length: of VR UN, or without VR."""
    return encode([CREATOR], form) + header(STACK, "UN", len(value), explicit=form.explicit) + value


def original(value: bytes, form: Form) -> bytes:
    return part10(encode(instance(), form) + private(value, form), form)


def items(count: int, content: DataSet = CONTENT) -> bytes:
    """Return items, in implicit VR as a value of UN holds them (PS3.5 section 6.2.2)."""
    return item(content, IMPLICIT) * count


def made(file: bytes) -> bytes:
    return bytes(deidentify(file, RESEARCH, KEY))


def with_value(output: bytes, value: bytes, form: Form) -> bytes:
    """Return the output with another value of the sequence, which is its last element."""
    start = output.index(encode([CREATOR], form))
    return output[:start] + private(value, form)


@WRITTEN
@COUNTS
def test_a_kept_private_sequence_that_no_vr_marks_is_accepted(count: int, form: Form) -> None:
    source = original(items(count), form)
    output = made(source)
    assert output.count(b"\0\0/D") == count, "the listed number is kept in each item"
    assert findings(source, output, RESEARCH) == ()


@WRITTEN
@COUNTS
def test_a_value_left_inside_such_a_sequence_is_found(count: int, form: Form) -> None:
    """The last of the items has the original's values: a name, an operator, an element that no table lists."""
    source = original(items(count), form)
    output = made(source)
    good = output[output.index(encode([CREATOR], form)) + len(private(b"", form)) :]
    kept = good[: len(good) // count * (count - 1)]
    last = f"(2001,105F)[{count - 1}]"
    found = findings(source, with_value(output, kept + items(1), form), RESEARCH)
    assert f"Basic Profile: no empty value {last}.(0010,0010)" in found
    assert f"Basic Profile: no dummy value {last}.(0008,1070)" in found
    assert any(f"person found {last}.(2001,1063)" in line for line in found)
    assert all(last in line for line in found)
    shorter = findings(source, with_value(output, kept, form), RESEARCH)
    assert any("sequence items: number changed (2001,105F)" in line for line in shorter)


@WRITTEN
@pytest.mark.parametrize("value", [b"NAGEL^ANNA^NAGEL^ANNA ", items(1)[:-2]], ids=["text", "cut"])
def test_a_value_that_holds_no_items_must_be_gone(value: bytes, form: Form) -> None:
    source = original(value, form)
    output = made(source)
    assert findings(source, output, RESEARCH) == ()
    left = findings(source, output + private(value, form), RESEARCH)
    assert "Retain Safe Private Option: not removed (2001,105F)" in left


@WRITTEN
def test_an_output_that_holds_no_items_where_the_original_does_is_found(form: Form) -> None:
    source = original(items(FEW), form)
    output = made(source)
    found = findings(source, with_value(output, b"NAGEL^ANNA^NAGEL^ANNA ", form), RESEARCH)
    assert any("sequence missing where descended into is due (2001,105F)" in line for line in found)
    without = output[: output.index(encode([CREATOR], form))]
    assert any("(2001,105F)" in line for line in findings(source, without, RESEARCH))


@WRITTEN
def test_a_name_that_such_a_sequence_alone_says_is_searched_for_everywhere(form: Form) -> None:
    """The description of the output names an operator whom only the private sequence knows."""
    description = (0x0008103E, "LO", b"INES CHEST")
    body = in_order([*instance(), description])
    source = part10(encode(body, form) + private(items(FEW), form), form)
    output = made(source)
    assert b"INES" not in output
    assert findings(source, output, RESEARCH) == ()
    cleaned, named = (element(0x0008103E, "LO", text, form) for text in (b"CHEST", b"INES CHEST"))
    assert output.count(cleaned) == 1
    found = findings(source, output.replace(cleaned, named), RESEARCH)
    assert any("person found (0008,103E)" in line for line in found)


@WRITTEN
def test_a_sequence_in_an_item_is_known_by_the_creator_of_that_item(form: Form) -> None:
    inner = private(items(FEW), form)
    outer = header(0xFFFEE000, "", len(inner), explicit=False) + inner
    sequence = header(NESTING, "SQ", len(outer), explicit=form.explicit) + outer
    before = [each for each in instance() if each[0] < NESTING]
    after = [each for each in instance() if each[0] > NESTING]
    source = part10(encode(before, form) + sequence + encode(after, form), form)
    output = made(source)
    assert findings(source, output, RESEARCH) == ()
    wrong = output.replace(b"Philips Imaging DD 001", b"PHILIPS IMAGING DD 001")
    found = findings(source, wrong, RESEARCH)
    assert any("(0008,1115)[0].(2001,0010)" in line for line in found)
