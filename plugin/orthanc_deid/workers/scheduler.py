"""The loop between ledger and workers: claim tasks, hand them out in chunks, close them by their outcomes.

Claims and closings go to the ledger in batches, because each is a transaction: tasks are claimed ahead of need, and
outcomes are gathered for a moment. Stores that fail or are slow get chunks of their own and a limited share of the
workers, so that they delay no other store (`store_queues`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, CancelledError, Future, wait
from dataclasses import dataclass
from threading import Event, Thread
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from orthanc_deid.ledger.queue.ledger import Ledger
from orthanc_deid.pipeline.tasks import Outcome
from orthanc_deid.workers.crash_isolation import CrashIsolation
from orthanc_deid.workers.pool import ExecutorFactory, RestartablePool, process_pool
from orthanc_deid.workers.runner import RunnerSetup, TaskRunner
from orthanc_deid.workers.store_queues import CHUNKS_PER_WORKER, Chunk, StoreQueues

T = TypeVar("T")

GATHER = 0.5
"""Seconds for which outcomes are gathered before they are closed together."""

GATHERED = 64
"""Outcomes that are closed without waiting for more."""

_CLOSING = 0.5  # seconds at the end for the ledger to take outcomes and returned claims


@dataclass(frozen=True, slots=True)
class SchedulerSettings:
    """`owner` names this node among those that share the ledger: the same after a restart, and no other node's."""

    owner: str
    workers: int
    lease: float = 300.0  # seconds; renewed while the node lives
    idle: float = 1.0  # seconds between two queries of the ledger when nobody wakes the scheduler


class Scheduler:
    """Keeps the workers busy, in a thread of its own.

    `on_closed` is called in that thread with outcomes that the ledger has closed (for DeleteSource and reports).
    `on_error` gets errors outside any instance (a database that does not answer, a broken pool) as a sentence
    without values, for the log; the loop continues.
    """

    def __init__(
        self,
        ledger: Ledger,
        setup: RunnerSetup[TaskRunner],
        settings: SchedulerSettings,
        executor: ExecutorFactory = process_pool,
        on_closed: Callable[[list[Outcome]], None] | None = None,
        on_error: Callable[[str], None] | None = None,
    ) -> None:
        self._ledger = ledger
        self._settings = settings
        self._pool = RestartablePool(setup, settings.workers, executor)
        self._on_closed = on_closed or (lambda _outcomes: None)
        self._on_error = on_error or (lambda _sentence: None)
        self._queues = StoreQueues(settings.workers)
        self._in_flight: dict[Future[list[Outcome]], Chunk] = {}
        self._isolation = CrashIsolation()
        self._outcomes: list[Outcome] = []
        self._gathering_since = 0.0
        self._renew_at = 0.0
        self._empty_until = 0.0  # the ledger had fewer tasks than wanted
        self._claims_recovered = False
        self._woken = False
        self._wake = Event()
        self._stopping = Event()
        self._thread: Thread | None = None
        self._deadline = 0.0

    def start(self) -> None:
        """Start the thread."""
        self._thread = Thread(target=self._run, name="deidentify-scheduler", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Look for new tasks now: cheap, from any thread."""
        self._woken = True
        self._wake.set()

    def stop(self, timeout: float = 2.0) -> None:
        """Submit nothing more, wait at most `timeout` seconds for chunks in flight, return the rest, end the pool.

        Interrupted tasks are done again after the next start; every step can be repeated.
        """
        self._deadline = time.monotonic() + timeout
        self._stopping.set()
        self._wake.set()
        if not self._in_flight:
            self._pool.end()  # do not wait for workers that are only starting
        if self._thread is not None:
            self._thread.join(timeout + _CLOSING)
            if self._thread.is_alive():  # it waits for a database or the start of a worker, perhaps
                self._pool.end()

    # --- the loop

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._attempt(self._turn)
            self._wait()
        self._finish()

    def _wait(self) -> None:
        """Wait until somebody wakes the scheduler, a chunk ends, or the next thing is due."""
        pause = self._settings.idle
        if self._outcomes:
            pause = min(pause, max(0.0, self._gathering_since + GATHER - time.monotonic()))
        self._wake.wait(pause)
        self._wake.clear()

    def _turn(self) -> None:
        self._collect()
        self._close_outcomes()
        self._keep_leases()
        if self._recover_claims():
            self._claim()
            self._submit_chunks()

    def _recover_claims(self) -> bool:
        """Return claims of this owner that a former process left to the queue; whether that is done."""
        if not self._claims_recovered and not self._in_flight:
            self._queues.clear()
            self._isolation.clear()
            self._ledger.release(self._settings.owner, time.time())
            self._claims_recovered = True
        return self._claims_recovered

    def _attempt(self, action: Callable[[], T]) -> T | None:
        """Call `action`; an error is reported, and the next turn tries again."""
        try:
            return action()
        except SQLAlchemyError as error:
            # Its text may quote parameters of the statement.
            self._on_error(f"the ledger failed ({type(error).__name__}); trying again")
        except (OSError, BrokenExecutor) as error:
            self._on_error(f"the workers failed ({type(error).__name__}); trying again")
            self._pool.end()
        except Exception as error:  # noqa: BLE001 - without this thread all work would stop without a message
            self._on_error(f"the scheduler failed ({type(error).__name__}); trying again")
        self._stopping.wait(self._settings.idle)
        return None

    # --- claims

    def _keep_leases(self) -> None:
        if time.monotonic() >= self._renew_at:
            self._ledger.renew(self._settings.owner, self._settings.lease, time.time())
            self._ledger.release_expired(time.time())
            self._renew_at = time.monotonic() + self._settings.lease / 3

    def _claim(self) -> None:
        """Claim ahead of need, when half of what was claimed is begun; not again at once where little was due."""
        wanted = self._queues.ahead() - len(self._queues)
        woken = self._woken
        if woken:  # not written otherwise: a call of `wake` between the two statements would be lost
            self._woken = False
        empty = time.monotonic() < self._empty_until and not woken
        if self._isolation or empty or wanted <= len(self._queues):
            if woken:
                self._woken = True
            return
        tasks = self._ledger.claim(
            self._settings.owner, wanted, self._settings.lease, time.time(), self._queues.busy()
        )
        self._queues.add(tasks)
        self._empty_until = time.monotonic() + self._settings.idle if len(tasks) < wanted else 0.0

    def _close_outcomes(self) -> None:
        """Close the gathered outcomes when there are enough, or they are old enough, or no others are coming."""
        if not self._outcomes:
            return
        waited = time.monotonic() - self._gathering_since
        if len(self._outcomes) < GATHERED and waited < GATHER and self._in_flight:
            return
        self._ledger.close(self._outcomes, time.time())
        closed, self._outcomes = self._outcomes, []
        self._on_closed(closed)

    # --- workers

    def _submit_chunks(self) -> None:
        if self._isolation:
            if not self._in_flight:
                self._submit(Chunk("", [self._isolation.next()]))
            return
        workers = self._settings.workers
        while len(self._in_flight) < workers * CHUNKS_PER_WORKER and not self._stopping.is_set():
            if len(self._in_flight) >= workers and not self._queues.has_full():
                return  # all workers are busy: wait for a whole chunk, whose costs are shared by more tasks
            chunk = self._queues.next()
            if chunk is None or not self._submit(chunk):
                return

    def _submit(self, chunk: Chunk) -> bool:
        """Hand a chunk to the workers; false where they have just died, which the chunks in flight will show."""
        try:
            future = self._pool.submit(chunk.tasks)
        except (OSError, BrokenExecutor) as error:
            if isinstance(error, BrokenExecutor) and self._in_flight:
                self._pool.end()
                self._queues.put_back(chunk)
                return False
            self._claims_recovered = False  # no worker can be started: all claims go back to the ledger
            raise
        self._in_flight[future] = chunk
        future.add_done_callback(lambda _future: self._wake.set())
        return True

    def _collect(self) -> None:
        """Take the outcomes of chunks that have ended; a chunk without outcomes goes to the crash isolation."""
        ended = [future for future in self._in_flight if future.done()]
        for future in ended:
            chunk = self._in_flight.pop(future)
            if not self._isolation.is_alone(chunk.tasks):
                self._queues.chunk_done(chunk)
            try:
                self._take(self._isolation.returned(future.result()))
            except (Exception, CancelledError) as error:  # noqa: BLE001 - an error must not lose its tasks
                self._take_lost(chunk, error)

    def _take(self, outcomes: list[Outcome]) -> None:
        if outcomes and not self._outcomes:
            self._gathering_since = time.monotonic()
        self._outcomes += outcomes
        self._queues.learn(outcomes)

    def _take_lost(self, chunk: Chunk, error: BaseException) -> None:
        if isinstance(error, BrokenExecutor):
            self._pool.end()
        outcomes = self._isolation.lost(chunk.tasks, error)
        if outcomes:
            self._take(outcomes)
        else:
            self._on_error(
                f"a worker died ({type(error).__name__}); its instances are tried once more, each alone"
            )

    def _finish(self) -> None:
        """Wait for the chunks in flight until the deadline, close them, and leave the rest to the next start."""
        if self._in_flight:
            wait(self._in_flight, timeout=max(0.0, self._deadline - time.monotonic()))
        self._pool.end()
        try:
            for future in self._in_flight:
                if future.done():
                    self._take(self._isolation.returned(_result(future)))
            if self._outcomes:
                self._ledger.close(self._outcomes, time.time())
                self._on_closed(self._outcomes)
            self._ledger.release(self._settings.owner, time.time())
        except SQLAlchemyError as error:
            self._on_error(
                f"the ledger failed at the end ({type(error).__name__}); the next start returns the claims"
            )


def _result(future: Future[list[Outcome]]) -> list[Outcome]:
    """Return a finished future's outcomes; none where it was interrupted: the ledger gives its tasks out again."""
    if future.cancelled() or future.exception() is not None:
        return []
    return future.result()
