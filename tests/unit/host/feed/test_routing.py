"""OnReceive: the first rule whose conditions all match decides, and the index is read once per entry."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orthanc_deid.config.load import load_settings
from orthanc_deid.config.settings import Settings
from orthanc_deid.host.feed.routing import ReceivedInstance, Target, choose

CT = "1.2.840.10008.5.1.4.1.1.2"
STORE = {"Type": "Folder", "Path": ".", "Profiles": ["neutral", "basic"]}
INDEX: dict[str, Any] = {
    "/instances/i/metadata?expand": {
        "RemoteAET": "CT01",
        "CalledAET": "ORTHANC",
        "SopClassUid": CT,
        "Origin": "DicomProtocol",
    },
    "/instances/i": {"MainDicomTags": {"InstanceNumber": "7"}},
    "/instances/i/series": {"MainDicomTags": {"Modality": "CT", "StationName": "ROOM [2] "}},
    "/instances/i/study": {"MainDicomTags": {"StudyDescription": "CHEST"}},
    "/instances/i/patient": {"MainDicomTags": {"PatientSex": "F"}},
}


class Index:
    """The index of one instance, which records the paths read."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def get_json(self, path: str) -> object:
        self.asked.append(path)
        return INDEX[path]


def settings(folder: Path, *rules: dict[str, Any]) -> Settings:
    stores = {"a": STORE, "b": STORE}
    return load_settings({"Deidentify": {"Stores": stores, "OnReceive": list(rules)}}, folder)


@pytest.mark.parametrize(
    "condition",
    [
        {},
        {"RemoteAet": "CT01"},
        {"RemoteAet": "CT*"},
        {"RemoteAet": ["MR?1", "CT?1"]},
        {"CalledAet": "ORTHANC"},
        {"Modality": ["MR", "CT"]},
        {"SopClass": f"{CT}*"},
        {"Origin": ["DicomProtocol"]},
        {"Origin": "DicomProtocol"},
        {"Tags": {"StationName": "ROOM [2]"}},
        {"Tags": {"StudyDescription": "CH*", "PatientSex": "?", "InstanceNumber": "7"}},
        {"Tags": {"SeriesDescription": "*"}},
        {"Modality": "CT", "RemoteAet": "CT01", "Tags": {"StudyDescription": "CHEST"}},
    ],
)
def test_a_rule_matches_where_all_its_conditions_hold(tmp_path: Path, condition: dict[str, Any]) -> None:
    chosen = choose(
        settings(tmp_path, {**condition, "Stores": ["a"]}), ReceivedInstance("i", Index().get_json)
    )
    assert chosen == (Target("neutral", "a"),)


@pytest.mark.parametrize(
    "condition",
    [
        {"RemoteAet": "CT"},
        {"RemoteAet": "ct01"},
        {"RemoteAet": "T01"},
        {"Modality": "C"},
        {"SopClass": "1?2"},
        {"Origin": "RestApi"},
        {"Tags": {"StationName": "ROOM 2"}},
        {"Tags": {"SeriesDescription": "?*"}},
        {"Modality": "CT", "RemoteAet": "MR01"},
    ],
)
def test_a_rule_does_not_match_where_one_condition_fails(tmp_path: Path, condition: dict[str, Any]) -> None:
    assert (
        choose(settings(tmp_path, {**condition, "Stores": ["a"]}), ReceivedInstance("i", Index().get_json))
        == ()
    )


def test_the_first_rule_that_matches_decides(tmp_path: Path) -> None:
    rules = (
        {"Modality": "MR", "Stores": ["a"]},
        {"Modality": "CT", "Profile": "basic", "Stores": ["a", "b"]},
        {"Stores": ["b"]},
    )
    chosen = choose(settings(tmp_path, *rules), ReceivedInstance("i", Index().get_json))
    assert chosen == (Target("basic", "a"), Target("basic", "b"))


def test_what_a_rule_ignores_goes_nowhere(tmp_path: Path) -> None:
    rules = ({"Modality": "CT", "Ignore": True}, {"Stores": ["a"]})
    assert choose(settings(tmp_path, *rules), ReceivedInstance("i", Index().get_json)) == ()


def test_the_index_is_read_once_and_only_for_attributes_that_rules_need(tmp_path: Path) -> None:
    index = Index()
    choose(settings(tmp_path, {"Stores": ["a"]}), ReceivedInstance("i", index.get_json))
    assert index.asked == []
    rules = (
        {"Modality": "MR", "Stores": ["a"]},
        {"Modality": "CT", "Tags": {"StationName": "x"}, "Stores": ["a"]},
    )
    choose(settings(tmp_path, *rules), ReceivedInstance("i", index.get_json))
    assert index.asked == ["/instances/i/series"]
