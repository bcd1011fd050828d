"""Texts that a profile retains by K are searched, but not for the kind of value that they are retained as."""

from __future__ import annotations

import io

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from orthanc_deid.deid.engine import Deidentifier
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.profile.load import load_profile
from orthanc_deid.profile.verify_depth import VerifyDepth
from orthanc_deid.verify.verifier import verify
from support.data.hand_made import KEY, encoded, original
from support.data.profiles import profile

DEPTHS = pytest.mark.parametrize("depth", ["full", "fast"])
RESEARCH = CompiledProfile(load_profile("research"))


def result(used: CompiledProfile, depth: VerifyDepth, **changes: object) -> Dataset:
    """Return the verified result of a CT of Nettlewick Ottoline, PID-30417, Harrowmere Hospital."""
    source = encoded(
        original(
            PatientName="Nettlewick^Ottoline",
            PatientID="PID-30417",
            AccessionNumber="AC-77120",
            InstitutionName="Harrowmere Hospital",
            PatientBirthDate="19500203",
            **changes,
        )
    )
    made = Deidentifier(used, KEY).run(source).output
    verify(source, made, used.profile, KEY, depth)
    return dcmread(io.BytesIO(bytes(made)))


@DEPTHS
@pytest.mark.parametrize(
    ("keyword", "text"),
    [
        ("StationName", "CT Nettlewick"),
        ("StationName", "HARROWMERE-CT2"),
        ("StationAETitle", "NETTLEWICK_CT"),
        ("PlateID", "PID-30417"),
        ("DeviceSerialNumber", "AC-77120"),
        ("DetectorID", "03.02.1950"),
        ("EthnicGroup", "Ottoline"),
        ("ScheduledStudyLocation", "Harrowmere, room 2"),
    ],
)
def test_a_retained_text_that_identifies_goes(depth: VerifyDepth, keyword: str, text: str) -> None:
    assert not result(RESEARCH, depth, **{keyword: text}).get(keyword)


@DEPTHS
@pytest.mark.parametrize(
    ("keyword", "text"),
    [("StationName", "CT99"), ("PlateID", "P-0017"), ("DeviceSerialNumber", "40961"), ("GantryID", "G 2")],
)
def test_a_retained_text_that_identifies_nobody_stays(depth: VerifyDepth, keyword: str, text: str) -> None:
    assert result(RESEARCH, depth, **{keyword: text}).get(keyword) == text


@DEPTHS
def test_a_place_that_the_profile_retains_is_not_searched_for_places_but_for_persons(
    depth: VerifyDepth,
) -> None:
    used = profile(options=["Retain Institution Identity"])
    ward = "Harrowmere Hospital, ward 7"
    kept = result(used, depth, CurrentPatientLocation=ward, StationName="CT")
    assert kept.InstitutionName == "Harrowmere Hospital"
    named = result(used, depth, InstitutionalDepartmentName="Practice of Dr Nettlewick")
    assert "InstitutionalDepartmentName" not in named


@DEPTHS
def test_an_identifier_that_a_rule_retains_is_searched_for_names_but_not_for_identifiers(
    depth: VerifyDepth,
) -> None:
    keeps = profile(attributes=[{"attribute": "AccessionNumber", "action": "K"}])
    assert result(keeps, depth, StudyID="AC-77120").AccessionNumber == "AC-77120"
    source = original(PatientName="Nettlewick^Ottoline", AccessionNumber="NETTLEWICK 2")
    made = Deidentifier(keeps, KEY).run(encoded(source)).output
    verify(encoded(source), made, keeps.profile, KEY, depth)
    assert not dcmread(io.BytesIO(bytes(made))).AccessionNumber
