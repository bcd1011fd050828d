"""Chunks of works in the hands of workers: as many as keep them busy, and each accounted for, also if one dies."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait

from orthanc_deid.pipeline.tasks import Outcome, Result, Task
from orthanc_deid.workers.pool import Crew

CHUNK_FILES = 32
CHUNK_BYTES = 64 << 20
CHUNKS_PER_WORKER = 2
"""In flight: the one that a worker has, and the one it goes on with."""

DIED = "a worker died of it"
"""The rule by which a file is quarantined that a worker did not survive, twice, the second time alone."""

_LOOK = 0.2  # seconds after which a caller may show something, whatever happens


class NoWorkersError(Exception):
    """No worker can be started at all."""


def chunked(tasks: Iterable[tuple[Task, int] | None]) -> Iterator[list[Task] | None]:
    """Yield works by chunks that are neither too many nor, by the sizes in bytes beside them, too large.

    None stands for a moment at which nothing was found to do, and is handed on.
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


class Flight:
    """Runs chunks by a crew. Whatever is in flight when a worker dies is tried once more, file by file."""

    def __init__(self, crew: Crew, workers: int) -> None:
        self._crew = crew
        self._most = workers * CHUNKS_PER_WORKER
        self._flying: dict[Future[list[Outcome]], Sequence[Task]] = {}
        self._suspects: deque[Task] = deque()

    def run(self, chunks: Iterable[Sequence[Task] | None]) -> Iterator[list[Outcome]]:
        """Yield outcomes as they come, and now and then an empty list, so that progress can be shown.

        Chunks are taken when there is room for them. Raises NoWorkersError.
        """
        try:
            for chunk in chunks:
                if chunk is None:
                    yield []
                    continue
                while len(self._flying) >= self._most or self._suspects:
                    yield from self._collect()
                self._fly(chunk)
            while self._flying or self._suspects:
                yield from self._collect()
        finally:
            self._crew.end()

    def _fly(self, tasks: Sequence[Task]) -> None:
        try:
            future = self._crew.submit(tasks)
        except (OSError, BrokenExecutor) as error:
            if not self._flying:
                raise NoWorkersError(f"no worker can be started ({type(error).__name__})") from None
            self._suspects.extend(tasks)
            return
        self._flying[future] = tasks

    def _collect(self) -> Iterator[list[Outcome]]:
        """Take what has ended; once a worker died and all else has ended too, find out whose fault it was."""
        ended, _ = wait(self._flying, timeout=_LOOK, return_when=FIRST_COMPLETED)
        for future in ended:
            tasks = self._flying.pop(future)
            try:
                yield future.result()
            except (BrokenExecutor, CancelledError):
                self._suspects.extend(tasks)
        yield []
        if self._suspects and not self._flying:
            yield from self._one_by_one()

    def _one_by_one(self) -> Iterator[list[Outcome]]:
        self._crew.end()
        while self._suspects:
            task = self._suspects.popleft()
            self._fly([task])
            future = next(iter(self._flying))
            while not wait([future], timeout=_LOOK).done:
                yield []
            del self._flying[future]
            try:
                yield future.result()
            except (BrokenExecutor, CancelledError):
                self._crew.end()
                yield [Outcome(task, Result.QUARANTINED, DIED, DIED)]
