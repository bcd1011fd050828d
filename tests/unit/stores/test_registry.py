"""A type of store is one module and one row: settings, setup, results and their location follow from the row."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest

from orthanc_deid.config.load import load_settings
from orthanc_deid.config.settings_model import StoreSettings
from orthanc_deid.errors import ConfigError, ConflictError
from orthanc_deid.orthanc.configuration import OrthancConfiguration
from orthanc_deid.pipeline.tasks import Outcome, Output, Result
from orthanc_deid.stores.registry import STORE_TYPES, configured_stores, store_type
from orthanc_deid.stores.store import Put
from orthanc_deid.stores.store_type import StoreType, StudyLocation
from orthanc_deid.verify.result import Verified
from support.pipeline_parts import verified
from support.repository import ROOT
from support.servers.route_host import STUDY, Host

SHELVES: dict[str, dict[str, bytes]] = {}


class ShelfSettings(StoreSettings):
    type: Literal["Shelf"]
    shelf: str


@dataclass(frozen=True, slots=True)
class ShelfSetup:
    name: str
    shelf: str

    def open(self) -> Shelf:
        return Shelf(self)


class Shelf:
    """Keeps results in memory by SOP Instance UID."""

    def __init__(self, setup: ShelfSetup) -> None:
        self.name = setup.name
        self._held = SHELVES.setdefault(setup.shelf, {})

    def put(self, result: Verified) -> Put:
        content = bytes(result.output)
        if self._held.setdefault(result.sop_instance_uid, content) != content:
            raise ConflictError("other bytes are there")
        return Put.DELIVERED

    def sync(self) -> None:
        """Nothing is durable here."""

    def close(self) -> None:
        """Nothing is open."""


SHELF = StoreType(
    ShelfSettings,
    lambda name, settings, _configuration: ShelfSetup(name, settings.shelf),
    lambda setup, output: {"Shelf": f"{setup.shelf}/{output.sop_instance_uid}"},
    lambda setup, _patient_id, study: StudyLocation(f"{setup.shelf}/{study}", keys={"Shelf": setup.shelf}),
)


@pytest.fixture
def section(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setitem(STORE_TYPES, "Shelf", f"{__name__}:SHELF")
    return {"Deidentify": {"Stores": {"third": {"Type": "Shelf", "Shelf": "upper"}}}}


def test_a_third_type_of_store_needs_one_row(section: dict[str, Any], tmp_path: Path) -> None:
    settings = load_settings(section, tmp_path)
    configured = configured_stores(settings.stores, OrthancConfiguration(section, tmp_path))["third"]
    store = pickle.loads(pickle.dumps(configured.setup)).open()  # noqa: S301 - as a worker gets it
    result = verified([b"one", b"two"], "2.25.4", "p", "2.25.2", "2.25.3")
    assert store.put(result) is Put.DELIVERED
    store.sync()
    assert SHELVES == {"upper": {"2.25.4": b"onetwo"}}
    output = Output("p", "2.25.2", "2.25.3", "2.25.4", result.md5())
    assert configured.result_location(output) == {"Shelf": "upper/2.25.4"}
    assert configured.study_location("p", "2.25.2") == StudyLocation("upper/2.25.2", keys={"Shelf": "upper"})


def test_the_study_route_answers_its_location_under_the_common_key(
    section: dict[str, Any], tmp_path: Path
) -> None:
    """The pages read `Location` alone, so they show the results of a store of any type."""
    host = Host(tmp_path, section["Deidentify"])
    try:
        host.orthanc.call("POST", f"/studies/{STUDY}/deidentify")
        output = Output("p", "2.25.2", "2.25.3", "2.25.4", "0" * 32)
        tasks = host.ledger.claim("test", 2, 60, now=2e9)
        host.ledger.close([Outcome(task, Result.DELIVERED, output=output) for task in tasks], now=2e9)
        [result] = host.orthanc.call("GET", f"/deidentify/studies/{STUDY}").json["Results"]
        assert (result["Location"], result["Shelf"]) == ({"Text": "upper/2.25.2"}, "upper")
    finally:
        host.ledger.close_database()


@pytest.mark.usefixtures("section")
def test_its_settings_are_checked_by_its_own_model(tmp_path: Path) -> None:
    for store, message in (
        ({"Type": "Shelf"}, r"Deidentify\.Stores\.third\.Shelf: Field required"),
        ({"Type": "Shelf", "Path": "x"}, r"Stores\.third: unknown key Path; accepted: Profiles, Shelf, Type"),
        ({"Type": "Tape"}, r"Stores\.third\.Type: accepted: Folder, Orthanc, Shelf"),
    ):
        with pytest.raises(ConfigError, match=message):
            load_settings({"Deidentify": {"Stores": {"third": store}}}, tmp_path)


@pytest.mark.parametrize("name", sorted(STORE_TYPES))
def test_every_row_names_a_store_type_whose_settings_have_its_name(name: str) -> None:
    field = store_type(name).settings.model_fields["type"]
    assert field.annotation == Literal[name]


def test_a_type_that_is_not_used_is_not_imported(tmp_path: Path) -> None:
    """A folder's host loads no HTTP client of the peer store, and none of its decoders."""
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from orthanc_deid.config.load import load_settings\n"
        "stores = {'out': {'Type': 'Folder', 'Path': '.'}}\n"
        "load_settings({'Deidentify': {'Stores': stores}}, Path(sys.argv[1]))\n"
        "print(*(name for name in sys.modules if name.startswith('orthanc_deid.stores.')))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "plugin")}
    command = [sys.executable, "-c", program, str(tmp_path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    loaded = done.stdout.split()
    assert "orthanc_deid.stores.folder_store" in loaded
    assert "orthanc_deid.stores.orthanc_store" not in loaded
