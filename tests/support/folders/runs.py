"""Folder runs in this process, one after another over one tree, and all that they leave behind."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orthanc_deid.cli.run.folder_run import FolderRun, FolderRunSettings
from orthanc_deid.cli.run.folder_worker_setup import FolderWorkerSetup
from orthanc_deid.cli.run.quarantine_csv import QuarantineCsv
from orthanc_deid.config.key import Key
from orthanc_deid.ledger.folder_run.file_ledger import FileLedger
from orthanc_deid.pipeline.tasks import State
from orthanc_deid.profile.load import load_profile
from orthanc_deid.sources.folder_source import FileIds
from orthanc_deid.workers.pool import ExecutorFactory, RestartablePool
from orthanc_deid.workers.runner import RunnerSetup, open_runner
from support.folders.trees import tree

KEY = Key(bytes(range(32)))


class Here(Executor):
    """Runs chunks in this process as they are submitted."""

    def __init__(self, setup: RunnerSetup[object], _count: int) -> None:
        open_runner(setup)

    def submit(self, task: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(task(*arguments, **named))
        return future


@dataclass
class Trial:
    """Runs over one tree into one output, with a ledger and a listing that stay."""

    source: Path
    place: Path
    factory: ExecutorFactory = Here
    workers: int = 1

    def steps(self, setup_of: Callable[[FolderWorkerSetup], Any] = lambda setup: setup) -> Iterator[None]:
        self.place.mkdir(exist_ok=True)
        output = self.place / "out"
        setup = FolderWorkerSetup(self.source, output, load_profile("neutral"), KEY)
        ledger = FileLedger.open(self.place / "ledger.db", KEY.fingerprint)
        pool = RestartablePool(setup_of(setup), self.workers, self.factory)
        folders = FolderRunSettings(self.source, output, "neutral")
        with QuarantineCsv(self.place / "quarantine.csv") as listing:
            run = FolderRun(folders, FileIds(KEY, self.source), ledger, pool, self.workers, listing)
            try:
                yield from run.steps()
            finally:
                ledger.close()
            listing.close(keep=True)

    def run(self, setup_of: Callable[[FolderWorkerSetup], Any] = lambda setup: setup) -> Trial:
        for _ in self.steps(setup_of):
            pass
        return self

    def killed_after(self, steps: int) -> bool:
        """Run so many turns and no further; whether there were so many. What was not recorded is forgotten."""
        running = self.steps()
        met = sum(1 for _ in zip(range(steps), running, strict=False))
        running.close()  # type: ignore[attr-defined]
        return met == steps

    def end(self) -> dict[str, Any]:
        """Return all that a run leaves: files, lines, counts."""
        ledger = FileLedger.open(self.place / "ledger.db", KEY.fingerprint)
        states = ledger.counts()
        with (self.place / "quarantine.csv").open(newline="", encoding="utf-8") as file:
            lines = sorted((row["Path"], row["Outcome"], row["Rule"]) for row in csv.DictReader(file))
        found = {
            "tree": tree(self.place / "out"),
            "lines": lines,
            "stored": states.get((State.DELIVERED, ""), 0) + states.get((State.DUPLICATE, ""), 0),
            "actions": ledger.tallies("action"),
            "open": ledger.conflicts(10),
        }
        ledger.close()
        return found

    def lines(self) -> dict[str, tuple[str, str]]:
        return {path: (outcome, rule) for path, outcome, rule in self.end()["lines"]}
