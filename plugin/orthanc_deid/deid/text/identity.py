"""The identifying values of an instance, and the search for them in texts (RULES.md, "Identifying values").

An `Identity` is built once per instance and searched for often. Words of persons' names are compared as whole words,
in any order and case, in the other alphabet and in every Russian case; other values are compared whole, with any
signs between their letters and digits. A word is a run of letters, so that `IVANOV_1985` still holds a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from orthanc_deid.bounded_cache import bounded_cache
from orthanc_deid.deid.text.hidden_names import hidden_spans
from orthanc_deid.deid.text.known_numbers import is_short_code
from orthanc_deid.deid.text.known_values import KnownValues, days_of
from orthanc_deid.deid.text.names import (
    LETTERS,
    UNSPACED,
    UNSPACED_LETTERS,
    glued,
    in_parts,
    is_medical_place,
    mixes_alphabets,
    person_words,
    place_codes,
    place_words,
)
from orthanc_deid.deid.text.respelled_names import hold_name
from orthanc_deid.deid.text.spans import Span
from orthanc_deid.deid.text.transliteration import composed, fold, searched, unaccented

PERSON: Final = "person"
PATIENT_ID_KIND: Final = "patient_id"
PLACE: Final = "place"
BIRTH_DATE: Final = "birthdate"
DATE: Final = "date"
IDS: Final = frozenset((PATIENT_ID_KIND, "id"))
KINDS: Final = frozenset((PERSON, PATIENT_ID_KIND, PLACE, BIRTH_DATE, DATE, "id", "address", "phone"))
_PARAMETERS: Final = ("births", "days", "patients", "ids", "phones", "addresses")
_KNOWN: Final = {
    BIRTH_DATE: "births",
    DATE: "days",
    PATIENT_ID_KIND: "patients",
    "id": "ids",
    "phone": "phones",
    "address": "addresses",
}

MOST_PASSES: Final = 10
SHORTEST_VALUE: Final = 4  # characters; a PatientID of any length is searched
SHORTEST_MIXED: Final = 6  # letters and digits of an ID that is found inside other words: XPIDX48151

_PADDING: Final = " \0^=\\"
_RUN = re.compile(r"[^\W_]+")
_OF_ONE_KIND = re.compile(r"[^\W\d_]+|\d+")
_WITH_APOSTROPHES = re.compile(r"(?<![^\W\d_])[^\W\d_]+(?:['’`ʼ][^\W\d_]+)+")
_APOSTROPHES = str.maketrans(dict.fromkeys("'’`ʼ"))
_INITIALS_BEFORE = re.compile(r"(?<![^\W_])[A-ZА-ЯЁ]\.(?:\s?-?[A-ZА-ЯЁ]\.)?\s?$")
_INITIALS_AFTER = re.compile(r"[\s,]{0,2}[A-ZА-ЯЁ]\.(?:-?[A-ZА-ЯЁ](?![^\W_])\.?|\s[A-ZА-ЯЁ]\.)?")
_INITIALS_LENGTH: Final = 8  # characters in which two initials before a name have their place
_SIGNS_BETWEEN: Final = r"(?:(?!\0)[\W_])*"  # a NUL stands between texts that are searched at once
_NOTHING_BETWEEN = re.compile(r"[\s,.;^=_-]*")


@dataclass(frozen=True, slots=True, eq=False)  # a key of caches: equal ones are made once for a study
class Identity:
    """The identifying values of one instance, ready to be searched for; build it with `Identity.of`.

    `words` are folded words of letters; `values` the patterns of the values that are compared whole, each after a
    substring that every text with the value contains; `known` the dates, numbers and addresses; `people` the folded
    PN values.
    """

    words: frozenset[str]
    values: tuple[tuple[str, str], ...]
    known: KnownValues
    people: frozenset[str] = frozenset()

    @classmethod
    def of(cls, values: Iterable[tuple[str, str]]) -> Identity:
        """Return the identity of `values`: pairs of a kind and one decoded value of the original.

        Kinds are those of `standard/identity.csv`, and `patient_id` for PatientID, which is compared at any
        length. The caller leaves out values that the profile retains. Raises ValueError for other kinds.
        """
        words: set[str] = set()
        wholes: dict[tuple[str, bool], None] = {}
        known: dict[str, dict[str, None]] = {}
        people: set[str] = set()
        for kind, value in values:
            if kind not in KINDS:
                raise ValueError("unknown kind of identifying value")
            folded = searched(composed(value))
            if kind == PERSON:
                folded = composed(folded.strip(" \0"))  # kana of half width have their marks apart
                people.add(folded)
                names, rest = person_words(folded)
                words.update(names)
                # å is compared as it is: without its mark it would be any single a
                exact = [each for each in rest if len(each) == 1 and unaccented(each) != each]
                words.update(exact)
                wholes.update(dict.fromkeys((each, False) for each in rest if each not in exact))
                continue
            folded = folded.strip(_PADDING)
            known.setdefault(_KNOWN.get(kind, kind), {})[folded] = None
            if kind in (BIRTH_DATE, DATE) and (kind == DATE or any(days_of(folded))):
                continue
            if kind == PLACE:
                words.update(place_words(folded))
                wholes.update(dict.fromkeys((code, False) for code in place_codes(folded)))
                if len(folded) >= SHORTEST_VALUE and not is_medical_place(folded):
                    wholes[folded, False] = None
            elif kind == PATIENT_ID_KIND or is_short_code(folded) or _is_long(folded):
                wholes[folded, kind in IDS] = None
        patterns = filter(None, (_value_pattern(*whole) for whole in wholes))
        values_by_kind = {parameter: known.get(parameter, ()) for parameter in _PARAMETERS}
        return cls(frozenset(words), tuple(patterns), KnownValues.of(**values_by_kind), frozenset(people))

    def finds(self, text: str) -> bool:
        """Whether any of the values occurs in `text`; several texts joined by NULs can be searched at once."""
        folded = searched(composed(text))
        if mixes_alphabets(folded):
            found = {word for match in LETTERS.finditer(folded) for word, _ in in_parts(match)}
        else:
            found = set(LETTERS.findall(folded))
            found.update([word[start:end] for word in found for start, end in glued(word)])
        if not self.words.isdisjoint(found) or any(self._apostrophe_spans(folded)):
            return True
        plain = unaccented(folded)
        if any(stretch in plain and _compiled(pattern).search(plain) for stretch, pattern in self.values):
            return True
        if self.known.finds(plain) or any(self._unspaced_spans(folded)):
            return True
        return hold_name(self.words, found) or any(hidden_spans(self.people, folded, self._is_name))

    def remove(self, text: str, replacement: str = "") -> str:
        """Return `text` (composed) with `replacement` for each value in it, including the initials of a name.

        Adjacent spans are replaced as one; the spaces and signs around them stay.
        """
        text = composed(text)
        for _ in range(MOST_PASSES):  # what is left of a text may be a name in its turn
            cuts = self.spans(text)
            if not cuts:
                break
            pieces, end = [], 0
            for start, stop in _merged(sorted(cuts), text):
                pieces += [text[end:start], replacement]
                end = stop
            text = "".join([*pieces, text[end:]])
        return text

    def spans(self, text: str) -> list[Span]:
        """Return the spans of the values in `text` (composed), names with their initials, in no order."""
        folded = searched(text)
        found = [
            with_initials(text, *span)
            for match in LETTERS.finditer(folded)
            for word, span in in_parts(match)
            if self._is_name(word)
        ]
        found += [with_initials(text, *span) for span in hidden_spans(self.people, folded, self._is_name)]
        plain = unaccented(folded)
        for stretch, pattern in self.values:
            if stretch in plain:
                found.extend(match.span() for match in _compiled(pattern).finditer(plain))
        return [
            *found,
            *self._unspaced_spans(folded),
            *self._apostrophe_spans(folded),
            *self.known.spans(plain),
        ]

    def _is_name(self, word: str) -> bool:
        """Whether a folded word is a name by itself, in any spelling."""
        return word in self.words or hold_name(self.words, (word,))

    def _unspaced_spans(self, folded: str) -> Iterator[Span]:
        """Yield the spans of names in scripts without spaces, regardless of the adjacent characters."""
        if not folded.isascii() and UNSPACED.search(folded):
            for word in self.words:
                if len(word) > 1 and UNSPACED.search(word):
                    yield from (match.span() for match in _unspaced_pattern(word).finditer(folded))

    def _apostrophe_spans(self, folded: str) -> Iterator[Span]:
        """Yield the spans of names that are written with apostrophes they do not contain."""
        if any(sign in folded for sign in "'’`ʼ"):
            for match in _WITH_APOSTROPHES.finditer(folded):
                if match[0].translate(_APOSTROPHES) in self.words:
                    yield match.span()

    def day_spans(self, text: str) -> list[Span]:
        """Return the spans of the days of the instance in `text` (composed), its birth date aside."""
        return list(self.known.day_spans(unaccented(fold(text))))


def _is_long(value: str) -> bool:
    """Whether a value has enough characters to be compared, several letters or digits among them."""
    return len(value) >= SHORTEST_VALUE and sum(map(str.isalnum, value)) > 1


@bounded_cache(maxsize=4096)
def _value_pattern(value: str, is_id: bool) -> tuple[str, str] | None:
    """Return a substring of every text with the folded value, and its pattern; None without letters and digits.

    Any signs may separate its letters and digits. No letter or digit may be adjacent to it; but with four letters and
    digits or more, a letter may be adjacent to a digit and a digit to a letter. An ID of letters and digits that is
    long enough may have adjacent letters; a value in a script without spaces is found next to any character.
    """
    runs = _RUN.findall(unaccented(value))
    if not runs:
        return None
    joined = "".join(runs)
    if UNSPACED.search(value):
        return joined[0], _SIGNS_BETWEEN.join(map(re.escape, joined))
    if is_id and len(joined) >= SHORTEST_MIXED and not joined.isdigit() and not joined.isalpha():
        runs = _OF_ONE_KIND.findall(unaccented(value))
        before, behind = (
            "(?<!\\d)" if joined[0].isdigit() else "",
            "(?!\\d)" if joined[-1].isdigit() else "",
        )
        return max(runs, key=len), before + _SIGNS_BETWEEN.join(map(re.escape, runs)) + behind
    is_short = len(joined) < SHORTEST_VALUE
    beside = [_adjacent(edge, is_short=is_short) for edge in (joined[0], joined[-1])]
    pattern = _SIGNS_BETWEEN.join(map(re.escape, runs))
    return max(runs, key=len), f"(?<!{beside[0]}){pattern}(?!{beside[1]})"


def _adjacent(edge: str, *, is_short: bool) -> str:
    """Return the characters that may not be adjacent to the first or last letter or digit of a value."""
    if is_short:
        return r"[^\W_]" if edge.isdigit() else rf"[^\W_{UNSPACED_LETTERS}]"
    return r"\d" if edge.isdigit() else rf"[^\W\d_{UNSPACED_LETTERS}]"


_compiled = lru_cache(maxsize=1024)(re.compile)


@lru_cache(maxsize=1024)
def _unspaced_pattern(word: str) -> re.Pattern[str]:
    return re.compile(_SIGNS_BETWEEN.join(map(re.escape, word)))


def with_initials(text: str, start: int, end: int) -> Span:
    """Return the span of a name including the initials before and after it."""
    before = _INITIALS_BEFORE.search(text, max(start - _INITIALS_LENGTH, 0), start)
    after = _INITIALS_AFTER.match(text, end)
    return before.start() if before else start, after.end() if after else end


def _merged(cuts: list[Span], text: str) -> list[Span]:
    """Return the sorted `cuts`, merged where they overlap or only spaces and signs separate them."""
    merged = [cuts[0]]
    for start, end in cuts[1:]:
        last = merged[-1]
        if start <= last[1] or _NOTHING_BETWEEN.fullmatch(text, last[1], start):
            merged[-1] = (last[0], max(last[1], end))
        else:
            merged.append((start, end))
    return merged
