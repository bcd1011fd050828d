"""Stamps that are not true of the output: each is found."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from orthanc_deid.profile.action import Action
from orthanc_deid.profile.model import AttributeRule, Profile
from orthanc_deid.verify.verifier import verify
from support.data.faulty_outputs import drop, faulty, findings, put
from support.data.hand_made import (
    KEY,
    by_hand,
    encoded,
    original,
    output,
)


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (put(PatientIdentityRemoved="NO"), "stamps: wrong value (0012,0062)"),
        (drop("PatientIdentityRemoved"), "stamps: wrong value (0012,0062)"),
        (put(DeidentificationMethod="by hand"), "stamps: wrong value (0012,0063)"),
        (put(LongitudinalTemporalInformationModified="UNMODIFIED"), "stamps: wrong value (0028,0303)"),
        (
            drop("DeidentificationMethodCodeSequence"),
            "stamps: codes that are not those that hold (0012,0064)",
        ),
    ],
)
def test_a_stamp_that_is_not_true_is_found(change: Callable[[Dataset], None], finding: str) -> None:
    assert finding in faulty(change)


def test_a_code_that_claims_more_than_was_done_is_found() -> None:
    def claim(made: Dataset) -> None:
        code = Dataset()
        code.CodeValue, code.CodingSchemeDesignator = "113101", "DCM"
        code.CodeMeaning = "Clean Pixel Data Option"
        made.DeidentificationMethodCodeSequence.append(code)

    assert "(0012,0064)" in faulty(claim)


def test_basic_is_not_claimed_where_an_explicit_rule_keeps_what_the_table_names() -> None:
    profile = Profile(name="keeps-sex", attributes=(AttributeRule(attribute="PatientSex", action=Action.K),))
    ds = original()
    made = by_hand(ds, profile)
    made.PatientSex = "F"
    assert "(0012,0064)" in findings(encoded(ds), output(made), profile)
    made.DeidentificationMethodCodeSequence = Sequence([])
    assert verify(encoded(ds), output(made), profile, KEY).codes == ()


def test_a_stamp_of_another_profile_is_found() -> None:
    ds = original()
    changed = Profile(name="basic", description="other content, same name")
    assert "stamps: wrong value (0012,0063)" in findings(encoded(ds), output(by_hand(ds, changed)))
