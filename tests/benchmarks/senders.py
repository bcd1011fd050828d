"""What sends images to an Orthanc: by REST over kept connections, or by C-STORE over one association (DCMTK)."""

from __future__ import annotations

import http.client
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.ct import ct_image
from benchmarks.writing import ROOT, encoded
from support.servers.orthanc_server import OrthancServer

DIFFERENT = 20
"""Different images; they are sent again and again under new SOP Instance UIDs."""

_FIRST = 10_000_000  # numbers of equal length, so that one can be put in the place of another
_STORESCU = ["storescu", "-aet", "STORESCU", "-aec", "ORTHANC", "+sd"]


class Images:
    """An endless supply of encoded CT images of one study, each with a SOP Instance UID of its own."""

    def __init__(self) -> None:
        self._kinds = [(_uid(_FIRST + n), encoded(ct_image(_FIRST + n))) for n in range(DIFFERENT)]
        self._next = _FIRST + DIFFERENT

    def take(self, count: int) -> list[bytes]:
        """Return the next so many."""
        return list(self._made(count))

    def write(self, folder: Path, count: int) -> None:
        """Write the next so many to a new folder."""
        folder.mkdir(parents=True)
        for number, data in enumerate(self._made(count)):
            (folder / f"{number:06d}.dcm").write_bytes(data)

    def _made(self, count: int) -> Iterator[bytes]:
        for _ in range(count):
            uid, data = self._kinds[self._next % DIFFERENT]
            yield data.replace(uid, _uid(self._next))
            self._next += 1


def _uid(number: int) -> bytes:
    return f"{ROOT}.1.4.{number}".encode()


def by_rest(server: OrthancServer, images: Images, count: int, connections: int) -> float:
    """Send so many images over so many connections at once; return the seconds that took."""
    portions = [images.take(len(range(turn, count, connections))) for turn in range(connections)]
    with ThreadPoolExecutor(connections) as pool:
        began = time.perf_counter()
        list(pool.map(lambda portion: _post(server, portion), portions))
        return time.perf_counter() - began


def _post(server: OrthancServer, images: Sequence[bytes]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.http_port)
    try:
        for data in images:
            connection.request("POST", "/instances", data)
            answer = connection.getresponse()
            answer.read()
            if answer.status != http.HTTPStatus.OK:
                raise RuntimeError(f"an upload was answered by {answer.status}")
    finally:
        connection.close()


def by_c_store(server: OrthancServer, images: Images, count: int, scratch: Path) -> float:
    """Send so many images over one association; return the seconds from `storescu`'s start to its end."""
    folder = scratch / "sent"
    images.write(folder, count)
    environment = {**os.environ, "TCP_NODELAY": "1"}  # a sender that does not wait for us by itself
    try:
        began = time.perf_counter()
        command = [*_STORESCU, "127.0.0.1", str(server.dicom_port), str(folder)]
        subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
        return time.perf_counter() - began
    finally:
        shutil.rmtree(folder)
