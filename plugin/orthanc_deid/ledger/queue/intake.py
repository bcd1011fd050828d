"""Intake of tasks: from the change feed with its cursor, and from jobs."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from sqlalchemy import Connection, select, update

from orthanc_deid.ledger.database import insert
from orthanc_deid.ledger.queue.counters import CounterChanges, finish_job, move
from orthanc_deid.ledger.queue.requests import JobRequest
from orthanc_deid.ledger.queue.views import Job, JobState
from orthanc_deid.ledger.schema import jobs, meta, outputs, task_table
from orthanc_deid.pipeline.tasks import NewTask, OwnOutput, State

_BATCH = 500  # values in one IN (...)

_Key = tuple[str, int, str, str]


def batches(values: Iterable[str]) -> Iterator[list[str]]:
    """Yield the values in lists short enough for one statement."""
    rest = iter(values)
    while batch := list(islice(rest, _BATCH)):
        yield batch


def record(connection: Connection, tasks: Iterable[NewTask], cursor: int | None, now: float) -> int:
    """Insert new tasks, supersede older ones, move the cursor; returns how many were inserted."""
    newest = _newest(tasks)
    known, highest = _known(connection, newest)
    new = [
        item
        for instance, items in newest.items()
        for item in items
        if _key(item) not in known and item.seq >= highest.get(instance, item.seq)
    ]
    changes = CounterChanges()
    for item in {item.instance: item for item in new}.values():
        if highest.get(item.instance, item.seq) < item.seq:
            _supersede(connection, changes, item.instance, item.seq, now)
    inserted = _insert(connection, changes, new, 0, now)
    if cursor is not None:
        _move_cursor(connection, cursor)
    changes.write(connection, now)
    return inserted


def _key(item: NewTask) -> _Key:
    return item.instance, item.seq, item.profile, item.store


def _newest(tasks: Iterable[NewTask]) -> dict[str, dict[NewTask, None]]:
    """Return the tasks of each instance under its highest Seq: what was overwritten in the batch is dropped."""
    found: dict[str, dict[NewTask, None]] = {}
    highest: dict[str, int] = {}
    for item in tasks:
        if item.seq > highest.get(item.instance, -1):
            highest[item.instance] = item.seq
            found[item.instance] = {}
        if item.seq == highest[item.instance]:
            found[item.instance][item] = None
    return found


def _known(connection: Connection, instances: Iterable[str]) -> tuple[set[_Key], dict[str, int]]:
    known: set[_Key] = set()
    highest: dict[str, int] = {}
    columns = select(
        task_table.c.instance, task_table.c.seq, task_table.c.profile, task_table.c.store, task_table.c.job
    )
    for batch in batches(instances):
        for instance, seq, profile, store, job in connection.execute(
            columns.where(task_table.c.instance.in_(batch))
        ):
            highest[instance] = max(seq, highest.get(instance, -1))
            if not job:
                known.add((instance, seq, profile, store))
    return known, highest


def _supersede(connection: Connection, changes: CounterChanges, instance: str, seq: int, now: float) -> None:
    """Supersede the undelivered tasks of an overwritten instance under lower Seqs.

    Open tasks of jobs are kept: they move to the new Seq and start again on the new content.
    """
    older = (task_table.c.instance == instance, task_table.c.seq < seq)
    reset = {"changed": now, "owner": None, "lease_until": None}
    for state in (State.PENDING, State.CLAIMED, State.QUARANTINED, State.FAILED):
        move(connection, changes, state, State.SUPERSEDED, (*older, task_table.c.job == 0), reset)
    for state in (State.PENDING, State.CLAIMED):
        move(connection, changes, state, State.PENDING, (*older, task_table.c.job > 0), {**reset, "seq": seq})


def _insert(
    connection: Connection, changes: CounterChanges, tasks: Iterable[NewTask], job: int, now: float
) -> int:
    rows = [
        {
            "instance": item.instance,
            "seq": item.seq,
            "profile": item.profile,
            "store": item.store,
            "job": job,
            "state": (State.IGNORED if item.ignored else State.PENDING).value,
            "priority": item.priority,
            "attempts": 0,
            "claim": 0,
            "retry_at": now,
            "created": now,
            "changed": now,
            "rule": "",
            "reason": "",
        }
        for item in sorted(tasks, key=_key)
    ]
    if not rows:
        return 0
    statement = (
        insert(connection, task_table)
        .on_conflict_do_nothing()
        .returning(task_table.c.store, task_table.c.state)
    )
    inserted = connection.execute(statement, rows).all()
    for store, state in inserted:
        changes.add(job, store, State(state))
    return len(inserted)


def _move_cursor(connection: Connection, cursor: int) -> None:
    held = connection.execute(select(meta.c.value).where(meta.c.name == "cursor").with_for_update())
    if int(held.scalar_one_or_none() or -1) < cursor:
        put_meta(connection, "cursor", str(cursor))


def get_meta(connection: Connection, name: str) -> str | None:
    return connection.execute(select(meta.c.value).where(meta.c.name == name)).scalar_one_or_none()


def put_meta(connection: Connection, name: str, value: str) -> None:
    statement = insert(connection, meta).values(name=name, value=value)
    connection.execute(statement.on_conflict_do_update(index_elements=[meta.c.name], set_={"value": value}))


def unknown(connection: Connection, instances: Collection[str]) -> set[str]:
    """Return those instances that have no row."""
    missing = set(instances)
    for batch in batches(instances):
        missing -= set(
            connection.scalars(select(task_table.c.instance).where(task_table.c.instance.in_(batch)))
        )
    return missing


def known_outputs(connection: Connection, orthanc_ids: Collection[str]) -> dict[str, frozenset[OwnOutput]]:
    """Return our outputs by their Orthanc id, for these ids."""
    found: dict[str, frozenset[OwnOutput]] = {}
    columns = select(outputs.c.orthanc_id, outputs.c.md5, outputs.c.source, outputs.c.profile)
    for batch in batches(orthanc_ids):
        for orthanc_id, *rest in connection.execute(columns.where(outputs.c.orthanc_id.in_(batch))):
            found[orthanc_id] = found.get(orthanc_id, frozenset()) | {OwnOutput(*rest)}
    return found


def is_output(connection: Connection, sop_instance_uid: str) -> bool:
    """Whether one of our outputs has this SOP Instance UID."""
    statement = select(outputs.c.id).where(outputs.c.sop_instance_uid == sop_instance_uid).limit(1)
    return connection.execute(statement).first() is not None


def add_job(
    connection: Connection, job: Job, instances: Iterable[tuple[str, int]], priority: int, now: float
) -> int:
    """Insert a job and its tasks; returns its number."""
    row = {"id": job.id, "level": job.level, "resource": job.resource, "profile": job.profile}
    row |= {"stores": json.dumps(job.stores), "state": JobState.ACTIVE.value}
    number: int = connection.execute(
        insert(connection, jobs).values(**row, created=now).returning(jobs.c.number)
    ).scalar_one()
    tasks = [
        NewTask(instance, seq, job.profile, store, priority)
        for instance, seq in dict(instances).items()
        for store in job.stores
    ]
    changes = CounterChanges()
    _insert(connection, changes, tasks, number, now)
    changes.write(connection, now)
    finish_job(connection, number, now)  # a job without tasks is done at once
    return number


def new_job(request: JobRequest, now: float) -> Job:
    """Return a job that is not recorded yet, with a random public id."""
    stores = tuple(dict.fromkeys(request.stores))
    public_id = str(uuid.uuid4())
    return Job(public_id, 0, request.level, request.resource, request.profile, stores, now, JobState.ACTIVE)


def cancel_job(connection: Connection, number: int, now: float) -> None:
    """Cancel the pending tasks of a job; claimed ones are finished and counted."""
    changes = CounterChanges()
    values = {"changed": now}
    move(connection, changes, State.PENDING, State.CANCELLED, (task_table.c.job == number,), values)
    connection.execute(
        update(jobs)
        .where(jobs.c.number == number, jobs.c.state == JobState.ACTIVE.value)
        .values(state=JobState.CANCELLED.value, finished=now)
    )
    changes.write(connection, now)
