"""`orthanc-deid run`: from the arguments to the exit status."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import TextIO

from orthanc_deid import system
from orthanc_deid.cli.run.existing_outputs import Present
from orthanc_deid.cli.run.folder_run import FolderRun, RunFolders, StoppedError
from orthanc_deid.cli.run.folder_worker_setup import FolderWorkerSetup
from orthanc_deid.cli.run.paths import Places, UsageError, results_in
from orthanc_deid.cli.run.progress import display, line, numbers
from orthanc_deid.cli.run.quarantine_csv import Listing
from orthanc_deid.cli.run.report_files import RunFacts, make_report, write_mapping, write_report
from orthanc_deid.cli.run.run_manifest import hold_to, telling_the_profile
from orthanc_deid.config.key import Key
from orthanc_deid.config.keyfile import open_key
from orthanc_deid.errors import ConfigError, DeidError, StoreError
from orthanc_deid.ledger.database import stored_fingerprint
from orthanc_deid.ledger.folder_run.file_ledger import FileLedger
from orthanc_deid.profile.model import Profile, VerifyDepth
from orthanc_deid.report.run.report_model import LastRun, Report
from orthanc_deid.sources.folder_source import FileIds
from orthanc_deid.stores.incoming_folder import FOLDER as INCOMING
from orthanc_deid.stores.incoming_folder import remove_stale
from orthanc_deid.workers.pool import RestartablePool, command_pool

DONE, COULD_NOT_RUN, WRONG_USAGE, SOME_WITHHELD = 0, 1, 2, 3
"""Exit statuses: all delivered; could not run, or not to its end; wrong usage; some quarantined or failed."""

_TIDY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class RunSettings:
    """What the command line says."""

    places: Places
    profile: Profile
    depth: VerifyDepth
    workers: int
    as_json: bool
    out: TextIO


def run(settings: RunSettings) -> int:
    """Run, report, and return the exit status. Raises UsageError and ConfigError before anything is done."""
    places = settings.places
    ledger_url = f"sqlite:///{places.ledger}"
    held = stored_fingerprint(ledger_url) if places.ledger.exists() else None
    with _said_of("OUTPUT"):
        present = results_in(places.output, is_ours=held is not None)
    with _said_of("--key"), telling_the_profile(places.ledger if held else None):
        key = _key(places.key, held, settings)
    with ExitStack() as held_open:
        with _said_of("--report"):
            places.report.mkdir(mode=0o700, parents=True, exist_ok=True)
            held_open.enter_context(_alone(places.report))
        ledger = FileLedger.open(places.ledger, key.fingerprint)
        held_open.callback(ledger.close)
        hold_to(ledger, settings.profile, settings.depth, key)
        return _run(settings, ledger, key, present)


def _key(path: Path, held: str | None, settings: RunSettings) -> Key:
    existed = path.exists()
    if not existed and held is None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = open_key(path, may_create=held is None, fingerprint=held)
    if not existed and not settings.as_json:
        say(settings.out, f"A new secret key was made: {path}. Keep it, and keep it secret.")
    return key


def say(out: TextIO, text: str) -> None:
    """Print a line; a reader that has gone (`| head`) does not undo what was done."""
    try:
        out.write(f"{text}\n")
        out.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())  # so that nothing fails at the end either


@contextmanager
def _said_of(argument: str) -> Iterator[None]:
    """Name the argument whose folder the system does not let us use, where nothing else has said it."""
    try:
        yield
    except OSError as error:
        raise ConfigError(f"{argument}: {error.strerror or type(error).__name__}") from None


@contextmanager
def _alone(report: Path) -> Iterator[None]:
    """Hold the report folder's lock: two runs at once would do everything twice."""
    handle = os.open(report / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not system.try_lock(handle):
            raise ConfigError("another run with this report is under way")
        yield
    finally:
        os.close(handle)


def _tidy(output: Path) -> None:
    """Remove what the workers leave in OUTPUT as they end: it is to be given away, and theirs alone in it."""
    folder = output / INCOMING
    deadline = time.monotonic() + _TIDY_SECONDS
    while folder.is_dir() and time.monotonic() < deadline:
        with suppress(OSError):  # a worker is not gone yet
            remove_stale(output)
            folder.rmdir()
            return
        time.sleep(0.01)


def _run(settings: RunSettings, ledger: FileLedger, key: Key, present: Present) -> int:
    places, profile = settings.places, settings.profile
    want_mapping = places.mapping is not None
    started, began = datetime.now().astimezone(), time.monotonic()
    setup = FolderWorkerSetup(places.root, places.output, profile, key, settings.depth, want_mapping)
    folders = RunFolders(places.root, places.output, profile.name, want_mapping, present)
    with Listing(places.report / "quarantine.csv") as listing:
        pool = RestartablePool(setup, settings.workers, command_pool)
        going = FolderRun(folders, FileIds(key, places.root), ledger, pool, settings.workers, listing)
        stopped_by = _go(going, settings)
        _tidy(places.output)
        facts = RunFacts(
            profile,
            settings.depth,
            key.fingerprint,
            settings.workers,
            started,
            time.monotonic() - began,
            going.progress,
            stopped_by,
        )
        try:
            report = make_report(ledger, facts)
            write_report(places.report, ledger, report)
            if places.mapping is not None:
                write_mapping(places.mapping, ledger)
            listing.close(keep=True)
        except (OSError, StoreError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            say(sys.stderr, f"orthanc-deid: the report could not be written: {reason}")
            return COULD_NOT_RUN
    _tell(settings, report)
    if stopped_by:
        say(sys.stderr, f"orthanc-deid: stopped: {stopped_by}")
        return COULD_NOT_RUN
    unfinished = report.totals.quarantined + report.totals.failed + report.last_run.unreadable_folders
    return SOME_WITHHELD if unfinished else DONE


def _go(going: FolderRun, settings: RunSettings) -> str:
    """Run to the end; returns why it stopped before it, or nothing."""
    try:
        with _interruptible(), display(settings.out, settings.places.root, settings.as_json) as shown:
            for _ in going.turns():
                shown.show(going.progress)
    except StoppedError as error:
        return str(error)
    except KeyboardInterrupt:
        with suppress(DeidError):
            going.save()
        return "it was interrupted; run the same command again to go on"
    return ""


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let a request to end (SIGTERM) end a run as Ctrl-C does."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _tell(settings: RunSettings, report: Report) -> None:
    totals, run, folder = report.totals, report.last_run, settings.places.report
    if settings.as_json:
        done = report.model_dump(mode="json", by_alias=True, include={"totals", "last_run"})
        line(settings.out, {"Event": "end", **done, "Report": os.fspath(folder)})
        return
    say(
        settings.out,
        f"{totals.instances} instances delivered, {totals.duplicates} duplicates, {totals.quarantined} quarantined, "
        f"{totals.failed} failed, {totals.not_dicom} not DICOM; {_pace(run)}, verified {report.profile.verify}.",
    )
    say(settings.out, f"Report: {folder / 'report.html'}")
    if totals.quarantined or totals.failed or run.unreadable_folders:
        say(settings.out, f"What was not delivered, and why: {folder / 'quarantine.csv'}")


def _pace(run: LastRun) -> str:
    """Return what this run did; earlier ones may have done all of it."""
    if run.processed or not run.finished:
        return f"{run.processed} files in {run.seconds:.1f} s ({run.files_per_second:.0f} files/s)"
    if run.finished_before:
        return f"nothing was new, all {run.finished_before} files had been done before"
    return "no file was found"


__all__ = [
    "COULD_NOT_RUN",
    "DONE",
    "SOME_WITHHELD",
    "WRONG_USAGE",
    "RunSettings",
    "UsageError",
    "numbers",
    "run",
]
