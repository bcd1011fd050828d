"""UIDs, pseudonyms and offsets that a key makes."""

from __future__ import annotations

from orthanc_deid.config.key import Key
from orthanc_deid.profile.model import Profile
from orthanc_deid.verify.rules.expected_pseudonyms import (
    ExpectedUids,
    PatientValues,
    offset_days,
    pseudonym,
)

KEY = Key(bytes(range(32)))


def test_a_keyed_uid_is_a_uuid_of_version_8() -> None:
    made = ExpectedUids(KEY).replacement(b"1.2.826.0.1.3680043.9.7777.1")
    number = int(made.removeprefix(b"2.25."))
    assert number >> 76 & 0xF == 8
    assert number >> 62 & 0x3 == 2
    assert ExpectedUids(KEY).replacement(b"1.2.840.10008.1.2") == b"1.2.840.10008.1.2"


def test_the_patient_is_issuer_and_id_then_name_and_birth_date_then_the_study() -> None:
    def message(*values: str) -> bytes:
        return PatientValues(*values).message

    assert message(" 17 ", "HOSP\0", "A^B", "19700101", "1.2") == b"id\0HOSP\x0017"
    assert message("", "HOSP", "A^B^^ ", "19700101", "1.2") == b"name\0A^B\x0019700101"
    assert message(" ", "", "^^", "", "1.2\0") == b"study\x001.2"


def test_pseudonyms_and_offsets_are_those_of_the_rules() -> None:
    patient = PatientValues("17", "", "", "", "")
    profile = Profile(name="p")
    assert len(pseudonym(patient, profile, KEY)) == 16
    assert pseudonym(patient, profile, KEY) != pseudonym(patient, profile, Key(b"x" * 32))
    assert all(
        -3650 <= offset_days(PatientValues(str(n), "", "", "", ""), profile, KEY) <= -1 for n in range(50)
    )
