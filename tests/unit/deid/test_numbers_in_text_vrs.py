"""A number of PS3.6 (DS, IS) that is written with the VR of a text takes the dictionary's VR, and its rules."""

from __future__ import annotations

import pytest

from orthanc_deid import Key, deidentify
from orthanc_deid.errors import RefusedError
from orthanc_deid.profile.verify_depth import VerifyDepth
from orthanc_deid.verify.verifier import Verifier
from support.data.datasets import DataSet, instance, nested, part10, read_file, value
from support.data.profiles import builtin

KEY = Key(bytes(range(32)))
SPACING, WEIGHT, NUMBER, SEQUENCE = 0x00280030, 0x00101030, 0x00200013, 0x00081115
DEPTHS: tuple[VerifyDepth, ...] = ("full", "fast")


def checked(content: DataSet, name: str) -> DataSet:
    source, used = part10(instance(*content)), builtin(name)
    output = deidentify(source, used, KEY).output
    for depth in DEPTHS:
        Verifier(used.profile, KEY, depth).check(source, output)
    return read_file(bytes(output))


@pytest.mark.parametrize("name", ["basic", "neutral", "research"])
@pytest.mark.parametrize("vr", ["LO", "SH", "ST", "LT", "UT", "UC"])
@pytest.mark.parametrize("depth", [0, 1])
def test_a_number_in_a_text_vr_stays_with_the_vr_of_the_dictionary(vr: str, depth: int, name: str) -> None:
    numbers: DataSet = [(NUMBER, vr, b"12"), (SPACING, vr, b" 0.5\\0.70")]
    found = checked(nested(depth, numbers, SEQUENCE), name)
    for _ in range(depth):
        found = value(found, SEQUENCE)[0]
    by_tag = {tag: (written, raw) for tag, written, raw in found}
    assert by_tag[NUMBER] == ("IS", b"12")
    assert by_tag[SPACING][0] == "DS"
    assert by_tag[SPACING][1].rstrip(b" ") == b" 0.5\\0.70"


@pytest.mark.parametrize("name", ["basic", "research"])
@pytest.mark.parametrize("text", [b"Wexler", b"81.5 kg, Wexler", b"1.5\\Wexler"])
def test_a_text_there_goes(text: bytes, name: str) -> None:
    found = checked([(WEIGHT, "LO", text)], name)
    assert WEIGHT not in {tag for tag, _, _ in found}


def test_a_text_where_geometry_must_be_refuses_the_instance() -> None:
    with pytest.raises(RefusedError, match=r"\(0028,0030\)"):
        deidentify(part10(instance((SPACING, "LO", b"Wexler\\0.5"))), builtin("basic"), KEY)
