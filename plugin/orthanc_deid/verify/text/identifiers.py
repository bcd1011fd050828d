"""An original's identifying values in the forms in which a text may contain them.

The rule is published in `profile/RULES.md`, section "Identifying values, and where they are searched".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, wraps
from typing import Literal, NamedTuple, ParamSpec, TypeVar

from orthanc_deid.standard.device_terms import device_terms
from orthanc_deid.standard.medical_words import medical_words, name_titles
from orthanc_deid.verify.text.known_values import KnownValues
from orthanc_deid.verify.text.name_forms import name_forms
from orthanc_deid.verify.text.people import People
from orthanc_deid.verify.text.romanization import UNSPACED_LETTERS, is_cyrillic, keys, plain
from orthanc_deid.verify.text.romanized_names import in_russian_letters, other_macs

Kind = Literal["person", "id", "patient id", "place", "address", "phone", "birthdate", "date"]

_FEWEST_LETTERS = 2  # of a name's component
_FEWEST_SOUNDED = 5  # of a name that is compared by its sound with any word of the other alphabet
_FEWEST_CHARACTERS = 4  # of an identifier, an address, a phone number, and of a word of a place
_FEWEST_MIXED = 6  # letters and digits of an ID that counts inside other words
_IDS = frozenset(("id", "patient id"))
_OF_OTHERS = frozenset(("id", "place", "address", "phone"))  # kinds that a retained value may contain as well
_MOST_REMEMBERED = 1 << 14  # characters
_NAME_GROUPS = re.compile(r"[=\\]")
_PREFIX_AND_SUFFIX = (3, 4)  # among the components of a group, counted from 0
_APOSTROPHE = re.compile("['’`ʼ]")
_LETTERS = re.compile(r"[^\W\d_]+")
_OF_ONE_KIND = re.compile(r"[^\W\d_]+|\d+")
_NOT_WORD = re.compile(r"[\W_]+")
UNSPACED = re.compile(f"[{UNSPACED_LETTERS}]")
"""Letters of scripts without spaces between words, where a value is found wherever its letters occur."""

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae"})
_LEV = "lev"  # its regular forms are words of every report
_KEY_ENDINGS = ("a", "u", "om", "em", "e", "i", "im", "oi", "ei", "ov", "am", "ami", "ah", "ih", "imi")
_KEY_ADJECTIVE_ENDINGS = (
    "ogo",
    "ego",
    "omu",
    "emu",
    "im",
    "om",
    "em",
    "a",
    "oi",
    "ei",
    "u",
    "e",
    "ih",
    "imi",
)


class _Keys(NamedTuple):
    """Spelling keys of names for words of Latin and of Cyrillic letters; of short Latin names apart."""

    latin: set[str]
    cyrillic: set[str]
    short: set[str]


_P = ParamSpec("_P")
_R = TypeVar("_R")


def remember_values(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Decorate a function of the values of an instance with a cache, since a series repeats them.

    Its arguments are frozensets of values, each a text or a kind and a text; long ones are not cached.
    """
    cached = lru_cache(maxsize=64)(function)

    @wraps(function)
    def call(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        characters = sum(
            len(each) if isinstance(each, str) else len(each[1])
            for values in args
            if isinstance(values, frozenset)
            for each in values
        )
        if characters > _MOST_REMEMBERED:
            return function(*args, **kwargs)
        return cached(*args, **kwargs)  # type: ignore[arg-type]

    return call


def normalized(text: str) -> str:
    """Return the words of `text` in plain lower case, divided and surrounded by single spaces."""
    return f" {_NOT_WORD.sub(' ', plain(text)).strip()} "


@dataclass(frozen=True, slots=True, eq=False)  # a key of caches, and itself from one
class Identifiers:
    """The forms to search, by the way they are searched; every entry leads to its kind.

    `words`: whole words of a normalized text. `phrases`: several in a row, by the longest of them. `unspaced`: parts
    of texts in scripts without spaces. `mixed`: patterns of IDs of letters and digits, by their longest digits.
    `known`: days, numbers and addresses. `latin`, `cyrillic`: spelling keys (`romanization.keys`) of long names
    for words of that script, `short`: those of short Latin names for Cyrillic words. `people`: the parts of all
    names. `left_out`: how many values are not searched, by reason.
    """

    words: dict[str, Kind]
    phrases: dict[str, dict[str, Kind]]
    unspaced: dict[str, Kind]
    mixed: dict[str, dict[str, Kind]]
    known: KnownValues
    latin: frozenset[str]
    cyrillic: frozenset[str]
    short: frozenset[str]
    people: People
    left_out: Counter[str]


@remember_values
def make_identifiers(
    values: frozenset[tuple[Kind, str]], retained: frozenset[str] = frozenset()
) -> Identifiers:
    """Return the search forms of the identifying values of one instance, cached for the next of its series.

    `retained`: values that the profile keeps on purpose; words in them are not searched.
    """
    none: frozenset[str] = frozenset()
    people = People.of(sorted(text for kind, text in values if kind == "person"))
    known = KnownValues(each for each in values if each[1] not in retained)
    identifiers = Identifiers({}, {}, {}, {}, known, none, none, none, people, Counter())
    latin: set[str] = set()
    cyrillic: set[str] = set()
    short: set[str] = set()
    for kind, text in sorted(values):
        if kind == "person":
            _add_person(identifiers, text, _Keys(latin, cyrillic, short))
        elif kind == "date":
            continue
        elif kind == "birthdate":
            _add_birth_date(identifiers, text)
        else:
            if kind == "place" and _is_medical(text):
                identifiers.left_out["place: medical words alone"] += 1
                continue
            _add_whole(identifiers, kind, text)
            if kind == "place":
                _add_place_words(identifiers, text)
    _take_out(identifiers, retained)
    return Identifiers(
        identifiers.words,
        identifiers.phrases,
        identifiers.unspaced,
        identifiers.mixed,
        identifiers.known,
        frozenset(latin),
        frozenset(cyrillic),
        frozenset(short),
        people,
        identifiers.left_out,
    )


def _take_out(identifiers: Identifiers, retained: frozenset[str]) -> None:
    for text in retained:
        phrase = normalized(text)
        identifiers.left_out["retained by the profile"] += 1
        words = phrase.split()
        phrases = identifiers.phrases.get(max(words, key=len, default=""), {})
        for found, texts in ((phrases, [phrase]), (identifiers.words, words)):
            for each in texts:
                if found.get(each) in _OF_OTHERS:
                    del found[each]


def _add_phrase(identifiers: Identifiers, kind: Kind, phrase: str) -> None:
    words = phrase.split()
    if len(words) == 1:
        identifiers.words.setdefault(words[0], kind)
    elif words:
        identifiers.phrases.setdefault(max(words, key=len), {}).setdefault(phrase, kind)


def _add_whole(identifiers: Identifiers, kind: Kind, text: str) -> None:
    phrase = normalized(text)
    is_short = len(text.strip(" \0")) < _FEWEST_CHARACTERS
    if kind != "patient id" and is_short and not (kind == "id" and _is_code(phrase.strip())):
        identifiers.left_out[f"{kind}: fewer than {_FEWEST_CHARACTERS} characters"] += 1
    elif len(phrase.strip()) <= (0 if kind == "patient id" else 1):
        identifiers.left_out[f"{kind}: no letter or digit"] += 1
    else:
        _add_phrase(identifiers, kind, phrase)
        dense = phrase.replace(" ", "")
        if UNSPACED.search(phrase):
            identifiers.unspaced.setdefault(dense, kind)
        elif kind in _IDS and len(dense) >= _FEWEST_MIXED and not (dense.isalpha() or dense.isdigit()):
            _add_mixed(identifiers, kind, phrase)


def _is_code(word: str) -> bool:
    """Whether an ID of three characters counts as a whole word: letters and two digits (A17)."""
    digits = sum(map(str.isdigit, word))
    return len(word) == 3 and word.isalnum() and digits == 2


def _add_mixed(identifiers: Identifiers, kind: Kind, phrase: str) -> None:
    parts = _OF_ONE_KIND.findall(phrase)
    before, behind = ("(?<!\\d)" if parts[0].isdigit() else "", "(?!\\d)" if parts[-1].isdigit() else "")
    digits = max(filter(str.isdigit, parts), key=len, default="")
    if digits:
        identifiers.mixed.setdefault(digits, {})[before + " ?".join(map(re.escape, parts)) + behind] = kind


def _is_medical(text: str) -> bool:
    words = normalized(text).split()
    return any(map(str.isalpha, words)) and all(map(_has_medical_letters, words))


def _has_medical_letters(word: str) -> bool:
    """Whether the letters between the digits of a word are medical words; single letters are ignored."""
    return all(len(run) == 1 or run in medical_words() for run in _LETTERS.findall(word))


def _add_place_words(identifiers: Identifiers, text: str) -> None:
    for word in normalized(text).split():
        if sum(map(str.isalpha, word)) < _FEWEST_CHARACTERS:
            identifiers.left_out[f"place: word of fewer than {_FEWEST_CHARACTERS} letters"] += 1
        elif _has_medical_letters(word):
            identifiers.left_out["place: medical word"] += 1
        else:
            identifiers.words.setdefault(word, "place")


def _add_person(identifiers: Identifiers, text: str, of_names: _Keys) -> None:
    whole = normalized(text)
    if len(whole.split()) > 1:
        _add_phrase(identifiers, "person", whole)
    for group in _NAME_GROUPS.split(text) if UNSPACED.search(whole) else ():
        letters = "".join(_LETTERS.findall(normalized(group)))
        if len(letters) >= _FEWEST_LETTERS and UNSPACED.search(letters):
            identifiers.unspaced.setdefault(letters, "person")
    components = [each for group in _NAME_GROUPS.split(text) for each in enumerate(group.split("^"))]
    by_place = [(place, _name_words(identifiers, component)) for place, component in components]
    named = {word for place, words in by_place for word in words if not _is_title(word, place)}
    skipped = {word for place, words in by_place for word in words} - named if named else set()
    if skipped:
        identifiers.left_out["person: title as prefix or suffix"] += len(skipped)
    for word in {word for _, words in by_place for word in words} - skipped:
        _add_name_word(identifiers, word, of_names)
    for _, component in components:
        for part in _APOSTROPHE.split(component) if _APOSTROPHE.search(component) else ():
            for word in normalized(part).split():
                if sum(map(str.isalpha, word)) > _FEWEST_LETTERS:  # O'Neil is Neil as well
                    _add_name_word(identifiers, word, of_names)
        _add_umlauts(identifiers, component)


def _name_words(identifiers: Identifiers, component: str) -> list[str]:
    words = normalized(component).split()
    least = (
        _FEWEST_LETTERS if len(words) == 1 else _FEWEST_LETTERS + 1
    )  # this leaves out the "de" and "van" of a name
    terms = _terms_of_codes(component)
    long = [
        word
        for word in words
        if word not in terms and (sum(map(str.isalpha, word)) >= least or UNSPACED.search(word))
    ]
    if len(long) < len(words):
        identifiers.left_out[f"person: word of fewer than {least} letters"] += len(words) - len(long)
    return long


def _terms_of_codes(component: str) -> frozenset[str]:
    """Return the words beside digits in a part of a name that are terms, not names: of LUNG-0001, not IVANOV-85."""
    coded = [part for part in component.split() if any(map(str.isdigit, part))]
    words = {word for part in coded for word in normalized(part).split() if word.isalpha()}
    return frozenset(word for word in words if word in medical_words() or word in device_terms().words)


def _is_title(word: str, place: int) -> bool:
    """Whether a word is a title in the place of a PN's prefix or suffix (PS3.5 section 6.2), and no name."""
    return place in _PREFIX_AND_SUFFIX and word in name_titles()


def _add_name_word(identifiers: Identifiers, word: str, of_names: _Keys) -> None:
    if UNSPACED.search(word) and len(word) > 1:
        identifiers.unspaced.setdefault(word, "person")
    elif is_cyrillic(word):
        declined = name_forms(word) | name_forms(in_russian_letters(word))
        identifiers.words.update(dict.fromkeys(declined, "person"))
        if len(word) >= _FEWEST_SOUNDED:
            of_names.latin.update(key for form in declined for key in keys(form))
    else:
        identifiers.words.update(dict.fromkeys((word, *other_macs(word)), "person"))
        if word.isalpha() and len(word) > _FEWEST_LETTERS:
            found = of_names.cyrillic if len(word) >= _FEWEST_SOUNDED else of_names.short
            found.update(form for key in keys(word) for form in _declined_key(key))


def _add_umlauts(identifiers: Identifiers, component: str) -> None:
    for word in _NOT_WORD.split(component.casefold()):
        spelled = word.translate(_UMLAUTS)
        if spelled != word and len(word) > _FEWEST_LETTERS:
            identifiers.words.setdefault(plain(spelled), "person")


def _declined_key(key: str) -> set[str]:
    """Return the keys of the Russian cases of a name that is known in Latin letters only."""
    if len(key) <= _FEWEST_LETTERS:
        return {key}
    if key == _LEV:
        return {each for form in name_forms("лев") for each in keys(form)}
    stem, last = key[:-1], key[-1]
    if last == "i" and len(stem) <= _FEWEST_LETTERS:
        return {key, *(stem + ending for ending in ("a", "e", "em"))}  # no adjective; nor Мау of Шейерман-Мау
    if last == "i":
        return {key, *(stem + ending for ending in _KEY_ADJECTIVE_ENDINGS)}
    if last in "aeou":
        return {key, stem, *(stem + ending for ending in _KEY_ENDINGS)}
    return {key, *(key + ending for ending in _KEY_ENDINGS)}


def _add_birth_date(identifiers: Identifiers, text: str) -> None:
    """Add a birth date that is no day as it is written; `known` holds the days."""
    digits = text.strip(" \0").replace(".", "")
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        _add_whole(identifiers, "birthdate", text)
