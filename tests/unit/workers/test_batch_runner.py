"""Chunks on an executor: their size, the number in flight, and an outcome for every task of a worker that crashed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from typing import Any, ParamSpec, TypeVar

import pytest

from orthanc_deid.pipeline.tasks import Outcome, Result, Task
from orthanc_deid.workers.batch_runner import (
    CHUNK_BYTES,
    CHUNK_FILES,
    BatchRunner,
    NoWorkersError,
    chunked,
)
from orthanc_deid.workers.crash_isolation import CRASHED
from orthanc_deid.workers.pool import RestartablePool
from orthanc_deid.workers.runner import RunnerSetup, open_runner

P = ParamSpec("P")
T = TypeVar("T")


def task(number: int, instance: str = "good") -> Task:
    return Task(number, 1, instance, number, "neutral", "folder")


class Delivering:
    """A runner, and the setup of it, that delivers every task but `crash`, which takes the executor along."""

    def open(self) -> Delivering:
        return self

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        if any(each.instance == "crash" for each in tasks):
            raise BrokenProcessPool
        return [Outcome(each, Result.DELIVERED) for each in tasks]


class InlineExecutor(Executor):
    """Runs each call in `submit`; takes no more once a call has broken it."""

    def __init__(self, setup: RunnerSetup[object]) -> None:
        open_runner(setup)
        self.broken = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        if self.broken:
            raise BrokenProcessPool
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BrokenProcessPool as error:
            self.broken = True
            future.set_exception(error)
        return future


class BrokenExecutor(Executor):
    """Cannot start any worker."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        raise BrokenProcessPool


class HeldExecutor(Executor):
    """Answers the first call, by which a pool checks it, and leaves all others unanswered until `release`."""

    def __init__(self) -> None:
        self.calls: list[tuple[Future[Any], Sequence[Task]]] = []
        self.checked = False
        self.released = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[Any] = Future()
        if not self.checked:
            self.checked = True
            future.set_result(fn(*args, **kwargs))
        else:
            tasks: Any = args[-1]
            self.calls.append((future, tasks))
            if self.released:
                self.release()
        return future

    def release(self) -> None:
        self.released = True
        while self.calls:
            future, tasks = self.calls.pop()
            future.set_result([Outcome(each, Result.DELIVERED) for each in tasks])


def run(chunks: Sequence[Sequence[Task] | None]) -> list[Outcome]:
    pool = RestartablePool(Delivering(), 2, lambda setup, _: InlineExecutor(setup))
    return [outcome for outcomes in BatchRunner(pool, 2).run(chunks) for outcome in outcomes]


def test_a_chunk_ends_at_its_number_of_tasks() -> None:
    found = list(chunked((task(number), 1) for number in range(CHUNK_FILES + 1)))
    assert [len(chunk) for chunk in found if chunk is not None] == [CHUNK_FILES, 1]


def test_a_chunk_ends_before_its_bytes_are_exceeded_but_holds_one_task_of_any_size() -> None:
    sizes = [CHUNK_BYTES - 1, 1, 1, 2 * CHUNK_BYTES, 1]
    found = list(chunked((task(number), size) for number, size in enumerate(sizes)))
    assert found == [[task(0), task(1)], [task(2)], [task(3)], [task(4)]]


def test_none_is_passed_on_and_does_not_end_a_chunk() -> None:
    assert list(chunked([(task(0), 1), None, (task(1), 1)])) == [None, [task(0), task(1)]]


def test_every_task_has_one_outcome() -> None:
    chunks = [[task(10 * chunk + number) for number in range(3)] for chunk in range(9)]
    found = run([*chunks, None])
    assert sorted(outcome.task.id for outcome in found) == sorted(
        each.id for chunk in chunks for each in chunk
    )
    assert {outcome.result for outcome in found} == {Result.DELIVERED}
    assert not any(outcome.repeated for outcome in found)


def test_only_the_task_that_crashed_its_worker_is_quarantined() -> None:
    found = run([[task(1), task(2, "crash"), task(3)], [task(4)]])
    by_id = {outcome.task.id: outcome for outcome in found}
    assert len(found) == len(by_id) == 4
    assert {number for number, outcome in by_id.items() if outcome.result is Result.DELIVERED} == {1, 3, 4}
    assert (by_id[2].result, by_id[2].rule) == (Result.QUARANTINED, CRASHED)
    assert all(by_id[number].repeated for number in (1, 2, 3))


def test_without_any_worker_the_run_ends_with_an_error() -> None:
    pool = RestartablePool(Delivering(), 2, lambda _setup, _count: BrokenExecutor())
    with pytest.raises(NoWorkersError, match=r"no worker can be started \(BrokenProcessPool\)"):
        list(BatchRunner(pool, 2).run([[task(1)]]))


def test_chunks_are_taken_only_as_workers_have_room_for_them() -> None:
    executor, taken = HeldExecutor(), 0

    def chunks() -> Iterator[list[Task]]:
        nonlocal taken
        for number in range(20):
            taken += 1
            yield [task(number)]

    outcomes = BatchRunner(RestartablePool(Delivering(), 2, lambda _setup, _count: executor), 2).run(chunks())
    assert [next(outcomes), next(outcomes)] == [[], []]
    assert len(executor.calls) == 4, "two for each worker"
    assert taken == 5, "and one that waits for room"
    executor.release()
    assert sum(len(each) for each in outcomes) == 20
