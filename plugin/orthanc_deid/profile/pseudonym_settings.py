"""The table `[pseudonyms]` of a profile: how patient IDs, accession numbers and study IDs are replaced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, PrivateAttr, ValidationInfo, field_validator

from orthanc_deid.dicom.tags import ACCESSION_NUMBER, STUDY_ID
from orthanc_deid.profile import value_checks
from orthanc_deid.profile.base_model import ProfileTable
from orthanc_deid.profile.pseudonym_file import (
    ACCESSION_NUMBERS,
    PATIENTS,
    STUDY_IDS,
    PseudonymFileKind,
    PseudonymTable,
)
from orthanc_deid.profile.selectors import parse_selector

PSEUDONYM_FILES: Final[Mapping[str, PseudonymFileKind]] = {
    "patients": PATIENTS,
    "accession_numbers": ACCESSION_NUMBERS,
    "study_ids": STUDY_IDS,
}
"""The settings that name a file of assigned pseudonyms, and the kind of its values."""

_UNKNOWN: Final = {
    "unknown_patient": "patients",
    "unknown_accession_number": "accession_numbers",
    "unknown_study_id": "study_ids",
}
_DERIVED: Final = {"accession_numbers": "accession_number", "study_ids": "study_id"}


def _patient_name(name: str) -> str:
    value_checks.check_value(parse_selector("PatientName"), name)
    return name


@dataclass(frozen=True, slots=True)
class Replaced:
    """How AccessionNumber or StudyID is replaced: by `table`; values not in it are derived unless `refuses`."""

    table: PseudonymTable
    refuses: bool


class Pseudonyms(ProfileTable):
    """The pseudonyms of patients, accession numbers and study IDs."""

    prefix: Annotated[str, Field(pattern=r"^([A-Za-z0-9][A-Za-z0-9_.-]{0,31})?$")] = ""
    """The text before the derived part of PatientID: ASCII letters, digits, `_`, `.`, `-`."""
    length: Annotated[int, Field(ge=8, le=32)] = 16
    """Characters of the derived part of PatientID; each carries 5 bits."""
    patient_name: Annotated[str, AfterValidator(_patient_name)] | None = None
    """A fixed PatientName; without it PatientName equals PatientID."""
    patients: Annotated[str, Field(min_length=1)] | None = None
    """A CSV file of given pseudonyms (columns id_old, id_new, optionally issuer), relative to the profile."""
    unknown_patient: Literal["refuse", "derive"] = "refuse"
    """The treatment of a patient that is not in that file."""
    accession_number: Literal["rule", "derive"] = "rule"
    """derive: AccessionNumber is replaced by one derived from it; rule: as for every attribute."""
    accession_numbers: Annotated[str, Field(min_length=1)] | None = None
    """A CSV file of given accession numbers (columns id_old, id_new), relative to the profile."""
    unknown_accession_number: Literal["refuse", "derive"] = "refuse"
    """The treatment of an accession number that is not in this file."""
    study_id: Literal["rule", "derive"] = "rule"
    """derive: StudyID is replaced by one derived from it; rule: as for every attribute."""
    study_ids: Annotated[str, Field(min_length=1)] | None = None
    """A CSV file of given study IDs (columns id_old, id_new), relative to the profile."""
    unknown_study_id: Literal["refuse", "derive"] = "refuse"
    """The treatment of a study ID that is not in this file."""

    _tables: dict[str, PseudonymTable] = PrivateAttr(default_factory=dict)

    @property
    def tables(self) -> Mapping[str, PseudonymTable]:
        """The assigned pseudonyms by the setting that names their file."""
        return MappingProxyType(self._tables)

    @property
    def table(self) -> PseudonymTable:
        """The assigned pseudonyms of patients; empty unless `patients` names a file."""
        return self._tables.get("patients", _EMPTY_TABLE)

    def replaced(self, tag: int) -> Replaced | None:
        """Return how AccessionNumber or StudyID is replaced; None for other tags, and where its rule applies."""
        if tag == ACCESSION_NUMBER:
            settings = self.accession_number, "accession_numbers", self.unknown_accession_number
        elif tag == STUDY_ID:
            settings = self.study_id, "study_ids", self.unknown_study_id
        else:
            return None
        source, file, unknown = settings
        if getattr(self, file) is not None:
            return Replaced(self._tables.get(file, _EMPTY_TABLE), refuses=unknown == "refuse")
        return Replaced(_EMPTY_TABLE, refuses=False) if source == "derive" else None

    @field_validator("accession_numbers", "study_ids")
    @classmethod
    def _alone(cls, file: str | None, info: ValidationInfo) -> str | None:
        name = _DERIVED[info.field_name or ""]
        if file is not None and info.data.get(name) == "derive":
            raise ValueError(
                f'{name} = "derive" leaves nothing to a file; accepted: one of them, '
                f'or the file with unknown_{name} = "derive"'
            )
        return file

    @field_validator(*_UNKNOWN)
    @classmethod
    def _used(cls, unknown: str, info: ValidationInfo) -> str:
        file = _UNKNOWN[info.field_name or ""]
        if unknown == "derive" and info.data.get(file, "faulty") is None:
            raise ValueError(f"has no effect without {file}; accepted: the name of its file there as well")
        return unknown


_EMPTY_TABLE: Final = PseudonymTable()
