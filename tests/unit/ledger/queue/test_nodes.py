"""Several nodes and threads on one ledger."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Thread

from orthanc_deid.pipeline.tasks import State
from support.ledger_tasks import Opener, ended, received


def test_many_nodes_and_threads_claim_every_work_exactly_once(open_ledger: Opener) -> None:
    first = open_ledger()
    first.record(received(*range(1, 301)), 300, 0.0)
    seen: Counter[int] = Counter()

    def node(name: str) -> None:
        ledger = open_ledger()
        while tasks := ledger.claim(name, 7, 60, 1.0):
            assert ledger.close([ended(task) for task in tasks], 2.0) == len(tasks)
            seen.update(task.id for task in tasks)

    nodes = [Thread(target=node, args=(f"n{number}",)) for number in range(4)]
    for thread in nodes:
        thread.start()
    for thread in nodes:
        thread.join()
    assert len(seen) == 300
    assert set(seen.values()) == {1}
    assert first.counts().states == {State.DELIVERED: 300}


def test_nodes_that_read_the_same_feed_record_every_work_once(open_ledger: Opener) -> None:
    def node(_number: int) -> int:
        ledger = open_ledger()
        return sum(
            ledger.record(received(*range(start, start + 20)), start + 19, 0.0) for start in range(1, 200, 20)
        )

    open_ledger()
    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(node, range(4))) == 200
    assert open_ledger().counts().states == {State.PENDING: 200}
