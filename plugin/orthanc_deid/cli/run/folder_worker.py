"""A worker of the folder command: the pipeline over the files of a tree, in the state in which they were found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from orthanc_deid.cli.run.output_stores import REPLACING_STORE, STORE, WITHDRAWING_STORE
from orthanc_deid.cli.run.withdrawing_store import WithdrawingSetup
from orthanc_deid.dicom.partial_file import Data
from orthanc_deid.errors import LostError, SourceError
from orthanc_deid.pipeline.pipeline import Pipeline, PipelineOptions
from orthanc_deid.pipeline.process import Process, Processed, Withheld
from orthanc_deid.pipeline.tasks import Outcome, Task
from orthanc_deid.sources.folder_source import FolderSource
from orthanc_deid.stores.folder_store import FolderSetup

_OPTIONS = PipelineOptions(output_md5=False, conflict_output=True, ignore_not_dicom=True)


class FolderWorker:
    """Runs files through the pipeline; a file that changes meanwhile is not delivered."""

    def __init__(self, root: Path, output: Path, profile: str, process: Callable[[], Process]) -> None:
        """`process` makes the process of the run's profile."""
        self._files = FoundFiles(root)
        check = self._files.refuse_changed
        stores = (
            FolderSetup(STORE, output, check=check),
            FolderSetup(REPLACING_STORE, output, replaces=True, check=check),
            WithdrawingSetup(WITHDRAWING_STORE, output),
        )
        processes = {profile: partial(_checked, process, check)}
        self._pipeline = Pipeline(self._files, stores, processes, _OPTIONS)

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        """Run tasks; `instance` is a path, `seq` the file's time of change when it was found, in nanoseconds."""
        self._files.modified = {task.instance: task.seq for task in tasks}
        try:
            return self._pipeline.run(tasks)
        finally:
            self._files.close()


def _checked(make: Callable[[], Process], check: Callable[[], None]) -> Process:
    """Return a process after which `check` raises where the file is no longer the one that was read."""
    process = make()

    def run(data: Data) -> Processed | Withheld:
        processed = process(data)
        check()
        return processed

    return run


class FoundFiles:
    """The pipeline's source: files below one folder, if they still are what the walk found."""

    def __init__(self, root: Path) -> None:
        self._source = FolderSource(root)
        self.modified: dict[str, int] = {}
        """The time of change of each file when it was found."""

    def open(self) -> FoundFiles:
        """Return this source."""
        return self

    def fetch(self, instance: str) -> Data:
        """Return the file, read as far as needed; SourceError where it is not the file that was found."""
        try:
            data = self._source.fetch_partly(instance)
        except LostError:
            raise SourceError("the file has vanished") from None
        if self._source.modified != self.modified[instance]:
            raise SourceError("the file changed after it was found")
        return data

    def refuse_changed(self) -> None:
        """Raise SourceError if the file fetched last has changed since: half of a mapped one might be new."""
        if self._source.changed():
            raise SourceError("the file changed while it was read")

    def close(self) -> None:
        """Close the file fetched last."""
        self._source.close()
