"""Our own output coming back through DICOM, which rewrites its file meta and its lengths: known, or quarantined."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from support.data.studies import ct_study, encoded
from support.servers.orthanc_server import OrthancServer, running, with_plugin

pytestmark = pytest.mark.integration

COUNT = 2


def with_sequences(image: Dataset) -> bytes:
    """Return the image with a nested sequence of undefined lengths, which our output keeps as they are."""
    inner = Dataset()
    inner.CodeValue, inner.CodingSchemeDesignator, inner.CodeMeaning = "T-D3000", "SRT", "Chest"
    inner.is_undefined_length_sequence_item = True
    image.AnatomicRegionSequence = Sequence([inner])
    image["AnatomicRegionSequence"].is_undefined_length = True
    return encoded(image)


def send(server: OrthancServer, *files: Path) -> None:
    """Send files by C-STORE."""
    tool = shutil.which("storescu")
    assert tool is not None
    command = [tool, "-aec", "ORTHANC", "127.0.0.1", str(server.dicom_port), *map(str, files)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)


def outputs(server: OrthancServer) -> list[Path]:
    return sorted(server.output.rglob("*.dcm"))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[OrthancServer]:
    """An Orthanc that has delivered a study."""
    with running(with_plugin(tmp_path)) as found:
        for image in ct_study(COUNT):
            found.upload(with_sequences(image))
        assert found.wait_idle(COUNT)["Delivered"] == COUNT
        yield found


def test_what_comes_back_by_c_store_is_known_again(server: OrthancServer) -> None:
    before = {file: file.read_bytes() for file in outputs(server)}
    send(server, *before)
    state = server.wait_idle(2 * COUNT)
    assert (state["Delivered"], state["Ignored"], state["Quarantined"]) == (COUNT, COUNT, 0)
    assert {file: file.read_bytes() for file in outputs(server)} == before


def test_another_file_meta_alone_is_seen_through_even_where_the_original_is_gone(
    server: OrthancServer,
) -> None:
    for instance in server.get("/instances"):
        server.delete(f"/instances/{instance}")
    for file in outputs(server):
        data = file.read_bytes()
        image = pydicom.dcmread(BytesIO(data))
        image.file_meta.ImplementationVersionName = "SOMEBODY_ELSE"
        image.file_meta.SourceApplicationEntityTitle = "SOMEWHERE"
        buffer = BytesIO()
        image.save_as(buffer, enforce_file_format=True)
        server.upload(buffer.getvalue())
    state = server.wait_idle(2 * COUNT)
    assert (state["Ignored"], state["Quarantined"]) == (COUNT, 0)


@pytest.mark.parametrize("keyword", ["PatientID", "ImageComments"])
def test_what_was_changed_meanwhile_is_neither_processed_nor_trusted(
    server: OrthancServer, keyword: str
) -> None:
    image = pydicom.dcmread(outputs(server)[0])
    setattr(image, keyword, "ADDED LATER")
    server.upload(encoded(image))
    state = server.wait_idle(COUNT + 1)
    assert (state["Delivered"], state["Quarantined"]) == (COUNT, 1)
    [row] = server.get("/deidentify/quarantine")
    assert row["Rule"] == "own output, changed"
    assert len(outputs(server)) == COUNT
