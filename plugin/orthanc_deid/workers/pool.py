"""Executors for tasks: spawned processes of our own, or any other `concurrent.futures.Executor`."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from functools import partial
from typing import ParamSpec, TypeAlias, TypeVar

from orthanc_deid.pipeline.tasks import Outcome, Task
from orthanc_deid.system import interrupts_held
from orthanc_deid.workers.bootstrap import start_worker
from orthanc_deid.workers.runner import RunnerSetup, TaskRunner, call, process_id, run_chunk

P = ParamSpec("P")
T = TypeVar("T")

ExecutorFactory: TypeAlias = Callable[[RunnerSetup[object], int], Executor]
"""Makes an executor of so many workers (processes or threads), in each of which `open_runner(setup)` has run.

This is all that a run knows of where it runs. For instance
`lambda setup, count: ThreadPoolExecutor(count, initializer=open_runner, initargs=(setup,))`.
"""

_PING_SECONDS = 60.0


class WorkerPool(ProcessPoolExecutor):
    """A pool of spawned processes that can be ended at once.

    Spawn works inside Orthanc and on Windows, where fork does not. `python` names a real interpreter where this
    process is none (inside Orthanc, `sys.executable` is Orthanc itself).
    """

    def __init__(
        self, setup: RunnerSetup[object], count: int, python: str | None = None, *, low_priority: bool = True
    ) -> None:
        context = multiprocessing.get_context("spawn")
        if python is not None:
            context.set_executable(python)
        # Nothing is ever sent: each worker sees the end of it when this process closes its side.
        receiver, self._parent_pipe = context.Pipe(duplex=False)
        self._receiver = receiver  # kept open: workers are spawned when they are first needed
        start = partial(start_worker, low_priority=low_priority)
        super().__init__(count, mp_context=context, initializer=start, initargs=(setup, receiver))

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Submit as any executor does. A worker that this starts never receives Ctrl-C, not even while it imports."""
        with interrupts_held():
            return super().submit(fn, *args, **kwargs)

    def end(self) -> None:
        """End every worker now, even while it runs a task, and cancel the waiting calls; returns at once."""
        self._parent_pipe.close()
        self.shutdown(wait=False, cancel_futures=True)


def process_pool(setup: RunnerSetup[object], count: int, python: str | None = None) -> Executor:
    """Return a pool of spawned processes of low priority: Orthanc's receipt comes first."""
    return WorkerPool(setup, count, python)


def command_pool(setup: RunnerSetup[object], count: int) -> Executor:
    """Return a pool of spawned processes for a command, whose user waits for it."""
    return WorkerPool(setup, count, low_priority=False)


def end_executor(executor: Executor | None) -> None:
    """End an executor without waiting, and its workers at once where they are processes of ours."""
    if isinstance(executor, WorkerPool):
        executor.end()
    elif executor is not None:
        executor.shutdown(wait=False, cancel_futures=True)


class RestartablePool:
    """An executor that is made when it is needed, and made anew after `end`, for instance when it broke."""

    def __init__(self, setup: RunnerSetup[TaskRunner], count: int, factory: ExecutorFactory) -> None:
        self._setup = setup
        self._count = count
        self._factory = factory
        self._executor: Executor | None = None

    def submit(self, tasks: Sequence[Task]) -> Future[list[Outcome]]:
        """Hand tasks to a worker; raises OSError or BrokenExecutor where no worker can be started.

        A new executor first has to show that it can run anything at all. Only so is a worker that dies later the
        fault of its task, and not of a broken installation.
        """
        if self._executor is None:
            self._executor = self._factory(self._setup, self._count)
            self._executor.submit(process_id).result(timeout=_PING_SECONDS)
        return self._executor.submit(call, run_chunk, tasks)

    def end(self) -> None:
        """End the executor, and its workers at once where they are ours; the next `submit` makes another."""
        executor, self._executor = self._executor, None
        end_executor(executor)
