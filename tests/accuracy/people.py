"""Persons, and the ways in which a hand writes them: order, case, initials, Russian cases, either alphabet."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Final, Literal, NamedTuple

from accuracy.material import Kind, Material, NameEntry
from accuracy.russian import CASES, ROMANIZATIONS, Case, declined, patronymic, romanized

Script = Literal["latin", "cyrillic"]

_WORDS: Final = re.compile(r"[^\W\d_]+")
_FEMININE_GIVEN: Final = "F"
_LATIN_FORMS: Final = (
    "{given} {family}", "{family}, {given}", "{family}^{given}", "{initial}. {family}", "{family} {initial}",
    "{family}", "{FAMILY} {GIVEN}", "{FAMILY}", "{family_lower}", "{family}_{given}", "{GIVEN} {FAMILY}",
)  # fmt: skip
_CYRILLIC_FORMS: Final = (
    "{family} {given}",
    "{given} {family}",
    "{family}",
    "{FAMILY}",
    "{family} {initial}.",
)
_FULL_CYRILLIC_FORMS: Final = (
    "{family} {given} {patronymic}", "{family} {initial}.{second}.", "{initial}. {second}. {family}", "{family}",
    "{FAMILY} {GIVEN} {PATRONYMIC}", "{given} {patronymic}", "{FAMILY} {initial}.{second}.", "{family} {given}",
)  # fmt: skip


class Mention(NamedTuple):
    """A person in a text: what is written, and the words of it that tell who it is."""

    text: str
    words: tuple[str, ...]


class Name(NamedTuple):
    """The parts of a name in one script and case; `patronymic` may be empty."""

    family: str
    given: str
    patronymic: str


@dataclass(frozen=True)
class Person:
    """An invented person; `patronymic` is its stem, empty where a person has none."""

    family: NameEntry
    given: NameEntry
    patronymic: str

    @property
    def kind(self) -> Kind:
        return self.family.kind

    @property
    def feminine(self) -> bool:
        return self.given.sex == _FEMININE_GIVEN

    def name(self, script: Script, case: Case = "nom", system: str = "passport") -> Name:
        """Return the name in one script; a name that is Russian by birth is romanized by `system`, in the nominative."""
        if script == "latin" and self.family.latin:
            return Name(self.family.latin, self.given.latin, "")
        case = "nom" if script == "latin" else case
        parts = [
            declined(part.cyrillic, part.declension, case, feminine=self.feminine, oblique=part.oblique)
            for part in (self.family, self.given)
        ]
        parts.append(patronymic(self.patronymic, case, feminine=self.feminine) if self.patronymic else "")
        return Name(*(parts if script == "cyrillic" else [romanized(part, system) for part in parts]))

    def person_name(self, script: Script, system: str = "passport") -> str:
        """Return the value of a PN."""
        return "^".join(self.name(script, system=system)).rstrip("^")

    def mention(self, rng: Random, script: Script, case: Case = "nom") -> Mention:
        """Return one of the ways to write the person in a text."""
        name = self.name(script, case, rng.choice(ROMANIZATIONS))
        forms = (
            _LATIN_FORMS
            if script == "latin"
            else (_FULL_CYRILLIC_FORMS if name.patronymic else _CYRILLIC_FORMS)
        )
        text = rng.choice(forms).format(
            family=name.family,
            given=name.given,
            patronymic=name.patronymic,
            FAMILY=name.family.upper(),
            GIVEN=name.given.upper(),
            PATRONYMIC=name.patronymic.upper(),
            family_lower=name.family.lower(),
            initial=name.given[0],
            second=name.patronymic[:1],
        )
        return Mention(text, tuple(word for word in _WORDS.findall(text) if len(word) > 1))

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word, folded, by which a text may rightly name the person: no such word is expected to stay."""
        names = [self.name("cyrillic", case) for case in CASES]
        other_sex = {True: "M", False: "F"}[
            self.feminine
        ]  # who only sees the name cannot tell how it declines
        double = Person(self.family, self.given._replace(sex=other_sex), "")
        names += [double.name("cyrillic", case) for case in CASES]
        names += [self.name("latin", system=system) for system in ROMANIZATIONS]
        return words_of(part for name in names for part in name)


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """Return the words of texts in lower case, ё as е."""
    return frozenset(word for text in texts for word in _WORDS.findall(text.lower().replace("ё", "е")))


def invent(
    rng: Random, material: Material, kind: Kind, scripts: Iterable[Script] = ("latin", "cyrillic")
) -> Person:
    """Return a person with names of one kind, born to one of `scripts`."""
    origin = rng.choice(tuple(scripts))
    families = [
        each for each in material.families if each.kind == kind and bool(each.latin) == (origin == "latin")
    ]
    givens = [
        each for each in material.givens if each.kind == kind and bool(each.latin) == (origin == "latin")
    ]
    patronym = rng.choice(material.patronymics) if origin == "cyrillic" and rng.random() < 0.9 else ""
    return Person(rng.choice(families), rng.choice(givens), patronym)
