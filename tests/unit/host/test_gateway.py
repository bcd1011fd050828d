"""The gateway: its calls of Orthanc, and the callbacks that it keeps alive."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import pytest

from orthanc_deid.errors import ConfigError
from orthanc_deid.host.gateway import Gateway
from support.servers.fake_orthanc import FakeOrthanc


class Forgetful(FakeOrthanc):
    """Orthanc-Python 5.0 crashes at exit if a callback was garbage-collected."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.given: list[weakref.ref[object]] = []

    def RegisterRestCallback(self, pattern: str, callback: object) -> None:  # noqa: N802
        self.given.append(weakref.ref(callback))

    def RegisterOnChangeCallback(self, callback: object) -> None:  # noqa: N802
        self.given.append(weakref.ref(callback))


def test_callbacks_live_as_long_as_the_gateway(tmp_path: Path) -> None:
    orthanc = Forgetful(tmp_path)
    gateway = Gateway(orthanc)
    gateway.register_route("/a", lambda *_given, **_named: None)
    gateway.register_changes(lambda: None, lambda: None, lambda _instance: None)
    gc.collect()
    assert len(orthanc.given) == 2
    assert all(callback() is not None for callback in orthanc.given)


def test_start_receipt_and_stop_are_distinguished_from_other_changes(tmp_path: Path) -> None:
    orthanc = FakeOrthanc(tmp_path)
    calls: list[str] = []
    Gateway(orthanc).register_changes(
        lambda: calls.append("started"), lambda: calls.append("stopped"), calls.append
    )
    assert orthanc.on_change is not None
    for change in (10, 3, 4, 2, 3, 11):
        orthanc.on_change(change, 4, f"resource-{change}")
    assert calls == ["started", "resource-3", "resource-3", "stopped"]


def test_the_folder_is_that_of_the_configuration_file_or_the_folder_itself(tmp_path: Path) -> None:
    orthanc = FakeOrthanc(tmp_path)
    with pytest.raises(ConfigError, match="without a configuration"):
        Gateway(orthanc).configuration_folder()
    (tmp_path / "orthanc.json").touch()
    assert Gateway(orthanc).configuration_folder() == tmp_path
    (tmp_path / "orthanc.json").unlink()
    (tmp_path / "orthanc.json").mkdir()
    assert Gateway(orthanc).configuration_folder() == tmp_path / "orthanc.json"


def test_an_unknown_resource_is_none(tmp_path: Path) -> None:
    assert Gateway(FakeOrthanc(tmp_path)).get_json("/studies/none") is None
