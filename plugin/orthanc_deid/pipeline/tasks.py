"""Tasks and outcomes: the types that ledger, pipeline and workers share.

Plain values, cheap to import and to send between processes. They hold no element values and no paths: identifiers
are those of Orthanc (or of a folder source) and the new UIDs, and reasons name rule and tag.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from orthanc_deid.orthanc.ids import orthanc_id
from orthanc_deid.pipeline.facts import Facts

CONFLICT = "conflict"
"""The rule by which a result is quarantined where the store holds other bytes under its SOP Instance UID."""


MIXED_PATIENTS = "conflict of patients"
"""The rule by which a result is quarantined where its study was delivered under another PatientID."""

OTHER_PATIENT = "another instance of this study was delivered under another PatientID"
"""The reason of such a quarantine."""


class State(StrEnum):
    """The state of one row of the ledger: one instance for one store under one profile."""

    PENDING = "pending"  # waiting, perhaps until a time: after a failure it is tried again
    CLAIMED = "claimed"  # a worker runs it, under a lease
    DELIVERED = "delivered"  # verified, put and made durable
    DUPLICATE = "duplicate"  # the store already held the same bytes
    QUARANTINED = "quarantined"  # refused, or found wanting by the verifier, or in conflict: nothing was put
    FAILED = "failed"  # the source or the store failed until the retry policy's limit
    LOST = "lost"  # the source no longer held the instance
    SUPERSEDED = "superseded"  # the instance was overwritten meanwhile; its newer receipt has its own row
    CANCELLED = "cancelled"  # its job was cancelled before it was begun
    IGNORED = "ignored"  # nothing is to be done: a rule says so, or it is our own output coming back


OPEN = frozenset({State.PENDING, State.CLAIMED})
"""The states in which work remains."""

SENT = frozenset({State.DELIVERED, State.DUPLICATE})
"""The states in which the store holds the result."""

HELD_BACK = frozenset({State.QUARANTINED, State.FAILED, State.LOST})
"""The states in which nothing was delivered, and should have been."""

WITHDRAWN = frozenset({State.SUPERSEDED, State.CANCELLED})
"""The states of tasks that no longer count: their instance was overwritten, or their job cancelled."""

FINAL = frozenset(State) - OPEN
"""The states that only a request for another try changes."""


class Result(StrEnum):
    """How one attempt at a task ended."""

    DELIVERED = "delivered"
    DUPLICATE = "duplicate"
    QUARANTINED = "quarantined"
    LOST = "lost"
    IGNORED = "ignored"  # our own output came back
    # The source failed, or the store this once: again later, `failed` past the policy's limit.
    RETRY = "retry"
    RETRY_STORE = "retry-store"  # the store is down: likewise, and the store as a whole is given a pause
    RETURNED = "returned"  # never begun: back to the queue as if it had not been claimed


_STATES = {
    Result.DELIVERED: State.DELIVERED,
    Result.DUPLICATE: State.DUPLICATE,
    Result.QUARANTINED: State.QUARANTINED,
    Result.LOST: State.LOST,
    Result.IGNORED: State.IGNORED,
}


def state_of(result: Result) -> State:
    """Return the state to which the last attempt leads: FAILED where another one might have succeeded."""
    return _STATES.get(result, State.FAILED)


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task to be recorded: deliver `instance`, as received under `seq`, by `profile` to `store`.

    `seq` is the `Seq` of Orthanc's change, 0 where it is not known. `priority`: the higher is claimed first.
    `ignored` records only that a rule has been applied to the instance (`profile` and `store` are then empty).
    """

    instance: str
    seq: int
    profile: str = ""
    store: str = ""
    priority: int = 0
    ignored: bool = False


@dataclass(frozen=True, slots=True, order=True)
class OwnOutput:
    """An output as the ledger recognizes it: its MD5, the instance it was made from, and the profile."""

    md5: str
    source: str = ""
    profile: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """A claimed row: `id` is the row, `claim` the number of this claim (an older one no longer counts).

    `own` holds the outputs of ours that have this very instance id in Orthanc: the instance is one of them, unchanged
    or changed, and is not processed again.
    """

    id: int
    claim: int
    instance: str
    seq: int
    profile: str
    store: str
    attempts: int = 0
    job: int = 0
    own: tuple[OwnOutput, ...] = ()


@dataclass(frozen=True, slots=True)
class Output:
    """A delivered output: its new identifiers, and the MD5 of its bytes (lower-case hexadecimal), if asked for."""

    patient_id: str
    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    md5: str

    @property
    def orthanc_id(self) -> str:
        """The Orthanc identifier of an instance with these identifiers."""
        return orthanc_id(
            self.patient_id, self.study_instance_uid, self.series_instance_uid, self.sop_instance_uid
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one attempt ended. `rule` is a stable phrase to count by; `reason` names rule and tag, never a value.

    `source_md5` is that of the fetched bytes, if the setup wants it. `seconds` is the time
    that the attempt took, without the wait in the queue; `store_seconds` what of them the store took. `repeated`: an
    earlier attempt was interrupted, at an unknown point.
    """

    task: Task
    result: Result
    rule: str = ""
    reason: str = ""
    output: Output | None = None
    source_md5: str = ""
    seconds: float = 0.0
    store_seconds: float = 0.0
    facts: Facts | None = None
    repeated: bool = False
