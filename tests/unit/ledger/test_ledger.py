"""The ledger, on a real SQLite and on a real PostgreSQL: nothing is lost, nothing is done twice, all is counted."""

from __future__ import annotations

import os
import random
import sqlite3
import stat
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import create_engine, event, text

from orthanc_deid.errors import ConfigError
from orthanc_deid.ledger.database import stored_fingerprint
from orthanc_deid.ledger.queue.ledger import Ledger
from orthanc_deid.ledger.queue.views import JobState
from orthanc_deid.pipeline.tasks import NewTask, Outcome, Output, OwnOutput, Result, RetryPolicy, State, Task
from support.servers import postgres

POLICY = RetryPolicy(first=10.0, longest=40.0, attempts=4)
Opener = Callable[[], Ledger]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    if reason := postgres.missing():
        pytest.skip(reason)
    with postgres.postgres_server() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.integration)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    base: str = request.getfixturevalue("server")
    name = f"t{os.getpid()}_{random.getrandbits(40):x}"
    engine = create_engine(
        base.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return base.rpartition("/")[0] + f"/{name}"


@pytest.fixture
def open_ledger(url: str) -> Iterator[Opener]:
    opened: list[Ledger] = []

    def opener() -> Ledger:
        opened.append(Ledger.open(url, "fingerprint", POLICY))
        return opened[-1]

    yield opener
    for ledger in opened:
        ledger.close_database()


@pytest.fixture
def ledger(open_ledger: Opener) -> Ledger:
    return open_ledger()


def received(*seqs: int, store: str = "a", priority: int = 0) -> list[NewTask]:
    return [NewTask(f"i{seq}", seq, "neutral", store, priority) for seq in seqs]


def output(number: int) -> Output:
    return Output("p", "2.25.1", "2.25.2", f"2.25.{number}", f"{number:032x}")


def ended(task: Task, result: Result = Result.DELIVERED, **more: object) -> Outcome:
    delivered = output(task.id) if result in {Result.DELIVERED, Result.DUPLICATE} else None
    return Outcome(task, result, **{"output": delivered, **more})  # type: ignore[arg-type]


def recount(ledger: Ledger) -> Counter[State]:
    """Count the rows themselves, which the counters must agree with."""
    return Counter({state: len(ledger.rows(state, 100_000)) for state in State if ledger.rows(state, 1)})


# --- opening


def test_a_new_ledger_holds_the_keys_fingerprint_and_nothing_else(url: str, open_ledger: Opener) -> None:
    assert stored_fingerprint(url) is None
    ledger = open_ledger()
    assert stored_fingerprint(url) == "fingerprint"
    assert ledger.cursor() is None
    assert ledger.counts().states == {}
    assert ledger.oldest_pending_seconds(5.0) is None


def test_looking_for_a_fingerprint_makes_no_ledger(tmp_path: Path) -> None:
    file = tmp_path / "none.db"
    assert stored_fingerprint(f"sqlite:///{file}") is None
    assert not file.exists()


def test_another_keys_ledger_is_refused(url: str, ledger: Ledger) -> None:
    ledger.set_cursor(1)
    with pytest.raises(ConfigError, match="made with the key fingerprint"):
        Ledger.open(url, "another")


def test_a_newer_ledger_is_refused(url: str, ledger: Ledger) -> None:
    ledger._database.write(
        lambda c: c.execute(text("UPDATE deid_meta SET value = '99' WHERE name = 'schema'"))
    )
    with pytest.raises(ConfigError, match="schema"):
        Ledger.open(url, "fingerprint")


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "nonsense",
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://host/db",
        "oracle://host",
        "postgresql+none://h",
    ],
)
def test_a_url_that_is_no_ledger_is_refused(bad: str) -> None:
    with pytest.raises(ConfigError, match="Ledger"):
        Ledger.open(bad, "fingerprint")


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Ledger"):
        Ledger.open(f"sqlite:///{tmp_path / 'none' / 'ledger.db'}", "fingerprint")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_bytes(b"certainly no database" * 100)
    with pytest.raises(ConfigError, match="Ledger"):
        Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}", "fingerprint")


def test_a_server_that_is_away_is_refused_without_telling_its_address() -> None:
    with pytest.raises(ConfigError) as refused:
        Ledger.open(f"postgresql://user:secret@127.0.0.1:{postgres.free_port()}/db", "fingerprint")
    assert "secret" not in str(refused.value)
    assert "127.0.0.1" not in str(refused.value)


def test_an_sqlite_ledger_is_its_owners_alone_in_wal_and_synchronous(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    ledger = Ledger.open(f"sqlite:///{file}", "fingerprint")
    ledger.set_cursor(1)
    for path in tmp_path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name
    mode, synchronous = ledger._database.read(
        lambda c: (
            c.execute(text("PRAGMA journal_mode")).scalar(),
            c.execute(text("PRAGMA synchronous")).scalar(),
        )
    )
    assert (mode, synchronous) == ("wal", 2)
    ledger.close_database()


def test_two_nodes_may_open_a_new_ledger_at_once(open_ledger: Opener) -> None:
    with ThreadPoolExecutor(4) as threads:
        ledgers = list(threads.map(lambda _: open_ledger(), range(4)))
    ledgers[0].set_cursor(7)
    assert [ledger.cursor() for ledger in ledgers] == [7] * 4


# --- the change feed


def test_work_and_cursor_are_recorded_together(ledger: Ledger) -> None:
    assert ledger.record(received(3, 4), 4, 1.0) == 2
    assert ledger.cursor() == 4
    assert ledger.counts().states == {State.PENDING: 2}


def test_what_is_known_is_ignored(ledger: Ledger) -> None:
    ledger.record(received(3, 4), 4, 1.0)
    assert ledger.record(received(3, 4, 5), 5, 2.0) == 1
    assert ledger.counts()[State.PENDING] == 3


def test_the_same_work_twice_in_one_batch_is_one(ledger: Ledger) -> None:
    assert ledger.record(received(3, 3), 3, 1.0) == 1


def test_reading_again_moves_the_cursor_only_forward(ledger: Ledger) -> None:
    ledger.record(received(9), 9, 1.0)
    ledger.record(received(4), 4, 2.0)
    ledger.record(received(5), None, 2.0)
    assert ledger.cursor() == 9
    ledger.set_cursor(0)
    assert ledger.cursor() == 0
    ledger.record([], 1, 3.0)
    assert ledger.cursor() == 1


def test_an_instance_for_two_stores_is_two_rows(ledger: Ledger) -> None:
    ledger.record(received(1, store="a") + received(1, store="b"), 1, 1.0)
    assert ledger.counts().stores == {"a": {State.PENDING: 1}, "b": {State.PENDING: 1}}


def test_an_overwritten_instance_supersedes_what_is_not_delivered(ledger: Ledger) -> None:
    ledger.record(
        [NewTask("x", seq, "neutral", store) for seq, store in ((1, "a"), (1, "b"), (1, "c"))], 1, 1.0
    )
    tasks = {task.store: task for task in ledger.claim("me", 3, 60, 1.0)}
    ledger.close([ended(tasks["a"]), ended(tasks["b"], Result.QUARANTINED)], 2.0)
    ledger.record([NewTask("x", 2, "neutral", store) for store in "abc"], 2, 3.0)
    states = {(row.seq, row.store): row.state for row in ledger.rows_of(["x"])}
    assert states == {
        (1, "a"): State.DELIVERED,
        (1, "b"): State.SUPERSEDED,
        (1, "c"): State.SUPERSEDED,
        (2, "a"): State.PENDING,
        (2, "b"): State.PENDING,
        (2, "c"): State.PENDING,
    }
    assert ledger.close([ended(tasks["c"])], 4.0) == 0, "its claim was of the old content"
    assert ledger.counts().states == recount(ledger)


def test_an_older_seq_that_comes_late_is_dropped(ledger: Ledger) -> None:
    ledger.record([NewTask("x", 5, "neutral", "a")], 5, 1.0)
    assert ledger.record([NewTask("x", 4, "neutral", "a")], None, 2.0) == 0
    assert ledger.record([NewTask("x", 6, "neutral", "a"), NewTask("x", 7, "neutral", "a")], 7, 2.0) == 1
    assert [row.seq for row in ledger.rows_of(["x"]) if row.state is State.PENDING] == [7]


def test_a_jobs_work_goes_on_with_the_new_content(ledger: Ledger) -> None:
    job = ledger.add_job("studies", "s", "neutral", ["a"], [("x", 0), ("y", 0)], 1.0)
    [x] = [task for task in ledger.claim("me", 2, 60, 1.0) if task.instance == "x"]
    ledger.record([NewTask("x", 9, "neutral", "a")], 9, 2.0)
    assert ledger.close([ended(x)], 3.0) == 0
    [row] = [row for row in ledger.rows_of_job(job) if row.instance == "x"]
    assert (row.seq, row.state) == (9, State.PENDING)
    assert ledger.counts().states == recount(ledger)


def test_ignored_instances_are_known_and_never_claimed(ledger: Ledger) -> None:
    ledger.record([NewTask("x", 1, ignored=True)], 1, 1.0)
    assert ledger.unknown(["x", "y"]) == {"y"}
    assert ledger.claim("me", 10, 60, 2.0) == []
    assert ledger.counts().states == {State.IGNORED: 1}


def test_markers_are_kept_and_the_ledgers_own_are_not_the_hosts(ledger: Ledger) -> None:
    ledger.set_marker("installed", "2026-01-01")
    ledger.set_marker("installed", "2026-01-02")
    assert ledger.marker("installed") == "2026-01-02"
    assert ledger.marker("nothing") is None
    with pytest.raises(ValueError, match="own"):
        ledger.set_marker("key", "x")


# --- claims


def test_a_claim_takes_the_due_works_once_by_priority_and_age(ledger: Ledger) -> None:
    ledger.record(received(1, 2), 2, 1.0)
    ledger.record(received(3, priority=5), 3, 2.0)
    assert [task.instance for task in ledger.claim("me", 2, 60, 3.0)] == ["i3", "i1"]
    assert [task.instance for task in ledger.claim("me", 2, 60, 3.0)] == ["i2"]
    assert ledger.claim("me", 2, 60, 3.0) == []
    assert ledger.counts().states == {State.CLAIMED: 3}


def test_no_work_is_claimed_before_its_time(ledger: Ledger) -> None:
    ledger.record(received(1), 1, 100.0)
    assert ledger.claim("me", 1, 60, 99.0) == []


def test_excluded_stores_are_left_alone(ledger: Ledger) -> None:
    ledger.record(received(1, store="a") + received(1, store="b"), 1, 1.0)
    assert [task.store for task in ledger.claim("me", 9, 60, 2.0, exclude={"a"})] == ["b"]


def test_delivered_work_is_closed_with_its_output(ledger: Ledger) -> None:
    ledger.record(received(1), 1, 1.0)
    [task] = ledger.claim("me", 1, 60, 2.0)
    assert ledger.close([ended(task, seconds=0.25)], 3.0) == 1
    [row] = ledger.rows_of(["i1"])
    assert (row.state, row.output, row.changed) == (State.DELIVERED, output(task.id), 3.0)
    counts = ledger.counts()
    assert (counts.seconds_sum, counts.seconds_count) == (0.25, 1)


def test_closing_twice_counts_once(ledger: Ledger) -> None:
    ledger.record(received(1), 1, 1.0)
    [task] = ledger.claim("me", 1, 60, 2.0)
    assert [ledger.close([ended(task)], 3.0), ledger.close([ended(task, Result.LOST)], 4.0)] == [1, 0]
    assert ledger.counts().states == {State.DELIVERED: 1}


def test_an_orphaned_claim_returns_when_its_lease_is_over_and_its_late_outcome_does_not_count(
    ledger: Ledger,
) -> None:
    ledger.record(received(1), 1, 1.0)
    [first] = ledger.claim("dead", 1, 60, 2.0)
    assert ledger.release_expired(61.0) == 0
    assert ledger.release_expired(63.0) == 1
    [second] = ledger.claim("alive", 1, 60, 64.0)
    assert ledger.close([ended(first, Result.QUARANTINED)], 65.0) == 0
    assert ledger.close([ended(second)], 66.0) == 1
    assert ledger.counts().states == {State.DELIVERED: 1}


def test_a_renewed_lease_holds(ledger: Ledger) -> None:
    ledger.record(received(1), 1, 1.0)
    ledger.claim("me", 1, 60, 2.0)
    assert ledger.renew("me", 60, 50.0) == 1
    assert ledger.release_expired(100.0) == 0
    assert ledger.release_expired(111.0) == 1


def test_an_owners_claims_return_at_its_start_and_nobody_elses(ledger: Ledger) -> None:
    ledger.record(received(1, 2), 2, 1.0)
    ledger.claim("me", 1, 60, 2.0)
    ledger.claim("other", 1, 60, 2.0)
    assert ledger.release("me", 3.0) == 1
    assert ledger.counts().states == {State.PENDING: 1, State.CLAIMED: 1}


def test_a_returned_work_is_due_at_once_and_has_lost_no_attempt(ledger: Ledger) -> None:
    ledger.record(received(1), 1, 1.0)
    [task] = ledger.claim("me", 1, 60, 2.0)
    ledger.close([ended(task, Result.RETURNED)], 3.0)
    [again] = ledger.claim("me", 1, 60, 3.0)
    assert again.attempts == 0


def test_pauses_grow_and_end_in_failed(ledger: Ledger) -> None:
    ledger.record(received(1), 1, 0.0)
    now, pauses = 0.0, []
    while tasks := ledger.claim("me", 1, 60, now):
        ledger.close([ended(tasks[0], Result.RETRY, rule="source", reason="Orthanc answered 503")], now)
        [row] = ledger.rows_of(["i1"])
        assert ledger.claim("me", 1, 60, row.retry_at - 0.001) == []
        pauses.append(row.retry_at - now)
        now = row.retry_at
    assert pauses == [10.0, 20.0, 40.0, 40.0]
    [row] = ledger.rows(State.FAILED)
    assert (row.attempts, row.rule, row.reason) == (4, "source", "Orthanc answered 503")


def test_failed_work_is_tried_again_by_one_call(ledger: Ledger) -> None:
    ledger.record(received(1, 2), 2, 0.0)
    tasks = ledger.claim("me", 2, 60, 0.0)
    ledger.close([ended(task, Result.QUARANTINED, rule="r") for task in tasks], 1.0)
    assert ledger.retry(5.0) == 0
    assert ledger.retry(5.0, states=[State.QUARANTINED], ids=[tasks[0].id]) == 1
    [again] = ledger.claim("me", 2, 60, 5.0)
    assert (again.id, again.attempts) == (tasks[0].id, 0)
    assert ledger.counts().states == recount(ledger)


@pytest.mark.parametrize("state", [State.PENDING, State.CLAIMED, State.IGNORED, State.SUPERSEDED])
def test_only_finished_work_can_be_tried_again(ledger: Ledger, state: State) -> None:
    with pytest.raises(ValueError, match="finished"):
        ledger.retry(1.0, states=[state])


def test_a_duplicate_that_an_interrupted_attempt_of_ours_put_there_was_delivered(ledger: Ledger) -> None:
    ledger.record(received(1, 2, 3), 3, 0.0)
    ledger.claim("me", 3, 60, 0.0)
    ledger.release("me", 1.0)
    tasks = ledger.claim("me", 3, 60, 2.0)
    same = output(77)
    ledger.close([ended(tasks[0], Result.DUPLICATE, output=same)], 3.0)
    ledger.close([ended(tasks[1], Result.DUPLICATE, output=same)], 4.0)
    ledger.close([ended(tasks[2], Result.DUPLICATE)], 4.0)
    assert [ledger.rows_of([f"i{n}"])[0].state for n in (1, 2, 3)] == [
        State.DELIVERED,
        State.DUPLICATE,
        State.DELIVERED,
    ]


def test_a_duplicate_at_the_first_attempt_is_one(ledger: Ledger) -> None:
    ledger.record(received(1), 1, 0.0)
    [task] = ledger.claim("me", 3, 60, 0.0)
    ledger.close([ended(task, Result.DUPLICATE)], 3.0)
    assert ledger.counts().states == {State.DUPLICATE: 1}


# --- our own output


def test_a_claim_knows_the_outputs_that_its_instance_could_be(ledger: Ledger) -> None:
    ledger.record(received(1), 1, 0.0)
    [task] = ledger.claim("me", 1, 60, 0.0)
    ledger.close([ended(task)], 1.0)
    own = output(task.id)
    assert ledger.known_outputs([own.orthanc_id, "x"]) == {
        own.orthanc_id: frozenset({OwnOutput(own.md5, "i1", "neutral")})
    }
    ledger.record([NewTask(own.orthanc_id, 2, "neutral", "a")], 2, 2.0)
    [back] = ledger.claim("me", 1, 60, 2.0)
    assert back.own == (OwnOutput(own.md5, "i1", "neutral"),)
    assert ledger.is_output(own.sop_instance_uid)
    assert not ledger.is_output("2.25.9999")
    ledger.close([ended(back, Result.IGNORED)], 3.0)
    assert ledger.counts().states == {State.DELIVERED: 1, State.IGNORED: 1}


def test_the_orthanc_id_is_what_orthanc_computes() -> None:
    # PatientID "TEST", made by Orthanc's own /tools/create-dicom and /tools/lookup rules: SHA-1 of the four, joined.
    sample = Output(" p ", "2.25.1", "2.25.2", "2.25.3", "")
    assert sample.orthanc_id == Output("p", "2.25.1", "2.25.2", "2.25.3", "").orthanc_id
    assert len(sample.orthanc_id) == 44


# --- stores that fail


def down(tasks: list[Task]) -> list[Outcome]:
    return [ended(task, Result.RETRY_STORE, rule="store", reason="down") for task in tasks]


def test_a_store_that_fails_pauses_and_holds_up_no_other(ledger: Ledger) -> None:
    ledger.record(received(*range(1, 21), store="bad") + received(*range(1, 3), store="good"), 20, 0.0)
    ledger.close(down(ledger.claim("me", 5, 60, 0.0, exclude={"good"})), 0.0)
    assert {task.store for task in ledger.claim("me", 99, 60, 1.0)} == {"good"}


def test_after_the_pause_one_small_batch_probes_the_store(ledger: Ledger) -> None:
    ledger.record(received(*range(1, 41), store="bad"), 40, 0.0)
    ledger.close(down(ledger.claim("me", 5, 60, 0.0)), 0.0)
    probe = ledger.claim("me", 99, 60, 11.0)
    assert len(probe) == 8
    assert ledger.claim("me", 99, 60, 11.0) == [], "nobody else tries meanwhile"
    ledger.close(down(probe), 12.0)
    assert ledger.claim("me", 99, 60, 31.0) == [], "the second pause is longer"
    probe = ledger.claim("me", 99, 60, 32.0)
    assert len(probe) == 8
    ledger.close([ended(task) for task in probe], 33.0)
    assert len(ledger.claim("me", 99, 60, 33.0)) == 40 - 8, "it answers, and gets all that is due"


def test_several_batches_that_fail_at_once_pause_the_store_once(ledger: Ledger) -> None:
    ledger.record(received(*range(1, 41), store="bad"), 40, 0.0)
    batches = [ledger.claim("me", 8, 60, 0.0) for _ in range(4)]
    for batch in batches:
        ledger.close(down(batch), 0.0)
    assert ledger.claim("me", 8, 60, 10.0)


def test_a_probe_that_never_reached_the_store_is_repeated_at_once(ledger: Ledger) -> None:
    ledger.record(received(*range(1, 21), store="bad"), 20, 0.0)
    ledger.close(down(ledger.claim("me", 1, 60, 0.0)), 0.0)
    probe = ledger.claim("me", 99, 60, 11.0)
    ledger.close([ended(task, Result.QUARANTINED, rule="r") for task in probe], 12.0)
    assert len(ledger.claim("me", 99, 60, 12.0)) == 8


def test_one_instance_that_a_store_rejects_does_not_pause_it(ledger: Ledger) -> None:
    ledger.record(received(1, 2), 2, 0.0)
    first, second = ledger.claim("me", 2, 60, 0.0)
    ledger.close([ended(first, Result.RETRY_STORE), ended(second)], 0.0)
    ledger.record(received(3), 3, 0.0)
    assert [task.instance for task in ledger.claim("me", 2, 60, 0.0)] == ["i3"]


def test_a_retry_ends_the_pause(ledger: Ledger) -> None:
    ledger.record(received(1, 2), 2, 0.0)
    tasks = ledger.claim("me", 2, 60, 0.0)
    ledger.close([*down(tasks[:1]), ended(tasks[1], Result.QUARANTINED, rule="r")], 0.0)
    ledger.retry(1.0, states=[State.QUARANTINED])
    assert [task.instance for task in ledger.claim("me", 9, 60, 1.0)] == ["i2"]


# --- jobs


def test_a_job_counts_its_own_works_until_they_are_done(ledger: Ledger) -> None:
    ledger.record(received(1), 1, 0.0)
    job = ledger.add_job("studies", "s1", "neutral", ["a", "b", "a"], [("i1", 1), ("i2", 2)], 1.0)
    assert (job.total, job.progress, job.state, job.stores) == (4, 0, JobState.ACTIVE, ("a", "b"))
    tasks = [task for task in ledger.claim("me", 9, 60, 1.0) if task.job]
    assert len(tasks) == 4
    ledger.close([ended(tasks[0]), ended(tasks[1], Result.QUARANTINED, rule="r")], 2.0)
    half = ledger.job(job.id)
    assert half is not None
    assert (half.progress, half.state, half.counts[State.QUARANTINED]) == (50, JobState.ACTIVE, 1)
    ledger.close([ended(task) for task in tasks[2:]], 3.0)
    done = ledger.job(job.id)
    assert done is not None
    assert (done.progress, done.state, done.finished) == (100, JobState.DONE, 3.0)
    assert done.counts == {State.DELIVERED: 3, State.QUARANTINED: 1}
    assert len(ledger.rows_of_job(done)) == 4


def test_why_works_are_held_back_is_counted_by_reason_for_all_and_for_a_job(ledger: Ledger) -> None:
    ledger.record(received(1, 2, 3, 4), 4, 0.0)
    job = ledger.add_job("studies", "s1", "neutral", ["a"], [("i1", 1)], 1.0)
    results = {"i1": "one", "i2": "two", "i3": "two"}
    tasks = ledger.claim("me", 9, 60, 1.0)
    ledger.close(
        [
            ended(task, Result.QUARANTINED, rule="r", reason=f"r: {results[task.instance]}")
            if task.instance in results
            else ended(task)
            for task in tasks
        ],
        2.0,
    )
    held = ledger.held(State.QUARANTINED, State.LOST, most=100)
    assert [(each.state, each.rule, each.reason, each.count) for each in held] == [
        (State.QUARANTINED, "r", "r: one", 2),
        (State.QUARANTINED, "r", "r: two", 2),
    ]
    assert [(each.reason, each.count) for each in ledger.held(State.QUARANTINED, most=100, job=job)] == [
        ("r: one", 1)
    ]
    assert sum(each.count for each in ledger.held(State.QUARANTINED, most=3)) == 3
    assert ledger.held(State.FAILED, most=100) == []


def test_a_job_without_instances_is_done(ledger: Ledger) -> None:
    job = ledger.add_job("studies", "s1", "neutral", ["a"], [], 1.0)
    assert (job.state, job.progress) == (JobState.DONE, 100)


def test_a_jobs_failures_can_be_tried_again_and_make_it_active(ledger: Ledger) -> None:
    job = ledger.add_job("studies", "s1", "neutral", ["a"], [("i1", 1)], 1.0)
    ledger.close([ended(task, Result.LOST) for task in ledger.claim("me", 9, 60, 1.0)], 2.0)
    assert ledger.retry(3.0, states=[State.LOST], job_id="another") == 0
    assert ledger.retry(3.0, states=[State.LOST], job_id=job.id) == 1
    again = ledger.job(job.id)
    assert again is not None
    assert (again.state, again.finished) == (JobState.ACTIVE, None)


def test_a_cancelled_job_finishes_what_is_claimed_and_leaves_the_rest(ledger: Ledger) -> None:
    job = ledger.add_job("studies", "s1", "neutral", ["a"], [("i1", 1), ("i2", 2), ("i3", 3)], 1.0)
    [task] = ledger.claim("me", 1, 60, 1.0)
    cancelled = ledger.cancel_job(job.id, 2.0)
    assert cancelled is not None
    assert (cancelled.state, cancelled.counts[State.CANCELLED]) == (JobState.CANCELLED, 2)
    assert ledger.claim("me", 9, 60, 3.0) == []
    assert ledger.close([ended(task)], 4.0) == 1
    assert ledger.counts().states == {State.CANCELLED: 2, State.DELIVERED: 1}
    assert ledger.cancel_job("no such job", 5.0) is None


def test_jobs_are_listed_newest_first_page_by_page(ledger: Ledger) -> None:
    made = [ledger.add_job("studies", f"s{n}", "neutral", ["a"], [(f"i{n}", n)], float(n)) for n in range(5)]
    first = ledger.jobs(limit=3)
    assert [job.resource for job in first] == ["s4", "s3", "s2"]
    assert [job.id for job in ledger.jobs(limit=3, before=first[-1].number)] == [made[1].id, made[0].id]
    assert ledger.job("nothing") is None


# --- answers


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


def test_the_counters_agree_with_the_rows_whatever_happens(ledger: Ledger) -> None:
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
                job = ledger.add_job("studies", "s", "neutral", ["a"], [(f"x{chance.randrange(20)}", 0)], now)
                if chance.random() < 0.3:
                    ledger.cancel_job(job.id, now)
        assert ledger.counts().states == recount(ledger)


# --- threads and nodes


def test_many_nodes_and_threads_claim_every_work_exactly_once(open_ledger: Opener) -> None:
    first = open_ledger()
    first.record(received(*range(1, 301)), 300, 0.0)
    seen: Counter[int] = Counter()

    def node(name: str) -> None:
        ledger = open_ledger()
        while tasks := ledger.claim(name, 7, 60, 1.0):
            assert ledger.close([ended(task) for task in tasks], 2.0) == len(tasks)
            seen.update(task.id for task in tasks)

    nodes = [Thread(target=node, args=(f"n{number}",)) for number in range(4)]
    for thread in nodes:
        thread.start()
    for thread in nodes:
        thread.join()
    assert len(seen) == 300
    assert set(seen.values()) == {1}
    assert first.counts().states == {State.DELIVERED: 300}


def test_nodes_that_read_the_same_feed_record_every_work_once(open_ledger: Opener) -> None:
    def node(_number: int) -> int:
        ledger = open_ledger()
        return sum(
            ledger.record(received(*range(start, start + 20)), start + 19, 0.0) for start in range(1, 200, 20)
        )

    open_ledger()
    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(node, range(4))) == 200
    assert open_ledger().counts().states == {State.PENDING: 200}


def test_no_identity_has_a_column(tmp_path: Path) -> None:
    Ledger.open(f"sqlite:///{tmp_path / 'l.db'}", "fingerprint").close_database()
    with closing(sqlite3.connect(tmp_path / "l.db")) as connection:
        schema = " ".join(
            row[0] for row in connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
        )
    connection.close()
    assert not {"name_of_patient", "patient_name", "birth", "path", "url"} & set(schema.lower().split())


@pytest.mark.parametrize("question", ["claim", "oldest", "rules", "rows", "expired"])
def test_questions_asked_all_the_time_are_answered_from_an_index(tmp_path: Path, question: str) -> None:
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
