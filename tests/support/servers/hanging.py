"""A destination that takes every connection and never answers, and an Orthanc with a store there."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from support.servers.orthanc_server import OrthancServer, with_plugin


@contextmanager
def hanging() -> Iterator[int]:
    """Listen on a port, take every connection, and never answer."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        taken: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    taken.append(listener.accept()[0])
                except OSError:
                    return

        Thread(target=accept, daemon=True).start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            for each in taken:
                each.close()


def with_hanging_store(folder: Path, port: int, hangs: bool = True) -> OrthancServer:
    """Return an Orthanc that delivers everything to a folder and, where it `hangs`, to that destination too."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "output").mkdir()
    stores: dict[str, dict[str, str]] = {"output": {"Type": "Folder", "Path": str(folder / "output")}}
    if hangs:
        stores["away"] = {"Type": "Orthanc", "Peer": "away"}
    changes = {
        "OrthancPeers": {"away": {"Url": f"http://127.0.0.1:{port}/", "Timeout": 20}},
        "Deidentify": {"Stores": stores, "OnReceive": [{"Stores": list(stores)}]},
    }
    return with_plugin(folder, changes)
