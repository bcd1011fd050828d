"""What the routes answer in a real Orthanc beyond a job's start: profiles, quarantine, report, preview, results."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pydicom
import pytest
import requests

from support.data.studies import IDENTITY, NAME, ct_study, encoded
from support.servers.orthanc_server import OrthancServer, running, with_plugin
from support.waiting import wait_until

pytestmark = pytest.mark.integration

STORE_BOTH = {"Type": "Folder", "Profiles": ["neutral", "basic"]}
TEST_PROFILE = """
name = "let-through"
description = "admits images that are suspected of burned-in text"
[[pixels.rules]]
when = [{ attribute = "Modality", equals = "CT" }]
outcome = "accept"
"""


def suspected() -> bytes:
    """Return an image that says it has burned-in text."""
    [image] = ct_study(1, patient=7)
    image.BurnedInAnnotation = "YES"
    return encoded(image)


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancServer]:
    """An Orthanc that de-identifies what it receives into two folders, one of which admits a lenient profile."""
    folder = tmp_path_factory.mktemp("more")
    for name in ("a", "b", "profiles"):
        (folder / name).mkdir()
    (folder / "profiles" / "let-through.toml").write_text(TEST_PROFILE)
    stores = {
        "a": STORE_BOTH | {"Path": str(folder / "a")},
        "b": {"Type": "Folder", "Path": str(folder / "b"), "Profiles": ["neutral", "let-through"]},
    }
    section = {
        "Stores": stores,
        "Profiles": str(folder / "profiles"),
        "OnReceive": [{"Stores": ["a"], "Tags": {"PatientID": "*-7"}}],
    }
    with running(with_plugin(folder, {"Deidentify": section})) as server:
        yield server


@pytest.fixture(scope="module")
def study(orthanc: OrthancServer) -> dict[str, Any]:
    """Orthanc's answer for the last instance of a study of three that no rule wants."""
    return [orthanc.upload(encoded(image)) for image in ct_study(3)][-1]


@pytest.fixture(scope="module")
def held(orthanc: OrthancServer) -> dict[str, Any]:
    """The quarantined work of an image that says it has burned-in text, and Orthanc's answer for it."""
    answer = orthanc.upload(suspected())
    rows = wait_until(lambda: orthanc.get("/deidentify/quarantine"), 30, "it is quarantined")
    return {**rows[-1], **answer}


def wait_for_job(orthanc: OrthancServer, path: str) -> dict[str, Any]:
    def ended() -> dict[str, Any] | None:
        job = dict(orthanc.get(path))
        return None if job["State"] in ("Pending", "Running") else job

    return dict(wait_until(ended, 60, "the job ends"))


def test_an_instance_without_a_store_is_answered_as_dicom(
    orthanc: OrthancServer, study: dict[str, Any]
) -> None:
    answer = orthanc.post(f"/instances/{study['ID']}/deidentify", {"Profile": "basic"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/dicom")
    assert not [word for word in IDENTITY if word.encode() in answer.content]
    image = pydicom.dcmread(BytesIO(answer.content))
    assert image.PatientIdentityRemoved == "YES"
    again = orthanc.upload(answer.content)
    wait_until(lambda: orthanc.status()["Ignored"], 20, "the result is known when it comes back")
    orthanc.delete(f"/instances/{again['ID']}")


def test_an_instance_that_cannot_be_released_is_not_answered(
    orthanc: OrthancServer, held: dict[str, Any]
) -> None:
    answer = orthanc.post(f"/instances/{held['Instance']}/deidentify")
    assert answer.status_code == 422
    assert held["Rule"] in answer.json()["Details"]


def test_a_profile_that_no_store_admits_answers_no_dicom(
    orthanc: OrthancServer, study: dict[str, Any]
) -> None:
    answer = orthanc.post(f"/instances/{study['ID']}/deidentify", {"Profile": "research"})
    assert answer.status_code == 403


def test_a_synchronous_job_answers_how_it_ended(orthanc: OrthancServer, study: dict[str, Any]) -> None:
    body = {"Stores": ["a", "b"], "Synchronous": True, "Priority": 5}
    answer = orthanc.post(f"/studies/{study['ParentStudy']}/deidentify", body)
    assert answer.status_code == 200
    assert (answer.json()["State"], answer.json()["Delivered"]) == ("Success", 6)
    found = orthanc.get(f"/deidentify/studies/{study['ParentStudy']}")
    assert (found["State"], found["Instances"], found["Counts"]) == (
        "Delivered",
        3,
        {"Delivered": 6, "Ignored": 3},
    )
    for result in found["Results"]:
        assert len(list(Path(result["Folder"]).rglob("*.dcm"))) == 3
    for task in found["Works"]:
        if task["State"] == "Delivered":
            assert (orthanc.folder / task["Store"] / task["Output"]["File"]).exists()


def test_the_preview_shows_before_and_after_and_changes_nothing(
    orthanc: OrthancServer, study: dict[str, Any]
) -> None:
    settled = orthanc.settled()
    found = orthanc.get(f"/studies/{study['ParentStudy']}/deidentify-preview?profile=research")
    [instance] = found["Instances"]
    names = {change["Name"]: change for change in instance["Changes"]}
    assert instance["Deliverable"]
    assert names["PatientName"]["Before"] == NAME
    assert NAME not in (names["PatientName"]["After"] or "")
    assert names["PatientName"]["Path"] == "(0010,0010)"
    assert orthanc.settled() == settled
    assert NAME not in orthanc.log


def test_the_preview_says_why_nothing_would_be_released(orthanc: OrthancServer, held: dict[str, Any]) -> None:
    [instance] = orthanc.get(f"/instances/{held['Instance']}/deidentify-preview")["Instances"]
    assert not instance["Deliverable"]
    assert instance["Rule"] == held["Rule"]


def test_profiles_are_listed_shown_and_validated(orthanc: OrthancServer) -> None:
    profiles = {profile["Name"]: profile for profile in orthanc.get("/deidentify/profiles")}
    assert profiles["let-through"]["Stores"] == ["b"]
    assert orthanc.get("/deidentify/profiles/let-through")["Rules"]["pixels"]["rules"]
    valid = orthanc.post("/deidentify/profiles/validate", b'name = "mine"\n').json()
    assert valid == {"Valid": True, "Faults": []}
    faulty = orthanc.post("/deidentify/profiles/validate", b'name = "neutral"\nbasse = "x"\n').json()
    assert not faulty["Valid"]
    assert [fault.split(":")[0] for fault in faulty["Faults"]] == ["line 1, name", "line 2, basse"]


def test_what_is_quarantined_can_be_released_by_a_profile_that_the_store_admits(
    orthanc: OrthancServer, held: dict[str, Any]
) -> None:
    row = f"/deidentify/quarantine/{held['Row']}"
    study = f"/deidentify/studies/{held['ParentStudy']}"
    assert orthanc.get(study)["State"] == "Withheld"
    assert orthanc.post(f"{row}/release", {"Profile": "let-through"}).status_code == 403
    answer = orthanc.post(f"{row}/release", {"Profile": "let-through", "Store": "b"})
    assert wait_for_job(orthanc, answer.json()["Path"])["State"] == "Success"
    assert orthanc.get(study)["State"] == "Partial"  # the store that the rule names still lacks it
    assert orthanc.get("/deidentify/report")["PartialStudies"][0]["ID"] == held["ParentStudy"]


def test_what_is_held_back_can_be_listed_by_rule_and_tried_again(
    orthanc: OrthancServer, held: dict[str, Any]
) -> None:
    rows = orthanc.get(f"/deidentify/quarantine?rule={quote(held['Rule'])}")
    assert [row["Row"] for row in rows] == [held["Row"]]
    assert orthanc.get("/deidentify/quarantine?rule=none") == []
    assert orthanc.get(f"/deidentify/quarantine?since={held['Row']}") == []
    assert orthanc.get("/deidentify/quarantine?state=Failed") == []
    tried = held["LastUpdate"]
    assert orthanc.post("/deidentify/quarantine/retry", {"State": "Quarantined"}).json() == {"Retried": 1}
    wait_until(lambda: orthanc.get("/deidentify/quarantine"), 30, "it is quarantined again")
    assert orthanc.post(f"/deidentify/quarantine/{held['Row']}/retry").json() == {"Retried": 1}
    [row] = wait_until(lambda: orthanc.get("/deidentify/quarantine"), 30, "it is quarantined again")
    assert row["LastUpdate"] >= tried


def test_the_report_counts_and_is_a_page_for_a_browser(orthanc: OrthancServer, held: dict[str, Any]) -> None:
    report = orthanc.get("/deidentify/report")
    assert report["Rules"]["Quarantined"] == {held["Rule"]: 1}
    assert sum(hour.get("Quarantined", 0) for hour in report["Hours"]) >= 1
    page = requests.get(
        f"{orthanc.url}/deidentify/report", headers={"Accept": "text/html,*/*;q=0.8"}, timeout=20
    )
    assert page.headers["Content-Type"].startswith("text/html")
    assert held["Rule"] in page.text
    assert not [word for word in IDENTITY if word in page.text]


def test_jobs_are_listed_cancelled_and_tried_again(orthanc: OrthancServer, study: dict[str, Any]) -> None:
    paths = [
        orthanc.post(f"/series/{study['ParentSeries']}/deidentify", {"Store": "a"}).json()["Path"]
        for _ in range(2)
    ]
    for path in paths:
        wait_for_job(orthanc, path)
    newest, older = orthanc.get("/deidentify/jobs?limit=2")
    assert [newest["Path"], older["Path"]] == paths[::-1]
    [next_page] = orthanc.get(f"/deidentify/jobs?limit=1&since={newest['Number']}")
    assert next_page["Path"] == older["Path"]
    assert orthanc.post(f"{paths[0]}/cancel").json()["State"] == "Success"
    assert orthanc.post(f"{paths[0]}/retry").json()["Pending"] == 0


@pytest.mark.usefixtures("held")
def test_metrics_stand_among_orthancs_own(orthanc: OrthancServer) -> None:
    def shown() -> dict[str, float]:
        text = requests.get(f"{orthanc.url}/tools/metrics-prometheus", timeout=10).text
        lines = [line.split() for line in text.splitlines() if line.startswith("deidentify_")]
        return {line[0]: float(line[1]) for line in lines}

    found = wait_until(
        lambda: shown() if shown().get("deidentify_quarantined_total") == 1 else None,
        20,
        "the metrics are set",
    )
    state = orthanc.status()
    assert found["deidentify_delivered_total"] <= state["Delivered"] + state["Duplicate"]
    assert found["deidentify_seconds_count"] > 0
    assert set(found) == {
        "deidentify_pending",
        "deidentify_delivered_total",
        "deidentify_quarantined_total",
        "deidentify_failed_total",
        "deidentify_lost_total",
        "deidentify_seconds_sum",
        "deidentify_seconds_count",
    }
