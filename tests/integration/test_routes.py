"""The routes in a real Orthanc: their statuses, a job from its start to its end, and who may use them."""

from __future__ import annotations

import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pydicom
import pytest
import requests
from urllib3.exceptions import InsecureRequestWarning

from support.data.studies import IDENTITY, ct_study, encoded
from support.servers.orthanc_server import OrthancServer, plain, running, with_plugin
from support.waiting import wait_until

pytestmark = pytest.mark.integration

ABSENT = "11111111-11111111-11111111-11111111-11111111"


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancServer]:
    """An Orthanc that does nothing by itself, so that tests see what a route starts."""
    with running(with_plugin(tmp_path_factory.mktemp("routes"), {"Deidentify": {"OnReceive": []}})) as server:
        yield server


@pytest.fixture(scope="module")
def study(orthanc: OrthancServer) -> dict[str, Any]:
    """Orthanc's answer for the last instance of a study of three."""
    return [orthanc.upload(encoded(image)) for image in ct_study(3)][-1]


def test_the_state_names_profiles_and_stores(orthanc: OrthancServer) -> None:
    state = orthanc.status()
    assert state["State"] == "Running"
    assert {"neutral", "basic"} <= set(state["Profiles"])
    assert state["Stores"] == {"output": {"Type": "Folder", "Profiles": ["neutral", "basic"]}}


def test_a_job_delivers_a_study(orthanc: OrthancServer, study: dict[str, Any]) -> None:
    answer = orthanc.post(f"/studies/{study['ParentStudy']}/deidentify")
    assert answer.status_code == 200
    assert set(answer.json()) == {"ID", "Path"}
    job = orthanc.wait_for_job(answer.json()["Path"])
    assert (job["State"], job["Progress"], job["Delivered"], job["Total"]) == ("Success", 100, 3, 3)
    files = sorted(orthanc.output.rglob("*.dcm"))
    assert len(files) == 3
    for file in files:
        data = file.read_bytes()
        assert not [word for word in IDENTITY if word.encode() in data]
        assert pydicom.dcmread(file).PatientIdentityRemoved == "YES"


@pytest.mark.parametrize(("level", "key"), [("patients", "ParentPatient"), ("series", "ParentSeries")])
def test_a_second_job_for_the_same_finds_everything_there(
    orthanc: OrthancServer, study: dict[str, Any], level: str, key: str
) -> None:
    test_a_job_delivers_a_study(orthanc, study) if not list(orthanc.output.rglob("*.dcm")) else None
    answer = orthanc.post(f"/{level}/{study[key]}/deidentify", {"Profile": "neutral", "Store": "output"})
    job = orthanc.wait_for_job(answer.json()["Path"])
    assert (job["State"], job["Duplicate"]) == ("Success", 3)


@pytest.mark.parametrize("level", ["patients", "studies", "series", "instances"])
def test_an_unknown_resource_is_404_in_orthancs_form(orthanc: OrthancServer, level: str) -> None:
    ours = orthanc.post(f"/{level}/{ABSENT}/deidentify")
    theirs = orthanc.post(f"/{level}/{ABSENT}/anonymize", {})
    assert ours.status_code == theirs.status_code == 404
    assert set(theirs.json()) <= set(ours.json())


def test_an_unknown_job_is_404(orthanc: OrthancServer) -> None:
    assert requests.get(f"{orthanc.url}/deidentify/jobs/nope", timeout=10).status_code == 404


@pytest.mark.parametrize(
    ("body", "key"),
    [({"Profil": "basic"}, "Profil"), ({"Profile": "x"}, "Profile"), ({"Store": "x"}, "Store")],
)
def test_a_bad_body_is_400_and_names_the_key(
    orthanc: OrthancServer, study: dict[str, Any], body: dict[str, str], key: str
) -> None:
    answer = orthanc.post(f"/studies/{study['ParentStudy']}/deidentify", body)
    assert answer.status_code == 400
    assert key in answer.json()["Details"]


def test_a_profile_that_the_store_does_not_admit_is_403(
    orthanc: OrthancServer, study: dict[str, Any]
) -> None:
    other = next(name for name in orthanc.status()["Profiles"] if name not in ("neutral", "basic"))
    answer = orthanc.post(f"/studies/{study['ParentStudy']}/deidentify", {"Profile": other})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/deidentify", "GET"),
        ("GET", f"/studies/{ABSENT}/deidentify", "POST"),
        ("DELETE", "/deidentify/jobs/nope", "GET"),
    ],
)
def test_a_wrong_verb_is_405_and_says_which_is_right(
    orthanc: OrthancServer, method: str, path: str, allowed: str
) -> None:
    answer = requests.request(method, orthanc.url + path, timeout=10)
    assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)


def test_without_credentials_every_route_is_401_and_the_work_goes_on_with_them(tmp_path: Path) -> None:
    changes = {"AuthenticationEnabled": True, "RegisteredUsers": {"clinician": "invented password"}}
    server = with_plugin(tmp_path, changes)
    server.auth = ("clinician", "invented password")
    with running(server):
        for method, path in (
            ("GET", "/deidentify"),
            ("GET", "/deidentify/jobs/1"),
            ("POST", f"/studies/{ABSENT}/deidentify"),
        ):
            assert requests.request(method, server.url + path, timeout=10).status_code == 401
        for image in ct_study(2):
            server.upload(encoded(image))
        state = server.wait_idle(2)
        assert state["Delivered"] == 2


def certificate(folder: Path) -> Path:
    """Make a self-signed certificate for the machine's name, and return its file: certificate and key."""
    key, made = folder / "key.pem", folder / "made.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=pacs.example",
    ]
    subprocess.run([*command, "-keyout", key, "-out", made], check=True, capture_output=True)
    both = folder / "certificate.pem"
    both.write_bytes(made.read_bytes() + key.read_bytes())
    return both


def answers_by_https(folder: Path, settings: dict[str, Any]) -> bool:
    """Whether Orthanc itself, without the plugin, survives a request by https: Debian 12's and 13's do not."""
    server = plain(folder, settings)
    server.start(wait=False)
    try:
        wait_until(lambda: "Orthanc has started" in server.log, 30, "Orthanc starts")
        return requests.get(f"{server.url}/system", verify=False, timeout=10).ok  # noqa: S501 - our own, just made
    except requests.ConnectionError:
        return False
    finally:
        server.stop()


def test_the_work_goes_on_where_orthanc_answers_by_https_alone(tmp_path: Path) -> None:
    tmp_path.joinpath("server").mkdir()
    certificate(tmp_path / "server")
    settings = {"SslEnabled": True, "SslCertificate": str(tmp_path / "server" / "certificate.pem")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InsecureRequestWarning)
        if not answers_by_https(tmp_path / "plain", settings):
            pytest.skip("this Orthanc crashes at the first request by https, without the plugin too")
    server = with_plugin(tmp_path / "server", settings)
    server.session.verify = False
    with warnings.catch_warnings(), running(server):
        warnings.simplefilter("ignore", InsecureRequestWarning)
        for image in ct_study(2):
            server.upload(encoded(image))
        assert server.wait_idle(2)["Delivered"] == 2


def test_our_own_output_coming_back_is_not_processed_again(tmp_path: Path) -> None:
    with running(with_plugin(tmp_path)) as server:
        for image in ct_study(2):
            server.upload(encoded(image))
        assert server.wait_idle(2)["Delivered"] == 2
        for file in server.output.rglob("*.dcm"):
            server.upload(file.read_bytes())
        state = server.wait_idle(4)
        assert (state["Delivered"], state["Ignored"]) == (2, 2)
        assert len(list(server.output.rglob("*.dcm"))) == 2
