"""A worker of the folder command: what it reads, what it puts, and what it lets go when a file changes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from orthanc_deid import system
from orthanc_deid.cli.run.folder_worker import FolderWorker
from orthanc_deid.cli.run.folder_worker_setup import FolderWorkerSetup
from orthanc_deid.cli.run.output_stores import STORE
from orthanc_deid.config.key import Key
from orthanc_deid.pipeline.tasks import Outcome, Result, Task
from orthanc_deid.profile.load import load_profile
from orthanc_deid.sources import folder_source
from orthanc_deid.stores import folder_store
from support.folders.trees import UNTOLD, ct, part10, tree

KEY = Key(bytes(range(32)))
LONG_AGO = 1_000_000_000  # seconds of the epoch: no change falls into the same tick of the clock


@pytest.fixture
def worker(tmp_path: Path, source: Path) -> FolderWorker:
    return FolderWorkerSetup(source, tmp_path / "out", load_profile("neutral"), KEY).open()


def put(source: Path, name: str) -> None:
    (source / name).write_bytes(part10(ct(0, PixelData=bytes(512))))
    os.utime(source / name, (LONG_AGO, LONG_AGO))


def run(worker: FolderWorker, name: str) -> Outcome:
    [outcome] = worker.run([Task(1, 0, name, LONG_AGO * 1_000_000_000, "neutral", STORE)])
    return outcome


def come_later(monkeypatch: pytest.MonkeyPatch, *, partly: bool) -> None:
    """Have small files mapped like large ones, or partly read."""
    monkeypatch.setattr(folder_source, "PARTLY_FROM", 0)
    monkeypatch.setattr(folder_source, "READ_AT_MOST", 0)
    if not partly:
        monkeypatch.setattr(folder_source, "LONGEST_HEAD", UNTOLD)


def overwrite_pixels(path: Path) -> None:
    """Change the file's last bytes in place; its size stays."""
    with path.open("r+b") as file:
        file.seek(-256, os.SEEK_END)
        file.write(b"\x07" * 256)


@pytest.mark.parametrize("partly", [False, True], ids=["mapped", "partly read"])
def test_a_file_that_changes_while_its_result_is_written_is_not_delivered(
    tmp_path: Path, source: Path, worker: FolderWorker, monkeypatch: pytest.MonkeyPatch, partly: bool
) -> None:
    put(source, "changes")
    come_later(monkeypatch, partly=partly)
    write_all = system.write_all

    def changing(handle: int, parts: Sequence[memoryview]) -> None:
        overwrite_pixels(source / "changes")
        write_all(handle, parts)

    monkeypatch.setattr(system, "write_all", changing)
    outcome = run(worker, "changes")
    assert (outcome.result, outcome.reason) == (Result.RETRY, "the file changed while it was read")
    assert tree(tmp_path / "out") == {}
    assert not list((tmp_path / "out" / ".incoming").glob("*.part"))


@pytest.mark.parametrize("partly", [False, True], ids=["mapped", "partly read"])
def test_a_file_that_changes_while_it_is_compared_is_no_conflict(
    tmp_path: Path, source: Path, worker: FolderWorker, monkeypatch: pytest.MonkeyPatch, partly: bool
) -> None:
    put(source, "first")
    put(source, "twin")
    come_later(monkeypatch, partly=partly)
    assert run(worker, "first").result is Result.DELIVERED
    delivered = tree(tmp_path / "out")
    holds = folder_store._holds

    def changing(*arguments: object) -> bool:
        overwrite_pixels(source / "twin")
        return holds(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(folder_store, "_holds", changing)
    outcome = run(worker, "twin")
    assert (outcome.result, outcome.reason) == (Result.RETRY, "the file changed while it was read")
    assert tree(tmp_path / "out") == delivered
