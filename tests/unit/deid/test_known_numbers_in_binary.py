"""Identifying numbers leave standard numbers in binary; the check agrees, and other numbers stay."""

from __future__ import annotations

import struct

import pytest

from orthanc_deid import CompiledProfile, Key, deidentify
from orthanc_deid.deid.identity_in_numbers import holds_number, may_hold_number
from orthanc_deid.errors import RefusedError
from orthanc_deid.verify.text.known_in_binary import known_in, may_be_known
from orthanc_deid.verify.verifier import Verifier
from support.data.datasets import FORMS, DataSet, Element, Form, instance, part10, read_file, values
from support.data.profiles import builtin

KEY = Key(bytes(range(32)))
KNOWN = 52306917
PATIENT: list[Element] = [
    (0x00080020, "DA", "20190315"),
    (0x00080050, "SH", "7788123"),
    (0x00100020, "LO", str(KNOWN)),
    (0x00100030, "DA", "19610907"),
]
ACQUISITION_DURATION, POINTER = 0x00189073, 0x00280009
CODES = {"UL": "I", "SL": "i", "UV": "Q", "SV": "q", "FL": "f", "FD": "d", "OL": "I", "OV": "Q", "OD": "d"}


def made(form: Form, *elements: Element, name: str = "research") -> DataSet:
    """Return the elements of the result, which the verifier passes at both depths."""
    used: CompiledProfile = builtin(name)
    data = part10(instance(*PATIENT, *elements), form)
    output = deidentify(data, used, KEY).output
    for depth in ("full", "fast"):
        Verifier(used.profile, KEY, depth).check(data, output)
    return read_file(bytes(output))


def number(vr: str, value: float) -> bytes:
    return struct.pack(f"<{CODES[vr]}", value)


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("known", [KNOWN, -KNOWN, 19610907, 7091961, 20190315, 7788123])
def test_ids_and_days_do_not_stay_as_numbers_in_binary(form: Form, known: int) -> None:
    for tag, vr in ((0x00189073, "FD"), (0x0018_9330, "FD"), (0x0018_6018, "UL"), (0x0018_602C, "FD")):
        if known > 0 or vr != "UL":
            assert values(made(form, (tag, vr, number(vr, known))), tag) == []


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_they_leave_items_and_lists_as_well(form: Form) -> None:
    region: list[Element] = [(0x00186018, "UL", number("UL", KNOWN)), (0x0018601A, "UL", number("UL", 7))]
    found = made(form, (0x00186011, "SQ", [region]))
    assert values(found, 0x00186011, 0x00186018) == []


def test_a_day_does_not_stay_as_a_tag() -> None:
    found = made(FORMS[0], (POINTER, "AT", struct.pack("<HH", 0x1961, 0x0907)))
    assert values(found, POINTER) == []


@pytest.mark.parametrize("value", [KNOWN + 1, KNOWN / 10, 6917, 0, 2_000_000])
def test_other_numbers_stay(value: float) -> None:
    raw = number("FD", value)
    assert values(made(FORMS[0], (ACQUISITION_DURATION, "FD", raw)), ACQUISITION_DURATION) == [raw]


@pytest.mark.parametrize("vr", CODES)
def test_both_find_a_number_among_64_and_not_in_a_table(vr: str) -> None:
    known = frozenset({KNOWN, 19610907})
    kinds: dict[float, str] = dict.fromkeys(known, "id")
    for count in (1, 2, 64):
        raw = number(vr, 3) * (count - 1) + number(vr, 19610907)
        assert holds_number(raw, vr, known)
        assert known_in(raw, vr, kinds) == "id"
        assert may_hold_number([raw], known)
        assert may_be_known([raw], kinds)
    table = number(vr, 3) * 64 + number(vr, KNOWN)
    assert not holds_number(table, vr, known)
    assert known_in(table, vr, kinds) is None


def test_an_id_of_forty_digits_is_no_number_in_binary() -> None:
    known = frozenset({10**40 + 7})
    assert not holds_number(number("FL", 1.5), "FL", known)
    assert not may_hold_number([number("FD", 1.5)], known)
    assert known_in(number("FL", 1.5), "FL", {10**40 + 7: "id"}) is None
    assert not may_be_known([number("FD", 1.5)], {10**40 + 7: "id"})


def test_where_the_iod_demands_the_number_the_instance_is_refused() -> None:
    group: list[Element] = [(0x00189321, "SQ", [[(0x00189328, "FD", number("FD", KNOWN))]])]
    content = instance(*PATIENT, (0x52009229, "SQ", [group]), sop_class="1.2.840.10008.5.1.4.1.1.2.1")
    with pytest.raises(RefusedError, match="identifying value in a number that must stay") as caught:
        deidentify(part10(content), builtin("basic"), KEY)
    assert caught.value.where == "(0018,9328)"
