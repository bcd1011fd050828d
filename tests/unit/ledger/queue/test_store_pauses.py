"""Pauses of stores that fail, and the probes that end them."""

from __future__ import annotations

from orthanc_deid.ledger.queue.ledger import Ledger
from orthanc_deid.pipeline.tasks import Outcome, Result, State, Task
from support.ledger_tasks import ended, received


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
