"""The feeder: every change reaches the ledger once, whatever the index does (D4 in docs/architecture.md)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest

from orthanc_deid.config.load import load_settings
from orthanc_deid.config.settings import Settings
from orthanc_deid.errors import LostError, SourceError
from orthanc_deid.host.feed.feeder import (
    INSTALLATION_TIME,
    MISSED,
    Feeder,
    FeedIntervals,
    FeedReports,
    record_installation,
)
from orthanc_deid.host.feed.reconciliation import utc_text
from orthanc_deid.ledger.queue.ledger import Ledger
from orthanc_deid.pipeline.tasks import Outcome, Output, Result, State
from orthanc_deid.sources.orthanc_source import ChangesPage, NewInstance
from support.waiting import wait_until

LONG_AGO = "20200101T000000"


class Index:
    """Orthanc's index as the feeder sees it: `changes` by Seq, `received` by instance."""

    def __init__(self) -> None:
        self.changes: dict[int, str] = {}
        self.received: dict[str, str] = {}
        self.md5: dict[str, str] = {}
        self.last = 0
        self.postgresql = False
        self.page = 1000
        self.fails: Exception | None = None

    def add(self, *instances: str, received: str | None = None, visible: bool = True) -> None:
        for instance in instances:
            self.last += 1
            self.received[instance] = received or utc_text(time.time())
            if visible:
                self.changes[self.last] = instance

    def open(self) -> Connection:
        return Connection(self)


class Connection:
    def __init__(self, index: Index) -> None:
        self.index = index

    def changes(self, since: int, limit: int = 1000) -> ChangesPage:
        if self.index.fails:
            raise self.index.fails
        seqs = sorted(seq for seq in self.index.changes if seq > since)
        page = seqs[: min(limit, self.index.page)]
        found = tuple(NewInstance(seq, self.index.changes[seq]) for seq in page)
        return ChangesPage(found, max(page, default=since), len(page) < len(seqs))

    def last_change(self) -> int:
        return self.index.last

    def instance_md5(self, instance: str) -> str:
        return self.index.md5[instance]

    md5 = instance_md5

    def get_json(self, path: str) -> Any:
        if path == "/system":
            return {
                "DatabaseBackendPlugin": "libOrthancPostgreSQLIndex.so" if self.index.postgresql else None
            }
        instance = path.split("/")[2]
        if instance not in self.index.received:
            raise LostError("gone")
        return {"ReceptionDate": self.index.received[instance], "RemoteAET": "CT01"}

    def all_instances(self, since: int = 0, limit: int = 1000) -> list[str]:
        return sorted(self.index.received)[since : since + limit]

    def close(self) -> None:
        pass


class Site:
    """A feeder over a real ledger."""

    def __init__(self, folder: Path, **section: Any) -> None:
        self.index = Index()
        (folder / "output").mkdir(exist_ok=True)
        stores = {"output": {"Type": "Folder", "Path": "output"}}
        self.settings: Settings = load_settings({"Deidentify": {"Stores": stores, **section}}, folder)
        self.ledger = Ledger.open(f"sqlite:///{folder / 'ledger.db'}", "f" * 16)
        self.intervals = FeedIntervals(
            poll_seconds=0.01,
            gather_seconds=0.0,
            reread_seconds=0.0,
            reconcile_seconds=1e9,
            retry_seconds=0.01,
            receipt_seconds=0.0,
        )
        self.fed = 0
        self.problems: list[str | None] = []
        self.missed: list[str] = []
        self.restart()

    def restart(self) -> None:
        record_installation(self.ledger, self.settings)
        self.feeder = Feeder(
            self.index,  # type: ignore[arg-type]
            self.ledger,
            self.settings,
            FeedReports(self._on_new_tasks, self.problems.append, self.missed.append),
            self.intervals,
        )

    def _on_new_tasks(self) -> None:
        self.fed += 1

    def run_once(self) -> None:
        self.feeder.run_once()

    def pending(self) -> list[tuple[str, int]]:
        return sorted((row.instance, row.seq) for row in self.ledger.rows(State.PENDING))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.ledger.close_database()


def test_work_begins_at_the_newest_change(site: Site) -> None:
    site.index.add("old", received=LONG_AGO)
    site.run_once()
    site.index.add("new")
    site.run_once()
    assert site.pending() == [("new", 2)]
    assert site.fed == 1


def test_work_begins_at_the_oldest_change_where_it_is_configured(tmp_path: Path) -> None:
    site = Site(tmp_path, StartAt="Oldest")
    site.index.add("old")
    site.run_once()
    assert site.pending() == [("old", 1)]
    site.ledger.close_database()


def test_all_pages_are_read(site: Site) -> None:
    site.run_once()
    site.index.page = 3
    site.index.add(*(f"i{number}" for number in range(10)))
    site.run_once()
    assert len(site.pending()) == 10
    assert site.ledger.cursor() == 10


def test_the_cursor_moves_only_to_what_was_returned(site: Site) -> None:
    site.run_once()
    site.index.add("late", visible=False)
    site.run_once()
    assert site.ledger.cursor() == 0
    site.index.changes[1] = "late"
    site.run_once()
    assert site.pending() == [("late", 1)]


def test_a_restart_goes_on_at_the_cursor_and_repeats_nothing(site: Site) -> None:
    site.run_once()
    site.index.add("a", "b")
    site.run_once()
    site.index.add("c")
    site.restart()
    site.run_once()
    assert site.pending() == [("a", 1), ("b", 2), ("c", 3)]


def test_what_commits_late_on_postgresql_is_found(site: Site) -> None:
    site.index.postgresql = True
    site.run_once()
    site.index.add("late", visible=False)
    site.index.add("early")
    site.run_once()
    assert site.pending() == [("early", 2)]
    site.index.changes[1] = "late"
    site.run_once()
    assert site.pending() == [("early", 2), ("late", 1)]
    assert site.ledger.cursor() == 2


def test_what_commits_late_is_found_after_a_restart_too(site: Site) -> None:
    site.index.postgresql = True
    site.run_once()
    site.index.add("late", visible=False)
    site.index.add("early")
    site.run_once()
    site.index.changes[1] = "late"
    site.restart()
    site.run_once()
    assert site.pending() == [("early", 2), ("late", 1)]


def test_what_orthanc_takes_before_it_lets_us_begin_is_work(site: Site) -> None:
    site.index.add("old", received=LONG_AGO)
    site.index.add("first", "second")
    site.run_once()
    assert site.pending() == [("first", 2), ("second", 3)]
    assert site.ledger.cursor() == 3


def test_a_first_start_that_is_cut_short_costs_nothing(site: Site) -> None:
    noted = utc_text(time.time() - 60)
    site.ledger.set_marker(
        INSTALLATION_TIME, noted
    )  # by a start that was killed before its feeder had a turn
    site.index.add("old", received=LONG_AGO)
    site.index.add("meanwhile", received=utc_text(time.time() - 30))
    site.restart()
    site.run_once()
    assert site.pending() == [("meanwhile", 2)]
    assert site.ledger.marker(INSTALLATION_TIME) == noted


def test_where_work_begins_is_found_however_much_came_in_meanwhile(site: Site) -> None:
    site.index.add("old", received=LONG_AGO)
    site.index.add(*(f"i{number}" for number in range(2500)))
    site.run_once()
    assert len(site.ledger.rows(State.PENDING, 5000)) == 2500


def test_reading_again_never_reaches_behind_the_installation(site: Site) -> None:
    site.index.postgresql = True
    site.index.add("old", received=LONG_AGO)
    site.run_once()
    site.index.add("new")
    site.run_once()
    site.restart()
    site.run_once()
    assert site.pending() == [("new", 2)]


def test_an_overwritten_instance_comes_back_under_its_new_number(site: Site) -> None:
    site.run_once()
    site.index.add("a")
    site.run_once()
    site.index.add("a")
    site.run_once()
    assert site.pending() == [("a", 2)]


def test_an_older_index_that_was_restored_is_followed(site: Site) -> None:
    site.run_once()
    site.index.add("a", "b", "c")
    site.run_once()
    site.index.changes = {1: "a"}
    site.index.last = 1
    site.restart()
    site.run_once()
    site.index.add("d")
    site.run_once()
    assert ("d", 2) in site.pending()


def test_a_cleared_log_is_made_up_for_by_the_slow_look(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.index.add("before", received=utc_text(time.time() - 86400))
    site.run_once()
    site.ledger.set_marker("installed", utc_text(time.time() - 3600))
    site.index.add("missed", received=utc_text(time.time() - 600), visible=False)
    site.index.add("just now", visible=False)
    site.restart()
    site.run_once()
    assert site.pending() == [("missed", 0)]
    assert site.ledger.counts()[State.IGNORED] == 1, "what was there before is noted, and left alone"
    site.ledger.close_database()


def test_our_own_output_coming_back_is_known_by_its_bytes(site: Site) -> None:
    site.run_once()
    site.index.add("a")
    site.run_once()
    task = site.ledger.claim("test", 1, 60, now=2e9)[0]
    output = Output("P", "2.25.1", "2.25.2", "2.25.3", "0" * 32)
    site.ledger.close([Outcome(task, Result.DELIVERED, output=output)], now=2e9)
    returned = orthanc_id(output)
    site.index.md5[returned] = "0" * 32
    site.index.add(returned)
    site.run_once()
    assert site.pending() == []
    site.index.md5[returned] = "1" * 32  # the same identifiers, other content: not ours
    site.index.add(returned)
    site.run_once()
    assert site.pending() == [(returned, 3)]


def orthanc_id(output: Output) -> str:
    """Return the identifier that Orthanc computes for an instance, by code of this test."""
    parts = (
        output.patient_id,
        output.study_instance_uid,
        output.series_instance_uid,
        output.sop_instance_uid,
    )
    digest = sha1("|".join(parts).encode(), usedforsecurity=False).hexdigest()
    return "-".join(digest[start : start + 8] for start in range(0, 40, 8))


def test_what_is_gone_before_a_rule_could_look_is_recorded_so_that_it_counts_as_lost(tmp_path: Path) -> None:
    site = Site(tmp_path, OnReceive=[{"RemoteAet": "MR01", "Ignore": True}, {"RemoteAet": "CT01"}])
    site.run_once()
    site.index.add("gone")
    del site.index.received["gone"]
    site.run_once()
    assert site.pending() == [("gone", 1)]
    site.ledger.close_database()


def test_what_no_rule_wants_is_noted_as_ignored(tmp_path: Path) -> None:
    site = Site(tmp_path, OnReceive=[{"RemoteAet": "MR01"}])
    site.run_once()
    site.index.add("a")
    site.run_once()
    assert site.pending() == []
    assert site.ledger.counts()[State.IGNORED] == 1
    site.ledger.close_database()


def test_catching_up_ends_when_the_ledger_knows_what_was_received(site: Site) -> None:
    site.run_once()
    site.feeder.start()
    try:
        for number in range(1, 6):
            site.index.add(f"i{number}")
            site.feeder.catch_up(10)
            assert len(site.pending()) == number
    finally:
        site.feeder.stop()


def test_a_receipt_whose_change_was_deleted_is_processed_and_reported(site: Site) -> None:
    site.run_once()
    site.index.add("seen")
    site.index.add("missed", visible=False)
    for instance in ("seen", "missed"):
        site.feeder.received(instance)

    def noticed() -> bool:
        site.run_once()
        return bool(site.missed)

    wait_until(noticed)
    assert site.pending() == [("missed", 0), ("seen", 1)]
    assert site.missed == [MISSED]
    site.run_once()
    assert len(site.pending()) == 2


def test_the_thread_waits_out_what_fails_and_says_so_once(site: Site) -> None:
    site.index.fails = SourceError("Orthanc answers 503")
    site.feeder.start()
    try:
        wait_until(lambda: site.problems)
        site.index.fails = None
        site.index.add("a")
        site.feeder.received("a")
        wait_until(lambda: len(site.problems) > 1)
    finally:
        site.feeder.stop()
    assert site.problems == ["the feeder waits and tries again: Orthanc answers 503", None]


def test_the_thread_survives_an_unforeseen_error_and_does_not_log_its_text(site: Site) -> None:
    site.index.fails = RuntimeError("DOE^JOHN")
    site.feeder.start()
    try:
        wait_until(lambda: site.problems)
    finally:
        site.feeder.stop()
    assert site.problems[0] == "the feeder failed, and tries again: RuntimeError"
