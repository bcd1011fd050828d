"""A file of 1 GB: how quick, and how much memory of its own the process needs."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.figures import Claim, Group, figures
from benchmarks.measuring import Rounds
from benchmarks.pictures import write_enhanced_ct, write_xray_run

COPY = "raw file copy"
MEGABYTE = 1e6
_SAMPLE_SECONDS = 0.003
_STEPS = ("deidentify", "verify", "write")


def multiframe(frames: int, rounds: int, scratch: Path) -> Group:
    """Measure an X-ray run of `frames` frames (2 MiB each), and an enhanced CT of the same size.

    Both are de-identified with `basic`, verified in full and written piece by piece, or copied; the enhanced CT has a
    header of megabytes. Each time in a process of its own, whose anonymous memory (RssAnon of
    /proc/PID/status) is sampled while it runs.
    """
    folder = scratch / "large"
    folder.mkdir()
    run, enhanced = folder / "run.dcm", folder / "enhanced.dcm"
    small_run, small_enhanced = folder / "small-run.dcm", folder / "small-enhanced.dcm"
    write_xray_run(run, frames)
    write_xray_run(small_run, 1)
    write_enhanced_ct(enhanced, frames * 4)
    write_enhanced_ct(small_enhanced, 4)
    seconds: dict[str, list[float]] = {}
    peaks: dict[str, int] = {}
    steps: dict[str, list[dict[str, float]]] = {}
    left_out: dict[str, str] = {}
    for _ in range(rounds):
        for kind, source, small in (
            ("X-ray run", run, small_run),
            ("enhanced CT", enhanced, small_enhanced),
        ):
            for depth, title in (("copy", COPY), ("trust", "basic"), ("verify", "basic, verified in full")):
                name = f"{kind}: {title}"
                if name in left_out:
                    continue
                try:
                    taken, peak = _watched(
                        ["basic", depth, str(small), str(source), str(scratch / "out.dcm")]
                    )
                except RuntimeError as error:
                    left_out[name] = str(error)
                    continue
                seconds.setdefault(name, []).append(taken["all"])
                steps.setdefault(name, []).append(taken)
                peaks[name] = max(peak, peaks.get(name, 0))
    measured = Rounds({name: tuple(taken) for name, taken in seconds.items()}, left_out)
    size = run.stat().st_size
    shutil.rmtree(folder)
    return _group(measured, peaks, steps, size)


def _group(
    measured: Rounds, peaks: dict[str, int], steps: dict[str, list[dict[str, float]]], size: int
) -> Group:
    claims = []
    for kind in ("X-ray run", "enhanced CT"):
        name = f"{kind}: basic, verified in full"
        peak = peaks[name] / MEGABYTE if name in peaks else None
        claims.append(Claim(f"{name} / copy", measured.rate(name, f"{kind}: {COPY}"), 0.6))
        claims.append(Claim(f"{name}, peak RssAnon", peak, 150, at_most=True, unit=" MB"))
    said = [f"not measured: {name} ({why})" for name, why in measured.left_out.items()]
    for name, taken in steps.items():
        if COPY in name:
            continue
        split = ", ".join(f"{step} {statistics.median(one[step] for one in taken):.3f} s" for step in _STEPS)
        said.append(f"{name}: {split}; peak RssAnon {peaks[name] / MEGABYTE:.0f} MB")
    columns = {"/ copy of the run": f"X-ray run: {COPY}"}
    return Group(f"Multi-frame, {size / 1e9:.2f} GB", "file", figures(measured, columns), claims, said)


def _watched(arguments: list[str]) -> tuple[dict[str, float], int]:
    """Run `benchmarks.one_large` and return its seconds by step, and the peak of its anonymous memory in bytes.

    Raises RuntimeError with the last line that it wrote where it fails.
    """
    command = [sys.executable, "-m", "benchmarks.one_large", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    peak = _peak_anonymous(process.pid, lambda: process.poll() is None)
    output, errors = process.communicate()
    Path(arguments[-1]).unlink(missing_ok=True)
    if process.returncode:
        raise RuntimeError(
            errors.strip().splitlines()[-1] if errors.strip() else f"exit {process.returncode}"
        )
    return json.loads(output), peak


def _peak_anonymous(pid: int, running: Callable[[], bool]) -> int:
    peak = 0
    while running():
        try:
            status = Path(f"/proc/{pid}/status").read_text()
        except FileNotFoundError:
            break  # not Linux, or the process has just ended
        for line in status.splitlines():
            if line.startswith("RssAnon:"):
                peak = max(peak, int(line.split()[1]) * 1024)
        time.sleep(_SAMPLE_SECONDS)
    return peak
