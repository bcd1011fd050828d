"""Reads Orthanc's change feed `/changes` into the ledger (D4 in docs/architecture.md).

The cursor moves only to the highest Seq that was returned. An index on PostgreSQL in ReadCommitted mode commits out
of order; the feeder then reads the last minute again every few seconds, and the ledger drops what it knows.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Condition, Event, Thread

from sqlalchemy.exc import SQLAlchemyError

from orthanc_deid.config.settings import Settings
from orthanc_deid.errors import LostError, SourceError
from orthanc_deid.host.feed.receipts import Receipts
from orthanc_deid.host.feed.reconciliation import Reconciliation, utc_text
from orthanc_deid.host.feed.routing import ReceivedInstance, Target, choose, targets
from orthanc_deid.ledger.queue.ledger import Ledger
from orthanc_deid.pipeline.tasks import NewTask
from orthanc_deid.sources.orthanc_source import NewInstance, OrthancSetup

INSTALLATION_TIME = "installed"
"""Marker in the ledger: time of installation (UTC, as Orthanc writes it). Earlier receipts are not processed."""

INSTALLATION_SEQ = "installed-at"
"""Marker in the ledger: the Seq of the change after which processing began."""

REREAD_AT_START = 10_000
"""Changes that are read again after a start: more than can commit in the seconds before a stop."""

MISSED = "changes are missing in Orthanc's log (was it cleared?); the instances received are processed nevertheless"
"""The sentence for receipts that Orthanc announced and that its change feed does not show."""

_PAGE = 1000
"""Changes that are read at once to find the first change after the installation."""


def record_installation(ledger: Ledger, settings: Settings) -> None:
    """Record the time of installation in the ledger, before Orthanc receives anything, unless it is recorded.

    If the first start is interrupted before it has found its place in the changes, the next start processes what was
    received since the recorded time.
    """
    if ledger.marker(INSTALLATION_TIME) is None:
        ledger.set_marker(INSTALLATION_TIME, utc_text(time.time()) if settings.start_at == "Newest" else "")


@dataclass(frozen=True, slots=True)
class FeedIntervals:
    """Intervals of the feeder in seconds."""

    poll_seconds: float = 5.0  # between two reads of the changes without a wake-up
    gather_seconds: float = 0.3  # after a wake-up, so that one read finds several instances
    reread_seconds: float = 5.0  # between two repeated reads, on an index that commits out of order
    reread_span: float = 60.0  # span of the changes that are read again
    reconcile_seconds: float = 3600.0  # between two reconciliations
    retry_seconds: float = 5.0  # after an error
    receipt_seconds: float = 3.0  # after which the feed must have shown a receipt that Orthanc announced


@dataclass(frozen=True, slots=True)
class FeedReports:
    """Functions that the feeder calls, from its thread.

    `new_tasks`: the ledger holds new tasks. `trouble` receives a sentence without values when Orthanc or the ledger
    begins to fail, and None when they work again. `missed` receives a sentence where changes were missing.
    """

    new_tasks: Callable[[], None]
    trouble: Callable[[str | None], None]
    missed: Callable[[str], None]


class Feeder:
    """Reads changes in a thread of its own. After a failure the loop continues, and nothing is lost: the cursor moves
    only together with the tasks.
    """

    def __init__(
        self,
        setup: OrthancSetup,
        ledger: Ledger,
        settings: Settings,
        reports: FeedReports,
        intervals: FeedIntervals | None = None,
    ) -> None:
        self._source = setup.open()
        self._ledger = ledger
        self._settings = settings
        self._reports = reports
        self._intervals = intervals or FeedIntervals()
        self._receipts = Receipts(self._intervals.receipt_seconds)
        self._wake_event = Event()
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="deidentify-feeder", daemon=True)
        self._cursor = -1  # unknown yet
        self._out_of_order = False
        self._recent_cursors: deque[tuple[float, int]] = deque()  # (time, cursor) of the last minute
        self._seen: dict[int, float] = {}  # Seq -> time it was recorded, to skip it when it is read again
        self._reconciliation = Reconciliation(
            self._source, ledger, self.route, lambda: ledger.marker(INSTALLATION_TIME) or "", self._stopping
        )
        self._round_done = Condition()
        self._rounds_begun = 0
        self._rounds_done = 0
        self._next_reread = 0.0
        self._next_reconciliation = 0.0

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def received(self, instance: str) -> None:
        """Report that Orthanc received an instance, by its Orthanc id: cheap, from any thread."""
        self._receipts.announce(instance)
        self._wake_event.set()

    def catch_up(self, timeout: float = 2.0) -> None:
        """Wait until the ledger knows what Orthanc has received by now, at most `timeout` seconds."""
        with self._round_done:
            wanted = self._rounds_begun + 1
            self._wake_event.set()
            self._round_done.wait_for(lambda: self._rounds_done >= wanted, timeout)

    def stop(self, timeout: float = 2.0) -> None:
        """End the thread, and wait for it at most `timeout` seconds."""
        self._stopping.set()
        self._wake_event.set()
        self._thread.join(timeout)

    def _run(self) -> None:
        failing = False
        while not self._stopping.is_set():
            try:
                self.run_once()
                if failing:
                    self._reports.trouble(None)
                failing = False
                if self._wake_event.wait(self._intervals.poll_seconds):
                    self._stopping.wait(self._intervals.gather_seconds)
            except (SourceError, SQLAlchemyError) as error:
                if not failing:
                    self._reports.trouble(f"the feeder waits and tries again: {_cause(error)}")
                failing = True
                self._stopping.wait(self._intervals.retry_seconds)
            except Exception as error:  # noqa: BLE001 - a thread that ended would stop all processing silently
                self._reports.trouble(f"the feeder failed, and tries again: {type(error).__name__}")
                failing = True
                self._stopping.wait(self._intervals.retry_seconds)
        self._source.close()

    def run_once(self) -> None:
        """Read new changes and, when due, changes of the last minute and all instances (reconciliation)."""
        self._wake_event.clear()
        with self._round_done:
            self._rounds_begun += 1
        if self._cursor < 0:
            self._begin()
        self._cursor = self._read(self._cursor)
        with self._round_done:
            self._rounds_done = self._rounds_begun
            self._round_done.notify_all()
        self._record_missed()
        now = time.monotonic()
        if self._out_of_order and now >= self._next_reread:
            self._next_reread = now + self._intervals.reread_seconds
            self._read_again(now)
        if now >= self._next_reconciliation:
            self._next_reconciliation = now + self._intervals.reconcile_seconds
            if self._reconciliation.run():
                self._reports.new_tasks()

    def _begin(self) -> None:
        """Find the cursor: that of the ledger, or at the first start the one that `StartAt` asks for."""
        system = self._source.get_json("/system")
        self._out_of_order = isinstance(system, dict) and bool(system.get("DatabaseBackendPlugin"))
        last = self._source.last_change()
        cursor = self._ledger.cursor()
        if cursor is None:
            installed = self._ledger.marker(INSTALLATION_TIME) or ""
            newest = self._settings.start_at == "Newest"
            cursor = self._before_first_received(last, installed) if newest else 0
            self._ledger.set_marker(INSTALLATION_SEQ, str(cursor))
            self._ledger.set_cursor(cursor)
        elif last < cursor:  # an older index was restored, which will use these Seqs again
            cursor = last
            self._ledger.set_cursor(cursor)
        first = int(self._ledger.marker(INSTALLATION_SEQ) or 0)
        self._recent_cursors.append((time.monotonic(), max(first, cursor - REREAD_AT_START)))
        self._cursor = cursor

    def _before_first_received(self, last: int, installed: str) -> int:
        """Return the last Seq before the installation: Orthanc receives instances before plugins are started."""
        first = before = last
        while before > 0:
            since = max(0, before - _PAGE)
            instances = [new for new in self._source.changes(since, _PAGE).instances if new.seq <= before]
            for new in reversed(instances):
                try:
                    metadata = self._source.get_json(f"/instances/{new.instance}/metadata?expand")
                except LostError:
                    continue
                if not isinstance(metadata, dict) or str(metadata.get("ReceptionDate", "")) < installed:
                    return first
                first = new.seq - 1
            before = since if instances else 0
        return first

    def _read(self, since: int) -> int:
        """Record all changes after `since`; returns the Seq of the last one."""
        while not self._stopping.is_set():
            page = self._source.changes(since)
            if page.cursor > since:
                self._record(page.instances, page.cursor)
                self._recent_cursors.append((time.monotonic(), since))
                since = page.cursor
            if not page.more:
                break
        return since

    def _read_again(self, now: float) -> None:
        """Read the changes of the last minute again, and record those that were committed late."""
        horizon = now - self._intervals.reread_span
        while self._recent_cursors and self._recent_cursors[0][0] < horizon:
            self._recent_cursors.popleft()
        self._seen = {seq: when for seq, when in self._seen.items() if when >= horizon}
        since = self._recent_cursors[0][1] if self._recent_cursors else self._cursor
        while since < self._cursor and not self._stopping.is_set():
            page = self._source.changes(since)
            late = [new for new in page.instances if new.seq not in self._seen]
            if late:
                self._record(late, None)
            if page.cursor == since:
                break
            since = page.cursor

    def _record_missed(self) -> None:
        """Record the tasks of receipts that Orthanc announced and that the changes did not show."""
        missed = self._receipts.overdue()
        if missed is None:
            self._next_reconciliation = 0.0
        elif missed:
            tasks = [task for instance in missed for task in self.route(instance, 0)]
            self._reports.missed(MISSED)
            if self._ledger.record(tasks, None, time.time()):
                self._reports.new_tasks()

    def _record(self, instances: Sequence[NewInstance], cursor: int | None) -> None:
        """Record the tasks of these receipts and the cursor in one transaction."""
        returned = self._returned([new.instance for new in instances])
        tasks = [
            task
            for new in instances
            for task in (
                [NewTask(new.instance, new.seq, ignored=True)]
                if new.instance in returned
                else self.route(new.instance, new.seq)
            )
        ]
        inserted = self._ledger.record(tasks, cursor, time.time())
        self._receipts.read(new.instance for new in instances)
        if self._out_of_order:
            when = time.monotonic()
            self._seen.update((new.seq, when) for new in instances)
        if inserted:
            self._reports.new_tasks()

    def route(self, instance: str, seq: int) -> list[NewTask]:
        """Return the tasks that the routing rules ask for."""
        try:
            chosen = choose(self._settings, ReceivedInstance(instance, self._source.get_json))
        except LostError:
            chosen = self._any_target()  # a worker will not find it, and count it as lost
        if not chosen:
            return [NewTask(instance, seq, ignored=True)]
        return [NewTask(instance, seq, target.profile, target.store) for target in chosen]

    def _any_target(self) -> tuple[Target, ...]:
        for rule in self._settings.on_receive:
            if not rule.ignore:
                return targets(self._settings, rule)
        return ()

    def _returned(self, instances: Sequence[str]) -> set[str]:
        """Return those that are our own outputs, recognized by identifiers and MD5, never by an attribute."""
        returned = set()
        for instance, outputs in self._ledger.known_outputs(instances).items():
            try:
                md5 = self._source.md5(instance)
                if any(output.md5 == md5 for output in outputs):
                    returned.add(instance)
            except LostError:
                continue
        return returned


def _cause(error: Exception) -> str:
    # The message of a database may quote parameters of a statement; our own messages hold no values.
    return str(error) if isinstance(error, SourceError) else f"the ledger failed ({type(error).__name__})"
