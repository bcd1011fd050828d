"""Places where two readings of one published rule would part: engine and check read it alike, in both depths."""

from __future__ import annotations

from typing import Any

import pytest

from datasets import Element, element, instance, part10
from engine_profiles import profile
from orthanc_deid import CompiledProfile, deidentify
from orthanc_deid.errors import RefusedError
from orthanc_deid.key import Key
from orthanc_deid.verify import verify

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
def test_a_backslash_parts_no_patient_in_a_condition(depth: str) -> None:
    def refusing(**what: str) -> CompiledProfile:
        refusal = {"when": [{"attribute": "PatientID", **what}], "outcome": "refuse"}
        return profile(instances=[refusal, {"outcome": "admit"}])

    patient = (0x00100020, "LO", "TEST\\48151")
    assert delivered(refusing(equals="TEST"), depth, patient)
    with pytest.raises(RefusedError, match="refused by an instance rule"):
        delivered(refusing(matches="TEST.48151"), depth, patient)
