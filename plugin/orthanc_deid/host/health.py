"""Current problems of the plugin, for the healthcheck; the log gets each problem once, not with every attempt."""

from __future__ import annotations

import time
from collections.abc import Callable

LASTING = 30.0
"""Seconds for which a failure counts as current; every failing part retries sooner than that."""


class Health:
    """Collects problems, as sentences without values, from several threads. `clock` counts seconds."""

    def __init__(
        self,
        log_error: Callable[[str], None],
        log_warning: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._log_error = log_error
        self._log_warning = log_warning
        self._clock = clock
        self._failures: dict[str, float] = {}  # sentence -> time of the last report
        self._feeder: str | None = None

    def report_failure(self, sentence: str) -> None:
        """Report a failure that the caller will retry; it is logged unless it is current already."""
        now = self._clock()
        if now - self._failures.get(sentence, -LASTING) >= LASTING:
            self._log_error(sentence)
        self._failures[sentence] = now

    def report_feeder(self, sentence: str | None) -> None:
        """Report that the feeder cannot continue, or that it continues (None)."""
        if sentence:
            self._log_error(sentence)
        elif self._feeder:
            self._log_warning("the feeder goes on")
        self._feeder = sentence

    def current(self) -> str | None:
        """Return the current problem, or None."""
        if self._feeder:
            return self._feeder
        now = self._clock()
        return next((each for each, when in list(self._failures.items()) if now - when < LASTING), None)
