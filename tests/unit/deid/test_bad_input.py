"""Malformed input is refused with the rule and the tag, or corrected; no message contains a value."""

from __future__ import annotations

import io
import struct
import traceback
import warnings
import zlib

import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orthanc_deid import Key, deidentify
from orthanc_deid.errors import NotDicomError, RefusedError
from support.data.datasets import (
    EXPLICIT,
    FORMS,
    IMPLICIT,
    REQUEST_ATTRIBUTES,
    UNDEFINED,
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
PLANTED = ("ANDERSSON", "BRITTA", "PID-48151", "19610407", "1.2.826.0.1.3680043.10.1")
KEPT_SEQUENCE = 0x00081115
IMAGE: Element = (0x00280010, "US", b"\2\0")
SEQUENCE_END = header(0xFFFEE0DD, "", 0, explicit=False)
ITEM_END = header(0xFFFEE00D, "", 0, explicit=False)


def refused(data: bytes, name: str = "basic") -> RefusedError:
    """Return the refusal; its message, arguments and traceback do not name the patient."""
    with pytest.raises(RefusedError) as caught:
        deidentify(data, builtin(name), KEY)
    error = caught.value
    shown = f"{error} {error!r} {error.args} {error.rule} {error.where}"
    shown += "".join(traceback.format_exception_only(error))
    before = error.__context__
    while before is not None:  # a log also shows the errors that led to it
        shown += f"{before!r} {before.args}"
        before = before.__context__
    assert not any(word in shown for word in PLANTED)
    return error


def nest(depth: int, form: Form) -> bytes:
    data = encode([(0x00100010, "PN", "ANDERSSON^BRITTA")], form)
    for _ in range(depth):
        inner = header(0xFFFEE000, "", UNDEFINED, explicit=False) + data + ITEM_END
        data = header(0x0040A730, "SQ", UNDEFINED, explicit=form.explicit) + inner + SEQUENCE_END
    return encode(instance(), form) + data


def long_of(tag: int, length: int) -> bytes:
    return header(tag, "UT", length) + b"ANDERSSON"


SEQUENCE = element(REQUEST_ATTRIBUTES, "SQ", [instance()])
BAD: dict[str, bytes] = {
    "nothing": b"",
    "a text file": b"ANDERSSON^BRITTA PID-48151 born 19610407\n" * 30,
    "a preamble and nothing else": bytes(128) + b"DICM",
    "file meta and nothing else": part10(b""),
    "cut off in a value": part10(instance())[:-5],
    "cut off in a header": part10(instance()) + b"\x28\0\x10",
    "a length past the end": part10(encode(instance()) + long_of(0x00420010, 4000)),
    "a length near 4 GiB": part10(encode(instance()) + long_of(0x00420010, UNDEFINED - 1)),
    "a short length past the end": part10(encode(instance()) + header(0x00400254, "LO", 4000) + b"ANDERSSON"),
    "a sequence past the end": part10(
        encode(instance()) + SEQUENCE[:8] + struct.pack("<I", 9000) + SEQUENCE[12:]
    ),
    "an element past its item": part10(encode(instance()) + SEQUENCE[:-30] + b"\x28" + SEQUENCE[-29:]),
    "an item past everything": part10(
        encode(instance())
        + header(REQUEST_ATTRIBUTES, "SQ", UNDEFINED)
        + SEQUENCE[12:16]
        + b"\xff\xff\0\0"
        + SEQUENCE[20:]
    ),
    "a sequence that never ends": part10(
        encode(instance()) + header(REQUEST_ATTRIBUTES, "SQ", UNDEFINED) + item(instance())[:-5]
    ),
    "pixel data cut off": part10(encode(instance()) + header(0x7FE00010, "OW", 4000) + b"ANDERSSON" * 9),
    "fragments cut off": part10(
        encode(instance()) + header(0x7FE00010, "OB", UNDEFINED) + header(0xFFFEE000, "", 900, explicit=False)
    ),
    "fragments that are none": part10(
        encode(instance()) + header(0x7FE00010, "OB", UNDEFINED) + element(0x00100010, "PN", "ANDERSSON")
    ),
    "3,000 sequences": part10(nest(3000, EXPLICIT)),
    "3,000 sequences in implicit VR": part10(nest(3000, IMPLICIT), IMPLICIT),
    "65 sequences": part10(nest(65, EXPLICIT)),
    "a tag twice": part10([*instance(), (0x0020000E, "UI", "1.2.826.0.1.3680043.10.1.99")]),
    "a tag twice and apart": part10([*instance(IMAGE), (0x00100010, "PN", "ANDERSSON^B")]),
    "a tag twice in an item": part10(
        instance((KEPT_SEQUENCE, "SQ", [[(0x00104000, "LT", "ANDERSSON"), (0x00104000, "LT", "x ")]]))
    ),
    "no SOP class": encode([each for each in instance((0x00080060, "CS", "US")) if each[0] != 0x00080016]),
    "an attribute of Type 1 with another VR": part10(instance((0x00080060, "OW", b"ANDERSSON "))),
    "random bytes after the header": part10(encode(instance()) + b"\xff" * 64),
    "text after the last element": part10(encode(instance()) + b"ANDERSSON" * 4),
    "deflated and cut off": part10(
        zlib.compress(encode(instance()))[2:-8], transfer_syntax="1.2.840.10008.1.2.1.99"
    ),
}


@pytest.mark.parametrize("name", BUILTIN)
@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_bad_input_is_refused_and_the_message_holds_no_value(data: bytes, name: str) -> None:
    refused(data, name)


def test_the_refusal_names_rule_and_tag() -> None:
    assert str(refused(BAD["a length past the end"])) == "length past the end: (0042,0010)"
    assert str(refused(BAD["a tag twice"])) == "element stands twice: (0020,000E)"
    assert str(refused(BAD["a tag twice in an item"])) == "element stands twice: (0010,4000)"
    no_class = "no SOP Class UID, and none follows from Modality: (0008,0016)"
    assert str(refused(BAD["no SOP class"])) == no_class
    assert refused(BAD["3,000 sequences"]).rule == "nesting deeper than 64"
    assert isinstance(refused(BAD["a text file"]), NotDicomError)


# corrected


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("zeros", [1, 2, 8, 4096])
def test_zeros_behind_the_last_element_are_dropped(form: Form, zeros: int) -> None:
    plain, padded = part10(instance(IMAGE), form), part10(instance(IMAGE), form) + bytes(zeros)
    assert bytes(deidentify(padded, builtin("basic"), KEY)) == bytes(deidentify(plain, builtin("basic"), KEY))


def test_data_set_trailing_padding_group_lengths_and_length_to_end_are_dropped() -> None:
    data = instance(
        (0x00080000, "UL", struct.pack("<I", 500)),
        (0x00080001, "UL", struct.pack("<I", 900)),
        (0x00100000, "UL", struct.pack("<I", 500)),
        (0x7FE00000, "UL", struct.pack("<I", 500)),
        (0xFFFCFFFC, "OB", b"ANDERSSON "),
    )
    assert bytes(deidentify(part10(data), builtin("basic"), KEY)) == bytes(
        deidentify(part10(instance()), builtin("basic"), KEY)
    )


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_elements_out_of_order_come_out_in_order(form: Form) -> None:
    content = [(0x00080031, "TM", "101500"), IMAGE]
    shuffled = [*reversed(instance()), *content]
    output = bytes(deidentify(part10(shuffled, form), builtin("neutral"), KEY))
    assert output == bytes(deidentify(part10(in_order(shuffled), form), builtin("neutral"), KEY))


@pytest.mark.parametrize("length", [1, 3, 7])
@pytest.mark.parametrize("name", BUILTIN[:3])
def test_odd_lengths_are_read(length: int, name: str) -> None:
    odd = header(0x00080070, "LO", length) + b"CORPORATION"[:length]
    data = element(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.2") + odd.join([b"", b""])
    rest = [each for each in instance() if each[0] > 0x00080016]
    before = [each for each in rest if each[0] < 0x00080070]
    after = [each for each in rest if each[0] > 0x00080070]
    data = data[: -len(odd)] + encode(before) + odd + encode(after)
    output = read_file(bytes(deidentify(part10(data), builtin(name), KEY)))
    assert value(output, 0x00080070).strip() == b"CORPORATION"[:length]
    assert b"ANDERSSON" not in bytes(deidentify(part10(data), builtin(name), KEY))


WRONG_VRS: dict[str, Element] = {
    "a name in a number": (0x00280002, "LO", "ANDERSSON"),
    "a text where a date must be": (0x00080022, "LT", "ANDERSSON"),
    "bytes where a text must be": (0x00080070, "OB", "ANDERSSON"),
    "a number where a text must be": (0x00080070, "FD", b"ANDERSSO"),
    "a text where a UID must be": (0x00200052, "LO", "ANDERSSON"),
    "a text where a sequence must be": (KEPT_SEQUENCE, "LO", "ANDERSSON"),
    "a name where a number string must be": (0x00180050, "PN", "ANDERSSON"),
    "a text in a number string": (0x00180050, "DS", "ANDERSSON"),
    "a sequence where a text must be": (0x00081090, "SQ", [[(0x00100010, "PN", "ANDERSSON")]]),
    "unknown": (0x00080070, "UN", "ANDERSSON"),
    "a date that is none": (0x00080022, "DA", "ANDERSSON"),
    "an age that is none": (0x00101010, "AS", "ANDERSSON"),
    "a code that is none": (0x00180015, "CS", "ANDERSSON"),
}


@pytest.mark.parametrize("extra", WRONG_VRS.values(), ids=WRONG_VRS)
@pytest.mark.parametrize("name", BUILTIN)
@pytest.mark.parametrize("depth", [0, 2])
def test_values_of_the_wrong_kind_are_never_passed_through(extra: Element, name: str, depth: int) -> None:
    data = part10(instance(IMAGE, *nested(depth, [extra], KEPT_SEQUENCE)))
    try:
        output = bytes(deidentify(data, builtin(name), KEY))
    except RefusedError:
        refused(data, name)
        return
    assert b"ANDERSSO" not in output


@pytest.mark.parametrize(
    "date",
    ["00000000", "20240230", "20241301", "2024-03-15", "15.03.2024", "19610407?", "ANDERSSON", "9" * 40],
)
@pytest.mark.parametrize("name", ["neutral", "research"])
def test_impossible_dates_are_replaced(date: str, name: str) -> None:
    output = read_file(bytes(deidentify(part10(instance((0x00080022, "DA", date))), builtin(name), KEY)))
    found = value(output, 0x00080022).strip()
    assert found != date.encode()
    assert found in (b"", b"20000101") or found.isdigit()


@pytest.mark.parametrize("name", BUILTIN)
def test_a_text_of_ten_megabytes_is_checked_in_time(name: str) -> None:
    text = b"CHEST PA ANDERSSON " * (10 << 20 >> 4)
    data = part10(instance(IMAGE, (0x0040A160, "UT", text)))
    output = bytes(deidentify(data, builtin(name), KEY))
    assert b"ANDERSSON" not in output


def test_items_that_refer_to_themselves_are_only_items() -> None:
    """Cycles cannot be encoded: an instance that refers to itself refers to its new UID in the result."""
    own = (0x00081155, "UI", "1.2.826.0.1.3680043.10.1.1")
    output = read_file(
        bytes(deidentify(part10(instance((KEPT_SEQUENCE, "SQ", [[own]]))), builtin("basic"), KEY))
    )
    assert values(output, KEPT_SEQUENCE, 0x00081155) == [value(output, 0x00080018)]


@pytest.mark.parametrize("depth", [1, 10, 60])
def test_deep_but_allowed_nesting_is_processed_to_the_last_level(depth: int) -> None:
    for form in FORMS:
        data = part10(instance(*nested(depth, [(0x00100010, "PN", "NAGEL^ANNA"), IMAGE], 0x00081199)), form)
        output = bytes(deidentify(data, builtin("basic"), KEY))
        assert b"NAGEL" not in output
        assert value(read_file(output), *[0x00081199] * depth, 0x00280010) == b"\2\0"


# anything at all

_bytes = st.binary(max_size=60)
NAMED_IN_TEXTS = instance(IMAGE, (KEPT_SEQUENCE, "SQ", [[(0x00080070, "LO", "ANDERSSON PID-48151")]]))


def patient_of(data: bytes) -> set[bytes]:
    """Return the planted words that pydicom still reads in the patient's own attributes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = pydicom.dcmread(io.BytesIO(data), force=True)
            told = f"{found.get('PatientName', '')} {found.get('PatientID', '')}"
        except Exception:  # noqa: BLE001 - pydicom raises many types of errors
            return set()
    return {word.encode() for word in PLANTED if word in told}


@given(junk=_bytes, at=st.integers(0, 400), cut=st.integers(0, 60))
@settings(max_examples=300, deadline=None)
def test_a_damaged_file_is_refused_or_comes_out_without_the_patient(junk: bytes, at: int, cut: int) -> None:
    whole = part10(NAMED_IN_TEXTS)
    place = 132 + at % (len(whole) - 132)
    data = whole[:place] + junk + whole[place + cut :]
    try:
        output = bytes(deidentify(data, builtin("basic"), KEY))
    except RefusedError:
        return
    read_file(output)
    assert {word for word in patient_of(data) if word in output} == set()


def test_the_undamaged_file_comes_out_without_the_patient() -> None:
    whole = part10(NAMED_IN_TEXTS)
    assert patient_of(whole) == {b"ANDERSSON", b"BRITTA", b"PID-48151"}
    assert not any(word in bytes(deidentify(whole, builtin("basic"), KEY)) for word in patient_of(whole))


@given(data=st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_refused_and_nothing_else_happens(data: bytes) -> None:
    for start in (b"", bytes(128) + b"DICM"):
        with pytest.raises(RefusedError):
            deidentify(start + data, builtin("basic"), KEY)


@given(data=st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_bytes_after_a_bare_data_set_are_refused_or_read(data: bytes) -> None:
    """An instance needs no further UIDs, so zeros and whole elements may follow."""
    start = encode(instance()[:2])
    assert PLANTED[-1].encode() in start
    try:
        output = bytes(deidentify(start + data, builtin("basic"), KEY))
    except RefusedError:
        return
    assert value(read_file(output), 0x00080016) == value(read_file(part10(instance())), 0x00080016)
    assert PLANTED[-1].encode() not in output


def test_a_condition_is_not_evaluated_on_a_value_that_is_too_long() -> None:
    when = [{"attribute": "StudyDescription", "matches": ".*CHEST"}]
    used = profile(instances=[{"when": when, "outcome": "admit"}])
    data = part10(instance((0x00081030, "LO", "ANDERSSON" * 40)))
    with pytest.raises(RefusedError, match=r"value too long for the profile's condition: \(0008,1030\)"):
        deidentify(data, used, KEY)
