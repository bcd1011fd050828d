"""The plugin in Debian 13's Orthanc 1.12.7, with Python plugin 5.0 and Python 3.13: the main job, start to end."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
import requests
from pynetdicom import AE
from selenium.webdriver.common.by import By
from selenium.webdriver.support.expected_conditions import presence_of_all_elements_located
from selenium.webdriver.support.ui import WebDriverWait

from orthanc_deid.host.gateway import OrthancModule, RestOutput
from orthanc_deid.host.web.static_pages import APP, page_files, security_headers
from support.data.studies import IDENTITY, ct_study, encoded
from support.repository import ROOT
from support.servers.browser import chromium, console_errors
from support.servers.debian13 import Debian13, debian13, missing
from support.servers.fake_orthanc import FakeOrthanc, Output
from support.servers.orthanc_server import (
    OrthancServer,
    free_port,
    processes_of,
    running,
    with_plugin,
)
from support.waiting import wait_until

pytestmark = [
    pytest.mark.integration,
    pytest.mark.timeout(900),  # the first test of all makes the Debian
]

ABSENT = "11111111-11111111-11111111-11111111-11111111"
MANY = 300


@pytest.fixture(scope="module")
def debian(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Debian13]:
    """Debian 13; where it cannot be had the tests are skipped, but never in continuous integration."""
    reason = missing()
    if reason and not os.environ.get("CI"):
        pytest.skip(reason)
    assert not reason, reason
    with debian13(tmp_path_factory.getbasetemp()) as debian:
        yield debian


@pytest.fixture(scope="module")
def orthanc(debian: Debian13, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancServer]:
    with running(debian.with_plugin(tmp_path_factory.mktemp("trixie"))) as server:
        yield server


@pytest.fixture(scope="module")
def older(orthanc: OrthancServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancServer]:
    """This machine's own Orthanc, with the same key."""
    server = with_plugin(tmp_path_factory.mktemp("older"))
    shutil.copy2(orthanc.folder / "deidentify.key", server.folder / "deidentify.key")
    with running(server):
        assert server.get("/system")["Version"] != orthanc.get("/system")["Version"]
        yield server


def results(server: OrthancServer) -> list[Path]:
    """Return the files of all results."""
    return list(server.output.rglob("*.dcm"))


def tree(server: OrthancServer) -> dict[str, bytes]:
    """Return all results: path below the output -> bytes."""
    return {str(path.relative_to(server.output)): path.read_bytes() for path in results(server)}


def send_by_dicom(server: OrthancServer, folder: Path, images: list[pydicom.Dataset]) -> None:
    """Send images by C-STORE with dcmtk's storescu."""
    folder.mkdir()
    for number, image in enumerate(images):
        (folder / f"{number}.dcm").write_bytes(encoded(image))
    address = ["-aet", "STORESCU", "-aec", "ORTHANC", "127.0.0.1", str(server.dicom_port)]
    subprocess.run(["storescu", "+sd", *address, str(folder)], check=True, capture_output=True, timeout=60)


def test_it_is_the_newer_orthanc_with_the_newer_plugin_and_python(
    debian: Debian13, orthanc: OrthancServer
) -> None:
    assert orthanc.get("/system")["Version"] == "1.12.7"
    assert orthanc.get("/plugins/python")["Version"] == "5.0"
    assert debian.run(ROOT / ".venv" / "bin" / "python", "--version").startswith("Python 3.13.")


def test_what_arrives_by_dicom_and_rest_is_delivered_with_the_bytes_that_this_machines_own_orthanc_makes(
    orthanc: OrthancServer, older: OrthancServer, tmp_path: Path
) -> None:
    for server, folder in ((orthanc, "here"), (older, "there")):
        send_by_dicom(server, tmp_path / folder, ct_study(3))
        for image in ct_study(2, patient=1):
            server.upload(encoded(image))
        state = server.wait_idle(5)
        assert (state["Delivered"], state["Quarantined"], state["Failed"]) == (5, 0, 0)
    made = tree(orthanc)
    assert len(made) == 5
    assert made == tree(older)
    for data in made.values():
        assert not [word for word in IDENTITY if word.encode() in data]


def test_every_kind_of_answer_is_as_this_machines_own_orthanc_gives_it(
    orthanc: OrthancServer, older: OrthancServer
) -> None:
    (image,) = ct_study(1, patient=3)
    held, _ = (server.upload(encoded(image)) for server in (orthanc, older))
    study, instance = f"/studies/{held['ParentStudy']}", f"/instances/{held['ID']}"
    asked: list[tuple[str, str, bytes | None, dict[str, str]]] = [
        ("GET", "/deidentify/profiles", None, {}),
        ("GET", "/deidentify/profiles/neutral", None, {}),
        ("GET", f"{study}/deidentify-preview?profile=basic", None, {}),
        ("GET", f"{study}/deidentify-analysis", None, {}),
        ("POST", f"{instance}/deidentify", b'{"Profile": "basic"}', {}),
        ("POST", "/deidentify/profiles/validate", b"no TOML", {}),
        ("GET", "/deidentify/report", None, {"Accept": "text/html"}),
        *(("GET", f"{APP}/{name}", None, {}) for name in ("", *page_files())),
    ]
    for method, path, body, headers in asked:
        answers = [
            requests.request(method, server.url + path, data=body, headers=headers, timeout=60)
            for server in (orthanc, older)
        ]
        first, second = ((answer.status_code, answer.headers["Content-Type"]) for answer in answers)
        assert first == second, path
        if "report" not in path:
            assert answers[0].content == answers[1].content, path
    result = requests.post(f"{orthanc.url}{instance}/deidentify", data=b"{}", timeout=60)
    assert pydicom.dcmread(BytesIO(result.content)).PatientIdentityRemoved == "YES"


def test_the_page_is_sent_under_its_policy_and_not_twice(orthanc: OrthancServer) -> None:
    answer = requests.get(f"{orthanc.url}{APP}/", timeout=10)
    assert (answer.status_code, answer.content) == (200, page_files()["index.html"].content)
    assert answer.headers.items() >= security_headers().items()
    known = {"If-None-Match": answer.headers["ETag"]}
    again = requests.get(f"{orthanc.url}{APP}/", headers=known, timeout=10)
    assert (again.status_code, again.content) == (304, b"")


def test_the_button_and_the_page_work_there_in_a_browser(orthanc: OrthancServer, tmp_path: Path) -> None:
    suspected, image = ct_study(2, patient=4)
    suspected.BurnedInAnnotation = "YES"
    settled = orthanc.settled()
    held = [orthanc.upload(encoded(each)) for each in (suspected, image)][-1]
    orthanc.wait_idle(settled + 2)
    with chromium(tmp_path / "profile") as browser:
        wait = WebDriverWait(browser, 30, 0.1)
        browser.get(f"{orthanc.url}/app/explorer.html#study?uuid={held['ParentStudy']}")
        wait.until(lambda b: b.find_elements(By.CSS_SELECTOR, "#study #deidentify[data-ready]"))
        browser.find_element(By.ID, "deidentify-start").click()
        status = browser.find_element(By.ID, "deidentify-status")
        wait.until(lambda _: status.get_attribute("data-state") == "Partial")
        assert "suspected of burned-in text" in status.text
        wait.until(lambda b: b.find_elements(By.CSS_SELECTOR, ".deidentify-result .deidentify-details"))[
            0
        ].click()
        for view, sign in (
            (f"study/{held['ParentStudy']}", "#study-word"),
            (f"preview/studies/{held['ParentStudy']}", "#preview-list .notice"),
            (f"tags/studies/{held['ParentStudy']}", "#tags-found tbody tr"),
            ("overview", ".chart rect.delivered"),
            ("held", "#held tbody tr"),
            ("jobs", "#jobs tbody tr"),
        ):
            browser.get(f"{orthanc.url}{APP}/#{view}")
            wait.until(presence_of_all_elements_located((By.CSS_SELECTOR, sign)), view)
        assert not console_errors(browser)


def test_its_metrics_stand_among_orthancs_own(orthanc: OrthancServer) -> None:
    def shown() -> str:
        text = requests.get(f"{orthanc.url}/tools/metrics-prometheus", timeout=10).text
        return text if "deidentify_delivered_total" in text else ""

    assert "deidentify_pending" in wait_until(shown, 20, "the metrics are set")


def test_the_state_and_a_job_are_answered(orthanc: OrthancServer) -> None:
    state = orthanc.status()
    assert state["State"] == "Running"
    assert {"neutral", "basic"} <= set(state["Profiles"])
    settled = orthanc.settled()
    study = [orthanc.upload(encoded(image)) for image in ct_study(2, patient=2)][-1]["ParentStudy"]
    orthanc.wait_idle(settled + 2)
    answer = orthanc.post(f"/studies/{study}/deidentify")
    assert answer.status_code == 200
    job = orthanc.wait_for_job(answer.json()["Path"])
    assert (job["State"], job["Progress"], job["Duplicate"], job["Total"]) == ("Success", 100, 2, 2)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", f"/studies/{ABSENT}/deidentify", b"", 404),
        ("POST", f"/studies/{ABSENT}/deidentify", b'{"Profil": "basic"}', 400),
        ("GET", "/deidentify/jobs/nope", None, 404),
    ],
)
def test_an_error_has_orthancs_form(
    orthanc: OrthancServer, method: str, path: str, body: bytes | None, status: int
) -> None:
    answer = requests.request(method, orthanc.url + path, data=body, timeout=10)
    assert answer.status_code == status
    assert answer.json()["HttpStatus"] == status
    assert answer.json()["Uri"] == path


def test_a_wrong_verb_is_405(orthanc: OrthancServer) -> None:
    answer = requests.get(f"{orthanc.url}/studies/{ABSENT}/deidentify", timeout=10)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


def test_the_script_of_the_button_is_served(orthanc: OrthancServer) -> None:
    assert orthanc.get("/plugins/python")["ExtendsOrthancExplorer"] is True
    script = requests.get(f"{orthanc.url}/plugins/explorer.js", timeout=10)
    assert script.status_code == 200
    assert "../deidentify/app/button.js" in script.text
    module = requests.get(f"{orthanc.url}/deidentify/app/button.js", timeout=10)
    assert module.status_code == 200
    assert "deidentify-start" in module.text


def test_another_address_is_refused_by_http_and_by_dicom(orthanc: OrthancServer) -> None:
    other = "127.0.0.2"
    connection = http.client.HTTPConnection(
        "127.0.0.1", orthanc.http_port, timeout=10, source_address=(other, 0)
    )
    with closing(connection):
        connection.request("GET", "/instances")
        assert connection.getresponse().status in (401, 403)
    entity = AE(ae_title="STORESCU")
    entity.add_requested_context("1.2.840.10008.1.1")
    to = partial(entity.associate, "127.0.0.1", orthanc.dicom_port, ae_title="ORTHANC")
    assert not to(bind_address=(other, 0)).is_established
    local = to(bind_address=("127.0.0.1", 0))
    assert local.is_established
    local.release()


def test_stopped_or_killed_at_work_it_leaves_no_process_and_goes_on_at_the_next_start(
    debian: Debian13, tmp_path: Path
) -> None:
    server = debian.with_plugin(tmp_path, {"Deidentify": {"OnReceive": []}})
    with running(server):
        patient = [server.upload(encoded(image)) for image in ct_study(MANY)][-1]["ParentPatient"]
        assert server.get(f"/patients/{patient}/deidentify-preview")["Instances"], (
            "it has a worker of its own"
        )
        path = server.post(f"/patients/{patient}/deidentify").json()["Path"]
        stopped_in, done = interrupted(server, signal.SIGTERM, 1)
        assert stopped_in < 5  # Orthanc by itself takes three
        assert done < MANY, "it was stopped too late to prove anything"
        server.start()
        _, done = interrupted(server, signal.SIGKILL, done + 1)
        assert done < MANY, "it was killed too late to prove anything"
        server.start()
        job = server.wait_for_job(path)
        assert (job["State"], job["Delivered"] + job["Duplicate"]) == ("Success", MANY)
        assert len(results(server)) == MANY


def interrupted(server: OrthancServer, sign: signal.Signals, enough: int) -> tuple[float, int]:
    """End Orthanc by a signal once there are so many results: return the seconds it took, and how many there are."""
    assert server.process is not None
    session = server.process.pid
    wait_until(lambda: len(results(server)) >= enough, 60, "it is at work")
    assert len(processes_of(session)) > 1, "its workers are in its session"
    began = time.monotonic()
    status = server.stop(sign)
    seconds = time.monotonic() - began
    assert status == (0 if sign == signal.SIGTERM else -sign)
    wait_until(lambda: not processes_of(session), 5, "no child process is left")
    return seconds, len(results(server))


def test_the_gateway_uses_nothing_that_the_newer_module_lacks(debian: Debian13, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import json, orthanc, pathlib\n"
        "found = {'module': dir(orthanc), 'output': dir(orthanc.RestOutput),\n"
        "         'stopped': int(orthanc.ChangeType.ORTHANC_STOPPED)}\n"
        "pathlib.Path(__file__).with_name('found.json').write_text(json.dumps(found))\n"
        "raise SystemExit  # Orthanc need not start\n"
    )
    server = debian.with_plugin(tmp_path)
    server.configuration["PythonScript"] = str(script)
    server.start(wait=False)
    assert server.process is not None
    server.process.wait(30)
    found = json.loads((tmp_path / "found.json").read_text())
    assert {name for name in vars(OrthancModule) if name[:1].isupper()} <= set(found["module"])
    assert {name for name in vars(RestOutput) if name[:1].isupper()} <= set(found["output"])
    assert {name for name in vars(Output) if name[:1].isupper()} <= set(found["output"])
    assert found["stopped"] == FakeOrthanc.ChangeType.ORTHANC_STOPPED


def test_make_run_starts_there_and_ctrl_c_ends_it(debian: Debian13, tmp_path: Path) -> None:
    ports = {"HTTP_PORT": str(free_port()), "DICOM_PORT": str(free_port())}
    folders = {"DATA_DIR": str(tmp_path / "data"), "OUTPUT_DIR": str(tmp_path / "results")}
    screen = tmp_path / "screen"
    with screen.open("wb") as file:
        process = subprocess.Popen(
            debian.command(ROOT / "scripts" / "run.sh"),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            env={**os.environ, **debian.environment, **ports, **folders},
            start_new_session=True,
        )
    try:
        wait_until(lambda: b"Ctrl-C stops it" in screen.read_bytes(), 60, "run.sh says where to send")
        url = f"http://127.0.0.1:{ports['HTTP_PORT']}"
        for image in ct_study(2):
            requests.post(f"{url}/instances", data=encoded(image), timeout=10).raise_for_status()
        wait_until(lambda: len(list(tmp_path.glob("results/*/*/*/*.dcm"))) == 2, 60, "both are delivered")
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(30) == 0
        wait_until(lambda: not processes_of(process.pid), 5, "no child process is left")
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def test_its_mounts_are_seen_nowhere_else(debian: Debian13, orthanc: OrthancServer) -> None:
    assert orthanc.process is not None
    inside = Path(f"/proc/{orthanc.process.pid}/mountinfo").read_text(encoding="utf-8")
    assert str(ROOT) in inside
    assert str(debian.root) not in Path("/proc/self/mountinfo").read_text(encoding="utf-8")


def test_it_knows_this_machines_name(debian: Debian13) -> None:
    assert socket.gethostname() in debian.run("getent", "hosts", socket.gethostname())
