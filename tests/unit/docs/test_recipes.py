"""The recipes of CONTRIBUTING.md: what exists is registered wherever they say, and their steps work."""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from pathlib import Path

import pytest

from orthanc_deid.deid.changes import Changes
from orthanc_deid.deid.element_steps import Act
from orthanc_deid.deid.plan import _MANNER
from orthanc_deid.host.context import Context
from orthanc_deid.host.http import Request, Response, Route, RouteError
from orthanc_deid.host.routes import route_table
from orthanc_deid.profile.action import Action
from orthanc_deid.profile.options import OPTION_CODES, OPTION_COLUMNS, Option
from orthanc_deid.profile.rule import Manner
from orthanc_deid.standard.tables import all_rows
from orthanc_deid.verify.rules.expectations import Requirement
from support.repository import ROOT
from support.servers.route_host import Host

PACKAGE = ROOT / "plugin" / "orthanc_deid"
RULES = (PACKAGE / "profile" / "RULES.md").read_text(encoding="utf-8")
ACTS = {name: number for name, number in vars(Act).items() if isinstance(number, int)}
WHOLE_SEQUENCES = {Act.DUMMY_SEQUENCE, Act.EQUIPMENT}
"""Acts on whole sequences, which `Changes` does not apply to single elements."""
WITHOUT_COLUMN = {Option.CLEAN_PIXEL_DATA, Option.CLEAN_RECOGNIZABLE_VISUAL_FEATURES}


def requirements_in(*paths: Path) -> set[str]:
    """Return the names of the requirements that the modules mention."""
    texts = (path.read_text(encoding="utf-8") for path in paths)
    return {name for text in texts for name in re.findall(r"\bRequirement\.([A-Z_]+)\b", text)}


# Recipe: add an action


def test_every_action_code_is_published() -> None:
    (row,) = re.findall(r"\| `action` \|.*", RULES)
    assert set(re.findall(r"`([A-Z])`", row)) == {action.value for action in Action}


def test_every_manner_has_an_act() -> None:
    assert _MANNER.keys() == set(Manner) - {Manner.PLAIN}


def test_every_act_has_a_number_of_its_own_and_a_handler() -> None:
    assert sorted(ACTS.values()) == list(range(len(ACTS)))
    assert Changes._HANDLERS.keys() | WHOLE_SEQUENCES == set(ACTS.values())


def test_every_requirement_is_expected_by_a_rule_and_checked() -> None:
    verify = PACKAGE / "verify"
    expecting = [
        verify / "rules" / f"{name}.py"
        for name in ("expectations", "element_rules", "private_rules", "unnamed_rules")
    ]
    checking = [verify / "rules" / "value_rules.py", *verify.glob("audit/*.py")]
    assert requirements_in(*expecting) == {requirement.name for requirement in Requirement}
    assert requirements_in(*checking) == {requirement.name for requirement in Requirement}


# Recipe: add a profile option


@pytest.mark.parametrize("option", Option)
def test_every_option_has_a_code_a_column_a_row_and_a_place_in_the_schema(option: Option) -> None:
    value, meaning = OPTION_CODES[option]
    assert re.fullmatch(r"1131[01][0-9]", value)
    assert meaning.endswith("Option")
    assert (option in OPTION_COLUMNS) != (option in WITHOUT_COLUMN)
    assert f"| `{option}` |" in RULES
    schema = json.loads((PACKAGE / "profile" / "schema.json").read_text(encoding="utf-8"))
    assert option.value in schema["$defs"]["Option"]["enum"]


def test_every_column_of_an_option_is_in_the_table() -> None:
    filled = {column for row in all_rows() for column in row.options}
    assert set(OPTION_COLUMNS.values()) - filled <= {OPTION_COLUMNS[Option.RETAIN_SAFE_PRIVATE]}


# Recipe: add a route


class CountRoutes:
    """A group of one route, which counts the profiles of a store."""

    def __init__(self, context: Context) -> None:
        self._names = context.profiles
        self._stores_for = context.stores_for

    def table(self) -> list[Route]:
        return [Route("/deidentify/stores/{name}/profile-count", {"GET": self.count})]

    def count(self, request: Request) -> Response:
        (store,) = request.groups
        admitted = [name for name in self._names if store in self._stores_for(name)]
        if not admitted:
            raise RouteError(HTTPStatus.NOT_FOUND, "there is no such store")
        return Response({"Profiles": len(admitted)})


def test_a_new_group_of_routes_is_one_class_and_one_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "output").mkdir()
    monkeypatch.setattr(route_table, "ProfileRoutes", CountRoutes)
    stores = {"output": {"Type": "Folder", "Path": "output", "Profiles": ["neutral", "basic"]}}
    host = Host(tmp_path, {"Stores": stores})
    try:
        answer = host.orthanc.call("GET", "/deidentify/stores/output/profile-count")
        assert (answer.status, answer.json) == (HTTPStatus.OK, {"Profiles": 2})
        refused = host.orthanc.call("GET", "/deidentify/stores/nowhere/profile-count")
        assert (refused.status, refused.json["Details"]) == (HTTPStatus.NOT_FOUND, "there is no such store")
        assert host.orthanc.call("POST", "/deidentify/stores/output/profile-count").status == (
            HTTPStatus.METHOD_NOT_ALLOWED
        )
    finally:
        host.ledger.close_database()


# All recipes


@pytest.mark.parametrize("recipe", ["action", "store", "profile option", "route"])
def test_each_recipe_has_numbered_steps_and_names_its_test(recipe: str) -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = re.split(
        r"^## ",
        text.partition(f"## Recipe: add a{'n' if recipe == 'action' else ''} {recipe}\n")[2],
        flags=re.M,
    )[0]
    steps = [int(number) for number in re.findall(r"^([0-9]+)\. \*\*", section, re.M)]
    assert steps == list(range(1, len(steps) + 1))
    assert len(steps) >= 4
    assert re.search(r"`tests/unit/[\w/]+\.py`", section)
