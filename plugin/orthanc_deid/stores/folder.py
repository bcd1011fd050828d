"""The folder store: OUTPUT/<PatientID>/<StudyInstanceUID>/<SeriesInstanceUID>/<SOPInstanceUID>.dcm."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from orthanc_deid.stores.base import Put
from orthanc_deid.verify.result import Verified


@dataclass(frozen=True, slots=True)
class FolderSetup:
    """A folder store's name and folder (absolute; made if missing)."""

    name: str
    path: Path

    def open(self) -> FolderStore:
        return FolderStore(self.name, self.path)


class FolderStore:
    """Writes verified results below one folder."""

    def __init__(self, name: str, path: Path) -> None:
        raise NotImplementedError

    @property
    def name(self) -> str:
        raise NotImplementedError

    def put(self, result: Verified) -> Put:
        raise NotImplementedError

    def sync(self) -> None:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError


def clean_stale(path: Path) -> int:
    """Remove temporary files of writers that have died (at the start of a node); returns how many."""
    raise NotImplementedError
