"""The picklable setup of a folder run's worker. The engine is imported in the worker, not where this is made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from orthanc_deid.config.key import Key
from orthanc_deid.profile.model import Profile
from orthanc_deid.profile.verify_depth import VerifyDepth

if TYPE_CHECKING:
    from orthanc_deid.cli.run.folder_worker import FolderWorker
    from orthanc_deid.pipeline.deidentification import Deidentification


@dataclass(frozen=True, slots=True)
class FolderWorkerSetup:
    """All that a worker of a folder run needs, picklable. `want_mapping`: facts carry old and new identifiers."""

    root: Path
    output: Path
    profile: Profile
    key: Key
    depth: VerifyDepth = "full"
    want_mapping: bool = False

    def open(self) -> FolderWorker:
        """Return the worker; nothing is opened or compiled before it is needed."""
        from orthanc_deid.cli.run.folder_worker import FolderWorker

        return FolderWorker(self.root, self.output, self.profile.name, self._process)

    def _process(self) -> Deidentification:
        from orthanc_deid.pipeline.deidentification import Deidentification

        return Deidentification(self.profile, self.key, self.depth, want_mapping=self.want_mapping)
