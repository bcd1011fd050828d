"""Our way from a study in Orthanc to all its results in a store, beside Orthanc's own study anonymization."""

from __future__ import annotations

import shutil
import statistics
import time
from pathlib import Path

from benchmarks.ct import ELEMENTS, SIDE
from benchmarks.figures import Claim, Figure, Group
from benchmarks.measuring import all_cores
from benchmarks.senders import Images, by_rest
from support.servers.orthanc_server import OrthancServer, running, with_plugin, without_plugin

OURS, NATIVE = "our job, verified, into a folder", "Orthanc's own anonymization"
_LOOK = 0.02


def anonymization(count: int, rounds: int, scratch: Path) -> Group:
    """Let both take turns over a study of `count` CT images; the first turn is a warm-up."""
    images = Images()
    ignoring = {"Deidentify": {"OnReceive": [{"Ignore": True}]}}
    taken: dict[str, list[float]] = {OURS: [], NATIVE: []}
    with (
        all_cores(),
        running(with_plugin(scratch / "ours", ignoring)) as ours,
        running(without_plugin(scratch / "native")) as native,
    ):
        for server in (ours, native):
            by_rest(server, images, count, 1)
        ours.wait_idle(count)
        for _ in range(rounds + 1):
            taken[OURS].append(_deidentified(ours) / count)
            taken[NATIVE].append(_anonymized(native) / count)
    seconds = {name: each[1:] for name, each in taken.items()}
    ratio = statistics.median(other / own for own, other in zip(seconds[OURS], seconds[NATIVE], strict=True))
    made = [Figure(name, statistics.median(each), min(each), max(each)) for name, each in seconds.items()]
    claim = Claim(f"{OURS} / {NATIVE}", ratio, 1.5, aim=2)
    title = f"A study in Orthanc, CT, {SIDE} x {SIDE}, {ELEMENTS} elements, {count} instances"
    said = ["Orthanc's own puts its results into its own storage, and verifies nothing"]
    return Group(title, "instance", made, [claim], said)


def _deidentified(server: OrthancServer) -> float:
    """Return the seconds from the request until every result is in the folder, which is empty again then."""
    study = server.get("/studies")[0]
    began = time.perf_counter()
    path = server.post(f"/studies/{study}/deidentify", {"Store": "output"}).json()["Path"]
    while (job := server.get(path))["State"] in {"Pending", "Running"}:
        time.sleep(_LOOK)
    seconds = time.perf_counter() - began
    if job["State"] != "Success":
        raise RuntimeError(f"our job ended as {job['State']}")
    for patient in server.output.glob("[!.]*"):
        shutil.rmtree(patient)
    return seconds


def _anonymized(server: OrthancServer) -> float:
    """Return the seconds that Orthanc's own job took; its result is deleted again."""
    study = server.get("/studies")[0]
    began = time.perf_counter()
    answer = server.post(f"/studies/{study}/anonymize", {"Synchronous": True})
    seconds = time.perf_counter() - began
    answer.raise_for_status()
    server.delete(answer.json()["Path"])
    return seconds
