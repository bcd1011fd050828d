"""The analysis by the on-demand worker: counts without values, unreadable instances, and the bound of bytes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orthanc_deid.workers.on_demand import OnDemandRunner, OnDemandSetup
from support.data.studies import IDENTITY, ct_study, encoded
from support.pipeline_parts import KEY, FolderOfBytes


@pytest.fixture
def runner(tmp_path: Path) -> OnDemandRunner:
    """A worker's runner over a folder with three images, of which one is suspected, and a text."""
    for number, image in enumerate(ct_study(3)):
        if number == 2:
            image.BurnedInAnnotation = "YES"
        (tmp_path / f"i{number}").write_bytes(encoded(image))
    (tmp_path / "text").write_bytes(b"no DICOM")
    return OnDemandRunner(OnDemandSetup(FolderOfBytes(tmp_path), (), KEY))


def test_an_analysis_counts_attributes_and_shows_no_value(runner: OnDemandRunner) -> None:
    found = runner.analysis(["i0", "i1", "i2", "text", "gone"])
    assert (found["Files"], found["Instances"], found["NotDicom"]) == (5, 3, 1)
    assert found["Unreadable"] == [{"Name": "it is not there", "Count": 1}]
    [whole] = [scope for scope in found["Scopes"] if scope["Kind"] == "all"]
    assert 0 < whole["ByAttribute"]["Table"] < whole["ByAttribute"]["TableOrPrivateOrVr"] < 1
    lines = {line["Tag"]: line for line in found["Attributes"]}
    assert (lines["(0010,0010)"]["Files"], lines["(0010,0010)"]["BasicCode"]) == (3, "Z")
    assert lines["(0028,0301)"]["Files"] == 1
    assert found["Suspected"] == [{"Name": "BurnedInAnnotation is YES", "Count": 1}]
    text = json.dumps(found)
    assert not [value for value in IDENTITY if value in text]


def test_it_is_drawn_on_request_and_the_drawing_shows_no_value(runner: OnDemandRunner) -> None:
    instances = ["i0", "i1", "i2", "text", "gone"]
    found = runner.analysis(instances, drawing=True)
    drawing = found.pop("Drawing")
    assert type(drawing) is str, "Orthanc's process gets plain text"
    assert found == runner.analysis(instances)
    for text in ("PatientName", "table: Z", "таблица: Z", "BurnedInAnnotation is YES", "it is not there"):
        assert f">{text}" in drawing
    assert not [value for value in IDENTITY if value in drawing]


def test_an_unreadable_instance_does_not_end_it(runner: OnDemandRunner, tmp_path: Path) -> None:
    (tmp_path / "i1").write_bytes((tmp_path / "i1").read_bytes()[:400])
    found = runner.analysis(["i0", "i1"])
    assert found["Instances"] == 1
    assert sum(each["Count"] for each in found["Unreadable"]) == 1


def test_it_stops_where_it_has_read_enough(runner: OnDemandRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orthanc_deid.workers.on_demand.MOST_BYTES", 1)
    assert runner.analysis(["gone", "i0", "i1", "i2"])["Files"] == 2
