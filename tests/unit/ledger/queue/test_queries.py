"""Queries: counts agree with the rows, and frequent ones use an index."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from orthanc_deid.ledger.queue.ledger import Ledger
from orthanc_deid.ledger.queue.requests import JobRequest
from orthanc_deid.pipeline.tasks import NewTask, Result, State, Task
from support.ledger_tasks import ended, received, recount


def test_the_oldest_open_work_is_known(ledger: Ledger) -> None:
    ledger.record(received(1), 1, 100.0)
    ledger.record(received(2), 2, 150.0)
    assert ledger.oldest_pending_seconds(160.0) == 60.0
    [task] = ledger.claim("me", 1, 60, 160.0)
    assert ledger.oldest_pending_seconds(160.0) == 60.0
    ledger.close([ended(task)], 160.0)
    assert ledger.oldest_pending_seconds(160.0) == 10.0


def test_troubles_are_counted_by_rule(ledger: Ledger) -> None:
    ledger.record(received(1, 2, 3), 3, 0.0)
    tasks = ledger.claim("me", 3, 60, 0.0)
    ledger.close([ended(w, Result.QUARANTINED, rule=rule) for w, rule in zip(tasks, "aab", strict=True)], 1.0)
    assert ledger.rules(State.QUARANTINED) == {"a": 2, "b": 1}
    assert ledger.rules(State.FAILED) == {}


def test_rows_in_a_state_come_page_by_page(ledger: Ledger) -> None:
    ledger.record(received(*range(1, 8)), 7, 0.0)
    first = ledger.rows(State.PENDING, limit=4)
    rest = ledger.rows(State.PENDING, limit=4, after=first[-1].id)
    assert [row.instance for row in first + rest] == [f"i{n}" for n in range(1, 8)]


def test_the_counters_agree_with_the_rows_after_any_change(ledger: Ledger) -> None:
    chance = random.Random(5)
    held: list[Task] = []
    for step in range(150):
        now = float(step * 5)
        match chance.randrange(7):
            case 0:
                seq = chance.randrange(1, 200)
                ledger.record([NewTask(f"x{seq % 20}", seq, "neutral", store) for store in "ab"], seq, now)
            case 1 | 2:
                held += ledger.claim("me", chance.randrange(1, 6), 60, now)
            case 3 | 4:
                some = [held.pop() for _ in range(min(3, len(held)))]
                ledger.close([ended(task, chance.choice(list(Result))) for task in some], now)
            case 5:
                ledger.release_expired(now)
                ledger.retry(now, states=[State.FAILED, State.LOST])
            case 6:
                job = ledger.add_job(
                    JobRequest("studies", "s", "neutral", ["a"]), [(f"x{chance.randrange(20)}", 0)], now
                )
                if chance.random() < 0.3:
                    ledger.cancel_job(job.id, now)
        assert ledger.counts().states == recount(ledger)


@pytest.mark.parametrize("question", ["claim", "oldest", "rules", "rows", "expired"])
def test_frequent_queries_use_an_index(tmp_path: Path, question: str) -> None:
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'l.db'}", "fingerprint")
    ledger.record(received(1), 1, 0.0)
    asked: list[tuple[str, Any]] = []
    event.listen(
        ledger._database._engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, values, *_: asked.append((statement, values)),
    )
    questions: dict[str, Callable[[], object]] = {
        "claim": lambda: ledger.claim("me", 8, 60, 1.0),
        "oldest": lambda: ledger.oldest_pending_seconds(1.0),
        "rules": lambda: ledger.rules(State.QUARANTINED),
        "rows": lambda: ledger.rows(State.QUARANTINED),
        "expired": lambda: ledger.release_expired(1.0),
    }
    questions[question]()
    ledger.close_database()
    with closing(sqlite3.connect(tmp_path / "l.db")) as connection:
        plans = [
            row[3]
            for statement, values in asked
            if "deid_tasks" in statement
            for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)
        ]
    assert plans
    assert not [plan for plan in plans if plan.startswith("SCAN deid_tasks") and "INDEX" not in plan], plans
    assert not [plan for plan in plans if "TEMP B-TREE" in plan], plans
