"""The folder command over very many small files: a second run beside the first, and the memory of the parent.

The tree holds one small CT image under as many SOP Instance UIDs, so that what a run costs by itself, start-up and
report included, is shared by as many files as a site's archive has.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Claim
from support.data.studies import ct_study, encoded

PER_FOLDER = 1000
MOST_MEGABYTES = 200
POINTS = 8  # of the reported curve
_NUMBERED = 10_000_000


@dataclass(frozen=True, slots=True)
class Watched:
    """A run: its seconds, and its parent's anonymous memory in MB by the number of files done, once a second."""

    seconds: float
    curve: tuple[tuple[int, float], ...]

    @property
    def peak(self) -> float | None:
        """Return the largest; None on a system that does not tell."""
        return max((megabytes for _, megabytes in self.curve), default=None)


def fill_small(folder: Path, count: int) -> None:
    """Write `count` small CT images."""
    image = ct_study(1)[0]
    image.SOPInstanceUID = f"1.2.826.0.1.3680043.10.{_NUMBERED}"
    data, mark = encoded(image), str(_NUMBERED).encode()
    for number in range(count):
        if not number % PER_FOLDER:
            place = folder / f"{number // PER_FOLDER:04d}"
            place.mkdir(parents=True, exist_ok=True)
        (place / f"{number:07d}.dcm").write_bytes(data.replace(mark, b"%d" % (_NUMBERED + number)))


def first_and_second(command: Sequence[str], out: Path) -> tuple[Watched, Watched]:
    """Run the command (which writes into `out`, and tells its progress by JSON lines) twice."""
    try:
        return watched(command), watched(command)
    finally:
        shutil.rmtree(out, ignore_errors=True)
        shutil.rmtree(out.with_name(f"{out.name}.report"), ignore_errors=True)


def watched(command: Sequence[str]) -> Watched:
    """Run a command and look at its process's memory whenever it tells how far it is."""
    begun = time.perf_counter()
    curve = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        for line in process.stdout or ():
            event = json.loads(line)
            megabytes = anonymous_megabytes(process.pid)
            if event["Event"] == "progress" and megabytes is not None:
                curve.append((event["Processed"] + event["FinishedBefore"], megabytes))
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, list(command))
    return Watched(time.perf_counter() - begun, tuple(curve))


def anonymous_megabytes(process: int) -> float | None:
    """Return the anonymous memory that a process holds; None where the system does not tell."""
    status = Path(f"/proc/{process}/status")
    lines = status.read_text().splitlines() if status.exists() else ()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon:")), None)


def claims(count: int, first: Watched, again: Watched) -> list[Claim]:
    """Return what is held against what must be reached."""
    return [
        Claim(
            f"second run / first, {count} small files, start-up included", first.seconds / again.seconds, 20
        ),
        Claim(f"memory of the parent, {count} files", first.peak, MOST_MEGABYTES, at_most=True, unit=" MB"),
    ]


def notes(count: int, first: Watched, again: Watched) -> list[str]:
    """Say what the claims are made of."""
    step = max(1, len(first.curve) // POINTS)
    points = ", ".join(f"{megabytes:.0f} MB at {files:,}" for files, megabytes in first.curve[::step])
    return [
        f"{count} small files, start-up and report included: "
        f"first run {first.seconds:.2f} s, second run {again.seconds:.2f} s",
        f"anonymous memory of the parent: {points or 'not reported by this system'}",
    ]
