"""The settings are checked completely: every error names its key and the accepted values."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from orthanc_deid.config.load import load_settings
from orthanc_deid.config.settings import Settings
from orthanc_deid.errors import ConfigError

FOLDER_STORE = {"Type": "Folder", "Path": "output"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "output").mkdir()
    return tmp_path


def section(**settings: Any) -> dict[str, Any]:
    return {"Deidentify": {"Stores": {"output": FOLDER_STORE}, **settings}}


def test_a_store_is_all_that_must_be_named(folder: Path) -> None:
    settings = load_settings(section(), folder)
    assert settings.profile == "neutral"
    assert settings.admitted("output") == ("neutral",)
    assert settings.start_at == "Newest"
    assert len(settings.on_receive) == 1
    assert settings.targets(settings.on_receive[0]) == ("neutral", ("output",))
    assert settings.workers == os.cpu_count()


def test_relative_paths_are_relative_to_the_configuration(folder: Path) -> None:
    (folder / "mine").mkdir()
    settings = load_settings(section(KeyFile="k.key", Ledger="sqlite:///l.db", Profiles="mine"), folder)
    assert settings.key_file == folder / "k.key"
    assert settings.ledger == f"sqlite:///{folder / 'l.db'}"
    assert settings.profiles == folder / "mine"
    assert getattr(settings.stores["output"], "path", None) == folder / "output"


def test_absolute_paths_stay(folder: Path) -> None:
    given = section(
        KeyFile=str(folder / "k.key"),
        Ledger=f"sqlite:///{folder}/l.db",
        Stores={"output": {**FOLDER_STORE, "Path": str(folder / "output")}},
    )
    settings = load_settings(given, Path("/"))
    assert settings.key_file == folder / "k.key"
    assert settings.ledger == f"sqlite:///{folder}/l.db"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"Profle": "basic"},
            r"Deidentify: unknown key Profle \(did you mean Profile\?\); accepted: .*KeyFile",
        ),
        ({"Stores": {"a": {"Type": "Folder", "Pth": "x"}}}, r"Stores\.a: unknown key Pth .*Path"),
        ({"Stores": {"a": {"Type": "Tape", "Path": "x"}}}, r"Stores\.a\.Type: accepted: Folder, Orthanc"),
        ({"Stores": {"a": {"Path": "x"}}}, r"Stores\.a\.Type: accepted: Folder, Orthanc"),
        ({"Stores": {}}, r"Deidentify\.Stores: .*at least 1"),
        ({"Stores": {"a/b": FOLDER_STORE}}, r"Deidentify\.Stores\.a/b: .*match pattern"),
        (
            {"Stores": {"a": {"Type": "Folder", "Path": "nowhere"}}},
            r"Stores\.a\.Path: the folder .* does not exist",
        ),
        (
            {"Stores": {"a": {"Type": "Orthanc", "Peer": "x"}}},
            r"Stores\.a\.Peer: no such peer; accepted: none",
        ),
        ({"StartAt": "Newst"}, r"Deidentify\.StartAt: .*'Newest' or 'Oldest'"),
        ({"Workers": "2"}, r"Deidentify\.Workers: .*integer"),
        ({"Workers": 0}, r"Deidentify\.Workers: .*greater than or equal to 1"),
        ({"Retry": {"Attempts": 0}}, r"Deidentify\.Retry\.Attempts: .*greater than or equal to 1"),
        ({"AcceptRecycling": 1}, r"Deidentify\.AcceptRecycling: .*boolean"),
        ({"Profiles": "nowhere"}, r"Deidentify\.Profiles: the folder .* does not exist"),
        ({"KeyFile": "nowhere/k"}, r"Deidentify\.KeyFile: the folder .* does not exist"),
        ({"Python": "nowhere"}, r"Deidentify\.Python: .*not a program"),
        ({"OnReceive": [{}, {"Tags": {"Foo": "x"}}]}, r"OnReceive\[1\]\.Tags: Foo .*accepted: .*StationName"),
        ({"OnReceive": [{"Modality": 3}]}, r"OnReceive\[0\]\.Modality: .*list"),
        ({"OnReceive": [{"Origin": "Post"}]}, r"OnReceive\[0\]\.Origin\[0\]: .*'DicomProtocol'"),
        ({"OnReceive": [{"Stores": ["else"]}]}, r"OnReceive\[0\]\.Stores: no store else; accepted: output"),
        ({"OnReceive": [{"Ignore": True, "Profile": "basic"}]}, r"OnReceive\[0\]: Ignore excludes"),
    ],
)
def test_a_fault_names_its_key_and_what_is_accepted(
    folder: Path, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        load_settings(section(**settings), folder)


@pytest.mark.parametrize("url", ["mysql://u:SECRET@h/d", "SECRET", "sqlite://", "sqlite:///:memory:"])
def test_a_bad_ledger_is_refused_without_its_password(folder: Path, url: str) -> None:
    with pytest.raises(ConfigError, match=r"Deidentify\.Ledger: accepted: sqlite") as caught:
        load_settings(section(Ledger=url), folder)
    assert "SECRET" not in str(caught.value)


def test_a_missing_section_is_refused(folder: Path) -> None:
    with pytest.raises(ConfigError, match="Deidentify: this section is missing"):
        load_settings({"Name": "Clinic"}, folder)


def test_with_several_stores_a_rule_must_name_its_own(folder: Path) -> None:
    stores = {"a": FOLDER_STORE, "b": FOLDER_STORE}
    with pytest.raises(ConfigError, match=r"OnReceive\[0\]\.Stores: there are several"):
        load_settings(section(Stores=stores), folder)
    settings = load_settings(section(Stores=stores, OnReceive=[{"Stores": ["b"]}]), folder)
    assert settings.targets(settings.on_receive[0]) == ("neutral", ("b",))


def test_an_empty_list_of_rules_means_nothing_by_itself(folder: Path) -> None:
    assert load_settings(section(OnReceive=[]), folder).on_receive == ()


@pytest.mark.parametrize("limit", [{"MaximumStorageSize": 1000}, {"MaximumPatientCount": 5}])
def test_recycling_is_refused_unless_accepted(folder: Path, limit: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match=next(iter(limit))):
        load_settings({**section(), **limit}, folder)
    load_settings({**section(AcceptRecycling=True), **limit}, folder)
    load_settings({**section(), **limit, "MaximumStorageMode": "Reject"}, folder)
    load_settings({**section(), **dict.fromkeys(limit, 0)}, folder)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"Profile": "netral"}, r"Deidentify\.Profile: no profile netral; accepted: basic, neutral"),
        (
            {"Stores": {"output": {**FOLDER_STORE, "Profiles": ["neutral", "basc"]}}},
            r"Deidentify\.Stores\.output\.Profiles: no profile basc",
        ),
        ({"OnReceive": [{"Profile": "basc"}]}, r"Deidentify\.OnReceive\[0\]\.Profile: no profile basc"),
        (
            {"OnReceive": [{"Ignore": True}, {"Profile": "basic"}]},
            r"OnReceive\[1\]\.Profile: the store output does not admit basic; it admits: neutral",
        ),
    ],
)
def test_a_profile_that_is_unknown_or_not_admitted_is_refused(
    folder: Path, settings: dict[str, Any], message: str
) -> None:
    loaded = load_settings(section(**settings), folder)
    with pytest.raises(ConfigError, match=message):
        loaded.check_profiles(("basic", "neutral"))


def test_the_settings_cannot_be_changed(folder: Path) -> None:
    settings: Settings = load_settings(section(), folder)
    with pytest.raises(ValueError, match="frozen"):
        settings.profile = "basic"
