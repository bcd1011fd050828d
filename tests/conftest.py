"""What tests of several folders begin with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support import branch_coverage  # first: it traces the imports of the others
from support.folders.trees import Command
from support.servers.route_host import Host


def pytest_configure(config: pytest.Config) -> None:
    """Measure coverage where it is asked for."""
    if branch_coverage.PLUGIN is not None:
        config.pluginmanager.register(branch_coverage.PLUGIN)


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """Return the command `orthanc-deid`, with a configuration folder of its own."""
    return Command(tmp_path / "config")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Return an empty folder for the files of a run."""
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    """Return the routes over a real ledger and one folder store."""
    (tmp_path / "output").mkdir()
    host = Host(tmp_path, {"Stores": {"output": {"Type": "Folder", "Path": "output"}}})
    yield host
    host.ledger.close_database()
