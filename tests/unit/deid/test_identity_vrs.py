"""Identifying values are recognized in any VR, by the engine and by both depths of the verifier."""

from __future__ import annotations

import struct
from itertools import product
from typing import Any

import pytest
from pydicom.datadict import tag_for_keyword

from orthanc_deid.config.key import Key
from orthanc_deid.deid.engine import Deidentified, deidentify
from orthanc_deid.errors import VerificationError
from orthanc_deid.verify.verifier import verify
from support.data.datasets import CONTENT, DataSet, instance, nested, part10
from support.data.profiles import profile

KEY = Key(bytes(range(32)))
KNOWN = profile(options=["Clean Descriptors"], texts={"clean": "known"})
SERIES_DESCRIPTION = 0x0008103E
DEPTHS = ("full", "fast")

TEXTS = {
    "PatientName": ("Quandrell^Zeb", "QUANDRELL"),
    "PatientID": ("QX-7731", "qx 7731"),
    "OtherPatientIDs": ("OTH-8812", "OTH-8812"),
    "PatientAddress": ("Molenweg 44 Brugge", "molenweg 44, brugge"),
    "PatientTelephoneNumbers": ("KLONDIKE 5", "Klondike 5"),
    "InstitutionName": ("Kestrelmoor", "Kestrelmoor"),
    "ReferringPhysicianName": ("Vexmore^Ann", "Vexmore"),
    "AccessionNumber": ("ACC-902", "ACC 902"),
}
TEXT_VRS = ("LO", "SH", "ST", "UT", "UC", "PN", "CS", "UN", "OB", "OW", "UR", "AE")
NUMBERS = {"US": "H", "UL": "I", "SL": "i", "UV": "Q", "SV": "q", "FL": "f", "FD": "d"}


def described(text: str, *, top: DataSet, inner: DataSet) -> bytes:
    """Return an original whose description holds `text`; `inner` is put into an item of a sequence."""
    return part10(instance((SERIES_DESCRIPTION, "LO", f"chest {text} lung"), *top, *nested(1, inner)))


def original(keyword: str, vr: str, value: Any, text: str, *, at_top: bool) -> bytes:
    tag = tag_for_keyword(keyword)
    assert tag is not None
    element = (tag, vr, value)
    return described(text, top=[element] if at_top else [], inner=[] if at_top else [element])


def findings(source: bytes, made: Deidentified, depth: Any) -> str:
    try:
        verify(source, made.output, KNOWN.profile, KEY, depth)
    except VerificationError as error:
        return "\n".join(error.findings)
    return ""


@pytest.mark.parametrize("at_top", [True, False], ids=["top level", "in a sequence"])
@pytest.mark.parametrize(("keyword", "vr"), [*product(TEXTS, TEXT_VRS)])
def test_identifying_values_are_recognized_in_any_vr(keyword: str, vr: str, at_top: bool) -> None:
    value, text = TEXTS[keyword]
    source = original(keyword, vr, value, text, at_top=at_top)
    made = deidentify(source, KNOWN, KEY)
    assert text.encode() not in bytes(made)
    assert b"chest" in bytes(made)
    assert [findings(source, made, depth) for depth in DEPTHS] == ["", ""]


@pytest.mark.parametrize("at_top", [True, False], ids=["top level", "in a sequence"])
@pytest.mark.parametrize(
    ("keyword", "vr"), [*product(("PatientID", "OtherPatientIDs", "AccessionNumber"), NUMBERS)]
)
def test_an_id_in_a_binary_vr_is_recognized_by_its_digits(keyword: str, vr: str, at_top: bool) -> None:
    source = original(keyword, vr, struct.pack(f"<{NUMBERS[vr]}", 47112), "no. 47112", at_top=at_top)
    made = deidentify(source, KNOWN, KEY)
    assert b"47112" not in bytes(made)
    assert [findings(source, made, depth) for depth in DEPTHS] == ["", ""]


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("at_top", [True, False], ids=["top level", "in a sequence"])
@pytest.mark.parametrize(
    ("keyword", "vr"), [(keyword, vr) for keyword, vr in product(TEXTS, TEXT_VRS) if keyword != "PatientID"]
)
def test_the_verifier_alone_recognizes_identifying_values_in_any_vr(
    keyword: str, vr: str, at_top: bool, depth: str
) -> None:
    value, text = TEXTS[keyword]
    source = original(keyword, vr, value, text, at_top=at_top)
    blind = deidentify(original(keyword, vr, "Nemo", text, at_top=at_top), KNOWN, KEY)
    assert text.encode() in bytes(blind)
    assert "identifying values" in findings(source, blind, depth)


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("vr", NUMBERS)
def test_the_verifier_alone_recognizes_an_id_that_is_a_number(vr: str, depth: str) -> None:
    number, other = (struct.pack(f"<{NUMBERS[vr]}", each) for each in (47112, 47113))
    source = original("OtherPatientIDs", vr, number, "47112", at_top=True)
    blind = deidentify(original("OtherPatientIDs", vr, other, "47112", at_top=True), KNOWN, KEY)
    assert b"47112" in bytes(blind)
    assert "id found" in findings(source, blind, depth)


def test_a_name_as_bytes_makes_the_pseudonym_of_its_patient() -> None:
    """Two encodings of one instance get the same pseudonym."""

    def pseudonym(vr: str) -> bytes:
        data = described("", top=[(0x00100020, "LO", ""), (0x00100010, vr, "Quandrell^Zeb")], inner=[])
        made = deidentify(data, KNOWN, KEY)
        assert findings(data, made, "full") == ""
        return made.patient_ids[1].encode()

    assert pseudonym("OB") == pseudonym("LO") == pseudonym("PN")


def test_a_condition_reads_a_name_that_is_written_as_bytes() -> None:
    rule = {"attribute": "SeriesDescription", "value": "seen"}
    when = [{"attribute": "InstitutionName", "equals": "Kestrelmoor"}]
    site = profile(attributes=[{**rule, "when": when}])
    data = described("x", top=[(0x00080080, "OB", "Kestrelmoor ")], inner=[])
    made = deidentify(data, site, KEY)
    assert b"seen" in bytes(made)
    verify(data, made.output, site.profile, KEY)


def test_content_items_name_persons_in_any_text_vr() -> None:
    person = (0x0040A123, "LO", "Quandrell^Zeb")
    data = part10(instance((SERIES_DESCRIPTION, "LO", "for Quandrell"), (CONTENT, "SQ", [[person]])))
    made = deidentify(data, KNOWN, KEY)
    assert b"uandrell" not in bytes(made).lower()
    assert findings(data, made, "full") == findings(data, made, "fast") == ""
