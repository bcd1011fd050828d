"""The documentation names every setting with its default and its accepted words, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from orthanc_deid.config.settings import RetrySettings, RoutingRule, Settings
from orthanc_deid.stores.registry import STORE_TYPES, store_type
from support.repository import ROOT

TEXT = (ROOT / "orthanc-config" / "README.md").read_text(encoding="utf-8")
SECTIONS: dict[str, tuple[type[BaseModel], ...]] = {
    "## `Deidentify`": (Settings,),
    "### A store": tuple(store_type(name).settings for name in STORE_TYPES),
    "### A rule of `OnReceive`": (RoutingRule,),
    "### `Retry`": (RetrySettings,),
}


def documented(heading: str) -> dict[str, str]:
    """Return the keys of the table below a heading, with the text under Default."""
    section = re.split(r"\n#+ ", TEXT.split(heading + "\n", 1)[1])[0]
    return dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", section, flags=re.MULTILINE))


def keys(models: tuple[type[BaseModel], ...]) -> set[str]:
    return {str(field.alias) for model in models for field in model.model_fields.values()}


@pytest.mark.parametrize("heading", SECTIONS)
def test_the_document_names_exactly_the_settings(heading: str) -> None:
    assert set(documented(heading)) == keys(SECTIONS[heading])


@pytest.mark.parametrize(
    ("heading", "model"), [("## `Deidentify`", Settings), ("### `Retry`", RetrySettings)]
)
def test_simple_defaults_are_the_documented_ones(heading: str, model: type[BaseModel]) -> None:
    table = documented(heading)
    for field in model.model_fields.values():
        if isinstance(field.default, (str, Path)):
            assert table[str(field.alias)] == f'`"{field.default}"`'
        elif isinstance(field.default, bool):
            assert table[str(field.alias)] == f"`{str(field.default).lower()}`"
        elif isinstance(field.default, (int, float)):
            assert table[str(field.alias)] == f"`{field.default:g}`"


def test_every_type_of_store_is_documented() -> None:
    section = TEXT.split("### A store\n", 1)[1].split("\n#", 1)[0]
    [types] = re.findall(r"^\| `Type` \| required \| (.*) \|$", section, flags=re.MULTILINE)
    assert types == " or ".join(f'`"{name}"`' for name in STORE_TYPES)
    for name in STORE_TYPES:
        for field in store_type(name).settings.model_fields.values():
            if field.is_required() and field.alias != "Type":
                assert f'| `{field.alias}` | required for `"{name}"` |' in section


@pytest.mark.parametrize(
    ("heading", "model", "field"),
    [
        ("## `Deidentify`", Settings, "start_at"),
        ("## `Deidentify`", Settings, "delete_source"),
        ("### A rule of `OnReceive`", RoutingRule, "origin"),
    ],
)
def test_every_accepted_word_is_documented(heading: str, model: type[BaseModel], field: str) -> None:
    key = str(model.model_fields[field].alias)
    section = re.split(r"\n#+ ", TEXT.split(heading + "\n", 1)[1])[0]
    [row] = [line for line in section.splitlines() if line.startswith(f"| `{key}` |")]
    words = re.findall(r"Literal\[(.*?)\]", str(model.model_fields[field].annotation))
    assert words
    assert set(re.findall(r"'(\w+)'", words[0])) == set(re.findall(r'`"(\w+)"`', row))
