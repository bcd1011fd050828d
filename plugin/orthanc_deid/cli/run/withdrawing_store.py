"""The store that takes results out of OUTPUT again: those of a study that was delivered under another PatientID."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from orthanc_deid import system
from orthanc_deid.errors import MixedPatientsError, StoreError
from orthanc_deid.pipeline.tasks import OTHER_PATIENT
from orthanc_deid.stores.output_names import output_name
from orthanc_deid.verify.result import Verified


@dataclass(frozen=True, slots=True)
class WithdrawingSetup:
    """The name of the store, and the folder with the results (absolute)."""

    name: str
    path: Path

    def open(self) -> WithdrawingStore:
        """Return the store."""
        return WithdrawingStore(self.name, self.path)


class WithdrawingStore:
    """Removes results from a folder; every result that is put is refused, so that its outcome says why."""

    def __init__(self, name: str, root: Path) -> None:
        """See `WithdrawingSetup`."""
        self.name = name
        self._root = root

    def put(self, result: Verified) -> NoReturn:
        """Remove the result's file, and folders that are empty then. Raises MixedPatientsError, or StoreError."""
        identifiers = (result.patient_id, result.study_instance_uid, result.series_instance_uid)
        path = self._root / output_name(*identifiers, result.sop_instance_uid)
        try:
            path.unlink(missing_ok=True)
            folder = path.parent
            with suppress(OSError):  # not empty
                while folder != self._root:
                    folder.rmdir()
                    folder = folder.parent
            if folder.is_dir():
                system.sync_folder(folder)
        except OSError as error:
            raise StoreError(f"the folder store failed: {error.strerror or type(error).__name__}") from None
        raise MixedPatientsError(OTHER_PATIENT)

    def sync(self) -> None:
        """Do nothing: removals are durable when `put` ends."""

    def close(self) -> None:
        """Do nothing: nothing is open."""
