"""Write the report of a run from its ledger: report.json, report.html, instances.csv, and the mapping if wanted."""

from __future__ import annotations

import csv
import os
import platform
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TextIO

from pydicom._uid_dict import UID_dictionary

from orthanc_deid.cli.run.folder_run import Progress
from orthanc_deid.ledger.folder_run.file_ledger import FileLedger
from orthanc_deid.ledger.folder_run.file_rows import GroupCounts
from orthanc_deid.pipeline.tasks import State
from orthanc_deid.profile.model import Profile
from orthanc_deid.profile.verify_depth import VerifyDepth
from orthanc_deid.report.run.report_model import (
    ActionCount,
    Count,
    Iod,
    LastRun,
    ReasonCount,
    Report,
    Software,
    Study,
    Totals,
    UsedProfile,
)
from orthanc_deid.report.run.run_report_page import run_report_page
from orthanc_deid.version import __version__

_DELIVERED = (State.DELIVERED, State.DUPLICATE)
_OUTCOMES = {State.QUARANTINED: "quarantined", State.FAILED: "failed", State.IGNORED: "not DICOM"}
INSTANCE_COLUMNS = (
    "File",
    "Outcome",
    "Rule",
    "Reason",
    "Profile",
    "SOPClassUID",
    "IOD",
    "PatientID",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "SOPInstanceUID",
    "Bytes",
    "Seconds",
)


@dataclass(frozen=True, slots=True)
class RunDetails:
    """The details of the last run that the ledger does not hold."""

    profile: Profile
    depth: VerifyDepth
    key: str
    workers: int
    started: datetime
    seconds: float
    progress: Progress
    stopped_by: str = ""


def make_report(ledger: FileLedger, run: RunDetails) -> Report:
    """Return the report; raises StoreError if the ledger fails."""
    counts = ledger.counts()
    mixed = ledger.mixed_studies()
    studies = tuple(_study(group, mixed) for group in ledger.groups("study"))
    iods = tuple(map(_iod, ledger.groups("sop_class")))
    return Report(
        software=_software(),
        profile=_profile(run.profile, run.depth),
        key=run.key,
        totals=_totals(ledger, counts, sum(study.instances for study in studies)),
        last_run=_last_run(run),
        actions=tuple(_actions(ledger)),
        reasons=tuple(_reasons(counts)),
        findings=_counts(ledger, "finding"),
        left_out=_counts(ledger, "left out"),
        notes=_counts(ledger, "note"),
        codes=_counts(ledger, "code"),
        iods=tuple(sorted(iods, key=lambda each: (-each.files, each.sop_class))),
        studies=studies,
    )


def write_report(folder: Path, ledger: FileLedger, report: Report) -> None:
    """Replace report.json, report.html and instances.csv; raises OSError and StoreError."""
    instances = folder / "instances.csv"
    if not (ledger.is_reported() and instances.exists()):
        with _replacing(instances) as file:
            rows = csv.writer(file)
            rows.writerow(INSTANCE_COLUMNS)
            rows.writerows(_instances(ledger))
    with _replacing(folder / "report.json") as file:
        file.write(report.to_json())
    with _replacing(folder / "report.html") as file:
        file.write(run_report_page(report))
    ledger.reported()


def write_mapping(folder: Path, ledger: FileLedger) -> None:
    """Write uid_mapping.csv and patid_mapping.csv, readable by their owner only."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for kind, name in (("uid", "uid_mapping.csv"), ("patient", "patid_mapping.csv")):
        with _replacing(folder / name) as file:
            rows = csv.writer(file)
            rows.writerow(("id_old", "id_new"))
            rows.writerows(ledger.mapping(kind))


@contextmanager
def _replacing(path: Path) -> Iterator[TextIO]:
    """Open a new file, mode 0600, that replaces `path` when it is complete."""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            yield file
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _instances(ledger: FileLedger) -> Iterable[tuple[object, ...]]:
    """Yield the rows; of files with the same result, the first is delivered and the others are duplicates."""
    last = ""
    for row in ledger.rows():
        outcome = row.state.value
        if row.state in _DELIVERED:
            outcome = State.DUPLICATE.value if row.sop_instance == last else State.DELIVERED.value
            last = row.sop_instance
        identifiers = (row.patient_id, row.study, row.series, row.sop_instance)
        about = (row.profile, row.sop_class, registered_sop_class_name(row.sop_class))
        yield (
            row.id.hex(),
            outcome,
            row.rule,
            row.reason,
            *about,
            *identifiers,
            row.size,
            f"{row.seconds:.4f}",
        )


@cache
def registered_sop_class_name(sop_class: str) -> str:
    """Return the name of a SOP class in PS3.6; empty for one that it does not register."""
    return UID_dictionary.get(sop_class, ("",))[0]


def _software() -> Software:
    return Software(
        name="orthanc-deid",
        version=__version__,
        python=platform.python_version(),
        pydicom=version("pydicom"),
        system=platform.system(),
    )


def _profile(profile: Profile, depth: VerifyDepth) -> UsedProfile:
    return UsedProfile(
        name=profile.name,
        fingerprint=profile.fingerprint(),
        description=profile.description,
        base=profile.base,
        options=tuple(option.value for option in profile.options),
        verify=depth,
    )


def _totals(ledger: FileLedger, counts: dict[tuple[State, str], int], instances: int) -> Totals:
    states: dict[State, int] = {}
    for (state, _), number in counts.items():
        states[state] = states.get(state, 0) + number
    delivered = sum(states.get(state, 0) for state in _DELIVERED)
    return Totals(
        files=sum(states.values()),
        delivered=delivered,
        instances=instances,
        duplicates=delivered - instances,
        quarantined=states.get(State.QUARANTINED, 0),
        failed=states.get(State.FAILED, 0),
        not_dicom=states.get(State.IGNORED, 0),
        bytes=ledger.size(),
    )


def _last_run(run: RunDetails) -> LastRun:
    progress, seconds = run.progress, max(run.seconds, 1e-9)
    return LastRun(
        started=run.started.isoformat(timespec="seconds"),
        seconds=round(run.seconds, 3),
        workers=run.workers,
        finished=not run.stopped_by,
        stopped_by=run.stopped_by,
        found=progress.found,
        finished_before=progress.done_before,
        processed=progress.done,
        passed=progress.skipped,
        unreadable_folders=progress.failed_folders,
        bytes=progress.size,
        files_per_second=round(progress.done / seconds, 2),
        bytes_per_second=round(progress.size / seconds, 1),
    )


def _actions(ledger: FileLedger) -> Iterable[ActionCount]:
    for name, number in sorted(ledger.tallies("action").items(), key=lambda item: (-item[1], item[0])):
        action, _, rule = name.partition("\t")
        yield ActionCount(action=action, rule=rule, count=number)


def _reasons(counts: dict[tuple[State, str], int]) -> Iterable[ReasonCount]:
    for (state, rule), number in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        if state in _OUTCOMES:
            yield ReasonCount.model_validate({"outcome": _OUTCOMES[state], "rule": rule, "count": number})


def _counts(ledger: FileLedger, kind: str) -> tuple[Count, ...]:
    found = sorted(ledger.tallies(kind).items(), key=lambda item: (-item[1], item[0]))
    return tuple(Count(name=name, count=number) for name, number in found)


def _study(group: GroupCounts, mixed: frozenset[str]) -> Study:
    state = "Withheld" if not group.delivered else "Complete"
    if group.delivered and group.quarantined + group.failed:
        state = "Partial"
    if group.name in mixed:
        state = "SeveralPatients"
    return Study.model_validate(
        {
            "study": group.name,
            "files": group.files,
            "delivered": group.delivered,
            "instances": group.instances,
            "quarantined": group.quarantined,
            "failed": group.failed,
            "bytes": group.bytes,
            "state": state,
        }
    )


def _iod(group: GroupCounts) -> Iod:
    return Iod(
        sop_class=group.name,
        name=registered_sop_class_name(group.name),
        files=group.files,
        delivered=group.delivered,
        quarantined=group.quarantined,
        failed=group.failed,
    )
