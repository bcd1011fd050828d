"""The slow look at everything that Orthanc holds: finds what the change feed could not tell of (design D4).

That is so where the log of changes was cleared (`DELETE /changes`) or an older index was restored. What Orthanc
received before the plugin was installed is left alone; what it received just now is the feed's.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event

from orthanc_deid.errors import LostError
from orthanc_deid.ledger.queue.ledger import Ledger
from orthanc_deid.pipeline.tasks import NewTask
from orthanc_deid.sources.orthanc_source import OrthancSource

RECENT = 120.0  # seconds: the feed and its second reading have had their chance
BREATH = 0.05  # seconds between pages, so that receipt is not slowed
PAGE = 1000


class Reconciliation:
    """Compares Orthanc's instances with the ledger. `route` says what is to be done with one that was missed."""

    def __init__(
        self,
        source: OrthancSource,
        ledger: Ledger,
        route: Callable[[str, int], list[NewTask]],
        installed: Callable[[], str],
        stopping: Event,
    ) -> None:
        self._source = source
        self._ledger = ledger
        self._route = route
        self._installed = installed
        self._stopping = stopping

    def run(self) -> int:
        """Look at all instances once; return how many works were found. Ends early when stopping."""
        found = 0
        since = 0
        installed, recent = self._installed(), utc_text(time.time() - RECENT)
        while not self._stopping.is_set():
            page = self._source.all_instances(since, PAGE)
            tasks = [
                task
                for instance in self._ledger.unknown(page)
                for task in self._task(instance, installed, recent)
            ]
            if tasks:
                self._ledger.record(tasks, None, time.time())
                found += sum(not task.ignored for task in tasks)
            if len(page) < PAGE:
                break
            since += len(page)
            self._stopping.wait(BREATH)
        return found

    def _task(self, instance: str, installed: str, recent: str) -> list[NewTask]:
        try:
            metadata = self._source.get_json(f"/instances/{instance}/metadata?expand")
        except LostError:
            return []
        received = str(metadata.get("ReceptionDate", "")) if isinstance(metadata, dict) else ""
        if received >= recent:
            return []
        if received < installed:
            # Noted, so that the next look need not ask for it again.
            return [NewTask(instance, 0, ignored=True)]
        return self._route(instance, 0)


def utc_text(seconds: float) -> str:
    """Return a time (seconds since the epoch) as Orthanc writes `ReceptionDate`: UTC, yyyymmddThhmmss."""
    return time.strftime("%Y%m%dT%H%M%S", time.gmtime(seconds))
