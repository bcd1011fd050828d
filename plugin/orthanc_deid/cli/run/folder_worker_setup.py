"""What a worker of the folder command is made from; the engine is imported in the worker, not where this is made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from orthanc_deid.config.key import Key
from orthanc_deid.profile.model import Profile

if TYPE_CHECKING:
    from orthanc_deid.cli.run.folder_worker import FolderWorker

STORE = "output"
"""The name of a folder run's store."""

FIRST = "output of first files"
"""The same store, where a result takes the place of another file's: for the one that comes first in the tree."""


@dataclass(frozen=True, slots=True)
class FolderWorkerSetup:
    """All that a worker of a folder run needs, picklable. `want_mapping`: facts carry old and new identifiers."""

    root: Path
    output: Path
    profile: Profile
    key: Key
    depth: Literal["full", "fast"] = "full"
    want_mapping: bool = False

    gives_way: ClassVar[bool] = False  # people wait for it

    def pipeline(self) -> FolderWorker:
        """Return what this worker runs works with."""
        from orthanc_deid.cli.run.folder_worker import FolderWorker

        return FolderWorker(self)
