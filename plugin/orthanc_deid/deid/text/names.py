"""Words of names of persons and places, with their other spellings and cases in texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from orthanc_deid.bounded_cache import bounded_cache
from orthanc_deid.deid.text.transliteration import katakana_widths, plain_latin
from orthanc_deid.standard.device_terms import device_terms
from orthanc_deid.standard.medical_words import medical_words, modality_codes, name_titles

SHORTEST_COMPONENT: Final = 2  # letters of a name component that is one word
SHORTEST_PART: Final = 3  # letters of a word in a component of several words, which excludes `de`
SHORTEST_PLACE: Final = 4  # letters of a word in the name of a place
SHORTEST_GLUED: Final = 4  # letters of a name that is joined to the code of a modality without a space
CODE_LENGTHS: Final = range(2, 5)  # letters of such a code

LETTERS: Final = re.compile(r"[^\W\d_]+")
_WORDS = re.compile(r"[^\W_]+")
_GROUPS = re.compile(r"[=\\]+")
_PIECES = re.compile(r"[,;/()]+")
_AFFIXES: Final = frozenset(
    (3, 4)
)  # indices of prefix and suffix among the components of a group (PS3.5 section 6.2)
UNSPACED_LETTERS: Final = r"\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f"
UNSPACED: Final = re.compile(f"[{UNSPACED_LETTERS}]")
"""Letters of scripts that write words without spaces: Thai, Japanese, Chinese, and Korean names."""

_CYRILLIC: Final = r"\u0400-\u052f"
_FOLDED: Final = (
    UNSPACED_LETTERS + r"\u10d0-\u10ff"
)  # including the Thai and Lao signs as `fold` returns them
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

    A word with digits is compared literally; so is a name in which no component has two letters. Titles as prefix or
    suffix are not words of a name, unless it has no others.
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
        coded = _terms_beside_digits(piece)
        for part in parts:
            runs = LETTERS.findall(part)
            joined = "".join(runs)
            if len(joined) < _shortest(joined, shortest) or (is_affix and joined in titles):
                continue
            if any(char.isdigit() for char in part):
                wholes.append(part)
                words.update(dict.fromkeys(_beside_digits(part)))
                continue
            if joined in coded:
                continue
            # O'Brien, Smith-Jones: each part, and the parts joined
            for word in dict.fromkeys((*runs, joined)):
                if len(word) >= _shortest(word, SHORTEST_COMPONENT):
                    words.update(dict.fromkeys((word, *plain_latin(word))))
    return words, wholes


def _beside_digits(part: str) -> Iterator[str]:
    """Yield the words of a part with digits that are names by themselves: of IVANOV-1985, not of LUNG-0001."""
    for word in _WORDS.findall(part):
        if word.isalpha() and len(word) >= SHORTEST_PART and not _is_term(word):
            yield from (word, *plain_latin(word))


def _terms_beside_digits(piece: str) -> frozenset[str]:
    """Return the words of a piece of a name that stand between signs beside digits, and are terms (LUNG_0001)."""
    coded = (part for part in piece.split() if any(char.isdigit() for char in part))
    return frozenset(word for part in coded for word in _WORDS.findall(part) if _is_term(word))


def _is_term(word: str) -> bool:
    return word in medical_words() or word in device_terms().words


def _shortest(word: str, letters: int) -> int:
    """Return the minimum length of a word of a name: `letters`, or 1 in a script without spaces."""
    return 1 if UNSPACED.search(word) else letters


def _pieces(name: str) -> Iterator[tuple[str, bool]]:
    """Yield the components of all groups, split at commas and brackets, and whether each is a prefix or suffix."""
    for group in _GROUPS.split(name):
        for index, component in enumerate(group.split("^")):
            yield from ((piece, index in _AFFIXES) for piece in _PIECES.split(component))


def place_words(place: str) -> Iterable[str]:
    """Yield the identifying words of a folded place: those that are no words of medical texts."""
    for word in LETTERS.findall(place):
        if len(word) >= SHORTEST_PLACE and word not in medical_words():
            yield from {word, *plain_latin(word)}


def place_codes(place: str) -> Iterable[str]:
    """Yield the words of a folded place that contain digits, and letters that are no medical word."""
    for word in _WORDS.findall(place):
        letters = sum(map(str.isalpha, word))
        if SHORTEST_PLACE <= letters < len(word) and not _has_medical_letters(word):
            yield word


def is_medical_place(place: str) -> bool:
    """Whether a folded place consists of medical words alone, as `Department of Radiology`; `B31f` is a code."""
    return any(map(str.isalpha, _WORDS.findall(place))) and _has_medical_letters(place)


def _has_medical_letters(text: str) -> bool:
    return all(len(word) == 1 or word in medical_words() for word in LETTERS.findall(text))


def in_parts(word: re.Match[str]) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield a folded word of letters with its span, and each of its parts that may be a name.

    Parts are the runs between changes of script (`_ALPHABETS`), and the rest of a word that begins or ends with the
    code of a modality.
    """
    yield word[0], word.span()
    for start, end in glued(word[0]):
        yield word[0][start:end], (word.start() + start, word.start() + end)
    if mixes_alphabets(word[0]):
        for part in _ALPHABETS.finditer(word.string, *word.span()):
            if len(part[0]) >= _shortest(part[0], SHORTEST_COMPONENT):
                yield from in_parts(part)


def alphabet_spans(word: re.Match[str]) -> Iterator[tuple[int, int]]:
    """Yield the spans of the runs of one alphabet in a folded word of letters."""
    yield from (part.span() for part in _ALPHABETS.finditer(word.string, *word.span()))


def glued(word: str) -> Iterator[tuple[int, int]]:
    """Yield the spans in a folded word that the code of a modality precedes or follows: CTIVANOV."""
    codes = modality_codes()
    for length in CODE_LENGTHS:
        if len(word) - length >= SHORTEST_GLUED:
            if word[:length] in codes:
                yield length, len(word)
            if word[-length:] in codes:
                yield 0, len(word) - length


def mixes_alphabets(folded: str) -> bool:
    """Whether a Cyrillic letter, or one of a script without spaces, is adjacent to another letter in `folded`."""
    return not folded.isascii() and _MIXED.search(folded) is not None
