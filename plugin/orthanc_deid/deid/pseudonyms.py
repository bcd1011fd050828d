"""Pseudonyms derived from the patient's identifiers (D3 in docs/architecture.md, `profile/RULES.md`)."""

from __future__ import annotations

from base64 import b32encode
from typing import Final

from orthanc_deid.config.key import Key
from orthanc_deid.errors import RefusedError
from orthanc_deid.profile.pseudonym_settings import Pseudonyms

_PADDING = " \0"
_LENGTH: Final = 16  # characters of SH, all derived: a prefix would leave too few


def patient_message(
    patient_id: str, issuer: str, name: str, birth_date: str, study_instance_uid: str
) -> bytes:
    """Return the bytes that identify the patient, as input to the key; they differ between nameless patients.

    (IssuerOfPatientID, PatientID); where that is empty, name and birth date; else the study.
    """
    patient_id, name = patient_id.strip(_PADDING), name.strip(_PADDING).rstrip("^= ")
    if patient_id:
        text = f"id\0{issuer.strip(_PADDING)}\0{patient_id}"
    elif name:
        text = f"name\0{name}\0{birth_date.strip(_PADDING)}"
    else:
        text = f"study\0{study_instance_uid.strip(_PADDING)}"
    return text.encode("utf-8")


def patient_pseudonym(key: Key, message: bytes, patient_id: str, issuer: str, settings: Pseudonyms) -> str:
    """Return the new PatientID: given by the profile's table, else derived.

    Raises RefusedError for a patient whom the table does not name, where the profile does not let it derive.
    """
    if settings.patients is not None:
        given = settings.table.pseudonym(patient_id, issuer)
        if given is not None:
            return given
        if settings.unknown_patient == "refuse":
            raise RefusedError("patient not in the table of pseudonyms", "(0010,0020)")
    return settings.prefix + _derived(key, message, settings.length)


def identifier_pseudonym(key: Key, tag: int, value: str, issuer: str, settings: Pseudonyms) -> str | None:
    """Return the new AccessionNumber or StudyID, of at most 16 characters (SH): given by the profile, else derived.

    `value` is the trimmed original; an empty one stays so. `issuer`: that of the PatientID, as hospitals assign
    the same numbers. None where the table must name it and does not.
    """
    replaced = settings.replaced(tag)
    if not value or replaced is None:
        return value
    given = replaced.table.pseudonym(value)
    if given is None and not replaced.refuses:
        return _derived(key, f"{tag:08X}\0{issuer}\0{value}".encode(), _LENGTH)
    return given


def _derived(key: Key, message: bytes, length: int) -> str:
    """Return the first characters of the lower-case base 32 of the keyed digest."""
    return b32encode(key.digest("patient", message)).decode("ascii").lower()[:length]
