"""The table of tags: every name is the keyword of PS3.6, and every number occurs once."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from pydicom.datadict import keyword_for_tag

from orthanc_deid.dicom import tags
from support.repository import ROOT

_REPEATING = {
    tags.OVERLAY_DATA: "OverlayData"
}  # (60xx,3000): the dictionary has no keyword for one of its groups
CONSTANTS = {name: value for name, value in vars(tags).items() if name.isupper() and isinstance(value, int)}


def upper_snake_case(keyword: str) -> str:
    words = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", keyword)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", words).upper()


def test_every_name_is_the_keyword_of_its_tag() -> None:
    keywords = {tag: _REPEATING.get(tag) or keyword_for_tag(tag) for tag in CONSTANTS.values()}
    assert {upper_snake_case(keyword): tag for tag, keyword in keywords.items()} == CONSTANTS


def test_tags_stand_once_and_in_order() -> None:
    numbers = list(CONSTANTS.values())
    assert numbers == sorted(set(numbers))


def test_no_other_module_writes_a_tag_of_the_table_as_a_number() -> None:
    numbers = frozenset(CONSTANTS.values())
    table = Path(tags.__file__)
    modules = sorted(path for path in (ROOT / "plugin").rglob("*.py") if path != table)
    assert modules
    wrong = [
        f"{path.name}:{node.lineno}: {node.value:#010x}"
        for path in modules
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and type(node.value) is int and node.value in numbers
    ]
    assert wrong == []
