"""Bad input to a folder run: a line for each, nothing half-written, the rest delivered."""

from __future__ import annotations

import csv
import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.dataset import FileMetaDataset
from pydicom.uid import CTImageStorage, JPEGLSLossless

from orthanc_deid import system
from orthanc_deid.cli.run.folder_worker_setup import FolderWorkerSetup
from orthanc_deid.cli.run.output_stores import STORE
from orthanc_deid.pipeline.tasks import Outcome, Result, Task
from orthanc_deid.profile.load import load_profile
from support.folders.runs import KEY, Trial
from support.folders.trees import Command, ct, fill, listed, open_folder, part10, report, tree

NOBODY = 65534
as_root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")
linux = pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs Linux")
FRAGMENT = 2300 << 20  # bytes; two of them are more than 4 GiB


def test_bad_files_have_a_line_each_and_the_rest_is_delivered(
    tmp_path: Path, command: Command, source: Path
) -> None:
    fill(source, 5)
    (source / "empty").touch()
    os.mkfifo(source / "fifo")
    (source / "with\nnewline").write_bytes(b"no DICOM")
    (source / "truncated").write_bytes(part10(ct(7))[:-40])
    (source / "twice 1").write_bytes(part10(ct(8)))
    (source / "twice 2").write_bytes(part10(ct(8, PixelData=bytes(512))))
    (source / "copy").write_bytes(part10(ct(0)))
    with (source / "huge").open("wb") as file:  # pixel data of more than 4 GB, of which most is missing
        file.write(part10(ct(9))[:-516] + b"\xfe\xff\xff\xff")
        file.truncate((4 << 30) - (1 << 20))
    with (source / "film").open("wb") as file:
        file.write(b"\0\0\0\x20ftypmp42")
        file.truncate(5 << 30)
    command("run", source, tmp_path / "out", status=3)
    found = listed(tmp_path / "out")
    assert found == {
        "./empty": ("not DICOM", "not DICOM"),
        "./fifo": ("passed", "a FIFO, not a file"),
        "./film": ("not DICOM", "not DICOM"),
        "./huge": ("quarantined", "length past the end"),
        "./truncated": ("quarantined", "length past the end"),
        "./twice 2": ("quarantined", "conflict"),
        "./with\\x0Anewline": ("not DICOM", "not DICOM"),
    }
    totals = report(tmp_path / "out")["Totals"]
    assert (totals["Instances"], totals["Duplicates"]) == (6, 1)
    assert all(dcmread(path).PatientIdentityRemoved == "YES" for path in (tmp_path / "out").rglob("*.dcm"))


@as_root
def test_folders_and_files_that_may_not_be_read_have_a_line_each() -> None:
    with open_folder() as place:
        fill(place / "in", 3)
        (place / "in" / "closed").mkdir()
        (place / "in" / "closed" / "unseen").write_bytes(part10(ct(7)))
        (place / "in" / "locked").write_bytes(part10(ct(8)))
        (place / "in" / "closed").chmod(0)
        (place / "in" / "locked").chmod(0)
        for name in ("out", "report", "config"):
            (place / name).mkdir()
            os.chown(place / name, NOBODY, NOBODY)
        arguments = ("run", place / "in", place / "out", "--report", place / "report")
        as_nobody: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        done = Command(place / "config")(*arguments, status=3, **as_nobody)
        with (place / "report" / "quarantine.csv").open(newline="") as file:
            lines = {row["Path"]: (row["Outcome"], row["Reason"]) for row in csv.DictReader(file)}
        assert lines == {
            "./closed": ("failed", "the folder cannot be read: Permission denied"),
            "./locked": ("failed", "the file cannot be read: Permission denied"),
        }
        assert len(tree(place / "out")) == 3
        assert "quarantine.csv" in done.stdout
        (place / "in" / "closed").chmod(0o755)
        (place / "in" / "locked").chmod(0o644)
        Command(place / "config")(*arguments, **as_nobody)
        assert len(tree(place / "out")) == 5


@dataclass(frozen=True)
class MeddlingSetup:
    """Workers before whose first chunk one file vanishes and another one grows."""

    inner: FolderWorkerSetup

    def open(self) -> MeddlingWorker:
        return MeddlingWorker(self.inner)


class MeddlingWorker:
    """See `MeddlingSetup`."""

    def __init__(self, setup: FolderWorkerSetup) -> None:
        self._root = setup.root
        self._worker = setup.open()

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        (self._root / "vanishes").unlink(missing_ok=True)
        os.utime(self._root / "changes", (1e9, 1e9))
        return self._worker.run(tasks)


def test_files_that_change_or_vanish_during_a_run_have_a_line_each_and_the_next_run_does_them(
    tmp_path: Path, source: Path
) -> None:
    fill(source, 3)
    for number, name in ((7, "changes"), (8, "vanishes")):
        (source / name).write_bytes(part10(ct(number)))
    trial = Trial(source, tmp_path / "trial").run(MeddlingSetup)
    assert trial.lines() == {"./changes": ("failed", "source"), "./vanishes": ("failed", "source")}
    assert trial.end()["stored"] == 3
    assert trial.run().lines() == {}
    assert trial.end()["stored"] == 4


def test_a_file_that_changed_or_vanished_after_it_was_found_fails_and_is_met_again_by_the_next_run(
    tmp_path: Path, source: Path
) -> None:
    (source / "changed").write_bytes(part10(ct(0)))
    worker = FolderWorkerSetup(source, tmp_path / "out", load_profile("neutral"), KEY).open()
    seen = (source / "changed").stat().st_mtime_ns
    tasks = [
        Task(1, 0, "changed", seen - 1, "neutral", STORE),
        Task(2, 0, "gone", seen, "neutral", STORE),
        Task(3, 0, "changed", seen, "neutral", STORE),
    ]
    outcomes = [(outcome.result, outcome.reason) for task in tasks for outcome in worker.run([task])]
    assert outcomes == [
        (Result.RETRY, "the file changed after it was found"),
        (Result.RETRY, "the file has vanished"),
        (Result.DELIVERED, ""),
    ]


def write_huge(path: Path) -> int:
    """Write a compressed image with two frames that are holes but for their ends; return its size, above 4 GiB."""
    image = ct(3, NumberOfFrames=2)
    del image.PixelData
    image.file_meta = FileMetaDataset()
    image.file_meta.MediaStorageSOPClassUID = CTImageStorage
    image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
    image.file_meta.TransferSyntaxUID = JPEGLSLossless
    head = BytesIO()
    image.save_as(head, enforce_file_format=True)
    frame = struct.pack(">BHHBBBB", 12, image.Rows, image.Columns, 1, 1, 0x11, 0)  # of JPEG-LS, one component
    begin = b"\xff\xd8\xff\xf7\x00\x0b" + frame + b"\xff\xda\x00\x08\x01\x01" + bytes(4)
    with path.open("wb") as file:
        file.write(head.getvalue())
        file.write(struct.pack("<HH2sHI", 0x7FE0, 0x0010, b"OB", 0, 0xFFFFFFFF))
        file.write(struct.pack("<HHI", 0xFFFE, 0xE000, 0))
        for _ in range(2):
            file.write(struct.pack("<HHI", 0xFFFE, 0xE000, FRAGMENT) + begin)
            file.seek(FRAGMENT - len(begin) - 2, os.SEEK_CUR)
            file.write(b"\xff\xd9")
        file.write(struct.pack("<HHI", 0xFFFE, 0xE0DD, 0))
        return file.tell()


@linux
def test_a_file_of_more_than_4_gib_is_delivered_whole(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = write_huge(source / "huge")
    assert size > 4 << 30
    write_all = system.write_all

    def leaving_holes(handle: int, parts: Sequence[memoryview]) -> None:
        for part in parts:  # nobody's disk is to be filled with zeros
            if len(part) < FRAGMENT:
                write_all(handle, [part])
                continue
            edge = 1 << 20
            assert bytes(part[edge - FRAGMENT : 2 * edge - FRAGMENT]) == bytes(edge)
            rest = len(part) % FRAGMENT
            write_all(handle, [part[:edge]])
            os.lseek(handle, len(part) - 2 * edge - rest, os.SEEK_CUR)
            write_all(handle, [part[-edge - rest :]])

    monkeypatch.setattr(system, "write_all", leaving_holes)
    worker = FolderWorkerSetup(source, tmp_path / "out", load_profile("neutral"), KEY).open()
    [outcome] = worker.run([Task(1, 0, "huge", (source / "huge").stat().st_mtime_ns, "neutral", STORE)])
    assert outcome.result is Result.DELIVERED
    [result] = (tmp_path / "out").rglob("*.dcm")
    assert result.stat().st_size > size - 4096
    with result.open("rb") as file:
        file.seek(-8, os.SEEK_END)
        assert file.read() == struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
