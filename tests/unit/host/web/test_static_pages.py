"""The page's files: content, types, entity tags, the policy that admits no other origin, and the catalogue."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from itertools import combinations
from urllib.parse import urljoin

import pytest

from orthanc_deid.host.routes.serializers import key, study_state
from orthanc_deid.host.web.static_pages import APP, page_files, security_headers
from orthanc_deid.pipeline.tasks import State
from orthanc_deid.report.catalogue import reasons, words
from support.repository import ROOT
from support.servers.route_host import Host

FILES = sorted(page_files())


def text(name: str) -> str:
    return page_files()[name].content.decode()


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_served_with_its_type_a_policy_and_an_entity_tag(host: Host, name: str) -> None:
    answer = host.orthanc.call("GET", f"{APP}/{name}")
    assert answer.status == 200
    assert answer.body == page_files()[name].content
    assert answer.headers["Content-Type"] == page_files()[name].content_type
    assert answer.headers.items() >= security_headers().items()
    again = host.orthanc.call("GET", f"{APP}/{name}", headers={"if-none-match": answer.headers["ETag"]})
    assert (again.status, again.body, again.headers["ETag"]) == (304, "", answer.headers["ETag"])


def test_without_a_name_it_is_the_page(host: Host) -> None:
    assert host.orthanc.call("GET", APP).body == page_files()["index.html"].content


@pytest.mark.parametrize("tag", ["W/{}", '"other", {}', "*"])
def test_a_browser_that_has_the_file_gets_304_for_every_form_of_if_none_match(host: Host, tag: str) -> None:
    header = tag.format(page_files()["main.js"].etag)
    assert host.orthanc.call("GET", f"{APP}/main.js", headers={"if-none-match": header}).status == 304


def test_a_browser_that_has_another_version_gets_the_file(host: Host) -> None:
    answer = host.orthanc.call("GET", f"{APP}/main.js", headers={"if-none-match": '"older"'})
    assert answer.status == 200


@pytest.mark.parametrize("name", ["nothing.js", "explorer.js", "__init__.py", "..", "page.py", "words.js~"])
def test_no_other_file_is_served(host: Host, name: str) -> None:
    answer = host.orthanc.call("GET", f"{APP}/{name}")
    assert (answer.status, answer.json["Details"]) == (404, "the page has no such file")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_it_can_only_be_read(host: Host, method: str) -> None:
    assert host.orthanc.call(method, APP).status == 405


def test_the_policy_admits_no_other_origin_and_no_inline_script_but_the_page_s_own() -> None:
    policy = security_headers()["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert not [word for word in ("unsafe", "http", "*", "data:") if word in policy]
    scripts = re.findall(r"<script>(.*?)</script>", text("index.html"), re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in scripts]
    assert re.findall(r"'sha256-(.*?)'", policy) == hashes
    assert not re.search(r"\son\w+=|style=|javascript:", text("index.html")), "the policy would stop it"


@pytest.mark.parametrize("name", FILES)
def test_no_file_of_the_page_names_another_server(name: str) -> None:
    assert set(re.findall(r"https?://[^\s'\"]+", text(name))) <= {"http://www.w3.org/2000/svg"}


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith((".js", ".html"))])
def test_what_a_file_loads_is_there(name: str) -> None:
    loaded = re.findall(r"(?:from '\./|src=\"|href=\")([\w.-]+\.\w+)['\"]", text(name))
    assert set(loaded) <= set(FILES)


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".js")])
def test_no_script_turns_data_into_markup(name: str) -> None:
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", text(name))


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".js")])
def test_markup_is_parsed_in_one_module_which_gets_what_the_server_has_drawn(name: str) -> None:
    source = text(name)
    assert ("DOMParser" in source) == (name == "drawing.js")
    assert set(re.findall(r"\bdrawn\(([^)]*)\)", source)) <= {"markup", "found.Drawing"}


def test_the_buttons_of_orthanc_explorer_2_open_views_that_the_page_has() -> None:
    path = ROOT / "orthanc-config" / "explorer-2.json"
    section = json.loads(path.read_text(encoding="utf-8"))["OrthancExplorer2"]
    buttons = {level: button for level, (button,) in section["UiOptions"]["CustomButtons"].items()}
    assert set(buttons) == {"study", "series", "instance"}
    assert len({button["Id"] for button in buttons.values()}) == 3
    views = re.findall(r"(\w+): \w+View", text("main.js"))
    for button in buttons.values():
        assert set(button) == {"HttpMethod", "Id", "Tooltip", "Icon", "Target", "Url"}
        assert button["HttpMethod"] == "GET", "the button only opens a page"
        address, _, view = button["Url"].partition("#")
        assert urljoin("http://orthanc/prefix/ui/app/", address) == f"http://orthanc/prefix{APP}/index.html"
        assert view.split("/")[0] in views
        assert view.endswith("/{UUID}")


def test_the_browser_gets_the_catalogue_of_all_pages_and_the_states_of_the_ledger() -> None:
    lines = text("catalogue.js").replace(";\nexport const ", ";\n\0").removesuffix(";\n").split(";\n\0")
    exported = {
        name.removeprefix("export const "): json.loads(content)
        for name, content in (line.split(" = ", 1) for line in lines)
    }
    assert list(exported) == ["WORDS", "REASONS", "STATES"]
    assert {key: (each["en"], each["ru"]) for key, each in exported["WORDS"].items()} == words()
    assert exported["REASONS"] == reasons()
    states = exported["STATES"]
    assert {state.lower() for state in states["All"]} == set(State)
    assert [state.lower() for state in states["Sent"]] == ["delivered", "duplicate"]
    assert [state.lower() for state in states["Held"]] == ["quarantined", "failed", "lost"]
    assert [state.lower() for state in states["Open"]] == ["pending", "claimed"]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_every_state_of_a_task_or_a_study_has_its_words(count: int) -> None:
    keys = {f"state.{key(state)}" for state in State}
    keys |= {f"studyState.{study_state(states)}" for states in combinations(State, count)}
    assert keys <= words().keys()


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".js") and name != "catalogue.js"])
def test_states_are_listed_in_the_catalogue_alone(name: str) -> None:
    lists = re.findall(r"\[[^\[\]]*'Quarantined'[^\[\]]*\]", text(name))
    assert lists == []
