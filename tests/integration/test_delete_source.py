"""Sources deleted after delivery, and Orthanc's own anonymize verbs answered by our engine, in a real Orthanc."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
import pytest

from support.data.studies import IDENTITY, ct_study, encoded
from support.servers.orthanc_server import OrthancServer, free_port, running, with_plugin
from support.waiting import wait_until

pytestmark = pytest.mark.integration

RETRY = {"FirstPause": 0.2, "LongestPause": 0.5, "Attempts": 2}


def held(orthanc: OrthancServer) -> list[str]:
    return list(orthanc.get("/instances"))


def test_what_every_store_has_is_deleted_and_nothing_else(tmp_path: Path) -> None:
    quarantined, ignored = ct_study(2, patient=3)
    quarantined.BurnedInAnnotation = "YES"
    ignored.PatientID = "IGNORED"
    changes = {
        "Deidentify": {
            "DeleteSource": "AfterDelivery",
            "OnReceive": [{"Tags": {"PatientID": "IGNORED"}, "Ignore": True}, {}],
        }
    }
    with running(with_plugin(tmp_path, changes)) as server:
        kept = [server.upload(encoded(image))["ID"] for image in (quarantined, ignored)]
        for image in ct_study(3):
            server.upload(encoded(image))
        server.wait_idle(5)
        wait_until(lambda: sorted(held(server)) == sorted(kept), 30, "the delivered ones are deleted")
        assert len(list(server.output.rglob("*.dcm"))) == 3
        job = server.post(f"/instances/{kept[1]}/deidentify", {"Store": "output", "Synchronous": True}).json()
        assert job["Delivered"] == 1


def test_a_source_stays_while_one_of_its_stores_lacks_it(tmp_path: Path) -> None:
    (tmp_path / "output").mkdir()
    stores = {
        "output": {"Type": "Folder", "Path": str(tmp_path / "output")},
        "away": {"Type": "Orthanc", "Peer": "away"},
    }
    changes = {
        "OrthancPeers": {"away": [f"http://127.0.0.1:{free_port()}/"]},
        "Deidentify": {
            "DeleteSource": "AfterDelivery",
            "Stores": stores,
            "OnReceive": [{"Stores": ["output", "away"]}],
            "Retry": RETRY,
        },
    }
    with running(with_plugin(tmp_path, changes)) as server:
        server.upload(encoded(ct_study(1)[0]))
        state = server.wait_idle(2)
        assert (state["Delivered"], state["Failed"]) == (1, 1)
        server.stop()
        server.start()  # what is to be deleted is looked for at a start
        assert len(held(server)) == 1


def test_what_was_delivered_before_a_crash_is_deleted_after_it(tmp_path: Path) -> None:
    server = with_plugin(tmp_path, {"Deidentify": {"OnReceive": [{}], "DeleteSource": "AfterDelivery"}})
    with running(server):
        for image in ct_study(20):
            server.upload(encoded(image))
        server.kill()
        server.start()
        wait_until(lambda: not held(server), 60, "all are delivered and deleted")
        assert len(list(server.output.rglob("*.dcm"))) == 20
        assert server.status()["Lost"] == 0


@pytest.fixture(scope="module")
def overridden(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancServer]:
    changes = {"Deidentify": {"OnReceive": [], "OverrideAnonymize": True}}
    with running(with_plugin(tmp_path_factory.mktemp("verbs"), changes)) as server:
        yield server


@pytest.fixture(scope="module")
def study(overridden: OrthancServer) -> dict[str, Any]:
    return [overridden.upload(encoded(image)) for image in ct_study(2)][-1]


def test_the_native_verb_on_an_instance_answers_what_the_profile_makes(
    overridden: OrthancServer, study: dict[str, Any]
) -> None:
    body = {"Keep": ["PatientName", "PatientID"], "Force": True}
    answer = overridden.post(f"/instances/{study['ID']}/anonymize", body)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/dicom")
    assert not [word for word in IDENTITY if word.encode() in answer.content]
    assert pydicom.dcmread(BytesIO(answer.content)).StudyDate == "20000101"


def test_the_native_verb_on_a_study_is_a_job_of_ours(
    overridden: OrthancServer, study: dict[str, Any]
) -> None:
    path = f"/studies/{study['ParentStudy']}/anonymize"
    done = overridden.post(path, {"Keep": ["PatientName"]}).json()
    assert (done["State"], done["Total"], done["Unheeded"]) == ("Success", 2, ["Keep"])
    assert len(held(overridden)) == 2, "nothing is added to the clinic's own Orthanc"
    started = overridden.post(path, {"Asynchronous": True}).json()
    assert started["Path"] == f"/deidentify/jobs/{started['ID']}"
    assert overridden.post(path, {"Kepp": []}).status_code == 400


def test_the_native_verb_on_several_resources_is_one_job(
    overridden: OrthancServer, study: dict[str, Any]
) -> None:
    resources = [study["ParentSeries"], study["ID"]]
    done = overridden.post("/tools/bulk-anonymize", {"Resources": resources}).json()
    assert (done["State"], done["Total"]) == ("Success", 2)
    absent = "11111111-11111111-11111111-11111111-11111111"
    assert overridden.post("/tools/bulk-anonymize", {"Resources": [absent]}).status_code == 404
