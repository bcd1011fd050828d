"""What the ledger's answers cost when it holds ten million rows, beside one that holds a hundredth of them.

The rows are made by SQL, since only the size of the ledger is measured here.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sqlalchemy import text

from benchmarks.figures import Claim, Group, figures
from benchmarks.measuring import Rounds, repeat
from orthanc_deid.ledger.queue.ledger import Ledger
from orthanc_deid.pipeline.tasks import NewTask, Outcome, Output, Result, State

ROUNDS = 5
REPEATS = 20
SMALL = 100_000
"""Rows of the other ledger."""

# Of 500 works one is quarantined; each instance goes to two stores.
_WORKS = """
WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < :rows)
INSERT INTO deid_tasks (instance, seq, profile, store, job, state, priority, attempts, claim, retry_at, created,
                       changed, rule, reason, output, source_md5)
SELECT printf('%08x-%08x-%08x-%08x-%08x', n / 2, 0, 0, 0, 0), n / 2, 'neutral', 'store' || (n % 2), 0,
       CASE WHEN n % 500 = 0 THEN 'quarantined' ELSE 'delivered' END, 0, 0, 1, 0, n, n,
       CASE WHEN n % 500 = 0 THEN 'rule ' || (n % 7) ELSE '' END, '',
       CASE WHEN n % 500 = 0 THEN NULL ELSE n END, ''
FROM number
"""
_OUTPUTS = """
WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < :rows)
INSERT INTO deid_outputs (id, orthanc_id, md5, patient_id, study_instance_uid, series_instance_uid,
                          sop_instance_uid, source, profile)
SELECT n, printf('%08x-%08x-%08x-%08x-%08x', 1, n, 0, 0, 0), printf('%032x', n), 'ANON', '2.25.1', '2.25.2',
       printf('2.25.%020d', n), printf('%08x-%08x-%08x-%08x-%08x', n / 2, 0, 0, 0, 0), 'neutral'
FROM number
"""
_COUNTERS = """
INSERT INTO deid_counters (job, store, state, count, seconds, timed)
SELECT 0, store, state, count(*), count(*) * 0.01, count(*) FROM deid_tasks GROUP BY store, state
"""
_HOURS = """
INSERT INTO deid_hours (hour, state, count, seconds) SELECT value, 'delivered', 100, 1.0 FROM json_each(:hours)
"""


def made(path: Path, rows: int) -> Ledger:
    """Return a ledger of so many works, each delivered but for one in 500."""
    ledger = Ledger.open(f"sqlite:///{path}", "f" * 16)
    hours = str(list(range(24 * 365)))
    with ledger._database._engine.begin() as connection:
        connection.execute(text(_OUTPUTS), {"rows": rows})
        connection.execute(text(_WORKS), {"rows": rows})
        connection.execute(text(_COUNTERS))
        connection.execute(text(_HOURS), {"hours": hours})
    return ledger


class Asked:
    """What is asked of one ledger of so many rows."""

    def __init__(self, ledger: Ledger, rows: int) -> None:
        self._ledger = ledger
        self._rows = rows
        self._next = rows

    def questions(self) -> dict[str, Callable[[], object]]:
        """Return the questions by name."""
        ledger = self._ledger
        instances = [f"{self._rows // 4 + n:08x}-00000000-00000000-00000000-00000000" for n in range(100)]
        return {
            "counts (state, metrics)": ledger.counts,
            "oldest pending": partial(ledger.oldest_pending_seconds, 1e9),
            "pace of 48 hours": partial(ledger.hours, 24 * 365 - 48),
            "20 quarantined": partial(ledger.rows, State.QUARANTINED, 20),
            "20 quarantined by a rule": partial(ledger.rows, State.QUARANTINED, 20, 0, "rule 3"),
            "a study of 100 instances": partial(ledger.rows_of, instances),
            "8 works: record, claim, close": self.task,
        }

    def task(self) -> None:
        """Bring 8 works through the ledger."""
        self._next += 8
        instances = [
            f"{n:08x}-11111111-00000000-00000000-00000000" for n in range(self._next - 8, self._next)
        ]
        tasks = [NewTask(each, self._next, "neutral", "store0") for each in instances]
        self._ledger.record(tasks, self._next, time.time())
        claimed = self._ledger.claim("benchmark", 8, 60.0, time.time())
        outcomes = [
            Outcome(
                each,
                Result.DELIVERED,
                output=Output("A", "2.25.1", "2.25.2", f"2.25.{each.id}", f"{each.id:032x}"),
            )
            for each in claimed
        ]
        self._ledger.close(outcomes, time.time())


def ledger_size(rows: int, scratch: Path) -> Group:
    """Measure a ledger of so many rows beside a small one."""
    small = min(rows // 2, SMALL)
    sizes = {small: "", rows: ""}
    jobs: dict[str, Callable[[], object]] = {}
    said = []
    for size in sizes:
        began = time.perf_counter()
        path = scratch / f"ledger-{size}.db"
        ledger = made(path, size)
        said.append(
            f"{size:,} rows: {path.stat().st_size / 1e6:,.0f} MB, made by SQL in {time.perf_counter() - began:.0f} s"
        )
        jobs |= {f"{name}, {size:,} rows": ask for name, ask in Asked(ledger, size).questions().items()}
    rounds = repeat(jobs, ROUNDS, dict.fromkeys(jobs, REPEATS))
    return Group(
        f"The ledger at {rows:,} rows (SQLite)",
        "question",
        figures(rounds, {}),
        _claims(rounds, small, rows),
        said,
    )


def _claims(rounds: Rounds, small: int, rows: int) -> list[Claim]:
    names = [
        name.removesuffix(f", {rows:,} rows") for name in rounds.seconds if name.endswith(f" {rows:,} rows")
    ]
    return [
        Claim(
            f"{name}: time / that at {small:,} rows",
            rounds.rate(f"{name}, {small:,} rows", f"{name}, {rows:,} rows"),
            3,
            at_most=True,
        )
        for name in names
    ]
