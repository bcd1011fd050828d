"""Days, numbers and addresses of the original in texts; one pass over a text, whatever the number of values.

The rule is published in `profile/RULES.md`, section "Identifying values, and where they are searched".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from itertools import pairwise

from orthanc_deid.bounded_cache import bounded_cache
from orthanc_deid.standard.medical_words import address_words, medical_words
from orthanc_deid.verify.text.known_days import KnownDays, WrittenDays
from orthanc_deid.verify.text.romanization import plain

_DIGITS = 5  # of an ID or postal code that counts by them alone, zeros before them aside
_PHONE_DIGITS = range(7, 17)  # of a telephone number
_PHONE_END = 6  # digits
_OF_NUMBER = 6  # digits of a value that is searched among numbers
_LETTERS = 6  # of an ID that counts inside words
_LONGEST = 64
_FEW = 64
_NEUTRAL = date(2000, 1, 1)
_NUMBER = re.compile(r"[0-9]+")
_WORD = re.compile(r"[^\W\d_]+|[0-9]+")
_PHONE = re.compile(r"[0-9](?:[^\w\\]{0,3}[0-9])*")
_BEHIND_LETTERS = re.compile(r"(?<=[^\W\d_])([0-9]{3,4})(?![0-9])")
_BETWEEN = re.compile(r"(?:[^\w\\\0\x1e]|_){1,3}")
_BESIDE = re.compile(r"(?:[^\w\\\0\x1e]|_){1,4}")


class KnownValues:
    """The values of one original. `integers`: those that no number may be, with their kinds."""

    def __init__(self, values: Iterable[tuple[str, str]]) -> None:
        births: set[date] = set()
        days: set[date] = set()
        self._numbers: dict[str, str] = {}
        self._letters: dict[str, str] = {}
        self._short: dict[str, str] = {}
        self._words: set[str] = set()
        self._beside: set[tuple[str, ...]] = set()
        for kind, value in values:
            text = plain(value)
            if kind in ("birthdate", "date"):
                (births if kind == "birthdate" else days).update(_days(value))
            elif kind in ("id", "patient id"):
                self._add_id(kind, text)
            elif kind == "phone":
                self._numbers.update(dict.fromkeys(_ends_of_phones(text), kind))
            elif kind == "address":
                self._add_address(text)
        self._births = KnownDays(births, in_part=False)
        self._days = KnownDays(days - {_NEUTRAL}, in_part=True)
        self._longest = max(map(len, self._numbers), default=0)
        self._lengths = {len(each) for each in self._letters}
        whole = {each: kind for each, kind in self._numbers.items() if len(each) >= _OF_NUMBER}
        for found, kind in ((self._days, "date"), (self._births, "birthdate")):
            whole.update((each, kind) for each in found.compact if len(each) == 8)
        self.integers: dict[float, str] = {int(each): kind for each, kind in whole.items()}

    def _add_id(self, kind: str, text: str) -> None:
        runs = _NUMBER.findall(text)
        for run in (*runs, "".join(runs)):
            if _DIGITS <= len(run.lstrip("0")) <= _LONGEST:
                self._numbers.setdefault(run.lstrip("0"), kind)
        dense = "".join(_WORD.findall(text))
        is_word = kind == "patient id" and dense.isalpha() and dense in text
        if is_word and len(dense) >= _LETTERS and dense not in medical_words():
            self._letters.setdefault(dense, kind)
        elif dense.isdigit() and 3 <= len(dense) < _DIGITS:
            self._short.setdefault(dense, kind)

    def _add_address(self, text: str) -> None:
        parts = _WORD.findall(text)
        self._words.update(part for part in parts if len(part) >= 4 and _is_own(part))
        for one, two in pairwise(parts):
            if any(len(part) >= 3 and _is_own(part) for part in (one, two)):
                self._beside |= {(one, two), (two, one)}
        for three in zip(parts, parts[1:], parts[2:], strict=False):
            if len({part.isdigit() for part in three}) > 1:
                self._beside.add(three)
        self._numbers.update(
            (part.lstrip("0"), "address")
            for part in parts
            if part.isdigit() and len(part.lstrip("0")) >= _DIGITS
        )

    def kinds_in(self, text: str) -> frozenset[str]:
        """Return the kinds of the values in a text of any length."""
        return _kinds_in(text, self)

    def _kinds(self, text: str) -> Iterator[str]:
        if self._births.days or self._days.days:
            written = WrittenDays(text)
            if self._births.are_in(written):
                yield "birthdate"
            if self._days.are_in(written):
                yield "date"
        if self._numbers:
            yield from self._in_numbers(text)
        if self._short:
            yield from (self._short[run] for run in _BEHIND_LETTERS.findall(text) if run in self._short)
        if self._letters and _may_hold(self._letters, text):
            for word in re.findall(r"[^\W\d_]+", text):
                for length in self._lengths:
                    parts = (word[at : at + length] for at in range(len(word) - length + 1))
                    yield from (self._letters[part] for part in parts if part in self._letters)
        if _may_hold(self._words, text) or _may_hold({each[0] for each in self._beside}, text):
            yield from self._in_addresses(text)

    def _in_numbers(self, text: str) -> Iterator[str]:
        begun: list[str] = []  # the digits from each recent start on
        groups: list[int] = []
        end = 0
        gap = ""
        for match in _NUMBER.finditer(text):
            gap = text[end : match.start()]
            if not _BETWEEN.fullmatch(gap):
                begun, groups = [], []
            end = match.end()
            begun = [(each + match[0]).lstrip("0") for each in begun] + [match[0].lstrip("0")]
            groups = [each + 1 for each in groups] + [1]
            alive = [
                at
                for at, each in enumerate(begun)
                if len(each) <= self._longest and groups[at] <= self._longest
            ]
            begun, groups = [begun[at] for at in alive], [groups[at] for at in alive]
            for digits, number in zip(begun, groups, strict=True):
                if digits not in self._numbers or 2 * number > len(digits) + 1:
                    continue
                if number == 1 or not (number == 2 and len(digits) == _DIGITS and gap in (".", ",")):
                    yield self._numbers[digits]

    def _in_addresses(self, text: str) -> Iterator[str]:
        row: list[str] = []
        end = 0
        for match in _WORD.finditer(text):
            if not _BESIDE.fullmatch(text, end, match.start()):
                row = []
            row = [*row[-2:], match[0]]
            end = match.end()
            if match[0] in self._words or tuple(row[-2:]) in self._beside or tuple(row) in self._beside:
                yield "address"

    def may_be_in(self, text: str) -> bool:
        """Whether anything of a number or a day is in a text: reason enough to remove it."""
        digits = "".join(_NUMBER.findall(text))
        if any(each in digits for each in (*self._numbers, *self._short)):
            return True
        years = {form for day in self._days.days | self._births.days for form in _years(day)}
        return (
            bool(self.kinds_in(text))
            or not years.isdisjoint(_NUMBER.findall(text))
            or any(each in digits for each in (*self._days.compact, *self._births.compact))
        )


@bounded_cache(maxsize=1024)  # a series repeats most of its texts
def _kinds_in(text: str, known: KnownValues) -> frozenset[str]:
    return frozenset(known._kinds(plain(text)))


def _may_hold(words: Collection[str], text: str) -> bool:
    """Whether one of few words is in a text; many are looked up word by word instead."""
    return len(words) > _FEW or any(word in text for word in words)


def _is_own(word: str) -> bool:
    return word.isalpha() and word not in medical_words() and word not in address_words()


def _days(value: str) -> Iterator[date]:
    for part in value.replace(".", "").split("-"):
        digits = part.strip(" \0")[:8]
        if len(digits) == 8 and digits.isascii() and digits.isdigit():
            try:
                yield date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
            except ValueError:
                continue


def _years(day: date) -> tuple[str, str, str]:
    return f"{day.year:04d}", f"{day.year % 100:02d}", f"{day.year + 543:04d}"


def _ends_of_phones(text: str) -> Iterator[str]:
    for match in _PHONE.finditer(text):
        digits = "".join(_NUMBER.findall(match[0]))
        if len(digits) not in _PHONE_DIGITS:
            continue
        for at in range(len(digits) - _PHONE_END + 1):
            end = digits[at:].lstrip("0")
            if len(end) >= _PHONE_END:
                yield end
        if len(digits) >= 10:
            yield from ("7" + digits[-10:], "8" + digits[-10:])
