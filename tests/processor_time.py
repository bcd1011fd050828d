"""What a call costs the processor, by which it is told whether time grows with the length of a text or its square."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time


def least_time(call: Callable[[], object], times: int = 3) -> float:
    """Return the seconds of the fastest of several calls; never less than one thousandth."""
    return max(0.001, min(_time(call) for _ in range(times)))


def _time(call: Callable[[], object]) -> float:
    start = process_time()
    call()
    return process_time() - start
