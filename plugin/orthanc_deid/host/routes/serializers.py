"""JSON of jobs and tasks: keys in PascalCase, no value of a patient."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from orthanc_deid.ledger.queue.views import Job, JobState, TaskRow
from orthanc_deid.pipeline.tasks import HELD_BACK, SENT, WITHDRAWN, State

JOBS = "/deidentify/jobs"

HELD_BACK_SHOWN = tuple(state for state in State if state in HELD_BACK)
SENT_SHOWN = tuple(state for state in State if state in SENT)
"""States in the order of their columns."""


def job_content(job: Job) -> dict[str, Any]:
    """Return the JSON of a job."""
    return {
        "ID": job.id,
        "Path": f"{JOBS}/{job.id}",
        "Number": job.number,
        "State": job_state(job),
        "Progress": job.progress,
        "Resource": f"/{job.level}/{job.resource}",
        "Profile": job.profile,
        "Stores": list(job.stores),
        "CreationTime": iso(job.created),
        "CompletionTime": None if job.finished is None else iso(job.finished),
        "Total": job.total,
        "Pending": job.open,
        **{
            key(state): job.counts.get(state, 0)
            for state in (*SENT_SHOWN, *HELD_BACK_SHOWN, State.CANCELLED, State.SUPERSEDED)
        },
    }


def job_state(job: Job) -> str:
    """Return the state of a job as Orthanc names it, or `Partial` if not everything was delivered (D6)."""
    if job.state is JobState.CANCELLED:
        return "Cancelled"
    if job.open:
        return "Running" if job.open < job.total or job.counts.get(State.CLAIMED) else "Pending"
    if not any(job.counts.get(state) for state in HELD_BACK):
        return "Success"
    return "Partial" if any(job.counts.get(state) for state in SENT) else "Failure"


def row_content(row: TaskRow) -> dict[str, Any]:
    """Return the JSON of a task."""
    return {
        "Row": row.id,
        "Instance": row.instance,
        "Profile": row.profile,
        "Store": row.store,
        "State": key(row.state),
        "Rule": row.rule,
        "Reason": row.reason,
        "Attempts": row.attempts,
        "CreationTime": iso(row.created),
        "LastUpdate": iso(row.changed),
        "Job": bool(row.job),
    }


def study_state(states: Iterable[State]) -> str:
    """Return the state of a study from those of its tasks; `Partial` if not everything was delivered."""
    found = set(states) - WITHDRAWN
    if found <= {State.IGNORED}:
        return "Ignored" if found else "Unknown"
    if found & {State.PENDING, State.CLAIMED}:
        return "Pending"
    if not found & HELD_BACK:
        return "Delivered"
    return "Partial" if found & SENT else "Withheld"


def key(state: State) -> str:
    """Return a state as a key of JSON."""
    return state.value.capitalize()


def iso(seconds: float) -> str:
    """Return a time (seconds since the epoch) as Orthanc writes it: UTC, yyyymmddThhmmss."""
    return time.strftime("%Y%m%dT%H%M%S", time.gmtime(seconds))
