"""Words of names of persons and places, with the other spellings and cases in which texts may contain them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import Final

from orthanc_deid.bounded_cache import bounded_cache
from orthanc_deid.deid.text.inflection import name_forms
from orthanc_deid.deid.text.transliteration import (
    cyrillic_spellings,
    has_cyrillic,
    katakana_widths,
    plain_latin,
    skeleton,
    skeletons,
)
from orthanc_deid.standard.medical_words import medical_words, modality_codes, name_titles

SHORTEST_COMPONENT: Final = 2  # letters of a component of a person's name that is one word
SHORTEST_PART: Final = 3  # letters of a word of a component of several: not the `de` of a name
SHORTEST_PLACE: Final = 4  # letters of a word of a place
SHORTEST_RESPELLED: Final = 5  # letters of a Latin name that is searched in other Latin spellings, too
SHORTEST_WITH_Y: Final = 3  # ... of one that other romanizations write with y, i or j: Ilya, Ilia; Yuri, Jury

SHORTEST_GLUED: Final = 4  # letters of a name that stands beside the code of a modality without a space
CODE_LENGTHS: Final = range(2, 5)  # letters of such a code

LETTERS: Final = re.compile(r"[^\W\d_]+")
_WORDS = re.compile(r"[^\W_]+")
_GROUPS = re.compile(r"[=\\]+")
_PIECES = re.compile(r"[,;/()]+")
_AFFIXES: Final = frozenset(
    (3, 4)
)  # places of prefix and suffix among the components of a group (PS3.5 section 6.2)
_Y_I_J: Final = frozenset("yij")
UNSPACED_LETTERS: Final = r"\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f"
UNSPACED: Final = re.compile(f"[{UNSPACED_LETTERS}]")
"""Letters of scripts in which no spaces stand between words: Thai, Japanese, Chinese, and Korean names."""

_CYRILLIC: Final = r"\u0400-\u052f"
_FOLDED: Final = UNSPACED_LETTERS + r"\u10d0-\u10ff"  # with the signs of Thai as they are folded
_ALPHABETS = re.compile(f"[{_CYRILLIC}]+|[{_FOLDED}]+|[^{_CYRILLIC}{_FOLDED}]+")
_MIXED = re.compile(
    "|".join(
        rf"[{letters}](?=[^\W\d_{letters}])|[^\W\d_{letters}](?=[{letters}])"
        for letters in (_CYRILLIC, _FOLDED)
    )
)


@bounded_cache(maxsize=4096)
def person_words(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the words of a folded PN value (all component groups), and the parts that must be compared literally.

    A word with digits is compared literally; so is a name in which no component has two letters. Titles that stand as
    prefix or suffix are no words of a name, unless it has no others.
    """
    words, wholes = _person_words(name, name_titles())
    if not words and not wholes:
        words, wholes = _person_words(name, frozenset())
    if UNSPACED.search(name):
        joined = ("".join(LETTERS.findall(group)) for group in name.split("="))
        words.update(dict.fromkeys(group for group in joined if len(group) >= SHORTEST_COMPONENT))
        words = dict.fromkeys(spelled for word in words for spelled in katakana_widths(word))
    if not words and not wholes:
        wholes = [name]
    return tuple(words), tuple(wholes)


def _person_words(name: str, titles: frozenset[str]) -> tuple[dict[str, None], list[str]]:
    words: dict[str, None] = {}
    wholes: list[str] = []
    for piece, is_affix in _pieces(name):
        parts = piece.replace("_", " ").replace(".", " ").split()
        shortest = SHORTEST_COMPONENT if len(parts) == 1 else SHORTEST_PART
        for part in parts:
            runs = LETTERS.findall(part)
            joined = "".join(runs)
            if len(joined) < _shortest(joined, shortest) or (is_affix and joined in titles):
                continue
            if any(char.isdigit() for char in part):
                wholes.append(part)
                continue
            for word in dict.fromkeys((*runs, joined)):  # O'Brien, Smith-Jones: in parts, and written in one
                if len(word) >= _shortest(word, SHORTEST_COMPONENT):
                    words.update(dict.fromkeys((word, *plain_latin(word))))
    return words, wholes


def _shortest(word: str, letters: int) -> int:
    """Return how many letters a word of a name must have; one of Chinese or Korean script is a word."""
    return 1 if UNSPACED.search(word) else letters


def _pieces(name: str) -> Iterator[tuple[str, bool]]:
    """Yield the components of all groups, at commas and brackets in pieces, and whether each is prefix or suffix."""
    for group in _GROUPS.split(name):
        for place, component in enumerate(group.split("^")):
            yield from ((piece, place in _AFFIXES) for piece in _PIECES.split(component))


def place_words(place: str) -> Iterable[str]:
    """Yield the words of a folded place that tell which one it is: not those that medical texts use."""
    for word in LETTERS.findall(place):
        if len(word) >= SHORTEST_PLACE and word not in medical_words():
            yield from {word, *plain_latin(word)}


def place_codes(place: str) -> Iterable[str]:
    """Yield the words of a folded place that hold digits beside letters that no medical word is made of."""
    for word in _WORDS.findall(place):
        letters = sum(map(str.isalpha, word))
        if SHORTEST_PLACE <= letters < len(word) and not _has_medical_letters(word):
            yield word


def is_medical_place(place: str) -> bool:
    """Whether a folded place is made of medical words alone, as `Department of Radiology` is; `B31f` is a code."""
    return any(map(str.isalpha, _WORDS.findall(place))) and _has_medical_letters(place)


def _has_medical_letters(text: str) -> bool:
    return all(len(word) == 1 or word in medical_words() for word in LETTERS.findall(text))


def in_parts(word: re.Match[str]) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield a folded word of letters with its place, and each of its parts that may be a name by itself.

    Those are the parts where letters of several scripts meet, and what the code of a modality leaves of a word.
    """
    yield word[0], word.span()
    for start, end in glued(word[0]):
        yield word[0][start:end], (word.start() + start, word.start() + end)
    if mixes_alphabets(word[0]):
        for part in _ALPHABETS.finditer(word.string, *word.span()):
            if len(part[0]) >= _shortest(part[0], SHORTEST_COMPONENT):
                yield from in_parts(part)


def glued(word: str) -> Iterator[tuple[int, int]]:
    """Yield where in a folded word a name may stand before or behind the code of a modality: CTIVANOV."""
    codes = modality_codes()
    for length in CODE_LENGTHS:
        if len(word) - length >= SHORTEST_GLUED:
            if word[:length] in codes:
                yield length, len(word)
            if word[-length:] in codes:
                yield 0, len(word) - length


def mixes_alphabets(folded: str) -> bool:
    """Whether a Cyrillic letter, or one of a script without spaces, stands beside another letter in `folded`."""
    return not folded.isascii() and _MIXED.search(folded) is not None


def hold_name(names: frozenset[str], found: Iterable[str], folded: str) -> bool:
    """Whether one of the folded words `found` of `folded` is a form of a name, or a spelling in other letters."""
    if not names:
        return False
    if folded.isascii():
        return not _latin_forms(names).isdisjoint(chain.from_iterable(map(skeletons, found)))
    for word in found:
        if has_cyrillic(word):
            if not _cyrillic_forms(names).isdisjoint(skeletons(word)):
                return True
        elif not _latin_forms(names).isdisjoint(skeletons(word)) or not names.isdisjoint(plain_latin(word)):
            return True
    return False


@lru_cache(maxsize=256)
def _latin_forms(names: frozenset[str]) -> frozenset[str]:
    """Return the skeletons by which names are known in Latin text.

    A Latin name is found there in its own spelling already; as another romanization of the same Russian name only
    where it is long enough not to be taken for another word, or they differ in y, i and j alone.
    """
    forms: set[str] = set()
    for name in names:
        if has_cyrillic(name):
            forms |= _declined(name)
        elif len(name) >= SHORTEST_RESPELLED:
            forms |= _declined(cyrillic_spellings(name)[0])
        elif len(name) >= SHORTEST_WITH_Y and not _Y_I_J.isdisjoint(name):
            forms.add(skeletons(name)[0])
    return frozenset(forms)


@lru_cache(maxsize=256)
def _cyrillic_forms(names: frozenset[str]) -> frozenset[str]:
    """Return the skeletons by which names are known in Cyrillic text, in every case."""
    forms: set[str] = set()
    for name in names:
        for spelling in (name,) if has_cyrillic(name) else cyrillic_spellings(name):
            forms |= _declined(spelling)
    return frozenset(forms)


@bounded_cache(maxsize=4096)
def _declined(name: str) -> frozenset[str]:
    return frozenset(skeleton(form) for form in name_forms(name)) - {""}
