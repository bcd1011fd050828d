"""A worker of `orthanc-deid verify`: find the result of an original by the key, and verify the pair."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from orthanc_deid.config.key import Key
from orthanc_deid.deid.engine import Deidentified, Deidentifier
from orthanc_deid.dicom.slices import Buffer, Slices
from orthanc_deid.dicom.tags import (
    PATIENT_ID,
    SERIES_INSTANCE_UID,
    SOP_CLASS_UID,
    SOP_INSTANCE_UID,
    STUDY_INSTANCE_UID,
)
from orthanc_deid.errors import (
    NotDicomError,
    RefusedError,
    SourceError,
    VerificationError,
    unexpected,
)
from orthanc_deid.pipeline.deidentification import shown_sop_class
from orthanc_deid.pipeline.facts import Facts
from orthanc_deid.pipeline.failure import VERIFICATION
from orthanc_deid.pipeline.tasks import MIXED_PATIENTS, OTHER_PATIENT, Outcome, Result, Task
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.profile.model import Profile
from orthanc_deid.profile.verify_depth import VerifyDepth
from orthanc_deid.sources.folder_source import FolderSource
from orthanc_deid.stores.output_names import component
from orthanc_deid.verify.reading.element_headers import ParseError
from orthanc_deid.verify.reading.instance import open_instance
from orthanc_deid.verify.rules.expected_pseudonyms import ExpectedUids
from orthanc_deid.verify.verifier import Verifier

WITHHELD = "withheld: "
"""Prefix of the rule of an original that has no result because it is refused."""


@dataclass(frozen=True, slots=True)
class Checked(Outcome):
    """The outcome for one original. `result_path` is that of its result, relative to OUTPUT, or empty.

    DELIVERED: the verifier accepts the result. QUARANTINED: it does not, for `facts.findings`. IGNORED: not DICOM,
    or withheld. LOST: the result is missing. RETRY: a file could not be read.
    """

    result_path: str = ""


@dataclass(frozen=True, slots=True)
class VerifyWorkerSetup:
    """All that a worker needs, picklable."""

    root: Path
    output: Path
    profile: Profile
    key: Key
    depth: VerifyDepth

    def open(self) -> VerifyWorker:
        """Return the worker."""
        return VerifyWorker(self)


class VerifyWorker:
    """Verifies the results of originals; `Task.instance` is a path relative to ORIGINALS."""

    def __init__(self, setup: VerifyWorkerSetup) -> None:
        self._originals = FolderSource(setup.root)
        self._results = FolderSource(setup.output)
        self._output = setup.output
        self._key = setup.key
        self._uids = ExpectedUids(setup.key)
        self._deidentifier = Deidentifier(CompiledProfile(setup.profile), setup.key)
        self._verifier = Verifier(setup.profile, setup.key, setup.depth)
        self._patients: dict[str, list[str]] | None = None

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        """Verify the results of originals; one outcome each, in their order."""
        try:
            return [self._check(task) for task in tasks]
        finally:
            self._originals.close()
            self._results.close()

    def _check(self, task: Task) -> Checked:
        try:
            data = self._originals.fetch(task.instance)
            path = next(self._candidates(data), "")
            return self._compare(task, data, path) if path else self._explain(task, data)
        except NotDicomError as error:
            return Checked(task, Result.IGNORED, error.rule, error.rule)
        except RefusedError as error:
            return Checked(task, Result.IGNORED, WITHHELD + error.rule, str(error))
        except SourceError as error:
            return Checked(task, Result.RETRY, "source", str(error))
        except Exception as error:  # noqa: BLE001 - an error concerns one file alone
            rule = unexpected(error)
            return Checked(task, Result.QUARANTINED, rule, rule)

    def _candidates(self, data: Buffer) -> Iterator[str]:
        """Yield the paths of possible results, by the UIDs that the key makes or the profile keeps."""
        try:
            original = open_instance(Slices([data]))
            uids = [original.text(tag) for tag in (STUDY_INSTANCE_UID, SERIES_INSTANCE_UID, SOP_INSTANCE_UID)]
        except ParseError:
            uids = [""]
        if not all(uids):  # a bare data set gets UIDs that are made from its content
            yield from self._paths(self._made(data))
            return
        keyed = [
            (self._uids.replacement(uid.encode("latin-1", "replace")).decode("latin-1"), uid) for uid in uids
        ]
        for study, series, instance in product(*keyed):
            yield from self._paths((study, series, instance))

    def _made(self, data: Buffer) -> tuple[str, str, str]:
        made = open_instance(self._deidentifier.run(data).output)
        return made.text(STUDY_INSTANCE_UID), made.text(SERIES_INSTANCE_UID), made.text(SOP_INSTANCE_UID)

    def _paths(self, uids: tuple[str, str, str]) -> Iterator[str]:
        study, series, instance = map(component, uids)
        for patient in self._patients_of(study):
            path = os.path.join(patient, study, series, f"{instance}.dcm")  # noqa: PTH118 - relative
            if (self._output / path).is_file():
                yield path

    def _patients_of(self, study: str) -> list[str]:
        """Return the patient folders that hold a study's folder; OUTPUT is listed at the first call."""
        if self._patients is None:
            self._patients = {}
            for patient in sorted(path for path in self._output.iterdir() if path.is_dir()):
                for each in patient.iterdir():
                    self._patients.setdefault(each.name, []).append(patient.name)
        return self._patients.get(study, [])

    def _compare(self, task: Task, data: Buffer, path: str) -> Checked:
        try:
            output = Slices([self._results.fetch(path)])
            result = open_instance(output)
            facts = Facts(
                sop_class=shown_sop_class(result.text(SOP_CLASS_UID)),
                study=result.text(STUDY_INSTANCE_UID),
                size=len(data),
            )
        except (RefusedError, ParseError):
            facts = Facts(findings=("result: cannot be read",))
            return Checked(task, Result.QUARANTINED, VERIFICATION, facts=facts, result_path=path)
        try:
            self._verifier.check(data, output)
        except VerificationError as error:
            found = Facts(facts.sop_class, facts.study, size=facts.size, findings=error.findings)
            return Checked(task, Result.QUARANTINED, VERIFICATION, str(error), facts=found, result_path=path)
        return Checked(task, Result.DELIVERED, facts=facts, result_path=path)

    def _explain(self, task: Task, data: Buffer) -> Checked:
        """Return why an original has no result: withheld, or missing."""
        done: Deidentified = self._deidentifier.run(data)
        try:
            self._verifier.check(data, done.output, done.sample_changes)
        except VerificationError as error:
            return Checked(task, Result.IGNORED, WITHHELD + VERIFICATION, str(error))
        made = open_instance(done.output)
        patients = self._patients_of(component(made.text(STUDY_INSTANCE_UID)))
        if patients and component(made.text(PATIENT_ID)) not in patients:
            return Checked(task, Result.IGNORED, WITHHELD + MIXED_PATIENTS, OTHER_PATIENT)
        return Checked(task, Result.LOST, "no result", "no result, although the engine makes one")
