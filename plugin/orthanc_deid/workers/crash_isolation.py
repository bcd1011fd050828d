"""Isolate the task that crashed a worker: each task whose worker died is run once more, alone.

A task that crashes its worker again while nothing else is in flight is quarantined. All others are done.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import replace

from orthanc_deid.errors import unexpected
from orthanc_deid.pipeline.tasks import Outcome, Result, Task

CRASHED = "crashed its worker"
"""The rule by which an instance is quarantined that crashed its worker twice, the second time alone."""


class CrashIsolation:
    """Tasks that are to be run alone, and the one that is. True as long as there are any: nothing else may begin."""

    def __init__(self) -> None:
        self._waiting: deque[Task] = deque()
        self._alone: Task | None = None

    def __bool__(self) -> bool:
        return bool(self._waiting) or self._alone is not None

    def add(self, tasks: Iterable[Task]) -> None:
        """Have these tasks run alone."""
        self._waiting.extend(tasks)

    def next(self) -> Task:
        """Return the task to be run now, while nothing else is in flight; IndexError where none waits."""
        self._alone = self._waiting.popleft()
        return self._alone

    def is_alone(self, tasks: Sequence[Task]) -> bool:
        """Whether these tasks are the one that is run alone."""
        return self._alone is not None and list(tasks) == [self._alone]

    def returned(self, outcomes: list[Outcome]) -> list[Outcome]:
        """Return the outcomes of a chunk, marked as repeated where it was the task that was run alone."""
        if self._alone is None:
            return outcomes
        alone, self._alone = self._alone, None
        return [replace(outcome, repeated=outcome.task == alone) for outcome in outcomes]

    def lost(self, tasks: Sequence[Task], error: BaseException) -> list[Outcome]:
        """Take a chunk that ended without outcomes; returns the outcome of the task that was run alone.

        The tasks of any other chunk are run once more, each alone.
        """
        if not self.is_alone(tasks):
            self._waiting.extend(tasks)
            return []
        [alone], self._alone = tasks, None
        if isinstance(error, BrokenExecutor):
            return [Outcome(alone, Result.QUARANTINED, CRASHED, CRASHED, repeated=True)]
        rule = unexpected(error)
        return [Outcome(alone, Result.QUARANTINED, rule, rule, repeated=True)]

    def clear(self) -> None:
        """Forget all tasks: they were given back."""
        self._waiting.clear()
        self._alone = None
