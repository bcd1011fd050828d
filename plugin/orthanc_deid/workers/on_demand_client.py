"""Results on demand, the side that asks: one worker process, started by the first request and ended with Orthanc."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Executor
from functools import partial
from threading import Lock
from typing import Any, Concatenate, ParamSpec, TypeVar

from orthanc_deid.workers.on_demand import OnDemandResult, OnDemandRunner, OnDemandSetup
from orthanc_deid.workers.pool import ExecutorFactory, end_executor
from orthanc_deid.workers.runner import call

P = ParamSpec("P")
T = TypeVar("T")

WAIT_SECONDS = 120.0


class OnDemandClient:
    """Asks the worker, and waits for its answer. Any thread may use it.

    Every request raises TimeoutError after `WAIT_SECONDS` and BrokenExecutor where the worker died of it; the next
    request then gets a new worker.
    """

    def __init__(self, setup: OnDemandSetup, factory: ExecutorFactory) -> None:
        self._setup = setup
        self._factory = factory
        self._executor: Executor | None = None
        self._lock = Lock()

    def result(self, instance: str, profile: str) -> OnDemandResult:
        """Return the verified result of one instance, or why there is none."""
        return self._ask(OnDemandRunner.result, instance, profile)

    def preview(self, instance: str, profile: str) -> dict[str, Any] | None:
        """Return what a profile changes in one instance; None where the source no longer holds it."""
        return self._ask(OnDemandRunner.preview, instance, profile)

    def analysis(self, instances: Sequence[str], *, drawing: bool = False) -> dict[str, Any]:
        """Return which attributes these instances have, and which of them can carry identity; drawn if asked for."""
        return self._ask(OnDemandRunner.analysis, instances, drawing=drawing)

    def end(self) -> None:
        """End the worker at once."""
        with self._lock:
            executor, self._executor = self._executor, None
        end_executor(executor)

    def _ask(
        self, function: Callable[Concatenate[OnDemandRunner, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        with self._lock:
            if self._executor is None:
                self._executor = self._factory(self._setup, 1)
            executor = self._executor
        try:
            return executor.submit(partial(call, function), *args, **kwargs).result(WAIT_SECONDS)
        except (TimeoutError, BrokenExecutor):
            self.end()  # a worker that is still busy would keep the next request waiting
            raise
