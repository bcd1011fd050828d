"""Receipts that Orthanc announced by its callback and that the change feed has not shown yet.

Orthanc writes an instance's change before it calls back, so that the feed shows every receipt within moments. A
receipt that it does not show was deleted from the log of changes (`DELETE /changes`) before the feeder read it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from threading import Lock

MOST = 200_000
"""Receipts that are remembered; if more are outstanding, all instances must be compared with the ledger."""

_UNANNOUNCED = 60.0  # seconds after which the announcement of a change that was read is no longer expected


class Receipts:
    """Compares announcements with changes that were read, by instance; both may come first, from two threads.

    `patience`: seconds after which an announced receipt that the feed did not show is overdue. `clock`: seconds.
    """

    def __init__(self, patience: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._patience = patience
        self._clock = clock
        self._lock = Lock()
        self._balances: dict[str, tuple[int, float]] = {}  # announcements less changes read, time of the last
        self._too_many = False

    def announce(self, instance: str) -> None:
        """Note a receipt; `instance` is its Orthanc id."""
        self._count(instance, 1)

    def read(self, instances: Iterable[str]) -> None:
        """Note the receipts that changes were read of."""
        for instance in instances:
            self._count(instance, -1)

    def _count(self, instance: str, number: int) -> None:
        with self._lock:
            balance = self._balances.pop(instance, (0, 0.0))[0] + number
            if balance and len(self._balances) < MOST:
                self._balances[instance] = (balance, self._clock())
            elif balance > 0:
                self._too_many = True

    def overdue(self) -> list[str] | None:
        """Return the overdue receipts, and forget them; None where too many were outstanding to name them."""
        now = self._clock()
        with self._lock:
            late = [
                instance
                for instance, (balance, since) in self._balances.items()
                if now - since > (self._patience if balance > 0 else _UNANNOUNCED)
            ]
            found = [instance for instance in late if self._balances.pop(instance)[0] > 0]
            too_many, self._too_many = self._too_many, False
        return None if too_many else found
