"""The scheduler with real worker processes: every task has an outcome, whatever happens to its worker."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from functools import partial
from pathlib import Path
from threading import Event

import pytest

from orthanc_deid.ledger.queue.ledger import Ledger
from orthanc_deid.pipeline.retry_policy import RetryPolicy
from orthanc_deid.pipeline.tasks import OPEN, NewTask, State
from orthanc_deid.workers.pool import ExecutorFactory, WorkerPool, process_pool
from orthanc_deid.workers.runner import RunnerSetup
from orthanc_deid.workers.scheduler import Scheduler, SchedulerSettings
from support.pipeline_parts import fill, pipeline_setup
from support.waiting import wait_until


def new_works(names: list[str]) -> list[NewTask]:
    return [NewTask(name, number, "neutral", "folder") for number, name in enumerate(names, 1)]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}", "fp", RetryPolicy(0.01, 0.02, 3))
    yield opened
    opened.close_database()


def delivered(tmp_path: Path) -> int:
    return len(list((tmp_path / "out").rglob("*.dcm")))


def scheduler(
    tmp_path: Path,
    ledger: Ledger,
    errors: list[str],
    executor: ExecutorFactory = process_pool,
) -> Scheduler:
    settings = SchedulerSettings(owner="node", workers=2, idle=0.05)
    return Scheduler(ledger, pipeline_setup(tmp_path), settings, executor, on_error=errors.append)


def run_until_done(running: Scheduler, ledger: Ledger) -> None:
    """Let a scheduler run until no task is open."""
    running.start()
    try:
        wait_until(lambda: not any(ledger.counts()[state] for state in OPEN))
    finally:
        running.stop()


def test_everything_recorded_is_delivered_and_counted(tmp_path: Path, ledger: Ledger) -> None:
    ledger.record(new_works(fill(tmp_path / "in", 50)), 50, 0.0)
    errors: list[str] = []
    run_until_done(scheduler(tmp_path, ledger, errors), ledger)
    assert ledger.counts().states == {State.DELIVERED: 50}
    assert delivered(tmp_path) == 50
    assert errors == []


def test_work_recorded_later_is_done_when_the_scheduler_is_woken(tmp_path: Path, ledger: Ledger) -> None:
    names = fill(tmp_path / "in", 20)
    closed: list[str] = []
    settings = SchedulerSettings(owner="node", workers=1, idle=60.0)
    running = Scheduler(
        ledger,
        pipeline_setup(tmp_path),
        settings,
        on_closed=lambda outcomes: closed.extend(outcome.task.instance for outcome in outcomes),
    )
    running.start()
    try:
        for task in new_works(names):
            ledger.record([task], task.seq, 0.0)
            running.wake()
        wait_until(lambda: len(closed) == 20)
    finally:
        running.stop()
    assert sorted(closed) == names


def test_what_one_claim_leaves_is_claimed_without_another_call(tmp_path: Path, ledger: Ledger) -> None:
    names = fill(tmp_path / "in", 151)
    closed: list[str] = []
    running = Scheduler(
        ledger,
        pipeline_setup(tmp_path),
        SchedulerSettings(owner="node", workers=1, idle=60.0),
        on_closed=lambda outcomes: closed.extend(outcome.task.instance for outcome in outcomes),
    )
    running.start()
    try:
        for tasks in (new_works(names)[:1], new_works(names)[1:]):  # the first leaves the ledger empty
            expected = len(closed) + len(tasks)
            ledger.record(tasks, tasks[-1].seq, 0.0)
            running.wake()
            wait_until(lambda expected=expected: len(closed) == expected)  # type: ignore[misc]
    finally:
        running.stop()
    assert sorted(closed) == names


def test_an_instance_that_kills_its_worker_is_quarantined_and_the_others_are_delivered(
    tmp_path: Path, ledger: Ledger
) -> None:
    names = fill(tmp_path / "in", 30)
    (tmp_path / "in" / names[11]).write_text("die")
    ledger.record(new_works(names), 30, 0.0)
    errors: list[str] = []
    run_until_done(scheduler(tmp_path, ledger, errors), ledger)
    assert ledger.counts().states == {State.DELIVERED: 29, State.QUARANTINED: 1}
    [row] = ledger.rows(State.QUARANTINED)
    assert (row.instance, row.rule) == (names[11], "crashed its worker")
    assert errors


def test_an_instance_whose_worker_died_once_is_tried_again_alone(tmp_path: Path, ledger: Ledger) -> None:
    names = fill(tmp_path / "in", 10)
    (tmp_path / "in" / names[3]).write_text(f"die-once {tmp_path / 'died'}")
    ledger.record(new_works(names), 10, 0.0)
    run_until_done(scheduler(tmp_path, ledger, []), ledger)
    assert (tmp_path / "died").exists()
    assert ledger.counts().states == {State.DELIVERED: 10}


def test_a_worker_that_is_killed_from_outside_costs_nothing(tmp_path: Path, ledger: Ledger) -> None:
    names = fill(tmp_path / "in", 40)
    (tmp_path / "in" / names[20]).write_text(f"wait 1.5 {'x' * 16}")
    ledger.record(new_works(names), 40, 0.0)
    made: list[WorkerPool] = []

    def factory(setup: RunnerSetup[object], count: int) -> Executor:
        made.append(WorkerPool(setup, count))
        return made[-1]

    running = scheduler(tmp_path, ledger, [], factory)
    running.start()
    try:
        wait_until(lambda: delivered(tmp_path) >= 10)
        victim = next(iter(made[0]._processes))  # ours by construction: no other way tells a pool's processes
        os.kill(victim, signal.SIGKILL)
        wait_until(lambda: not any(ledger.counts()[state] for state in OPEN))
    finally:
        running.stop()
    assert len(made) == 2
    assert ledger.counts().states.keys() <= {State.DELIVERED, State.DUPLICATE}
    assert delivered(tmp_path) == 40


def test_a_broken_installation_is_said_and_blamed_on_no_instance(tmp_path: Path, ledger: Ledger) -> None:
    ledger.record(new_works(fill(tmp_path / "in", 5)), 5, 0.0)
    errors: list[str] = []
    nowhere = partial(process_pool, python=str(tmp_path / "no-python"))
    try:
        running = scheduler(tmp_path, ledger, errors, nowhere)
        running.start()
        wait_until(lambda: len(errors) >= 2)
        running.stop()
    finally:
        process_pool(pipeline_setup(tmp_path), 1, sys.executable).shutdown()
    assert ledger.counts().states == {State.PENDING: 5}


class BrokenPool(Executor):
    """An executor whose workers all die as soon as they are started."""

    def submit(self, *_args: object, **_more: object) -> Future[object]:  # type: ignore[override]
        future: Future[object] = Future()
        future.set_exception(BrokenExecutor("they died"))
        return future


class NeverThere(Executor):
    """An executor whose workers never get to run anything, until it is shut down."""

    def __init__(self) -> None:
        self._future: Future[object] = Future()
        self.asked = Event()

    def submit(self, *_args: object, **_more: object) -> Future[object]:  # type: ignore[override]
        self.asked.set()
        return self._future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._future.cancel()


def test_workers_that_cannot_even_start_are_blamed_on_no_instance(tmp_path: Path, ledger: Ledger) -> None:
    ledger.record(new_works(fill(tmp_path / "in", 5)), 5, 0.0)
    errors: list[str] = []
    running = scheduler(tmp_path, ledger, errors, lambda _setup, _count: BrokenPool())
    running.start()
    wait_until(lambda: len(errors) >= 3)
    running.stop()
    assert ledger.counts().states == {State.PENDING: 5}


def test_stopping_takes_about_two_seconds_with_work_in_flight_and_leaves_it_pending(
    tmp_path: Path, ledger: Ledger
) -> None:
    names = fill(tmp_path / "in", 3)
    for name in names:
        (tmp_path / "in" / name).write_text("wait 600")
    ledger.record(new_works(names), 3, 0.0)
    running = scheduler(tmp_path, ledger, [])
    running.start()
    wait_until(lambda: ledger.counts()[State.CLAIMED] == 3)
    began = time.monotonic()
    running.stop(1.0)
    assert time.monotonic() - began < 2.5
    # A thread may give them back a moment later.
    wait_until(lambda: ledger.counts().states == {State.PENDING: 3})


def test_stopping_waits_for_what_is_nearly_done(tmp_path: Path, ledger: Ledger) -> None:
    names = fill(tmp_path / "in", 1)
    instance = tmp_path / "in" / names[0]
    instance.unlink()
    os.mkfifo(instance)  # it can be written when the worker has begun to read it
    ledger.record(new_works(names), 1, 0.0)
    running = scheduler(tmp_path, ledger, [])
    running.start()
    handles: list[int] = []

    def is_read() -> bool:
        try:
            handles.append(os.open(instance, os.O_WRONLY | os.O_NONBLOCK))
        except OSError:  # nobody reads it
            return False
        return True

    wait_until(is_read)
    os.write(handles[0], b"wait 0.5")
    os.close(handles[0])
    running.stop(30.0)
    assert ledger.counts().states == {State.DELIVERED: 1}


def test_stopping_does_not_wait_for_workers_that_are_only_starting(tmp_path: Path, ledger: Ledger) -> None:
    ledger.record(new_works(fill(tmp_path / "in", 1)), 1, 0.0)
    workers = NeverThere()
    running = scheduler(tmp_path, ledger, [], lambda _setup, _count: workers)
    running.start()
    assert workers.asked.wait(30)
    began = time.monotonic()
    running.stop(20.0)
    assert time.monotonic() - began < 10
    assert ledger.counts().states == {State.PENDING: 1}


def test_claims_of_the_owners_last_life_are_taken_up_again(tmp_path: Path, ledger: Ledger) -> None:
    ledger.record(new_works(fill(tmp_path / "in", 10)), 10, 0.0)
    assert len(ledger.claim("node", 10, 3600.0, time.time())) == 10
    run_until_done(scheduler(tmp_path, ledger, []), ledger)
    assert ledger.counts().states == {State.DELIVERED: 10}
