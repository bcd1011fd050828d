"""Claims, leases, retries and our own outputs: no task is done twice."""

from __future__ import annotations

import pytest

from orthanc_deid.ledger.queue.ledger import Ledger
from orthanc_deid.ledger.queue.requests import TaskFilter
from orthanc_deid.pipeline.tasks import NewTask, OwnOutput, Result, State
from support.ledger_tasks import ended, output, received, recount


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


def test_an_owners_claims_alone_return_at_its_start(ledger: Ledger) -> None:
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
    assert ledger.retry(5.0, states=[State.QUARANTINED], where=TaskFilter(ids=[tasks[0].id])) == 1
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
