"""What any executor runs: open a runner in each worker once, and call functions with it.

A worker is a process or a thread of some `concurrent.futures.Executor`. Nothing here changes the process it runs in.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from threading import local
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from orthanc_deid.pipeline.tasks import Outcome, Task

P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
T = TypeVar("T")


class RunnerSetup(Protocol[R_co]):
    """All that a worker needs to make its runner; picklable."""

    def open(self) -> R_co:
        """Return the runner. It is used by one thread only."""


class TaskRunner(Protocol):
    """A runner of tasks: a `Pipeline`, or something around one."""

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        """Run tasks; one outcome each, in their order."""


_worker = local()
"""`runner`: that of this worker. A process pool runs all calls in the thread in which it ran its initializer."""


def open_runner(setup: RunnerSetup[object]) -> None:
    """Make the runner of this worker: the initializer of an executor."""
    _worker.runner = setup.open()


def call(function: Callable[Concatenate[R, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function in a worker with the worker's runner; RuntimeError where `open_runner` has not run in it."""
    try:
        runner: R = _worker.runner
    except AttributeError:
        raise RuntimeError("open_runner has not run in this worker") from None
    return function(runner, *args, **kwargs)


def run_chunk(runner: TaskRunner, tasks: Sequence[Task]) -> list[Outcome]:
    """Run tasks in a worker; one outcome each, in their order."""
    return runner.run(tasks)


def process_id() -> int:
    """Return the worker's process id. A pool that answers this works at all."""
    return os.getpid()
