"""A full disk, a folder made read-only, a writer killed in the middle: nothing half-written, nothing lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from orthanc_deid.errors import StoreError
from orthanc_deid.ledger.queue.ledger import Ledger
from orthanc_deid.pipeline.pipeline_setup import PipelineSetup
from orthanc_deid.pipeline.retry_policy import RetryPolicy
from orthanc_deid.pipeline.tasks import NewTask, State
from orthanc_deid.stores.folder_store import FolderSetup, FolderStore
from orthanc_deid.stores.incoming_folder import INCOMING
from orthanc_deid.stores.store import Put
from orthanc_deid.workers.scheduler import Scheduler, SchedulerSettings
from support.pipeline_parts import KEY, PROFILE, FolderOfBytes, fill, turned, verified
from support.waiting import wait_until

MEBIBYTE = 1 << 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.name != "posix" or os.geteuid() != 0:
        pytest.skip("mounting a file system needs root")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("file systems cannot be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)  # a failed test may hold it open


def results(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.dcm"))


def test_a_full_disk_fails_the_put_and_leaves_nothing_half_written(small_disk: Path) -> None:
    store = FolderStore("out", small_disk / "out")
    content = os.urandom(MEBIBYTE + 8192)  # of the fourth only a part fits
    halves = [content[: MEBIBYTE // 2], content[MEBIBYTE // 2 :]]
    for number in range(3):
        store.put(verified(halves, f"2.25.{number}"))
    with pytest.raises(StoreError, match="No space"):
        store.put(verified(halves, "2.25.3"))
    assert [path.read_bytes() for path in results(small_disk)] == [content] * 3
    assert [path.suffix for path in (small_disk / "out" / INCOMING).iterdir()] == [".lock"]
    results(small_disk)[0].unlink()
    assert store.put(verified([content], "2.25.9")) is Put.DELIVERED, "it goes on as soon as there is room"
    store.close()


def test_work_waits_for_a_full_disk_and_goes_on_when_there_is_room(small_disk: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    names = [f"i{number}" for number in range(6)]
    for name in names:
        (tmp_path / "in" / name).write_bytes(os.urandom(MEBIBYTE))
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(2 * MEBIBYTE))
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}", "fp", RetryPolicy(0.2, 0.2, 100))
    ledger.record([NewTask(name, number, "neutral", "out") for number, name in enumerate(names, 1)], 6, 0.0)
    setup = PipelineSetup(
        FolderOfBytes(tmp_path / "in"),
        (FolderSetup("out", small_disk / "out"),),
        (PROFILE,),
        KEY,
        processes=turned,
    )
    scheduler = Scheduler(ledger, setup, SchedulerSettings("node", 1, idle=0.05))
    scheduler.start()
    try:
        wait_until(lambda: any(row.rule == "store" for row in ledger.rows(State.PENDING)))
        reasons = {row.reason for row in ledger.rows(State.PENDING) if row.rule == "store"}
        assert any("No space" in reason for reason in reasons)
        subprocess.run(["mount", "-o", "remount,size=16m", small_disk], check=True)
        wait_until(lambda: ledger.counts()[State.DELIVERED] == 6)
    finally:
        scheduler.stop()
        ledger.close_database()
    assert len(results(small_disk)) == 6


def test_an_output_folder_that_became_read_only_fails_until_it_can_be_written_again(small_disk: Path) -> None:
    FolderStore("out", small_disk / "out").close()
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(StoreError, match="Read-only"):
        FolderStore("out", small_disk / "out")
    subprocess.run(["mount", "-o", "remount,rw", small_disk], check=True)
    store = FolderStore("out", small_disk / "out")
    assert store.put(verified([b"two"], "2.25.2")) is Put.DELIVERED
    store.close()


WRITER = """
import os, sys
sys.path[:0] = {path!r}
from pathlib import Path
from support.pipeline_parts import verified
from orthanc_deid.stores.folder_store import FolderStore
store = FolderStore("out", Path({folder!r}))
number = 0
while True:
    number += 1
    store.put(verified([bytes([number % 256]) * 4_000_000] * 3, f"2.25.{{number}}"))
    print(number, flush=True)
"""


def test_a_writer_killed_in_the_middle_leaves_no_half_file_and_its_rest_is_removed(tmp_path: Path) -> None:
    out = tmp_path / "out"
    leftovers = 0
    for _ in range(6):
        program = WRITER.format(path=sys.path, folder=str(out))
        writer = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        try:
            writer.stdout.readline()
            # Somewhere in the middle of a file: 12 MB take a few milliseconds.
            wait_until(lambda: bool(list((out / INCOMING).glob("*.part"))))
        finally:
            writer.send_signal(signal.SIGKILL)
            writer.wait()
            writer.stdout.close()
        leftovers += len(list((out / INCOMING).glob("*.part")))
        for path in results(out):
            assert path.stat().st_size == 12_000_000
            path.unlink()
    store = FolderStore("out", out)
    assert [path.suffix for path in (out / INCOMING).iterdir()] == [".lock"]
    store.close()
    assert leftovers > 0, "no kill hit the middle of a file: this test has shown nothing"


def test_a_store_that_cannot_be_opened_holds_up_no_other(tmp_path: Path) -> None:
    names = fill(tmp_path / "in", 40)
    (tmp_path / "file").write_bytes(b"")
    stores = (FolderSetup("good", tmp_path / "out"), FolderSetup("bad", tmp_path / "file" / "out"))
    setup = PipelineSetup(FolderOfBytes(tmp_path / "in"), stores, (PROFILE,), KEY, processes=turned)
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}", "fp", RetryPolicy(60.0, 60.0, 100))
    tasks = [
        NewTask(name, n, "neutral", store) for n, name in enumerate(names, 1) for store in ("bad", "good")
    ]
    ledger.record(tasks, 40, 0.0)
    scheduler = Scheduler(ledger, setup, SchedulerSettings("node", 2, idle=0.05))
    scheduler.start()
    try:
        wait_until(lambda: ledger.counts().stores["good"] == {State.DELIVERED: 40})
    finally:
        scheduler.stop()
    assert ledger.counts().stores["bad"] == {State.PENDING: 40}
    ledger.close_database()
