"""Names in other letters than their own, and in other spellings (RULES.md, "Names in other letters").

Within a script a name is compared with every word. A word of another script may sound like a name by chance, and the
more so the shorter it is: those count from a length on, and no word of the medical vocabulary counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from orthanc_deid.bounded_cache import bounded_cache
from orthanc_deid.deid.text.inflection import name_forms
from orthanc_deid.deid.text.latin_spellings import SHORTEST_SPELLED, latin_spellings
from orthanc_deid.deid.text.transliteration import (
    cyrillic_spellings,
    has_cyrillic,
    plain_latin,
    skeletons,
    skeletons_of,
    unaccented,
)
from orthanc_deid.standard.letters import is_romanized, lookalikes
from orthanc_deid.standard.medical_words import medical_words

SHORTEST_BY_SOUND: Final = 5  # letters of a name that is compared by its sound
SHORTEST_SOUNDED: Final = 4  # letters of the word with which it is compared
SHORTEST_WITH_Y: Final = (
    3  # of a Latin name whose romanizations differ only in y, i and j: Ilya, Ilia; Yuri, Jury
)
SHORTEST_ALIKE: Final = 4  # letters of a name that is written in letters that look like its own

_Y_I_J: Final = frozenset("yij")


class _Forms(NamedTuple):
    """`respelled`: sounds of Latin names; `sounds`, `exact`: of others in Latin letters, for rare words only."""

    respelled: frozenset[str]
    sounds: frozenset[str]
    exact: frozenset[str]


def hold_name(names: frozenset[str], found: Iterable[str]) -> bool:
    """Whether one of the folded words `found` is a name in another spelling, case or script."""
    if not names:
        return False
    forms = _forms(names)
    return any(_is_name(word, names, forms) for word in found)


def _is_name(word: str, names: frozenset[str], forms: _Forms) -> bool:
    if has_cyrillic(word):
        sounds = skeletons(word)
        if not _own(names).isdisjoint(sounds):
            return True
        return _looks_like_a_name(word, names)
    sounds = skeletons(word)
    if not forms.respelled.isdisjoint(sounds) and len(word) >= SHORTEST_WITH_Y:
        return True
    if word in forms.exact or (len(word) >= SHORTEST_SOUNDED and not forms.sounds.isdisjoint(sounds)):
        return is_rare(word)
    if word.isascii():
        return False
    if not forms.exact.isdisjoint(plain_latin(word)):
        return True
    return (
        not names.isdisjoint(plain_latin(word))
        or _looks_like_a_name(word, names)
        or _sounds_latin(word, forms)
    )


def _sounds_latin(word: str, forms: _Forms) -> bool:
    """Whether a word of a script of `standard/letters` sounds like a Latin name."""
    if not any(map(is_romanized, word)):
        return False
    return any(
        len(spelled) >= SHORTEST_BY_SOUND and not forms.respelled.isdisjoint(skeletons(spelled))
        for spelled in latin_spellings(word)
    )


def _looks_like_a_name(word: str, names: frozenset[str]) -> bool:
    return len(word) >= SHORTEST_ALIKE and not names.isdisjoint(shapes(word))


@bounded_cache(maxsize=8192)
def shapes(word: str) -> tuple[str, ...]:
    """Return the Latin and Cyrillic words that a folded word looks like, if each of its letters looks like one."""
    if word.isascii():
        return ()
    alike = lookalikes()
    latin = "".join([letter if letter.isascii() else alike.get(letter, "") for letter in unaccented(word)])
    return (latin,) if len(latin) == len(word) else ()


def is_rare(word: str) -> bool:
    """Whether a folded word is none of the medical vocabulary, of which any may resemble a name."""
    return word not in medical_words()


@lru_cache(maxsize=256)
def _forms(names: frozenset[str]) -> _Forms:
    respelled: set[str] = set()
    sounds: set[str] = set()
    exact: set[str] = set()
    for name in names:
        if has_cyrillic(name):
            if len(name) >= SHORTEST_BY_SOUND:
                sounds |= _declined(name)
            exact.update(spelled for form in name_forms(name) for spelled in latin_spellings(form))
        elif not name.isascii() and any(map(is_romanized, name)):
            spelled = latin_spellings(name)
            exact.update(spelled)
            sounds.update(
                sound for each in spelled if len(each) >= SHORTEST_BY_SOUND for sound in skeletons(each)
            )
        else:
            if len(name) >= SHORTEST_BY_SOUND:
                respelled |= _declined(cyrillic_spellings(name)[0])
            elif len(name) >= SHORTEST_WITH_Y and not _Y_I_J.isdisjoint(name):
                respelled.add(skeletons(name)[0])
    exact = {each for each in exact if len(each) >= SHORTEST_SPELLED}
    return _Forms(*map(frozenset, (respelled, sounds, exact)))


@lru_cache(maxsize=256)  # apart, since they cost the most, and many texts have no Cyrillic word
def _own(names: frozenset[str]) -> frozenset[str]:
    """Return the sounds of Cyrillic and Latin names in Cyrillic letters, in their cases."""
    own: set[str] = set()
    for name in names:
        if has_cyrillic(name):
            own |= _declined(name)
        elif (name.isascii() or not any(map(is_romanized, name))) and len(name) >= SHORTEST_SPELLED:
            for spelling in cyrillic_spellings(name):
                own |= _declined(spelling)
    return frozenset(own)


@bounded_cache(maxsize=4096)
def _declined(name: str) -> frozenset[str]:
    return skeletons_of(name_forms(name)) - {""}
