"""Rules that could be read in two ways: engine and check read them alike, in both depths."""

from __future__ import annotations

from typing import Any

import pytest

from orthanc_deid import CompiledProfile, deidentify
from orthanc_deid.config.key import Key
from orthanc_deid.errors import RefusedError
from orthanc_deid.verify.text.identifiers import make_identifiers
from orthanc_deid.verify.text.text_search import found_in_any, kinds_in
from orthanc_deid.verify.verifier import verify
from support.data.datasets import Element, element, instance, part10, read_file, values
from support.data.profiles import profile

KEY = Key(bytes(range(32)))
DEPTHS = ("full", "fast")
INSTITUTION, KERNEL = 0x00080080, 0x00181210


def delivered(used: CompiledProfile, depth: Any, *extra: Element) -> bytes:
    """Return the engine's output, which the check passes."""
    data = part10(instance(*extra))
    made = deidentify(data, used, KEY)
    verify(data, made.output, used.profile, KEY, depth)
    return bytes(made)


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("place", ["B31f", "CT01", "Radiology 2", "Radiology B", "Hall ab1cd2quill"])
def test_a_place_is_a_medical_word_to_both_or_to_none(place: str, depth: str) -> None:
    output = delivered(profile(), depth, (INSTITUTION, "LO", place), (KERNEL, "SH", place))
    assert (element(KERNEL, "SH", place) in output) is place.startswith("Radiology")


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("text", ["Андерссонchest", "CHESTАндерссон", "ANDERSSONй", "снимокAndersson ok"])
@pytest.mark.parametrize(("term", "codec"), [("ISO_IR 192", "utf-8"), ("ISO_IR 144", "iso8859_5")])
def test_a_name_glued_to_another_alphabet_is_found_by_both(
    text: str, term: str, codec: str, depth: str
) -> None:
    charset, raw = (0x00080005, "CS", term), text.encode(codec)
    assert element(KERNEL, "SH", raw) not in delivered(profile(), depth, charset, (KERNEL, "SH", raw))
    cleaned = delivered(profile(options=["Clean Descriptors"]), depth, charset, (0x00204000, "LT", raw))
    assert raw not in cleaned
    assert not found_in_any([raw], [(term,)], make_identifiers(frozenset({("person", "Berglund^Sven")})))
    assert found_in_any([raw], [(term,)], make_identifiers(frozenset({("person", "ANDERSSON^BRITTA")})))
    assert kinds_in(raw, (term,), make_identifiers(frozenset({("person", "ANDERSSON^BRITTA")}))) == {"person"}


@pytest.mark.parametrize("depth", DEPTHS)
def test_a_backslash_parts_no_patient_in_a_condition(depth: str) -> None:
    def refusing(**what: str) -> CompiledProfile:
        refusal = {"when": [{"attribute": "PatientID", **what}], "outcome": "refuse"}
        return profile(instances=[refusal, {"outcome": "admit"}])

    patient = (0x00100020, "LO", "TEST\\48151")
    assert delivered(refusing(equals="TEST"), depth, patient)
    with pytest.raises(RefusedError, match="refused by an instance rule"):
        delivered(refusing(matches="TEST.48151"), depth, patient)


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("mode", ["table", "neutral", "shift", "year"])
def test_an_allow_list_lets_no_date_through_that_no_row_names(mode: str, depth: str) -> None:
    used = profile(unnamed="remove", dates={"mode": mode})
    gain, segment_end = (0x00143076, "DA", b"20240315"), (0x40101026, "DT", b"20240315")
    output = delivered(used, depth, gain, segment_end, (0x00404050, "DT", b"20240315"))
    assert values(read_file(output), gain[0]) == values(read_file(output), segment_end[0]) == []
