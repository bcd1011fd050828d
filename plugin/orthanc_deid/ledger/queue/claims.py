"""Claims of tasks: leases that a node takes, renews, closes and returns by the batch."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, select, update

from orthanc_deid.ledger.database import insert
from orthanc_deid.ledger.queue import store_pauses
from orthanc_deid.ledger.queue.counters import CounterChanges, move
from orthanc_deid.ledger.queue.intake import known_outputs
from orthanc_deid.ledger.queue.views import JobState
from orthanc_deid.ledger.schema import counters, in_state, jobs, outputs, task_table
from orthanc_deid.pipeline.retry_policy import RetryPolicy
from orthanc_deid.pipeline.tasks import (
    SENT,
    Outcome,
    Output,
    OwnOutput,
    Result,
    State,
    Task,
    state_of,
)

_OutputKey = tuple[str, str]
_NO_OWNER = {"owner": None, "lease_until": None}


def claim(
    connection: Connection, owner: str, limit: int, lease: float, now: float, exclude: Collection[str]
) -> list[Task]:
    """Claim up to `limit` due tasks by priority and time, for all stores that are neither paused nor excluded.

    After its pause a store is probed by one small batch, and no other node claims for it meanwhile.
    """
    due: list[list[Row[Any]]] = []
    paused = store_pauses.paused_stores(connection)
    for store in _waiting_stores(connection):
        if store in exclude or (store in paused and paused[store].until > now):
            continue
        share = min(limit, store_pauses.PROBE_SIZE) if store in paused else limit
        due.append(_due(connection, store, share, now))
    chosen = list(heapq.merge(*due, key=lambda row: (-row.priority, row.retry_at, row.id)))[:limit]
    for store in sorted({row.store for row in chosen} & paused.keys()):
        if not store_pauses.begin_probe(connection, store, now, lease):
            chosen = [row for row in chosen if row.store != store]
    if not chosen:
        return []
    connection.execute(
        update(task_table)
        .where(task_table.c.id.in_([row.id for row in chosen]))
        .values(
            state=State.CLAIMED.value,
            owner=owner,
            lease_until=now + lease,
            claim=task_table.c.claim + 1,
            changed=now,
        )
    )
    changes = CounterChanges()
    for row in chosen:
        changes.add(row.job, row.store, State.PENDING, -1)
        changes.add(row.job, row.store, State.CLAIMED)
    changes.write(connection, now)
    own = known_outputs(connection, {row.instance for row in chosen})
    return [_task(row, own) for row in chosen]


def _task(row: Row[Any], own: Mapping[str, frozenset[OwnOutput]]) -> Task:
    return Task(
        row.id,
        row.claim + 1,
        row.instance,
        row.seq,
        row.profile,
        row.store,
        row.attempts,
        row.job,
        tuple(sorted(own.get(row.instance, ()))),
    )


def _waiting_stores(connection: Connection) -> list[str]:
    pending = (counters.c.job == 0, counters.c.state == State.PENDING.value, counters.c.count > 0)
    return list(connection.scalars(select(counters.c.store).where(*pending).order_by(counters.c.store)))


def _due(connection: Connection, store: str, limit: int, now: float) -> list[Row[Any]]:
    statement = (
        select(task_table)
        .where(in_state(State.PENDING), task_table.c.store == store, task_table.c.retry_at <= now)
        .order_by(task_table.c.priority.desc(), task_table.c.retry_at, task_table.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)  # PostgreSQL: nodes do not wait for each other
    )
    return list(connection.execute(statement))


def close(connection: Connection, outcomes: Sequence[Outcome], policy: RetryPolicy, now: float) -> int:
    """Close the claims that are still held; returns how many."""
    wanted = {outcome.task.id: outcome for outcome in outcomes}
    statement = select(task_table).where(task_table.c.id.in_(wanted), in_state(State.CLAIMED))
    rows = connection.execute(statement.order_by(task_table.c.id).with_for_update()).all()
    held = [(row, wanted[row.id]) for row in rows if row.claim == wanted[row.id].task.claim]
    ids, new = _insert_outputs(connection, [outcome for _, outcome in held])
    changes = CounterChanges()
    updates = []
    for row, outcome in held:
        state, values = _next_state(row, outcome, policy, now)
        if state is State.DUPLICATE and _output_key(outcome) in new and (outcome.repeated or row.claim > 1):
            state = State.DELIVERED  # an interrupted attempt of this task had put it there
        updates.append(
            {"b_id": row.id, "b_state": state.value, "b_output": ids.get(_output_key(outcome)), **values}
        )
        changes.add(row.job, row.store, State.CLAIMED, -1)
        changes.add(row.job, row.store, state)
        if state is not State.PENDING:
            changes.add_seconds(row.store, state, outcome.seconds)
        if state in SENT and outcome.facts is not None:
            changes.add_facts(outcome.facts)
    if updates:
        connection.execute(_CLOSE, updates)
    store_pauses.update_pauses(connection, [outcome for _, outcome in held], policy, now)
    changes.write(connection, now)
    return len(held)


_CLOSE = (
    update(task_table)
    .where(task_table.c.id == bindparam("b_id"))
    .values(
        state=bindparam("b_state"),
        attempts=bindparam("b_attempts"),
        retry_at=bindparam("b_retry_at"),
        changed=bindparam("b_changed"),
        rule=bindparam("b_rule"),
        reason=bindparam("b_reason"),
        output=bindparam("b_output"),
        source_md5=bindparam("b_source_md5"),
        **_NO_OWNER,
    )
)


def _next_state(
    row: Row[Any], outcome: Outcome, policy: RetryPolicy, now: float
) -> tuple[State, dict[str, Any]]:
    """Return the next state of a task after an outcome, and the values of its row."""
    attempts, retry_at = row.attempts, row.retry_at
    if outcome.result is Result.RETURNED:
        state = State.PENDING
    elif (state := state_of(outcome.result)) is State.FAILED:
        attempts += 1
        state = State.FAILED if attempts >= policy.attempts else State.PENDING
        retry_at = now + policy.pause(attempts)
    values = {"b_attempts": attempts, "b_retry_at": retry_at, "b_changed": now}
    values["b_source_md5"] = outcome.source_md5 if state in SENT else ""
    return state, {**values, "b_rule": outcome.rule, "b_reason": outcome.reason}


def _output_key(outcome: Outcome) -> _OutputKey | None:
    return None if outcome.output is None else (outcome.output.orthanc_id, outcome.output.md5)


def _insert_outputs(
    connection: Connection, outcomes: Sequence[Outcome]
) -> tuple[dict[_OutputKey | None, int], set[_OutputKey | None]]:
    """Insert new outputs; returns the row ids of all by (Orthanc id, MD5), and the keys of the new ones."""
    found = {
        output: (outcome.task.instance, outcome.task.profile)
        for outcome in reversed(outcomes)
        if (output := outcome.output) is not None
    }
    return insert_outputs(connection, found)


def insert_outputs(
    connection: Connection, origins: Mapping[Output, tuple[str, str]]
) -> tuple[dict[_OutputKey | None, int], set[_OutputKey | None]]:
    """Insert outputs by their (source, profile), as `_insert_outputs` does."""
    found = {(output.orthanc_id, output.md5): (output, *origin) for output, origin in origins.items()}
    if not found:
        return {}, set()
    rows = [
        {
            "orthanc_id": key[0],
            "md5": output.md5,
            "patient_id": output.patient_id,
            "study_instance_uid": output.study_instance_uid,
            "series_instance_uid": output.series_instance_uid,
            "sop_instance_uid": output.sop_instance_uid,
            "source": source,
            "profile": profile,
        }
        for key, (output, source, profile) in sorted(found.items())
    ]
    columns = (outputs.c.id, outputs.c.orthanc_id, outputs.c.md5)
    statement = insert(connection, outputs).on_conflict_do_nothing().returning(*columns)
    ids = _by_key(connection.execute(statement, rows))
    new = set(ids)
    if len(ids) < len(found):
        known = select(*columns).where(outputs.c.orthanc_id.in_([key[0] for key in found if key not in ids]))
        ids |= _by_key(connection.execute(known))
    return ids, new


def _by_key(rows: Iterable[Row[Any]]) -> dict[_OutputKey | None, int]:
    return {(row.orthanc_id, row.md5): row.id for row in rows}


def renew(connection: Connection, owner: str, lease: float, now: float) -> int:
    """Extend all leases of an owner; returns how many."""
    leases = (
        update(task_table)
        .where(in_state(State.CLAIMED), task_table.c.owner == owner)
        .values(lease_until=now + lease)
    )
    return connection.execute(leases).rowcount


def return_claims(connection: Connection, which: ColumnElement[bool], now: float) -> int:
    """Return claims to the queue unchanged, without counting an attempt; returns how many."""
    changes = CounterChanges()
    count = move(connection, changes, State.CLAIMED, State.PENDING, (which,), {"changed": now, **_NO_OWNER})
    changes.write(connection, now)
    return count


def retry(
    connection: Connection, states: Collection[State], which: Collection[ColumnElement[bool]], now: float
) -> int:
    """Return rows in final states to the queue with no attempts counted, and end the pauses of their stores."""
    values = {"changed": now, "retry_at": now, "attempts": 0, "rule": "", "reason": ""}
    changes = CounterChanges()
    count = sum(move(connection, changes, state, State.PENDING, which, values) for state in sorted(states))
    touched_stores, touched_jobs = changes.touched()
    store_pauses.end_pauses(connection, touched_stores)
    if touched_jobs:
        connection.execute(
            update(jobs)
            .where(jobs.c.number.in_(touched_jobs), jobs.c.state == JobState.CANCELLED.value)
            .values(state=JobState.ACTIVE.value, finished=None)
        )
    changes.write(connection, now)
    return count
