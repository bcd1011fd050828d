"""openapi.json names exactly the registered routes, their methods and the keys of their responses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orthanc_deid.report.analysis.analysis import Analysis, AttributeLine, Scope, Shares
from orthanc_deid.report.run.report_model import Part
from support.repository import ROOT
from support.servers.route_host import FIRST, STUDY, Host

DESCRIPTION: dict[str, Any] = json.loads(
    (ROOT / "orthanc-config" / "openapi.json").read_text(encoding="utf-8")
)
SCHEMAS = DESCRIPTION["components"]["schemas"]


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    (tmp_path / "output").mkdir()
    section = {"Stores": {"output": {"Type": "Folder", "Path": "output"}}, "OverrideAnonymize": True}
    host = Host(tmp_path, section)
    yield host
    host.ledger.close_database()


def test_it_names_exactly_the_routes_and_their_methods(host: Host) -> None:
    described = {path: {method.upper() for method in item} for path, item in DESCRIPTION["paths"].items()}
    assert described == {route.path: set(route.handlers) for route in host.routes.table()}


def test_every_place_in_a_path_is_described() -> None:
    for path, item in DESCRIPTION["paths"].items():
        for operation in item.values():
            places = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "path"}
            assert places == set(re.findall(r"\{(\w+)\}", path)), path


def test_what_it_refers_to_is_there() -> None:
    named = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(DESCRIPTION)))
    assert named <= set(SCHEMAS)


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("/deidentify", "Status"),
        ("/deidentify/report", "Report"),
        ("/deidentify/profiles/neutral", "Profile"),
        (f"/deidentify/studies/{STUDY}", "Study"),
        (f"/studies/{STUDY}/deidentify-preview", "Preview"),
    ],
)
def test_an_answer_has_the_keys_that_are_described(host: Host, path: str, schema: str) -> None:
    answer = host.orthanc.call("GET", path).json
    assert set(answer) - {"Rules"} == set(SCHEMAS[schema]["properties"]) - {"Rules"}


def test_a_job_has_the_keys_that_are_described(host: Host) -> None:
    path = host.orthanc.call("POST", f"/instances/{FIRST}/deidentify", b'{"Store": "output"}').json["Path"]
    assert set(host.orthanc.call("GET", path).json) == set(SCHEMAS["Job"]["properties"]) - {"Unheeded"}
    accepted = host.orthanc.call("POST", f"/studies/{STUDY}/deidentify", b'{"x": 1}').json["Details"]
    assert set(accepted.rpartition("accepted: ")[2].split(", ")) == set(SCHEMAS["JobRequest"]["properties"])


@pytest.mark.parametrize(
    ("described", "model", "more"),
    [
        (SCHEMAS["Analysis"], Analysis, {"Resource", "Total", "Drawing"}),
        (SCHEMAS["Analysis"]["properties"]["Scopes"]["items"], Scope, set()),
        (SCHEMAS["Analysis"]["properties"]["Attributes"]["items"], AttributeLine, set()),
        (SCHEMAS["Shares"], Shares, set()),
    ],
)
def test_an_analysis_has_the_keys_that_are_described(
    described: dict[str, Any], model: type[Part], more: set[str]
) -> None:
    assert set(described["properties"]) == {field.alias for field in model.model_fields.values()} | more
