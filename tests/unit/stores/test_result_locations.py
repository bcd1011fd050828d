"""The location of results as the routes answer it: a path in a folder store, an identifier in an Orthanc store."""

from __future__ import annotations

from pathlib import Path

import pytest

from orthanc_deid.config.load import load_settings
from orthanc_deid.errors import ConfigError
from orthanc_deid.orthanc.configuration import OrthancConfiguration
from orthanc_deid.orthanc.ids import orthanc_id
from orthanc_deid.pipeline.tasks import Output
from orthanc_deid.stores.registry import ConfiguredStore, configured_stores

OUTPUT = Output("a/b", "2.25.1", "2.25.2", "2.25.3", "0" * 32)


def store(
    folder: Path, section: dict[str, object], peers: dict[str, object] | None = None
) -> ConfiguredStore:
    configuration = {
        "Deidentify": {"Stores": {"one": section}},
        "OrthancPeers": peers or {},
        "HttpsVerifyPeers": False,
    }
    settings = load_settings(configuration, folder)
    return configured_stores(settings.stores, OrthancConfiguration(configuration, folder))["one"]


def test_a_folder_store_answers_paths(tmp_path: Path) -> None:
    (tmp_path / "output").mkdir()
    found = store(tmp_path, {"Type": "Folder", "Path": "output"})
    assert found.result_location(OUTPUT) == {"File": "a%2Fb/2.25.1/2.25.2/2.25.3.dcm"}
    path = str(tmp_path / "output" / "a%2Fb" / "2.25.1")
    assert found.study_location("a/b", "2.25.1").content() == {"Folder": path, "Location": {"Text": path}}


@pytest.mark.parametrize("peer", [["http://peer:8042/", "user", "pass"], {"Url": "http://peer:8042/"}])
def test_an_orthanc_store_answers_identifiers_and_a_link(tmp_path: Path, peer: object) -> None:
    found = store(tmp_path, {"Type": "Orthanc", "Peer": "p"}, {"p": peer})
    assert found.result_location(OUTPUT) == {"OrthancID": OUTPUT.orthanc_id}
    study = orthanc_id("a/b", "2.25.1")
    link = f"http://peer:8042/app/explorer.html#study?uuid={study}"
    assert found.study_location("a/b", "2.25.1").content() == {
        "OrthancID": study,
        "Link": link,
        "Location": {"Text": study, "Link": link},
    }


@pytest.mark.parametrize(
    ("peer", "message"),
    [
        ([], r"OrthancPeers\.p: has no Url, which the store one in Deidentify needs"),
        (
            {"Url": "http://p", "Pkcs11": True},
            r"OrthancPeers\.p: accepted for Deidentify are client certificates",
        ),
    ],
)
def test_a_peer_that_cannot_be_used_is_refused(tmp_path: Path, peer: object, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        store(tmp_path, {"Type": "Orthanc", "Peer": "p"}, {"p": peer})
