"""The files in the package are those that the script makes, and equal their sources."""

from __future__ import annotations

import csv
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pydicom
import pytest

from orthanc_deid.standard import tables
from orthanc_deid.standard.data_files import parse_tags
from support.repository import ROOT

PACKAGE = ROOT / "plugin" / "orthanc_deid" / "standard"
SOURCE = ROOT.parent / "shared" / "standard"
FACTS = {"tag", "name", "keyword", "retired", "in_std_comp_iod", "basic"}

needs_source = pytest.mark.skipif(
    not SOURCE.is_dir(), reason="the tables of PS3.15 are not beside the repository"
)


def rows_of(name: str) -> list[dict[str, str]]:
    with (SOURCE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@needs_source
def test_running_the_script_again_makes_the_same_files(tmp_path: Path) -> None:
    if find_spec("highdicom") is None or not pydicom.__version__.startswith("3.0."):
        pytest.skip("the files were made with highdicom 0.28 and pydicom 3.0")
    script = ROOT / "scripts" / "make_standard.py"
    subprocess.run([sys.executable, script, SOURCE, "--output", tmp_path], check=True)
    made = {path.name for path in tmp_path.iterdir()}
    assert made == {path.name for path in PACKAGE.iterdir() if path.suffix in (".csv", ".json")}
    for name in sorted(made):
        assert (tmp_path / name).read_bytes() == (PACKAGE / name).read_bytes(), name


@needs_source
def test_every_row_of_table_e11_equals_its_source() -> None:
    by_keyword = {(row.tag, row.keyword): row for row in tables.all_rows()}
    source = rows_of("ps315_table_e1_1.csv")
    assert len(source) == len(by_keyword) == 657
    for expected in source:
        tag = "private" if "odd" in expected["tag"] else f"({expected['tag']})"
        row = by_keyword[tag, expected["keyword"]]
        assert (row.name, row.basic, row.retired) == (
            expected["name"],
            expected["basic"],
            expected["retired"] == "Y",
        )
        assert row.options == {
            column: code for column, code in expected.items() if column not in FACTS and code
        }
        found = (
            tables.private_row()
            if tag == "private"
            else tables.row_for(parse_tags(tag.replace("xxxx", "0010"))[0])
        )
        assert found == row


@needs_source
def test_every_safe_private_attribute_equals_its_source() -> None:
    source = rows_of("ps315_safe_private.csv")
    assert len(source) == 479
    for expected in source:
        row = tables.safe_private(
            expected["private_creator"], int(expected["tag"][:4], 16), int(expected["tag"][7:], 16)
        )
        assert row is not None
        assert (row.vr, row.vm) == (expected["vr"], expected["vm"])
        assert row.meaning == " ".join(expected["meaning"].split())


def test_every_data_file_is_named_in_the_description_of_sources() -> None:
    text = (PACKAGE / "SOURCE.md").read_text(encoding="utf-8")
    assert [
        path.name
        for path in PACKAGE.iterdir()
        if path.suffix in (".csv", ".json") and f"`{path.name}`" not in text
    ] == []
