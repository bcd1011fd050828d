"""The few things that differ between Linux and Windows: priority, file modes, folder sync, linking.

Every function takes the system's name (`os.name`: "posix" or "nt") as an argument with a default, so that both
branches are tested on either.
"""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Callable
from pathlib import Path

NICENESS = 15
_BELOW_NORMAL_PRIORITY_CLASS = 0x00004000  # winbase.h


def lower_priority(system: str = os.name, windows_call: Callable[[int], bool] | None = None) -> None:
    """Let this process give way to receipt: niceness 15, or Windows' class "below normal" (design D5).

    Already lowered (a nice parent) is no reason to lower it twice. Raises OSError if Windows refuses.
    """
    if system == "nt":
        if not (windows_call or _set_windows_priority)(_BELOW_NORMAL_PRIORITY_CLASS):
            raise OSError("the process's priority could not be lowered")
        return
    missing = NICENESS - os.nice(0)
    if missing > 0:
        os.nice(missing)


def _set_windows_priority(priority_class: int) -> bool:
    # By name, since other systems' ctypes has no WinDLL.
    kernel = getattr(ctypes, "WinDLL")("kernel32")  # noqa: B009
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    kernel.SetPriorityClass.argtypes = (ctypes.c_void_p, ctypes.c_uint32)
    return bool(kernel.SetPriorityClass(kernel.GetCurrentProcess(), priority_class))


def readable_by_others(path: Path, system: str = os.name) -> bool:
    """Whether group or others may read, write or execute the file.

    Always false on Windows, where the folder's access list decides and a mode says nothing.
    """
    if system == "nt":
        return False
    return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def sync_folder(path: Path, system: str = os.name) -> None:
    """Make the names in a folder durable. Windows offers no such call; NTFS journals its names itself."""
    if system == "nt":
        return
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_file(path: Path, system: str = os.name) -> None:
    """Make a file's bytes durable (a file that was written and closed before)."""
    # Windows flushes only through a handle that may write.
    handle = os.open(path, os.O_RDWR if system == "nt" else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def publish(temporary: Path, final: Path, system: str = os.name) -> None:
    """Give a finished file its final name, never over an existing file: FileExistsError if there is one.

    Linux's rename would replace silently, hence link and unlink; Windows' rename refuses by itself.
    """
    if system == "nt":
        temporary.rename(final)  # Windows: FileExistsError
        return
    os.link(temporary, final)
    temporary.unlink()
