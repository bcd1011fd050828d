"""Who waits for whom: a store in trouble waits for itself alone."""

from __future__ import annotations

from orthanc_deid.pipeline.tasks import Outcome, Result, Task
from orthanc_deid.workers.store_queues import Lanes


def tasks(count: int, store: str = "good", first: int = 0) -> list[Task]:
    return [Task(first + n, 1, f"{store}{first + n}", n, "neutral", store) for n in range(count)]


def trouble(lanes: Lanes, store: str, seconds: float = 0.1) -> None:
    lanes.learn([Outcome(tasks(1, store)[0], Result.RETRY_STORE, store_seconds=seconds)])


def recovery(lanes: Lanes, store: str) -> None:
    lanes.learn([Outcome(tasks(1, store)[0], Result.DELIVERED, store_seconds=0.01)])


def drain(lanes: Lanes) -> list[tuple[str, int]]:
    found = []
    while (chunk := lanes.next()) is not None:
        found.append((chunk.tasks[0].store, len(chunk.tasks)))
    return found


def test_healthy_stores_share_chunks_in_the_order_of_their_works() -> None:
    lanes = Lanes(2)
    mixed = [task for pair in zip(tasks(20, "a"), tasks(20, "b"), strict=True) for task in pair]
    lanes.add(mixed)
    order: list[Task] = []
    while (chunk := lanes.next()) is not None:
        order += chunk.tasks
    assert order == mixed
    assert len(lanes) == 0


def test_a_few_works_are_spread_over_all_workers() -> None:
    lanes = Lanes(4)
    lanes.add(tasks(6))
    assert [size for _, size in drain(lanes)][:2] == [2, 1]


def test_quick_works_are_claimed_further_ahead_than_slow_ones() -> None:
    quick, slow = Lanes(2), Lanes(2)
    assert quick.ahead() == 32
    for lanes, seconds in ((quick, 0.005), (slow, 2.0)):
        lanes.learn([Outcome(task, Result.DELIVERED, seconds=seconds) for task in tasks(100)])
    assert slow.ahead() == 32
    assert quick.ahead() == 128


def test_a_store_in_trouble_has_half_of_the_workers_at_most() -> None:
    lanes = Lanes(4)
    trouble(lanes, "bad")
    lanes.add(tasks(100, "bad"))
    begun = drain(lanes)
    assert len(begun) == 2
    assert lanes.busy() == {"bad"}
    lanes.add(tasks(16, "good"))
    assert {store for store, _ in drain(lanes)} == {"good"}


def test_when_its_chunk_has_landed_a_store_in_trouble_gets_the_next() -> None:
    lanes = Lanes(1)
    trouble(lanes, "bad")
    lanes.add(tasks(20, "bad"))
    chunk = lanes.next()
    assert chunk is not None
    assert lanes.next() is None
    lanes.landed(chunk)
    assert lanes.next() is not None


def test_a_slow_store_gets_small_chunks() -> None:
    lanes = Lanes(2)
    trouble(lanes, "slow", seconds=1.0)
    lanes.add(tasks(20, "slow"))
    assert drain(lanes) == [("slow", 2)]


def test_what_waits_moves_when_a_store_falls_into_trouble_and_back_when_it_recovers() -> None:
    lanes = Lanes(2)
    lanes.add(tasks(8, "bad") + tasks(8, "good"))
    trouble(lanes, "bad")
    chunk = lanes.next()
    assert chunk is not None
    assert {task.store for task in chunk.tasks} in ({"good"}, {"bad"})
    recovery(lanes, "bad")
    assert lanes.busy() == set()
    assert sum(size for _, size in drain(lanes)) == 16 - len(chunk.tasks)


def test_a_chunk_that_was_never_begun_is_first_again() -> None:
    lanes = Lanes(1)
    lanes.add(tasks(20))
    first = lanes.next()
    assert first is not None
    lanes.put_back(first)
    again = lanes.next()
    assert again == first


def test_an_instance_that_the_store_conflicts_with_is_no_trouble() -> None:
    lanes = Lanes(2)
    lanes.learn([Outcome(tasks(1, "a")[0], Result.QUARANTINED, store_seconds=9.0)])
    assert lanes.busy() == set()
    lanes.add(tasks(4, "a") + tasks(4, "b"))
    chunk = lanes.next()
    assert chunk is not None
    assert chunk.lane == ""
