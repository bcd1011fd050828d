"""What the ledger answers: jobs, rows and counts as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from orthanc_deid.pipeline.tasks import OPEN, Output, State


class JobState(StrEnum):
    ACTIVE = "active"
    DONE = "done"  # nothing pending or claimed is left; `failed` and `quarantined` may be among the counts
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Job:
    """A request to de-identify one resource. `id` is public (in routes), `number` the ledger's own.

    Times are seconds since the epoch. `counts` holds every state that is not zero.
    """

    id: str
    number: int
    level: str
    resource: str
    profile: str
    stores: tuple[str, ...]
    created: float
    state: JobState
    finished: float | None = None
    counts: Mapping[State, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def open(self) -> int:
        """How many of its works are still pending or claimed."""
        return sum(self.counts.get(state, 0) for state in OPEN)

    @property
    def progress(self) -> int:
        """Per cent of its works that are finished, 0 to 100; a job without works is finished."""
        return 100 if not self.total else 100 * (self.total - self.open) // self.total


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One row of the ledger as pages and routes show it."""

    id: int
    instance: str
    seq: int
    profile: str
    store: str
    state: State
    attempts: int
    rule: str
    reason: str
    created: float
    changed: float
    retry_at: float
    job: int
    output: Output | None


@dataclass(frozen=True, slots=True)
class HourCount:
    """How many works were finished in one hour (whole hours since the epoch) in one way, and their seconds."""

    hour: int
    state: State
    count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """Counts of rows by state, over all stores and by store, and the seconds that finished works took."""

    states: Mapping[State, int]
    stores: Mapping[str, Mapping[State, int]]
    seconds_sum: float
    seconds_count: int

    def __getitem__(self, state: State) -> int:
        return self.states.get(state, 0)


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many works are held back in one state for one reason."""

    state: State
    rule: str
    reason: str
    count: int
