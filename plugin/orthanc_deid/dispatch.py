"""The loop between ledger and workers: claims chunks, hands them out, closes them by their outcomes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from orthanc_deid.ledger.ledger import Ledger
from orthanc_deid.work import Outcome
from orthanc_deid.workers import ExecutorFactory, WorkerSetup, process_pool


@dataclass(frozen=True, slots=True)
class DispatchSettings:
    """`owner` names this node among those that share the ledger: stable over restarts, unlike any other's."""

    owner: str
    workers: int
    lease: float = 300.0  # seconds; renewed while the node lives
    idle: float = 1.0  # seconds between looks at the ledger when nobody rings


class Dispatcher:
    """Keeps the workers busy, in a thread of its own.

    `on_closed` is called in that thread with outcomes that the ledger has closed (for DeleteSource and reports).
    `on_error` is told of what went wrong outside any instance (a database that is away, a pool that broke) as
    a sentence without values, for the log; the loop goes on.
    """

    def __init__(
        self,
        ledger: Ledger,
        setup: WorkerSetup,
        settings: DispatchSettings,
        executor: ExecutorFactory = process_pool,
        on_closed: Callable[[list[Outcome]], None] | None = None,
        on_error: Callable[[str], None] | None = None,
    ) -> None:
        raise NotImplementedError

    def start(self) -> None:
        """Return this owner's orphaned claims to the queue, start the workers and the loop."""
        raise NotImplementedError

    def ring(self) -> None:
        """Say that there may be new work: cheap, from any thread."""
        raise NotImplementedError

    def run_until_idle(self) -> None:
        """Work in the calling thread until nothing is pending (retries waited for): what a folder run does."""
        raise NotImplementedError

    def stop(self, timeout: float = 2.0) -> None:
        """Submit nothing more, wait at most `timeout` seconds for chunks in flight, return the rest, end the pool."""
        raise NotImplementedError
