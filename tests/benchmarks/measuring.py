"""How things are measured: contenders take turns over the same files, and ratios are those of one turn.

A turn writes new files into an empty folder, which is emptied again outside the measured time. Ratios are taken
within each round and their median reported: what disturbs the machine for a while disturbs both sides of a ratio.
"""

from __future__ import annotations

import os
import shutil
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from orthanc_deid.workers.bootstrap import freeze_gc

MEMORY = Path("/dev/shm")  # noqa: S108  # the tmpfs of Linux; files in it get folders of their own
DISK = Path("/var/tmp")  # noqa: S108  # likewise; by the file system hierarchy standard it outlives a restart
Paths = Sequence[Path]


@dataclass(frozen=True, slots=True)
class Contender:
    """Something that makes one new file of each file; `run` returns the seconds that the files took."""

    name: str
    run: Callable[[Paths, Path], float]


@dataclass(frozen=True, slots=True)
class Rounds:
    """The seconds that each contender took for one unit (a file, unless said otherwise), turn by turn."""

    seconds: Mapping[str, tuple[float, ...]]
    left_out: Mapping[str, str]

    def median(self, name: str) -> float:
        """Return the median seconds per unit."""
        return statistics.median(self.seconds[name])

    def rate(self, name: str, reference: str) -> float | None:
        """Return the rate of `name` as a multiple of the reference's; None where either was not measured."""
        if name not in self.seconds or reference not in self.seconds:
            return None
        pairs = zip(self.seconds[reference], self.seconds[name], strict=True)
        return statistics.median(other / own for other, own in pairs)

    def fastest(self, *names: str) -> str:
        """Return which of the contenders was the fastest; the first name where none was measured."""
        measured = [name for name in names if name in self.seconds]
        return min(measured, key=self.median) if measured else names[0]


def each(name: str, one: Callable[[Path, Path], object]) -> Contender:
    """Return the contender that does `one(source, target)` with each file, in this process."""

    def run(files: Paths, into: Path) -> float:
        targets = [into / file.name for file in files]
        start = time.perf_counter()
        for file, target in zip(files, targets, strict=True):
            one(file, target)
        return time.perf_counter() - start

    return Contender(name, run)


def compare(contenders: Sequence[Contender], files: Paths, rounds: int, scratch: Path) -> Rounds:
    """Let the contenders take turns over the files, folder by folder, each time in another order.

    A contender that cannot do the first file (a tool that is not installed, a result that does not pass its
    verification) is left out, with the reason; the first file also serves as everybody's warm-up. All of them run as
    our workers do, whom the garbage collector seldom visits.
    """
    left_out: dict[str, str] = {}
    for contender in contenders:
        try:
            _turn(contender, files[:1], scratch)
        except Exception as error:  # noqa: BLE001  # whatever a tool raises: the others are still measured
            left_out[contender.name] = f"{type(error).__name__}: {error}"
    freeze_gc()
    able = [contender for contender in contenders if contender.name not in left_out]
    seconds: dict[str, list[float]] = {contender.name: [] for contender in able}
    for number, portion in enumerate(_by_folder(files) * rounds):
        first = number % len(able)
        for contender in able[first:] + able[:first]:
            seconds[contender.name].append(_turn(contender, portion, scratch) / len(portion))
    return Rounds({name: tuple(taken) for name, taken in seconds.items()}, left_out)


def _by_folder(files: Paths) -> list[Paths]:
    folders: dict[Path, list[Path]] = {}
    for file in files:
        folders.setdefault(file.parent, []).append(file)
    return list(folders.values())


def _turn(contender: Contender, files: Paths, scratch: Path) -> float:
    into = scratch / "out"
    into.mkdir()
    try:
        seconds = contender.run(files, into)
        made = sum(1 for _ in into.iterdir())
        if made != len(files):
            raise RuntimeError(f"{made} files of {len(files)} were made")
        return seconds
    finally:
        shutil.rmtree(into)


def repeat(jobs: Mapping[str, Callable[[], object]], rounds: int, times: Mapping[str, int]) -> Rounds:
    """Call each job `times` a round, in turns; the unit is one call. Jobs must not raise."""
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    for job in jobs.values():
        job()
    for _ in range(rounds):
        for name, job in jobs.items():
            start = time.perf_counter()
            for _ in range(times[name]):
                job()
            seconds[name].append((time.perf_counter() - start) / times[name])
    return Rounds({name: tuple(taken) for name, taken in seconds.items()}, {})


def have_at_hand(source: Path, place: Path) -> None:
    """Copy a file or a tree to `place` and remove it, so that the system has memory for its like at hand.

    Where a virtual machine gives free memory back to its host, the first to write pays for getting it anew, several
    times what the writing takes; who that is should not count.
    """
    if source.is_dir():
        shutil.copytree(source, place)
        shutil.rmtree(place)
    else:
        shutil.copyfile(source, place)
        place.unlink()


def use_one_core() -> str:
    """Pin this process and those that it starts to one core; return what was done, in words."""
    if not hasattr(os, "sched_setaffinity"):
        return "cores not pinned: this system cannot"
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return f"one core (number {core})"


def describe_storage(folder: Path) -> str:
    """Say what kind of file system holds `folder`."""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return f"{folder}: kind of storage unknown"
    best = ("", "unknown")
    for line in mounts.read_text().splitlines():
        _, point, kind, *_ = line.split()
        if folder.resolve().is_relative_to(point) and len(point) > len(best[0]):
            best = (point, kind)
    return f"{best[0]} ({best[1]})"


@contextmanager
def all_cores() -> Iterator[None]:
    """Run on all cores; the other benchmarks run on one."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
