"""The routes: their responses, errors in the form of Orthanc, and that they never raise."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from orthanc_deid.pipeline.tasks import NewTask, Result
from support.servers.route_host import ABSENT, FIRST, SECOND, SERIES, STUDY, Host


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "output").mkdir()
    return tmp_path


@pytest.fixture
def host(folder: Path) -> Iterator[Host]:
    store = {"Type": "Folder", "Path": "output", "Profiles": ["neutral", "basic"]}
    host = Host(folder, {"Stores": {"output": store}})
    yield host
    host.ledger.close_database()


def test_the_state_says_what_there_is(host: Host) -> None:
    answer = host.orthanc.call("GET", "/deidentify")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json["State"] == "Running"
    assert answer.json["DefaultProfile"] == "neutral"
    assert answer.json["Profiles"] == {name: f"about {name}" for name in ("neutral", "basic", "other")}
    assert answer.json["Stores"] == {"output": {"Type": "Folder", "Profiles": ["neutral", "basic"]}}
    assert answer.json["Pending"] == 0
    assert answer.json["OldestPendingSeconds"] is None


def test_the_state_counts(host: Host) -> None:
    tasks = [NewTask(each, 1, "neutral", "output") for each in (FIRST, SECOND, ABSENT)]
    host.ledger.record([*tasks, NewTask(STUDY, 2, ignored=True)], 4, now=1e9)
    host.settle(Result.DELIVERED, Result.QUARANTINED)
    state = host.orthanc.call("GET", "/deidentify").json
    assert (state["Pending"], state["Delivered"], state["Quarantined"], state["Ignored"]) == (1, 1, 1, 1)
    assert state["OldestPendingSeconds"] > 0


def test_the_healthcheck_fails_while_work_cannot_go_on(host: Host) -> None:
    host.trouble = "the ledger failed (OperationalError)"
    answer = host.orthanc.call("GET", "/deidentify")
    assert answer.status == 503
    assert answer.json["State"] == "Impaired"


@pytest.mark.parametrize(
    ("path", "total"), [(f"/studies/{STUDY}", 2), (f"/series/{SERIES}", 2), (f"/instances/{FIRST}", 1)]
)
def test_a_job_covers_the_instances_of_its_resource(host: Host, path: str, total: int) -> None:
    answer = host.orthanc.call("POST", f"{path}/deidentify", b'{"Store": "output"}')
    assert answer.status == 200
    assert answer.json["Path"] == f"/deidentify/jobs/{answer.json['ID']}"
    assert host.rings == 1
    job = host.orthanc.call("GET", answer.json["Path"]).json
    assert (job["State"], job["Progress"], job["Total"], job["Resource"]) == ("Pending", 0, total, path)
    assert (job["Profile"], job["Stores"]) == ("neutral", ["output"])


@pytest.mark.parametrize(
    ("results", "state"),
    [
        ((Result.DELIVERED, Result.DELIVERED), "Success"),
        ((Result.DELIVERED, Result.DUPLICATE), "Success"),
        ((Result.DELIVERED, Result.QUARANTINED), "Partial"),
        ((Result.DELIVERED, Result.LOST), "Partial"),
        ((Result.QUARANTINED, Result.LOST), "Failure"),
        ((Result.DELIVERED,), "Running"),
    ],
)
def test_a_job_says_how_it_ends(host: Host, results: tuple[Result, ...], state: str) -> None:
    path = host.orthanc.call("POST", f"/studies/{STUDY}/deidentify").json["Path"]
    host.settle(*results)
    job = host.orthanc.call("GET", path).json
    assert job["State"] == state
    assert job["Progress"] == 50 * len(results)
    assert (job["CompletionTime"] is None) == (state == "Running")


def test_a_job_can_name_profile_and_store(host: Host) -> None:
    body = b'{"Profile": "basic", "Store": "output"}'
    path = host.orthanc.call("POST", f"/studies/{STUDY}/deidentify", body).json["Path"]
    assert host.orthanc.call("GET", path).json["Profile"] == "basic"


@pytest.mark.parametrize(
    ("body", "details"),
    [
        (b"[]", "the body must be a JSON object"),
        (b"{", "the body must be a JSON object"),
        (b"\xff", "the body must be a JSON object"),
        (b'{"Profil": "basic"}', "unknown key Profil; accepted: Profile, Store, Stores, Synchronous"),
        (b'{"Profile": "nope"}', "Profile: accepted: neutral, basic, other"),
        (b'{"Profile": 3}', "Profile: accepted"),
        (b'{"Store": "http://elsewhere"}', "Store: accepted: output"),
        (b'{"Store": ["output"]}', "Store: accepted: output"),
        (b'{"Stores": []}', "Stores: accepted: a list of output"),
        (b'{"Stores": ["output", "http://elsewhere"]}', "Stores: accepted: a list of output"),
        (b'{"Store": "output", "Stores": ["output"]}', "Stores: accepted: Store or Stores, not both"),
        (b'{"Synchronous": "yes"}', "Synchronous: accepted: true, false"),
        (b'{"Synchronous": true, "Asynchronous": true}', "Asynchronous: accepted: the opposite"),
        (b'{"Priority": 1.5}', "Priority: accepted: a whole number from -1000 to 1000"),
        (b'{"Priority": 1001}', "Priority: accepted: a whole number from -1000 to 1000"),
    ],
)
def test_a_bad_body_is_refused_with_the_key_at_fault(host: Host, body: bytes, details: str) -> None:
    answer = host.orthanc.call("POST", f"/studies/{STUDY}/deidentify", body)
    assert answer.status == 400
    assert answer.json["HttpStatus"] == 400
    assert answer.json["Details"].startswith(details)
    assert host.ledger.jobs() == []


def test_a_store_refuses_a_profile_that_it_does_not_admit(host: Host) -> None:
    answer = host.orthanc.call("POST", f"/studies/{STUDY}/deidentify", b'{"Profile": "other"}')
    assert answer.status == 403
    assert answer.json["Details"] == "the store output does not admit other; it admits: neutral, basic"


def test_with_several_stores_one_must_be_named(folder: Path) -> None:
    store = {"Type": "Folder", "Path": "output"}
    host = Host(folder, {"Stores": {"a": store, "b": store}, "OnReceive": []})
    assert host.orthanc.call("POST", f"/studies/{STUDY}/deidentify").status == 400
    assert host.orthanc.call("POST", f"/studies/{STUDY}/deidentify", b'{"Store": "b"}').status == 200
    host.ledger.close_database()


@pytest.mark.parametrize(
    ("method", "uri"),
    [
        ("POST", f"/studies/{ABSENT}/deidentify"),
        ("POST", f"/patients/{STUDY}/deidentify"),
        ("POST", "/studies/..%2Fsystem/deidentify"),
        ("GET", "/deidentify/jobs/nope"),
    ],
)
def test_an_unknown_resource_is_not_found(host: Host, method: str, uri: str) -> None:
    answer = host.orthanc.call(method, uri)
    assert answer.status == 404
    assert answer.headers["Content-Type"] == "application/json"
    assert (answer.json["HttpError"], answer.json["OrthancStatus"]) == ("Not Found", 17)
    assert (answer.json["Method"], answer.json["Uri"]) == (method, uri)


def test_an_error_is_answered_by_newer_plugins_too(host: Host) -> None:
    host.orthanc.plugin = 5
    answer = host.orthanc.call("GET", "/deidentify/jobs/nope")
    assert (answer.status, answer.json["HttpStatus"]) == (404, 404)


@pytest.mark.parametrize(
    ("method", "uri", "allowed"),
    [
        ("POST", "/deidentify", "GET"),
        ("DELETE", "/deidentify", "GET"),
        ("GET", f"/studies/{STUDY}/deidentify", "POST"),
        ("PUT", "/deidentify/jobs/1", "GET"),
    ],
)
def test_a_wrong_verb_is_answered_with_the_right_ones(
    host: Host, method: str, uri: str, allowed: str
) -> None:
    answer = host.orthanc.call(method, uri)
    assert (answer.status, answer.allowed) == (405, allowed)


@pytest.mark.parametrize(
    ("error", "status"),
    [(OperationalError("SELECT", {}, Exception("DOE^JOHN")), 503), (KeyError("DOE^JOHN"), 500)],
)
def test_an_error_inside_says_nothing_of_the_patient(
    host: Host, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(host.ledger, "counts", fail)
    answer = host.orthanc.call("GET", "/deidentify")
    assert answer.status == status
    assert "DOE" not in answer.body + "".join(host.orthanc.log)
    assert host.orthanc.log, "an error must be logged"


def test_a_job_repeats_what_was_delivered_before(host: Host) -> None:
    host.ledger.record([NewTask(FIRST, 7, "neutral", "output")], 7, now=1e9)
    host.settle(Result.DELIVERED)
    path = host.orthanc.call("POST", f"/instances/{FIRST}/deidentify", b'{"Store": "output"}').json["Path"]
    assert host.orthanc.call("GET", path).json["Total"] == 1
    task = host.ledger.claim("test", 1, 60, now=2e9)[0]
    assert (task.instance, task.seq) == (FIRST, 7)


def test_a_job_waits_for_what_was_received_just_now(host: Host) -> None:
    host.arriving = [NewTask(each, 9, ignored=True) for each in (FIRST, SECOND)]
    host.orthanc.call("POST", f"/studies/{STUDY}/deidentify")
    assert [task.seq for task in host.ledger.claim("test", 9, 60, now=2e9)] == [9, 9]
    host.orthanc.call("POST", f"/studies/{STUDY}/deidentify")
    assert host.catch_ups == 1, "what the ledger knows need not be waited for"
