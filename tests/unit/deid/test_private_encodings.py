"""A private element is kept or gone alike in explicit VR, in implicit VR and as UN."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import pytest

from orthanc_deid import CompiledProfile, Key, deidentify
from orthanc_deid.verify.verifier import Verifier
from support.data.datasets import (
    EXPLICIT,
    IMPLICIT,
    DataSet,
    Element,
    Form,
    instance,
    part10,
    read_file,
    values,
)
from support.data.profiles import builtin, profile

KEY = Key(bytes(range(32)))
NUMBER, TEXT, BYTES = 0x00191001, 0x00191002, 0x00191003
GE: Element = (0x00190010, "LO", b"GEMS_ACQU_01")
SHOP: Element = (0x00190010, "LO", b"SHOP")
ENCODINGS: Sequence[tuple[Form, bool]] = ((EXPLICIT, False), (EXPLICIT, True), (IMPLICIT, False))


def kept(element: Element, creator: Element, used: CompiledProfile, *around: Element) -> list[list[bytes]]:
    """Return what is left of the element in explicit VR, as UN and in implicit VR; the verifier accepts each."""
    found = []
    for form, unknown in ENCODINGS:
        tag, vr, value = element
        content: DataSet = [creator, (tag, "UN" if unknown else vr, value), *around]
        data = part10(instance(*content), form)
        result = deidentify(data, used, KEY)
        for depth in ("full", "fast"):
            Verifier(used.profile, KEY, depth).check(data, result.output)
        found.append([each.rstrip(b" \0") for each in values(read_file(bytes(result)), tag)])
    return found


def site(*selectors: str) -> CompiledProfile:
    return profile(options=["Retain Safe Private"], private_safe=list(selectors))


def test_the_vr_of_a_listed_element_is_that_of_the_list() -> None:
    assert kept((0x001910BB, "DS", b"0.5 "), GE, builtin("research")) == [[b"0.5"]] * 3
    assert kept((0x001910BB, "DS", b"NAGEL "), GE, builtin("research")) == [[]] * 3


def test_the_vr_of_a_sites_element_is_that_of_the_private_dictionary() -> None:
    used = site('(0019,xxBE) "GEMS_ACQU_01"')  # DS, Projection angle
    assert kept((0x001910BE, "DS", b"0.5 "), GE, used) == [[b"0.5"]] * 3
    assert kept((0x001910BE, "DS", b"NAGEL "), GE, used) == [[]] * 3


def test_the_vr_of_a_sites_element_may_be_stated_in_the_profile() -> None:
    used = site('(0019,xx02) "SHOP" LO')
    assert kept((TEXT, "LO", b"CHEST of ANDERSSON"), SHOP, used) == [[b"CHEST of"]] * 3
    assert kept((NUMBER, "US", b"\7\0"), SHOP, site('(0019,xx01) "SHOP" US')) == [[b"\7"]] * 3


@pytest.mark.parametrize(
    ("vr", "value"),
    [
        ("DS", b"0.5\\-1.25"),
        ("IS", b"1000"),
        ("FD", struct.pack("<3d", 0.5, -0.5, 1.0)),
        ("FL", struct.pack("<f", 60.8)),
        ("US", struct.pack("<H", 16)),
        ("CS", b"CHEST "),
        ("LO", b"CHEST PA"),
        ("OB", bytes(range(32))),
    ],
)
def test_a_value_whose_vr_nothing_states_stays_where_nothing_in_it_identifies(vr: str, value: bytes) -> None:
    expected = [value.rstrip(b" \0")]
    assert kept((BYTES, vr, value), SHOP, site('(0019,xx03) "SHOP"')) == [expected] * 3


@pytest.mark.parametrize(
    ("vr", "value"),
    [
        ("IS", b"48151623"),
        ("UL", struct.pack("<I", 48151623)),
        ("LO", b"ANDERSSON "),
        ("DA", b"20240315"),
        ("UI", b"1.2.826.0.1.3680043.10.1.2"),
        ("UR", b"https://example.org/"),
    ],
)
def test_a_value_whose_vr_nothing_states_goes_where_it_identifies_or_may(vr: str, value: bytes) -> None:
    used, patient = site('(0019,xx03) "SHOP"'), (0x00100020, "LO", b"48151623")
    _, as_unknown, implicit = kept((BYTES, vr, value), SHOP, used, patient)
    assert as_unknown == implicit
    assert as_unknown in ([], [value]) if vr == "UL" else as_unknown == []


def test_a_text_whose_vr_nothing_states_goes_where_cleaning_would_change_it() -> None:
    used = site('(0019,xx03) "SHOP"')
    for text in (b"CHEST by ZYWICKI", b"seen 15.03.2024 ", b"call 79161234567"):
        assert kept((BYTES, "UN", text), SHOP, used)[1:] == [[], []]


def test_bytes_that_may_be_a_text_of_another_character_set_go_unless_their_vr_is_stated() -> None:
    weights = struct.pack("<2d", 0.7, 0.1)  # without a control character
    assert kept((BYTES, "FD", weights), SHOP, site('(0019,xx03) "SHOP"'))[1:] == [[], []]
    assert kept((BYTES, "FD", weights), SHOP, site('(0019,xx03) "SHOP" FD')) == [[weights]] * 3


def test_the_removal_of_a_value_whose_vr_nothing_states_is_noted() -> None:
    used, notes = site('(0019,xx03) "SHOP"'), []
    for value in (b"0.5 ", b"NAGEL "):
        data = part10(instance(SHOP, (BYTES, "UN", value)))
        notes.append(deidentify(data, used, KEY).notes)
    assert notes == [(), ("private element removed as nothing states its VR",)]


def test_a_long_value_whose_vr_nothing_states_goes() -> None:
    used = site('(0019,xx03) "SHOP"')
    assert kept((BYTES, "UN", bytes(1 << 16)), SHOP, used)[1] != []
    assert kept((BYTES, "UN", bytes((1 << 16) + 2)), SHOP, used)[1] == []


# numbers and creators that resemble identifying values


@pytest.mark.parametrize(
    ("vr", "value"), [("IS", b"1 "), ("US", b"\1\0"), ("DS", b"1.0 "), ("SL", b"\1\0\0\0")]
)
def test_a_small_number_is_no_accession_number_of_many_zeros(vr: str, value: bytes) -> None:
    number: Element = (0x00210010, "LO", b"GEMS_RELA_01")
    found = kept((0x0021104F, vr, value), number, builtin("research"), (0x00080050, "SH", b"0000000001"))
    assert [] not in found


@pytest.mark.parametrize(
    ("vr", "value", "stays"),
    [
        ("IS", b"90210", True),
        ("IS", b"1090210", False),
        ("DS", b"1090210.0", False),
        ("SL", struct.pack("<i", 1090210), False),
        ("FD", struct.pack("<d", 1090210), False),
        ("FD", struct.pack("<2d", 0.5, 1090210), False),
        ("IS", b"1090211", True),
    ],
)
def test_a_number_of_six_digits_that_is_an_id_goes(vr: str, value: bytes, stays: bool) -> None:
    used = site('(0019,xx01) "SHOP"')
    explicit, *_ = kept((NUMBER, vr, value), SHOP, used, (0x00080050, "SH", b"0001090210"))
    assert bool(explicit) is stays


def test_an_id_of_thousands_of_digits_is_no_number() -> None:
    long: Element = (0x00080050, "SH", b"9" * 6000)
    assert kept((0x001910BB, "DS", b"9" * 6000), GE, builtin("research"), long)[0] != []


@pytest.mark.parametrize("name", [b"PHILIPS^ANN", b"IMAGING^DD", b"GEMS^RELA"])
def test_a_creator_of_a_published_list_names_nobody(name: bytes) -> None:
    content: DataSet = [
        (0x00100010, "PN", name),
        (0x20010010, "LO", b"Philips Imaging DD 001"),
        (0x20011003, "FL", struct.pack("<f", 700)),
        (0x00210010, "LO", b"GEMS_RELA_01"),
        (0x0021104F, "SS", b"\1\0"),
    ]
    used = builtin("research")
    data = part10(instance(*content))
    result = deidentify(data, used, KEY)
    for depth in ("full", "fast"):
        Verifier(used.profile, KEY, depth).check(data, result.output)
    assert struct.pack("<f", 700) in bytes(result)
