"""The stand-in for the module `orthanc`, and the gateway's own idea of it, have no more than the real module."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from orthanc_deid.host.gateway import OrthancModule, RestOutput
from support.servers.fake_orthanc import FakeOrthanc, Output
from support.servers.orthanc_server import ORTHANC, free_port, plain, python_plugin

pytestmark = pytest.mark.integration

SCRIPT = """
import json, orthanc, pathlib
found = {"module": dir(orthanc), "output": dir(orthanc.RestOutput), "changes": {
    name: getattr(orthanc.ChangeType, name) for name in dir(orthanc.ChangeType) if name.isupper()}}
pathlib.Path(__file__).with_name("found.json").write_text(json.dumps(found))
raise SystemExit  # Orthanc need not start
"""


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The attributes of the real module, as a script inside Orthanc lists them."""
    folder = tmp_path_factory.mktemp("contract")
    (folder / "script.py").write_text(SCRIPT)
    settings = {
        "Plugins": [python_plugin()],
        "PythonScript": str(folder / "script.py"),
        "HttpPort": free_port(),
    }
    server = plain(folder, settings)
    (folder / "orthanc.json").write_text(json.dumps(server.configuration))
    subprocess.run([ORTHANC, str(folder / "orthanc.json")], capture_output=True, check=False, timeout=60)
    return dict(json.loads((folder / "found.json").read_text()))


def calls(protocol: type) -> set[str]:
    return {name for name in vars(protocol) if name[:1].isupper()}


def test_the_stand_in_calls_nothing_that_the_real_module_lacks(real: dict[str, Any], tmp_path: Path) -> None:
    stand_in = {name for name in dir(FakeOrthanc(tmp_path)) if name[:1].isupper()}
    assert stand_in <= set(real["module"])
    assert calls(Output) <= set(real["output"])
    assert real["changes"]["NEW_INSTANCE"] == FakeOrthanc.ChangeType.NEW_INSTANCE
    assert real["changes"]["ORTHANC_STARTED"] == FakeOrthanc.ChangeType.ORTHANC_STARTED
    assert real["changes"]["ORTHANC_STOPPED"] == FakeOrthanc.ChangeType.ORTHANC_STOPPED


def test_the_gateway_uses_nothing_that_the_real_module_lacks(real: dict[str, Any]) -> None:
    assert calls(OrthancModule)
    assert calls(OrthancModule) <= set(real["module"])
    assert calls(RestOutput) <= set(real["output"])
