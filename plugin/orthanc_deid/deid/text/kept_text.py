"""Technical texts and CS values, which stay as far as they are made of known words (RULES.md, "Kept text").

What a text holds of the instance's own identity is searched elsewhere; here goes what names anybody else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

from pydicom._uid_dict import UID_dictionary

from orthanc_deid.bounded_cache import bounded_cache
from orthanc_deid.deid.text.ages import old_age_spans
from orthanc_deid.deid.text.clean import MOST_PASSES, replaced, tidy
from orthanc_deid.deid.text.codes import is_code
from orthanc_deid.deid.text.dates_in_text import date_spans, neutral_in_text
from orthanc_deid.deid.text.identifier_patterns import identifier_spans, number_and_address_spans
from orthanc_deid.deid.text.identity import with_initials
from orthanc_deid.deid.text.spans import Span
from orthanc_deid.deid.text.transliteration import composed, fold
from orthanc_deid.deid.text.vocabulary import LONGEST_AFFIX, MOST_DIGITS, is_medical_word, unknown_spans
from orthanc_deid.standard.codes import unusual_meanings
from orthanc_deid.standard.device_terms import DeviceTerms, device_terms
from orthanc_deid.standard.tables import defined_terms

MOST_JOINED_DIGITS: Final = 6  # of numbers with only spaces, dashes, slashes or brackets between them
MOST_VERSION_DIGITS: Final = 10  # of numbers with dots between them

MOST_LETTERS_OF_CODE: Final = 3  # in a word with digits between its letters, if they form no words

_WORD = re.compile(r"[^\W_]+")
_BETWEEN_LETTERS = re.compile(r"[^\W\d_]\d+[^\W\d_]")
_SPELLED_OUT = re.compile(
    r"(?<![^\W_])(?:[^\W\d_](?:[\W_]{1,3}[^\W\d_](?![^\W_])){3,}|\d(?:[ /+-]{1,3}\d(?![^\W_]|[.,]\d)){3,})"
)  # four letters or digits and more, each by itself: a word, or a number
_SPACED_DAY = re.compile(r"(?<!\d)(?<!\d[.,])(\d\d) (\d\d) (\d\d)(?![.,]?\d)")
_LETTERS = re.compile(r"[^\W\d_]+")
_DIGIT = re.compile(r"\d")
_LONG_NUMBER = re.compile(r"\d{6}")
_JOINED_NUMBERS = re.compile(r"(?<!\d)\d+(?:[ ()+/-]+\d+)+")
_VERSION = re.compile(r"\d+(?:\.\d+)+")
_ORIENTATION = re.compile(r"[AFHLPR]{1,3}")  # of rows and columns: HFL
_DOTTED_TELEPHONE = re.compile(r"\d{3}\.\d{3}\.")


def kept_text(text: str, oldest: int) -> str:
    """Return what stays of one value of a kept text, empty where nothing does; `oldest`: of the ages in it."""
    if text in defined_terms() or _ORIENTATION.fullmatch(text):
        return text
    return _kept(text, oldest)


def kept_code(value: str, oldest: int) -> str:
    """Return what stays of a Code Value: all of a code of a scheme, of anything else what stays of a text."""
    return value if is_code(value) else kept_text(value, oldest)


@bounded_cache(maxsize=8192)
def _kept(written: str, oldest: int) -> str:
    """Remove until nothing is left to remove, since joined words may form a date or a number."""
    text = composed(written)
    if text != written and not any(map(str.isalnum, text)):
        return ""  # of what is not seen nothing stays
    if tuple(_WORD.findall(fold(text))) in _terms().phrases or text in unusual_meanings():
        return text
    for _ in range(MOST_PASSES):
        cuts = [*old_age_spans(text, oldest), *_cuts(text)]
        if not cuts:
            return text
        text = tidy(replaced(text, cuts))
        if not any(map(str.isalnum, text)):
            return ""
    return ""


def _cuts(text: str) -> Iterator[Span]:
    """Yield the stretches of `text` that do not stay; they may overlap."""
    yield from (span for span in identifier_spans(text) if not _is_version(text, span))
    yield from number_and_address_spans(text)
    if _DIGIT.search(text):
        yield from _number_spans(text)
        for start, end in date_spans(text):
            if neutral_in_text(text[start:end]) != text[start:end]:
                yield start, end
        yield from (match.span() for match in _SPACED_DAY.finditer(text) if _may_be_day(match))
        yield from _disguised_spans(text)
    yield from (match.span() for match in _SPELLED_OUT.finditer(text))
    yield from (with_initials(text, *span) for span in _unknown_spans(text))


def _may_be_day(match: re.Match[str]) -> bool:
    """Whether three numbers of two digits with blanks between are a day, a month and a year in a usual order."""
    first, second, third = map(int, match.groups())
    orders = ((first, second), (second, first), (third, second))
    return any(0 < day < 32 and 0 < month < 13 for day, month in orders)


def _disguised_spans(text: str) -> Iterator[Span]:
    """Yield the words with digits between more letters than a code has, some of which form no word (Sm1th)."""
    known: set[Span] | None = None
    for match in _WORD.finditer(text):
        if not _BETWEEN_LETTERS.search(match[0]) or not _is_disguised(match[0]):
            continue
        known = set(_words_of_phrases(text)) if known is None else known
        if match.span() not in known:
            yield match.span()


def _is_disguised(word: str) -> bool:
    words, folded = _terms().words, composed(fold(word))
    runs = _LETTERS.findall(folded)
    if folded in words or sum(map(len, runs)) <= MOST_LETTERS_OF_CODE:
        return False
    return not all(len(run) == 1 or run in words or is_medical_word(run) for run in runs)


def _number_spans(text: str) -> Iterator[Span]:
    """Yield the numbers, and the stretches of several, that have too many digits."""
    yield from (match.span() for match in _WORD.finditer(text) if _LONG_NUMBER.search(match[0]))
    for match in _JOINED_NUMBERS.finditer(text):
        if len(_DIGIT.findall(match[0])) > MOST_JOINED_DIGITS:
            yield match.span()
    for match in _VERSION.finditer(text):
        if not _is_version(text, match.span()):
            yield match.span()


def _is_version(text: str, span: Span) -> bool:
    """Whether a stretch is the number of a version, as 5.3.1.0, or a UID that the standard registers."""
    found = _VERSION.fullmatch(text, *span)
    if found is None or found[0] in UID_dictionary:
        return found is not None
    return len(found[0].replace(".", "")) <= MOST_VERSION_DIGITS and not _DOTTED_TELEPHONE.match(found[0])


def _unknown_spans(text: str) -> Iterator[Span]:
    """Yield the spans of the words that neither the vocabulary nor the terms of devices know."""
    unknown = [
        span for span in unknown_spans(text, everyday=False) if not _is_device_word(text[slice(*span)])
    ]
    if unknown:
        known = set(_words_of_phrases(text))
        yield from (span for span in unknown if span not in known)


def _words_of_phrases(text: str) -> Iterator[Span]:
    """Yield the spans of the words that form terms of several words."""
    words = [(fold(match[0]), match.span()) for match in _WORD.finditer(text)]
    phrases = _phrases_by_first_word()
    for index, (word, _) in enumerate(words):
        for phrase in phrases.get(word, ()):
            if tuple(each for each, _ in words[index : index + len(phrase)]) == phrase:
                yield from (span for _, span in words[index : index + len(phrase)])


@cache
def _terms() -> DeviceTerms:
    """Return the terms of devices, folded as texts are: katakana is hiragana."""
    terms = device_terms()
    return DeviceTerms(
        words=frozenset(map(fold, terms.words)),
        phrases=frozenset(tuple(map(fold, phrase)) for phrase in terms.phrases),
    )


@cache
def _phrases_by_first_word() -> Mapping[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    for phrase in _terms().phrases:
        found.setdefault(phrase[0], []).append(phrase)
    return found


@bounded_cache(maxsize=8192)
def _is_device_word(word: str) -> bool:
    """Whether a word is a term of a device, or made of such, medical words, and at most four digits."""
    words = _terms().words
    folded = composed(fold(word))  # kana of half width have their marks apart
    if folded in words:
        return True
    runs = _LETTERS.findall(folded)
    digits = len(_DIGIT.findall(word))
    if not runs or digits > MOST_DIGITS:
        return False
    shortest = LONGEST_AFFIX if digits else 0
    return all(len(run) <= shortest or run in words or is_medical_word(run) for run in runs)
