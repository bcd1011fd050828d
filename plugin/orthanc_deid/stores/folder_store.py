"""The folder store: OUTPUT/<PatientID>/<StudyInstanceUID>/<SeriesInstanceUID>/<SOPInstanceUID>.dcm, all of them new.

A file appears under its final name complete or not at all, and never replaces another one, even if two workers put
the same name at once, unless the store was opened to replace. A result counts as delivered after `sync`.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Literal, Self

from orthanc_deid import system
from orthanc_deid.config.settings_model import StoreSettings
from orthanc_deid.dicom.slices import Slices
from orthanc_deid.errors import ConfigError, ConflictError, StoreError
from orthanc_deid.orthanc.configuration import OrthancConfiguration
from orthanc_deid.pipeline.tasks import Output
from orthanc_deid.stores.incoming_folder import IncomingFolder, remove_stale
from orthanc_deid.stores.output_names import EXTENSION, component
from orthanc_deid.stores.store import Put
from orthanc_deid.stores.store_type import StoreType, StudyLocation
from orthanc_deid.verify.result import Verified

FILE_MODE = 0o640
FOLDER_MODE = 0o750
_BLOCK = 1 << 20  # bytes compared at once
_KNOWN_FOLDERS = 4096
_OTHER_BYTES = "the folder store holds other bytes under the same SOP Instance UID"


class FolderStoreSettings(StoreSettings):
    """A folder, which must exist: a folder that is missing was probably not mounted."""

    type: Literal["Folder"]
    path: Path

    def resolved(self, folder: Path) -> Self:
        """Return the settings with an absolute path."""
        return self.model_copy(update={"path": folder / self.path})

    def check(self, key: str, configuration: Mapping[str, Any]) -> None:
        """Raise ConfigError unless the folder exists."""
        if not self.path.is_dir():
            raise ConfigError(f"{key}.Path: the folder {self.path} does not exist; make it, or mount it")


def _unchecked() -> None:
    """Check nothing."""


@dataclass(frozen=True, slots=True)
class FolderSetup:
    """The name and the folder of a folder store (absolute; made if missing).

    With `replaces` a result replaces other bytes under its name. `check` is called after the bytes of a result were
    written or compared, and before the result is published: if it raises, nothing is published.
    """

    name: str
    path: Path
    replaces: bool = False
    check: Callable[[], None] = _unchecked

    def open(self) -> FolderStore:
        """Return the store; StoreError if the folder cannot be made or written."""
        return FolderStore(self.name, self.path, replaces=self.replaces, check=self.check)


class FolderStore:
    """Writes verified results below one folder."""

    def __init__(
        self, name: str, path: Path, *, replaces: bool = False, check: Callable[[], None] = _unchecked
    ) -> None:
        """See `FolderSetup`."""
        self._name = name
        self._publish = os.replace if replaces else system.publish
        self._replaces = replaces
        self._check = check
        self._root = path
        self._known: dict[tuple[str, str, str], Path] = {}
        self._files: list[Path] = []  # put since the last sync
        self._folders: set[Path] = set()  # whose names have changed since
        try:
            path.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
            remove_stale(path)
            self._incoming = IncomingFolder(path)
        except OSError as error:
            raise _failed(error) from None

    @property
    def name(self) -> str:
        """The name of the store in the settings."""
        return self._name

    def put(self, result: Verified) -> Put:
        """Write the result under its final name; if the same bytes are there already, it is a duplicate.

        Raises ConflictError if other bytes are there, StoreError if the system fails (full, read-only) or if a
        component of the path is a symbolic link.
        """
        try:
            folder = self._folder(result)
            final = folder / f"{component(result.sop_instance_uid)}{EXTENSION}"
            try:
                found = self._write(result.output, folder, final)
            except FileNotFoundError:  # the folder was removed meanwhile: start again from the root
                self._known.clear()
                found = self._write(result.output, self._folder(result), final)
        except OSError as error:
            raise _failed(error) from None
        self._files.append(final)
        self._folders.add(folder)
        return found

    def _folder(self, result: Verified) -> Path:
        """Return the folder of the result, made and checked once; no component of it is a symbolic link."""
        identifiers = (result.patient_id, result.study_instance_uid, result.series_instance_uid)
        if (known := self._known.get(identifiers)) is not None:
            return known
        if len(self._known) >= _KNOWN_FOLDERS:
            self._known.clear()
        step = self._root
        for name in map(component, identifiers):
            parent, step = step, step / name
            try:
                step.mkdir(mode=FOLDER_MODE)
            except FileExistsError:
                if not stat.S_ISDIR(step.lstat().st_mode):
                    raise StoreError(
                        "a folder's name below the output folder is taken by a link or a file"
                    ) from None
            # Also if another worker made it: that worker may die before it syncs.
            self._folders.add(parent)
        self._known[identifiers] = step
        return step

    def _write(self, output: Slices, folder: Path, final: Path) -> Put:
        if _exists(final) and self._is_there(output, final):
            return Put.DUPLICATE
        temporary = self._incoming.new_name()
        try:
            _write_slices(output, temporary)
            self._check()
            self._publish(temporary, final)
        except FileExistsError:  # another worker published it meanwhile
            temporary.unlink(missing_ok=True)
            self._is_there(output, final)
            return Put.DUPLICATE
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        self._folders.add(folder)
        return Put.DELIVERED

    def _is_there(self, output: Slices, final: Path) -> bool:
        """Whether the file holds the bytes of `output`; ConflictError if it holds others and may not be replaced."""
        same = _holds(output, final)
        self._check()
        if not same and not self._replaces:
            raise ConflictError(_OTHER_BYTES)
        return same

    def sync(self) -> None:
        """Make every file put since the last call durable, and every name; StoreError if the system fails."""
        files, folders = self._files, self._folders
        self._files, self._folders = [], set()
        try:
            for file in files:
                system.sync_file(file)
            for folder in sorted(folders):
                system.sync_folder(folder)
        except OSError as error:
            raise _failed(error) from None

    def close(self) -> None:
        """Remove the temporary files of this writer."""
        self._incoming.close()


def _failed(error: OSError) -> StoreError:
    # The whole text would name the path.
    return StoreError(f"the folder store failed: {error.strerror or type(error).__name__}")


def _exists(path: Path) -> bool:
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    return True


def _write_slices(output: Slices, path: Path) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), FILE_MODE)
    try:
        if hasattr(os, "fchmod"):
            os.fchmod(handle, FILE_MODE)  # regardless of the umask
        for run in output.runs():
            system.write_all(handle, run)
        system.begin_writing_back(handle)
    finally:
        os.close(handle)


def _holds(output: Slices, path: Path) -> bool:
    """Whether the file holds the bytes of `output`; ConflictError if it is not a regular file."""
    if not stat.S_ISREG(path.lstat().st_mode):
        raise ConflictError(_OTHER_BYTES)
    # Follow no link, wait for no FIFO or device.
    flags = (
        os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    )
    handle = os.open(path, flags)
    with os.fdopen(handle, "rb", buffering=0) as file:
        return os.fstat(handle).st_size == len(output) and _same(output, file.readinto)


def _same(output: Slices, readinto: Callable[[memoryview], int | None]) -> bool:
    block = memoryview(bytearray(_BLOCK))
    for part in chain.from_iterable(output.runs()):
        for start in range(0, len(part), _BLOCK):
            wanted = part[start : start + _BLOCK]
            got = 0
            while got < len(wanted):
                count = readinto(block[got : len(wanted)])
                if not count:
                    return False
                got += count
            if block[:got] != wanted:
                return False
    return True


def _setup(name: str, settings: FolderStoreSettings, _configuration: OrthancConfiguration) -> FolderSetup:
    return FolderSetup(name, settings.path)


def _result_location(_setup: FolderSetup, output: Output) -> dict[str, str]:
    names = (
        output.patient_id,
        output.study_instance_uid,
        output.series_instance_uid,
        output.sop_instance_uid,
    )
    return {"File": "/".join(map(component, names)) + EXTENSION}


def _study_location(setup: FolderSetup, patient_id: str, study_instance_uid: str) -> StudyLocation:
    folder = str(setup.path / component(patient_id) / component(study_instance_uid))
    return StudyLocation(folder, keys={"Folder": folder})


FOLDER = StoreType(FolderStoreSettings, _setup, _result_location, _study_location)
"""The row of `stores.registry` for folders."""
