"""An engine weakened in one place: the changed line, an instance that meets it, and the tag that must be found.

A mutation changes the code itself, as a programming error would, and applies to the whole process: if the verifier
also used the weakened function, both would be wrong together and the test would fail. Modules and data that engine
and verifier do share cannot be tested so and have tests of their own: Table E.1-1, Types, lists of
reviewed attributes, safe private elements and medical words (`standard/`), the profile's model, options and
selectors, the key, and pydicom's dictionary, UIDs and codecs.
"""

from __future__ import annotations
import __future__

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest

from orthanc_deid.profile.model import Profile

Weakening = Callable[[pytest.MonkeyPatch], None]

_ENGINE = ("orthanc_deid.deid.", "orthanc_deid.dicom.", "orthanc_deid.profile.")


@dataclass(frozen=True, slots=True)
class Mutation:
    """`name` completes "an engine that ..."; `finding` is the tag path, or the rule, of the violation.

    `fast`: whether the fast depth, which trusts the walker, also finds it.
    """

    name: str
    weaken: Weakening
    original: bytes
    profile: Profile
    finding: str
    fast: bool = True


def code(function: Callable[..., Any], *changes: tuple[str, str]) -> Weakening:
    """Return the weakening that replaces parts of a function's source, each of which occurs once."""

    def weaken(monkeypatch: pytest.MonkeyPatch) -> None:
        plain = inspect.unwrap(getattr(function, "__func__", function))
        assert isinstance(plain, FunctionType)
        monkeypatch.setattr(plain, "__code__", _changed(plain, changes))
        forget()

    return weaken


def constant(module: ModuleType, name: str, value: object) -> Weakening:
    """Return the weakening that replaces a constant of a module of the engine."""

    def weaken(monkeypatch: pytest.MonkeyPatch) -> None:
        assert getattr(module, name) != value
        monkeypatch.setattr(module, name, value)
        forget()

    return weaken


def entry(table: MutableMapping[Any, Any], key: object, value: object) -> Weakening:
    """Return the weakening that puts a wrong entry into a table of the engine."""

    def weaken(monkeypatch: pytest.MonkeyPatch) -> None:
        assert table[key] != value
        monkeypatch.setitem(table, key, value)
        forget()

    return weaken


def forget() -> None:
    """Empty the engine's caches, so that neither engine uses results of the other."""
    for name, module in list(sys.modules.items()):
        if name.startswith(_ENGINE):
            for thing in vars(module).values():
                clear = getattr(thing, "cache_clear", None)
                if clear is not None:
                    clear()


def _changed(function: FunctionType, changes: tuple[tuple[str, str], ...]) -> CodeType:
    """Return the code of `function`, compiled from its changed source."""
    source = textwrap.dedent(inspect.getsource(function))
    for old, new in changes:
        assert source.count(old) == 1, f"{function.__qualname__} was rewritten; adapt its mutation"
        source = source.replace(old, new)
    tree = ast.parse(source)
    definition = tree.body[0]
    assert isinstance(definition, ast.FunctionDef)
    definition.decorator_list = []
    flags = __future__.annotations.compiler_flag
    compiled = compile(tree, function.__code__.co_filename, "exec", flags=flags, dont_inherit=True)
    made = [each for each in compiled.co_consts if isinstance(each, CodeType)]
    return made[-1]
