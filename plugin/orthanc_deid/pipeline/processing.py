"""Fetch one instance and process it by a profile: the first half of the pipeline, also used for results on demand."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from orthanc_deid.dicom.partial_file import Data
from orthanc_deid.pipeline.process import Process, Processed, Withheld
from orthanc_deid.sources.source import Source, SourceSetup


class Processing:
    """A source and the processes of the profiles, each opened when it is first needed. Not shared between threads."""

    def __init__(self, source: SourceSetup, processes: Mapping[str, Callable[[], Process]]) -> None:
        """`processes` makes a profile's process by the profile's name."""
        self._setup = source
        self._source: Source | None = None
        self._makers = processes
        self._processes: dict[str, Process] = {}

    def fetch(self, instance: str) -> Data:
        """Return the encoded instance; raises what `Source.fetch` raises."""
        if self._source is None:
            self._source = self._setup.open()
        return self._source.fetch(instance)

    def process(self, profile: str, data: Data) -> Processed | Withheld:
        """Process an instance by a profile; KeyError where there is no such profile."""
        if profile not in self._processes:
            self._processes[profile] = self._makers[profile]()
        return self._processes[profile](data)

    def close(self) -> None:
        """Close the source."""
        if self._source is not None:
            self._source.close()
