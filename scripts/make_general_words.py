"""Make general_english.txt and general_russian.txt of the vocabulary: everyday words that are no names.

    python scripts/make_general_words.py SCOWL HUNSPELL

SCOWL is the folder of the word lists of Debian's package `scowl` (usr/share/dict/scowl), HUNSPELL the dictionary
`ru_RU.dic` of its package `hunspell-ru`. Needs the packages of name_lists.py and `pip install wordfreq`, whose
frequencies choose among the Russian words. A word that is a surname, a first name or a place as well is left out;
those that reports need are in the lists that are written by hand.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import name_lists
import word_stems
from name_lists import folded

VOCABULARY = Path(__file__).resolve().parents[1] / "plugin" / "orthanc_deid" / "standard" / "vocabulary"
LARGEST_SCOWL: Final = 60  # of its sizes; 70 holds many rare words
SPELLINGS: Final = frozenset(("english", "american", "british"))
LEAST_FREQUENCY: Final = 1.8  # of a Russian form, on the scale of Zipf: 10 to its power times in 10**9 words
LEFT_OUT: Final = frozenset({"Arch", "Erro", "Slng", "Abbr", "Init", "Infr", "Dist"})
FORMS_LEFT_OUT: Final = frozenset({"2per", "impr", "Supr", "Cmp2", "V-ey", "V-oy", "V-ej", "V-be", "V-en"})
NOT_INFLECTED: Final = frozenset({"ADVB", "PRED", "CONJ", "PREP", "PRCL", "NUMR", "NPRO", "COMP", "INTJ"})
FREQUENT: Final = 3.3  # on that scale
MOST_BEARERS: Final = 2  # of a surname in `russiannames` (of 4 million) that does not keep a word out
MOST_OF_FREQUENT: Final = 30  # that does not keep a frequent word out
MOST_IN_PERCENT: Final = 0.0004  # likewise of the census of the United States
LARGE_PLACE: Final = 500_000  # inhabitants
_WORD = re.compile("[а-я]{2,}")
_FROM_A_PLACE = re.compile("(?<!че)[сц]кий$")  # of adjectives, unless frequent
_LIKE_A_SURNAME = re.compile("(?:ский|ская|[оеи]в|[оеи]ва|ин|ина|енко)$")


def english_words(scowl: Path) -> set[str]:
    """Return the words of SCOWL that are no names."""
    found: set[str] = set()
    for path in scowl.glob("*-words.*"):
        spelling, _, size = path.name.partition("-words.")
        if spelling in SPELLINGS and int(size) <= LARGEST_SCOWL:
            found |= {
                word for word in path.read_text(encoding="latin-1").split() if re.fullmatch("[a-z]{2,}", word)
            }
    return {word for word in found if not _is_english_name(word)}


def _is_english_name(word: str) -> bool:
    """Whether a word is a name as well: a frequent word may be a rare surname, or a small place."""
    surname = name_lists.english_surnames().get(word)
    if word in name_lists.first_names() or word in name_lists.places(LARGE_PLACE):
        return True
    if _frequency(word, "en") >= FREQUENT:
        return (surname or 0) > MOST_IN_PERCENT
    return surname is not None or word in name_lists.other_names() or word in name_lists.places()


@cache
def _frequency(word: str, language: str) -> float:
    from wordfreq import zipf_frequency

    return zipf_frequency(word, language, wordlist="large")


def russian_forms(dictionary: Path) -> Iterator[set[str]]:
    """Yield the forms of each Russian word that is no name."""
    listed = {folded(line.partition("/")[0]) for line in dictionary.read_text(encoding="utf-8").splitlines()}
    for word, reading in sorted(_lexemes(listed).items()):
        is_from_place = _FROM_A_PLACE.search(word) and _frequency(word, "ru") < FREQUENT
        if not is_from_place and not is_name(word):
            yield from _groups(reading.lexeme)


def _lexemes(listed: set[str]) -> dict[str, Any]:
    """Return a reading of each word that is frequent enough and that the dictionary lists, by the word."""
    from wordfreq import get_frequency_dict

    found: dict[str, Any] = {}
    least = 10 ** (LEAST_FREQUENCY - 9)
    for form, frequency in get_frequency_dict("ru", wordlist="large").items():
        if frequency < least or not _WORD.fullmatch(folded(form)):
            continue
        for reading in _analyzer().parse(form):
            marks = set(reading.tag.grammemes)
            word = folded(reading.normal_form)
            is_usual = reading.is_known and not marks & (name_lists.NAMES | LEFT_OUT)
            if is_usual and (word in listed or marks & NOT_INFLECTED):
                found[word] = reading
    return found


def _groups(lexeme: list[Any]) -> Iterator[set[str]]:
    """Yield the forms of a lexeme: a verb's own, and those of each of its participles."""
    groups: dict[tuple[str, ...], set[str]] = {}
    for form in lexeme:
        tag, word = form.tag, folded(form.word)
        if (
            not (LEFT_OUT | FORMS_LEFT_OUT).isdisjoint(tag.grammemes)
            or not _WORD.fullmatch(word)
            or is_name(word)
        ):
            continue
        participle = tag.POS in ("PRTF", "PRTS")
        key = (str(tag.tense), str(tag.voice)) if participle else ()
        groups.setdefault(key, set()).add(word)
    yield from groups.values()


@cache
def is_name(form: str) -> bool:
    """Whether a form is a surname, a first name, a patronymic or a place as well; frequent words may be rare ones."""
    readings = (reading for reading in _analyzer().parse(form) if reading.is_known)
    marks = {mark for reading in readings for mark in reading.tag.grammemes}
    bearers = name_lists.russian_surnames().get(form, 0)
    if marks & {"Name", "Patr"} or bearers > MOST_OF_FREQUENT:
        return True
    if _frequency(form, "ru") >= FREQUENT and not (bearers > MOST_BEARERS and _LIKE_A_SURNAME.search(form)):
        return bool(marks & name_lists.NAMES and form in name_lists.places(LARGE_PLACE))
    if bearers > MOST_BEARERS or form in name_lists.places() or form in name_lists.other_names():
        return True
    return form in name_lists.first_names() or bool(marks & name_lists.NAMES)


@cache
def _analyzer() -> Any:
    import pymorphy3

    return pymorphy3.MorphAnalyzer()


def main(scowl: str, dictionary: str) -> None:
    """Write the lists."""
    from orthanc_deid.standard.medical_words import medical_words

    known = medical_words()
    made = "# Made by scripts/make_general_words.py; do not edit."
    needed = _needed()
    english = english_words(Path(scowl)) | {word for word in needed if word.isascii()}
    word_stems.write(
        VOCABULARY / "general_english.txt", made, ([word] for word in english if word not in known)
    )
    groups = [*russian_forms(Path(dictionary)), *(group for word in needed for group in _needed_forms(word))]
    unknown = (group for group in groups if any(form not in known for form in group))
    word_stems.write(VOCABULARY / "general_russian.txt", made, unknown)


def _needed() -> list[str]:
    """Return the words that are in the lists although they are names as well."""
    lines = (VOCABULARY / "general_needed.txt").read_text(encoding="utf-8").splitlines()
    return [word for line in lines if not line.startswith("#") for word in line.split()]


def _needed_forms(word: str) -> Iterator[set[str]]:
    """Yield the forms of a needed Russian word, with those that are names."""
    for reading in _analyzer().parse(word):
        if reading.is_known and folded(reading.normal_form) == folded(word) and not word.isascii():
            yield {
                folded(form.word) for form in reading.lexeme if FORMS_LEFT_OUT.isdisjoint(form.tag.grammemes)
            }


if __name__ == "__main__":
    main(*sys.argv[1:])
