"""Claimed works waiting for a worker, in lanes: one for all stores that do well, one for each that does not.

A store that fails or takes long has a lane of its own, and half of the workers at most, so that it holds up neither
the works for other stores nor those workers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from orthanc_deid.pipeline.tasks import Outcome, Result, Task
from orthanc_deid.workers.pool import CHUNK, chunks

SLOW = 0.5
"""Mean seconds for one instance above which a store is slow."""

CHUNK_SECONDS = 2.0
"""About so long a chunk for a slow store may take."""

AHEAD_SECONDS = 0.5
"""For about so long works are claimed ahead: each claim is a transaction, and quick works come by larger batches."""

CHUNKS_PER_WORKER = 2
"""In flight: the one that a worker has, and the one it goes on with."""

_MOST_AHEAD = 4  # times what may be in flight: what waits here, works of a higher priority do not overtake
_WEIGHT = 0.1  # of the newest work in the mean
_SHARED = ""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Works for one worker, from one lane."""

    lane: str
    tasks: Sequence[Task]


class Lanes:
    """The waiting works of one node with so many workers. Not shared between threads."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._cap = max(1, workers // 2)
        self._waiting: dict[str, deque[Task]] = {_SHARED: deque()}
        self._flying: dict[str, int] = {}
        self._seconds: dict[str, float] = {}  # of stores in trouble: what one instance took them
        self._mean = 0.0  # seconds that a work took of late

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def ahead(self) -> int:
        """Return how many works should be held claimed and not begun."""
        in_flight = self._workers * CHUNKS_PER_WORKER * CHUNK
        if not self._mean:
            return in_flight
        return max(in_flight, min(_MOST_AHEAD * in_flight, int(AHEAD_SECONDS * self._workers / self._mean)))

    def has_full(self) -> bool:
        """Whether works enough for a whole chunk wait."""
        return len(self) >= CHUNK

    def add(self, tasks: Iterable[Task]) -> None:
        """Take works in, in the order in which they are to be done."""
        for task in tasks:
            lane = task.store if task.store in self._seconds else _SHARED
            self._waiting.setdefault(lane, deque()).append(task)

    def clear(self) -> None:
        """Forget all that waits."""
        self._waiting = {_SHARED: deque()}

    def next(self) -> Chunk | None:
        """Return the next chunk, or None if nothing may be begun now. Lanes take turns."""
        for lane in list(self._waiting):
            waiting = self._waiting[lane]
            if not waiting or (lane != _SHARED and self._flying.get(lane, 0) >= self._cap):
                continue
            size = self._size(lane)
            tasks = next(chunks(list(islice(waiting, size + CHUNK)), size))
            for _ in tasks:
                waiting.popleft()
            self._waiting[lane] = self._waiting.pop(lane)  # to the end of the round
            self._flying[lane] = self._flying.get(lane, 0) + 1
            return Chunk(lane, tasks)
        return None

    def _size(self, lane: str) -> int:
        """Return how many works a chunk of the lane has: few where few wait, so that all workers get some."""
        if lane != _SHARED:
            return max(1, min(CHUNK, int(CHUNK_SECONDS / max(self._seconds.get(lane, SLOW), SLOW))))
        return max(1, min(CHUNK, -(-len(self._waiting[lane]) // self._workers)))

    def landed(self, chunk: Chunk) -> None:
        """Take note that a chunk is no longer in flight."""
        self._flying[chunk.lane] -= 1

    def put_back(self, chunk: Chunk) -> None:
        """Take back a chunk that was never begun: it is first again."""
        self.landed(chunk)
        self._waiting.setdefault(chunk.lane, deque()).extendleft(reversed(chunk.tasks))

    def busy(self) -> set[str]:
        """Return the stores for which nothing more should be claimed now."""
        full = self._cap * CHUNK
        return {
            store
            for store in self._seconds
            if len(self._waiting.get(store, ())) + CHUNK * self._flying.get(store, 0) >= full
        }

    def learn(self, outcomes: Iterable[Outcome]) -> None:
        """Judge the stores by how these attempts went."""
        took: dict[str, list[float]] = {}
        failed: set[str] = set()
        for outcome in outcomes:
            self._mean += (outcome.seconds - self._mean) * _WEIGHT
            if outcome.result in {Result.DELIVERED, Result.DUPLICATE, Result.RETRY_STORE}:
                took.setdefault(outcome.task.store, []).append(outcome.store_seconds)
            if outcome.result is Result.RETRY_STORE:
                failed.add(outcome.task.store)
        changed = False
        for store, seconds in took.items():
            mean = sum(seconds) / len(seconds)
            troubled = store in failed or mean > SLOW
            changed |= troubled != (store in self._seconds)
            if troubled:
                self._seconds[store] = mean
            else:
                self._seconds.pop(store, None)
        if changed:
            self._sort_again()

    def _sort_again(self) -> None:
        tasks = [task for waiting in self._waiting.values() for task in waiting]
        self.clear()
        self.add(tasks)
