"""Seconds of the Unix epoch in private elements are changed as dates are, and verified in the result."""

from __future__ import annotations

import math
import struct
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.valuerep import DA

from orthanc_deid import CompiledProfile, deidentify
from orthanc_deid.config.key import Key
from orthanc_deid.dicom.slices import Slices
from orthanc_deid.errors import VerificationError
from orthanc_deid.verify.verifier import verify
from support.data.datasets import (
    EXPLICIT,
    IMPLICIT,
    DataSet,
    Form,
    instance,
    nested,
    part10,
    read_file,
    value,
    values,
)
from support.data.profiles import profile

KEY = Key(bytes(range(32)))
SEQUENCE = 0x00081115  # descended into by every profile here
DAY = 86_400
NEUTRAL = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp())
MADE = int(datetime(1997, 4, 30, 11, 34, 29, tzinfo=UTC).timestamp())
ELEMENTS = {
    "image": ("GEMS_IDEN_01", 0x00091027, "SL"),
    "series": ("GEMS_IDEN_01", 0x000910E9, "SL"),
    "first axial": ("GEMS_STDY_01", 0x00231070, "FD"),
    "quality": ("GEMS_IQTB_IDEN_47", 0x00471002, "UL"),
    "surface": ("GEMS_ADWSoft_3D1", 0x004710BA, "SL"),
}
FORMATS = {"SL": "i", "UL": "I", "FD": "d", "FL": "f", "SV": "q", "UV": "Q"}
RULES = ("safe", "K", "C")


def keeping(tag: int, creator: str, how: str, **dates: Any) -> CompiledProfile:
    """Return a profile that keeps one private element, by the option or by an explicit rule."""
    selector = f'({tag >> 16:04x},xx{tag & 0xFF:02x}) "{creator}"'
    if how == "safe":
        return profile(options=["Retain Safe Private"], private_safe=[selector], dates=dates)
    return profile(attributes=[{"attribute": selector, "action": how}], dates=dates)


def block(tag: int, creator: str, vr: str, raw: bytes) -> DataSet:
    return [(tag & 0xFFFF0000 | 0x10, "LO", creator), (tag, vr, raw)]


def packed(vr: str, *seconds: float) -> bytes:
    return b"".join(struct.pack("<" + FORMATS[vr], each) for each in seconds)


def run(content: DataSet, used: CompiledProfile, form: Form = EXPLICIT) -> DataSet:
    """Return the de-identified data set, verified in both depths."""
    data = part10(instance(*content), form)
    made = deidentify(data, used, KEY)
    for depth in ("full", "fast"):
        verify(data, made.output, used.profile, KEY, depth)
    return read_file(bytes(made))


def changed(seconds: float, how: str = "K", name: str = "image", **dates: Any) -> Any:
    """Return the replacement of one value."""
    creator, tag, vr = ELEMENTS[name]
    found = value(run(block(tag, creator, vr, packed(vr, seconds)), keeping(tag, creator, how, **dates)), tag)
    return struct.unpack("<" + FORMATS[vr], found)[0]


@pytest.mark.parametrize("how", RULES)
@pytest.mark.parametrize("name", ELEMENTS)
@pytest.mark.parametrize("depth", [0, 2])
@pytest.mark.parametrize("form", [EXPLICIT, IMPLICIT], ids=str)
def test_seconds_shift_with_the_patients_other_dates(how: str, name: str, depth: int, form: Form) -> None:
    creator, tag, vr = ELEMENTS[name]
    used = keeping(tag, creator, how, mode="shift", shift_days=[-30, -30])
    found = run(nested(depth, block(tag, creator, vr, packed(vr, MADE)), SEQUENCE), used, form)
    assert value(found, *(SEQUENCE,) * depth, tag) == packed(vr, MADE - 30 * DAY)


def test_the_interval_to_the_acquisition_date_stays_to_the_fraction_of_a_second() -> None:
    creator, tag, vr = ELEMENTS["first axial"]
    used = keeping(tag, creator, "K", mode="shift")
    content = [
        (0x0008002A, "DT", b"19970430113429.250000"),
        *block(tag, creator, vr, packed(vr, MADE + 0.25)),
    ]
    found = run(content, used)
    moved = datetime.strptime(value(found, 0x0008002A).decode().strip()[:14], "%Y%m%d%H%M%S").replace(
        tzinfo=UTC
    )
    (seconds,) = struct.unpack("<d", value(found, tag))
    assert seconds == moved.timestamp() + 0.25
    assert moved.year != 1997


@pytest.mark.parametrize("how", RULES)
def test_seconds_become_neutral_or_the_start_of_their_year(how: str) -> None:
    assert changed(MADE, how, mode="neutral") == NEUTRAL
    assert (
        changed(MADE + 0.5, how, "first axial", mode="year") == datetime(1997, 1, 1, tzinfo=UTC).timestamp()
    )


@pytest.mark.parametrize("how", RULES)
def test_seconds_are_removed_when_no_mode_applies_to_dates(how: str) -> None:
    creator, tag, vr = ELEMENTS["image"]
    found = run(block(tag, creator, vr, packed(vr, MADE)), keeping(tag, creator, how))
    assert values(found, tag) == values(found, 0x00090010) == []


def test_seconds_stay_under_retain_full_dates() -> None:
    creator, tag, vr = ELEMENTS["image"]
    options = ["Retain Safe Private", "Retain Longitudinal Temporal Information with Full Dates"]
    used = profile(options=options, private_safe=[f'(0009,xx27) "{creator}"'])
    assert value(run(block(tag, creator, vr, packed(vr, MADE)), used), tag) == packed(vr, MADE)


@pytest.mark.parametrize("mode", ["shift", "year", "neutral"])
def test_zero_means_no_time_and_stays(mode: str) -> None:
    assert changed(0, mode=mode) == 0


@pytest.mark.parametrize("mode", ["shift", "year", "neutral"])
@pytest.mark.parametrize("impossible", [-5.0, 2.0**32, 1e300, math.inf, -math.inf, math.nan])
def test_impossible_seconds_become_neutral(impossible: float, mode: str) -> None:
    assert changed(impossible, name="first axial", mode=mode) == NEUTRAL


@pytest.mark.parametrize(
    ("name", "seconds", "days"),
    [
        ("quality", MADE, -20_000),
        ("image", 2**31 - 1, 1),
        ("image", 30 * DAY, -30),
        ("surface", DAY, -30_000),
    ],
)
def test_seconds_that_shift_out_of_the_vr_or_to_zero_become_neutral(
    name: str, seconds: int, days: int
) -> None:
    assert changed(seconds, name=name, mode="shift", shift_days=[days, days]) == NEUTRAL


def test_every_value_of_several_is_changed_and_an_incomplete_number_becomes_neutral() -> None:
    creator, tag, vr = ELEMENTS["image"]
    used = keeping(tag, creator, "K", mode="shift", shift_days=[-1, -1])
    several = packed(vr, MADE, 0, MADE + 7)
    assert value(run(block(tag, creator, vr, several), used), tag) == packed(
        vr, MADE - DAY, 0, MADE + 7 - DAY
    )
    assert value(run(block(tag, creator, vr, b"\x09\x07"), used), tag) == packed(vr, NEUTRAL)


@pytest.mark.parametrize("vr", ["LO", "IS", "US", "OB", "DA"])
def test_an_element_whose_vr_cannot_hold_seconds_is_removed(vr: str) -> None:
    creator, tag, _ = ELEMENTS["image"]
    raw = {"US": b"\1\0", "DA": b"19970430"}.get(vr, b"862399669 ")
    found = run(block(tag, creator, vr, raw), keeping(tag, creator, "K", mode="shift"))
    assert values(found, tag) == []


def test_seconds_written_as_un_are_read_by_the_vr_of_the_table() -> None:
    creator, tag, vr = ELEMENTS["first axial"]
    used = keeping(tag, creator, "safe", mode="shift", shift_days=[-1, -1])
    assert value(run(block(tag, creator, "UN", packed(vr, MADE)), used), tag) == packed(vr, MADE - DAY)


def test_numbers_of_other_creators_are_unchanged() -> None:
    used = keeping(0x00091027, "ACME", "K", mode="shift")
    found = run(block(0x00091027, "ACME", "SL", packed("SL", MADE)), used)
    assert value(found, 0x00091027) == packed("SL", MADE)


def test_an_explicit_rule_may_still_remove_or_empty_them() -> None:
    creator, tag, vr = ELEMENTS["image"]
    selector = f'(0009,xx27) "{creator}"'
    content = block(tag, creator, vr, packed(vr, MADE))
    assert values(run(content, profile(attributes=[{"attribute": selector, "action": "X"}])), tag) == []
    emptied = profile(attributes=[{"attribute": selector, "action": "Z"}])
    assert value(run(content, emptied), tag) == b""


def test_a_real_image_keeps_its_intervals() -> None:
    path = get_testdata_file("CT_small.dcm")
    assert isinstance(path, str)
    data = Path(path).read_bytes()
    listed = ['(0009,xx27) "GEMS_IDEN_01"', '(0023,xx70) "GEMS_STDY_01"']
    used = profile(options=["Retain Safe Private"], private_safe=listed, dates={"mode": "shift"})
    made = deidentify(data, used, KEY)
    for depth in ("full", "fast"):
        verify(data, made.output, used.profile, KEY, depth)
    before, after = dcmread(path), dcmread(made.output.reader())
    days = (DA(after.StudyDate) - DA(before.StudyDate)).days
    assert days
    assert after[0x00091027].value == before[0x00091027].value + days * DAY
    assert after[0x00231070].value == before[0x00231070].value + days * DAY


@pytest.mark.parametrize("mode", ["shift", "year", "neutral"])
@pytest.mark.parametrize("wrong", [MADE, MADE + 60 * DAY, NEUTRAL + 1])
def test_the_verifier_finds_seconds_that_were_changed_wrongly(mode: str, wrong: int) -> None:
    creator, tag, vr = ELEMENTS["image"]
    used = keeping(tag, creator, "K", mode=mode)
    data = part10(instance(*block(tag, creator, vr, packed(vr, MADE))))
    right = bytes(deidentify(data, used, KEY))
    place = right.index(b"\x09\x00\x27\x10SL\x04\x00") + 8
    output = right[:place] + packed(vr, wrong) + right[place + 4 :]
    with pytest.raises(VerificationError) as caught:
        verify(data, Slices([output]), used.profile, KEY)
    assert "no changed seconds value (0009,1027)" in "\n".join(caught.value.findings)
