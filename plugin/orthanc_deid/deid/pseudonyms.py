"""Who the patient is, and the pseudonyms derived from that (design D3, `profile/RULES.md`)."""

from __future__ import annotations

from base64 import b32encode

from orthanc_deid.errors import RefusedError
from orthanc_deid.key import Key
from orthanc_deid.profile.model import Pseudonyms

_PADDING = " \0"


def patient_message(
    patient_id: str, issuer: str, name: str, birth_date: str, study_instance_uid: str
) -> bytes:
    """Return the bytes that stand for the patient under the key: never the same for all nameless patients.

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


def _derived(key: Key, message: bytes, settings: Pseudonyms) -> str:
    digest = b32encode(key.digest("patient", message)).decode("ascii").lower()
    return settings.prefix + digest[: settings.length]


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
    return _derived(key, message, settings)


def derived_value(key: Key, keyword: str, value: str, settings: Pseudonyms) -> str:
    """Return a keyed stand-in for an AccessionNumber or StudyID: at most 16 characters (SH)."""
    message = f"{keyword}\0{value.strip(_PADDING)}".encode()
    return _derived(key, message, settings)[:16]
