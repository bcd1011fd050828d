"""Words of medicine: the vocabulary that free text is measured by; `vocabulary/SOURCE.md` says whence it is.

Words are folded: lower case, ё as е. The lists are read when they are first asked for, which takes some 20 ms. The
Russian ones hold stems and the endings that they take, as a list of all forms would be twenty times as long; a form
that no one uses may be among those, which does no harm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

_LONGEST_ENDING: Final = 5
_LETTERS = re.compile(r"[^\W\d_]+")
_VELARS: Final = "кгх"
_SIBILANTS: Final = "жшщч"
_AFTER_CONSONANT: Final = {"adj": ("adjk", "part"), "m": ("mk", "mch"), "f": ("fk", "fch")}

Paradigms = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class WordList:
    """Forms as they stand, and stems with the endings that each may take."""

    forms: frozenset[str]
    stems: Mapping[str, frozenset[str]]

    def __contains__(self, word: object) -> bool:
        if not isinstance(word, str):
            return False
        if word in self.forms:
            return True
        for length in range(len(word), max(len(word) - _LONGEST_ENDING, 1) - 1, -1):
            endings = self.stems.get(word[:length])
            if endings is not None and word[length:] in endings:
                return True
        return False


@cache
def medical_words() -> WordList:
    """Return the words that medical texts use, English and Russian; eponyms that nobody else bears among them."""
    return _read("standard.txt", "english.txt", "russian.txt", "eponyms.txt")


@cache
def eponyms_in_context() -> WordList:
    """Return the names of signs, fractures and the like that are common family names as well."""
    return _read("eponyms_in_context.txt")


@cache
def eponym_heads() -> WordList:
    """Return the words beside which a word of `eponyms_in_context` is an eponym: sign, fracture, болезнь."""
    return _read("eponym_heads.txt", "eponyms.txt")


@cache
def name_titles() -> frozenset[str]:
    """Return titles, degrees and generations (dr, phd, jr, проф), which name nobody as prefix or suffix of a PN."""
    return _read("name_titles.txt").forms


@cache
def modality_codes() -> frozenset[str]:
    """Return the codes of modalities (ct, кт) that a name may be glued to; each has two to four letters."""
    return _read("modality_codes.txt").forms


def _read(*names: str) -> WordList:
    paradigms = _paradigms()
    forms: set[str] = set()
    stems: dict[str, frozenset[str]] = {}
    for name in names:
        for block, used in _blocks(_lines(name)):
            if not used:
                forms.update(block)
            for stem in block if used else ():
                endings = (paradigms[_spelled(paradigm, stem)] for paradigm in used)
                stems[stem] = stems.get(stem, frozenset()).union(*endings)
    return WordList(frozenset(forms), stems)


def _blocks(lines: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    """Yield words and the paradigms that they take, none for forms as they stand.

    A block ends with an empty line, or with the line that names its paradigms: `stem stem | paradigm paradigm`.
    """
    block: list[str] = []
    for line in [*lines, ""]:
        if "=" in line:
            continue
        words, bar, paradigms = line.partition("|")
        block += _LETTERS.findall(words)
        if bar or not line:
            yield block, paradigms.split()
            block = []


def _spelled(paradigm: str, stem: str) -> str:
    """Return the paradigm that Russian spelling demands after the stem's last letter: no -ы after к, г, х, ж, ш."""
    after_velar, after_sibilant = _AFTER_CONSONANT.get(paradigm, (paradigm, paradigm))
    return after_velar if stem[-1] in _VELARS else after_sibilant if stem[-1] in _SIBILANTS else paradigm


@cache
def _paradigms() -> Paradigms:
    """Return the endings by the paradigm's name, from lines such as `fs = ь и ью ей - ям`, where - is no ending."""
    pairs = (line.split("=") for line in _lines("russian.txt") if "=" in line)
    return {name.strip(): frozenset(endings.replace("-", " ").split()) | ({""} if "-" in endings else set())
            for name, endings in pairs}  # fmt: skip


def _lines(name: str) -> list[str]:
    """Return the lines of a list, folded, without comments; a line of comment is left out altogether."""
    text = (
        files(__package__).joinpath("vocabulary", name).read_text(encoding="utf-8").lower().replace("ё", "е")
    )
    return [line.partition("#")[0].strip() for line in text.splitlines() if not line.startswith("#")]
