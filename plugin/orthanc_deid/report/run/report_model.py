"""report.json as a model. Each field has its description, and `schema.json` is generated from the model.

Keys are written in PascalCase, as Orthanc writes its own. No field holds an element's value or a source path.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_pascal

from orthanc_deid.profile.verify_depth import VerifyDepth


class Part(BaseModel):
    """Base of the models of reports: PascalCase keys, no unknown keys, immutable."""

    model_config = ConfigDict(
        alias_generator=to_pascal,
        extra="forbid",
        frozen=True,
        populate_by_name=True,
        use_attribute_docstrings=True,
    )


class Software(Part):
    """The software that made the run."""

    name: str
    version: str
    python: str
    pydicom: str
    system: str
    """The operating system's name."""


class UsedProfile(Part):
    """The profile that was applied; instances may have been routed to others (`Profiles`)."""

    name: str
    fingerprint: str
    """16 hexadecimal digits, stamped into every result (0012,0063)."""
    description: str
    base: str
    options: tuple[str, ...]
    verify: VerifyDepth
    """The depth of the independent check that every result has passed."""


class Totals(Part):
    """Files and instances over all runs with this record."""

    files: int
    """Files of the tree that have come to an end, those that are not DICOM among them."""
    delivered: int
    """Files whose result is in the output folder."""
    instances: int
    """Results in the output folder: `Delivered` without the duplicates."""
    duplicates: int
    """Files whose result was already there with the same bytes."""
    quarantined: int
    """Files without a result, because no safe one could be made."""
    failed: int
    """Files that could not be read, or whose result could not be written; the next run tries them again."""
    not_dicom: int
    """Files that hold no DICOM instance; DICOMDIRs are among them."""
    bytes: int
    """Size of all these files."""


class LastRun(Part):
    """The last run."""

    started: str
    """ISO 8601, with the offset from UTC."""
    seconds: float
    workers: int
    finished: bool
    """Whether all files of the tree were processed."""
    stopped_by: str
    """Why it was not finished."""
    found: int
    """Files that it found in the tree."""
    finished_before: int
    """Of these, files that an earlier run had finished."""
    processed: int
    """Of these, files that it finished itself."""
    passed: int
    """Entries that are no readable files: links, devices, folders that could not be read."""
    unreadable_folders: int
    bytes: int
    """Size of the files that it finished."""
    files_per_second: float
    bytes_per_second: float


class ActionCount(Part):
    """The number of elements of delivered files that one action under one rule changed."""

    action: str
    """D, Z, X, K, C or U, as in PS3.15 Table E.1-1a."""
    rule: str
    count: int


class ReasonCount(Part):
    """The number of files that were not delivered for one reason."""

    outcome: Literal["quarantined", "failed", "not DICOM"]
    rule: str
    count: int


class Count(Part):
    """A name, and how often it occurred."""

    name: str
    count: int


class Iod(Part):
    """The files of one SOP class."""

    sop_class: str
    """SOP Class UID; `private SOP class` where PS3.6 does not register it, empty where it could not be read."""
    name: str
    files: int
    delivered: int
    quarantined: int
    failed: int


class Study(Part):
    """The files of one study, under its new Study Instance UID (empty where it could not be read)."""

    study: str
    files: int
    delivered: int
    instances: int
    quarantined: int
    failed: int
    bytes: int
    state: Literal["Complete", "Partial", "Withheld", "SeveralPatients"]
    """Partial: something of it was quarantined or failed; Withheld: nothing of it was delivered; SeveralPatients: it
    was delivered under more than one PatientID, so that pseudonyms and shifted dates differ within it."""


class Report(Part):
    """The report of a folder run and of the runs before it with the same record."""

    schema_version: Literal["1"] = "1"
    software: Software
    profile: UsedProfile
    key: str
    """Fingerprint of the key: 16 hexadecimal digits that identify it and reveal nothing of it."""
    totals: Totals
    last_run: LastRun
    actions: tuple[ActionCount, ...]
    reasons: tuple[ReasonCount, ...]
    findings: tuple[Count, ...]
    """What the verifier found in results that were therefore withheld: rule, kind and tag path."""
    left_out: tuple[Count, ...]
    """Identifying values of the originals that the verifier's published rule does not search for, by kind."""
    notes: tuple[Count, ...]
    codes: tuple[Count, ...]
    """CID 7050 codes by the number of files for which the verifier found them to hold."""
    iods: tuple[Iod, ...]
    studies: tuple[Study, ...]

    def to_json(self) -> str:
        """Return the report as indented JSON."""
        return self.model_dump_json(by_alias=True, indent=2) + "\n"
