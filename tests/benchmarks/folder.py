"""The folder command beside other tools with two processes of theirs; start-up is taken off all of them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import contenders as who
from benchmarks import second_run
from benchmarks.ct import ELEMENTS, SIDE, ct_image
from benchmarks.figures import Claim, Group, figures
from benchmarks.measuring import Rounds, all_cores, have_at_hand
from benchmarks.two_processes import PROCESSES
from benchmarks.writing import encoded

PER_FOLDER = 50
FEW = 2 * PER_FOLDER
"""Files of the tree that measures the start-up: as many folders as there are processes."""

FULL, FAST = "run --verify full, 2 workers", "run --verify fast, 2 workers"
ONE = "run --verify full, 1 worker"
_LEAST = 1e-3  # seconds; with very few files start-up varies by more than they take
_OTHERS = (who.COPY, who.DICOGNITO, who.DICOM_ANONYMIZER, who.GDCMANON)


@dataclass(frozen=True, slots=True)
class _Trees:
    """A tree with all the files, one with few, and where results go."""

    many: Path
    few: Path
    scratch: Path
    count: int


def folder(count: int, small: int, rounds: int, scratch: Path) -> Group:
    """Run the command and the others over `count` CT images, in turns, and the command over `small` small ones."""
    if count <= FEW:
        raise ValueError(f"start-up cannot be measured with {FEW} files or fewer")
    trees = _Trees(scratch / "many", scratch / "few", scratch, count)
    _fill(trees.many, count)
    _fill(trees.few, FEW)
    jobs: dict[str, Callable[[Path, Path], None]] = {name: _other(name) for name in _OTHERS}
    jobs |= {
        FULL: _ours(scratch, "full", PROCESSES),
        FAST: _ours(scratch, "fast", PROCESSES),
        ONE: _ours(scratch, "full", 1),
    }
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    left_out: dict[str, str] = {}
    with all_cores():
        for _ in range(rounds):
            for name, job in jobs.items():
                if name not in left_out:
                    _turn(name, job, trees, seconds[name], left_out)
        finished = _timed(jobs[FULL], trees.many, scratch, twice=True)
        shutil.rmtree(trees.many)
        second_run.fill_small(trees.many, small)
        out = scratch / "out"
        command = [*_command(scratch, "full", PROCESSES, trees.many, out), "--json"]
        watched = second_run.first_and_second(command, out)
    taken = Rounds({name: tuple(found) for name, found in seconds.items() if found}, left_out)
    return _group(trees, taken, finished, small, watched)


def _turn(
    name: str,
    job: Callable[[Path, Path], None],
    trees: _Trees,
    seconds: list[float],
    left_out: dict[str, str],
) -> None:
    try:
        few, _ = _timed(job, trees.few, trees.scratch)
        many, _ = _timed(job, trees.many, trees.scratch)
    except (OSError, subprocess.CalledProcessError) as error:
        left_out[name] = type(error).__name__
        return
    seconds.append(max(many - few, _LEAST) / (trees.count - FEW))


def _timed(
    job: Callable[[Path, Path], None], source: Path, scratch: Path, *, twice: bool = False
) -> tuple[float, float]:
    """Return the seconds of a run into an empty folder, and of a second run if asked for."""
    have_at_hand(source, scratch / "at-hand")
    out = scratch / "out"
    out.mkdir()
    try:
        begun = time.perf_counter()
        job(source, out)
        first = time.perf_counter() - begun
        if twice:
            job(source, out)
        return first, time.perf_counter() - begun - first
    finally:
        shutil.rmtree(out)
        shutil.rmtree(scratch / "out.report", ignore_errors=True)


def _ours(scratch: Path, depth: str, workers: int) -> Callable[[Path, Path], None]:
    return lambda source, out: _call(_command(scratch, depth, workers, source, out))


def _command(scratch: Path, depth: str, workers: int, source: Path, out: Path) -> list[str]:
    program = "from orthanc_deid.cli.main import app; app()"
    options = [
        "--profile",
        "basic",
        "--verify",
        depth,
        "--workers",
        str(workers),
        "--key",
        str(scratch / "key"),
    ]
    return [sys.executable, "-c", program, "run", str(source), str(out), *options]


def _other(name: str) -> Callable[[Path, Path], None]:
    return lambda source, out: _call(
        [sys.executable, "-W", "ignore", "-m", "benchmarks.two_processes", name, str(source), str(out)]
    )


def _call(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _fill(folder: Path, count: int) -> None:
    for number in range(count):
        place = folder / f"{number // PER_FOLDER:04d}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number:06d}.dcm").write_bytes(encoded(ct_image(number + 1)))


def _group(
    trees: _Trees,
    taken: Rounds,
    finished: tuple[float, float],
    small: int,
    watched: tuple[second_run.Watched, second_run.Watched],
) -> Group:
    python = taken.fastest(who.DICOGNITO, who.DICOM_ANONYMIZER)
    claims = [
        Claim(f"--verify full / {python}", taken.rate(FULL, python), 2.5),
        Claim(f"--verify fast / {python}", taken.rate(FAST, python), 5, aim=8),
        Claim("--verify fast / gdcmanon", taken.rate(FAST, who.GDCMANON), 1),
        Claim("two workers / one", taken.rate(FULL, ONE), 1.7),
        *second_run.claims(small, *watched),
    ]
    notes = [
        f"start-up is measured with a tree of {FEW} files and subtracted from every time; the others verify nothing",
        f"{trees.count} CT images, start-up and report included: "
        f"first run {finished[0]:.2f} s, second run {finished[1]:.2f} s",
        *second_run.notes(small, *watched),
        *(f"not measured: {name} ({why})" for name, why in taken.left_out.items()),
    ]
    title = f"Folder command, CT, {SIDE} x {SIDE}, {ELEMENTS} elements, {trees.count} files, {os.cpu_count()} cores"
    columns = {"/ copy": who.COPY, f"/ {python}": python}
    return Group(title, "file", figures(taken, columns), claims, notes)
