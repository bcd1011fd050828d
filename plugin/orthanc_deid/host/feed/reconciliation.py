"""Reconciliation: compares all instances of Orthanc with the ledger (D4 in docs/architecture.md).

It finds instances that the change feed missed because the log of changes was cleared (`DELETE /changes`) or an older
index was restored. It leaves out instances received before the installation, and recent ones, which the feed records.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event

from orthanc_deid.errors import LostError
from orthanc_deid.ledger.queue.ledger import Ledger
from orthanc_deid.pipeline.tasks import NewTask
from orthanc_deid.sources.orthanc_source import OrthancSource

RECENT = 120.0  # seconds after which the feed, with its repeated reads, must have recorded an instance
PAGE_PAUSE = 0.05  # seconds between pages, so that receipt is not slowed
PAGE = 1000


class Reconciliation:
    """Compares the instances of Orthanc with the ledger; `route` returns the tasks of a missed instance."""

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
        """Compare all instances once; returns how many tasks were added. Ends early when `stopping` is set."""
        found = 0
        since = 0
        installed, recent = self._installed(), utc_text(time.time() - RECENT)
        while not self._stopping.is_set():
            page = self._source.all_instances(since, PAGE)
            tasks = [
                task
                for instance in self._ledger.unknown(page)
                for task in self._missed_tasks(instance, installed, recent)
            ]
            if tasks:
                self._ledger.record(tasks, None, time.time())
                found += sum(not task.ignored for task in tasks)
            if len(page) < PAGE:
                break
            since += len(page)
            self._stopping.wait(PAGE_PAUSE)
        return found

    def _missed_tasks(self, instance: str, installed: str, recent: str) -> list[NewTask]:
        try:
            metadata = self._source.get_json(f"/instances/{instance}/metadata?expand")
        except LostError:
            return []
        received = str(metadata.get("ReceptionDate", "")) if isinstance(metadata, dict) else ""
        if received >= recent:
            return []
        if received < installed:
            # Recorded, so that the next run does not read its metadata again.
            return [NewTask(instance, 0, ignored=True)]
        return self._route(instance, 0)


def utc_text(seconds: float) -> str:
    """Return a time (seconds since the epoch) as Orthanc writes `ReceptionDate`: UTC, yyyymmddThhmmss."""
    return time.strftime("%Y%m%dT%H%M%S", time.gmtime(seconds))
