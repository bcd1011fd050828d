"""The one way in which tests wait: for a condition, never for a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_SHORTEST, _LONGEST = (
    0.005,
    0.05,
)  # seconds between two evaluations: the first pauses are short, later ones spare the CPU


def wait_until(
    condition: Callable[[], T | None], seconds: float = 30.0, expected: str = "the condition holds"
) -> T:
    """Return the condition's first true value.

    Raises AssertionError, which names what was `expected`, when it is still false after so many `seconds`.
    """
    deadline = time.monotonic() + seconds
    pause = _SHORTEST
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {expected}")
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST)
    return value
