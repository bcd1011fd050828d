"""Sources, stores and processes made for tests of pipeline, workers and scheduler, importable in spawned workers.

What is tested there is who does what, and what becomes of it; an instance is any bytes, and "de-identifying" turns
them around.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path

from orthanc_deid.config.key import Key
from orthanc_deid.dicom.partial_file import Data, whole
from orthanc_deid.dicom.slices import Buffer, Slices
from orthanc_deid.errors import LostError, RefusedError, SourceError
from orthanc_deid.pipeline.facts import Facts
from orthanc_deid.pipeline.pipeline_setup import PipelineSetup
from orthanc_deid.pipeline.process import Process, Processed, Withheld
from orthanc_deid.profile.model import Profile
from orthanc_deid.stores.folder_store import FolderSetup
from orthanc_deid.stores.store import Put
from orthanc_deid.verify import result
from orthanc_deid.verify.result import Verified

KEY = Key(bytes(range(32)))
PROFILE = Profile(name="neutral")


def verified(
    parts: list[bytes],
    sop: str = "2.25.4",
    patient: str = "p1",
    study: str = "2.25.2",
    series: str = "2.25.3",
) -> Verified:
    """Return what the verifier would, for a test of what comes after it."""
    return Verified(
        Slices(parts), patient, study, series, sop, "1.2.840.10008.5.1.4.1.1.2", issued_by=result._TOKEN
    )


@dataclass(frozen=True)
class FolderOfBytes:
    """A source: each file of a folder is an instance, its name the id."""

    path: Path

    def open(self) -> FolderOfBytes:
        return self

    def fetch(self, instance: str) -> Buffer:
        try:
            return (self.path / instance).read_bytes()
        except FileNotFoundError:
            raise LostError("it is not there") from None
        except OSError:
            raise SourceError("the folder failed") from None

    def close(self) -> None:
        """Nothing is open."""


def fill(folder: Path, count: int) -> list[str]:
    """Make instances `i000`, `i001`, ... and return their names."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"i{number:03d}" for number in range(count)]
    for name in names:
        (folder / name).write_bytes(f"content of {name}".encode())
    return names


def turned(profile: Profile, key: Key) -> Process:  # noqa: ARG001 - the signature of PipelineSetup.processes
    """Return a process that turns bytes around; words in them make it fail, wait, or take the worker along."""

    def run(encoded: Data) -> Processed | Withheld:
        data = bytes(whole(encoded))
        words = data.split()
        if words[0] == b"refuse":
            return Withheld(RefusedError("test rule", "(0010,0010)"), Facts(sop_class="1.2"))
        if words[0] == b"crash":
            raise ValueError("DOE^JOHN")
        if words[0] == b"memory":
            raise MemoryError
        if words[0] == b"die":
            os._exit(9)
        if words[0] == b"die-once" and not Path(os.fsdecode(words[1])).exists():
            Path(os.fsdecode(words[1])).touch()
            os._exit(9)
        if words[0] == b"wait":
            time.sleep(float(words[1]))
        made = verified([data[::-1]], sop=f"2.25.{int.from_bytes(data[-16:], 'big')}")
        return Processed(made, Facts(sop_class=made.sop_class_uid, size=len(data)))

    return run


@dataclass
class ListStore:
    """A store in this process: what was put, what was synced, and an error to raise instead, if there is one."""

    name: str
    put_bytes: list[bytes] = field(default_factory=list)
    synced: int = 0
    opened: int = 0
    error: Exception | None = None
    sync_error: Exception | None = None

    def open(self) -> ListStore:
        self.opened += 1
        return self

    def put(self, result: Verified) -> Put:
        if self.error is not None:
            raise self.error
        data = bytes(result.output)
        if data in self.put_bytes:
            return Put.DUPLICATE
        self.put_bytes.append(data)
        return Put.DELIVERED

    def sync(self) -> None:
        if self.sync_error is not None:
            raise self.sync_error
        self.synced = len(self.put_bytes)

    def close(self) -> None:
        """Nothing is open."""


def pipeline_setup(folder: Path) -> PipelineSetup:
    """Return a pipeline from `in` into a folder store in `out`."""
    stores = (FolderSetup("folder", folder / "out"),)
    return PipelineSetup(FolderOfBytes(folder / "in"), stores, (PROFILE,), KEY, processes=turned)
