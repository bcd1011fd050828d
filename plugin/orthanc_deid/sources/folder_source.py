"""Read instances from a folder tree: every regular file below it, of any name; its content decides.

`walk` finds the files, lazily and in one order; `FolderSource` reads them. Symbolic links are not followed: their
targets inside the tree are found at their own paths, and targets outside are not part of the input.
"""

from __future__ import annotations

import hmac
import mmap
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from io import FileIO
from pathlib import Path
from typing import NamedTuple, TypeVar

from orthanc_deid.config.key import Key
from orthanc_deid.dicom.part10 import locate
from orthanc_deid.dicom.partial_file import Data, PartlyRead, where_samples_begin
from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.errors import LostError, NotDicomError, RefusedError, SourceError
from orthanc_deid.sources.read_buffer import ReadBuffer
from orthanc_deid.sources.sample_reader import PIECE, FileSamples, os_error_reason, read_error, read_exactly
from orthanc_deid.system import is_link

READ_AT_MOST = 32 << 20
"""Bytes. Smaller files are read, larger ones mapped: a mapped file that shrinks would end the process (SIGBUS).

A file whose samples are read later is neither read nor mapped as a whole."""

PARTLY_FROM = 1 << 20
"""Bytes. Of files at least as large the samples may be read later."""

HEAD = 4096
"""Bytes that are read to decide whether a file is DICOM."""

LONGEST_HEAD = 1 << 15
"""Bytes in which Pixel Data must begin for its samples to be read later: few images have more before them."""

LONGEST_HEAD_OF_LARGE = 1 << 22
"""The same for a file that would otherwise be mapped: an image of some thousand frames."""

_OPEN = (
    os.O_RDONLY
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NOFOLLOW", 0)  # a link may have been put there since the walk
    | getattr(os, "O_NONBLOCK", 0)  # likewise a FIFO: opening it must not wait for a writer
    | getattr(os, "O_CLOEXEC", 0)
)
_Read = TypeVar("_Read", Buffer, Data)
_KINDS = {
    stat.S_IFIFO: "a FIFO, not a file",
    stat.S_IFSOCK: "a socket, not a file",
    stat.S_IFCHR: "a device, not a file",
    stat.S_IFBLK: "a device, not a file",
}


class FoundFile(NamedTuple):
    """A regular file: `path` is relative to the tree, `size` in bytes, `modified` in nanoseconds of the epoch."""

    path: str
    size: int
    modified: int


class Skipped(NamedTuple):
    """An entry that is not read. `rule` is the reason (a stable phrase); `failed`: it might have been an instance."""

    path: str
    rule: str
    failed: bool = False


class FileIds:
    """Ids of files for a ledger: keyed digests of path, size and time of change, which reveal none of them.

    An id has 16 bytes. The first 6 depend on the folder alone, so that the ids of its files are neighbours.
    """

    def __init__(self, key: Key, root: Path) -> None:
        self._folders = _begun(key, b"folder", root)
        self._files = _begun(key, b"file", root)
        self._folder: str | None = None
        self._prefix = b""

    def of(self, file: FoundFile) -> bytes:
        """Return the id of a file in the state in which the walk found it."""
        folder = file.path.rpartition(os.sep)[0]
        if folder != self._folder:
            self._folder = folder
            self._prefix = _ended(self._folders, folder, 0, 0)[:6]
        return self._prefix + _ended(self._files, *file)[:10]


def _begun(key: Key, kind: bytes, root: Path) -> hmac.HMAC:
    """Return a digest of the part that all files share; copying it takes half the time of a new one."""
    return hmac.new(key.patient, b"%s\0%s\0" % (kind, os.fsencode(root)), "sha256")


def _ended(begun: hmac.HMAC, path: str, size: int, modified: int) -> bytes:
    digest = begun.copy()
    digest.update(b"%s\0%d\0%d" % (os.fsencode(path), size, modified))
    return digest.digest()


def walk(root: Path) -> Iterator[FoundFile | Skipped]:
    """Yield everything below `root` except folders, depth first, each folder's names sorted.

    Memory holds only the names of the folders on the current path. Entries that vanish meanwhile are skipped.
    """
    levels = [_names(root, "")]
    while levels:
        for found in levels[-1]:
            if isinstance(found, str):
                levels.append(_names(root, found))
                break
            yield found
        else:
            levels.pop()


def count_files(root: Path) -> Iterator[int]:
    """Yield for each folder below `root` the number of its entries that are not folders, for a progress bar."""
    waiting = [os.fspath(root)]
    while waiting:
        number = 0
        with suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                else:
                    number += 1
        yield number


def _names(root: Path, folder: str) -> Iterator[str | FoundFile | Skipped]:
    """Yield the entries of one folder; a `str` is a folder in it. Paths are relative to `root`."""
    try:
        # Names alone: a folder of a million files must fit into memory.
        with os.scandir(os.path.join(root, folder)) as entries:  # noqa: PTH118 - hot
            names = sorted(entry.name for entry in entries)
    except FileNotFoundError:
        yield Skipped(folder, "vanished")
        return
    except OSError as error:
        yield Skipped(folder, f"the folder cannot be read: {os_error_reason(error)}", failed=True)
        return
    names.reverse()
    above = os.path.join(root, "")  # noqa: PTH118
    within = os.path.join(folder, "") if folder else ""  # noqa: PTH118
    while names:
        path = within + names.pop()
        try:
            yield _judged(path, os.lstat(above + path))
        except FileNotFoundError:
            yield Skipped(path, "vanished")
        except OSError as error:
            yield Skipped(path, f"the file cannot be read: {os_error_reason(error)}", failed=True)


def _judged(path: str, status: os.stat_result) -> str | FoundFile | Skipped:
    if stat.S_ISREG(status.st_mode):
        return FoundFile(path, status.st_size, status.st_mtime_ns)
    if is_link(status):
        return Skipped(path, "a symbolic link, not followed")
    if stat.S_ISDIR(status.st_mode):
        return path
    return Skipped(path, _KINDS.get(stat.S_IFMT(status.st_mode), "not a regular file"))


class FolderSource:
    """Reads files below one folder. `changed` concerns the file fetched last."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._handle: int | None = None
        self._file: FileIO | None = None
        self._memory = ReadBuffer()
        self._before: tuple[int, int] = (0, 0)

    def fetch(self, instance: str) -> Buffer:
        """Return the bytes of the file. A large one is mapped; release its bytes before the file is removed.

        Release the bytes before the next fetch in any case: memory without references is used again.
        Raises NotDicomError where its content is not DICOM, LostError where it has vanished, SourceError where it
        cannot be read or is written to meanwhile.
        """
        data = self._fetch(instance, read_whole)
        if self.changed():
            raise SourceError("the file changed while it was read")
        return data

    def fetch_partly(self, instance: str) -> Data:
        """Return the same as `fetch`, or a large native image of which only the head was read.

        The rest of such a file can be read until the next fetch. Check `changed` at the end: of a file that is
        written to meanwhile, a part may be old. Raises the same as `fetch`.
        """
        return self._fetch(instance, read_file)

    def _fetch(self, instance: str, read: Callable[[FileIO, int, ReadBuffer], _Read]) -> _Read:
        self.close()
        try:
            self._handle = os.open(os.path.join(self._root, instance), _OPEN)  # noqa: PTH118 - hot
            status = os.fstat(self._handle)
            if not stat.S_ISREG(status.st_mode):
                raise SourceError("no regular file any more")
            self._before = _version(status)
            self._file = FileIO(self._handle, closefd=False)
            return read(self._file, status.st_size, self._memory)
        except FileNotFoundError:
            raise LostError("the file has vanished") from None
        except OSError as error:
            raise read_error(error) from None

    def changed(self) -> bool:
        """Whether the file fetched last is no longer what it was when it was opened."""
        return self._handle is not None and _version(os.fstat(self._handle)) != self._before

    @property
    def modified(self) -> int:
        """The time of change of the file fetched last, in nanoseconds of the epoch."""
        return self._before[1]

    def close(self) -> None:
        """Close the file fetched last."""
        if self._file is not None:
            self._file.close()  # a late read must not reach another file that gets the same descriptor
            self._file = None
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)


def _version(status: os.stat_result) -> tuple[int, int]:
    return status.st_size, status.st_mtime_ns


def read_file(file: FileIO, size: int, memory: ReadBuffer) -> Data:
    """Return the content of a file of `size` bytes: only the head of a large native image, else the whole file.

    Raises NotDicomError where its content is not DICOM, SourceError where it cannot be read.
    """
    found = None
    if size >= PARTLY_FROM:
        found = _partly(file, size, memory, LONGEST_HEAD)
        if found is None and size > READ_AT_MOST:
            found = _partly(file, size, memory, LONGEST_HEAD_OF_LARGE)
    return read_whole(file, size, memory) if found is None else found


def read_whole(file: FileIO, size: int, memory: ReadBuffer) -> Buffer:
    """Return the content of a file of `size` bytes, read or mapped; raises the same as `read_file`."""
    if size <= READ_AT_MOST:
        lent = memory.take(size)
        _read_dicom(file, size, lent)
        return lent.toreadonly()
    _read_dicom(file, size, memory.take(min(size, HEAD)))
    return _mapped(file, size)


def _partly(file: FileIO, size: int, memory: ReadBuffer, longest: int) -> PartlyRead | None:
    """Read the head of a file; return None where no samples begin in its first `longest` bytes."""
    longest = min(size, longest)
    lent = memory.take(longest + PIECE)
    _read_dicom(file, size, lent[:longest])
    begin = where_samples_begin(bytes(lent[:longest]), size)
    if begin is None:
        return None
    tail = FileSamples(file, begin, size - begin, room=lent[longest:])
    return PartlyRead(lent[:begin].toreadonly(), tail, partial(read_whole, file, size, memory))


def _read_dicom(file: FileIO, size: int, memory: memoryview) -> None:
    """Fill `memory` from the beginning of a file; NotDicomError where its head is not that of an instance."""
    head = memory[:HEAD]
    read_exactly(file, 0, head)
    _refuse_other_content(file, size, head)
    read_exactly(file, len(head), memory[HEAD:])


def _mapped(file: FileIO, size: int) -> memoryview:
    try:
        return memoryview(mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ))
    except OSError as error:
        raise read_error(error) from None


def _refuse_other_content(file: FileIO, size: int, head: memoryview) -> None:
    """Raise NotDicomError where the file's head is not that of a composite instance."""
    try:
        locate(head)
    except NotDicomError:
        if size <= HEAD:
            raise
        locate(_mapped(file, size))  # its first element may just be longer than the head
    except RefusedError:
        return  # perhaps only because the rest is missing
