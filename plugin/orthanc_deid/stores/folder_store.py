"""The folder store: OUTPUT/<PatientID>/<StudyInstanceUID>/<SeriesInstanceUID>/<SOPInstanceUID>.dcm, all of them new.

A file appears under its final name whole or not at all, and never in the place of another one, also when two
workers put the same name at once, unless the store was made to replace. It may be called delivered after `sync`.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from orthanc_deid import system
from orthanc_deid.dicom.slices import Slices
from orthanc_deid.errors import ConflictError, StoreError
from orthanc_deid.stores.incoming_folder import Incoming, remove_stale
from orthanc_deid.stores.output_names import EXTENSION, component
from orthanc_deid.stores.store import Put
from orthanc_deid.verify.result import Verified

FILE_MODE = 0o640
FOLDER_MODE = 0o750
_BLOCK = 1 << 20  # bytes compared at once
_KNOWN_FOLDERS = 4096
_OTHER_BYTES = "the folder store holds other bytes under the same SOP Instance UID"


def _unchecked() -> None:
    """Nothing is to be checked."""


@dataclass(frozen=True, slots=True)
class FolderSetup:
    """A folder store's name and folder (absolute; made if missing).

    With `replaces` a result takes the place of other bytes under its name. `check` is called when a result's bytes
    have been written or compared, and before anything comes of it: what it raises keeps the result out.
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
            self._incoming = Incoming(path)
        except OSError as error:
            raise _failed(error) from None

    @property
    def name(self) -> str:
        """The name that the settings give it."""
        return self._name

    def put(self, result: Verified) -> Put:
        """Write the result under its final name; the same bytes there already are a duplicate.

        Raises ConflictError where other bytes are there, StoreError where the system refuses (full, read-only)
        or a symbolic link stands in the way.
        """
        try:
            folder = self._folder(result)
            final = folder / f"{component(result.sop_instance_uid)}{EXTENSION}"
            try:
                found = self._write(result.output, folder, final)
            except FileNotFoundError:  # somebody removed the folder since: once more from the top
                self._known.clear()
                found = self._write(result.output, self._folder(result), final)
        except OSError as error:
            raise _failed(error) from None
        self._files.append(final)
        self._folders.add(folder)
        return found

    def _folder(self, result: Verified) -> Path:
        """Return the result's folder, made and checked once; no component of it is a symbolic link."""
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
            # Also where another worker made it: whether that one lives to sync it, nobody knows.
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
        except FileExistsError:  # another worker was faster
            temporary.unlink(missing_ok=True)
            self._is_there(output, final)
            return Put.DUPLICATE
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        self._folders.add(folder)
        return Put.DELIVERED

    def _is_there(self, output: Slices, final: Path) -> bool:
        """Whether the file holds the very bytes of `output`; ConflictError if others, that may not be replaced."""
        same = _holds(output, final)
        self._check()
        if not same and not self._replaces:
            raise ConflictError(_OTHER_BYTES)
        return same

    def sync(self) -> None:
        """Make every file put since the last call durable, and every name; StoreError if the system fails to."""
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
        """Remove this writer's temporary files."""
        self._incoming.close()


def _failed(error: OSError) -> StoreError:
    # Not the whole text: that names the path.
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
            os.fchmod(handle, FILE_MODE)  # whatever the umask
        for run in output.runs():
            system.write_all(handle, run)
        system.begin_writing_back(handle)
    finally:
        os.close(handle)


def _holds(output: Slices, path: Path) -> bool:
    """Whether the file holds the very bytes of `output`; ConflictError if it is no file at all."""
    if not stat.S_ISREG(path.lstat().st_mode):
        raise ConflictError(_OTHER_BYTES)
    # No link is followed, and no FIFO or device waited for.
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
