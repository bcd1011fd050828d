"""Every setting is documented, with its default, and nothing is documented that is none."""

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
    """Return the keys of the table below a heading, with what stands under Default."""
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
