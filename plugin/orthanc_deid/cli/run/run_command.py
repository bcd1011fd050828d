"""`orthanc-deid run`: lock, check and run a folder run, and write its report."""

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
from orthanc_deid.cli.run.existing_outputs import ExistingOutputs
from orthanc_deid.cli.run.folder_run import FolderRun, FolderRunSettings, StoppedError
from orthanc_deid.cli.run.folder_worker_setup import FolderWorkerSetup
from orthanc_deid.cli.run.paths import RunPaths, outputs_in
from orthanc_deid.cli.run.progress import display, line
from orthanc_deid.cli.run.quarantine_csv import QuarantineCsv
from orthanc_deid.cli.run.report_files import RunDetails, make_report, write_mapping, write_report
from orthanc_deid.cli.run.run_manifest import naming_recorded_profile, refuse_mixing
from orthanc_deid.config.key import Key
from orthanc_deid.config.keyfile import open_key
from orthanc_deid.errors import ConfigError, DeidError, StoreError
from orthanc_deid.ledger.database import stored_fingerprint
from orthanc_deid.ledger.folder_run.file_ledger import FileLedger
from orthanc_deid.profile.model import Profile
from orthanc_deid.profile.verify_depth import VerifyDepth
from orthanc_deid.report.run.report_model import LastRun, Report
from orthanc_deid.sources.folder_source import FileIds
from orthanc_deid.stores.incoming_folder import INCOMING, remove_stale
from orthanc_deid.workers.pool import RestartablePool, command_pool

DONE, COULD_NOT_RUN, WRONG_USAGE, SOME_WITHHELD = 0, 1, 2, 3
"""Exit statuses: all delivered; could not start or finish; wrong usage; files quarantined or failed."""

_TIDY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class RunSettings:
    """The arguments of the command."""

    paths: RunPaths
    profile: Profile
    depth: VerifyDepth
    workers: int
    as_json: bool
    out: TextIO
    holds_mixed_studies: bool = False


def run(settings: RunSettings) -> int:
    """Run, report, and return the exit status. Raises UsageError and ConfigError before anything is done."""
    paths = settings.paths
    ledger_url = f"sqlite:///{paths.ledger}"
    held = stored_fingerprint(ledger_url) if paths.ledger.exists() else None
    with _naming_argument("OUTPUT"):
        existing = outputs_in(paths.output, is_ours=held is not None)
    with _naming_argument("--key"), naming_recorded_profile(paths.ledger if held else None):
        key = _key(paths.key, held, settings)
    with ExitStack() as held_open:
        with _naming_argument("--report"):
            paths.report.mkdir(mode=0o700, parents=True, exist_ok=True)
            held_open.enter_context(_locked_report(paths.report))
        ledger = FileLedger.open(paths.ledger, key.fingerprint)
        held_open.callback(ledger.close)
        refuse_mixing(ledger, settings.profile, settings.depth, key)
        return _run(settings, ledger, key, existing)


def _key(path: Path, held: str | None, settings: RunSettings) -> Key:
    existed = path.exists()
    if not existed and held is None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = open_key(path, may_create=held is None, fingerprint=held)
    if not existed and not settings.as_json:
        say(settings.out, f"A new secret key was made: {path}. Keep it, and keep it secret.")
    return key


def say(out: TextIO, text: str) -> None:
    """Print a line; a reader that has closed the pipe (`| head`) is no error."""
    try:
        out.write(f"{text}\n")
        out.flush()
    except BrokenPipeError:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), out.fileno()
        )  # so that closing it at exit does not fail either


@contextmanager
def _naming_argument(argument: str) -> Iterator[None]:
    """Turn an OSError into a ConfigError that names the argument whose folder cannot be used."""
    try:
        yield
    except OSError as error:
        raise ConfigError(f"{argument}: {error.strerror or type(error).__name__}") from None


@contextmanager
def _locked_report(report: Path) -> Iterator[None]:
    """Hold the lock of the report folder: two runs at once would do everything twice."""
    handle = os.open(report / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not system.try_lock(handle):
            raise ConfigError("another run with this report is under way")
        yield
    finally:
        os.close(handle)


def _remove_incoming(output: Path) -> None:
    """Remove the folder of unfinished files from OUTPUT, which is to be given away, when the workers have ended."""
    folder = output / INCOMING
    deadline = time.monotonic() + _TIDY_SECONDS
    while folder.is_dir() and time.monotonic() < deadline:
        with suppress(OSError):  # a worker is not gone yet
            remove_stale(output)
            folder.rmdir()
            return
        time.sleep(0.01)


def _run(settings: RunSettings, ledger: FileLedger, key: Key, existing: ExistingOutputs) -> int:
    paths, profile = settings.paths, settings.profile
    want_mapping = paths.mapping is not None
    started, began = datetime.now().astimezone(), time.monotonic()
    setup = FolderWorkerSetup(paths.root, paths.output, profile, key, settings.depth, want_mapping)
    run_settings = FolderRunSettings(
        paths.root, paths.output, profile.name, want_mapping, existing, settings.holds_mixed_studies
    )
    with QuarantineCsv(paths.report / "quarantine.csv") as quarantine:
        pool = RestartablePool(setup, settings.workers, command_pool)
        folder_run = FolderRun(
            run_settings, FileIds(key, paths.root), ledger, pool, settings.workers, quarantine
        )
        stopped_by = _run_to_end(folder_run, settings)
        _remove_incoming(paths.output)
        facts = RunDetails(
            profile,
            settings.depth,
            key.fingerprint,
            settings.workers,
            started,
            time.monotonic() - began,
            folder_run.progress,
            stopped_by,
        )
        try:
            report = make_report(ledger, facts)
            write_report(paths.report, ledger, report)
            if paths.mapping is not None:
                write_mapping(paths.mapping, ledger)
            quarantine.close(keep=True)
        except (OSError, StoreError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            say(sys.stderr, f"orthanc-deid: the report could not be written: {reason}")
            return COULD_NOT_RUN
    _print_summary(settings, report)
    if stopped_by:
        say(sys.stderr, f"orthanc-deid: stopped: {stopped_by}")
        return COULD_NOT_RUN
    unfinished = report.totals.quarantined + report.totals.failed + report.last_run.unreadable_folders
    return SOME_WITHHELD if unfinished else DONE


def _run_to_end(folder_run: FolderRun, settings: RunSettings) -> str:
    """Run to the end; returns the reason if it stopped earlier, or an empty string."""
    try:
        with _sigterm_interrupts(), display(settings.out, settings.paths.root, settings.as_json) as shown:
            for _ in folder_run.steps():
                shown.show(folder_run.progress)
    except StoppedError as error:
        return str(error)
    except KeyboardInterrupt:
        with suppress(DeidError):
            folder_run.save()
        return "it was interrupted; run the same command again to go on"
    return ""


@contextmanager
def _sigterm_interrupts() -> Iterator[None]:
    """Handle SIGTERM like Ctrl-C."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _print_summary(settings: RunSettings, report: Report) -> None:
    totals, run, folder = report.totals, report.last_run, settings.paths.report
    if settings.as_json:
        done = report.model_dump(mode="json", by_alias=True, include={"totals", "last_run"})
        line(settings.out, {"Event": "end", **done, "Report": os.fspath(folder)})
        return
    say(
        settings.out,
        f"{totals.instances} instances delivered, {totals.duplicates} duplicates, {totals.quarantined} quarantined, "
        f"{totals.failed} failed, {totals.not_dicom} not DICOM; {_pace(run)}, verified {report.profile.verify}.",
    )
    if mixed := sum(study.state == "SeveralPatients" for study in report.studies):
        say(
            settings.out,
            f"{mixed} studies were delivered under several patients, as the report lists: correct the PatientID, or "
            "hold what stands under the second one by --mixed-patients hold.",
        )
    say(settings.out, f"Report: {folder / 'report.html'}")
    if totals.quarantined or totals.failed or run.unreadable_folders:
        say(settings.out, f"What was not delivered, and why: {folder / 'quarantine.csv'}")


def _pace(run: LastRun) -> str:
    """Return the speed of this run, or that earlier runs had done everything."""
    if run.processed or not run.finished:
        return f"{run.processed} files in {run.seconds:.1f} s ({run.files_per_second:.0f} files/s)"
    if run.finished_before:
        return f"nothing was new, all {run.finished_before} files had been done before"
    return "no file was found"
