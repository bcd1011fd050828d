"""OUTPUT/.incoming: where files are written before they get their final name, and how dead writers' files go away.

Each writer holds a lock on a file of its own for as long as it lives; the system lets go of it when the writer
dies, however it dies. A file whose writer's lock can be taken is nobody's, and is removed.
"""

from __future__ import annotations

import os
import secrets
from itertools import count
from pathlib import Path

from orthanc_deid import system

FOLDER = ".incoming"
_LOCK, _PART = ".lock", ".part"


class Incoming:
    """One writer's temporary files. Raises OSError if the folder cannot be used."""

    def __init__(self, output: Path) -> None:
        self._folder = output / FOLDER
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._folder.is_symlink():
            raise NotADirectoryError(FOLDER)
        self._numbers = count()
        self._token, self._lock = self._hold()

    def _hold(self) -> tuple[str, int]:
        """Make a lock file and lock it; again, where a cleaner took it for a dead writer's in between."""
        while True:
            token = secrets.token_hex(8)
            path = self._folder / f"{token}{_LOCK}"
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            if _is_ours(handle) and path.exists():
                return token, handle
            os.close(handle)

    def new_name(self) -> Path:
        """Return a name that no file has."""
        return self._folder / f"{self._token}-{next(self._numbers)}{_PART}"

    def close(self) -> None:
        """Remove what is this writer's, and let go of its lock."""
        for part in self._folder.glob(f"{self._token}-*{_PART}"):
            part.unlink(missing_ok=True)
        os.close(self._lock)
        (self._folder / f"{self._token}{_LOCK}").unlink(missing_ok=True)


def remove_stale(output: Path) -> int:
    """Remove the temporary files of writers that are dead; returns how many files that were."""
    folder = output / FOLDER
    if not folder.is_dir():
        return 0
    removed = 0
    tokens = {path.name[:16] for path in folder.iterdir() if path.suffix in {_LOCK, _PART}}
    for token in sorted(tokens):
        lock = folder / f"{token}{_LOCK}"
        handle = _opened(lock)
        try:
            if handle is not None and not _is_nobodys(handle):
                continue
            for part in folder.glob(f"{token}-*{_PART}"):
                part.unlink(missing_ok=True)
                removed += 1
            if os.name != "nt":  # Windows removes no open file: there the lock file goes below
                lock.unlink(missing_ok=True)
        finally:
            if handle is not None:
                os.close(handle)
        if os.name == "nt":
            lock.unlink(missing_ok=True)
    return removed


def _is_ours(handle: int) -> bool:
    try:
        return system.try_lock(handle)
    except OSError:
        return True  # a file system without locks: then nobody's files are ever taken for a dead writer's


def _is_nobodys(handle: int) -> bool:
    """Whether the writer whose lock this is has died, as far as can be known."""
    try:
        return system.try_lock(handle)
    except OSError:
        return False


def _opened(lock: Path) -> int | None:
    try:
        return os.open(lock, os.O_RDWR)
    except FileNotFoundError:
        return None
