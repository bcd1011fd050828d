"""Numbers that place, scale or time an image: repaired in the one way there is, or the instance is refused."""

from __future__ import annotations

import struct
from time import process_time
from typing import cast

import pytest

from orthanc_deid import Key, deidentify, load_profile
from orthanc_deid.deid.geometry_numbers import repaired_numbers
from orthanc_deid.dicom.slices import Slices
from orthanc_deid.errors import RefusedError
from orthanc_deid.profile.action import Action
from orthanc_deid.profile.compile import Level
from orthanc_deid.profile.rule import Manner
from orthanc_deid.standard.attribute_types import TypeContext
from orthanc_deid.verify.verifier import verify
from support.data.datasets import FORMS, Element, Form, instance, nested, part10, read_file, values
from support.data.profiles import BUILTIN, EVERY_IMAGE, builtin, profile

KEY = Key(bytes(range(32)))
CT, MR, PET = (f"1.2.840.10008.5.1.4.1.1.{number}" for number in ("2", "4", "128"))
ENHANCED_PET, ULTRASOUND = "1.2.840.10008.5.1.4.1.1.130", "1.2.840.10008.5.1.4.1.1.6.1"
POSITION, ORIENTATION, SPACING, THICKNESS = 0x00200032, 0x00200037, 0x00280030, 0x00180050
INTERCEPT, SLOPE, WINDOW, FRAME_TIME, LOCATION = 0x00281052, 0x00281053, 0x00281050, 0x00181063, 0x00201041
EXPOSURE_TIME, VECTOR, WEIGHT = 0x00181150, 0x00181065, 0x00101030
ISOTOPE, START_TIME, START, HALF_LIFE = 0x00540016, 0x00181072, 0x00181078, 0x00181075
PERFRAME, MEASURES = 0x52009230, 0x00289110


def left(
    content: Element, name: str, depth: int = 0, form: Form = FORMS[0], sop_class: str = CT
) -> list[bytes]:
    """Return the values of an element of a verified result."""
    nested_content = nested(depth, [content], 0x00081115)
    original = part10(instance((0x00280010, "US", b"\x10\0"), *nested_content, sop_class=sop_class), form)
    output = deidentify(original, builtin(name), KEY).output
    verify(original, Slices([bytes(output)]), load_profile(name).profile, KEY)
    found = values(read_file(bytes(output)), *[0x00081115] * depth, content[0])
    return [value.rstrip(b" ") if content[1] in ("DS", "IS") else value for value in found]


REPAIRED = [
    (POSITION, "-10,5\\-20,5\\30,25", b"-10.5\\-20.5\\30.25"),
    (POSITION, "-10,5\\ -20.5 \\30", b"-10.5\\-20.5\\30"),
    (POSITION, "-10.5 mm\\-20.5mm\\30 MM", b"-10.5\\-20.5\\30"),
    (SPACING, "0,7 mm\\0,7 mm", b"0.7\\0.7"),
    (SPACING, "0,7031\\0,7031", b"0.7031\\0.7031"),
    (SPACING, ",7\\,7", b".7\\.7"),
    (THICKNESS, "2,5", b"2.5"),
    (THICKNESS, "2.5\n", b"2.5"),
    (INTERCEPT, "-1024 HU", b"-1024"),
    (INTERCEPT, "-1024,0", b"-1024.0"),
    (SLOPE, "1,5E-3", b"1.5E-3"),
    (WINDOW, "40,5\\400,0", b"40.5\\400.0"),
    (FRAME_TIME, "33,3 ms", b"33.3"),
    (VECTOR, "0\\33,3\\33,3", b"0\\33.3\\33.3"),
    (0x00181120, "-12,5°".encode(), b"-12.5"),
    (0x00181120, b"-12,5\xb0", b"-12.5"),
    (EXPOSURE_TIME, "500 ms", b"500"),
    (SPACING, "\\", b"\\"),
]


@pytest.mark.parametrize("name", BUILTIN)
@pytest.mark.parametrize(("tag", "written", "expected"), REPAIRED)
def test_a_number_with_one_reading_is_repaired(
    tag: int, written: str | bytes, expected: bytes, name: str
) -> None:
    vr = "IS" if tag == EXPOSURE_TIME else "DS"
    assert left((tag, vr, written), name) == [expected]


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("depth", [1, 3])
def test_a_number_is_repaired_in_items_of_every_encoding(depth: int, form: Form) -> None:
    assert left((POSITION, "DS", "1,5\\2,5\\3,5"), "neutral", depth, form) == [b"1.5\\2.5\\3.5"]


UNCHANGED = [
    (POSITION, "DS", b"-10.5\\-20.50\\ 30"),
    (POSITION, "DS", b"1\\2\\3\\4"),
    (SLOPE, "DS", b"1.0000e+03"),
    (0x00189087, "FD", struct.pack("<d", 1000.5)),
    (0x00189087, "FD", struct.pack("<d", float("nan"))),
    (0x00409225, "FD", struct.pack("<d", float("inf"))),
]


@pytest.mark.parametrize("name", ["basic", "neutral", "research"])
@pytest.mark.parametrize("content", UNCHANGED)
def test_a_number_is_not_changed(content: Element, name: str) -> None:
    assert left(content, name) == [content[2]]


REFUSED = [
    (POSITION, "-1,024\\0\\0"),
    (POSITION, "1.5,2.5,3.5"),
    (POSITION, "1,5,2,5,3,5"),
    (POSITION, "1,5"),
    (POSITION, "n/a"),
    (POSITION, "NaN\\NaN\\NaN"),
    (SPACING, "1,1"),
    (SPACING, "0.7\\0.7 cm"),
    (SPACING, "1 cm\\1 cm"),
    (SPACING, "0,500\\0,500"),
    (INTERCEPT, "-1,024"),
    (INTERCEPT, "-1 024"),
    (INTERCEPT, "-1.024,5"),
    (INTERCEPT, "−1024"),
    (INTERCEPT, "-1024 mm"),
    (WINDOW, "1,024"),
    (WINDOW, "n/a 40"),
    (SLOPE, "1,5E99999"),
    (FRAME_TIME, "33,3 s"),
    (LOCATION, "1,024"),
    (0x00280008, "1A"),
]


@pytest.mark.parametrize("name", BUILTIN)
@pytest.mark.parametrize(("tag", "written"), REFUSED)
def test_an_instance_is_refused_where_a_number_has_no_reading_or_several(
    tag: int, written: str, name: str
) -> None:
    vr, sop_class = ("IS", "1.2.840.10008.5.1.4.1.1.481.2") if tag == 0x00280008 else ("DS", CT)
    original = part10(instance((0x00280010, "US", b"\x10\0"), (tag, vr, written), sop_class=sop_class))
    with pytest.raises(RefusedError, match="geometry that is no number") as caught:
        deidentify(original, builtin(name), KEY)
    assert str(caught.value).endswith(f"({tag >> 16:04X},{tag & 0xFFFF:04X})")
    assert written not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ((LOCATION, "DS", "n/a "), []),
        ((EXPOSURE_TIME, "IS", "12,5"), []),
        ((EXPOSURE_TIME, "IS", "abc "), []),
        ((0x00280008, "IS", "1A"), []),
        ((THICKNESS, "DS", "--- "), [b""]),
    ],
)
def test_a_value_without_any_number_goes_where_the_iod_does_not_demand_it(
    content: Element, expected: list[bytes]
) -> None:
    assert left(content, "research") == expected


def test_other_numbers_keep_the_floor() -> None:
    assert left((0x00180060, "DS", "120,5 kV"), "neutral") == [b""]
    assert left((WEIGHT, "DS", "81,5"), "research") == []


def test_a_rule_that_keeps_or_cleans_a_number_repairs_it() -> None:
    for action in ("K", "C"):
        used = profile(attributes=[{"attribute": "PixelSpacing", "action": action}])
        output = deidentify(part10(instance((SPACING, "DS", "0,7\\0,7"))), used, KEY)
        assert values(read_file(bytes(output)), SPACING) == [b"0.7\\0.7 "]


def test_numbers_in_functional_groups_are_repaired() -> None:
    frames = [
        [(MEASURES, "SQ", [[(THICKNESS, "DS", "2,5"), (SPACING, "DS", f"0,{number}\\0,5")]])]
        for number in range(5, 9)
    ]
    content: Element = (PERFRAME, "SQ", frames)
    original = part10(instance(content, sop_class="1.2.840.10008.5.1.4.1.1.2.1"))
    output = deidentify(original, builtin("research"), KEY).output
    verify(original, Slices([bytes(output)]), load_profile("research").profile, KEY)
    found = values(read_file(bytes(output)), PERFRAME, MEASURES, SPACING)
    assert found == [b"0.5\\0.5 ", b"0.6\\0.5 ", b"0.7\\0.5 ", b"0.8\\0.5 "]


def test_a_long_value_takes_linear_time() -> None:
    for value in (b"1," * 400_000, b"1" * 800_000 + b"x", b" " * 800_000 + b"x", b"1\\" * 400_000 + b"x"):
        started = process_time()
        assert repaired_numbers(POSITION, value) is None
        assert process_time() - started < 6


# Decay: a time that is computed with must not become neutral


def pet(sop_class: str = PET) -> bytes:
    isotope = [(START_TIME, "TM", "093015"), (HALF_LIFE, "DS", "6586,2"), (START, "DT", "20240315093015")]
    return part10(
        instance((0x00080031, "TM", "103015"), (ISOTOPE, "SQ", [isotope]), sop_class=sop_class),
    )


@pytest.mark.parametrize(
    ("name", "series_time", "start"),
    [
        ("neutral", [b"000000"], []),
        ("basic", [b"000000"], []),
        ("research", [b"103015"], [b"093015"]),
    ],
)
def test_the_start_of_a_radiopharmaceutical_goes_where_times_become_neutral(
    name: str, series_time: list[bytes], start: list[bytes]
) -> None:
    output = deidentify(pet(), builtin(name), KEY).output
    verify(pet(), Slices([bytes(output)]), load_profile(name).profile, KEY)
    result = read_file(bytes(output))
    assert values(result, 0x00080031) == series_time
    assert values(result, ISOTOPE, START_TIME) == start
    assert len(values(result, ISOTOPE, START)) == len(start)
    assert values(result, ISOTOPE, HALF_LIFE) == [b"6586.2"]


def test_the_start_goes_as_well_where_only_years_stay() -> None:
    used = profile(dates={"mode": "year"})
    result = read_file(bytes(deidentify(pet(), used, KEY)))
    assert values(result, ISOTOPE, START_TIME) == []


@pytest.mark.parametrize("name", ["neutral", "basic"])
def test_an_instance_is_refused_whose_iod_demands_a_time_of_decay(name: str) -> None:
    with pytest.raises(RefusedError, match=r"^time that decay is computed from: \(0018,1078\)$"):
        deidentify(pet(ENHANCED_PET), builtin(name), KEY)
    deidentify(pet(ENHANCED_PET), builtin("research"), KEY)


# What an allow-list does not name and the IOD demands


def test_an_allow_list_keeps_a_spectrum_and_its_size() -> None:
    numbers = {0x00280010: b"\1\0", 0x00280011: b"\1\0", 0x00189052: struct.pack("<d", 2000)}
    content = [
        *((tag, "US" if len(value) == 2 else "FD", value) for tag, value in numbers.items()),
        (0x00289001, "UL", b"\1\0\0\0"),
        (0x00289002, "UL", b"\2\0\0\0"),
        (0x56000020, "OF", bytes(range(16))),
    ]
    original = part10(instance(*content, sop_class="1.2.840.10008.5.1.4.1.1.4.2"))
    output = deidentify(original, builtin("strict"), KEY).output
    verify(original, Slices([bytes(output)]), load_profile("strict").profile, KEY)
    result = read_file(bytes(output))
    for tag, _, value in content:
        assert values(result, tag) == [value], hex(tag)


def test_an_allow_list_descends_into_a_sequence_that_the_iod_demands() -> None:
    used = profile(unnamed="remove", pixels=EVERY_IMAGE)
    region = [
        (0x00186018, "UL", bytes(4)),
        (0x0018602C, "FD", struct.pack("<d", 0.05)),
        (0x00186030, "UL", bytes(4)),
    ]
    original = part10(instance((0x00186011, "SQ", [region, region]), sop_class=ULTRASOUND))
    output = deidentify(original, used, KEY).output
    verify(original, Slices([bytes(output)]), used.profile, KEY)
    assert values(read_file(bytes(output)), 0x00186011) == [[region[:2], region[:2]]]


class Demanding:
    """An IOD that demands every attribute."""

    def type_of(self, _tag: int) -> str:
        return "1"


@pytest.mark.parametrize(
    ("tag", "vr", "action", "manner"),
    [
        (0x0008041B, "OB", Action.D, Manner.REFUSED),
        (0x00281201, "OW", Action.K, Manner.PLAIN),
        (0x00282000, "OB", Action.K, Manner.PLAIN),
        (0x00189052, "FD", Action.K, Manner.PLAIN),
        (0x00180060, "DS", Action.K, Manner.PLAIN),
        (0x00186011, "SQ", Action.K, Manner.PLAIN),
        (0x04000500, "SQ", Action.X, Manner.PLAIN),
        (0x00180024, "SH", Action.D, Manner.PLAIN),
    ],
)
def test_an_allow_list_gives_a_dummy_to_texts_alone(
    tag: int, vr: str, action: Action, manner: Manner
) -> None:
    used = profile(unnamed="remove")
    rule = Level(used, cast(TypeContext, Demanding()), ()).rule(tag, vr)
    assert (rule.action, rule.manner) == (action, manner)
