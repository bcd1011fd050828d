"""Processor time of a call, to check that it grows with the length of a text and not with its square."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time


def least_time(call: Callable[[], object], times: int = 3) -> float:
    """Return the seconds of the fastest of several calls, or of the first that takes more than one; at least 1 ms."""
    least = float("inf")
    for _ in range(times):
        least = min(least, _time(call))
        if least > 1:
            break
    return max(0.001, least)


def _time(call: Callable[[], object]) -> float:
    start = process_time()
    call()
    return process_time() - start
