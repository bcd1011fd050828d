"""Jobs, rows and counts of the ledger as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from orthanc_deid.pipeline.tasks import OPEN, Output, State


class JobState(StrEnum):
    ACTIVE = "active"
    DONE = "done"  # nothing is pending or claimed; the counts may include failed and quarantined tasks
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Job:
    """A request to de-identify one resource. Routes use `id`; `number` orders jobs inside the ledger.

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
        """How many of its tasks are pending or claimed."""
        return sum(self.counts.get(state, 0) for state in OPEN)

    @property
    def progress(self) -> int:
        """Finished tasks in per cent, 0 to 100; a job without tasks is finished."""
        return 100 if not self.total else 100 * (self.total - self.open) // self.total


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task with its state, as routes and pages show it."""

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
    """How many tasks reached a state in one hour (whole hours since the epoch), and the seconds they took."""

    hour: int
    state: State
    count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """Tasks by state, in all and by store, and the seconds that finished tasks took."""

    states: Mapping[State, int]
    stores: Mapping[str, Mapping[State, int]]
    seconds_sum: float
    seconds_count: int

    def __getitem__(self, state: State) -> int:
        return self.states.get(state, 0)


@dataclass(frozen=True, slots=True)
class HeldBack:
    """How many tasks are held back in one state for one reason."""

    state: State
    rule: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class FactCounts:
    """Sums of `pipeline.facts.Facts` over all deliveries, once per delivered task.

    `actions` counts changed elements by (action, rule); `codes` and `notes` count results; `left_out` counts, by
    kind, identifying values that the verifier did not search for.
    """

    actions: Mapping[tuple[str, str], int]
    codes: Mapping[str, int]
    notes: Mapping[str, int]
    left_out: Mapping[str, int]
