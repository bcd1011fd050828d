"""OUTPUT/.incoming: temporary files before they get their final name, and the removal of stale ones.

Each writer locks a file of its own while it lives; the system releases the lock when the writer ends in any way. The
temporary files of a writer whose lock is free are stale and are removed.
"""

from __future__ import annotations

import os
import secrets
from itertools import count
from pathlib import Path

from orthanc_deid import system

INCOMING = ".incoming"
_LOCK, _PART = ".lock", ".part"


def is_temporary(path: str) -> bool:
    """Whether `path`, relative to OUTPUT, is that of a temporary file, which the next run removes if it is stale."""
    return Path(path).parent == Path(INCOMING) and Path(path).suffix in {_LOCK, _PART}


class IncomingFolder:
    """The temporary files of one writer. Raises OSError if the folder cannot be used."""

    def __init__(self, output: Path) -> None:
        self._folder = output / INCOMING
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._folder.is_symlink():
            raise NotADirectoryError(INCOMING)
        self._numbers = count()
        self._token, self._lock = self._hold()

    def _hold(self) -> tuple[str, int]:
        """Make and lock a lock file; repeat if another process removed it as stale in between."""
        while True:
            token = secrets.token_hex(8)
            path = self._folder / f"{token}{_LOCK}"
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            if _lock(handle) and path.exists():
                return token, handle
            os.close(handle)

    def new_name(self) -> Path:
        """Return a new name."""
        return self._folder / f"{self._token}-{next(self._numbers)}{_PART}"

    def close(self) -> None:
        """Remove the files of this writer, and release its lock."""
        for part in self._folder.glob(f"{self._token}-*{_PART}"):
            part.unlink(missing_ok=True)
        os.close(self._lock)
        (self._folder / f"{self._token}{_LOCK}").unlink(missing_ok=True)


def remove_stale(output: Path) -> int:
    """Remove the temporary files of ended writers; returns how many."""
    folder = output / INCOMING
    if not folder.is_dir():
        return 0
    removed = 0
    tokens = {path.name[:16] for path in folder.iterdir() if path.suffix in {_LOCK, _PART}}
    for token in sorted(tokens):
        lock = folder / f"{token}{_LOCK}"
        handle = _opened(lock)
        try:
            if handle is not None and not _is_stale(handle):
                continue
            for part in folder.glob(f"{token}-*{_PART}"):
                part.unlink(missing_ok=True)
                removed += 1
            if os.name != "nt":  # Windows cannot remove an open file: the lock file is removed below
                lock.unlink(missing_ok=True)
        finally:
            if handle is not None:
                os.close(handle)
        if os.name == "nt":
            lock.unlink(missing_ok=True)
    return removed


def _lock(handle: int) -> bool:
    try:
        return system.try_lock(handle)
    except OSError:
        return True  # a file system without locks: files are never taken for stale


def _is_stale(handle: int) -> bool:
    """Whether the writer of this lock file has ended; false if that is unknown."""
    try:
        return system.try_lock(handle)
    except OSError:
        return False


def _opened(lock: Path) -> int | None:
    try:
        return os.open(lock, os.O_RDWR)
    except FileNotFoundError:
        return None
