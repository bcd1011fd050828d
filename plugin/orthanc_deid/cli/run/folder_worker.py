"""A worker of the folder command: the pipeline, with the facts of every instance gathered for the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter

from orthanc_deid.cli.run.folder_worker_setup import FIRST, STORE, FolderWorkerSetup
from orthanc_deid.deid.admission import sop_class
from orthanc_deid.deid.engine import Deidentified, Deidentifier
from orthanc_deid.deid.uids import replace_uid
from orthanc_deid.dicom.part10 import locate
from orthanc_deid.dicom.partial_file import Data, whole
from orthanc_deid.dicom.top_level_values import peek
from orthanc_deid.errors import (
    LostError,
    NotDicomError,
    RefusedError,
    SourceError,
    VerificationError,
)
from orthanc_deid.pipeline.facts import Facts
from orthanc_deid.pipeline.pipeline import Pipeline, output_of
from orthanc_deid.pipeline.tasks import CONFLICT, Outcome, Output, Result, Task
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.profile.options import Option
from orthanc_deid.sources.folder_source import FolderSource
from orthanc_deid.stores.folder_store import FolderSetup
from orthanc_deid.verify.result import Verified
from orthanc_deid.verify.verifier import Verifier

_STUDY_INSTANCE_UID = 0x0020000D
_ACTION_AND_RULE = attrgetter("rule.action", "rule.name")


class FolderWorker:
    """Runs files through the pipeline. It is its source and its procedure, and so knows whose facts are whose."""

    def __init__(self, setup: FolderWorkerSetup) -> None:
        self._source = FolderSource(setup.root)
        self._compiled = CompiledProfile(setup.profile)
        self._deidentifier = Deidentifier(self._compiled, setup.key)
        self._verifier = Verifier(setup.profile, setup.key, setup.depth)
        self._key = setup.key
        self._want_mapping = setup.want_mapping
        self._expected: dict[str, int] = {}
        self._facts: dict[str, Facts] = {}
        self._results: dict[str, Output] = {}
        self._not_dicom: set[str] = set()
        self._instance = ""
        stores = (
            FolderSetup(STORE, setup.output, check=self._refuse_changed),
            FolderSetup(FIRST, setup.output, replaces=True, check=self._refuse_changed),
        )
        procedures = {setup.profile.name: lambda: self._process}
        self._pipeline = Pipeline(self, stores, procedures, want_output_md5=False)

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        """Run works, whose `instance` is a path and whose `seq` is the file's time of change when it was found."""
        self._expected = {task.instance: task.seq for task in tasks}
        try:
            outcomes = self._pipeline.run(tasks)
            return [self._told(outcome) for outcome in outcomes]
        finally:
            self._source.close()
            self._facts.clear()
            self._results.clear()
            self._not_dicom.clear()

    def _told(self, outcome: Outcome) -> Outcome:
        """Return the outcome with its facts; what is not DICOM is nothing to be delivered.

        A conflict carries the identifiers of its result, so that it can be settled which of the files counts.
        """
        instance = outcome.task.instance
        if instance in self._not_dicom:
            return replace(outcome, result=Result.IGNORED)
        facts = self._facts.get(instance, Facts())
        if outcome.rule == CONFLICT:
            return replace(outcome, facts=facts, output=self._results.get(instance))
        if outcome.result is Result.QUARANTINED and instance in self._results:  # refused while it was written
            findings = (outcome.reason,) if outcome.rule == "verification" else ()
            facts = Facts(facts.sop_class, facts.study, size=facts.size, findings=findings)
        return replace(outcome, facts=facts)

    # --- the pipeline's source

    def open(self) -> FolderWorker:
        """Return the source, which is this worker."""
        return self

    def fetch(self, instance: str) -> Data:
        """Return the file, read as far as need be, if it still is the file that was found."""
        self._instance = instance
        try:
            data = self._source.fetch_partly(instance)
        except NotDicomError:
            self._not_dicom.add(instance)
            raise
        except LostError:
            raise SourceError("the file has vanished") from None
        if self._source.modified != self._expected[instance]:
            raise SourceError("the file changed after it was found")
        return data

    def close(self) -> None:
        """Close the file fetched last."""
        self._source.close()

    # --- the pipeline's procedure

    def _process(self, data: Data) -> Verified:
        facts = Facts(size=len(data))
        try:
            done = self._deidentifier.run(data)
            facts = self._facts_of(done, facts)
            verified = self._verifier.check(data, done.output)
            self._refuse_changed()
            left_out = tuple(sorted(verified.left_out.items()))
            facts = replace(
                facts,
                sop_class=verified.sop_class_uid,
                study=verified.study_instance_uid,
                codes=tuple(verified.codes),
                left_out=left_out,
            )
            self._results[self._instance] = output_of(verified)
            return verified
        except (VerificationError, RefusedError) as error:
            self._refuse_changed()  # what was judged is not what had been found
            facts = self._facts_withheld(data, facts, error)
            raise
        finally:
            self._facts[self._instance] = facts

    def _refuse_changed(self) -> None:
        """Raise SourceError if the file is no longer what was read; of a mapped one half might be new."""
        if self._source.changed():
            raise SourceError("the file changed while it was read")

    def _facts_of(self, done: Deidentified, facts: Facts) -> Facts:
        return replace(
            facts,
            profile=done.profile.name,
            actions=tuple(
                ((action.value, rule), number)
                for (action, rule), number in Counter(map(_ACTION_AND_RULE, done.done)).items()
            ),
            notes=done.notes,
            uids=tuple(done.replaced_uids.items()) if self._want_mapping else (),
            patient=done.patient_ids if self._want_mapping else None,
        )

    def _facts_withheld(self, data: Data, facts: Facts, error: VerificationError | RefusedError) -> Facts:
        if isinstance(error, NotDicomError):
            self._not_dicom.add(self._instance)
            return facts
        found = self._read_of(data, facts)
        return replace(found, findings=error.findings) if isinstance(error, VerificationError) else found

    def _read_of(self, data: Data, facts: Facts) -> Facts:
        """Return the facts with what can be read of an instance that is not delivered: SOP class and study."""
        try:
            encoded = locate(whole(data))
            study = peek(encoded, _STUDY_INSTANCE_UID) or ""
            if Option.RETAIN_UIDS not in self._compiled.options:
                study = replace_uid(study, self._key)
            return replace(facts, sop_class=encoded.sop_class_uid or sop_class(encoded), study=study)
        except RefusedError:
            return facts
