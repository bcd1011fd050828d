"""The REST client: one kept connection, one repetition where Orthanc closed it, and complete answers only."""

from __future__ import annotations

import http.client
import io
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from orthanc_deid.orthanc.rest_client import RestClient

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole"
Connection = Callable[[socket.socket], None]


class Server:
    """Serves each new connection by the next of some functions; `requests` holds the requests that it read."""

    def __init__(self, connections: Callable[[Server], tuple[Connection, ...]]) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.requests: list[bytes] = []
        self._connections = connections(self)
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        for connection in self._connections:
            client, _ = self.listener.accept()
            with client:
                connection(client)

    def answering(self, times: int) -> Connection:
        """Answer so many requests and close the connection."""

        def serve(client: socket.socket) -> None:
            for _ in range(times):
                self.requests.append(read_request(client))
                client.sendall(ANSWER)

        return serve


def read_request(client: socket.socket) -> bytes:
    """Return one request with its body."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += client.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line[16:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length: ")), 0)
    while len(body) < length:
        body += client.recv(65536)
    return head + b"\r\n\r\n" + body


def hang_up(_client: socket.socket) -> None:
    """Close the connection without an answer."""


@pytest.fixture
def make_server() -> Iterator[Callable[..., Server]]:
    made: list[Server] = []

    def make(connections: Callable[[Server], tuple[Connection, ...]]) -> Server:
        made.append(Server(connections))
        return made[-1]

    yield make
    for server in made:
        server.listener.close()
        server.thread.join(5)


MakeServer = Callable[[Callable[[Server], tuple[Connection, ...]]], Server]


def test_requests_share_one_connection(make_server: MakeServer) -> None:
    server = make_server(lambda server: (server.answering(2),))
    client = RestClient(server.url + "/orthanc/", [("X-Test", "1")])
    assert client.request("GET", "/a") == (200, b"whole")
    assert client.request("GET", "/b") == (200, b"whole")
    client.close()
    assert [request.split(b" ")[1] for request in server.requests] == [b"/orthanc/a", b"/orthanc/b"]
    assert all(b"X-Test: 1" in request for request in server.requests)
    assert all(b"Accept-Encoding: identity" in request for request in server.requests)


def test_a_request_is_repeated_once_where_the_kept_connection_was_closed(make_server: MakeServer) -> None:
    server = make_server(lambda server: (server.answering(1), server.answering(1)))
    client = RestClient(server.url)
    client.request("GET", "/a")
    assert client.request("POST", "/b", b"x" * 100_000, "application/dicom") == (200, b"whole")
    client.close()
    assert server.requests[-1].endswith(b"\r\n\r\n" + b"x" * 100_000)
    assert b"Content-Type: application/dicom" in server.requests[-1]


class Raw(io.RawIOBase):
    """A seekable file over bytes."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)


def test_a_file_is_sent_from_its_beginning_with_its_length(make_server: MakeServer) -> None:
    server = make_server(lambda server: (server.answering(1), server.answering(1)))
    client = RestClient(server.url)
    client.request("GET", "/a")
    body = Raw(b"DICM" * 200_000)
    body.seek(7)
    assert client.request("POST", "/b", body) == (200, b"whole")
    client.close()
    assert b"Content-Length: 800000\r\n" in server.requests[-1]
    assert b"Transfer-Encoding" not in server.requests[-1]
    assert server.requests[-1].endswith(b"\r\n\r\n" + b"DICM" * 200_000)


def test_a_new_connection_that_fails_is_not_tried_again(make_server: MakeServer) -> None:
    server = make_server(lambda server: (hang_up, server.answering(1)))
    client = RestClient(server.url)
    with pytest.raises((http.client.HTTPException, OSError)):
        client.request("GET", "/a")
    assert server.requests == []
    assert client.request("GET", "/b") == (200, b"whole"), "the next request is unharmed"
    client.close()


def test_an_answer_that_breaks_off_is_none(make_server: MakeServer) -> None:
    def half(client: socket.socket) -> None:
        read_request(client)
        client.sendall(ANSWER[:-2])

    server = make_server(lambda _server: (half,))
    with pytest.raises(http.client.IncompleteRead):
        RestClient(server.url).request("GET", "/a")


def test_credentials_in_the_url_are_sent_unless_a_header_holds_others(make_server: MakeServer) -> None:
    server = make_server(lambda server: (server.answering(1), server.answering(1)))
    address = server.url.replace("http://", "http://us%40er:pass@")
    for headers in ((), [("Authorization", "Bearer token")]):
        client = RestClient(address, headers)
        client.request("GET", "/")
        client.close()
    assert b"Authorization: Basic dXNAZXI6cGFzcw==" in server.requests[0]
    assert b"Authorization: Bearer token" in server.requests[1]


@pytest.mark.parametrize("url", ["", "orthanc", "ftp://host/", "http://", "127.0.0.1:8042"])
def test_a_url_without_scheme_or_host_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="http"):
        RestClient(url)
