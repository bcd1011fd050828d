"""Run chunks of tasks on an executor: enough to keep the workers busy, and with an outcome for every task."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait

from orthanc_deid.pipeline.tasks import Outcome, Task
from orthanc_deid.workers.crash_isolation import CrashIsolation
from orthanc_deid.workers.pool import RestartablePool
from orthanc_deid.workers.store_queues import CHUNKS_PER_WORKER

CHUNK_FILES = 32
CHUNK_BYTES = 64 << 20

_PROGRESS_SECONDS = 0.2  # the longest time between two occasions to show progress


class NoWorkersError(Exception):
    """No worker can be started at all."""


def chunked(tasks: Iterable[tuple[Task, int] | None]) -> Iterator[list[Task] | None]:
    """Yield tasks in chunks of up to `CHUNK_FILES` tasks and `CHUNK_BYTES`, by the sizes in bytes beside them.

    None means that nothing was found to do at that moment, and is passed on.
    """
    chunk: list[Task] = []
    size = 0
    for each in tasks:
        if each is None:
            yield None
            continue
        if chunk and (len(chunk) >= CHUNK_FILES or size + each[1] > CHUNK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(each[0])
        size += each[1]
    if chunk:
        yield chunk


class BatchRunner:
    """Runs chunks on a pool. When a worker dies, each task in flight is run once more, alone."""

    def __init__(self, pool: RestartablePool, workers: int) -> None:
        self._pool = pool
        self._most = workers * CHUNKS_PER_WORKER
        self._in_flight: dict[Future[list[Outcome]], Sequence[Task]] = {}
        self._isolation = CrashIsolation()
        self._broken = False

    def run(self, chunks: Iterable[Sequence[Task] | None]) -> Iterator[list[Outcome]]:
        """Yield outcomes as they come, and now and then an empty list, so that progress can be shown.

        Chunks are taken when there is room for them. Raises NoWorkersError.
        """
        try:
            for chunk in chunks:
                if chunk is None:
                    yield []
                    continue
                while len(self._in_flight) >= self._most or self._isolation:
                    yield from self._collect()
                self._submit(chunk)
            while self._in_flight or self._isolation:
                yield from self._collect()
        finally:
            self._pool.end()

    def _submit(self, tasks: Sequence[Task]) -> None:
        try:
            future = self._pool.submit(tasks)
        except (OSError, BrokenExecutor) as error:
            if not self._in_flight:
                raise NoWorkersError(f"no worker can be started ({type(error).__name__})") from None
            self._isolation.add(tasks)
            self._broken = True
            return
        self._in_flight[future] = tasks

    def _collect(self) -> Iterator[list[Outcome]]:
        """Yield the outcomes of chunks that have ended; with nothing in flight, run the next task to be isolated."""
        if self._isolation and not self._in_flight:
            if self._broken:
                self._pool.end()
                self._broken = False
            self._submit([self._isolation.next()])
        ended, _ = wait(self._in_flight, timeout=_PROGRESS_SECONDS, return_when=FIRST_COMPLETED)
        for future in ended:
            tasks = self._in_flight.pop(future)
            try:
                outcomes = future.result()
            except (BrokenExecutor, CancelledError) as error:
                self._broken = True
                yield self._isolation.lost(tasks, error)
            else:
                yield self._isolation.returned(outcomes)
        yield []
