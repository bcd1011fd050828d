"""The routes of quarantine, studies, jobs and report: accepted requests and their responses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orthanc_deid.pipeline.tasks import NewTask, Result, State
from support.servers.route_host import ABSENT, FIRST, SECOND, STUDY, Host

QUARANTINE = "/deidentify/quarantine"


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    (tmp_path / "output").mkdir()
    store = {"Type": "Folder", "Path": "output", "Profiles": ["neutral", "basic"]}
    host = Host(tmp_path, {"Stores": {"output": store}})
    host.orthanc.resources[f"/instances/{FIRST}/study"] = {"ID": STUDY}
    host.ledger.record([NewTask(each, 1, "neutral", "output") for each in (FIRST, SECOND)], 1, now=1e9)
    yield host
    host.ledger.close_database()


def row(host: Host, state: State = State.QUARANTINED) -> str:
    return f"{QUARANTINE}/{host.ledger.rows(state)[0].id}"


@pytest.mark.parametrize(
    ("results", "state"),
    [
        ((), "Pending"),
        ((Result.DELIVERED,), "Pending"),
        ((Result.DELIVERED, Result.DELIVERED), "Delivered"),
        ((Result.DELIVERED, Result.DUPLICATE), "Delivered"),
        ((Result.DELIVERED, Result.LOST), "Partial"),
        ((Result.QUARANTINED, Result.DELIVERED), "Partial"),
        ((Result.QUARANTINED, Result.LOST), "Withheld"),
        ((Result.IGNORED, Result.IGNORED), "Ignored"),
    ],
)
def test_a_study_says_what_became_of_it(host: Host, results: tuple[Result, ...], state: str) -> None:
    if results:
        host.settle(*results)
    found = host.orthanc.call("GET", f"/deidentify/studies/{STUDY}").json
    assert (found["State"], found["Instances"], len(found["Works"])) == (state, 2, 2)


def test_a_study_without_tasks_is_unknown(host: Host) -> None:
    host.orthanc.resources[f"/series/{ABSENT}"] = {"Instances": [ABSENT]}
    host.orthanc.resources[f"/studies/{ABSENT}"] = {"Series": [ABSENT]}
    assert host.orthanc.call("GET", f"/deidentify/studies/{ABSENT}").json["State"] == "Unknown"


def test_a_released_instance_makes_its_study_whole(host: Host) -> None:
    host.settle(Result.QUARANTINED, Result.DELIVERED)
    answer = host.orthanc.call("POST", f"{row(host)}/release", b'{"Profile": "basic"}')
    assert host.orthanc.call("GET", answer.json["Path"]).json["Profile"] == "basic"
    host.settle(Result.DELIVERED)
    assert host.orthanc.call("GET", f"/deidentify/studies/{STUDY}").json["State"] == "Delivered"


@pytest.mark.parametrize(
    ("state", "body", "status"),
    [
        (Result.QUARANTINED, b'{"Profile": "other"}', 403),
        (Result.QUARANTINED, b'{"Profile": "nope"}', 400),
        (Result.QUARANTINED, b"{}", 400),
        (Result.QUARANTINED, b'{"Profile": "basic", "Store": "elsewhere"}', 400),
        (Result.LOST, b'{"Profile": "basic"}', 409),
        (Result.DELIVERED, b'{"Profile": "basic"}', 404),
    ],
)
def test_a_release_that_may_not_be_is_refused(host: Host, state: Result, body: bytes, status: int) -> None:
    host.settle(state)
    assert host.orthanc.call("POST", f"{QUARANTINE}/1/release", body).status == status
    assert host.ledger.jobs() == []


@pytest.mark.parametrize("path", [f"{QUARANTINE}/99", f"{QUARANTINE}/99/retry", f"{QUARANTINE}/99/release"])
def test_a_number_that_nothing_has_is_not_found(host: Host, path: str) -> None:
    method = "GET" if path.endswith("99") else "POST"
    assert host.orthanc.call(method, path).status == 404


def test_a_second_try_while_the_first_is_under_way_is_none(host: Host) -> None:
    host.settle(Result.QUARANTINED)
    assert host.orthanc.call("POST", f"{QUARANTINE}/1/retry").json == {"Retried": 1}
    again = host.orthanc.call("POST", f"{QUARANTINE}/1/retry")
    assert (again.status, again.json) == (200, {"Retried": 0})


def test_a_study_that_is_deleted_while_the_report_is_made_is_left_out(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.settle(Result.QUARANTINED)
    monkeypatch.setattr("orthanc_deid.host.routes.report_routes.study_of", lambda _gateway, _instance: ABSENT)
    report = host.orthanc.call("GET", "/deidentify/report")
    assert (report.status, report.json["PartialStudies"]) == (200, [])


@pytest.mark.parametrize("query", [{"state": "Delivered"}, {"since": "-1"}, {"limit": "0"}, {"limit": "x"}])
def test_a_bad_query_is_refused_with_the_key_at_fault(host: Host, query: dict[str, Any]) -> None:
    answer = host.orthanc.call("GET", QUARANTINE, **query)
    assert answer.status == 400
    assert next(iter(query)) in answer.json["Details"]


def test_a_percent_sign_in_the_query_stands_for_what_it_stands_for(host: Host) -> None:
    host.settle(Result.QUARANTINED)
    assert len(host.orthanc.call("GET", QUARANTINE, rule="%72").json) == 1  # its rule is "r"
    assert host.orthanc.call("GET", QUARANTINE, rule="s").json == []


def test_only_what_the_store_still_admits_is_tried_again(host: Host) -> None:
    host.ledger.record([NewTask(ABSENT, 1, "other", "output")], 1, now=1e9)
    host.settle(Result.QUARANTINED, Result.QUARANTINED, Result.QUARANTINED)
    [other] = [each for each in host.ledger.rows(State.QUARANTINED) if each.profile == "other"]
    assert host.orthanc.call("POST", f"{QUARANTINE}/{other.id}/retry").status == 403
    answer = host.orthanc.call("POST", f"{QUARANTINE}/retry", b'{"State": "Quarantined"}')
    assert answer.json == {"Retried": 2}
    assert [each.id for each in host.ledger.rows(State.QUARANTINED)] == [other.id]


def test_a_cancelled_job_can_be_tried_again(host: Host) -> None:
    host.settle(Result.DELIVERED, Result.DELIVERED)
    path = host.orthanc.call("POST", f"/studies/{STUDY}/deidentify").json["Path"]
    cancelled = host.orthanc.call("POST", f"{path}/cancel").json
    assert (cancelled["State"], cancelled["Cancelled"]) == ("Cancelled", 2)
    assert host.orthanc.call("POST", f"{path}/retry").json["State"] == "Pending"


def test_a_synchronous_job_that_takes_long_says_how_far_it_is(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = host.routes._groups[0]
    monkeypatch.setattr(jobs, "_wait_seconds", 0.1)
    answer = host.orthanc.call("POST", f"/studies/{STUDY}/deidentify", b'{"Synchronous": true}')
    assert (answer.status, answer.json["State"], answer.json["Total"]) == (200, "Pending", 2)


def test_the_report_names_partial_studies_and_what_was_lost(host: Host) -> None:
    host.settle(Result.QUARANTINED, Result.DELIVERED)
    report = host.orthanc.call("GET", "/deidentify/report").json
    assert [(each["ID"], each["State"]) for each in report["PartialStudies"]] == [(STUDY, "Partial")]
    assert report["Rules"] == {"Quarantined": {"r": 1}, "Failed": {}, "Lost": {}}
    assert report["Counts"]["Delivered"] == 1


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        ("text/html,application/xhtml+xml,*/*;q=0.8", True),
        ("application/json, text/html", False),
        ("", False),
    ],
)
def test_the_report_is_a_page_for_who_wants_one(host: Host, accept: str, page: bool) -> None:
    answer = host.orthanc.call("GET", "/deidentify/report", headers={"accept": accept})
    assert answer.headers["Content-Type"].startswith("text/html") == page
    assert answer.headers["Cache-Control"] == "no-store"
