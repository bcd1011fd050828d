"""What the instances are made of: names, places and texts from the files in `data`, which the product never sees.

Every list is cut in two halves, line by line. Whoever improves the product may look at what fails of the half
`development`; the half `held-out` is there to be counted only.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple, TypeVar

Half = Literal["development", "held-out"]
Language = Literal["english", "russian"]
Kind = Literal["invented", "word"]
Item = TypeVar("Item")

DATA = Path(__file__).with_name("data")
FIRST_HELD_OUT_SEED = 1000


class NameEntry(NamedTuple):
    """One line of `families.txt` or `givens.txt`; `latin` is empty for a name that is Russian by birth."""

    kind: Kind
    sex: str
    latin: str
    cyrillic: str
    oblique: str
    declension: str


class Place(NamedTuple):
    """A hospital, the word that tells which one it is, and an address near it."""

    hospital: str
    distinctive: str
    street: str
    town: str


@dataclass(frozen=True, slots=True)
class Material:
    """One half of everything; texts by language."""

    families: tuple[NameEntry, ...]
    givens: tuple[NameEntry, ...]
    patronymics: tuple[str, ...]
    places: dict[Language, tuple[Place, ...]]
    carriers: dict[Language, tuple[str, ...]]
    protocols: dict[Language, tuple[str, ...]]
    sentences: dict[Language, tuple[str, ...]]
    eponyms: dict[Language, tuple[str, ...]]
    parameters: tuple[str, ...]


def half_of(seed: int) -> Half:
    """Return which half instances of this seed are made of."""
    return "development" if seed < FIRST_HELD_OUT_SEED else "held-out"


@cache
def material(half: Half) -> Material:
    """Return one half. Carriers, places and patronymics are what both share: they are scored by what they carry."""
    return Material(
        families=_names("families.txt", half),
        givens=_names("givens.txt", half),
        patronymics=lines("patronymics.txt"),
        places={language: _places(f"places_{language}.txt") for language in _languages()},
        carriers={language: lines(f"carriers_{language}.txt") for language in _languages()},
        protocols=_texts("protocols", half),
        sentences=_texts("sentences", half),
        eponyms=_texts("eponyms", half),
        parameters=_half(lines("parameters.txt"), half),
    )


def lines(name: str) -> tuple[str, ...]:
    """Return the lines of a list, without its comments."""
    text = (DATA / name).read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))


def entries(name: str) -> tuple[NameEntry, ...]:
    """Return all names of `families.txt` or `givens.txt`."""
    found = []
    for line in lines(name):
        kind, *rest = line.split(";")
        sex = rest.pop(0) if name == "givens.txt" else ""
        found.append(NameEntry("word" if kind == "word" else "invented", sex, *rest))
    return tuple(found)


def _names(name: str, half: Half) -> tuple[NameEntry, ...]:
    """Halve each kind of names by itself, so that both halves hold names of every sex, origin and kind."""
    groups: dict[tuple[str, str, bool], list[NameEntry]] = {}
    for entry in entries(name):
        groups.setdefault((entry.kind, entry.sex, bool(entry.latin)), []).append(entry)
    return tuple(entry for group in groups.values() for entry in _half(tuple(group), half))


def _places(name: str) -> tuple[Place, ...]:
    found = []
    for line in lines(name):
        marked, street, town = line.split(";")
        found.append(Place(marked.replace("*", ""), marked.split("*")[1], street, town))
    return tuple(found)


def _texts(name: str, half: Half) -> dict[Language, tuple[str, ...]]:
    return {language: _half(lines(f"{name}_{language}.txt"), half) for language in _languages()}


def _half(items: tuple[Item, ...], half: Half) -> tuple[Item, ...]:
    return items[0::2] if half == "development" else items[1::2]


def _languages() -> tuple[Language, Language]:
    return ("english", "russian")
