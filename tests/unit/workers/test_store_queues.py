"""Who waits for whom: a store in trouble waits for itself alone."""

from __future__ import annotations

from orthanc_deid.pipeline.tasks import Outcome, Result, Task
from orthanc_deid.workers.store_queues import StoreQueues, chunks


def tasks(count: int, store: str = "good", first: int = 0) -> list[Task]:
    return [Task(first + n, 1, f"{store}{first + n}", n, "neutral", store) for n in range(count)]


def trouble(queues: StoreQueues, store: str, seconds: float = 0.1) -> None:
    queues.learn([Outcome(tasks(1, store)[0], Result.RETRY_STORE, store_seconds=seconds)])


def recovery(queues: StoreQueues, store: str) -> None:
    queues.learn([Outcome(tasks(1, store)[0], Result.DELIVERED, store_seconds=0.01)])


def drain(queues: StoreQueues) -> list[tuple[str, int]]:
    found = []
    while (chunk := queues.next()) is not None:
        found.append((chunk.tasks[0].store, len(chunk.tasks)))
    return found


def test_healthy_stores_share_chunks_in_the_order_of_their_works() -> None:
    queues = StoreQueues(2)
    mixed = [task for pair in zip(tasks(20, "a"), tasks(20, "b"), strict=True) for task in pair]
    queues.add(mixed)
    order: list[Task] = []
    while (chunk := queues.next()) is not None:
        order += chunk.tasks
    assert order == mixed
    assert len(queues) == 0


def test_a_few_works_are_spread_over_all_workers() -> None:
    queues = StoreQueues(4)
    queues.add(tasks(6))
    assert [size for _, size in drain(queues)][:2] == [2, 1]


def test_quick_works_are_claimed_further_ahead_than_slow_ones() -> None:
    quick, slow = StoreQueues(2), StoreQueues(2)
    assert quick.ahead() == 32
    for queues, seconds in ((quick, 0.005), (slow, 2.0)):
        queues.learn([Outcome(task, Result.DELIVERED, seconds=seconds) for task in tasks(100)])
    assert slow.ahead() == 32
    assert quick.ahead() == 128


def test_a_store_in_trouble_has_half_of_the_workers_at_most() -> None:
    queues = StoreQueues(4)
    trouble(queues, "bad")
    queues.add(tasks(100, "bad"))
    begun = drain(queues)
    assert len(begun) == 2
    assert queues.busy() == {"bad"}
    queues.add(tasks(16, "good"))
    assert {store for store, _ in drain(queues)} == {"good"}


def test_when_its_chunk_is_done_a_store_in_trouble_gets_the_next() -> None:
    queues = StoreQueues(1)
    trouble(queues, "bad")
    queues.add(tasks(20, "bad"))
    chunk = queues.next()
    assert chunk is not None
    assert queues.next() is None
    queues.chunk_done(chunk)
    assert queues.next() is not None


def test_a_slow_store_gets_small_chunks() -> None:
    queues = StoreQueues(2)
    trouble(queues, "slow", seconds=1.0)
    queues.add(tasks(20, "slow"))
    assert drain(queues) == [("slow", 2)]


def test_what_waits_moves_when_a_store_falls_into_trouble_and_back_when_it_recovers() -> None:
    queues = StoreQueues(2)
    queues.add(tasks(8, "bad") + tasks(8, "good"))
    trouble(queues, "bad")
    chunk = queues.next()
    assert chunk is not None
    assert {task.store for task in chunk.tasks} in ({"good"}, {"bad"})
    recovery(queues, "bad")
    assert queues.busy() == set()
    assert sum(size for _, size in drain(queues)) == 16 - len(chunk.tasks)


def test_a_chunk_that_was_never_begun_is_first_again() -> None:
    queues = StoreQueues(1)
    queues.add(tasks(20))
    first = queues.next()
    assert first is not None
    queues.put_back(first)
    again = queues.next()
    assert again == first


def test_an_instance_that_the_store_conflicts_with_is_no_trouble() -> None:
    queues = StoreQueues(2)
    queues.learn([Outcome(tasks(1, "a")[0], Result.QUARANTINED, store_seconds=9.0)])
    assert queues.busy() == set()
    queues.add(tasks(4, "a") + tasks(4, "b"))
    chunk = queues.next()
    assert chunk is not None
    assert chunk.queue == ""


def test_works_of_one_instance_stay_in_one_chunk() -> None:
    tasks = [
        Task(n * 2 + s, 1, f"i{n}", n, "neutral", store) for n in range(5) for s, store in enumerate("ab")
    ]
    sizes = [len(chunk) for chunk in chunks(tasks, 5)]
    assert sizes == [4, 4, 2]


def test_more_works_of_one_instance_than_a_chunk_holds_are_split() -> None:
    tasks = [Task(n, 1, "i", 1, "neutral", f"s{n}") for n in range(5)]
    assert [len(chunk) for chunk in chunks(tasks, 2)] == [2, 2, 1]
