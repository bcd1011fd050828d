"""Who may do what: Orthanc's authentication covers every route of the plugin, and reading changes nothing.

The routes are those that the running plugin has registered: one that is added is covered without a word here.
"""

from __future__ import annotations

import itertools
import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from support.data.studies import ct_study, encoded
from support.repository import ROOT
from support.servers.orthanc_server import OrthancServer, running, with_plugin

pytestmark = pytest.mark.integration

CLINICIAN, READER = ("clinician", "invented password"), ("reader", "another invented password")
ABSENT = "11111111-11111111-11111111-11111111-11111111"
METHODS = ("GET", "POST", "PUT", "DELETE")
CHANGES = ("POST", "PUT", "DELETE")

# The plugin as it is, watched: which patterns it registers, and which methods each answers. A method that nobody
# knows runs no handler.
WATCHED = f"""
import json, pathlib, sys
import orthanc

register, found = orthanc.RegisterRestCallback, {{}}

class Output:
    def SendMethodNotAllowed(self, allowed):
        self.allowed = allowed.split(",")

def watch(pattern, callback):
    output = Output()
    callback(output, "/", method="NONE", groups=(), get={{}}, headers={{}})
    found[pattern] = output.allowed
    pathlib.Path(__file__).with_name("routes.json").write_text(json.dumps(found))
    register(pattern, callback)

orthanc.RegisterRestCallback = watch
sys.path.insert(0, {str(ROOT / "plugin")!r})
import orthanc_deid_plugin
"""

READ_ONLY = f"""
function IncomingHttpRequestFilter(method, uri, ip, username, httpHeaders)
  return username ~= '{READER[0]}' or method == 'GET'
end
"""


@dataclass
class Site:
    """An Orthanc with two users, which holds a study, and has delivered some of it and held back the rest."""

    server: OrthancServer
    resources: dict[str, str]  # level -> id of the resource that it holds
    job: str  # id of the job that has ended
    routes: dict[str, list[str]]  # pattern -> methods that it answers

    def uris(self) -> list[str]:
        """Return URIs of every route: of what is there and of what is not."""
        held = (self.resources["studies"], self.resources["instances"])
        others = (self.job, "neutral", *held, "1", "main.js", "nope")
        return [uri for pattern in self.routes for uri in spelled(pattern, self.resources, others)]

    def ask(self, method: str, uri: str, user: tuple[str, str] | None) -> int:
        """Return the status of a request."""
        body = None if method in ("GET", "DELETE") else b"{}"
        url = self.server.url + uri
        return requests.request(method, url, data=body, auth=user, timeout=30, stream=True).status_code

    def state(self) -> dict[str, Any]:
        """Return all that a request could have changed: results, the ledger but for its markers, Orthanc's own."""
        files = sorted(map(str, self.server.output.rglob("*.dcm")))
        with closing(
            sqlite3.connect(f"file:{self.server.folder / 'deidentify.db'}?mode=ro", uri=True)
        ) as ledger:
            lines = [line for line in ledger.iterdump() if 'INSERT INTO "deid_meta"' not in line]
        orthanc = {path: self.server.get(path) for path in ("/statistics", "/changes?last", "/jobs")}
        return {"results": files, "ledger": lines, **orthanc}


def spelled(pattern: str, resources: Mapping[str, str], others: tuple[str, ...]) -> list[str]:
    """Return URIs that a route's pattern matches, with what stands for its holes; fails where it knows none."""
    uris = [text for text in filled(pattern, resources, others) if re.fullmatch(pattern, text)]
    assert uris, f"say in this test what could stand in {pattern}"
    return uris


def filled(pattern: str, resources: Mapping[str, str], others: tuple[str, ...]) -> list[str]:
    """Return a pattern with each group filled in each way, an optional one left out as well."""
    optional = re.search(r"\(\?:((?:[^()]|\([^()]*\))*)\)\?", pattern)
    if optional:
        start, end = pattern[: optional.start()], pattern[optional.end() :]
        ways = (f"{start}{middle}{end}" for middle in ("", optional[1]))
        return [text for way in ways for text in filled(way, resources, others)]
    texts = [""]
    for part in re.split(r"(\([^()]*\))", pattern):
        if re.fullmatch(r"\([\w|-]+\)", part):
            fillings = tuple(part[1:-1].split("|"))
        else:
            fillings = () if part.startswith("(") else (part,)
        texts = [
            text + filling for text in texts for filling in fillings or candidates(text, resources, others)
        ]
    return texts


def candidates(before: str, resources: Mapping[str, str], others: tuple[str, ...]) -> tuple[str, ...]:
    """Return what may stand behind the beginning of a URI."""
    level = before.rstrip("/").rpartition("/")[2]
    return (resources[level], ABSENT) if level in resources else others


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    (folder / "watched.py").write_text(WATCHED, encoding="utf-8")
    (folder / "read-only.lua").write_text(READ_ONLY, encoding="utf-8")
    changes = {
        "AuthenticationEnabled": True,
        "RegisteredUsers": dict([CLINICIAN, READER]),
        "LuaScripts": [str(folder / "read-only.lua")],
        "PythonScript": str(folder / "watched.py"),
        "Deidentify": {"OnReceive": [], "OverrideAnonymize": True},
    }
    server = with_plugin(folder, changes)
    server.auth = CLINICIAN
    delivered, held_back = ct_study(2)
    held_back.BurnedInAnnotation = "YES"
    with running(server):
        answers = [server.upload(encoded(image)) for image in (held_back, delivered)]
        resources = {
            "patients": answers[-1]["ParentPatient"],
            "studies": answers[-1]["ParentStudy"],
            "series": answers[-1]["ParentSeries"],
            "instances": answers[-1]["ID"],
        }
        job = run_job(server, f"/studies/{resources['studies']}/deidentify")
        assert (job["Delivered"], job["Quarantined"]) == (1, 1)
        routes = json.loads((folder / "routes.json").read_text(encoding="utf-8"))
        yield Site(server, resources, job["ID"], routes)


def run_job(server: OrthancServer, path: str) -> dict[str, Any]:
    """Start a job and return how it ended."""
    answer = server.post(path, {"Store": "output"})
    assert answer.status_code == 200
    return server.wait_for_job(answer.json()["Path"])


def test_every_route_answers_only_the_methods_that_http_means_for_it(site: Site) -> None:
    assert "/deidentify" in site.routes
    assert any("POST" in methods for methods in site.routes.values())
    assert all(set(methods) <= set(METHODS) for methods in site.routes.values())


@pytest.mark.parametrize(
    "user",
    [None, ("clinician", "wrong"), ("stranger", CLINICIAN[1]), ("", "")],
    ids=["none", "wrong password", "unknown user", "empty"],
)
def test_without_credentials_every_route_is_401_and_nothing_happens(
    site: Site, user: tuple[str, str] | None
) -> None:
    before = site.state()
    asked = itertools.product(METHODS, site.uris())
    answers = {(method, uri): site.ask(method, uri, user) for method, uri in asked}
    assert {key: status for key, status in answers.items() if status != 401} == {}
    assert site.state() == before


def test_requests_of_a_reader_other_than_reading_are_refused_without_effect(site: Site) -> None:
    before = site.state()
    asked = itertools.product(CHANGES, site.uris())
    answers = {(method, uri): site.ask(method, uri, READER) for method, uri in asked}
    assert {key: status for key, status in answers.items() if status != 403} == {}
    assert site.state() == before


def test_a_reader_may_read_what_a_clinician_may(site: Site) -> None:
    for uri in site.uris():
        assert site.ask("GET", uri, READER) == site.ask("GET", uri, CLINICIAN)
    assert site.ask("GET", "/deidentify", READER) == 200
    assert site.ask("GET", f"/deidentify/jobs/{site.job}", READER) == 200


def test_reading_changes_nothing_whoever_reads(site: Site) -> None:
    before = site.state()
    for uri in site.uris():
        site.ask("GET", uri, CLINICIAN)
    assert site.state() == before


def test_a_clinician_starts_work_and_it_is_done_in_spite_of_the_filter(site: Site) -> None:
    before = site.state()
    job = run_job(site.server, f"/instances/{site.resources['instances']}/deidentify")
    assert (job["State"], job["Total"]) == ("Success", 1)
    assert site.state() != before, "what a request changes is seen"


def test_the_script_of_the_button_is_not_served_without_credentials(site: Site) -> None:
    for uri in ("/plugins/explorer.js", "/app/explorer.html", "/tools/metrics-prometheus"):
        assert site.ask("GET", uri, None) == 401
        assert site.ask("GET", uri, CLINICIAN) == 200
