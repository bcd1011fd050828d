"""What an instance says of persons and places, and where it stands in texts (RULES.md, "Identifying values").

An `Identity` is built once per instance and asked often. Words of persons' names are compared as whole words in any
order and case, in the other alphabet and in every Russian case; other values are compared whole. A word is a run of
letters: digits, spaces and signs end it, so that `IVANOV_1985` still holds a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Final

from orthanc_deid.deid.birth_dates import written_birth_dates
from orthanc_deid.deid.inflection import name_forms
from orthanc_deid.deid.transliteration import (
    composed,
    cyrillic_spellings,
    fold,
    has_cyrillic,
    plain_latin,
    skeleton,
    skeletons,
)
from orthanc_deid.standard.words import medical_words

PERSON: Final = "person"
PATIENT_ID: Final = "patient_id"
PLACE: Final = "place"
BIRTH_DATE: Final = "birthdate"
WHOLE: Final = frozenset(("id", "address", "phone", PLACE))
KINDS: Final = WHOLE | {PERSON, PATIENT_ID, BIRTH_DATE}

SHORTEST_WORD: Final = 2  # letters of a component of a person's name
SHORTEST_VALUE: Final = 4  # characters of any other value, PatientID excepted; letters of a word of a place
SHORTEST_RESPELLED: Final = 5  # letters of a Latin name that is searched in other Latin spellings, too

_PADDING: Final = " \0^=\\"
_LETTERS = re.compile(r"[^\W\d_]+")
_COMPONENT = re.compile(r"[^\s^=\\,.;:/()_]+")
_CHINESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_INITIALS_BEFORE = re.compile(r"(?<![^\W_])[A-ZА-ЯЁ]\.(?:\s?-?[A-ZА-ЯЁ]\.)?\s?$")
_INITIALS_AFTER = re.compile(r"[\s,]{0,2}[A-ZА-ЯЁ]\.(?:-?[A-ZА-ЯЁ](?![^\W_])\.?|\s[A-ZА-ЯЁ]\.)?")
_INITIALS_LENGTH: Final = 8  # characters in which two initials before a name have their place
_NOTHING_BETWEEN = re.compile(r"[\s,.;^=_-]*")


@dataclass(frozen=True, slots=True)
class Identity:
    """The identifying values of one instance, ready to be searched for; build it with `Identity.of`.

    All are folded (`transliteration.fold`): `words` of letters, `values` with other characters too, which must not
    touch a letter or digit in the text, and `births`, the days of birth as DICOM writes them.
    """

    words: frozenset[str]
    values: tuple[str, ...]
    births: tuple[str, ...]

    @classmethod
    def of(cls, values: Iterable[tuple[str, str]]) -> Identity:
        """Return the identity that `values` make: (kind, value) pairs, each one value of the original, decoded.

        Kinds are those of `standard/identity.csv`, and `patient_id` for PatientID, which is compared whatever its
        length. Values that the profile retains are for the caller to leave out. Raises ValueError for other kinds.
        """
        words: set[str] = set()
        wholes: dict[str, None] = {}
        births: dict[str, None] = {}
        for kind, value in values:
            if not value:
                continue
            if kind == PERSON:
                names, rest = _person(value)
                words.update(names)
                wholes.update(dict.fromkeys(rest))
                continue
            if kind not in KINDS:
                raise ValueError("unknown kind of identifying value")
            folded = fold(composed(value)).strip(_PADDING)
            if kind == BIRTH_DATE and written_birth_dates(folded):
                births[folded] = None
            elif len(folded) >= SHORTEST_VALUE or (kind == PATIENT_ID and folded):
                wholes[folded] = None
            if kind == PLACE:
                words.update(_place_words(value))
        return cls(frozenset(words), tuple(wholes), tuple(births))

    def finds(self, text: str) -> bool:
        """Whether any of the values stands in `text`; several texts may be joined by a NUL to be searched at once."""
        folded = fold(composed(text))
        found = set(_LETTERS.findall(folded))
        return (
            not self.words.isdisjoint(found)
            or any(value in folded and any(_places(value, folded)) for value in self.values)
            or (bool(self.births) and any(self._birth_places(folded)))
            or _hold_name(self.words, found, folded)
        )

    def remove(self, text: str, replacement: str = "") -> str:
        """Return `text` (composed) with `replacement` for each value in it and for initials beside a name.

        Neighbouring stretches are replaced as one; spaces and signs around them are for the caller to tidy.
        """
        text = composed(text)
        cuts = self.spans(text)
        if not cuts:
            return text
        pieces, end = [], 0
        for start, stop in _merged(sorted(cuts), text):
            pieces += [text[end:start], replacement]
            end = stop
        return "".join([*pieces, text[end:]])

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where values stand in `text` (composed), names with the initials beside them: in no order."""
        folded = fold(text)
        cuts = []
        for match in _LETTERS.finditer(folded):
            if match[0] in self.words or _hold_name(self.words, (match[0],), match[0]):
                cuts.append(with_initials(text, match.start(), match.end()))
        for value in self.values:
            cuts.extend(_places(value, folded))
        cuts.extend(self._birth_places(folded))
        return cuts

    def _birth_places(self, folded: str) -> Iterator[tuple[int, int]]:
        for birth in self.births:
            if birth[2:4] in folded:  # the last digits of the year stand in every form
                for date in written_birth_dates(birth):
                    yield from _places(date, folded)


@lru_cache(maxsize=4096)
def _person(value: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the words of a person's name (all component groups), and what of it must be compared as it is.

    A component with digits is compared as it is; so is a name in which no component has two letters.
    """
    words: dict[str, None] = {}
    wholes = []
    whole = fold(composed(value)).strip(_PADDING)
    for component in _COMPONENT.findall(whole):
        runs = _LETTERS.findall(component)
        if len("".join(runs)) < SHORTEST_WORD:
            continue
        if any(char.isdigit() for char in component):
            wholes.append(component)
            continue
        for word in dict.fromkeys(
            (*runs, "".join(runs))
        ):  # O'Brien, Smith-Jones: in parts, and written in one
            if len(word) >= SHORTEST_WORD:
                words.update(dict.fromkeys((word, *plain_latin(word))))
    if _CHINESE.search(whole):
        for group in whole.split("="):
            joined = "".join(_LETTERS.findall(group))
            if _CHINESE.search(joined) and len(joined) >= SHORTEST_WORD:
                words[joined] = None
    if whole and not words and not wholes:
        wholes = [whole, whole.replace("^", " ")]
    return tuple(words), tuple(wholes)


@lru_cache(maxsize=1024)
def _place_words(value: str) -> tuple[str, ...]:
    """Return the words of a place that tell which one it is: not those that medical texts use."""
    found = dict.fromkeys(_LETTERS.findall(fold(composed(value))))
    return tuple(word for word in found if len(word) >= SHORTEST_VALUE and word not in medical_words())


def _hold_name(words: frozenset[str], found: Iterable[str], folded: str) -> bool:
    """Whether one of the folded words `found` of `folded` is a form of a name, or a spelling in other letters."""
    if not words:
        return False
    if folded.isascii():
        return not _latin_forms(words).isdisjoint(chain.from_iterable(map(skeletons, found)))
    if _CHINESE.search(folded) and any(word in folded for word in words if _CHINESE.search(word)):
        return True
    for word in found:
        if has_cyrillic(word):
            if not _cyrillic_forms(words).isdisjoint(skeletons(word)):
                return True
        elif not _latin_forms(words).isdisjoint(skeletons(word)) or not words.isdisjoint(plain_latin(word)):
            return True
    return False


@lru_cache(maxsize=256)
def _latin_forms(words: frozenset[str]) -> frozenset[str]:
    """Return the skeletons by which names are known in Latin text.

    A Latin name is found there in its own spelling already; as another romanization of the same Russian name only
    where it is long enough not to be taken for another word.
    """
    forms: set[str] = set()
    for word in words:
        if has_cyrillic(word):
            forms |= _declined(word)
        elif len(word) >= SHORTEST_RESPELLED:
            forms |= _declined(cyrillic_spellings(word)[0])
    return frozenset(forms)


@lru_cache(maxsize=256)
def _cyrillic_forms(words: frozenset[str]) -> frozenset[str]:
    """Return the skeletons by which names are known in Cyrillic text, in every case."""
    forms: set[str] = set()
    for word in words:
        for spelling in (word,) if has_cyrillic(word) else cyrillic_spellings(word):
            forms |= _declined(spelling)
    return frozenset(forms)


@lru_cache(maxsize=4096)
def _declined(name: str) -> frozenset[str]:
    return frozenset(skeleton(form) for form in name_forms(name)) - {""}


def _places(value: str, folded: str) -> Iterator[tuple[int, int]]:
    """Yield where `value` stands in `folded` with no letter or digit touching it."""
    start = folded.find(value)
    while start >= 0:
        end = start + len(value)
        if not (folded[max(start - 1, 0) : start].isalnum() or folded[end : end + 1].isalnum()):
            yield start, end
        start = folded.find(value, start + 1)


def with_initials(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the stretch of a name with the initials that stand before or behind it."""
    before = _INITIALS_BEFORE.search(text, max(start - _INITIALS_LENGTH, 0), start)
    after = _INITIALS_AFTER.match(text, end)
    return before.start() if before else start, after.end() if after else end


def _merged(cuts: list[tuple[int, int]], text: str) -> list[tuple[int, int]]:
    """Return the sorted `cuts` with those made one that overlap or have nothing but spaces and signs between."""
    merged = [cuts[0]]
    for start, end in cuts[1:]:
        last = merged[-1]
        if start <= last[1] or _NOTHING_BETWEEN.fullmatch(text, last[1], start):
            merged[-1] = (last[0], max(last[1], end))
        else:
            merged.append((start, end))
    return merged
