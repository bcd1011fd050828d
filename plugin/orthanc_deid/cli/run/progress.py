"""Show the progress of a command: a bar on a terminal, plain lines elsewhere, JSON lines for programs."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any, Protocol, TextIO

from orthanc_deid.cli.run.folder_run import Progress
from orthanc_deid.pipeline.tasks import State
from orthanc_deid.sources.folder_source import count_files

PLAIN_EVERY = 10.0
"""Seconds between two plain lines; JSON lines come each second."""


class Display(Protocol):
    """Shows progress. `show` is called often and limits by itself how often it writes."""

    def show(self, progress: Progress) -> None:
        """Show the progress."""


def numbers(progress: Progress) -> dict[str, int]:
    """Return the counts by name."""
    counts = progress.counts
    return {
        "Found": progress.found,
        "FinishedBefore": progress.done_before,
        "Processed": progress.done,
        "Delivered": counts.get(State.DELIVERED, 0) + counts.get(State.DUPLICATE, 0),
        "Quarantined": counts.get(State.QUARANTINED, 0),
        "Failed": counts.get(State.FAILED, 0),
        "NotDicom": counts.get(State.IGNORED, 0),
        "Bytes": progress.size,
    }


class Lines:
    """Plain lines, or JSON lines, at intervals."""

    def __init__(self, out: TextIO, as_json: bool) -> None:
        self._out = out
        self._json = as_json
        self._every = 1.0 if as_json else PLAIN_EVERY
        self._began = time.monotonic()
        self._last = self._began

    def show(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._last < self._every:
            return
        self._last = now
        counts = numbers(progress)
        rate = progress.done / (now - self._began)
        if self._json:
            line(self._out, {"Event": "progress", **counts, "FilesPerSecond": round(rate, 1)})
            return
        text = (
            f"{counts['Processed'] + counts['FinishedBefore']} files done, {counts['Delivered']} delivered, "
            f"{counts['Quarantined']} quarantined, {counts['Failed']} failed, {counts['NotDicom']} not DICOM, "
            f"{rate:.0f} files/s"
        )
        print(text, file=self._out, flush=True)


def line(out: TextIO, event: dict[str, Any]) -> None:
    """Write one JSON line."""
    out.write(json.dumps(event, ensure_ascii=True) + "\n")
    out.flush()


class Bar:
    """A bar with rate and time left. The tree is counted meanwhile, which gives the total."""

    def __init__(self, bar: Any, task: Any) -> None:
        self._bar = bar
        self._task = task
        self._last = 0.0

    def show(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._last < 0.1:
            return
        self._last = now
        counts = numbers(progress)
        done = counts["Processed"] + counts["FinishedBefore"] + progress.skipped
        aside = ", ".join(
            f"{counts[name]} {word}"
            for name, word in (
                ("Quarantined", "quarantined"),
                ("Failed", "failed"),
                ("NotDicom", "not DICOM"),
            )
            if counts[name]
        )
        self._bar.update(self._task, completed=done, aside=aside)


@contextmanager
def display(out: TextIO, root: Path, as_json: bool) -> Iterator[Display]:
    """Return a display that suits `out`."""
    if as_json or not out.isatty():
        yield Lines(out, as_json)
        return
    with _bar(out, root) as bar:
        yield bar


@contextmanager
def _bar(out: TextIO, root: Path) -> Iterator[Bar]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as RichProgress
    from rich.text import Text

    class FilesPerSecond(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:.0f} files/s" if task.speed else "")

    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        FilesPerSecond(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[aside]}"),
    )
    over = Event()
    with RichProgress(*columns, console=Console(file=out), transient=True) as shown:
        task = shown.add_task("", total=None, aside="")

        def count() -> None:
            total = 0
            for number in count_files(root):
                if over.is_set():
                    return
                total += number
            shown.update(task, total=total)

        Thread(target=count, daemon=True, name="deidentify-count").start()
        try:
            yield Bar(shown, task)
        finally:
            over.set()
