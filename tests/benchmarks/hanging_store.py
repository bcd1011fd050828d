"""How long an upload takes while one of the stores hangs, beside the same Orthanc without that store."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from benchmarks.ct import ct_image
from benchmarks.figures import Claim, Figure, Group
from benchmarks.measuring import all_cores
from benchmarks.writing import encoded
from support.servers.hanging import hanging, with_hanging_store
from support.servers.orthanc_server import OrthancServer, running
from support.waiting import wait_until

LIMIT = 1.3
BLOCK = 50
"""Uploads to one Orthanc before it is the other one's turn."""


def hanging_store(uploads: int, scratch: Path) -> Group:
    """Measure uploads by REST, one connection, to two Orthancs in turns; one has a store that never answers."""
    images = [encoded(ct_image(number)) for number in range(1, uploads + 1)]
    with (
        all_cores(),
        hanging() as port,
        running(with_hanging_store(scratch / "well", port, hangs=False)) as well,
        running(with_hanging_store(scratch / "hanging", port)) as slowed,
    ):
        taken: dict[str, list[float]] = {"every store answers": [], "one store hangs": []}
        for start in range(0, uploads, BLOCK):
            block = images[start : start + BLOCK]
            for name, server in zip(taken, (well, slowed), strict=True):
                taken[name] += [_upload(server, data) for data in block]
                _wait(server, start + len(block))  # or its work would slow the other one's uploads
    slowest = {name: _percentile(seconds, 99) for name, seconds in taken.items()}
    ratio = slowest["one store hangs"] / slowest["every store answers"]
    made = [
        Figure(name, statistics.median(seconds), min(seconds), max(seconds))
        for name, seconds in taken.items()
    ]
    said = [f"{name}: p99 {seconds * 1e3:.1f} ms" for name, seconds in slowest.items()]
    claim = Claim("p99 of an upload, a store hangs / none does", ratio, LIMIT, at_most=True)
    return Group(f"Receipt while a store hangs, {uploads} CT images each", "upload", made, [claim], said)


def _wait(server: OrthancServer, count: int) -> None:
    """Wait until so many results are in the folder: the other store never has any."""
    wait_until(lambda: server.status()["Delivered"] >= count, 120, f"{count} are in the folder")


def _upload(server: OrthancServer, data: bytes) -> float:
    began = time.perf_counter()
    server.upload(data)
    return time.perf_counter() - began


def _percentile(seconds: list[float], percent: int) -> float:
    return statistics.quantiles(seconds, n=100)[percent - 1]
