"""A worker of `orthanc-deid analyze`: count the attributes of files. Its outcomes hold no values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from orthanc_deid.pipeline.tasks import Outcome, Result, Task
from orthanc_deid.report.analysis.attribute_counts import AttributeCounts, InstanceGroup, Tally
from orthanc_deid.sources.folder_source import FolderSource


@dataclass(frozen=True, slots=True)
class Counted(Outcome):
    """The counts of one chunk of files: attributes by group, files that are not DICOM, other files by rule."""

    groups: dict[InstanceGroup, AttributeCounts] = field(default_factory=dict)
    files: int = 0
    not_dicom: int = 0
    unreadable: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class AnalyzeWorkerSetup:
    """All that a worker needs, picklable."""

    root: Path

    def open(self) -> AnalyzeWorker:
        """Return the worker."""
        return AnalyzeWorker(self.root)


class AnalyzeWorker:
    """Counts attributes; `Task.instance` is a path relative to the tree."""

    def __init__(self, root: Path) -> None:
        self._source = FolderSource(root)

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        """Count the files of a chunk; one outcome for all of them."""
        tally = Tally()
        for task in tasks:
            tally.add(partial(self._source.fetch, task.instance))
        self._source.close()
        return [
            Counted(
                tasks[0],
                Result.DELIVERED,
                groups=tally.groups,
                files=tally.files,
                not_dicom=tally.not_dicom,
                unreadable=tally.unreadable,
            )
        ]
