"""An Orthanc store over https: which certificates of a peer it trusts, and the client certificate that it shows."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from orthanc_deid.errors import StoreError
from orthanc_deid.orthanc.ids import orthanc_id
from orthanc_deid.stores.orthanc_store import OrthancPeerSetup
from orthanc_deid.stores.store import Put
from support.pipeline_parts import verified

OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(OPENSSL is None, reason="openssl makes the certificates")

RESULT = verified([b"one", b"two"], "2.25.4", "p1", "2.25.2", "2.25.3")
ID = orthanc_id("p1", "2.25.2", "2.25.3", "2.25.4")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    answers: dict[str, bytes] = {  # noqa: RUF012 - constant
        "/tools/lookup": b"[]",
        "/instances": json.dumps({"ID": ID, "Status": "Success"}).encode(),
        f"/instances/{ID}/attachments/dicom/md5": RESULT.md5().encode(),
    }

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        content = self.answers[self.path]
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = answer  # noqa: N815 - the names that http.server calls

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Make a self-signed certificate for 127.0.0.1; returns its file and that of its key."""
    folder = tmp_path_factory.mktemp("certificate")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    names = ["-subj", "/CN=peer", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    options = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    subprocess.run([str(OPENSSL), "req", *options, *names, *files], check=True, capture_output=True)
    return str(certificate), str(key)


MakePeer = Callable[[bool], OrthancPeerSetup]


@pytest.fixture
def peer(certificate: tuple[str, str]) -> Iterator[MakePeer]:
    servers: list[tuple[ThreadingHTTPServer, threading.Thread]] = []

    def make(wants_certificate: bool) -> OrthancPeerSetup:
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        if wants_certificate:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(certificate[0])
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        servers.append((server, thread))
        return OrthancPeerSetup("peer", f"https://127.0.0.1:{server.server_address[1]}", read_timeout=5.0)

    yield make
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


def put(setup: OrthancPeerSetup) -> Put:
    store = setup.open()
    try:
        return store.put(RESULT)
    finally:
        store.close()


def test_a_peer_whose_authority_is_named_is_trusted(peer: MakePeer, certificate: tuple[str, str]) -> None:
    setup = peer(False)
    assert put(replace(setup, ca=certificate[0])) is Put.DELIVERED
    elsewhere = setup.url.replace("127.0.0.1", "localhost")
    with pytest.raises(StoreError, match="SSLCertVerificationError"):
        put(replace(setup, ca=certificate[0], url=elsewhere))


def test_a_peer_of_an_unknown_authority_is_refused_unless_nothing_is_verified(peer: MakePeer) -> None:
    setup = peer(False)
    with pytest.raises(StoreError, match="SSLCertVerificationError"):
        put(setup)
    assert put(replace(setup, verify_tls=False)) is Put.DELIVERED


def test_a_peer_gets_the_client_certificate_that_it_requires(
    peer: MakePeer, certificate: tuple[str, str]
) -> None:
    setup = replace(peer(True), ca=certificate[0])
    with pytest.raises(StoreError):
        put(setup)
    assert put(replace(setup, certificate=certificate)) is Put.DELIVERED


@pytest.mark.parametrize("field", ["ca", "certificate"])
def test_a_certificate_that_cannot_be_read_is_a_failure_of_the_store(tmp_path: Path, field: str) -> None:
    missing = str(tmp_path / "none.pem")
    setup = OrthancPeerSetup("peer", "https://127.0.0.1:1")
    broken = replace(setup, ca=missing) if field == "ca" else replace(setup, certificate=(missing, missing))
    with pytest.raises(StoreError, match="FileNotFoundError"):
        broken.open()
