"""Ages above the limit in texts that are kept or cleaned: they go, or become the limit plus one year."""

from __future__ import annotations

import io

import pytest
from pydicom import dcmread

from orthanc_deid.deid.engine import Deidentifier
from orthanc_deid.profile.action import Action
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.profile.model import AttributeRule, Profile
from orthanc_deid.verify.verifier import Verifier
from support.data.hand_made import KEY, encoded, original
from unit.deid.test_kept_text import result


@pytest.mark.parametrize("name", ["basic", "neutral", "research", "strict"])
@pytest.mark.parametrize("age", ["103Y", "095Y", "95 years", "aged 95", "95 y/o", "Age: 97"])
def test_an_age_above_the_limit_goes_from_a_kept_text(name: str, age: str) -> None:
    read = result(name, ImageType=["ORIGINAL", "PRIMARY", "AXIAL"], RescaleType=f"HU {age}")
    assert read.RescaleType == "HU"


def test_a_value_that_is_nothing_but_an_age_goes() -> None:
    assert not result(BodyPartExamined="095Y").get("BodyPartExamined")
    assert result(BodyPartExamined="CHEST 095Y").BodyPartExamined == "CHEST"


@pytest.mark.parametrize("text", ["CHEST 62Y", "CHEST 89 years", "Y 95", "T95Y"])
def test_other_numbers_stay(text: str) -> None:
    assert result(ConvolutionKernel=text).ConvolutionKernel == text


def test_an_age_goes_from_a_text_that_a_rule_retains() -> None:
    assert not result("research", StationName="ROOM 95Y").get("StationName")
    assert result("research", StationName="ROOM 62Y").StationName == "ROOM 62Y"


def test_a_cleaned_text_shows_the_limit() -> None:
    read = result("research", SeriesDescription="Chest 95 years", StudyDescription="Chest 62 years")
    assert (read.SeriesDescription, read.StudyDescription) == ("Chest 90 years", "Chest 62 years")


def test_an_age_goes_from_a_text_that_a_site_keeps() -> None:
    profile = Profile(
        name="keeping", attributes=(AttributeRule(attribute="PatientComments", action=Action.K),)
    )
    for text, left in (("aged 95", ""), ("aged 62", "aged 62")):
        source = encoded(original(PatientComments=text))
        made = Deidentifier(CompiledProfile(profile), KEY).run(source).output
        Verifier(profile, KEY, "full").check(source, made)
        assert dcmread(io.BytesIO(bytes(made))).get("PatientComments", "") == left
