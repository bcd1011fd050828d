"""Tasks, outputs and outcomes for tests of the server's ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from orthanc_deid.ledger.queue.ledger import Ledger
from orthanc_deid.pipeline.retry_policy import RetryPolicy
from orthanc_deid.pipeline.tasks import NewTask, Outcome, Output, Result, State, Task

POLICY = RetryPolicy(first=10.0, longest=40.0, attempts=4)
Opener = Callable[[], Ledger]


def received(*seqs: int, store: str = "a", priority: int = 0) -> list[NewTask]:
    return [NewTask(f"i{seq}", seq, "neutral", store, priority) for seq in seqs]


def output(number: int) -> Output:
    return Output("p", "2.25.1", "2.25.2", f"2.25.{number}", f"{number:032x}")


def ended(task: Task, result: Result = Result.DELIVERED, **more: object) -> Outcome:
    delivered = output(task.id) if result in {Result.DELIVERED, Result.DUPLICATE} else None
    return Outcome(task, result, **{"output": delivered, **more})  # type: ignore[arg-type]


def recount(ledger: Ledger) -> Counter[State]:
    """Count the rows by state, for comparison with the counters."""
    return Counter({state: len(ledger.rows(state, 100_000)) for state in State if ledger.rows(state, 1)})
