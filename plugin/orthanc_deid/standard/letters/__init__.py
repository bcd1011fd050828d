"""Letters of other scripts in Latin ones, by sound and by shape; `SOURCE.md` names the sources.

Data for both engine and verifier. The lists are read on first use, which takes some 10 ms.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Final

# ruff: noqa: SIM905 (lists of forty words are read more easily as text)
_INITIALS: Final = tuple("g,kk,n,d,tt,r,m,b,pp,s,ss,,j,jj,ch,k,t,p,h".split(","))
_VOWELS: Final = tuple("a,ae,ya,yae,eo,e,yeo,ye,o,wa,wae,oe,yo,u,wo,we,wi,yu,eu,ui,i".split(","))
_FINALS: Final = tuple(",k,k,k,n,n,n,t,l,k,m,l,l,l,p,l,m,p,p,t,t,ng,t,t,k,t,p,t".split(","))
"""The letters of hangul in the order of Unicode (core specification, 3.12), with their usual spelling."""


@cache
def lookalikes() -> Mapping[str, str]:
    """Return the Latin letter that each letter of `lookalikes.txt` looks like."""
    return {
        case: latin
        for latin, letters in reversed(list(_lines("lookalikes.txt")))
        for letter in letters
        for case in (letter, letter.lower(), letter.casefold())
    }


def is_romanized(letter: str) -> bool:
    """Whether the lists give a letter in lower case a Latin spelling."""
    return letter in _latin() or "\uac00" <= letter <= "\ud7a3"


def romanized(word: str) -> tuple[str, ...]:
    """Return the Latin spellings of a word of letters in lower case, the usual one first; nothing if it has none.

    Katakana is read as hiragana. Only a word of one letter, as a family name, has further spellings.
    """
    pieces = [each for each in map(_hiragana, word) if each.isalnum() or each in _latin()]
    first = "".join(_spelled(pieces))
    if not first:
        return ()
    more = _family_names().get(pieces[0], ()) if len(pieces) == 1 else ()
    return tuple(dict.fromkeys((first, *more)))


def _spelled(letters: list[str]) -> Iterator[str]:
    pairs = _pairs()
    skip = False
    for letter, after in zip(letters, [*letters[1:], ""], strict=True):
        if skip:
            skip = False
        elif letter + after in pairs:
            skip = True
            yield pairs[letter + after]
        elif "\uac00" <= letter <= "\ud7a3":
            initial, rest = divmod(ord(letter) - 0xAC00, len(_VOWELS) * len(_FINALS))
            vowel, final = divmod(rest, len(_FINALS))
            yield _INITIALS[initial] + _VOWELS[vowel] + _FINALS[final]
        else:
            base = unicodedata.normalize("NFD", letter)[0]
            yield _latin().get(letter) or _latin().get(base) or (base if base.isascii() else "")


def _hiragana(letter: str) -> str:
    return chr(ord(letter) - 0x60) if "\u30a1" <= letter <= "\u30f6" else letter


@cache
def _latin() -> Mapping[str, str]:
    return {letter: latin for latin, letters in _lines("latin.txt") for letter in letters}


@cache
def _pairs() -> Mapping[str, str]:
    lines = (letters.split() for latin, letters in _lines("readings.txt") if latin == "=")
    return {letters: latin for latin, letters in lines}


@cache
def _family_names() -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for latin, letters in _lines("readings.txt"):
        if latin != "=":
            for letter in letters:
                found[letter].append(latin)
    return found


def _lines(name: str) -> Iterator[tuple[str, str]]:
    """Yield a Latin spelling, or `=`, and the rest of each line that is no comment."""
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            latin, _, letters = line.partition(" ")
            yield latin, letters
