"""Rules, reasons and findings in Russian: every phrase that the code can write into the ledger is translated."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import get_args

import pytest

import orthanc_deid
from orthanc_deid.profile.load import builtin_names, load_profile
from orthanc_deid.profile.options import Option
from orthanc_deid.profile.verify_depth import VerifyDepth
from orthanc_deid.report.catalogue import in_russian, phrases_of, reason, reasons, reasons_json
from orthanc_deid.verify.rules.expectations import Requirement
from orthanc_deid.verify.text.identifiers import Kind

PACKAGE = Path(orthanc_deid.__file__).parent

BUILTIN = builtin_names()
CALLS = frozenset(
    {
        *("RefusedError", "NotDicomError", "SourceError", "LostError", "StoreError", "RejectedError"),
        *(
            "ConflictError",
            "MixedPatientsError",
            "VerificationError",
            "ParseError",
            "StoppedError",
            "NoWorkersError",
        ),
        *(
            "Failure",
            "Outcome",
            "OnDemandResult",
            "Rule",
            "Expectation",
            "_floored",
            "_refused",
            "Text",
            "BinaryValue",
            "_opened",
            "refused",
            "unreadable",
            "fault",
            "_add",
        ),
        *("Periodic", "_on_error", "trouble"),
    }
)
"""Functions and classes that are called with a phrase among their arguments."""
ADDED_TO = frozenset({"faults", "findings", "_findings", "notes"})
ASKED = frozenset({"suspicion", "_suspicion", "unexpected"})
"""Functions that return a phrase."""
YIELDED = frozenset({"_compared", "claimed_faults", "compressed", "native"})
"""Functions that yield phrases."""

CODED = re.compile(r"\W*|[A-Z]{1,2}|\(?[0-9A-F]{4},[0-9A-F]{4}|PS3\.\d+ [\d.]+|\{\}\[\{\}\]|\{\} files/s")
"""Parts that need no translation: separators, VRs, tags, sections of the standard, values that vary."""
ATTRIBUTES = frozenset({"Specific Character Set", "SOP Class UID"})
PLACES = frozenset({"profile {}, instances[{}]", "attributes[{}]"})
"""Names that are the same in every language."""


def templates(node: ast.AST | None, named: dict[str, list[ast.expr]]) -> Iterator[str]:
    """Yield the texts that an expression can be, each with `{}` for what varies."""
    match node:
        case ast.Constant(value=str() as text):
            yield text
        case ast.JoinedStr():
            yield "".join(filled(each, named) for each in node.values)
        case ast.IfExp():
            yield from (text for each in (node.body, node.orelse) for text in templates(each, named))
        case ast.Tuple():
            yield from (text for each in node.elts for text in templates(each, named))
        case ast.Name() if node.id in named:
            yield from (text for each in named[node.id] for text in templates(each, {}))


def filled(part: ast.expr, named: dict[str, list[ast.expr]]) -> str:
    """Return a part of an f-string: its text, the text of a constant, or `{}` for what varies."""
    match part:
        case ast.Constant(value=value):
            return str(value)
        case ast.FormattedValue(value=ast.Name(id=name)) if name.isupper() and len(named.get(name, ())) == 1:
            return next(templates(named[name][0], {}), "{}")
    return "{}"


def names_of(tree: ast.Module) -> dict[str, list[ast.expr]]:
    """Return the values of the names of a module: all assignments to them, and imported constants."""
    named: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                named.setdefault(name, []).append(value)
            case ast.ImportFrom(module=str() as module) if module.startswith("orthanc_deid."):
                constants = [each.name for each in node.names if each.name.isupper()]
                for name in constants:
                    named.setdefault(name, []).append(ast.Constant(getattr(import_module(module), name)))
    return named


def phrases_in_call(node: ast.Call, named: dict[str, list[ast.expr]]) -> Iterator[str]:
    """Yield the texts among the arguments of a call that puts them into the record."""
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in CALLS:
            for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
                yield from templates(argument, named)
        case ast.Call(func=ast.Attribute(value=ast.Name(id=to) | ast.Attribute(attr=to))) if to in ADDED_TO:
            for argument in node.args:
                yield from templates(argument, named)
        case ast.Call(func=ast.Name(id="Counter"), args=[ast.IfExp(body=ast.Dict(keys=keys))]):
            yield from (text for each in keys for text in templates(each, named))


def phrases_in_module(tree: ast.Module) -> Iterator[str]:
    """Yield the texts that a module puts into the record."""
    named = names_of(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Call():
                yield from phrases_in_call(node, named)
            case ast.Assign(targets=[ast.Subscript(value=ast.Attribute(attr="left_out"), slice=key)]):
                yield from templates(key, named)
            case ast.AugAssign(target=ast.Subscript(value=ast.Attribute(attr="left_out"), slice=key)):
                yield from templates(key, named)
            case ast.FunctionDef(name=name) if name in ASKED | YIELDED:
                for each in ast.walk(node):
                    if isinstance(each, ast.Return | ast.Yield):
                        yield from templates(each.value, named)


def phrases_in_package() -> set[str]:
    """Return the phrases that the package puts into the record, with `{}` for what varies in them."""
    texts: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        texts.update(phrases_in_module(ast.parse(path.read_text(encoding="utf-8"))))
    return {part for text in texts for part in phrases_of(text)}


def without_words(found: Iterable[str]) -> list[str]:
    return sorted(
        each for each in found if each not in {*reasons(), *ATTRIBUTES, *PLACES} and not CODED.fullmatch(each)
    )


def test_every_phrase_of_the_code_is_translated() -> None:
    found = phrases_in_package()
    some = {
        "suspected of burned-in text",  # the engine
        "crashed its worker",  # the command
        "the file has vanished",  # a source
        "nesting deeper than {}",
        "missing where {} is due",  # the verifier
        "no rule keeps it",  # a rule of the engine
        "attributes that no row names",  # a rule of the verifier
        "too short to be distinguished from other numbers",  # what is left out of a search
        "no IOD",  # a note
        "video",  # a suspicion
        "trying again",
    }
    assert some <= found, "the search of the code finds less than before"
    assert without_words(found) == []


@pytest.mark.parametrize("name", BUILTIN)
def test_descriptions_of_built_in_profiles_are_translated(name: str) -> None:
    assert without_words(phrases_of(load_profile(name).description)) == []


def test_words_inserted_into_phrases_are_translated() -> None:
    kinds = {*get_args(Kind), *(each.value for each in Requirement)}
    assert kinds <= reasons().keys()
    assert all("опция" in in_russian(option.rule) for option in Option)


def test_every_translated_phrase_is_used() -> None:
    put_in = {*get_args(Kind), *(each.value for each in Requirement), "{} Option", "and {} more", "uid"}
    put_in |= {
        *get_args(VerifyDepth),
        *(part for name in BUILTIN for part in phrases_of(load_profile(name).description)),
    }
    assert set(reasons()) - phrases_in_package() - put_in == set()


@pytest.mark.parametrize(
    ("text", "russian"),
    [
        ("conflict", "в хранилище под тем же UID лежит другое содержимое"),
        ("nesting deeper than 64: (0040,A730)", "вложенность глубже 64: (0040,A730)"),
        ("unexpected: KeyError", "непредвиденная ошибка: KeyError"),
        (
            "identifying values (Basic Profile): person found (0010,0010)[1].(0040,A123); and 3 more",
            "сведения о личности (базовый профиль): найдено: имя (0010,0010)[1].(0040,A123); и ещё 3",
        ),
        (
            "profile: SeriesDescription: missing where changed date is due (0008,0021)",
            "профиль: SeriesDescription: отсутствует, а должно быть: изменённая дата (0008,0021)",
        ),
        ("Clean Descriptors Option", "опция Clean Descriptors"),
        ("person: fewer than 4 characters: 1,234", "имя: меньше 4 знаков: 1,234"),
        ("a text that no code writes: at all", "a text that no code writes: at all"),
        ("", ""),
    ],
)
def test_a_text_composed_of_phrases_is_translated_phrase_by_phrase(text: str, russian: str) -> None:
    assert in_russian(text) == russian


def test_both_languages_are_escaped() -> None:
    assert reason("unexpected: <b>") == (
        '<span lang="en">unexpected: &lt;b&gt;</span><span lang="ru">непредвиденная ошибка: &lt;b&gt;</span>'
    )


def test_the_phrases_are_sorted_unique_and_whole() -> None:
    keys = re.findall(r'^  "((?:[^"\\]|\\.)+)": ', reasons_json(), re.MULTILINE)
    assert keys == sorted(reasons(), key=lambda each: (each.lower(), each))
    for english, russian in reasons().items():
        assert phrases_of(english) == [english], "it is never met as a whole"
        assert english.count("{}") == russian.count("{}") <= 1, english
        assert "; " not in russian, "lists are split there"
