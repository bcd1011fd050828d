"""`orthanc-deid analyze INPUT`: report which attributes occur, and which of them can carry identity."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from orthanc_deid.cli import console_tables
from orthanc_deid.cli.analyze.analyze_worker import AnalyzeWorkerSetup, Counted
from orthanc_deid.cli.run.folder_run import Progress
from orthanc_deid.cli.run.progress import display
from orthanc_deid.errors import SourceError
from orthanc_deid.pipeline.tasks import State, Task
from orthanc_deid.report.analysis.analysis import Analysis, AttributeLine, Shares, analysis
from orthanc_deid.report.analysis.analysis_page import analysis_page
from orthanc_deid.report.analysis.attribute_counts import AttributeCounts, InstanceGroup
from orthanc_deid.sources.folder_source import FoundFile, walk
from orthanc_deid.version import __version__
from orthanc_deid.workers.batch_runner import BatchRunner, NoWorkersError, chunked
from orthanc_deid.workers.pool import RestartablePool, command_pool


def analyze(root: Path, workers: int, out: TextIO) -> Analysis:
    """Count all files below `root`; SourceError where no worker can be started."""
    runner = BatchRunner(RestartablePool(AnalyzeWorkerSetup(root), workers, command_pool), workers)
    groups: dict[InstanceGroup, AttributeCounts] = {}
    unreadable: Counter[str] = Counter()
    files = not_dicom = 0
    progress = Progress()
    try:
        with display(out, root, as_json=False) as shown:
            for outcomes in runner.run(chunked(_tasks(root, progress, unreadable))):
                for each in outcomes:
                    if not isinstance(each, Counted):  # the file crashed its worker
                        files += 1
                        unreadable[each.rule] += 1
                        continue
                    files += each.files
                    not_dicom += each.not_dicom
                    unreadable.update(each.unreadable)
                    for group, counts in each.groups.items():
                        groups.setdefault(group, AttributeCounts()).add(counts)
                    progress.counts[State.DELIVERED] = files - not_dicom
                    progress.counts[State.IGNORED] = not_dicom
                shown.show(progress)
    except NoWorkersError as error:
        raise SourceError(str(error)) from None
    return analysis(__version__, groups, files, not_dicom, unreadable)


def _tasks(root: Path, progress: Progress, unreadable: Counter[str]) -> Iterator[tuple[Task, int]]:
    for number, each in enumerate(walk(root)):
        if isinstance(each, FoundFile):
            progress.found += 1
            yield Task(number, 0, each.path, each.modified, "", ""), each.size
        elif each.failed:
            unreadable[each.rule] += 1


def write(found: Analysis, html: Path) -> list[Path]:
    """Write the page, and beside it JSON, CSV, and the chart as PNG and SVG where matplotlib is installed.

    Returns the files written. Raises OSError.
    """
    html.write_text(analysis_page(found), encoding="utf-8")
    data, rows = html.with_suffix(".json"), html.with_suffix(".csv")
    data.write_text(found.model_dump_json(by_alias=True, indent=2) + "\n", encoding="utf-8")
    with rows.open("w", encoding="utf-8", newline="") as file:
        lines = csv.DictWriter(
            file, [field.alias or name for name, field in AttributeLine.model_fields.items()]
        )
        lines.writeheader()
        lines.writerows(line.model_dump(by_alias=True) for line in found.attributes)
    written = [html, data, rows]
    with suppress(ModuleNotFoundError):
        from orthanc_deid.report.analysis.chart_files import draw

        pictures = [html.with_suffix(".png"), html.with_suffix(".svg")]
        draw(found.scopes, *pictures)
        written += pictures
    return written


def print_shares(found: Analysis) -> None:
    """Print the shares by modality."""
    columns = (
        "Modality",
        "Instances",
        "Attributes",
        "Table",
        "or private",
        "or by VR",
        "Elements",
        "Table",
        "or private",
        "or by VR",
        "Suspected",
    )
    scopes = (*found.of("all"), *found.of("modality"))
    console_tables.show(
        columns,
        (
            (
                scope.name or "all",
                f"{scope.instances:,}",
                f"{scope.attributes:,}",
                *_percents(scope.by_attribute),
                f"{scope.occurrences:,}",
                *_percents(scope.by_occurrence),
                f"{scope.suspected:,}",
            )
            for scope in scopes
        ),
    )


def _percents(shares: Shares) -> tuple[str, ...]:
    return tuple(
        f"{share:.1%}" for share in (shares.table, shares.table_or_private, shares.table_or_private_or_vr)
    )
