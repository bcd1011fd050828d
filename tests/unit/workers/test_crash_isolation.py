"""The tasks of a worker that crashed are run alone, and only one that crashes its worker again is quarantined."""

from __future__ import annotations

from concurrent.futures import CancelledError
from concurrent.futures.process import BrokenProcessPool

import pytest

from orthanc_deid.pipeline.tasks import Outcome, Result, Task
from orthanc_deid.workers.crash_isolation import CRASHED, CrashIsolation

FIRST, SECOND = (Task(number, 1, f"i{number}", number, "neutral", "folder") for number in (1, 2))


def test_each_task_of_a_lost_chunk_is_run_alone_once() -> None:
    isolation = CrashIsolation()
    assert isolation.lost([FIRST, SECOND], BrokenProcessPool()) == []
    assert isolation
    assert isolation.next() == FIRST
    assert isolation.is_alone([FIRST])
    assert not isolation.is_alone([SECOND])
    assert isolation.returned([Outcome(FIRST, Result.DELIVERED)]) == [
        Outcome(FIRST, Result.DELIVERED, repeated=True)
    ]
    assert isolation.next() == SECOND
    assert isolation.lost([SECOND], BrokenProcessPool()) == [
        Outcome(SECOND, Result.QUARANTINED, CRASHED, CRASHED, repeated=True)
    ]
    assert not isolation


def test_a_task_that_fails_alone_for_another_reason_is_quarantined_with_its_type() -> None:
    isolation = CrashIsolation()
    isolation.add([FIRST])
    rule = "unexpected: CancelledError"
    assert isolation.lost([isolation.next()], CancelledError("DOE^JOHN")) == [
        Outcome(FIRST, Result.QUARANTINED, rule, rule, repeated=True)
    ]
    assert not isolation


def test_another_chunk_that_is_lost_beside_an_isolated_task_waits_behind_it() -> None:
    isolation = CrashIsolation()
    isolation.add([FIRST])
    isolation.next()
    assert isolation.lost([SECOND], BrokenProcessPool()) == []
    assert isolation.is_alone([FIRST])
    isolation.returned([Outcome(FIRST, Result.DELIVERED)])
    assert isolation.next() == SECOND


def test_outcomes_are_unchanged_while_no_task_is_isolated() -> None:
    outcomes = [Outcome(FIRST, Result.DELIVERED)]
    assert CrashIsolation().returned(outcomes) == [Outcome(FIRST, Result.DELIVERED)]


def test_nothing_is_left_after_clear() -> None:
    isolation = CrashIsolation()
    isolation.add([FIRST, SECOND])
    isolation.next()
    isolation.clear()
    assert not isolation
    with pytest.raises(IndexError):
        isolation.next()
