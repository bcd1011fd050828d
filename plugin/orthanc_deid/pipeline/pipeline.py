"""The path of one instance: fetch, de-identify, verify, put. Every end of it is an `Outcome`.

An error concerns the one instance that met it; `failure` says what it leads to.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from orthanc_deid.errors import NotDicomError, StoreError, unexpected
from orthanc_deid.pipeline.facts import Facts
from orthanc_deid.pipeline.failure import Failure, failure_of
from orthanc_deid.pipeline.loop_guard import LoopGuard, source_md5
from orthanc_deid.pipeline.process import Process, Withheld, output_of
from orthanc_deid.pipeline.processing import Processing
from orthanc_deid.pipeline.tasks import CONFLICT, MIXED_PATIENTS, OTHER_PATIENT, Outcome, Result, Task
from orthanc_deid.sources.source import SourceSetup
from orthanc_deid.stores.store import Put, Store, StoreSetup
from orthanc_deid.verify.result import Verified

SLOW_FAILURE = 1.0
"""Seconds. One failure of a store that took longer makes the rest of the batch skip that store."""

_STORED = frozenset({Result.DELIVERED, Result.DUPLICATE})

_OWN = Failure(Result.IGNORED, "own output", "our own output came back; it is not processed again")
_CHANGED = Failure(
    Result.QUARANTINED,
    "own output, changed",
    "it has the SOP Instance UID of an output of ours, and other content, or none that it could be compared with",
)
_MIXED_PATIENTS = Failure(Result.QUARANTINED, MIXED_PATIENTS, OTHER_PATIENT)
_NOT_ADMITTED = Failure(Result.QUARANTINED, "not admitted", "the store no longer admits the profile")


@dataclass(frozen=True, slots=True)
class PipelineOptions:
    """How a pipeline behaves and what its outcomes carry.

    `source_md5`, `output_md5`: the MD5 of the fetched bytes and of the result. The latter takes longer than all else
    that is done to a CT image; a folder run never receives its outputs again and goes without it (`Output.md5` is
    then empty). `conflict_output`: a result in conflict with what the store holds comes with its identifiers.
    `ignore_not_dicom`: files that are not DICOM are ignored, not quarantined. `admitted` names the profiles that each
    store admits (None: all). `own_uid` says whether an output of ours has a SOP Instance UID (None: only `Task.own`
    counts). `study_patient` says whether a study belongs to a patient: store, profile, StudyInstanceUID, PatientID
    (None: it is not asked). `clock` returns seconds.
    """

    source_md5: bool = False
    output_md5: bool = True
    conflict_output: bool = False
    ignore_not_dicom: bool = False
    admitted: Mapping[str, Collection[str]] | None = None
    own_uid: Callable[[str], bool] | None = None
    study_patient: Callable[[str, str, str, str], bool] | None = None
    clock: Callable[[], float] = time.perf_counter


@dataclass(frozen=True, slots=True)
class _Ready:
    """A verified result that is to be put."""

    verified: Verified
    facts: Facts
    source_md5: str
    output_md5: str


@dataclass(frozen=True, slots=True)
class _Failed:
    """An instance that no store is to get."""

    failure: Failure
    facts: Facts | None = None


class Pipeline:
    """Source, processes and stores of one worker, each opened when it is first needed.

    A store that cannot be opened fails its own tasks and no others. Not shared between threads.
    """

    def __init__(
        self,
        source: SourceSetup,
        stores: Iterable[StoreSetup],
        processes: Mapping[str, Callable[[], Process]],
        options: PipelineOptions | None = None,
    ) -> None:
        """`processes` makes a profile's process by the profile's name."""
        self._processing = Processing(source, processes)
        self._setups = {setup.name: setup for setup in stores}
        self._stores: dict[str, Store] = {}
        self._options = options = options or PipelineOptions()
        self._guard = LoopGuard(self._processing.fetch, self._processing.process, options.own_uid)

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        """Run a batch and sync its stores once at the end; returns one outcome per task, in their order.

        Consecutive tasks of one instance and profile are fetched, de-identified and verified once.
        """
        batch = _Batch(self, self._options)
        outcomes = [batch.run(task) for task in tasks]
        for name in dict.fromkeys(outcome.task.store for outcome in outcomes if outcome.result in _STORED):
            if (failure := self._sync(name)) is not None:
                outcomes = [
                    replace(
                        outcome,
                        result=failure.result,
                        rule=failure.rule,
                        reason=failure.reason,
                        output=None,
                    )
                    if outcome.task.store == name and outcome.result in _STORED
                    else outcome
                    for outcome in outcomes
                ]
        return outcomes

    def close(self) -> None:
        """Close source and stores."""
        self._processing.close()
        for store in self._stores.values():
            store.close()

    def prepare(self, task: Task) -> _Ready | _Failed:
        """Fetch, de-identify and verify one instance."""
        options = self._options
        try:
            data = self._processing.fetch(task.instance)
            if options.admitted is not None and task.profile not in options.admitted.get(task.store, ()):
                return _Failed(_NOT_ADMITTED)
            if (came_back := self._guard.judge(task, data)) is not None:
                return _Failed(_OWN if came_back else _CHANGED)
            processed = self._processing.process(task.profile, data)
            if isinstance(processed, Withheld):
                return _Failed(self._failure(processed.error), processed.facts)
            md5 = processed.verified.md5() if options.output_md5 else ""
            digest = source_md5(data) if options.source_md5 else ""
            return _Ready(processed.verified, processed.facts, digest, md5)
        except Exception as error:  # noqa: BLE001 - fail closed: any error ends here, for this instance alone
            return _Failed(self._failure(error))

    def _failure(self, error: Exception) -> Failure:
        failure = failure_of(error)
        if self._options.ignore_not_dicom and isinstance(error, NotDicomError):
            return replace(failure, result=Result.IGNORED)
        return failure

    def put(self, task: Task, verified: Verified) -> Put | Failure:
        """Put a verified result into the task's store."""
        name, belongs = task.store, self._options.study_patient
        try:
            if belongs is not None and not belongs(
                name, task.profile, verified.study_instance_uid, verified.patient_id
            ):
                return _MIXED_PATIENTS
            if name not in self._stores:
                self._stores[name] = self._setups[name].open()
            return self._stores[name].put(verified)
        except Exception as error:  # noqa: BLE001 - as above
            return failure_of(error)

    def _sync(self, name: str) -> Failure | None:
        try:
            self._stores[name].sync()
        except Exception as error:  # noqa: BLE001 - a result that may not be durable was not delivered
            reason = str(error) if isinstance(error, StoreError) else unexpected(error)
            return Failure(Result.RETRY_STORE, "store", reason)
        return None


class _Batch:
    """The state of one run: the last result, and the failures of each store."""

    def __init__(self, pipeline: Pipeline, options: PipelineOptions) -> None:
        self._pipeline = pipeline
        self._options = options
        self._key: tuple[str, int, str] | None = None
        self._prepared: _Ready | _Failed | None = None
        self._failures: dict[str, int] = {}

    def run(self, task: Task) -> Outcome:
        """Run one task."""
        clock = self._options.clock
        began = clock()
        if self._failures.get(task.store, 0) >= 2:
            return Outcome(task, Result.RETRY_STORE, "store", "the store failed for others of its batch")
        key = (task.instance, task.seq, task.profile)
        if key != self._key or self._prepared is None:
            self._prepared = None  # release one result before the next is made
            self._prepared = self._pipeline.prepare(task)
            self._key = key
        prepared = self._prepared
        if isinstance(prepared, _Failed):
            failure, seconds = prepared.failure, clock() - began
            return Outcome(
                task, failure.result, failure.rule, failure.reason, seconds=seconds, facts=prepared.facts
            )
        began_to_put = clock()
        found = self._pipeline.put(task, prepared.verified)
        ended = clock()
        if isinstance(found, Failure):
            return self._not_put(task, prepared, found, ended - began, ended - began_to_put)
        return Outcome(
            task,
            Result(found.value),
            output=output_of(prepared.verified, prepared.output_md5),
            source_md5=prepared.source_md5,
            seconds=ended - began,
            store_seconds=ended - began_to_put,
            facts=prepared.facts,
        )

    def _not_put(
        self, task: Task, prepared: _Ready, failure: Failure, seconds: float, store_seconds: float
    ) -> Outcome:
        """Return the outcome of a result that the store did not take."""
        facts: Facts = prepared.facts
        output = None
        if failure.result is Result.RETRY_STORE:
            weight = 2 if store_seconds >= SLOW_FAILURE else 1
            self._failures[task.store] = self._failures.get(task.store, 0) + weight
        elif failure.rule in (CONFLICT, MIXED_PATIENTS):
            if self._options.conflict_output:
                output = output_of(prepared.verified, prepared.output_md5)
        elif failure.result is Result.QUARANTINED:  # refused while it was written
            facts = Facts(facts.sop_class, facts.study, size=facts.size, findings=failure.findings)
        return Outcome(
            task,
            failure.result,
            failure.rule,
            failure.reason,
            output=output,
            source_md5=prepared.source_md5,
            seconds=seconds,
            store_seconds=store_seconds,
            facts=facts,
        )
