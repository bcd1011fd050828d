"""A store that hangs holds up no other store, and no end of Orthanc."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from support.data.studies import ct_study, encoded
from support.servers.hanging import hanging, with_hanging_store
from support.servers.orthanc_server import processes_of, running
from support.waiting import wait_until

pytestmark = pytest.mark.integration

COUNT = 40


def test_a_store_that_hangs_holds_up_neither_other_stores_nor_the_end(tmp_path: Path) -> None:
    with hanging() as port, running(with_hanging_store(tmp_path, port)) as server:
        for image in ct_study(COUNT):
            server.upload(encoded(image))
        state = wait_until(
            lambda: server.status() if server.status()["Delivered"] == COUNT else None,
            60,
            "the folder has all",
        )
        assert state["Pending"] == COUNT
        assert server.process is not None
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < 5  # Orthanc by itself takes three
        session = server.process.pid
        wait_until(lambda: not processes_of(session), 10, "no process is left")
