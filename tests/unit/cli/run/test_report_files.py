"""The report of a folder run shows all that the record holds, whichever run recorded it."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

from orthanc_deid.cli.run.folder_run import Progress
from orthanc_deid.cli.run.report_files import RunDetails, make_report, write_report
from orthanc_deid.ledger.folder_run.file_ledger import FileLedger
from orthanc_deid.ledger.folder_run.file_rows import FileRow, RecordBatch
from orthanc_deid.pipeline.tasks import State
from orthanc_deid.profile.load import load_profile


def report(folder: Path, ledger: FileLedger) -> list[str]:
    """Report a run that itself did nothing; return the instances that instances.csv names."""
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    facts = RunDetails(load_profile("neutral"), "full", "fp", 1, begun, 1.0, Progress())
    write_report(folder, ledger, make_report(ledger, facts))
    with (folder / "instances.csv").open(newline="") as file:
        return [line["SOPInstanceUID"] for line in csv.DictReader(file)]


def test_instances_that_a_killed_run_recorded_are_in_the_next_runs_report(tmp_path: Path) -> None:
    ledger = FileLedger.open(tmp_path / "ledger.db", "fp")
    ledger.write(RecordBatch([FileRow(bytes(16), State.DELIVERED, sop_instance="2.25.1")]))
    assert report(tmp_path, ledger) == ["2.25.1"]
    ledger.write(
        RecordBatch([FileRow(b"\1" * 16, State.DELIVERED, sop_instance="2.25.2")])
    )  # and then killed
    assert report(tmp_path, ledger) == ["2.25.1", "2.25.2"]
    written = (tmp_path / "instances.csv").stat().st_mtime_ns
    report(tmp_path, ledger)
    assert (tmp_path / "instances.csv").stat().st_mtime_ns == written, "nothing new: not written again"
    ledger.close()
