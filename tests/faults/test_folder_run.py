"""Folder runs under faults: killed, full, read-only, crashing and vanishing; nothing half-written, nothing lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from orthanc_deid.cli.run.folder_run import FolderRun, FolderRunSettings
from orthanc_deid.cli.run.folder_worker_setup import FolderWorkerSetup
from orthanc_deid.cli.run.quarantine_csv import QuarantineCsv
from orthanc_deid.config.key import Key
from orthanc_deid.ledger.folder_run.file_ledger import FileLedger
from orthanc_deid.pipeline.tasks import State
from orthanc_deid.profile.load import load_profile
from orthanc_deid.sources.folder_source import FileIds
from orthanc_deid.workers.pool import RestartablePool, process_pool
from support.folders.trees import (
    Command,
    CrashingSetup,
    ShrinkingSetup,
    ct,
    fill,
    open_folder,
    part10,
    report,
    tree,
)
from support.waiting import wait_until

pytestmark = pytest.mark.integration

KEY = Key(bytes(range(32)))
NOBODY = 65534
as_root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")
linux = pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs Linux")


def wait_for_results(process: subprocess.Popen[str], output: Path, count: int) -> None:
    """Wait for so many results; fails with the process's own words if it ends before."""

    def reached() -> bool:
        assert process.poll() is None, process.communicate()
        return results(output) >= count

    wait_until(reached, 60, f"{count} results are in {output}")


def results(output: Path) -> int:
    return sum(1 for path in output.rglob("*.dcm") if ".incoming" not in path.parts)


def end(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for the end; return exit status and what was said on standard error."""
    _, errors = process.communicate(timeout=120)
    return process.returncode, errors


@pytest.mark.timeout(600)
def test_a_run_killed_at_ten_moments_ends_with_the_same_bytes_as_an_undisturbed_one(
    tmp_path: Path, command: Command, source: Path
) -> None:
    fill(source, 2000)
    command("run", source, tmp_path / "undisturbed")
    out, chance, kills = tmp_path / "out", random.Random(20261), 0
    while kills < 10:
        process = command.start("run", source, out)
        have = results(out)
        wait_for_results(process, out, have + chance.randrange(1, 120))
        process.kill()
        process.communicate()
        kills += 1
    assert 0 < results(out) < 2000
    command("run", source, out)
    assert tree(out) == tree(tmp_path / "undisturbed")
    totals = report(out)["Totals"]
    assert (totals["Instances"], totals["Duplicates"], totals["Files"]) == (2000, 0, 2000)
    assert not (out / ".incoming").exists()


def test_an_interrupted_run_says_so_and_goes_on(tmp_path: Path, command: Command, source: Path) -> None:
    fill(source, 600)
    out = tmp_path / "out"
    process = command.start("run", source, out)
    wait_for_results(process, out, 21)
    process.send_signal(signal.SIGTERM)
    status, errors = end(process)
    assert (status, "interrupted" in errors) == (1, True)
    assert report(out)["LastRun"]["Finished"] is False
    command("run", source, out)
    found = report(out)
    assert (found["Totals"]["Instances"], found["Totals"]["Duplicates"]) == (600, 0)
    assert found["LastRun"]["Finished"] is True


@contextmanager
def small_disk(path: Path, size: str) -> Iterator[None]:
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", path], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", path], check=True)


@as_root
@linux
def test_a_full_disk_stops_the_run_with_nothing_half_written_and_more_room_ends_it(
    tmp_path: Path, command: Command, source: Path
) -> None:
    fill(source, 400)
    command("run", source, tmp_path / "undisturbed")
    with small_disk(tmp_path / "disk", "400k"):
        out = tmp_path / "disk" / "out"
        arguments = ("run", source, out, "--report", tmp_path / "out.report")
        done = command(*arguments, status=1)
        assert "No space left on device; make the output folder usable" in done.stderr
        written = tree(out)
        assert 0 < len(written) < 400
        assert written.items() <= tree(tmp_path / "undisturbed").items()
        subprocess.run(["mount", "-o", "remount,size=20m", tmp_path / "disk"], check=True)
        command(*arguments)
        assert tree(out) == tree(tmp_path / "undisturbed")


@as_root
@linux
def test_a_full_disk_under_the_report_stops_the_run_and_it_goes_on_later(
    tmp_path: Path, command: Command, source: Path
) -> None:
    fill(source, 400)
    with small_disk(tmp_path / "disk", "200k"):
        arguments = ("run", source, tmp_path / "out", "--report", tmp_path / "disk" / "report")
        done = command(*arguments, status=1)
        assert "full" in done.stderr or "No space left" in done.stderr
        subprocess.run(["mount", "-o", "remount,size=20m", tmp_path / "disk"], check=True)
        command(*arguments)
        assert results(tmp_path / "out") == 400


@as_root
@linux
def test_an_output_made_read_only_midway_stops_the_run() -> None:
    with open_folder() as place:
        fill(place / "in", 900)
        for name in ("out", "report", "config"):
            (place / name).mkdir()
            os.chown(place / name, NOBODY, NOBODY)
        command, out = Command(place / "config"), place / "out"
        arguments = ("run", place / "in", out, "--report", place / "report")
        process = command.start(*arguments, user=NOBODY, group=NOBODY, extra_groups=[])
        wait_for_results(process, out, 21)
        folders = [path for path in (out, *out.rglob("*")) if path.is_dir()]
        for path in folders:
            path.chmod(0o555)
        status, errors = end(process)
        assert (status, "Permission denied" in errors) == (1, True), errors
        for path in folders:
            if path.exists():
                path.chmod(0o755)
        command(*arguments, user=NOBODY, group=NOBODY, extra_groups=[])
        assert results(out) == 900


@linux
def test_a_worker_that_is_killed_takes_no_file_along(tmp_path: Path, command: Command, source: Path) -> None:
    fill(source, 600)
    out = tmp_path / "out"
    process = command.start("run", source, out, "--workers", 2)
    wait_for_results(process, out, 21)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    workers = [pid for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    os.kill(int(workers[-1]), signal.SIGKILL)
    assert end(process)[0] == 0
    assert report(out)["Totals"]["Instances"] == 600


def run_here(tmp_path: Path, source: Path, setup_of: Callable[[FolderWorkerSetup], object]) -> FolderRun:
    """Run in this process, with workers of a test's making; the record stays at tmp_path / "ledger.db"."""
    output = tmp_path / "out"
    setup = FolderWorkerSetup(source, output, load_profile("neutral"), KEY)
    ledger = FileLedger.open(tmp_path / "ledger.db", KEY.fingerprint)
    pool = RestartablePool(setup_of(setup), 2, partial(process_pool))  # type: ignore[arg-type]
    folders = FolderRunSettings(source, output, "neutral")
    with QuarantineCsv(tmp_path / "quarantine.csv") as listing:
        run = FolderRun(folders, FileIds(KEY, source), ledger, pool, 2, listing)
        for _ in run.steps():
            pass
        listing.close(keep=True)
    ledger.close()
    return run


def test_a_file_that_makes_a_worker_crash_is_quarantined_alone(tmp_path: Path, source: Path) -> None:
    fill(source, 50)
    (source / "patient 0" / "0000" / "crash").write_bytes(part10(ct(51)))
    run = run_here(tmp_path, source, CrashingSetup)
    assert run.progress.counts == {State.DELIVERED: 50, State.QUARANTINED: 1}
    (line,) = (tmp_path / "quarantine.csv").read_text().splitlines()[1:]
    assert "crashed its worker" in line
    again = run_here(tmp_path, source, lambda setup: setup)
    assert again.progress.counts == {State.DELIVERED: 1}
    assert again.progress.done_before == 50


@linux
@pytest.mark.parametrize("partly", [False, True], ids=["mapped", "partly read"])
@pytest.mark.parametrize("size", [200, 4096])  # the rest of a page reads as zeros; behind it the worker dies
def test_a_file_that_shrinks_while_it_is_read_takes_at_most_a_worker_along(
    tmp_path: Path, source: Path, size: int, partly: bool
) -> None:
    fill(source, 20)
    (source / "shrinks").write_bytes(part10(ct(21, Rows=512, Columns=1024, PixelData=bytes(1 << 20))))
    run = run_here(tmp_path, source, partial(ShrinkingSetup, size=size, partly=partly))
    assert run.progress.counts[State.FAILED] == 1
    (line,) = (tmp_path / "quarantine.csv").read_text().splitlines()[1:]
    assert line.split(",")[1:4] == ["./shrinks", "failed", "source"]
    assert results(tmp_path / "out") == 20
