"""The subject of an instance: the pseudonym, date offset and identity that the replacements need."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from orthanc_deid.config.key import Key
from orthanc_deid.deid.dates import date_offset
from orthanc_deid.deid.prescan import Prescan
from orthanc_deid.deid.private_values import identifying_numbers
from orthanc_deid.deid.pseudonyms import patient_message, patient_pseudonym
from orthanc_deid.deid.text.identity import DATE, IDS, Identity
from orthanc_deid.dicom.tags import (
    ISSUER_OF_PATIENT_ID,
    PATIENT_BIRTH_DATE,
    PATIENT_ID,
    PATIENT_NAME,
    STUDY_INSTANCE_UID,
)
from orthanc_deid.profile.compile import CompiledProfile


@dataclass(frozen=True, slots=True, eq=False)  # a key of caches, and itself from one
class Subject:
    """`patient_id`, `patient_name`: the new values. `issuer`: that of the original PatientID. `offset`: in days.

    `values`: the identifying values as (kind, value), of which `identity` is made; `numbers`: those of them that a
    private number is compared with.
    """

    patient_id: str
    patient_name: str
    issuer: str
    offset: int
    identity: Identity
    values: tuple[tuple[str, str], ...]
    numbers: frozenset[int]

    @classmethod
    def of(cls, found: Prescan, compiled: CompiledProfile, key: Key) -> Subject:
        """Return the subject of an instance. Raises RefusedError for a patient whom the table of pseudonyms lacks."""
        return found.once((compiled, key), lambda: _subject_of(found, compiled, key))

    def identity_beside(self, kind: str) -> Identity:
        """Return the identity without values of `kind`, that of a value which the profile keeps; all IDs are one."""
        return (
            _identity_beside(self.values, IDS if kind in IDS else frozenset((kind,)))
            if kind
            else self.identity
        )


@lru_cache(maxsize=64)
def _identity_beside(values: tuple[tuple[str, str], ...], kinds: frozenset[str]) -> Identity:
    return Identity.of((kind, value) for kind, value in values if kind not in kinds)


class _PatientKey(NamedTuple):
    patient_id: str
    issuer: str
    name: str
    birth_date: str
    study_instance_uid: str


def _subject_of(found: Prescan, compiled: CompiledProfile, key: Key) -> Subject:
    patient = _PatientKey(
        found.first(PATIENT_ID),
        found.first(ISSUER_OF_PATIENT_ID),
        found.first(PATIENT_NAME),
        found.first(PATIENT_BIRTH_DATE),
        found.first(STUDY_INSTANCE_UID),
    )
    identity = found.identity
    if compiled.profile.dates.mode == "year":  # which shows the first day of a year as it is
        identity = [each for each in identity if each[0] != DATE or not each[1].endswith("0101")]
    return _subject(patient, tuple(dict.fromkeys(identity)), compiled, key)


@lru_cache(maxsize=512)
def _subject(
    patient: _PatientKey, identity: tuple[tuple[str, str], ...], compiled: CompiledProfile, key: Key
) -> Subject:
    """Cached, because the instances of a study name the same persons."""
    message = patient_message(*patient)
    settings, dates = compiled.profile.pseudonyms, compiled.profile.dates
    pseudonym = patient_pseudonym(key, message, patient.patient_id, patient.issuer, settings)
    return Subject(
        patient_id=pseudonym,
        patient_name=settings.patient_name or pseudonym,
        issuer=patient.issuer.strip(" \0"),
        offset=date_offset(key, message, dates.shift_days) if dates.mode == "shift" else 0,
        identity=Identity.of(identity),
        values=identity,
        numbers=identifying_numbers(identity),
    )
