"""Signs by which a text that was read in a wrong character set can be told from one that was written so."""

from __future__ import annotations

import re
from itertools import groupby, pairwise
from unicodedata import category, normalize

from orthanc_deid.verify.text.romanization import split_scripts

_DIVIDERS = re.compile(r"[\s\d_!-/:-@\[-^`{-~«»„“”‘’–—…]+")
_UNREADABLE = re.compile(r"[\x80-\x9f\u2320\u2321\u2500-\u25ff\ue000-\uf8ff\ufffd]")
_VOWELS = frozenset("aeiouyаеиоуыэюяієөүұәαεηιουω")
_SHORT = 3  # letters of a word that needs no vowel
_MARKED_LATIN = re.compile("[À-ɏ]")


def is_wrongly_read(text: str) -> bool:
    """Whether a word of the text is one that a wrong character set produces, and hardly anybody writes.

    Such words mix alphabets, or letters with signs; have small letters before capitals; begin with a hard or soft
    sign; have no vowel; or, in Latin letters, have marks on most of them.
    """
    return (
        _UNREADABLE.search(text) is not None
        or split_scripts(text) != text
        or any(map(_touch, pairwise(text)))
        or not all(map(_could_be_written, filter(None, _DIVIDERS.split(normalize("NFC", text)))))
    )


def has_marked_latin(text: str) -> bool:
    """Whether the text has Latin letters beyond ASCII."""
    return _MARKED_LATIN.search(text) is not None


def _touch(pair: tuple[str, str]) -> bool:
    """Whether a letter touches a sign beyond ASCII: a symbol, a control or a number that is none."""
    return any(
        first.isalpha() and second > "\x7f" and category(second)[0] in "SCNP" and not _DIVIDERS.match(second)
        for first, second in (pair, pair[::-1])
    )


def _could_be_written(word: str) -> bool:
    if word.isascii() or not word.isalpha():
        return word.isascii() or not any(map(str.isalpha, word))
    cases = ["u" if letter.isupper() else "l" if letter.islower() else "" for letter in word]
    runs = [(case, len(list(run))) for case, run in groupby(cases)]
    if not _cases_could_be_written(runs) or word[0] in "ЪЬъь":
        return False
    if len({_alphabet(letter) for letter in word}) > 1:
        return False
    bare = [normalize("NFD", letter)[0] for letter in word.casefold()]
    if runs[0][0] and len(word) > _SHORT and _VOWELS.isdisjoint(bare):
        return False
    return _alphabet(word[0]) != "latin" or 2 * sum(letter > "\x7f" for letter in word) <= len(word)


def _cases_could_be_written(runs: list[tuple[str, int]]) -> bool:
    """Whether the runs of capital and small letters are those of a word: ИВАНОВ, иванов, Иванов, МакДональд."""
    if len(runs) == 1:
        return True
    capitals_first = runs[0][0] == "u"
    inner = [length for case, length in runs if case == "u"]
    return capitals_first and set(inner) == {1} and runs[-1][0] == "l"


def _alphabet(letter: str) -> str:
    if letter < "\u0250" or "\u1e00" <= letter < "\u1f00":
        return "latin"
    return "greek" if letter < "\u0400" else "cyrillic" if letter < "\u0530" else "other"
