"""`DeleteSource`: deletes only instances that every store has and whose bytes are those processed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from orthanc_deid.errors import LostError, SourceError
from orthanc_deid.host.feed.source_deletion import SourceDeletion
from orthanc_deid.ledger.queue.ledger import Ledger
from orthanc_deid.ledger.queue.requests import JobRequest
from orthanc_deid.pipeline.retry_policy import RetryPolicy
from orthanc_deid.pipeline.tasks import NewTask, Outcome, Result

MD5 = "0" * 32


class Orthanc:
    """Instances of Orthanc: id -> MD5. Serves as setup and as connection."""

    def __init__(self) -> None:
        self.held = dict.fromkeys(("i1", "i2", "i3"), MD5)
        self.down = False

    def open(self) -> Orthanc:
        return self

    def md5(self, instance: str) -> str:
        if self.down:
            raise SourceError("Orthanc cannot be reached")
        if instance not in self.held:
            raise LostError("Orthanc does not hold it")
        return self.held[instance]

    def delete(self, instance: str) -> None:
        del self.held[instance]


class Site:
    def __init__(self, folder: Path) -> None:
        self.orthanc = Orthanc()
        self.ledger = Ledger.open(f"sqlite:///{folder / 'ledger.db'}", "f" * 16, RetryPolicy(1, 1, 1))
        self.arriving: list[NewTask] = []
        setup = self.orthanc
        self.deletion = SourceDeletion(setup, self.ledger, self._catch_up, lambda _sentence: None)  # type: ignore[arg-type]

    def _catch_up(self) -> None:
        self.ledger.record(self.arriving, None, 2.0)

    def receive(self, *tasks: NewTask) -> None:
        self.ledger.record(tasks, None, 1.0)

    def settle(self, *results: Result, md5: str = MD5) -> None:
        tasks = self.ledger.claim("me", 10, 60, 1.0)
        assert len(tasks) == len(results)
        self.ledger.close(
            [Outcome(task, result, source_md5=md5) for task, result in zip(tasks, results, strict=True)], 1.0
        )

    def held(self) -> set[str]:
        self.deletion.run_once()
        return set(self.orthanc.held)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.ledger.close_database()


def received(instance: str, *stores: str, seq: int = 1) -> list[NewTask]:
    return [NewTask(instance, seq, "neutral", store) for store in stores]


@pytest.mark.parametrize("result", [Result.DELIVERED, Result.DUPLICATE])
def test_what_was_delivered_everywhere_is_deleted(site: Site, result: Result) -> None:
    site.receive(*received("i1", "a", "b"))
    site.settle(result, result)
    assert site.held() == {"i2", "i3"}
    assert site.ledger.sources() == []


@pytest.mark.parametrize("result", [Result.QUARANTINED, Result.RETRY, Result.RETRY_STORE, Result.RETURNED])
def test_what_one_store_lacks_stays(site: Site, result: Result) -> None:
    site.receive(*received("i1", "a", "b"))
    site.settle(Result.DELIVERED, result)
    assert "i1" in site.held()


def test_what_was_lacking_is_deleted_once_it_is_there(site: Site) -> None:
    site.receive(*received("i1", "a", "b"))
    site.settle(Result.DELIVERED, Result.QUARANTINED)
    assert "i1" in site.held()
    site.ledger.retry(2.0, [row.state for row in site.ledger.rows_of(["i1"])][1:])
    [task] = site.ledger.claim("me", 10, 60, 3.0)
    site.ledger.close([Outcome(task, Result.DELIVERED, source_md5=MD5)], 3.0)
    assert "i1" not in site.held()


def test_what_was_overwritten_meanwhile_stays(site: Site) -> None:
    site.receive(*received("i1", "a"))
    site.settle(Result.DELIVERED)
    site.orthanc.held["i1"] = "1" * 32
    assert "i1" in site.held()
    site.orthanc.held["i1"] = MD5
    assert "i1" in site.held(), "the look was final"


def test_what_was_overwritten_and_is_recorded_just_now_stays(site: Site) -> None:
    site.receive(*received("i1", "a"))
    site.settle(Result.DELIVERED)
    site.arriving = received("i1", "a", seq=2)
    assert "i1" in site.held()


def test_stores_that_processed_different_bytes_keep_the_source(site: Site) -> None:
    site.receive(*received("i1", "a"))
    site.settle(Result.DELIVERED, md5="2" * 32)
    site.ledger.add_job(JobRequest("instances", "i1", "neutral", ["b"]), [("i1", 1)], 1.0)
    site.settle(Result.DELIVERED)
    assert "i1" in site.held()


def test_what_only_a_request_delivered_stays(site: Site) -> None:
    site.receive(NewTask("i1", 1, ignored=True))
    site.ledger.add_job(JobRequest("instances", "i1", "neutral", ["a"]), [("i1", 1)], 1.0)
    site.settle(Result.DELIVERED)
    assert "i1" in site.held()


def test_what_a_job_still_wants_stays(site: Site) -> None:
    site.receive(*received("i1", "a"))
    site.settle(Result.DELIVERED)
    site.ledger.add_job(JobRequest("instances", "i1", "neutral", ["b"]), [("i1", 1)], 1.0)
    assert "i1" in site.held()


def test_without_deletion_nothing_is_remembered_for_it(site: Site) -> None:
    site.receive(*received("i1", "a"))
    site.settle(Result.DELIVERED, md5="")
    assert site.ledger.sources() == []
    assert "i1" in site.held()


def test_requests_to_an_unreachable_orthanc_are_repeated(site: Site) -> None:
    site.receive(*received("i1", "a"), *received("i2", "a"))
    site.settle(Result.DELIVERED, Result.DELIVERED)
    site.orthanc.down = True
    with pytest.raises(SourceError):
        site.deletion.run_once()
    site.orthanc.down = False
    assert site.held() == {"i3"}


def test_what_somebody_else_has_deleted_is_forgotten(site: Site) -> None:
    site.receive(*received("i1", "a"))
    site.settle(Result.DELIVERED)
    del site.orthanc.held["i1"]
    site.deletion.run_once()
    assert site.ledger.sources() == []
