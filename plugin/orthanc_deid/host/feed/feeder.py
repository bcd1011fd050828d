"""The change feed is the queue: reads Orthanc's `/changes` into the ledger (design D4).

The cursor moves only to the highest Seq that was returned. Where the index commits out of order (PostgreSQL in
ReadCommitted mode), the last minute is read again every few seconds, and the ledger drops what it knows.
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
from orthanc_deid.host.feed.reconciliation import Reconciliation, utc_text
from orthanc_deid.host.feed.routing import ReceivedInstance, Target, choose, targets
from orthanc_deid.ledger.queue.ledger import Ledger
from orthanc_deid.pipeline.tasks import NewTask
from orthanc_deid.sources.orthanc_source import NewInstance, OrthancSetup

INSTALLATION_TIME = "installed"
"""The ledger's note of when (UTC, as Orthanc writes it) work began; what was received earlier is left alone."""

INSTALLATION_SEQ = "installed-at"
"""The ledger's note of the change after which work began."""

REREAD_AT_START = 10_000
"""How many changes are read again after a start: more than could commit in the moments before the last stop."""

_PAGE = 1000
"""Changes that are looked at in one go for where work begins."""


def note_installation(ledger: Ledger, settings: Settings) -> None:
    """Note, before Orthanc receives anything, when work on this ledger began, unless it is noted already.

    A first start that is cut short before it has found its place in the changes then costs nothing: the next one
    takes up what was received since.
    """
    if ledger.marker(INSTALLATION_TIME) is None:
        ledger.set_marker(INSTALLATION_TIME, utc_text(time.time()) if settings.start_at == "Newest" else "")


@dataclass(frozen=True, slots=True)
class FeedIntervals:
    """Seconds between looks at the changes when nobody rings, and what else the feeder does how often."""

    poll_seconds: float = 5.0
    gather_seconds: float = 0.3  # after a ring, so that one look finds what a sender sends in one go
    reread_seconds: float = 5.0  # read again, on an index that commits out of order,
    reread_span: float = 60.0  # what was committed so long ago
    reconcile_seconds: float = 3600.0
    retry_seconds: float = 5.0  # after an error


class Feeder:
    """Reads changes in a thread of its own. `on_fed` is called there whenever the ledger holds new work.

    `on_trouble` is told, as a sentence without values, when Orthanc or the ledger begins to fail, and None when
    they work again; the loop goes on: nothing is lost, for the cursor moves with the work only.
    """

    def __init__(
        self,
        setup: OrthancSetup,
        ledger: Ledger,
        settings: Settings,
        on_new_tasks: Callable[[], None],
        on_trouble: Callable[[str | None], None],
        pace: FeedIntervals | None = None,
    ) -> None:
        self._source = setup.open()
        self._ledger = ledger
        self._settings = settings
        self._on_new_tasks = on_new_tasks
        self._on_trouble = on_trouble
        self._pace = pace or FeedIntervals()
        self._wake_event = Event()
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="deidentify-feeder", daemon=True)
        self._cursor = -1  # unknown yet
        self._overlapping = False
        self._passed: deque[tuple[float, int]] = deque()  # (when, where the cursor stood) in the last minute
        self._seen: dict[int, float] = {}  # Seq -> when it was recorded, so that reading again stays cheap
        self._reconciliation = Reconciliation(
            self._source, ledger, self.route, lambda: ledger.marker(INSTALLATION_TIME) or "", self._stopping
        )
        self._turned = Condition()
        self._turns_begun = 0
        self._turns_done = 0
        self._next_overlap = 0.0
        self._next_reconciliation = 0.0

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Say that something was received: cheap, from any thread."""
        self._wake_event.set()

    def catch_up(self, timeout: float = 2.0) -> None:
        """Wait until the ledger knows what Orthanc has received by now; give up after so many seconds."""
        with self._turned:
            wanted = self._turns_begun + 1
            self._wake_event.set()
            self._turned.wait_for(lambda: self._turns_done >= wanted, timeout)

    def stop(self, timeout: float = 2.0) -> None:
        """End the thread, and wait for it for so many seconds."""
        self._stopping.set()
        self._wake_event.set()
        self._thread.join(timeout)

    def _run(self) -> None:
        troubled = False
        while not self._stopping.is_set():
            try:
                self.run_once()
                if troubled:
                    self._on_trouble(None)
                troubled = False
                if self._wake_event.wait(self._pace.poll_seconds):
                    self._stopping.wait(self._pace.gather_seconds)
            except (SourceError, SQLAlchemyError) as error:
                if not troubled:
                    self._on_trouble(f"the feeder waits and tries again: {_cause(error)}")
                troubled = True
                self._stopping.wait(self._pace.retry_seconds)
            except Exception as error:  # noqa: BLE001 - a thread that died would stop all work without a word
                self._on_trouble(f"the feeder failed, and tries again: {type(error).__name__}")
                troubled = True
                self._stopping.wait(self._pace.retry_seconds)
        self._source.close()

    def run_once(self) -> None:
        """Read what is new; now and then, what was read before."""
        self._wake_event.clear()
        with self._turned:
            self._turns_begun += 1
        if self._cursor < 0:
            self._begin()
        self._cursor = self._read(self._cursor)
        with self._turned:
            self._turns_done = self._turns_begun
            self._turned.notify_all()
        now = time.monotonic()
        if self._overlapping and now >= self._next_overlap:
            self._next_overlap = now + self._pace.reread_seconds
            self._read_again(now)
        if now >= self._next_reconciliation:
            self._next_reconciliation = now + self._pace.reconcile_seconds
            if self._reconciliation.run():
                self._on_new_tasks()

    def _begin(self) -> None:
        """Find where to go on: at the ledger's cursor, or for the first time where the settings say."""
        system = self._source.get_json("/system")
        self._overlapping = isinstance(system, dict) and bool(system.get("DatabaseBackendPlugin"))
        last = self._source.last_change()
        cursor = self._ledger.cursor()
        if cursor is None:
            installed = self._ledger.marker(INSTALLATION_TIME) or ""
            newest = self._settings.start_at == "Newest"
            cursor = self._before_first_received(last, installed) if newest else 0
            self._ledger.set_marker(INSTALLATION_SEQ, str(cursor))
            self._ledger.set_cursor(cursor)
        elif last < cursor:  # an older index was restored: its next changes come under numbers that were used
            cursor = last
            self._ledger.set_cursor(cursor)
        first = int(self._ledger.marker(INSTALLATION_SEQ) or 0)
        self._passed.append((time.monotonic(), max(first, cursor - REREAD_AT_START)))
        self._cursor = cursor

    def _before_first_received(self, last: int, installed: str) -> int:
        """Return where the changes since the installation begin: Orthanc takes instances before it lets us begin."""
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
        """Record all changes after `since`; return where the last of them stands."""
        while not self._stopping.is_set():
            page = self._source.changes(since)
            if page.cursor > since:
                self._record(page.instances, page.cursor)
                self._passed.append((time.monotonic(), since))
                since = page.cursor
            if not page.more:
                break
        return since

    def _read_again(self, now: float) -> None:
        """Read again what was read during the last minute: it may have got neighbours that committed late."""
        horizon = now - self._pace.reread_span
        while self._passed and self._passed[0][0] < horizon:
            self._passed.popleft()
        self._seen = {seq: when for seq, when in self._seen.items() if when >= horizon}
        since = self._passed[0][1] if self._passed else self._cursor
        while since < self._cursor and not self._stopping.is_set():
            page = self._source.changes(since)
            late = [new for new in page.instances if new.seq not in self._seen]
            if late:
                self._record(late, None)
            if page.cursor == since:
                break
            since = page.cursor

    def _record(self, instances: Sequence[NewInstance], cursor: int | None) -> None:
        """Put the work of these receipts, and the cursor, into the ledger in one transaction."""
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
        if self._overlapping:
            when = time.monotonic()
            self._seen.update((new.seq, when) for new in instances)
        if inserted:
            self._on_new_tasks()

    def route(self, instance: str, seq: int) -> list[NewTask]:
        """Return the work that the site's rules ask for."""
        try:
            chosen = choose(self._settings, ReceivedInstance(instance, self._source.get_json))
        except LostError:
            chosen = self._anything()  # a worker will find it gone, and count it as lost
        if not chosen:
            return [NewTask(instance, seq, ignored=True)]
        return [NewTask(instance, seq, target.profile, target.store) for target in chosen]

    def _anything(self) -> tuple[Target, ...]:
        for rule in self._settings.on_receive:
            if not rule.ignore:
                return targets(self._settings, rule)
        return ()

    def _returned(self, instances: Sequence[str]) -> set[str]:
        """Return those that are our own output coming back: known by SOP Instance UID and MD5, never by a tag."""
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
    # A database's message may quote a statement's parameters; ours never hold a value.
    return str(error) if isinstance(error, SourceError) else f"the ledger answers {type(error).__name__}"
