"""The person an instance is about, as far as the replacements need it: pseudonym, date offset, identity."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from orthanc_deid.config.key import Key
from orthanc_deid.deid.dates import date_offset
from orthanc_deid.deid.prescan import Prescan
from orthanc_deid.deid.pseudonyms import patient_message, patient_pseudonym
from orthanc_deid.deid.text.identity import Identity
from orthanc_deid.dicom.tags import (
    ISSUER_OF_PATIENT_ID,
    PATIENT_BIRTH_DATE,
    PATIENT_ID,
    PATIENT_NAME,
    STUDY_INSTANCE_UID,
)
from orthanc_deid.profile.compile import CompiledProfile


@dataclass(frozen=True, slots=True)
class Subject:
    """`patient_id`, `patient_name`: the new values. `offset`: days by which the patient's dates move."""

    patient_id: str
    patient_name: str
    offset: int
    identity: Identity

    @classmethod
    def of(cls, found: Prescan, compiled: CompiledProfile, key: Key) -> Subject:
        """Return the subject of an instance. Raises RefusedError for a patient whom a given table must name."""
        who = _Who(
            found.first(PATIENT_ID),
            found.first(ISSUER_OF_PATIENT_ID),
            found.first(PATIENT_NAME),
            found.first(PATIENT_BIRTH_DATE),
            found.first(STUDY_INSTANCE_UID),
        )
        return _subject(who, tuple(found.identity), compiled, key)


class _Who(NamedTuple):
    patient_id: str
    issuer: str
    name: str
    birth_date: str
    study_instance_uid: str


@lru_cache(maxsize=512)
def _subject(
    who: _Who, identity: tuple[tuple[str, str], ...], compiled: CompiledProfile, key: Key
) -> Subject:
    """The instances of a study name the same persons, so their subject is made once."""
    message = patient_message(*who)
    settings, dates = compiled.profile.pseudonyms, compiled.profile.dates
    pseudonym = patient_pseudonym(key, message, who.patient_id, who.issuer, settings)
    return Subject(
        patient_id=pseudonym,
        patient_name=settings.patient_name or pseudonym,
        offset=date_offset(key, message, dates.shift_days) if dates.mode == "shift" else 0,
        identity=Identity.of(identity),
    )
