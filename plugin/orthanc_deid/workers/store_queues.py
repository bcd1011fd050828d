"""Claimed tasks waiting for a worker: one queue for all healthy stores, and one for each store in trouble.

A store that fails or is slow has a queue of its own and at most half of the workers. It delays neither the tasks for
other stores nor the workers that do them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from orthanc_deid.pipeline.tasks import Outcome, Result, Task

CHUNK = 8
"""Tasks handed to a worker at once; its stores are synced once per chunk."""

SLOW = 0.5
"""Mean seconds for one instance above which a store is slow."""

CHUNK_SECONDS = 2.0
"""Seconds that a chunk for a slow store may take, about."""

AHEAD_SECONDS = 0.5
"""Seconds of work that are claimed ahead, about. Each claim is a transaction: quick tasks come in larger batches."""

CHUNKS_PER_WORKER = 2
"""In flight: the chunk that a worker has, and the one it continues with."""

# Times the tasks that may be in flight: tasks of a higher priority do not overtake those that wait here.
_MOST_AHEAD = 4
_WEIGHT = 0.1  # of the newest task in the mean
_SHARED = ""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Tasks for one worker, from one queue: the shared one (empty), or that of a store."""

    queue: str
    tasks: Sequence[Task]


class StoreQueues:
    """The waiting tasks of one node with so many workers. Not shared between threads."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._cap = max(1, workers // 2)
        self._waiting: dict[str, deque[Task]] = {_SHARED: deque()}
        self._in_flight: dict[str, int] = {}
        self._seconds: dict[str, float] = {}  # of stores in trouble: what one instance took them
        self._mean = 0.0  # seconds that a task took of late

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def ahead(self) -> int:
        """Return how many tasks should be held claimed and not begun."""
        in_flight = self._workers * CHUNKS_PER_WORKER * CHUNK
        if not self._mean:
            return in_flight
        return max(in_flight, min(_MOST_AHEAD * in_flight, int(AHEAD_SECONDS * self._workers / self._mean)))

    def has_full(self) -> bool:
        """Whether enough tasks wait for a whole chunk."""
        return len(self) >= CHUNK

    def add(self, tasks: Iterable[Task]) -> None:
        """Add tasks, in the order in which they are to be done."""
        for task in tasks:
            queue = task.store if task.store in self._seconds else _SHARED
            self._waiting.setdefault(queue, deque()).append(task)

    def clear(self) -> None:
        """Drop all waiting tasks."""
        self._waiting = {_SHARED: deque()}

    def next(self) -> Chunk | None:
        """Return the next chunk, or None if nothing may be begun now. The queues take turns."""
        for queue in list(self._waiting):
            waiting = self._waiting[queue]
            if not waiting or (queue != _SHARED and self._in_flight.get(queue, 0) >= self._cap):
                continue
            size = self._size(queue)
            tasks = next(chunks(list(islice(waiting, size + CHUNK)), size))
            for _ in tasks:
                waiting.popleft()
            self._waiting[queue] = self._waiting.pop(queue)  # to the end of the round
            self._in_flight[queue] = self._in_flight.get(queue, 0) + 1
            return Chunk(queue, tasks)
        return None

    def _size(self, queue: str) -> int:
        """Return how many tasks a chunk of the queue has: few where few wait, so that all workers get some."""
        if queue != _SHARED:
            return max(1, min(CHUNK, int(CHUNK_SECONDS / max(self._seconds.get(queue, SLOW), SLOW))))
        return max(1, min(CHUNK, -(-len(self._waiting[queue]) // self._workers)))

    def chunk_done(self, chunk: Chunk) -> None:
        """Note that a chunk is no longer in flight."""
        self._in_flight[chunk.queue] -= 1

    def put_back(self, chunk: Chunk) -> None:
        """Put a chunk that was never begun back to the front of its queue."""
        self.chunk_done(chunk)
        self._waiting.setdefault(chunk.queue, deque()).extendleft(reversed(chunk.tasks))

    def busy(self) -> set[str]:
        """Return the stores for which nothing more should be claimed now."""
        full = self._cap * CHUNK
        return {
            store
            for store in self._seconds
            if len(self._waiting.get(store, ())) + CHUNK * self._in_flight.get(store, 0) >= full
        }

    def learn(self, outcomes: Iterable[Outcome]) -> None:
        """Find by these outcomes which stores are in trouble."""
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
            self._redistribute()

    def _redistribute(self) -> None:
        """Put every waiting task into the queue that is now its own."""
        tasks = [task for waiting in self._waiting.values() for task in waiting]
        self.clear()
        self.add(tasks)


def chunks(tasks: Sequence[Task], size: int) -> Iterator[Sequence[Task]]:
    """Yield the tasks in chunks of up to `size`; tasks of one instance and profile stay together if they fit."""
    start = 0
    while start < len(tasks):
        stop = min(start + size, len(tasks))
        same = stop
        while start < same < len(tasks) and _same(tasks[same - 1], tasks[same]):
            same -= 1
        stop = same if same > start else stop
        yield tasks[start:stop]
        start = stop


def _same(one: Task, other: Task) -> bool:
    return (one.instance, one.seq, one.profile) == (other.instance, other.seq, other.profile)
