"""Where a folder run reads and writes, checked before anything is made: what is refused here is wrong usage."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from orthanc_deid import system
from orthanc_deid.cli.run.existing_outputs import Present
from orthanc_deid.stores.incoming_folder import FOLDER as INCOMING
from orthanc_deid.stores.output_names import EXTENSION

_LEVELS = 4  # PatientID / Study / Series / instance.dcm


class UsageError(Exception):
    """The command cannot mean what it says; the text names the argument and what would be accepted."""


@dataclass(frozen=True, slots=True)
class Places:
    """Absolute, resolved paths. `key` may not exist yet."""

    root: Path
    output: Path
    report: Path
    key: Path
    mapping: Path | None = None

    @property
    def ledger(self) -> Path:
        """The record of the run."""
        return self.report / "ledger.db"


def default_key() -> Path:
    """Return the key's place in the user's configuration folder (XDG on Linux, %APPDATA% on Windows)."""
    return platformdirs.user_config_path("orthanc-deid", appauthor=False, roaming=True) / "key"


def places_for(
    root: Path, output: Path, report: Path | None, key: Path | None, mapping: Path | None
) -> Places:
    """Return the places of a run. Raises UsageError where one lies in another that it must not lie in."""
    if not root.is_dir():
        raise UsageError("INPUT is no folder")
    folder = resolved(output)
    if not folder.name:
        raise UsageError("OUTPUT is the root of a file system; accepted: a folder in it")
    if folder.exists() and not folder.is_dir():
        raise UsageError("OUTPUT is a file; accepted: a folder, or a name that is free")
    found = Places(
        root=resolved(root),
        output=folder,
        report=resolved(report) if report else folder.with_name(f"{folder.name}.report"),
        key=resolved(key or default_key()),
        mapping=resolved(mapping) if mapping else None,
    )
    _refuse_nesting(found)
    return found


def resolved(path: Path) -> Path:
    """Return a path absolute, without links, and in the form in which the system takes long ones."""
    return system.long_path(path.resolve())


def _refuse_nesting(places: Places) -> None:
    if is_within(places.output, places.root):
        raise UsageError("OUTPUT is INPUT, or lies inside it")
    if is_within(places.root, places.output):
        raise UsageError("INPUT lies inside OUTPUT")
    secret = [("--report", places.report), ("--key", places.key), ("--mapping", places.mapping)]
    for name, path in secret:
        if path is not None and is_within(path, places.output):
            raise UsageError(f"{name} lies inside OUTPUT, which is to be given away")
        if path is not None and name != "--key" and is_within(path, places.root):
            raise UsageError(f"{name} lies inside INPUT")


def is_within(path: Path, folder: Path) -> bool:
    """Whether `path` is `folder` or lies below it, by what the file system says, in which case may not matter."""
    if path == folder or folder in path.parents:
        return True
    if not folder.exists():
        return False
    return any(each.exists() and each.samefile(folder) for each in (path, *path.parents))


def results_in(output: Path, is_ours: bool) -> Present:
    """Return the results that OUTPUT holds.

    Raises UsageError unless it holds nothing, or (`is_ours`, by its record) only what a run may have put there.
    """
    found = Present()
    if not output.is_dir():
        return found
    if not is_ours:
        names = [name for name in os.listdir(output) if name != INCOMING]  # noqa: PTH208
        if names:
            raise UsageError("OUTPUT is not empty, and no record of a run of ours lies beside it")
    elif not _note(os.fspath(output), "", 1, found):
        raise UsageError("OUTPUT holds files that no run of ours has put there")
    return found


def _note(folder: str, within: str, level: int, found: Present) -> bool:
    """Note the results below a folder; whether it holds folders alone, and on the last level instances alone."""
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name
            if level == 1 and name == INCOMING:
                continue
            is_folder = entry.is_dir(follow_symlinks=False)
            if is_folder is (level == _LEVELS):
                return False
            if is_folder:
                if not _note(entry.path, within + name + os.sep, level + 1, found):
                    return False
            elif name.endswith(EXTENSION):
                found.add(within + name)
            else:
                return False
    return True
