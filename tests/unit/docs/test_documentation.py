"""The documentation in Markdown: links lead somewhere, and files, modules and commands that it names exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from support.repository import ROOT

PACKAGE = ROOT / "plugin" / "orthanc_deid"
PAGES = sorted(
    path
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "orthanc-config" / "README.md")
    if path.name != "CHANGELOG.md"
)
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_CODE = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(r"(?:[\w.-]+/)*[\w.-]+\.(?:py|md|toml|json|csv|yaml|js|sh)|(?:[\w.-]+/)+")
_WRITTEN_BY_USERS = re.compile(r"tags\.html|report\.(json|html)|.*\.csv|deidentify\..*|data/.*|output/.*|/.*")


def named_paths(page: Path) -> set[str]:
    """Return the paths of files and folders that a page names in its code spans."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return {code for code in _CODE.findall(text) if _PATH.fullmatch(code)}


def exists(path: str, page: Path) -> bool:
    """Return whether a path exists, seen from the page's folder, the repository or any folder of the package."""
    return any((folder / path).exists() for folder in (page.parent, ROOT)) or any(
        PACKAGE.rglob(path.rstrip("/"))
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_that_exist(page: Path) -> None:
    links = {link for link in _LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link}
    assert [link for link in sorted(links) if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_a_page_names_exist(page: Path) -> None:
    missing = [path for path in sorted(named_paths(page)) if not exists(path, page)]
    assert [path for path in missing if not _WRITTEN_BY_USERS.fullmatch(path)] == []


def test_every_term_of_the_glossary_names_its_module() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("|") and "---" not in line]
    terms = [row for row in rows if len(row) == 3 and row[0].strip() != "term"]
    assert len(terms) > 50
    modules = {row[0].strip(): re.fullmatch(r" `([\w/]+\.py)` ", row[2]) for row in terms}
    assert [term for term, module in modules.items() if not module] == []
    assert [term for term, found in modules.items() if found and not (PACKAGE / found[1]).is_file()] == []


def test_a_page_that_names_a_missing_file_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("[a](b.md) and `deid/engine.py`, `deid/no_such.py`, `make test`")
    assert named_paths(page) == {"deid/engine.py", "deid/no_such.py"}
    assert exists("deid/engine.py", page)
    assert not exists("deid/no_such.py", page)
