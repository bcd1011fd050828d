"""Folder trees with made CT images, and the command `orthanc-deid` as a process, for tests of folder runs."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from pydicom import Dataset, dcmwrite
from pydicom.uid import generate_uid

from orthanc_deid.cli.run.folder_worker_setup import FolderWorkerSetup
from orthanc_deid.dicom.partial_file import Data
from orthanc_deid.pipeline.tasks import Outcome, Task
from orthanc_deid.sources import folder_source
from orthanc_deid.sources.folder_source import FolderSource
from orthanc_deid.workers.runner import TaskRunner
from support.data.studies import ct_study, encoded
from support.repository import ROOT


def ct(number: int = 0, patient: int = 0, **attributes: Any) -> Dataset:
    """Return CT image `number` of an invented patient's one study (`studies.IDENTITY`)."""
    image = ct_study(1, patient)[0]
    image.SOPInstanceUID = generate_uid(entropy_srcs=["folder", str(patient), str(number)])
    image.InstanceNumber = number + 1
    for keyword, value in attributes.items():
        setattr(image, keyword, value)
    return image


def part10(image: Dataset) -> bytes:
    """Return the image as a Part 10 file in explicit VR little endian."""
    return encoded(image)


def bare(image: Dataset, *, implicit: bool = False) -> bytes:
    """Return the image as a bare data set, without preamble and file meta."""
    file = BytesIO()
    dcmwrite(file, Dataset(image), implicit_vr=implicit, little_endian=True)
    return file.getvalue()


def fill(folder: Path, count: int, per_folder: int = 25) -> None:
    """Write `count` CT images, a hundred of each patient, some of each in a folder."""
    for number in range(count):
        place = folder / f"patient {number // 100}" / f"{number // per_folder:04d}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"IM{number:06d}").write_bytes(part10(ct(number, number // 100)))


def tree(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file by its path relative to `folder`, temporary files left out."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".incoming" not in path.parts
    }


@dataclass(frozen=True)
class Command:
    """`orthanc-deid` with a configuration folder of its own, so that no test meets a user's key."""

    config: Path

    @property
    def environment(self) -> dict[str, str]:
        path = os.pathsep.join([str(ROOT / "plugin"), str(ROOT / "tests")])
        return os.environ | {"XDG_CONFIG_HOME": str(self.config), "PYTHONPATH": path, "COLUMNS": "120"}

    def line(self, *arguments: object) -> list[str]:
        """Return the command line."""
        program = "from orthanc_deid.cli.main import app; app(prog_name='orthanc-deid')"
        return [sys.executable, "-W", "error", "-c", program, *map(str, arguments)]

    def __call__(
        self, *arguments: object, status: int | None = 0, **options: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run it to its end, and hold it to an exit status (None: any)."""
        done = subprocess.run(
            self.line(*arguments),
            check=False,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=240,
            **options,
        )
        if status is not None:
            assert done.returncode == status, f"{done.returncode}: {done.stdout}{done.stderr}"
        return done

    def start(self, *arguments: object, **options: Any) -> subprocess.Popen[str]:
        """Start it."""
        return subprocess.Popen(
            self.line(*arguments),
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )


def report(output: Path) -> Any:
    """Return report.json of a run into `output`."""
    return json.loads((output.with_name(f"{output.name}.report") / "report.json").read_text())


def listed(output: Path) -> dict[str, tuple[str, str]]:
    """Return outcome and rule by path, from quarantine.csv of a run into `output`."""
    path = output.with_name(f"{output.name}.report") / "quarantine.csv"
    with path.open(newline="", encoding="utf-8") as file:
        return {row["Path"]: (row["Outcome"], row["Rule"]) for row in csv.DictReader(file)}


@contextmanager
def open_folder() -> Iterator[Path]:
    """Make a folder that every user may enter; pytest closes its own to others whenever it starts anew."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name)
        path.chmod(0o755)
        yield path


@dataclass(frozen=True)
class CrashingSetup:
    """Workers that die of a file named `crash`, as of a fault in a codec's machine code."""

    inner: FolderWorkerSetup

    def open(self) -> CrashingWorker:
        return CrashingWorker(self.inner)


class CrashingWorker:
    """See `CrashingSetup`."""

    def __init__(self, setup: FolderWorkerSetup) -> None:
        self._worker = setup.open()

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        if any(task.instance.endswith("crash") for task in tasks):
            os._exit(9)
        return self._worker.run(tasks)


UNTOLD = 150
"""Bytes of a head without information on Pixel Data: the file is read or mapped as a whole."""


@dataclass(frozen=True)
class ShrinkingSetup:
    """Workers that map every file, or read it partly, and find the one named `shrinks` cut off meanwhile."""

    inner: FolderWorkerSetup
    size: int = 200
    partly: bool = False

    def open(self) -> TaskRunner:
        folder_source.PARTLY_FROM = folder_source.READ_AT_MOST = 0
        if not self.partly:
            folder_source.LONGEST_HEAD = UNTOLD
        fetch = FolderSource.fetch_partly

        def shrinking(source: FolderSource, instance: str) -> Data:
            data = fetch(source, instance)
            if instance.endswith("shrinks"):
                os.truncate(self.inner.root / instance, self.size)
            return data

        FolderSource.fetch_partly = shrinking  # type: ignore[assignment, method-assign]
        return self.inner.open()
