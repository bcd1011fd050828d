"""The person an instance is about, as far as the replacements need it: pseudonym, date offset, identity."""

from __future__ import annotations

from dataclasses import dataclass

from orthanc_deid.deid.dates import date_offset
from orthanc_deid.deid.harvest import Harvest
from orthanc_deid.deid.identity import Identity
from orthanc_deid.deid.pseudonyms import patient_message, patient_pseudonym
from orthanc_deid.key import Key
from orthanc_deid.profile.compile import PATIENT_ID, PATIENT_NAME, CompiledProfile

ISSUER_OF_PATIENT_ID, PATIENT_BIRTH_DATE, STUDY_INSTANCE_UID = 0x00100021, 0x00100030, 0x0020000D


@dataclass(frozen=True, slots=True)
class Subject:
    """`patient_id`, `patient_name`: the new values. `offset`: days by which the patient's dates move."""

    patient_id: str
    patient_name: str
    offset: int
    identity: Identity

    @classmethod
    def of(cls, found: Harvest, compiled: CompiledProfile, key: Key) -> Subject:
        """Return the subject of an instance. Raises RefusedError for a patient whom a given table must name."""
        patient_id, issuer = found.first(PATIENT_ID), found.first(ISSUER_OF_PATIENT_ID)
        message = patient_message(
            patient_id,
            issuer,
            found.first(PATIENT_NAME),
            found.first(PATIENT_BIRTH_DATE),
            found.first(STUDY_INSTANCE_UID),
        )
        settings, dates = compiled.profile.pseudonyms, compiled.profile.dates
        pseudonym = patient_pseudonym(key, message, patient_id, issuer, settings)
        return cls(
            patient_id=pseudonym,
            patient_name=settings.patient_name or pseudonym,
            offset=date_offset(key, message, dates.shift_days) if dates.mode == "shift" else 0,
            identity=Identity.of(found.identity),
        )
