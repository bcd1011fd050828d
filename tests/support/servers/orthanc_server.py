"""A real Orthanc for tests: with the plugin as `make run` starts it, or plain; on free ports, in its own folder."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import requests

from support.repository import ROOT
from support.waiting import wait_until

ORTHANC = shutil.which("Orthanc", path=os.environ.get("PATH", "") + ":/usr/sbin") or "/usr/sbin/Orthanc"
START_SECONDS = 60.0
STOP_SECONDS = 20.0


_own_ports: list[socket.socket] = []


def free_port() -> int:
    """Return a port that was free a moment ago, outside the range that outgoing connections take theirs from.

    No other test process on this machine is given it while this one lives: a server that finds its port taken ends,
    but until then whoever has the port would answer for it.
    """
    for _ in range(100):
        port = 20000 + int.from_bytes(os.urandom(2), "big") % 12000
        claim = socket.socket(socket.AF_UNIX)
        with socket.socket() as probe:
            try:
                claim.bind(f"\0orthanc-deid-test-port-{port}")
                probe.bind(("", port))
            except OSError:
                claim.close()
                continue
        _own_ports.append(claim)
        return port
    raise RuntimeError("no free port")


def processes_of(session: int) -> list[str]:
    """Return the names of the processes that still run in a session."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, fields = re.fullmatch(r"\d+ \((.*)\) (.*)\n", path.read_text()).groups()  # type: ignore[union-attr]
        except OSError:
            continue  # ended meanwhile
        state, _parent, _group, its_session = fields.split()[:4]
        if int(its_session) == session and state != "Z":
            found.append(name)
    return found


def python_plugin() -> str:
    """Return the path of Orthanc's Python plugin."""
    listing = subprocess.run(
        ["dpkg", "-L", "orthanc-python"], capture_output=True, text=True, check=True
    ).stdout
    return next(line for line in listing.splitlines() if line.endswith("/libOrthancPython.so"))


def script(name: str, root: Path = ROOT) -> ModuleType:
    """Return a module of a checkout's `scripts/`, which is not a package."""
    spec = importlib.util.spec_from_file_location(f"scripts_{name}", root / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass
class OrthancServer:
    """One Orthanc: `folder` holds its configuration, storage, key, ledger and log; `output` its results."""

    folder: Path
    configuration: dict[str, Any]
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    auth: tuple[str, str] | None = None
    session: requests.Session = field(default_factory=requests.Session, repr=False)
    program: Sequence[str] = (
        ORTHANC,
    )  # the command, which must end in an exec: its process is Orthanc's own

    @property
    def http_port(self) -> int:
        return int(self.configuration["HttpPort"])

    @property
    def dicom_port(self) -> int:
        return int(self.configuration["DicomPort"])

    @property
    def output(self) -> Path:
        return self.folder / "output"

    @property
    def url(self) -> str:
        scheme = "https" if self.configuration.get("SslEnabled") else "http"
        return f"{scheme}://127.0.0.1:{self.http_port}"

    @property
    def log(self) -> str:
        """What Orthanc has logged, over all its starts."""
        path = self.folder / "orthanc.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def start(self, wait: bool = True) -> OrthancServer:
        """Start the process, and wait until it answers; fails with the log if it ends instead."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "orthanc.json"
        path.write_text(json.dumps(self.configuration, indent=2), encoding="utf-8")
        with (self.folder / "orthanc.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*self.program, str(path)],
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env={**os.environ, **self.environment},
                start_new_session=True,  # a Ctrl-C at the tests is not one at Orthanc
            )
        if wait:
            wait_until(self._answers_or_ended, START_SECONDS, "Orthanc answers")
            assert self.process.poll() is None, f"Orthanc ended instead of starting:\n{self.log}"
        return self

    def _answers_or_ended(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            return True
        path = "/deidentify" if "PythonScript" in self.configuration else "/system"
        try:
            return self.session.get(self.url + path, auth=self.auth, timeout=5).status_code == 200
        except requests.RequestException:
            return False

    def stop(self, sign: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end, wait for it, and return its exit status; killed if it does not."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(sign)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def kill(self) -> None:
        """End it as a power failure would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def get(self, path: str) -> Any:
        """Return the parsed JSON answer of a GET."""
        answer = self.session.get(self.url + path, auth=self.auth, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, body: object = None) -> requests.Response:
        """Return the answer to a POST of a JSON body (bytes are sent as they are)."""
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return self.session.post(self.url + path, data=data, auth=self.auth, timeout=60)

    def delete(self, path: str) -> None:
        """Delete a resource."""
        self.session.delete(self.url + path, auth=self.auth, timeout=30).raise_for_status()

    def upload(self, data: bytes) -> dict[str, Any]:
        """Send one instance by REST; return Orthanc's answer."""
        answer = self.post("/instances", data)
        answer.raise_for_status()
        return dict(answer.json())

    def status(self) -> dict[str, Any]:
        """Return what `GET /deidentify` says."""
        return dict(self.get("/deidentify"))

    def settled(self) -> int:
        """Return how many works are settled, however they ended."""
        return _settled(self.status())

    def wait_idle(self, settled: int, seconds: float = 120.0) -> dict[str, Any]:
        """Wait until nothing is pending and at least so many works are settled; return the state."""

        def idle() -> dict[str, Any] | None:
            status = self.status()
            return status if not status["Pending"] and _settled(status) >= settled else None

        return dict(wait_until(idle, seconds, f"nothing is pending and {settled} are settled"))

    def wait_for_job(self, path: str, seconds: float = 60.0) -> dict[str, Any]:
        """Wait until a job has ended; return it as its route shows it."""

        def ended() -> dict[str, Any] | None:
            job = dict(self.get(path))
            return None if job["State"] in ("Pending", "Running") else job

        return dict(wait_until(ended, seconds, "the job ends"))


def _settled(status: Mapping[str, Any]) -> int:
    kinds = ("Delivered", "Duplicate", "Quarantined", "Failed", "Lost", "Ignored")
    return sum(status[kind] for kind in kinds)


def with_plugin(folder: Path, changes: Mapping[str, Any] | None = None, root: Path = ROOT) -> OrthancServer:
    """Return an Orthanc with the plugin of the checkout `root`, configured as by `make run`, not started yet.

    `changes` replace keys of Orthanc's configuration; those under "Deidentify" replace keys of that section.
    """
    folder.mkdir(parents=True, exist_ok=True)
    output = folder / "output"
    output.mkdir(exist_ok=True)
    configure = script("configure", root)
    configuration = configure.configuration(folder, output, free_port(), free_port(), python_plugin())
    for key, value in (changes or {}).items():
        if key == "Deidentify":
            configuration[key] |= value
        else:
            configuration[key] = value
    environment = {"TCP_NODELAY": "1", "PYTHONPATH": sysconfig.get_path("purelib")}
    configuration["Deidentify"].setdefault("Python", sys.executable)
    return OrthancServer(folder, configuration, environment)


def without_plugin(folder: Path) -> OrthancServer:
    """Return the Orthanc of `with_plugin` in all but the plugin, not started yet."""
    server = with_plugin(folder)
    for key in ("Plugins", "PythonScript", "Deidentify"):
        del server.configuration[key]
    return server


def plain(folder: Path, changes: Mapping[str, Any] | None = None) -> OrthancServer:
    """Return an Orthanc without our plugin, reachable from this machine only, not started yet."""
    folder.mkdir(parents=True, exist_ok=True)
    configuration: dict[str, Any] = {
        "Name": "Plain",
        "HttpPort": free_port(),
        "DicomPort": free_port(),
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "storage"),
        **(changes or {}),
    }
    return OrthancServer(folder, configuration, {"TCP_NODELAY": "1"})


def research(folder: Path, changes: Mapping[str, Any] | None = None) -> OrthancServer:
    """Return the research Orthanc, orthanc-config/research.json with a user, not started yet."""
    settings: dict[str, Any] = json.loads(
        (ROOT / "orthanc-config" / "research.json").read_text(encoding="utf-8")
    )
    user = ("deid", "invented password")
    settings |= {
        "Plugins": [str(Path(python_plugin()).with_name("libOrthancDicomWeb.so"))],
        "RegisteredUsers": dict([user]),
    }
    server = plain(folder, {**settings, **(changes or {})})
    server.auth = user
    return server


@contextmanager
def running(server: OrthancServer) -> Iterator[OrthancServer]:
    """Start a server, and stop it at the end."""
    try:
        yield server.start()
    finally:
        if server.process is not None:
            server.stop()
