"""The words of the interface: complete in both languages, all of them used, and none written down elsewhere."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import orthanc_deid
from orthanc_deid.report.catalogue import in_russian, texts, word, words, words_json

PACKAGE = Path(orthanc_deid.__file__).parent
PAGES = (PACKAGE / "report", PACKAGE / "host" / "web")
CYRILLIC = re.compile("[\u0400-\u04ff]+")
TOPIC = re.compile("|".join({key.partition(".")[0] for key in words()}))
OWN_NAMES = {"Русский"}
"""What is written in Russian on an English page as well."""
TWO_MEANINGS = {"running"}
"""English words that stand for two things, and have a Russian word for each."""


def files(*endings: str) -> list[Path]:
    """Return the source files that pages are drawn by."""
    return sorted(
        path for folder in PAGES for path in folder.rglob("*") if path.is_file() and path.suffix in endings
    )


def keys_in_scripts() -> Iterator[str]:
    """Yield the keys that the JavaScript uses; `state.*` where the last part varies."""
    for path in files(".js"):
        source = path.read_text(encoding="utf-8")
        yield from re.findall(r"\bt\('([^']+)'", source)
        yield from re.findall(r"\['\w+', '(\w+\.\w+)'\]", source)  # a table of names and keys
        for key in re.findall(r"\bt\(`([^`]+)`", source):
            if not key.startswith("${"):
                yield re.sub(r"\$\{.*\}$", "*", key)


def keys_in_python() -> Iterator[str]:
    """Yield the keys that the Python pages use, likewise."""
    for path in files(".py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Constant(value=str() as text) if TOPIC.fullmatch(text.partition(".")[0]):
                    if re.fullmatch(r"\w+(\.\w+)+", text):
                        yield text
                case ast.JoinedStr(values=[ast.Constant(value=str() as start), ast.FormattedValue()]):
                    if re.fullmatch(r"[a-zA-Z.]+\.", start):
                        yield f"{start}*"


def used() -> set[str]:
    """Return all keys that pages use; for one that varies all keys of its family."""
    found: set[str] = set()
    for key in (*keys_in_scripts(), *keys_in_python()):
        family = {each for each in words() if each.rpartition(".")[0] == key.removesuffix(".*")}
        if key.endswith(".*"):
            assert family, f"no key begins with {key}"
        found |= family if key.endswith(".*") else {key}
    return found


def test_the_search_finds_the_keys_of_both_languages() -> None:
    scripts, python = set(keys_in_scripts()), set(keys_in_python())
    assert {"preview.title", "state.*", "jobs.title", "button.job.*"} <= scripts
    assert {"report.title", "state.*", "unit.kB", "analysis.of.*"} <= python


def test_every_key_that_a_page_uses_is_in_the_catalogue_and_every_key_is_used() -> None:
    assert used() == words().keys()


def test_every_word_is_there_in_both_languages_with_the_same_values() -> None:
    for key, each in json.loads(words_json()).items():
        assert list(each) == ["en", "ru"], key
        assert all(text and text == text.strip() for text in each.values()), key
        values = [set(re.findall(r"\{[^}]*\}", text)) for text in each.values()]
        assert values[0] == values[1], key
        assert all(re.fullmatch(r"\{\d\}", value) for value in values[0]), key


def test_no_key_stands_twice() -> None:
    keys = re.findall(r'^  "([^"]+)": ', words_json(), re.MULTILINE)
    assert len(keys) == len(set(keys)) == len(words())


def test_one_english_word_has_one_russian_word() -> None:
    russian: dict[str, set[str]] = {}
    for one, other in words().values():
        russian.setdefault(one.casefold().strip("."), set()).add(other.casefold().strip("."))
    assert {word for word, found in russian.items() if len(found) > 1} == TWO_MEANINGS


def test_no_russian_word_is_written_outside_the_catalogue() -> None:
    found = {
        f"{path.name}: {text}"
        for path in files(".py", ".js", ".html", ".css")
        for text in CYRILLIC.findall(path.read_text(encoding="utf-8"))
        if text not in OWN_NAMES
    }
    assert found == set()


def test_values_are_filled_in_by_language_and_escaped() -> None:
    assert texts("report.studiesShown", 500, 12345)[0].startswith("500 of 12\u202f345 studies")
    english, russian = texts("report.unfinished", ("conflict", in_russian("conflict")))
    assert english.endswith("Reason: conflict")
    assert russian.endswith("Причина: в хранилище под тем же UID лежит другое содержимое")
    assert "&lt;b&gt;" in word("analysis.about", "<b>")
