"""The loop between ledger and workers: claims works, hands them out by chunks, closes them by their outcomes.

Claims and closings go to the ledger by the batch, since each is a transaction: works are claimed ahead of need, and
outcomes are gathered for a moment. Stores that fail or are slow get chunks of their own, and only so many workers,
so that they hold up nobody else.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, CancelledError, Future, wait
from dataclasses import dataclass, replace
from threading import Event, Thread
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from orthanc_deid.ledger.queue.ledger import Ledger
from orthanc_deid.pipeline.tasks import OPEN, Outcome, Result, Task
from orthanc_deid.workers.pool import Crew, ExecutorFactory, WorkerSetup, process_pool
from orthanc_deid.workers.store_queues import CHUNKS_PER_WORKER, Chunk, Lanes

T = TypeVar("T")

GATHER = 0.5
"""Seconds for which outcomes are gathered before they are closed together."""

GATHERED = 64
"""Outcomes that are closed without waiting for more."""

_CLOSING = 0.5  # seconds at the end for the ledger to take what was done and what is given back


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
        self._ledger = ledger
        self._settings = settings
        self._crew = Crew(setup, settings.workers, executor)
        self._on_closed = on_closed or (lambda _outcomes: None)
        self._on_error = on_error or (lambda _sentence: None)
        self._lanes = Lanes(settings.workers)
        self._flying: dict[Future[list[Outcome]], Chunk] = {}
        self._suspects: deque[Task] = deque()  # in flight when a worker died; each is tried once more, alone
        self._alone: Task | None = None
        self._outcomes: list[Outcome] = []
        self._gathering_since = 0.0
        self._renew_at = 0.0
        self._dry_until = 0.0
        self._released = False
        self._rung = False
        self._wake = Event()
        self._stopping = Event()
        self._thread: Thread | None = None
        self._deadline = float("inf")

    def start(self) -> None:
        """Start the loop. It first returns this owner's orphaned claims to the queue."""
        self._thread = Thread(
            target=self._run, args=(lambda: False,), name="deidentify-dispatch", daemon=True
        )
        self._thread.start()

    def ring(self) -> None:
        """Say that there may be new work: cheap, from any thread."""
        self._rung = True
        self._wake.set()

    def stop(self, timeout: float = 2.0) -> None:
        """Submit nothing more, wait at most `timeout` seconds for chunks in flight, return the rest, end the pool.

        What is cut off is done again after the next start; every step can be repeated.
        """
        self._deadline = time.monotonic() + timeout
        self._stopping.set()
        self._wake.set()
        if not self._flying:
            self._crew.end()  # workers that are only starting are not waited for
        if self._thread is not None:
            self._thread.join(timeout + _CLOSING)
            if self._thread.is_alive():  # waiting for a database or a worker's start, perhaps
                self._crew.end()

    def run_until_idle(self, feeding: Callable[[], bool] = lambda: False) -> None:
        """Work in the calling thread until nothing is pending (retries waited for): what a folder run does.

        While `feeding` says so, more work is to be expected, and an empty queue is no end.
        """
        self._run(lambda: not feeding() and self._is_idle())

    # --- the loop

    def _run(self, done: Callable[[], bool]) -> None:
        while not self._stopping.is_set():
            self._attempt(self._turn)
            if done():
                break
            self._wait()
        self._finish()

    def _is_idle(self) -> bool:
        if self._flying or self._outcomes or self._suspects or len(self._lanes):
            return False
        counts = self._attempt(self._ledger.counts)
        return counts is not None and not any(counts[state] for state in OPEN)

    def _wait(self) -> None:
        """Wait for a ring, a chunk's end, or the next thing to do by time."""
        pause = self._settings.idle
        if self._outcomes:
            pause = min(pause, max(0.0, self._gathering_since + GATHER - time.monotonic()))
        self._wake.wait(pause)
        self._wake.clear()

    def _turn(self) -> None:
        self._collect()
        self._close_outcomes()
        self._keep_leases()
        if self._at_home():
            self._claim()
            self._submit()

    def _at_home(self) -> bool:
        """Whether the ledger's claims of this owner are those held here; at first they are those of its last life."""
        if not self._released and not self._flying:
            self._lanes.clear()
            self._suspects.clear()
            self._ledger.release(self._settings.owner, time.time())
            self._released = True
        return self._released

    def _attempt(self, action: Callable[[], T]) -> T | None:
        """Do something that may fail as a whole; that is said, and the next turn tries again."""
        try:
            return action()
        except SQLAlchemyError as error:
            # Its text may quote parameters of the statement.
            self._on_error(f"the ledger failed ({type(error).__name__}); trying again")
        except (OSError, BrokenExecutor) as error:
            self._on_error(f"the workers failed ({type(error).__name__}); trying again")
            self._crew.end()
        except Exception as error:  # noqa: BLE001 - a thread that died would stop all work without a word
            self._on_error(f"the dispatcher failed ({type(error).__name__}); trying again")
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
        wanted = self._lanes.ahead() - len(self._lanes)
        rung = self._rung
        if rung:  # never written otherwise: a ring between the look and the write would be lost
            self._rung = False
        dry = time.monotonic() < self._dry_until and not rung
        if self._suspects or dry or wanted <= len(self._lanes):
            if rung:
                self._rung = True
            return
        tasks = self._ledger.claim(
            self._settings.owner, wanted, self._settings.lease, time.time(), self._lanes.busy()
        )
        self._lanes.add(tasks)
        was_dry = len(tasks) < wanted
        self._dry_until = time.monotonic() + self._settings.idle if was_dry else 0.0

    def _close_outcomes(self) -> None:
        """Close what was gathered, when it is enough, or old enough, or nothing else is coming."""
        if not self._outcomes:
            return
        waited = time.monotonic() - self._gathering_since
        if len(self._outcomes) < GATHERED and waited < GATHER and self._flying:
            return
        self._ledger.close(self._outcomes, time.time())
        closed, self._outcomes = self._outcomes, []
        self._on_closed(closed)

    # --- workers

    def _submit(self) -> None:
        if self._suspects:
            if not self._flying:
                self._alone = self._suspects.popleft()
                self._fly(Chunk("", [self._alone]))
            return
        workers = self._settings.workers
        while len(self._flying) < workers * CHUNKS_PER_WORKER and not self._stopping.is_set():
            if len(self._flying) >= workers and not self._lanes.has_full():
                return  # everybody is busy: what a few works cost in common is better spent on a chunk
            chunk = self._lanes.next()
            if chunk is None or not self._fly(chunk):
                return

    def _fly(self, chunk: Chunk) -> bool:
        """Hand a chunk to the workers; false where they died just now, which is found out from what is in flight."""
        try:
            future = self._crew.submit(chunk.tasks)
        except (OSError, BrokenExecutor) as error:
            if isinstance(error, BrokenExecutor) and self._flying:
                self._crew.end()
                self._lanes.put_back(chunk)
                return False
            # There are no workers to be had. All that is claimed goes back to the ledger.
            self._alone = None
            self._released = False
            raise
        self._flying[future] = chunk
        future.add_done_callback(lambda _future: self._wake.set())
        return True

    def _collect(self) -> None:
        """Take the outcomes of chunks that have ended, and find out whose fault a dead worker was."""
        ended = [future for future in self._flying if future.done()]
        for future in ended:
            chunk = self._flying.pop(future)
            if chunk.tasks != [self._alone]:
                self._lanes.landed(chunk)
            try:
                self._take(future.result())
            except (Exception, CancelledError) as error:  # noqa: BLE001 - whatever it was, its works are accounted for
                self._lose(chunk, error)

    def _take(self, outcomes: list[Outcome]) -> None:
        if outcomes and not self._outcomes:
            self._gathering_since = time.monotonic()
        self._outcomes += [replace(outcome, repeated=outcome.task == self._alone) for outcome in outcomes]
        self._lanes.learn(outcomes)
        self._alone = None

    def _lose(self, chunk: Chunk, error: BaseException) -> None:
        """A chunk brought no outcomes: its works are tried once more, each alone, and then quarantined."""
        if isinstance(error, BrokenExecutor):
            self._crew.end()
        if self._alone is not None and chunk.tasks == [self._alone]:
            died = isinstance(error, BrokenExecutor)
            rule = "a worker died of it" if died else f"unexpected: {type(error).__name__}"
            self._take([Outcome(self._alone, Result.QUARANTINED, rule, rule)])
        else:
            self._suspects.extend(chunk.tasks)
            self._on_error(
                f"a worker died ({type(error).__name__}); its instances are tried once more, each alone"
            )

    def _finish(self) -> None:
        """Wait for what is in flight until the deadline, close it, and leave the rest to the next start."""
        if self._flying:
            wait(self._flying, timeout=max(0.0, self._deadline - time.monotonic()))
        self._crew.end()
        try:
            self._take([one for future in self._flying if future.done() for one in _result(future)])
            if self._outcomes:
                self._ledger.close(self._outcomes, time.time())
                self._on_closed(self._outcomes)
            self._ledger.release(self._settings.owner, time.time())
        except SQLAlchemyError as error:
            self._on_error(
                f"the ledger failed at the end ({type(error).__name__}); the next start returns the claims"
            )


def _result(future: Future[list[Outcome]]) -> list[Outcome]:
    """Return a finished future's outcomes; none where it was cut off, which the ledger will give out again."""
    if future.cancelled() or future.exception() is not None:
        return []
    return future.result()
