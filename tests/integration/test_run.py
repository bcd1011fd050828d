"""`make run`: one command that starts a real Orthanc, says where to send, lets nobody else in, and stops cleanly."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests

from support.repository import ROOT
from support.servers.orthanc_server import (
    OrthancServer,
    free_port,
    processes_of,
    with_plugin,
)
from support.waiting import wait_until

pytestmark = pytest.mark.integration

START_SECONDS = 600  # the first start of all installs what is missing
SECOND_START_SECONDS = 15


class Run:
    """`scripts/run.sh` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.http_port, self.dicom_port = free_port(), free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = {
            **os.environ,
            "HTTP_PORT": str(self.http_port),
            "DICOM_PORT": str(self.dicom_port),
            "DATA_DIR": str(self.folder / "data"),
            "OUTPUT_DIR": str(self.folder / "results"),
        }
        with (self.folder / "screen").open("wb") as screen:
            self.process = subprocess.Popen(
                [ROOT / "scripts" / "run.sh"],
                stdin=subprocess.DEVNULL,
                stdout=screen,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,
            )

    @property
    def screen(self) -> str:
        return (self.folder / "screen").read_text(encoding="utf-8", errors="replace")

    def wait_until_announced(self) -> None:
        process = self.process
        assert process is not None

        def announced() -> bool:
            assert process.poll() is None, self.screen
            return "Ctrl-C stops it" in self.screen

        wait_until(announced, START_SECONDS, "run.sh says where to send")

    def stop(self) -> int:
        """Press Ctrl-C: the terminal sends SIGINT to the whole process group."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(30)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    run = Run(tmp_path_factory.mktemp("run"))
    run.start()
    run.wait_until_announced()
    yield run
    if run.process is not None and run.process.poll() is None:
        run.stop()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> OrthancServer:
    """An Orthanc as `make run` configures it, that each test starts by itself."""
    return with_plugin(tmp_path_factory.mktemp("server"))


def test_it_says_where_to_send_and_where_results_appear(run: Run) -> None:
    assert f"127.0.0.1 {run.dicom_port}" in run.screen
    assert f"http://127.0.0.1:{run.http_port}/instances" in run.screen
    assert str(run.folder / "results") in run.screen
    assert requests.get(f"http://127.0.0.1:{run.http_port}/deidentify", timeout=10).status_code == 200


def test_the_intake_is_its_owners_alone(run: Run) -> None:
    assert stat.S_IMODE((run.folder / "data").stat().st_mode) == 0o700
    assert stat.S_IMODE((run.folder / "data" / "deidentify.key").stat().st_mode) == 0o600


def other_addresses() -> list[tuple[str, str]]:
    """Return pairs (from, to) of this machine's own addresses that are not 127.0.0.1 -> 127.0.0.1."""
    pairs = [("127.0.0.2", "127.0.0.1")]
    listing = subprocess.run(["hostname", "-I"], capture_output=True, text=True, check=True).stdout
    own = [address for address in listing.split() if ":" not in address]
    return pairs + [(address, address) for address in own[:1]]


@pytest.mark.parametrize(("source", "target"), other_addresses())
def test_another_address_is_refused_by_http(run: Run, source: str, target: str) -> None:
    connection = http.client.HTTPConnection(target, run.http_port, timeout=10, source_address=(source, 0))
    with closing(connection):
        connection.request("GET", "/instances")
        answer = connection.getresponse()
        assert answer.status in (401, 403)
        assert answer.read() == b""


@pytest.mark.parametrize(("source", "target"), other_addresses())
@pytest.mark.parametrize("sop_class", ["1.2.840.10008.1.1", "1.2.840.10008.5.1.4.1.1.2"])
def test_another_address_is_refused_by_dicom(run: Run, source: str, target: str, sop_class: str) -> None:
    from pynetdicom import AE

    entity = AE(ae_title="STORESCU")
    entity.add_requested_context(sop_class)
    association = entity.associate(target, run.dicom_port, ae_title="ORTHANC", bind_address=(source, 0))
    # Orthanc closes the connection behind its rejection, which a caller may see as an abort.
    assert not association.is_established
    assert association.is_rejected or association.is_aborted
    local = entity.associate("127.0.0.1", run.dicom_port, ae_title="ORTHANC", bind_address=("127.0.0.1", 0))
    assert local.is_established
    local.release()


@pytest.mark.parametrize(("calling", "called"), [("ELSE", "ORTHANC"), ("STORESCU", "ELSE")])
def test_another_application_entity_is_refused(run: Run, calling: str, called: str) -> None:
    from pynetdicom import AE

    entity = AE(ae_title=calling)
    entity.add_requested_context("1.2.840.10008.1.1")
    association = entity.associate("127.0.0.1", run.dicom_port, ae_title=called)
    assert not association.is_established
    assert association.is_rejected or association.is_aborted


def test_ctrl_c_ends_it_cleanly_and_the_second_start_takes_seconds(run: Run) -> None:
    assert run.process is not None
    session = run.process.pid
    began = time.monotonic()
    assert run.stop() == 0
    assert time.monotonic() - began < 5  # Orthanc by itself takes three
    wait_until(lambda: not processes_of(session), 5, "no child process is left")
    began = time.monotonic()
    run.start()
    run.wait_until_announced()
    assert time.monotonic() - began < SECOND_START_SECONDS


def test_a_taken_port_is_said_so(tmp_path: Path) -> None:
    run = Run(tmp_path)
    with socket.socket() as taken:
        taken.bind(("", 0))
        taken.listen()
        run.http_port = taken.getsockname()[1]
        run.start()
        assert run.process is not None
        assert run.process.wait(START_SECONDS) == 1
    assert f"port {run.http_port} is taken" in run.screen
    assert "HTTP_PORT=" in run.screen


def test_a_port_that_is_none_is_said_so(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.http_port = 70000
    run.start()
    assert run.process is not None
    assert run.process.wait(START_SECONDS) == 1
    assert "HTTP_PORT must be a port number" in run.screen


def refused(server: OrthancServer) -> str:
    """Start a server that must refuse to, and return what its log said."""
    before = len(server.log)
    server.start(wait=False)
    assert server.process is not None
    assert server.process.wait(30) == 255
    return server.log[before:]


def test_a_key_that_others_can_read_is_refused(server: OrthancServer) -> None:
    server.start()
    server.stop()
    key = server.folder / "deidentify.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    key.chmod(0o640)
    assert "refusing to start. KeyFile" in refused(server)
    key.chmod(0o600)


def test_another_key_than_the_ledgers_is_refused_and_never_shown(server: OrthancServer) -> None:
    key = server.folder / "deidentify.key"
    kept = key.read_text()
    key.write_text("ab" * 32 + "\n")
    log = refused(server)
    assert "refusing to start. KeyFile" in log
    assert "ab" * 32 not in log
    key.unlink()
    assert "refusing to start. KeyFile" in refused(server)
    assert not key.exists(), "a key is made only where no ledger exists"
    key.write_text(kept)
    key.chmod(0o600)
    server.start()
    assert kept.strip() not in server.log + json.dumps(server.status())
    server.stop()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"Deidentify": {"Profle": "basic"}}, "Deidentify: unknown key Profle (did you mean Profile?)"),
        ({"Deidentify": {"Profile": "netral"}}, "Deidentify.Profile: no profile netral; accepted: basic"),
        ({"MaximumPatientCount": 3}, "MaximumPatientCount: Orthanc would delete patients"),
    ],
)
def test_bad_settings_stop_orthanc_and_the_log_names_the_key(
    tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    assert f"refusing to start. {message}" in refused(with_plugin(tmp_path, changes))
