"""The topology of compose.yaml, natively: clinic and research Orthanc, PostgreSQL for index and ledger."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pydicom
import pytest
import requests

from support.data.studies import IDENTITY, ct_study, encoded
from support.repository import ROOT
from support.servers.orthanc_server import OrthancServer, python_plugin, research, running, with_plugin
from support.servers.postgres import missing, postgres_server

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(bool(missing()), reason=missing() or "PostgreSQL is there"),
]

PLUGINS = Path(python_plugin()).parent


def clinic(folder: Path, peer: OrthancServer, database: str) -> OrthancServer:
    """Return the clinic's Orthanc: index and ledger in PostgreSQL, results to the research Orthanc."""
    assert peer.auth is not None
    url = urlsplit(database)
    postgresql = {"EnableIndex": True, "EnableStorage": False, "Host": url.hostname, "Port": url.port}
    postgresql |= {"Database": "postgres", "Username": url.username, "Password": "", "Lock": False}
    section = {
        "Stores": {"research": {"Type": "Orthanc", "Peer": "research", "Profiles": ["neutral", "basic"]}},
        "OnReceive": [{"Modality": "CT", "Stores": ["research"]}],
        "Ledger": database.removesuffix("/postgres") + "/ledger",
    }
    changes = {
        "Plugins": [python_plugin(), str(PLUGINS / "libOrthancPostgreSQLIndex.so")],
        "PostgreSQL": postgresql,
        "OrthancPeers": {"research": [peer.url, *peer.auth]},
        "Deidentify": section,
    }
    return with_plugin(folder, changes)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[OrthancServer, OrthancServer]]:
    folder = tmp_path_factory.mktemp("topology")
    with postgres_server() as database:
        script = (ROOT / "orthanc-config" / "ledger-database.sql").read_text(encoding="utf-8")
        subprocess.run(
            ["psql", "--quiet", database], input=script, text=True, check=True, capture_output=True
        )
        results = research(folder / "research")
        with running(results), running(clinic(folder / "clinic", results, database)) as intake:
            yield intake, results


def receive(intake: OrthancServer, images: list[pydicom.Dataset]) -> dict[str, Any]:
    """Send images to the clinic; return its state when all of them are settled."""
    before = intake.settled()
    for image in images:
        intake.upload(encoded(image))
    return intake.wait_idle(before + len(images))


def test_a_study_that_the_clinic_receives_is_found_in_research_without_identity(
    pair: tuple[OrthancServer, OrthancServer],
) -> None:
    intake, results = pair
    assert receive(intake, ct_study(5))["Delivered"] == 5
    found = results.get("/instances")
    assert len(found) == 5
    for instance in found:
        data = requests.get(f"{results.url}/instances/{instance}/file", auth=results.auth, timeout=10).content
        assert not [word for word in IDENTITY if word.encode() in data]


def test_research_serves_it_over_dicomweb(pair: tuple[OrthancServer, OrthancServer]) -> None:
    intake, results = pair
    receive(intake, ct_study(2, patient=1))
    headers = {"Accept": "application/dicom+json"}
    answer = requests.get(f"{results.url}/dicom-web/studies", auth=results.auth, headers=headers, timeout=10)
    studies = [pydicom.Dataset.from_json(study) for study in answer.json()]
    assert studies
    assert all(study.StudyInstanceUID.startswith("2.25.") for study in studies)
    assert requests.get(f"{results.url}/dicom-web/studies", timeout=10).status_code == 401


def test_what_no_rule_wants_stays_in_the_clinic(pair: tuple[OrthancServer, OrthancServer]) -> None:
    intake, results = pair
    before = intake.status()["Ignored"]
    (image,) = ct_study(1, patient=2)
    image.Modality = "MR"
    held = len(results.get("/instances"))
    assert receive(intake, [image])["Ignored"] == before + 1
    assert len(results.get("/instances")) == held


def test_what_waited_while_research_was_away_arrives_when_it_is_back(tmp_path: Path) -> None:
    results = research(tmp_path / "research")
    with postgres_server() as database:
        subprocess.run(
            ["psql", "--quiet", database, "-c", "CREATE DATABASE ledger"], check=True, capture_output=True
        )
        intake = clinic(tmp_path / "clinic", results, database)
        intake.configuration["Deidentify"]["Retry"] = {
            "FirstPause": 0.5,
            "LongestPause": 1.0,
            "Attempts": 100,
        }
        with running(intake):
            for image in ct_study(3):
                intake.upload(encoded(image))
            with running(results):
                assert intake.wait_idle(3)["Delivered"] == 3
                assert len(results.get("/instances")) == 3
