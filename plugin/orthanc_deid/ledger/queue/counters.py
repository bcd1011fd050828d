"""Counters of tasks, hours and facts, updated in the transactions that change the rows they count."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select, update

from orthanc_deid.ledger.database import insert
from orthanc_deid.ledger.queue.views import JobState
from orthanc_deid.ledger.schema import counters, fact_counts, hours, in_state, jobs, task_table
from orthanc_deid.pipeline.facts import Facts
from orthanc_deid.pipeline.tasks import OPEN, State

ACTION, CODE, NOTE, LEFT_OUT = "action", "code", "note", "left out"
"""Kinds of `fact_counts`."""


class CounterChanges:
    """Changes of counters, collected during a transaction and written at its end.

    Every transaction takes its locks in the same order (tasks, jobs, counters, hours, facts, each ascending), so that
    nodes cannot deadlock.
    """

    def __init__(self) -> None:
        self._counts: dict[tuple[int, str, State], int] = defaultdict(int)
        self._seconds: dict[tuple[int, str, State], tuple[float, int]] = {}
        self._finished: dict[State, tuple[float, int]] = {}
        self._jobs: set[int] = set()
        self._facts: Counter[tuple[str, str, str]] = Counter()

    def add(self, job: int, store: str, state: State, count: int = 1) -> None:
        """Count rows that entered a state (negative: left it)."""
        for number in {0, job}:
            self._counts[number, store, state] += count
        if job:
            self._jobs.add(job)

    def add_seconds(self, store: str, state: State, seconds: float) -> None:
        """Add the seconds that a finished task took."""
        total, timed = self._seconds.get((0, store, state), (0.0, 0))
        self._seconds[0, store, state] = (total + seconds, timed + 1)
        spent, count = self._finished.get(state, (0.0, 0))
        self._finished[state] = (spent + seconds, count + 1)

    def add_facts(self, facts: Facts) -> None:
        """Count the facts of one delivered result."""
        for (action, rule), number in facts.actions:
            self._facts[ACTION, action, rule] += number
        for code in facts.codes:
            self._facts[CODE, code, ""] += 1
        for note in facts.notes:
            self._facts[NOTE, note, ""] += 1
        for kind, number in facts.left_out:
            self._facts[LEFT_OUT, kind, ""] += number

    def touched(self) -> tuple[set[str], set[int]]:
        """Return the stores and the job numbers whose counters change."""
        return {store for _, store, _ in self._counts}, set(self._jobs)

    def write(self, connection: Connection, now: float) -> None:
        """Write the collected changes, and set jobs without open tasks to done."""
        touched = sorted(self._jobs)
        if touched:
            connection.execute(
                select(jobs.c.number)
                .where(jobs.c.number.in_(touched))
                .order_by(jobs.c.number)
                .with_for_update()
            ).all()
        rows = []
        for key in sorted(self._counts.keys() | self._seconds.keys()):
            seconds, timed = self._seconds.get(key, (0.0, 0))
            if self._counts.get(key) or timed:
                job, store, state = key
                row = {"job": job, "store": store, "state": state.value}
                rows.append({**row, "count": self._counts.get(key, 0), "seconds": seconds, "timed": timed})
        if rows:
            statement = insert(connection, counters)
            sums = {
                name: counters.c[name] + statement.excluded[name] for name in ("count", "seconds", "timed")
            }
            keys = [counters.c.job, counters.c.store, counters.c.state]
            connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=sums), rows)
        self._write_hours(connection, int(now // 3600))
        self._write_facts(connection)
        for number in touched:
            finish_job(connection, number, now)

    def _write_hours(self, connection: Connection, hour: int) -> None:
        rows = [
            {"hour": hour, "state": state.value, "count": count, "seconds": seconds}
            for state, (seconds, count) in sorted(self._finished.items())
        ]
        if rows:
            statement = insert(connection, hours)
            sums = {name: hours.c[name] + statement.excluded[name] for name in ("count", "seconds")}
            keys = [hours.c.hour, hours.c.state]
            connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=sums), rows)

    def _write_facts(self, connection: Connection) -> None:
        if self._facts:
            keys = ("kind", "name", "rule")
            rows = [
                {**dict(zip(keys, key, strict=True)), "count": n} for key, n in sorted(self._facts.items())
            ]
            statement = insert(connection, fact_counts)
            more = {"count": fact_counts.c["count"] + statement.excluded["count"]}
            connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=more), rows)


def finish_job(connection: Connection, number: int, now: float) -> None:
    """Set the state of a job: active while it has open tasks, else done. A cancelled job stays cancelled."""
    is_open = counters.c.state.in_([state.value for state in sorted(OPEN)])
    left = select(func.coalesce(func.sum(counters.c.count), 0)).where(counters.c.job == number, is_open)
    state, finished = (JobState.ACTIVE, None) if connection.scalar(left) else (JobState.DONE, now)
    connection.execute(
        update(jobs)
        .where(jobs.c.number == number, jobs.c.state.notin_([state.value, JobState.CANCELLED.value]))
        .values(state=state.value, finished=finished)
    )


def move(
    connection: Connection,
    changes: CounterChanges,
    source: State,
    target: State,
    where: Collection[ColumnElement[bool]],
    values: Mapping[str, Any],
) -> int:
    """Move the rows in state `source` that match `where` to `target`, and count them; returns how many."""
    statement = (
        update(task_table)
        .where(in_state(source), *where)
        .values(state=target.value, **values)
        .returning(task_table.c.job, task_table.c.store)
    )
    moved = connection.execute(statement).all()
    for job, store in moved:
        changes.add(job, store, source, -1)
        changes.add(job, store, target)
    return len(moved)
