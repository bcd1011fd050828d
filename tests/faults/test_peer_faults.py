"""A peer that misbehaves in every way that a network and a server can: nothing is believed, nothing gets out."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from orthanc_deid.errors import ConflictError, DeidError, LostError, RejectedError, SourceError, StoreError
from orthanc_deid.pipeline.tasks import Output
from orthanc_deid.sources.orthanc_source import OrthancSetup, OrthancSource
from orthanc_deid.stores.orthanc_store import OrthancPeerSetup, OrthancStore
from orthanc_deid.stores.store import Put
from support.pipeline_parts import verified

RESULT = verified([b"one", b"two"])
ID = Output("p1", "2.25.2", "2.25.3", "2.25.4", "").orthanc_id
Answer = tuple[int, bytes]
Route = Callable[[], Answer]


class Peer(ThreadingHTTPServer):
    """A server whose answers a test sets by method and path; it notes what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.routes: dict[str, Answer | Route] = {
            "POST /tools/lookup": (200, b"[]"),
            "POST /instances": (200, json.dumps({"ID": ID, "Status": "Success"}).encode()),
            f"GET /instances/{ID}/attachments/dicom/md5": (200, RESULT.md5().encode()),
        }
        self.asked: list[str] = []
        self.received = b""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away in the middle is what is tested here."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Peer

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        route = f"{self.command} {self.path.partition('?')[0]}"
        self.server.asked.append(route)
        if route == "POST /instances":
            self.server.received = body
        found = self.server.routes.get(route, (404, b"{}"))
        status, content = found() if callable(found) else found
        if status == HALF:
            self.send_response(200)
            self.send_header("Content-Length", str(2 * len(content) + 10))
            self.end_headers()
            self.wfile.write(content)
            self.close_connection = True
        elif status == HANG_UP:
            self.close_connection = True
        else:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    do_GET = do_POST = answer  # noqa: N815 - the names that http.server calls

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


HALF, HANG_UP = -1, -2


@pytest.fixture
def peer() -> Iterator[Peer]:
    server = Peer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def store(peer: Peer) -> Iterator[OrthancStore]:
    opened = OrthancPeerSetup("peer", peer.url, read_timeout=0.5).open()
    yield opened
    opened.close()


@pytest.fixture
def source(peer: Peer) -> Iterator[OrthancSource]:
    opened = OrthancSetup(peer.url, timeout=0.5).open()
    yield opened
    opened.close()


LOOKUP, SEND, READ_BACK = (
    "POST /tools/lookup",
    "POST /instances",
    f"GET /instances/{ID}/attachments/dicom/md5",
)


def test_a_good_peer_is_believed(peer: Peer, store: OrthancStore) -> None:
    assert store.put(RESULT) is Put.DELIVERED
    assert peer.received == b"onetwo"


@pytest.mark.parametrize("where", [LOOKUP, SEND, READ_BACK])
@pytest.mark.parametrize(
    "answer",
    [
        (500, b"{}"),
        (401, b"{}"),
        (403, b"{}"),
        (507, b"full"),
        (302, b""),
        (HALF, b"[" * 100),
        (HANG_UP, b""),
    ],
)
def test_a_peer_that_fails_is_tried_again_and_nothing_is_called_delivered(
    peer: Peer, store: OrthancStore, where: str, answer: Answer
) -> None:
    peer.routes[where] = answer
    with pytest.raises(StoreError) as failed:
        store.put(RESULT)
    assert not isinstance(failed.value, ConflictError | RejectedError)


@pytest.mark.parametrize("where", [LOOKUP, SEND])
@pytest.mark.parametrize("content", [b"", b"<html>", b"null", b"7", b'"x"', b"{]"])
def test_an_answer_that_is_none_is_a_failure(
    peer: Peer, store: OrthancStore, where: str, content: bytes
) -> None:
    peer.routes[where] = (200, content)
    with pytest.raises(StoreError):
        store.put(RESULT)


@pytest.mark.parametrize("where", [LOOKUP, SEND, READ_BACK])
def test_a_peer_that_hangs_is_left_after_the_time_limit(peer: Peer, store: OrthancStore, where: str) -> None:
    go_on = threading.Event()

    def hang() -> Answer:
        go_on.wait(30)
        return 200, b"[]"

    peer.routes[where] = hang
    try:
        with pytest.raises(StoreError, match="Timeout"):
            store.put(RESULT)
    finally:
        go_on.set()


@pytest.mark.parametrize("where", [LOOKUP, SEND, READ_BACK])
def test_a_peer_that_is_busy_for_a_moment_is_waited_for(peer: Peer, store: OrthancStore, where: str) -> None:
    good = peer.routes[where]
    assert not callable(good)
    answers = iter([(503, b""), (503, b""), good])
    peer.routes[where] = lambda: next(answers)
    assert store.put(RESULT) is Put.DELIVERED


@pytest.mark.parametrize("status", [400, 413, 415])
def test_an_instance_that_a_peer_does_not_take_is_no_reason_to_pause_the_peer(
    peer: Peer, store: OrthancStore, status: int
) -> None:
    peer.routes[SEND] = (status, b"{}")
    with pytest.raises(RejectedError):
        store.put(RESULT)


@pytest.mark.parametrize("word", ["FilteredOut", "Failure", "anything"])
def test_an_instance_that_a_peer_filters_out_was_not_delivered(
    peer: Peer, store: OrthancStore, word: str
) -> None:
    peer.routes[SEND] = (200, json.dumps({"ID": ID, "Status": word}).encode())
    with pytest.raises(RejectedError):
        store.put(RESULT)


def test_an_upload_that_shows_other_bytes_is_not_believed(peer: Peer, store: OrthancStore) -> None:
    peer.routes[READ_BACK] = (200, b"0" * 32)
    peer.routes[f"GET /instances/{ID}/file"] = (200, b"something else")
    with pytest.raises(StoreError):
        store.put(RESULT)


def test_the_peer_is_queried_for_the_instance_before_it_is_sent(peer: Peer, store: OrthancStore) -> None:
    peer.routes[LOOKUP] = (200, json.dumps([{"ID": ID, "Type": "Instance"}]).encode())
    assert store.put(RESULT) is Put.DUPLICATE
    peer.routes[LOOKUP] = (200, json.dumps([{"ID": "other", "Type": "Instance"}]).encode())
    with pytest.raises(ConflictError):
        store.put(RESULT)
    assert SEND not in peer.asked


def test_redirects_are_not_followed(peer: Peer, store: OrthancStore) -> None:
    with socket.socket() as elsewhere:
        elsewhere.bind(("127.0.0.1", 0))
        elsewhere.listen()
        elsewhere.settimeout(0.05)
        peer.routes[SEND] = (307, b"")
        with pytest.raises(StoreError, match="307"):
            store.put(RESULT)
        with pytest.raises(TimeoutError):
            elsewhere.accept()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((404, b"{}"), LostError),
        ((500, b"{}"), SourceError),
        ((503, b"{}"), SourceError),
        ((HALF, b"x" * 100), SourceError),
        ((HANG_UP, b""), SourceError),
    ],
)
def test_a_source_that_fails_gives_no_bytes(
    peer: Peer, source: OrthancSource, answer: Answer, error: type[DeidError]
) -> None:
    peer.routes["GET /instances/x/file"] = answer
    with pytest.raises(error):
        source.fetch("x")
    peer.routes["GET /instances/x/file"] = (200, b"whole")
    assert source.fetch("x") == b"whole", "the next request is unharmed"


def test_a_source_that_hangs_is_left_after_the_time_limit(peer: Peer, source: OrthancSource) -> None:
    go_on = threading.Event()

    def hang() -> Answer:
        go_on.wait(30)
        return 200, b""

    peer.routes["GET /instances/x/file"] = hang
    try:
        with pytest.raises(SourceError, match="time"):
            source.fetch("x")
    finally:
        go_on.set()


@pytest.mark.parametrize(
    "content", [b"[]", b"{}", b"null", b'{"Changes": 1, "Done": true}', b'{"Changes": [{}], "Done": 1}']
)
def test_changes_that_are_none_move_no_cursor(peer: Peer, source: OrthancSource, content: bytes) -> None:
    peer.routes["GET /changes"] = (200, content)
    with pytest.raises(SourceError):
        source.changes(5)


def test_the_last_of_an_empty_page_is_not_believed(peer: Peer, source: OrthancSource) -> None:
    peer.routes["GET /changes"] = (200, json.dumps({"Changes": [], "Done": True, "Last": 900}).encode())
    page = source.changes(5)
    assert (page.cursor, page.more, page.instances) == (5, False, ())


def test_a_page_of_other_changes_moves_the_cursor_to_the_highest_that_was_returned(
    peer: Peer, source: OrthancSource
) -> None:
    changes = [
        {"Seq": 6, "ChangeType": "NewInstance", "ID": "a"},
        {"Seq": 9, "ChangeType": "StableStudy", "ID": "s"},
        {"Seq": 8, "ChangeType": "NewInstance", "ID": "b"},
    ]
    peer.routes["GET /changes"] = (200, json.dumps({"Changes": changes, "Done": False, "Last": 900}).encode())
    page = source.changes(5)
    assert (page.cursor, page.more) == (9, True)
    assert [(new.seq, new.instance) for new in page.instances] == [(6, "a"), (8, "b")]
