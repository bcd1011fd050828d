"""Single values before the walk are found behind sequences of any encoding."""

from __future__ import annotations

import pytest

from orthanc_deid.dicom.part10 import locate
from orthanc_deid.dicom.top_level_values import top_level_value
from support.data.datasets import FORMS, Element, Form, encode, instance, part10

REFERENCED_IMAGES, STUDY_UID, MODALITY = 0x00081140, 0x0020000D, 0x00080060
INSIDE: list[Element] = [(0x00081150, "UI", "1.2.840.10008.5.1.4.1.1.2"), (0x0020000D, "UI", "1.2.3")]


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_a_value_behind_sequences_is_found(form: Form) -> None:
    nested: list[Element] = [*INSIDE, (0x00409097, "SQ", [INSIDE])]
    codes: Element = (0x00080051, "SQ", [nested, nested])
    data = part10(instance(codes, (REFERENCED_IMAGES, "SQ", [INSIDE, []])), form)
    assert top_level_value(locate(data), STUDY_UID) == "1.2.826.0.1.3680043.10.1.2"
    assert top_level_value(locate(data), MODALITY) == "CT"


def test_an_encoding_that_cannot_be_read_has_no_value() -> None:
    open_form = Form(open_sequences=True, open_items=True)
    data = encode(instance((REFERENCED_IMAGES, "SQ", [INSIDE])), open_form)
    for cut in range(data.index(b"\x08\0\x40\x11") + 8, data.index(b"\x20\0\x0d\0UI\x1a")):
        assert top_level_value(locate(data[:cut]), STUDY_UID) is None
