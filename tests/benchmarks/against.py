"""Two checkouts side by side: `python -m benchmarks --against FOLDER` prints new/old with its 95 % interval.

In every round each checkout does the same work once, in turns, and which one begins alternates; the ratio is taken
within the round, so that a disturbance of the machine affects both sides. Each checkout runs in processes of its own
with its own `plugin` as PYTHONPATH, through interfaces that both have: `load_profile` and `deidentify`, the command
`orthanc-deid`, and the plugin's script in Orthanc.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import engine_worker
from benchmarks.ct import ct_image
from benchmarks.intervals import Interval, median_interval
from benchmarks.measuring import all_cores, have_at_hand
from benchmarks.pictures import radiograph
from benchmarks.senders import Images, by_c_store, by_rest
from benchmarks.writing import encoded
from support.repository import ROOT
from support.servers.orthanc_server import OrthancServer, running, with_plugin
from support.waiting import wait_until

OLD, NEW = "old", "new"
KEY_FILE = "key"

Job = Callable[[], float]
"""Does one turn's work with one checkout and returns its seconds."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much one turn does: instances for the engine, files of a folder run, instances sent to Orthanc."""

    cts: int = 2000
    radiographs: int = 300
    tree: int = 1000
    received: int = 100


QUICK = Amounts(cts=20, radiographs=4, tree=60, received=20)


@dataclass(frozen=True, slots=True)
class Compared:
    """One job's seconds per instance by checkout (medians), and the interval of new/old."""

    name: str
    old: float
    new: float
    ratio: Interval

    @property
    def slower(self) -> bool:
        """Whether the new checkout is slower by more than the noise explains."""
        return self.ratio.low > 1

    def as_text(self) -> str:
        """Return the line that is printed."""
        verdict = "SLOWER" if self.slower else "faster" if self.ratio.high < 1 else "no difference"
        interval = f"{self.ratio.median:.3f} ({self.ratio.low:.3f} - {self.ratio.high:.3f})"
        return f"  {self.name:<34}{self.old * 1e3:>9.3f}{self.new * 1e3:>9.3f}   {interval}   {verdict}"


HEADING = f"  {'ms per instance, medians':<34}{OLD:>9}{NEW:>9}   new/old (95 % interval)"


def compare_checkouts(
    other: Path, rounds: int, scratch: Path, disk: Path, amounts: Amounts
) -> Generator[Compared]:
    """Yield each comparison as it is done; `other` is the old checkout, this one is the new one.

    `scratch` holds files, best in memory; `disk` holds the servers' storage.
    """
    roots = {OLD: other.resolve(), NEW: ROOT}
    with ExitStack() as stack:
        workers = stack.enter_context(_engines(roots, scratch))
        for kind, count in (("ct", amounts.cts), ("radiograph", amounts.radiographs)):
            jobs = {name: _engine_job(worker, kind, count) for name, worker in workers.items()}
            yield _compared(f"engine, {kind}", jobs, rounds, count)
    with all_cores():
        source = scratch / "tree"
        _write(source, amounts.tree, per_folder=50)
        for depth in ("full", "fast"):
            jobs = {name: _folder_job(root, depth, source, scratch) for name, root in roots.items()}
            yield _compared(f"folder run, {depth}, 2 workers", jobs, rounds, amounts.tree)
        shutil.rmtree(source)
        yield from _receipt(roots, rounds, disk, amounts.received)


def _compared(name: str, jobs: Mapping[str, Job], rounds: int, units: int) -> Compared:
    """Run the jobs in turns; the first turn of each is its warm-up."""
    taken: dict[str, list[float]] = {OLD: [], NEW: []}
    for job in jobs.values():
        job()
    for number in range(rounds):
        for side in (OLD, NEW) if number % 2 else (NEW, OLD):
            taken[side].append(jobs[side]() / units)
    ratios = [new / old for new, old in zip(taken[NEW], taken[OLD], strict=True)]
    old, new = (sorted(taken[side])[rounds // 2] for side in (OLD, NEW))
    return Compared(name, old, new, median_interval(ratios))


def _environment(root: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(root / "plugin")}


@contextmanager
def _engines(roots: Mapping[str, Path], scratch: Path) -> Iterator[dict[str, subprocess.Popen[str]]]:
    """Start a worker per checkout that has the instances in memory, and check which package it imported."""
    kinds = {"ct": scratch / "ct", "radiograph": scratch / "radiograph"}
    _write(kinds["ct"], 50)
    kinds["radiograph"].mkdir()
    for number in range(6):
        (kinds["radiograph"] / f"{number}.dcm").write_bytes(encoded(radiograph(number + 1)))
    arguments = ["basic", *(f"{kind}={folder}" for kind, folder in kinds.items())]
    command = [sys.executable, "-P", str(engine_worker.__file__), *arguments]
    workers: dict[str, subprocess.Popen[str]] = {}
    try:
        for name, root in roots.items():
            workers[name] = subprocess.Popen(
                command, env=_environment(root), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            imported = Path(_line(workers[name]))
            if not imported.is_relative_to(root):
                raise RuntimeError(f"{root} was to be measured, but {imported} was imported")
        yield workers
    finally:
        for worker in workers.values():
            worker.kill()
            worker.communicate()
        for folder in kinds.values():
            shutil.rmtree(folder)


def _line(worker: subprocess.Popen[str]) -> str:
    assert worker.stdout is not None
    line = worker.stdout.readline()
    if not line:
        raise RuntimeError("the engine's process has ended")
    return line.strip()


def _engine_job(worker: subprocess.Popen[str], kind: str, count: int) -> Job:
    def run() -> float:
        assert worker.stdin is not None
        worker.stdin.write(f"{kind} {count}\n")
        worker.stdin.flush()
        return float(_line(worker))

    return run


def _folder_job(root: Path, depth: str, source: Path, scratch: Path) -> Job:
    program = "from orthanc_deid.cli.main import app; app()"
    out = scratch / "out"
    options = ["--profile", "basic", "--verify", depth, "--workers", "2", "--key", str(scratch / KEY_FILE)]
    command = [sys.executable, "-c", program, "run", str(source), str(out), *options]

    def run() -> float:
        have_at_hand(source, scratch / "at-hand")
        begun = time.perf_counter()
        subprocess.run(command, env=_environment(root), cwd=scratch, check=True, stdout=subprocess.DEVNULL)
        seconds = time.perf_counter() - begun
        shutil.rmtree(out)
        shutil.rmtree(scratch / "out.report")
        return seconds

    return run


def _receipt(roots: Mapping[str, Path], rounds: int, disk: Path, count: int) -> Iterator[Compared]:
    """Compare receipt by REST and by C-STORE until every instance is received, and until every result is stored."""
    with ExitStack() as stack:
        images, servers = Images(), {}
        for name, root in roots.items():
            server = with_plugin(disk / name, root=root)
            server.environment["PYTHONPATH"] = f"{root / 'plugin'}:{server.environment['PYTHONPATH']}"
            servers[name] = stack.enter_context(running(server))
        ways: dict[str, Callable[[OrthancServer], float]] = {
            "REST": lambda server: by_rest(server, images, count, 1),
            "C-STORE": lambda server: by_c_store(server, images, count, disk),
        }
        for way, send in ways.items():
            stored: dict[str, list[float]] = {OLD: [], NEW: []}
            jobs = {name: _receipt_job(servers[name], send, stored[name], count) for name in servers}
            yield _compared(f"receipt, {way}", jobs, rounds, count)
            ratios = [new / old for new, old in zip(stored[NEW][1:], stored[OLD][1:], strict=True)]
            old, new = (sorted(stored[side])[rounds // 2] / count for side in (OLD, NEW))
            yield Compared(f"receipt, {way}, results stored", old, new, median_interval(ratios))


def _receipt_job(
    server: OrthancServer, send: Callable[[OrthancServer], float], stored: list[float], count: int
) -> Job:
    def run() -> float:
        due = server.status()["Delivered"] + count
        begun = time.perf_counter()
        received = send(server)
        preparation = time.perf_counter() - begun - received
        wait_until(lambda: _delivered(server) >= due, 120, f"{due} results are stored")
        stored.append(time.perf_counter() - begun - preparation)
        return received

    return run


def _delivered(server: OrthancServer) -> int:
    status = server.status()
    if status["Quarantined"] or status["Failed"]:
        raise RuntimeError(f"not all instances are delivered: {status}")
    return int(status["Delivered"])


def _write(folder: Path, count: int, per_folder: int = 1000) -> None:
    for number in range(count):
        place = folder if per_folder >= count else folder / f"{number // per_folder:04d}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number:06d}.dcm").write_bytes(encoded(ct_image(number + 1)))
