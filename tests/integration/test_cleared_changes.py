"""`DELETE /changes` while studies arrive: what the log of changes no longer shows is processed within seconds."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from support.data.studies import ct_study, encoded
from support.servers.orthanc_server import running, with_plugin

pytestmark = pytest.mark.integration

COUNT = 120


def test_instances_whose_changes_were_deleted_are_delivered_within_seconds(tmp_path: Path) -> None:
    images = [encoded(image) for image in ct_study(COUNT)]
    with running(with_plugin(tmp_path)) as server:
        for number, image in enumerate(images):
            server.upload(image)
            if number % 10 == 9:
                server.delete("/changes")
        began = time.monotonic()
        state = server.wait_idle(COUNT, seconds=60.0)
        assert (state["Delivered"], state["Duplicate"]) == (COUNT, 0)
        assert time.monotonic() - began < 30.0
        assert len(list(server.output.rglob("*.dcm"))) == COUNT
        assert "changes are missing in Orthanc's log" in server.log
