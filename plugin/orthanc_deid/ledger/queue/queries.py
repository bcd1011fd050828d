"""Queries of the ledger: counts, jobs, rows and facts."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from orthanc_deid.ledger.queue.counters import ACTION, CODE, LEFT_OUT, NOTE
from orthanc_deid.ledger.queue.intake import batches
from orthanc_deid.ledger.queue.views import (
    FactCounts,
    HeldBack,
    HourCount,
    Job,
    JobState,
    QueueCounts,
    TaskRow,
)
from orthanc_deid.ledger.schema import counters, fact_counts, hours, in_state, jobs, outputs, task_table
from orthanc_deid.pipeline.tasks import OPEN, Output, State


def counts(connection: Connection) -> QueueCounts:
    """Return the counts of all tasks, from a few counter rows."""
    states: dict[State, int] = {}
    stores: dict[str, dict[State, int]] = {}
    seconds, timed = 0.0, 0
    for row in connection.execute(select(counters).where(counters.c.job == 0)):
        state, number = State(row.state), row._mapping["count"]
        seconds += row.seconds
        timed += row.timed
        if number:
            states[state] = states.get(state, 0) + number
            stores.setdefault(row.store, {})[state] = number
    return QueueCounts(states, stores, seconds, timed)


def oldest_open(connection: Connection) -> float | None:
    """Return the creation time of the oldest pending or claimed row, or None."""
    oldest: float | None = connection.scalar(select(func.min(task_table.c.created)).where(in_state(*OPEN)))
    return oldest


def job(connection: Connection, job_id: str) -> Job | None:
    """Return a job with its counts, or None."""
    row = connection.execute(select(jobs).where(jobs.c.id == job_id)).one_or_none()
    return None if row is None else _job(row, _job_counts(connection, [row.number]))


def job_list(connection: Connection, limit: int, before: int | None) -> list[Job]:
    """Return jobs with their counts, newest first."""
    statement = select(jobs).order_by(jobs.c.number.desc()).limit(limit)
    if before is not None:
        statement = statement.where(jobs.c.number < before)
    rows = connection.execute(statement).all()
    found = _job_counts(connection, [row.number for row in rows])
    return [_job(row, found) for row in rows]


def _job_counts(connection: Connection, numbers: Collection[int]) -> dict[int, dict[State, int]]:
    found: dict[int, dict[State, int]] = {}
    if not numbers:
        return found
    for row in connection.execute(select(counters).where(counters.c.job.in_(numbers))):
        if number := row._mapping["count"]:
            states = found.setdefault(row.job, {})
            states[State(row.state)] = states.get(State(row.state), 0) + number
    return found


def _job(row: Row[Any], found: Mapping[int, Mapping[State, int]]) -> Job:
    return Job(
        id=row.id,
        number=row.number,
        level=row.level,
        resource=row.resource,
        profile=row.profile,
        stores=tuple(json.loads(row.stores)),
        created=row.created,
        state=JobState(row.state),
        finished=row.finished,
        counts=found.get(row.number, {}),
    )


def _rows() -> Select[Any]:
    columns = [column for column in outputs.c if column.name not in {"id", "orthanc_id", "source", "profile"}]
    return (
        select(task_table, *columns)
        .outerjoin(outputs, task_table.c.output == outputs.c.id)
        .order_by(task_table.c.id)
    )


def rows_of(connection: Connection, instances: Collection[str]) -> list[TaskRow]:
    """Return the rows of these instances by ascending id."""
    found: list[TaskRow] = []
    for batch in batches(instances):
        found += map(_row, connection.execute(_rows().where(task_table.c.instance.in_(batch))))
    return sorted(found, key=lambda row: row.id)


def rows_in(connection: Connection, state: State, limit: int, after: int, rule: str | None) -> list[TaskRow]:
    """Return rows in a state, and by a rule where one is named, by ascending id."""
    statement = _rows().where(in_state(state), task_table.c.id > after)
    if rule is not None:
        statement = statement.where(task_table.c.rule == rule)
    return list(map(_row, connection.execute(statement.limit(limit))))


def row(connection: Connection, row_id: int) -> TaskRow | None:
    """Return one row, or None."""
    found = connection.execute(_rows().where(task_table.c.id == row_id)).one_or_none()
    return None if found is None else _row(found)


def hours_since(connection: Connection, first: int) -> list[HourCount]:
    """Return the finished tasks of each hour from `first` on (whole hours since the epoch), by hour and state."""
    statement = select(hours).where(hours.c.hour >= first).order_by(hours.c.hour, hours.c.state)
    return [
        HourCount(row.hour, State(row.state), row._mapping["count"], row.seconds)
        for row in connection.execute(statement)
    ]


def rows_of_job(connection: Connection, number: int, limit: int, after: int) -> list[TaskRow]:
    """Return a job's rows by ascending id."""
    return list(
        map(
            _row,
            connection.execute(
                _rows().where(task_table.c.job == number, task_table.c.id > after).limit(limit)
            ),
        )
    )


def _row(row: Row[Any]) -> TaskRow:
    output = None
    if row.md5 is not None:
        output = Output(
            row.patient_id, row.study_instance_uid, row.series_instance_uid, row.sop_instance_uid, row.md5
        )
    return TaskRow(
        id=row.id,
        instance=row.instance,
        seq=row.seq,
        profile=row.profile,
        store=row.store,
        state=State(row.state),
        attempts=row.attempts,
        rule=row.rule,
        reason=row.reason,
        created=row.created,
        changed=row.changed,
        retry_at=row.retry_at,
        job=row.job,
        output=output,
    )


def rules(connection: Connection, state: State) -> dict[str, int]:
    """Return the number of rows in a state by rule."""
    statement = select(task_table.c.rule, func.count()).where(in_state(state)).group_by(task_table.c.rule)
    return {row.rule: row[1] for row in connection.execute(statement)}


def held_back(
    connection: Connection, states: Collection[State], most: int, job: int | None
) -> list[HeldBack]:
    """Return counts by reason of up to `most` rows in these states, of one job (by number) or of all."""
    chosen = (
        select(task_table.c.state, task_table.c.rule, task_table.c.reason)
        .where(in_state(*states))
        .limit(most)
    )
    if job is not None:
        chosen = chosen.where(task_table.c.job == job)
    rows = chosen.subquery()
    count = func.count().label("number")
    statement = select(rows, count).group_by(rows.c.state, rows.c.rule, rows.c.reason)
    return [
        HeldBack(State(row.state), row.rule, row.reason, row.number)
        for row in connection.execute(statement.order_by(count.desc(), rows.c.rule, rows.c.reason))
    ]


def facts(connection: Connection) -> FactCounts:
    """Return the sums of the facts of all deliveries."""
    actions: dict[tuple[str, str], int] = {}
    others: dict[str, dict[str, int]] = {CODE: {}, NOTE: {}, LEFT_OUT: {}}
    for kind, name, rule, count in connection.execute(select(fact_counts)):
        if kind == ACTION:
            actions[name, rule] = count
        else:
            others[kind][name] = count
    return FactCounts(actions, others[CODE], others[NOTE], others[LEFT_OUT])
