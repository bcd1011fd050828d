"""Numbers in binary (Rows) that are written as a text take the dictionary's VR, and the check reads them alike."""

from __future__ import annotations

import struct

import pytest

from orthanc_deid import Key, deidentify
from orthanc_deid.dicom.numbers_in_texts import packed_numbers
from orthanc_deid.errors import RefusedError
from orthanc_deid.verify.verifier import Verifier
from support.data.datasets import DataSet, Element, image_size, instance, nested, part10, read_file, value
from support.data.profiles import builtin

KEY = Key(bytes(range(32)))
ROWS, SMALLEST, DURATION, SEQUENCE = 0x00280010, 0x00280106, 0x00189073, 0x00081115
IMAGE: list[Element] = [
    (0x00280004, "CS", "MONOCHROME2"),
    *image_size(2, 2),
    (0x00280102, "US", b"\x0f\0"),
    (0x7FE00010, "OW", bytes(range(8))),
]


def made(content: DataSet, name: str) -> dict[int, tuple[str, object]]:
    """Return VR and value by tag of the result, which the verifier passes at both depths."""
    source, used = part10(content), builtin(name)
    output = deidentify(source, used, KEY).output
    for depth in ("full", "fast"):
        Verifier(used.profile, KEY, depth).check(source, output)
    return {tag: (vr, raw) for tag, vr, raw in read_file(bytes(output))}


@pytest.mark.parametrize("name", ["basic", "neutral", "research", "strict"])
@pytest.mark.parametrize("vr", ["LO", "SH", "ST", "LT", "UT", "UC"])
def test_an_image_whose_rows_are_a_text_is_delivered(vr: str, name: str) -> None:
    found = made(instance(*IMAGE, (ROWS, vr, " 2")), name)
    assert found[ROWS] == ("US", b"\2\0")
    assert found[0x7FE00010] == ("OW", bytes(range(8)))


@pytest.mark.parametrize("depth", [0, 1])
def test_several_and_broken_numbers_and_those_with_a_sign(depth: int) -> None:
    numbers: list[Element] = [
        (SMALLEST, "LO", "-3"),
        (DURATION, "UT", "1.5e3"),
        (0x00181310, "SH", "0\\256\\256\\0"),
    ]
    if depth:
        found = made(nested(1, numbers, SEQUENCE), "research")
        content = value([(tag, *rest) for tag, rest in found.items()], SEQUENCE)[0]
        found = {tag: (vr, raw) for tag, vr, raw in content}
    else:
        found = made(instance(*numbers), "research")
    assert found[SMALLEST] == ("SS", struct.pack("<h", -3))
    assert found[DURATION] == ("FD", struct.pack("<d", 1500))
    assert found[0x00181310] == ("US", struct.pack("<4H", 0, 256, 256, 0))


@pytest.mark.parametrize("text", ["two", "2x", "2\\x", "70000", "0x2", "2,5", ""])
def test_any_other_text_where_a_number_must_be_refuses_the_instance(text: str) -> None:
    with pytest.raises(RefusedError):
        made(instance(*IMAGE, (ROWS, "LO", text)), "research")


def test_a_name_in_a_number_goes() -> None:
    assert DURATION not in made(instance((DURATION, "LO", "Wexler")), "research")
    assert DURATION not in made(
        instance((0x00100020, "LO", "52306917"), (DURATION, "LO", "52306917")), "research"
    )


@pytest.mark.parametrize(
    ("text", "vrs", "packed"),
    [
        (b"1\\-1", ("US", "SS"), ("SS", b"\1\0\xff\xff")),
        (b"1\0", ("UL",), ("UL", b"\1\0\0\0")),
        (b".5", ("FL",), ("FL", struct.pack("<f", 0.5))),
        (b"1e999", ("FL",), None),
        (b"1\\", ("US",), None),
        (b"1" * 2000, ("FD",), None),
        (b"1", ("OW",), None),
    ],
)
def test_numbers_are_packed_as_they_fit(text: bytes, vrs: tuple[str, ...], packed: object) -> None:
    assert packed_numbers(text, vrs) == packed
