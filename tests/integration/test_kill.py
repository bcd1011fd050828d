"""Orthanc killed in the middle of receipt: everything arrives, each once, with the bytes of an undisturbed run."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
import requests
from pydicom.data import get_testdata_file

from support.servers.orthanc_server import OrthancServer, running, with_plugin
from support.waiting import wait_until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

COUNT = 200


@pytest.fixture(scope="module")
def instances() -> list[bytes]:
    """200 CT instances of one series, each with its own UID and pixels."""
    dataset = pydicom.dcmread(str(get_testdata_file("CT_small.dcm")))
    made = []
    for number in range(COUNT):
        dataset.InstanceNumber = number
        dataset.SOPInstanceUID = f"1.2.826.0.1.3680043.10.1.{number}"
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        dataset.PixelData = number.to_bytes(2, "little") * (len(dataset.PixelData) // 2)
        file = BytesIO()
        dataset.save_as(file)
        made.append(file.getvalue())
    return made


def tree(folder: Path) -> dict[str, bytes]:
    """All that stands under the output, but for the writers' own locks."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def send(server: OrthancServer, instances: list[bytes], taken: list[str]) -> list[bytes]:
    """Send until Orthanc dies; return what it did not acknowledge, and note in `taken` what it did."""
    failed = []
    for data in instances:
        try:
            taken.append(server.upload(data)["ID"])
        except requests.RequestException:
            failed.append(data)
    return failed


def test_killed_in_the_middle_it_delivers_all_with_the_same_bytes(
    tmp_path: Path, instances: list[bytes]
) -> None:
    server = with_plugin(tmp_path / "killed")
    server.start()
    try:
        with ThreadPoolExecutor(1) as sender:
            taken: list[str] = []
            sending = sender.submit(send, server, instances, taken)
            wait_until(lambda: len(taken) >= COUNT // 2, 60, "half is received")
            server.kill()
            unacknowledged = sending.result()
        assert unacknowledged, "it was killed too late to prove anything"
        server.start()
        assert not send(server, unacknowledged, [])
        status = server.wait_idle(COUNT)
        assert status["Delivered"] == COUNT
        assert status["Quarantined"] == status["Failed"] == status["Lost"] == 0
        killed = tree(server.output)
    finally:
        server.stop()

    undisturbed = with_plugin(tmp_path / "undisturbed")
    undisturbed.folder.mkdir(exist_ok=True)
    shutil.copy2(server.folder / "deidentify.key", undisturbed.folder / "deidentify.key")
    with running(undisturbed):
        assert not send(undisturbed, instances, [])
        undisturbed.wait_idle(COUNT)
        assert tree(undisturbed.output) == killed
    assert len(killed) == COUNT
