"""The dummy values of the action D: by VR and VM, of private attributes too, and nothing else in their place."""

from __future__ import annotations

import struct
from functools import partial

import pytest

from orthanc_deid import deidentify
from support.data.datasets import DataSet, Element, instance, part10, read_file, value
from support.data.many_frames import KEY, changed, findings
from support.data.profiles import profile

PRIVATE: DataSet = [(0x00190010, "LO", "SHOP"), (0x00191021, "LO", "Ask Wexler")]
DUMMIES = profile(
    attributes=[
        {"attribute": attribute, "action": "D"}
        for attribute in (
            '(0019,xx21) "SHOP"',
            "PixelAspectRatio",
            "ImagePositionPatient",
            "ICCProfile",
            "SelectorATValue",
        )
    ]
)


def put(element: Element, content: DataSet) -> DataSet:
    """Return the data set with another value of one element."""
    return [element if each[0] == element[0] else each for each in content]


@pytest.mark.parametrize(
    ("element", "dummy", "others"),
    [
        (PRIVATE[1], b"REMOVED ", [b"REMOVED\\REMOVED ", b"Ask Wexler", b"0 "]),
        ((0x00280034, "IS", b"3\\4 "), b"0\\0 ", [b"0 ", b"0\\0\\0 ", b"3\\4 "]),
        ((0x00200032, "DS", b"1\\2\\3 "), b"0\\0\\0 ", [b"0 ", b"0\\0\\7 "]),
        ((0x00282000, "OB", b"profile of Wexler "), bytes(2), [b"profile of Wexler ", b"\0\1", bytes(10)]),
        ((0x00720060, "AT", struct.pack("<HH", 8, 80)), bytes(4), [struct.pack("<HH", 8, 80), bytes(8)]),
    ],
    ids=["private LO", "IS 2", "DS 3", "OB", "AT"],
)
def test_a_dummy_has_the_form_of_its_attribute_and_is_the_only_value_accepted(
    element: Element, dummy: bytes, others: list[bytes]
) -> None:
    creator = PRIVATE[:1] if element is PRIVATE[1] else []
    original = part10(instance(*creator, element))
    output = bytes(deidentify(original, DUMMIES, KEY))
    tag, vr, _ = element
    assert value(read_file(output), tag) == dummy
    assert findings(original, output, DUMMIES) == ()
    for other in others:
        wrong = changed(output, partial(put, (tag, vr, other)))
        assert any("no dummy value" in line for line in findings(original, wrong, DUMMIES)), other
