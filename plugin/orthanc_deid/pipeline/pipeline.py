"""One instance's straight way: fetch, de-identify, verify, put. Every end of it is an `Outcome`.

Whatever happens to one instance happens to it alone: what was not foreseen quarantines it (design D6), with the
name of the exception's type and without its message, which may hold values.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from orthanc_deid.dicom.partial_file import Data
from orthanc_deid.errors import (
    ConflictError,
    LostError,
    RefusedError,
    RejectedError,
    SourceError,
    StoreError,
    VerificationError,
)
from orthanc_deid.pipeline.loop_guard import OwnOutputs, Procedure, source_md5
from orthanc_deid.pipeline.tasks import CONFLICT, Outcome, Output, Result, Task
from orthanc_deid.sources.source import Source, SourceSetup
from orthanc_deid.stores.store import Put, Store, StoreSetup
from orthanc_deid.verify.result import Verified

SLOW_FAILURE = 1.0
"""Seconds after which one failure of a store is enough to spare the rest of a batch the same wait."""

_STORED = frozenset({Result.DELIVERED, Result.DUPLICATE})
_LONGEST_REASON = 2000


@dataclass(frozen=True, slots=True)
class _End:
    """An end that needs no store."""

    result: Result
    rule: str
    reason: str


_OWN = _End(Result.IGNORED, "own output", "our own output came back; it is not processed again")
_CHANGED = _End(
    Result.QUARANTINED,
    "own output, changed",
    "it has the SOP Instance UID of an output of ours, and other content, or none that it could be compared with",
)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A verified result, and what the outcome says of it."""

    verified: Verified
    output: Output
    source_md5: str


class Pipeline:
    """What one worker holds open: source, stores and procedures, each made when it is first needed.

    So a store that cannot be opened fails its own works, and nothing else. Not shared between threads.
    """

    def __init__(
        self,
        source: SourceSetup,
        stores: Iterable[StoreSetup],
        procedures: Mapping[str, Callable[[], Procedure]],
        want_source_md5: bool = False,
        want_output_md5: bool = True,
        clock: Callable[[], float] = time.perf_counter,
        admitted: Mapping[str, Collection[str]] | None = None,
        own_outputs: Callable[[str], bool] | None = None,
    ) -> None:
        """`procedures` makes a profile's procedure by its name; `clock` gives seconds.

        `admitted` names the profiles that each store admits (None: all); `own_outputs` says whether one of our
        outputs has a SOP Instance UID (None: only `Work.own` tells).

        An output's MD5 takes longer than all else that is done to a CT: a folder run, which never meets its outputs
        again, leaves it out (`Output.md5` is empty then).
        """
        self._source_setup = source
        self._source: Source | None = None
        self._setups = {setup.name: setup for setup in stores}
        self._stores: dict[str, Store] = {}
        self._makers = procedures
        self._procedures: dict[str, Procedure] = {}
        self._want_source_md5 = want_source_md5
        self._want_output_md5 = want_output_md5
        self._clock = clock
        self._admitted = admitted
        self._own = OwnOutputs(self, own_outputs)

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        """Run a batch and sync its stores once at the end; returns one outcome per work, in their order.

        Works of one instance and profile that follow each other are fetched, de-identified and verified once.
        """
        batch = _Batch(self)
        outcomes = [batch.run(task) for task in tasks]
        for name in dict.fromkeys(outcome.task.store for outcome in outcomes if outcome.result in _STORED):
            if (end := self._sync(name)) is not None:
                outcomes = [
                    replace(outcome, result=end.result, rule=end.rule, reason=end.reason, output=None)
                    if outcome.task.store == name and outcome.result in _STORED
                    else outcome
                    for outcome in outcomes
                ]
        return outcomes

    def close(self) -> None:
        """Close source and stores."""
        if self._source is not None:
            self._source.close()
        for store in self._stores.values():
            store.close()

    def prepare(self, task: Task) -> _Ready | _End:
        """Fetch, de-identify and verify; an `_End` where that is as far as it goes."""
        try:
            data = self.fetch(task.instance)
            if not self._admits(task):
                return _End(Result.QUARANTINED, "not admitted", "the store no longer admits the profile")
            if (came_back := self._own.judge(task, data)) is not None:
                return _OWN if came_back else _CHANGED
            verified = self.procedure(task.profile)(data)
            md5 = verified.md5() if self._want_output_md5 else ""
            digest = source_md5(data) if self._want_source_md5 else ""
            return _Ready(verified, output_of(verified, md5), digest)
        except Exception as error:  # noqa: BLE001 - fail closed: whatever it is, it ends here for this instance
            return _end(error)

    def fetch(self, instance: str) -> Data:
        """Return the encoded instance; raises what `Source.fetch` raises."""
        if self._source is None:
            self._source = self._source_setup.open()
        return self._source.fetch(instance)

    def procedure(self, profile: str) -> Procedure:
        """Return the procedure of a profile; KeyError where there is no such profile."""
        if profile not in self._procedures:
            self._procedures[profile] = self._makers[profile]()
        return self._procedures[profile]

    def _admits(self, task: Task) -> bool:
        return self._admitted is None or task.profile in self._admitted.get(task.store, ())

    def put(self, name: str, verified: Verified) -> Put | _End:
        """Put a verified result into the store of this name."""
        try:
            if name not in self._stores:
                self._stores[name] = self._setups[name].open()
            return self._stores[name].put(verified)
        except Exception as error:  # noqa: BLE001 - likewise
            return _end(error)

    def clock(self) -> float:
        """Return the time in seconds since some moment."""
        return self._clock()

    def _sync(self, name: str) -> _End | None:
        try:
            self._stores[name].sync()
        except Exception as error:  # noqa: BLE001 - what is not known to be durable was not delivered
            reason = str(error) if isinstance(error, StoreError) else f"unexpected: {type(error).__name__}"
            return _End(Result.RETRY_STORE, "store", reason)
        return None


class _Batch:
    """One run's memory: the last result, and which stores have failed."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._key: tuple[str, int, str] | None = None
        self._prepared: _Ready | _End | None = None
        self._failures: dict[str, int] = {}

    def run(self, task: Task) -> Outcome:
        began = self._pipeline.clock()
        if self._failures.get(task.store, 0) >= 2:
            return Outcome(task, Result.RETRY_STORE, "store", "the store failed for others of its batch")
        key = (task.instance, task.seq, task.profile)
        if key != self._key or self._prepared is None:
            self._prepared = None  # let go of one result before the next is made
            self._prepared = self._pipeline.prepare(task)
            self._key = key
        ready = self._prepared
        if isinstance(ready, _End):
            seconds = self._pipeline.clock() - began
            return Outcome(task, ready.result, ready.rule, ready.reason, seconds=seconds)
        putting = self._pipeline.clock()
        found = self._pipeline.put(task.store, ready.verified)
        ended = self._pipeline.clock()
        took = ended - putting
        outcome = Outcome(
            task, Result.DELIVERED, source_md5=ready.source_md5, seconds=ended - began, store_seconds=took
        )
        if isinstance(found, _End):
            if found.result is Result.RETRY_STORE:
                weight = 2 if took >= SLOW_FAILURE else 1
                self._failures[task.store] = self._failures.get(task.store, 0) + weight
            return replace(outcome, result=found.result, rule=found.rule, reason=found.reason)
        return replace(outcome, result=Result(found.value), output=ready.output)


def _end(error: Exception) -> _End:
    """Return how an instance ends that met this error."""
    reason = str(error)[:_LONGEST_REASON]
    match error:
        case RefusedError():
            return _End(Result.QUARANTINED, error.rule, reason)
        case VerificationError():
            return _End(Result.QUARANTINED, "verification", reason)
        case ConflictError():
            return _End(Result.QUARANTINED, CONFLICT, reason)
        case LostError():
            return _End(Result.LOST, "lost", reason)
        case SourceError():
            return _End(Result.RETRY, "source", reason)
        case RejectedError():
            return _End(Result.RETRY, "rejected by the store", reason)
        case StoreError():
            return _End(Result.RETRY_STORE, "store", reason)
    rule = f"unexpected: {type(error).__name__}"
    return _End(Result.QUARANTINED, rule, rule)


def output_of(verified: Verified, md5: str = "") -> Output:
    """Return what an outcome says of a verified result."""
    return Output(
        verified.patient_id,
        verified.study_instance_uid,
        verified.series_instance_uid,
        verified.sop_instance_uid,
        md5,
    )
