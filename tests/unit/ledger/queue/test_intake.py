"""Intake of tasks and the cursor: nothing is lost, nothing is recorded twice."""

from __future__ import annotations

import pytest

from orthanc_deid.ledger.queue.ledger import Ledger
from orthanc_deid.ledger.queue.requests import JobRequest
from orthanc_deid.pipeline.tasks import NewTask, Result, State
from support.ledger_tasks import ended, received, recount


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
    job = ledger.add_job(JobRequest("studies", "s", "neutral", ["a"]), [("x", 0), ("y", 0)], 1.0)
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
