"""The parts of persons' names in all their spellings, indexed for the search inside and across words."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import permutations
from typing import Final, NamedTuple

from orthanc_deid.bounded_cache import bounded_cache
from orthanc_deid.deid.text.inflection import name_forms
from orthanc_deid.deid.text.latin_spellings import latin_spellings, plain_cyrillic
from orthanc_deid.deid.text.transliteration import cyrillic_spellings, has_cyrillic, plain_latin, unaccented
from orthanc_deid.standard.medical_words import medical_words, name_titles

GRAM: Final = 5
"""The letters of a name by which it is looked up; shorter names are no part of other words."""

LETTER_FOR_SIGN: Final = {
    ord(sign): str(number)
    for number, signs in enumerate(("oо", "il!|иі", "z", "e€езэ", "aач@", "sс$", "б", "tт", "bв", "gq"))
    for sign in signs
}
"""Letters, and the signs and digits that stand for them, as one digit each."""

_GROUPS: Final = re.compile(r"[=\\]+")
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_BREAKS: Final = re.compile(r"[\s_.,;/()]+")
_AFFIXES: Final = frozenset((3, 4))
_MAC: Final = re.compile("^(mac|mc)(?=[a-z]{4})")
_ABJADS: Final = re.compile("[\u0590-\u06ff]")
_CONSONANTS: Final = (
    (re.compile("sch|sh|tz|ts|z"), "s"),
    (re.compile("kh|ck|ch|[cq]"), "k"),
    (re.compile("ph|f"), "p"),
    (re.compile("dj|j"), "g"),
    (re.compile("[aeiouywvh]|[^a-z]"), ""),
    (re.compile(r"(.)\1+"), r"\1"),
)
_FEWEST_CONSONANTS: Final = 2
_MOST_JOINED: Final = 6  # parts of a name of which any two may be joined
_SPELLINGS_JOINED: Final = 3
_SHORTEST_REVERSED: Final = 6
_SHORTEST: Final = 2
_SHORTEST_SPELLED_OUT: Final = 3


class Parts(NamedTuple):
    """`joined`: forms by their first letters (`GRAM`). `short`: shorter forms, for letters that stand alone. `coded`:
    forms with digits for letters, by their first ones. `doubtful`: words that count in the place of a name only, with
    the numbers of the parts that they may be. `consonants`: the same by their consonants. `initials`: of the parts.
    """

    joined: Mapping[str, tuple[str, ...]]
    short: frozenset[str]
    coded: Mapping[str, tuple[str, ...]]
    doubtful: Mapping[str, frozenset[int]]
    consonants: Mapping[str, frozenset[int]]
    initials: Mapping[str, frozenset[int]]


@lru_cache(maxsize=256)
def parts_of(people: frozenset[str]) -> Parts:
    """Return the parts of the names of all persons, which are folded PN values."""
    names = [_parts(name) for name in people]
    forms = {form for each in names for form in each.forms}
    doubtful: dict[str, set[int]] = defaultdict(set)
    by_consonants: dict[str, set[int]] = defaultdict(set)
    initials: dict[str, set[int]] = defaultdict(set)
    for number, name in enumerate(names):
        for table, found in zip(
            (doubtful, by_consonants, initials), (name.doubtful, name.consonants, name.initials), strict=True
        ):
            for word, index in found:
                table[word].add(number << 8 | index)
    return Parts(
        _indexed(form for form in forms if len(form) >= GRAM),
        frozenset(form for form in forms if _SHORTEST_SPELLED_OUT <= len(form) < GRAM),
        _indexed({form.translate(LETTER_FOR_SIGN) for form in forms if len(form) >= GRAM}),
        *(
            {word: frozenset(marks) for word, marks in table.items()}
            for table in (doubtful, by_consonants, initials)
        ),
    )


def _indexed(forms: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for form in forms:
        found[form[:GRAM]].append(form)
    return {gram: tuple(each) for gram, each in found.items()}


class _NameParts(NamedTuple):
    """The parts of one PN value: all forms, and words, consonants and initials with the index of their part."""

    forms: tuple[str, ...]
    doubtful: tuple[tuple[str, int], ...]
    consonants: tuple[tuple[str, int], ...]
    initials: tuple[tuple[str, int], ...]


@bounded_cache(maxsize=2048)
def _parts(name: str) -> _NameParts:
    forms: set[str] = set()
    doubtful: set[tuple[str, int]] = set()
    by_consonants: set[tuple[str, int]] = set()
    initials: set[tuple[str, int]] = set()
    for group in _GROUPS.split(name):
        components = [list(_words(component, place)) for place, component in enumerate(group.split("^"))]
        parts = [word for words in components for word in words]
        forms |= _joins(components, parts)
        for index, part in enumerate(parts):
            spelled = latin_spellings(part)
            if len(part) >= _SHORTEST or spelled:
                forms |= _forms_of(part)
                if part.isascii():
                    doubtful.update((each, index) for each in cyrillic_spellings(part))
                else:
                    forms_of_part = name_forms(part)
                    doubtful.update((each, index) for form in forms_of_part for each in latin_spellings(form))
            initials.update((each[0], index) for each in (part, *spelled) if each)  # ь has no Latin spelling
            if _ABJADS.search(part) and spelled and len(kept := consonants(spelled[0])) >= _FEWEST_CONSONANTS:
                by_consonants.add((kept, index))
        for words in components:
            if len(words) > 1 and max(map(len, words)) <= _SHORTEST:  # Li Na
                doubtful.update((word, parts.index(word)) for word in words if len(word) == _SHORTEST)
    doubtful = {(word, index) for word, index in doubtful if len(word) >= _SHORTEST}
    return _NameParts(tuple(forms), tuple(doubtful), tuple(by_consonants), tuple(initials))


def _words(component: str, place: int) -> Iterator[str]:
    """Yield the words of a component; not those with digits, nor titles in the place of a prefix or suffix."""
    for piece in _BREAKS.split(component):
        if any(map(str.isdigit, piece)):
            continue
        for word in _LETTERS.findall(piece):
            if place not in _AFFIXES or word not in name_titles():
                yield word


def _forms_of(part: str) -> set[str]:
    """Return a part of a name in all its cases and usual spellings, and backwards."""
    declined = name_forms(part) if has_cyrillic(part) else {part, *plain_latin(part), *_other_macs(part)}
    base = {part, unaccented(part), plain_cyrillic(part), *plain_latin(part), *latin_spellings(part)}
    backwards = {each[::-1] for each in base if len(each) >= _SHORTEST_REVERSED} if len(part) > 1 else set()
    respelled = {spelled for form in declined for spelled in latin_spellings(form)}
    cyrillic = set(cyrillic_spellings(part)) if part.isascii() else set()
    return {
        *declined,
        *base,
        *respelled,
        *cyrillic,
        *(each for each in backwards if each not in medical_words()),
    }


def _other_macs(part: str) -> tuple[str, ...]:
    return tuple(_MAC.sub(mac, part) for mac in ("mac", "mc")) if _MAC.match(part) else ()


def _joins(components: list[list[str]], parts: list[str]) -> set[str]:
    """Return the words of each component joined, and any two parts of the name, in each usual spelling."""
    found = {"".join(each) for words in components if len(words) > 1 for each in _spelled_alike(words)}
    if len(parts) > 1:
        found.update("".join(each) for each in _spelled_alike(parts))
    for pair in permutations(parts[:_MOST_JOINED], 2):
        found.update("".join(each) for each in _spelled_alike(pair))
    return found


def _spelled_alike(words: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Yield words as written, without marks, and in Latin letters by the first few systems."""
    words = tuple(words)
    yield words
    yield tuple(plain_latin(word)[-1] for word in words)
    spelled = [latin_spellings(word) or (word,) for word in words]
    for index in range(_SPELLINGS_JOINED):
        yield tuple(each[min(index, len(each) - 1)] for each in spelled)


def consonants(latin: str) -> str:
    """Return the consonants of a Latin word as the scripts that write no vowels have them."""
    for pattern, letter in _CONSONANTS:
        latin = pattern.sub(letter, latin)
    return latin
