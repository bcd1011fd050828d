"""The paths of a folder run, checked before anything is created: an error here is wrong usage."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from orthanc_deid import system
from orthanc_deid.cli.run.existing_outputs import ExistingOutputs
from orthanc_deid.stores.incoming_folder import INCOMING
from orthanc_deid.stores.output_names import EXTENSION

_LEVELS = 4  # PatientID / Study / Series / instance.dcm


class UsageError(Exception):
    """Wrong usage; the text names the argument and what would be accepted."""


@dataclass(frozen=True, slots=True)
class RunPaths:
    """Absolute, resolved paths. `key` may not exist yet."""

    root: Path
    output: Path
    report: Path
    key: Path
    mapping: Path | None = None

    @property
    def ledger(self) -> Path:
        """The ledger of the run."""
        return self.report / "ledger.db"


def default_key() -> Path:
    """Return the path of the key in the user's configuration folder (XDG on Linux, %APPDATA% on Windows)."""
    return platformdirs.user_config_path("orthanc-deid", appauthor=False, roaming=True) / "key"


def run_paths(
    root: Path, output: Path, report: Path | None, key: Path | None, mapping: Path | None
) -> RunPaths:
    """Return the paths of a run; raises UsageError where one lies inside another that must not contain it."""
    if not root.is_dir():
        raise UsageError("INPUT is no folder")
    folder = resolved(output)
    if not folder.name:
        raise UsageError("OUTPUT is the root of a file system; accepted: a folder in it")
    if folder.exists() and not folder.is_dir():
        raise UsageError("OUTPUT is a file; accepted: a folder, or a name that is free")
    found = RunPaths(
        root=resolved(root),
        output=folder,
        report=resolved(report) if report else folder.with_name(f"{folder.name}.report"),
        key=resolved(key or default_key()),
        mapping=resolved(mapping) if mapping else None,
    )
    _refuse_nesting(found)
    return found


def resolved(path: Path) -> Path:
    """Return a path absolute, without links, and in the form that the system needs for long paths."""
    return system.long_path(path.resolve())


def _refuse_nesting(paths: RunPaths) -> None:
    if is_within(paths.output, paths.root):
        raise UsageError("OUTPUT is INPUT, or lies inside it")
    if is_within(paths.root, paths.output):
        raise UsageError("INPUT lies inside OUTPUT")
    secret = [("--report", paths.report), ("--key", paths.key), ("--mapping", paths.mapping)]
    for name, path in secret:
        if path is not None and is_within(path, paths.output):
            raise UsageError(f"{name} lies inside OUTPUT, which is to be given away")
        if path is not None and name != "--key" and is_within(path, paths.root):
            raise UsageError(f"{name} lies inside INPUT")


def is_within(path: Path, folder: Path) -> bool:
    """Whether `path` is `folder` or lies below it; the file system decides whether case matters."""
    if path == folder or folder in path.parents:
        return True
    if not folder.exists():
        return False
    return any(each.exists() and each.samefile(folder) for each in (path, *path.parents))


def outputs_in(output: Path, is_ours: bool) -> ExistingOutputs:
    """Return the results in OUTPUT.

    Raises UsageError unless OUTPUT is empty, or (`is_ours`: a ledger of a run lies beside it) holds results only.
    """
    found = ExistingOutputs()
    if not output.is_dir():
        return found
    if not is_ours:
        names = [name for name in os.listdir(output) if name != INCOMING]  # noqa: PTH208
        if names:
            raise UsageError("OUTPUT is not empty, and no record of a run of ours lies beside it")
    elif not _note(os.fspath(output), "", 1, found):
        raise UsageError("OUTPUT holds files that no run of ours has put there")
    return found


def _note(folder: str, within: str, level: int, found: ExistingOutputs) -> bool:
    """Note the results below a folder; return whether it holds only folders, and on the last level only instances."""
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
