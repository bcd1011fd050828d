"""The pauses after a failure of a source or a store; `Retry` in the settings gives their values (`RetrySettings`)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """After a failure: a first pause in seconds that doubles up to the longest, until `attempts` have failed."""

    first: float = 5.0
    longest: float = 900.0
    attempts: int = 20

    def pause(self, failures: int) -> float:
        """Return the pause in seconds after this many failures (1 or more)."""
        return min(self.longest, self.first * 2.0 ** min(failures - 1, 32))
