"""Attributes that mean nothing without another one go where it goes; the check agrees, and nothing else goes."""

from __future__ import annotations

import struct

import pytest

from orthanc_deid import CompiledProfile, Key, deidentify
from orthanc_deid.errors import RefusedError
from orthanc_deid.profile.action import Action
from orthanc_deid.profile.model import AttributeRule
from orthanc_deid.verify.verifier import Verifier
from support.data.datasets import (
    FORMS,
    DataSet,
    Element,
    Form,
    image_size,
    instance,
    part10,
    read_file,
    values,
)
from support.data.profiles import builtin

KEY = Key(bytes(range(32)))
MR = "1.2.840.10008.5.1.4.1.1.4"
IMAGE: list[Element] = [
    (0x00280004, "CS", "MONOCHROME2"),
    *image_size(2, 2),
    (0x00280102, "US", b"\x0f\0"),
    (0x7FE00010, "OW", bytes(8)),
]
PATIENT: Element = (0x00100020, "LO", "52306917")
CENTER, WIDTH, EXPLANATION, FUNCTION = 0x00281050, 0x00281051, 0x00281055, 0x00281056
INTERCEPT, SLOPE, TYPE = 0x00281052, 0x00281053, 0x00281054
POSITION, ORIENTATION = 0x00200032, 0x00200037
FRAME_VOI_LUT = 0x00289132


def window(center: str, width: str) -> list[Element]:
    return [
        (CENTER, "DS", center),
        (WIDTH, "DS", width),
        (EXPLANATION, "LO", "LUNG"),
        (FUNCTION, "CS", "LINEAR"),
    ]


def made(form: Form, *elements: Element, used: CompiledProfile | None = None) -> DataSet:
    """Return the elements of the result, which the verifier passes at both depths."""
    used = used or builtin("neutral")
    data = part10(instance(PATIENT, *IMAGE, *elements, sop_class=MR), form)
    output = deidentify(data, used, KEY).output
    for depth in ("full", "fast"):
        Verifier(used.profile, KEY, depth).check(data, output)
    return read_file(bytes(output))


def left(found: DataSet, *tags: int) -> list[int]:
    return [tag for tag in tags if values(found, tag)]


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("name", ["basic", "neutral", "research", "strict"])
@pytest.mark.parametrize(
    ("center", "width"), [("52306917", "400"), ("40", "52306917"), ("AUTO", "400"), ("40", "wide")]
)
def test_a_window_goes_as_a_whole(form: Form, name: str, center: str, width: str) -> None:
    found = made(form, *window(center, width), used=builtin(name))
    assert not left(found, CENTER, WIDTH, EXPLANATION, FUNCTION)
    others = made(form, *window("40", "400"), used=builtin(name))
    assert left(others, CENTER, WIDTH) == [CENTER, WIDTH]


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_a_window_in_an_item_takes_no_other_with_it(form: Form) -> None:
    content: list[Element] = [(FRAME_VOI_LUT, "SQ", [window("52306917", "400"), window("40", "400")])]
    found = made(form, *window("50", "350"), (0x00081115, "SQ", [content]))
    assert left(found, CENTER, WIDTH, FUNCTION) == [CENTER, WIDTH, FUNCTION]
    assert values(found, 0x00081115, FRAME_VOI_LUT, WIDTH) == [b"400 "]


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize(("intercept", "slope"), [("52306917", "1.5"), ("-3", "52306917"), ("none", "1.5")])
def test_a_rescaling_goes_as_a_whole(form: Form, intercept: str, slope: str) -> None:
    line: list[Element] = [(INTERCEPT, "DS", intercept), (SLOPE, "DS", slope), (TYPE, "LO", "US")]
    found = made(form, (0x00081115, "SQ", [line, [(INTERCEPT, "DS", "0"), (SLOPE, "DS", "2")]]))
    assert values(found, 0x00081115, SLOPE) == [b"2 "]
    assert values(found, 0x00081115, TYPE) == []


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_half_of_a_plane_goes(form: Form) -> None:
    region: list[Element] = [(POSITION, "DS", "n/a"), (ORIENTATION, "DS", "1\\0\\0\\0\\1\\0")]
    found = made(form, (0x00081115, "SQ", [region]))
    assert values(found, 0x00081115, ORIENTATION) == []


def test_a_window_in_binary_goes_with_its_width() -> None:
    frame: list[Element] = [(CENTER, "FD", struct.pack("<d", 40)), (WIDTH, "DS", "400")]
    assert values(made(FORMS[0], (0x00081115, "SQ", [frame])), 0x00081115, WIDTH) == []


def test_what_a_profile_removes_or_gives_takes_nothing_with_it() -> None:
    profile = builtin("neutral").profile
    removing = AttributeRule(attribute="WindowCenter", action=Action.X)
    giving = AttributeRule(attribute="WindowWidth", value="350")
    used = CompiledProfile(profile.model_copy(update={"attributes": (removing,)}))
    assert left(made(FORMS[0], *window("40", "400"), used=used), WIDTH) == [WIDTH]
    used = CompiledProfile(profile.model_copy(update={"attributes": (giving,)}))
    assert values(made(FORMS[0], *window("52306917", "400"), used=used), WIDTH) == [b"350 "]


@pytest.mark.parametrize("width", ["4OO", "wide 1", "1,024"])
def test_a_window_that_may_say_a_number_refuses_the_instance(width: str) -> None:
    with pytest.raises(RefusedError, match="geometry that is no number"):
        made(FORMS[0], *window("40", width))
