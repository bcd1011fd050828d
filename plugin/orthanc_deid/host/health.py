"""What hinders the work at this moment: for the healthcheck, and for the log once, not with every attempt."""

from __future__ import annotations

import time
from collections.abc import Callable

LASTING = 30.0
"""Seconds for which something that failed counts as failing: whoever tries again does so sooner than that."""


class Health:
    """Sentences without values, told from several threads. `clock` counts seconds."""

    def __init__(
        self,
        log_error: Callable[[str], None],
        log_warning: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._log_error = log_error
        self._log_warning = log_warning
        self._clock = clock
        self._failures: dict[str, float] = {}  # sentence -> when it was told last
        self._feeder: str | None = None

    def failed(self, sentence: str) -> None:
        """Something failed, and is tried again by whoever tells; it is logged when it was not failing already."""
        now = self._clock()
        if now - self._failures.get(sentence, -LASTING) >= LASTING:
            self._log_error(sentence)
        self._failures[sentence] = now

    def feeder(self, sentence: str | None) -> None:
        """The feeder cannot go on, or can again (None)."""
        if sentence:
            self._log_error(sentence)
        elif self._feeder:
            self._log_warning("the feeder goes on")
        self._feeder = sentence

    def current(self) -> str | None:
        """Return what hinders the work now, or None."""
        if self._feeder:
            return self._feeder
        now = self._clock()
        return next((each for each, when in list(self._failures.items()) if now - when < LASTING), None)
