"""The original's days in texts: every written date is read in all ways that it may be meant, and looked up.

The rule is published in `profile/RULES.md`, section "Dates of the instance in texts".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache

from orthanc_deid.verify.text.date_spellings import month_numbers

_SIGNS = r"(?:[^\w\\\0\x1e]|_)"
_GAP = rf"{_SIGNS}{{1,6}}"
_MAY_GAP = rf"{_SIGNS}{{0,6}}"
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
_BUDDHIST = 543
_NUMBERS = re.compile(
    rf"(?<!\d)(?=(?P<a>\d{{1,4}}){_GAP}(?P<b>\d{{1,2}}){_GAP}(?P<c>\d{{1,4}})(?!\d))", re.ASCII
)
_RUNS = re.compile(
    rf"(?<!\d)(?=(?P<a>\d{{2,20}})(?!\d)(?:{_GAP}(?P<b>\d{{2,4}})(?!\d)(?:{_GAP}(?P<c>\d{{2,4}})(?!\d))?)?)",
    re.ASCII,
)
_MONTH = re.compile(
    rf"(?<![\d])(?=(?P<m>(?:0[1-9]|1[0-2]))[-./_](?P<y>\d{{4}})(?!\d)(?!{_GAP}\d{{1,2}}(?!\d)))"
    rf"|(?<!\d)(?=(?P<y2>\d{{4}})[-./_](?P<m2>0[1-9]|1[0-2])(?!\d)(?!{_GAP}\d{{1,2}}(?!\d)))",
    re.ASCII,
)
_DAY_BEFORE = re.compile(rf"(?<!\d)\d{{1,2}}{_GAP}$", re.ASCII)
_DIGIT = re.compile("[0-9]")
_HINT = re.compile("|".join(sorted({name[:3] for name in month_numbers()})))  # most texts have none
_ENGLISH = (
    *(
        "first",
        "second",
        "third",
        "fourth",
        "fifth",
        "sixth",
        "seventh",
        "eighth",
        "ninth",
        "tenth",
        "eleventh",
    ),
    *(
        "twelfth",
        "thirteenth",
        "fourteenth",
        "fifteenth",
        "sixteenth",
        "seventeenth",
        "eighteenth",
        "nineteenth",
    ),
    "twentieth",
)
_RUSSIAN = (
    *("перв", "втор", "трет", "четверт", "пят", "шест", "седьм", "восьм", "девят", "десят", "одиннадцат"),
    *("двенадцат", "тринадцат", "четырнадцат", "пятнадцат", "шестнадцат", "семнадцат", "восемнадцат"),
    *("девятнадцат", "двадцат", "тридцат"),
)


class WrittenDays:
    """All that a plain text may mean by its dates, found once for the days of all kinds.

    `days`: (year as written, month, day). `compact`: digits without signs. `months`: (year, month) without a day.
    `yearless`: (month, day) without a year.
    """

    def __init__(self, text: str) -> None:
        named = list(_named().finditer(text)) if _HINT.search(text) else []
        has_digits = _DIGIT.search(text) is not None
        self.days = set(_written(text, named)) if has_digits else set()
        self.compact = set(_digits(text)) if has_digits else set()
        self.months = set(_months(text, named)) if has_digits else set()
        self.yearless = set(_yearless(text, named)) if named else set()


class KnownDays:
    """Days of which a text may hold none; those `in_part` also without their day, or without their year."""

    def __init__(self, days: set[date], *, in_part: bool) -> None:
        self.days = days
        self._numbers = {(day.year, day.month, day.day) for day in days}
        self._months = {(day.year, day.month) for day in days} if in_part else set()
        self._yearless = {(day.month, day.day) for day in days} if in_part else set()
        self.compact = {form for day in days for form in _compact(day)}

    def are_in(self, written: WrittenDays) -> bool:
        """Whether one of them is in the text that was read."""
        return bool(self.days) and (
            any(self._knows(*found) for found in written.days)
            or not self.compact.isdisjoint(written.compact)
            or not self._months.isdisjoint(written.months)
            or not self._yearless.isdisjoint(written.yearless)
        )

    def _knows(self, year: str, month: int, day: int) -> bool:
        number = int(year)
        years = [number, number - _BUDDHIST]
        if len(year) == 2:
            years = [1800 + number, 1900 + number, 2000 + number, 2500 + number - _BUDDHIST]
        return any((each, month, day) in self._numbers for each in years)


def _written(text: str, named: Sequence[re.Match[str]]) -> Iterator[tuple[str, int, int]]:
    """Yield the year, month and day of three numbers, or of two and the name or roman number of a month."""
    for match in _NUMBERS.finditer(text):
        one, two, three = match.group("a", "b", "c")
        if len(three) in (2, 4) and len(one) <= 2:
            yield three, int(two), int(one)
            yield three, int(one), int(two)
        if len(three) <= 2 and (len(one) == 4 or (len(one) == len(two) == len(three) == 2)):
            yield one, int(two), int(three)
            if len(one) == 4:
                yield one, int(three), int(two)
    for match in named:
        month = month_numbers()[match["m"]]
        before, behind, far = match.group("a", "b", "c")
        if before and behind and len(before) <= 2 and len(behind) in (2, 4):
            yield behind, month, int(before)
        if before and behind and len(before) in (2, 4) and len(behind) <= 2:
            yield before, month, int(behind)
        if behind and far and len(behind) <= 2 and len(far) in (2, 4):
            yield far, month, int(behind)
    for match in _roman().finditer(text):
        yield match["y"], _ROMAN.index(match["m"]) + 1, int(match["d"])


@cache
def _named() -> re.Pattern[str]:
    names = "|".join(sorted(month_numbers(), key=len, reverse=True))
    number = rf"(?<!\d)(?P<a>\d{{1,4}})(?:st|nd|rd|th|-?е|-?го)?(?:{_MAY_GAP}of|{_MAY_GAP}de)?{_MAY_GAP}"
    behind = rf"(?:{_MAY_GAP}(?P<b>\d{{1,4}})(?!\d)(?:st|nd|rd|th)?(?:{_GAP}(?P<c>\d{{2}}|\d{{4}})(?!\d))?)?"
    return re.compile(rf"(?:{number}|(?<![^\W\d_]))(?P<m>{names})(?![^\W\d_]){behind}")


@cache
def _roman() -> re.Pattern[str]:
    names = "|".join(sorted(_ROMAN, key=len, reverse=True))
    return re.compile(
        rf"(?<!\d)(?P<d>\d{{1,2}})(?P<s>[-./_])(?P<m>{names})(?P=s)(?P<y>\d{{4}}|\d\d)(?!\d)", re.ASCII
    )


def _digits(text: str) -> Iterator[str]:
    """Yield runs of digits, joined where two or three of them may be a day, as 2024 0312 and 202403 12."""
    for match in _RUNS.finditer(text):
        one, two, three = match.group("a", "b", "c")
        if len(one) % 2 == 0 or len(one) == 7:
            yield one
        if len(one) > 8 and "00" <= one[8:10] < "24":
            yield one[:8]
        if two and (len(two) % 2 == 0 == len(one) % 2 or (len(one), len(two)) == (4, 3)):
            yield one + two
        if two and three and not any(len(each) % 2 for each in (one, two, three)):
            yield one + two + three


def _compact(day: date) -> Iterator[str]:
    for year in (f"{day.year:04d}", f"{day.year + _BUDDHIST:04d}", f"{day.year % 100:02d}"):
        yield from (f"{year}{day:%m%d}", f"{day:%d%m}{year}", f"{day:%m%d}{year}")
    yield f"{day.year:04d}{day:%j}"


def _months(text: str, named: Sequence[re.Match[str]]) -> Iterator[tuple[int, int]]:
    """Yield the year and month of a month without its day."""
    for match in _MONTH.finditer(text):
        year, month = match["y"] or match["y2"], match["m"] or match["m2"]
        if match["y"] and _DAY_BEFORE.search(text, max(0, match.start() - 9), match.start()):
            continue
        yield int(year), int(month)
        yield int(year) - _BUDDHIST, int(month)
    for match in named:
        for year in match.group("a", "b"):
            if year and len(year) == 4:
                yield int(year), month_numbers()[match["m"]]
                yield int(year) - _BUDDHIST, month_numbers()[match["m"]]


def _yearless(text: str, named: Sequence[re.Match[str]]) -> Iterator[tuple[int, int]]:
    """Yield the month and day of a day without its year: by the full name of the month, or in words."""
    for match in named:
        month = month_numbers()[match["m"]]
        if len(match["m"]) > 4 or match["m"] == "мая":
            yield from ((month, int(day)) for day in match.group("a", "b") if day and len(day) <= 2)
    for match in _spelled().finditer(text):
        words = [word for word in re.split(r"[\W_]+", match["d"]) if word]
        yield month_numbers()[match["m"]], sum(map(_number_of, words))


def _number_of(word: str) -> int:
    if word in ("twenty", "двадцать"):
        return 20
    if word in ("thirty", "тридцать", "thirtieth"):
        return 30
    if word in _ENGLISH:
        return _ENGLISH.index(word) + 1
    found = max((stem for stem in _RUSSIAN if word.startswith(stem)), key=len)
    return 30 if found == "тридцат" else _RUSSIAN.index(found) + 1


@cache
def _spelled() -> re.Pattern[str]:
    names = "|".join(sorted(month_numbers(), key=len, reverse=True))
    english = rf"(?:(?:twenty|thirty){_GAP})?(?:{'|'.join(_ENGLISH)}|thirtieth)"
    russian = rf"(?:(?:двадцать|тридцать){_GAP})?(?:{'|'.join(_RUSSIAN)})(?:ое|ого|ье|ьего)"
    return re.compile(rf"(?<![^\W_])(?P<d>{english}|{russian})(?:{_GAP}of)?{_GAP}(?P<m>{names})(?![^\W_])")
