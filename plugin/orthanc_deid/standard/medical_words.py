"""The medical vocabulary by which free text is cleaned; `vocabulary/SOURCE.md` names its sources.

Words are folded: lower case, ё as е. The lists are read on first use, which takes some 30 ms. The Russian lists hold
stems with their endings, since a list of all forms would be twenty times as long; unused forms among them do no harm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Final

from orthanc_deid.standard.compact_words import CompactList, read_compact

_LONGEST_ENDING: Final = 5
_LETTERS = re.compile(r"[^\W\d_]+")
_VELARS: Final = "кгх"
_SIBILANTS: Final = "жшщч"
_AFTER_CONSONANT: Final = {"adj": ("adjk", "part"), "m": ("mk", "mch"), "f": ("fk", "fch")}

Paradigms = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class WordList:
    """Complete forms, stems with the endings of each, and what is in none of them although a stem has the ending."""

    forms: frozenset[str]
    stems: Mapping[str, frozenset[str]]
    inflected: CompactList | None = None
    left_out: frozenset[str] = frozenset()

    def __contains__(self, word: object) -> bool:
        if not isinstance(word, str) or word in self.left_out:
            return False
        if word in self.forms:
            return True
        for length in range(len(word), max(len(word) - _LONGEST_ENDING, 1) - 1, -1):
            endings = self.stems.get(word[:length])
            if endings is not None and word[length:] in endings:
                return True
        return self.inflected is not None and word in self.inflected


@cache
def medical_words() -> WordList:
    """Return English and Russian words of medical texts, with the eponyms that are not common family names."""
    words = _read("standard.txt", "english.txt", "english_specialties.txt", "russian.txt", "eponyms.txt")
    left_out = _read("surnames.txt").forms
    return replace(words, inflected=read_compact("russian_forms.txt"), left_out=left_out)


@cache
def structure_words() -> WordList:
    """Return the words of structure names (AAPM TG-263), which are known in such names only."""
    return _read("structures.txt")


@cache
def eponyms_in_context() -> WordList:
    """Return the eponyms (of signs, fractures) that are also common family names."""
    return _read("eponyms_in_context.txt")


@cache
def eponym_heads() -> WordList:
    """Return the words next to which a word of `eponyms_in_context` is an eponym: sign, fracture, болезнь."""
    return _read("eponym_heads.txt", "eponyms.txt")


@cache
def name_titles() -> frozenset[str]:
    """Return titles, degrees and generations (dr, phd, jr, проф), which as parts of a PN identify nobody."""
    return _read("name_titles.txt").forms


@cache
def address_words() -> frozenset[str]:
    """Return the words of addresses in general (street, city, улица), which identify no place by themselves."""
    return _read("address_words.txt").forms


@cache
def institution_words() -> WordList:
    """Return words for institutions and places (hospital, посёлок), next to which a word may be their name."""
    return _read("institution_words.txt")


@cache
def modality_codes() -> frozenset[str]:
    """Return the codes of modalities (ct, кт) that may be joined to a name; each has two to four letters."""
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
    """Yield words and their paradigms, which are empty for complete forms.

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
    """Return the paradigm by the last letter of the stem (Russian spelling: no -ы after к, г, х, ж, ш)."""
    after_velar, after_sibilant = _AFTER_CONSONANT.get(paradigm, (paradigm, paradigm))
    return after_velar if stem[-1] in _VELARS else after_sibilant if stem[-1] in _SIBILANTS else paradigm


@cache
def _paradigms() -> Paradigms:
    """Return the endings by the paradigm's name, from lines such as `fs = ь и ью ей - ям`; - is the empty ending."""
    pairs = (line.split("=") for line in _lines("russian.txt") if "=" in line)
    return {name.strip(): frozenset(endings.replace("-", " ").split()) | ({""} if "-" in endings else set())
            for name, endings in pairs}  # fmt: skip


def _lines(name: str) -> list[str]:
    """Return the lines of a list, folded, without comments and comment lines."""
    text = (
        files(__package__).joinpath("vocabulary", name).read_text(encoding="utf-8").lower().replace("ё", "е")
    )
    return [line.partition("#")[0].strip() for line in text.splitlines() if not line.startswith("#")]
