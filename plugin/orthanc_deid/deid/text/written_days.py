"""Known days in texts, in whatever form they are written (RULES.md, "Dates of the instance in texts").

One pass over the runs of a text finds what may be a day; each is looked up in a set, so that the number of known days
does not matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Final, NamedTuple

from orthanc_deid.deid.text.dates_in_text import BUDDHIST
from orthanc_deid.deid.text.month_names import day_words, month_names, months_in_full, tens_words
from orthanc_deid.deid.text.spans import Span
from orthanc_deid.deid.text.tokens import Token, tokens_of

_ROMAN: Final = {
    **{"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6},
    **{"vii": 7, "viii": 8, "ix": 9, "x": 10, "xi": 11, "xii": 12},
}
_FILLERS: Final = frozenset(
    [
        *("st", "nd", "rd", "th", "of", "the", "de", "del", "den", "year"),
        *("г", "год", "года", "году", "е", "го", "ое", "ого", "я", "й"),
    ]
)
_LONGEST_GAP: Final = 8  # characters between two parts of a date
_COMPACT: Final = 8  # digits of a day without signs
_LONGEST_COMPACT: Final = 20  # digits of a day and a time
_SPELLED = re.compile(
    r"first|second|third|fourth|f[io]|six|seven|eight|nin|ten|eleven|twel|teen|twent|thirt"
    r"|перв|втор|трет|четверт|пят|шест|седьм|восьм|девят|десят|дцат"
)
"""A part of every word for a day of the month; most texts have none."""
_OF_MONTH: Final = frozenset("-./_")


@dataclass(frozen=True, slots=True)
class KnownDays:
    """Days to be found. `years`: the written years by which a day of them may be meant. `compact`: days as digits.

    `months`, `month_digits`: (year, month) of days that are found without their day. `yearless`: (month, day).
    """

    days: frozenset[tuple[int, int, int]]
    years: frozenset[str]
    compact: frozenset[str]
    months: frozenset[tuple[int, int]]
    yearless: frozenset[tuple[int, int]]

    @classmethod
    def of(cls, days: Iterable[date], *, in_part: bool) -> KnownDays:
        """Return the forms of `days`; `in_part`: also those without the day, or without the year."""
        known = frozenset(days)
        return cls(
            days=frozenset((day.year, day.month, day.day) for day in known),
            years=frozenset(year for day in known for year in _written_years(day.year)),
            compact=frozenset(form for day in known for form in _compact_forms(day)),
            months=frozenset((day.year, day.month) for day in known) if in_part else frozenset(),
            yearless=frozenset((day.month, day.day) for day in known) if in_part else frozenset(),
        )

    def spans(self, tokens: Sequence[Token]) -> Iterator[Span]:
        """Yield the spans of known days in a text, given by its runs."""
        if not self.days:
            return
        yield from self._compact_spans(tokens)
        for row in _rows(tokens):
            for at in range(len(row)):
                yield from self._from(row, at)

    def _compact_spans(self, tokens: Sequence[Token]) -> Iterator[Span]:
        """Yield days of which every part has all its digits: 20240312, 12 03 2024, 240312, 2024-072."""
        for first, token in enumerate(tokens):
            digits = ""
            for last in range(first, min(first + 3, len(tokens))):
                other = tokens[last]
                if not other.is_number or (last > first and not _is_gap(other.gap)):
                    break
                digits += other.text
                if len(digits) > _LONGEST_COMPACT:
                    break
                is_day = digits in self.compact and _is_divided(tokens[first : last + 1])
                if is_day or (last == first and self._is_day_and_time(digits)):
                    yield token.start, other.end

    def _is_day_and_time(self, digits: str) -> bool:
        hour = digits[_COMPACT : _COMPACT + 2]
        return "00" <= hour < "24" and digits[:_COMPACT] in self.compact

    def _from(self, row: Sequence[_Part], at: int) -> Iterator[Span]:
        """Yield the days that begin with a part."""
        three = row[at : at + 3]
        if len(three) == 3 and self._is_day(*three):
            yield three[0].start, three[2].end
        two = row[at : at + 2]
        if len(two) < 2:
            return
        if (self.months and self._is_month(row, at)) or (self.yearless and self._is_yearless(*two)):
            yield two[0].start, two[1].end

    def _is_day(self, one: _Part, two: _Part, three: _Part) -> bool:
        if not self.years.isdisjoint((one.written, three.written)):
            if _is_month_by_letter(one, two, three):
                return False
            for day, month, year in (
                (one, two, three),
                (two, one, three),
                (three, two, one),
                (two, three, one),
            ):
                if year.written in self.years and day.is_day and month.month:
                    if year is one and len(year.written) == 2 and not _is_padded(month, day):
                        continue
                    if any((each, month.month, day.day) in self.days for each in _years(year.written)):
                        return True
        return False

    def _is_month(self, row: Sequence[_Part], at: int) -> bool:
        """Whether two parts are a known month: its name and year, or two and four digits with one sign between."""
        one, two = row[at], row[at + 1]
        for month, year in ((one, two), (two, one)):
            if not year.is_year or not month.month or month.is_roman:
                continue
            if not month.is_named:
                if len(month.written) != 2 or len(year.written) != 4 or two.gap not in _OF_MONTH:
                    continue
                beside = row[at - 1 : at] if month is one else row[at + 2 : at + 3]
                if at and month is one and beside and beside[0].is_day and _is_gap(one.gap):
                    continue
                if month is two and beside and beside[0].is_day and _is_gap(beside[0].gap):
                    continue
            elif len(year.written) == 2 and two.gap not in ("-", "'", " '", "/"):
                continue
            if any((each, month.month) in self.months for each in _years(year.written)):
                return True
        return False

    def _is_yearless(self, one: _Part, two: _Part) -> bool:
        """Whether a day and the full name of a month, or a day in words and a month, are a known day."""
        return any(
            month.is_named
            and day.is_day
            and (month.is_full or day.is_spelled)
            and (month.month, day.day) in self.yearless
            for day, month in ((one, two), (two, one))
        )


def spelled_spans(folded: str) -> Iterator[Span]:
    """Yield the days of any year that words name, as `twelfth of March 2024`, with the year in digits."""
    if not _SPELLED.search(folded):
        return
    for row in _rows(tokens_of(folded)):
        for at, (one, two) in enumerate(pairwise(row)):
            if (one.is_spelled and two.is_named) or (one.is_named and two.is_spelled):
                third = row[at + 2 : at + 3]
                end = third[0].end if third and third[0].is_year else two.end
                yield one.start, end


class _Part(NamedTuple):
    """A run that may be the day, month or year of a date; 0 where it cannot be that."""

    written: str
    start: int
    end: int
    gap: str
    day: int = 0
    month: int = 0
    is_named: bool = False
    is_full: bool = False
    is_roman: bool = False
    is_spelled: bool = False

    @property
    def is_day(self) -> bool:
        return self.day > 0

    @property
    def is_year(self) -> bool:
        return self.written.isdigit() and len(self.written) in (2, 4)


def _rows(tokens: Sequence[Token]) -> Iterator[list[_Part]]:
    """Yield the parts of dates that follow one another, without the words that may stand between them."""
    row: list[_Part] = []
    gap = ""
    tens = 0
    for token in tokens:
        gap += token.gap
        if not token.is_number and token.text in _FILLERS and row:
            continue
        tens_before, tens = tens, 0 if token.is_number else tens_words().get(token.text, 0)
        part = _part(token, gap)
        if part is not None and tens_before and part.is_spelled and part.day < 10 and row:
            row[-1] = row[-1]._replace(day=tens_before + part.day, end=part.end, is_spelled=True)
            gap = ""
            continue
        if part is None or len(gap) > _LONGEST_GAP or "\0" in gap:
            if row:
                yield row
            row = []
        if part is not None:
            row.append(part)
        gap = ""
    if row:
        yield row


def _part(token: Token, gap: str) -> _Part | None:
    text, start, end, is_number, _ = token
    if is_number:
        if len(text) > 4 or len(text) == 3:
            return None
        number = int(text)
        is_short = len(text) <= 2
        return _Part(
            text,
            start,
            end,
            gap,
            day=number if is_short and number <= 31 else 0,
            month=number if is_short and number <= 12 else 0,
        )
    if month := month_names().get(text):
        return _Part(text, start, end, gap, month=month, is_named=True, is_full=text in months_in_full())
    if day := day_words().get(text) or tens_words().get(text):
        return _Part(text, start, end, gap, day=day, is_spelled=True)
    if month := _ROMAN.get(text):
        return _Part(text, start, end, gap, month=month, is_roman=True)
    return None


def _is_month_by_letter(one: _Part, two: _Part, three: _Part) -> bool:
    """Whether a roman month of one letter is only a letter (10 x 12), as the signs beside it show."""
    for part, behind in ((one, two), (two, three)):
        if part.is_roman and len(part.written) == 1:
            return behind.gap.strip(" ") == "" or part.gap.strip(" ") == ""
    return False


def _is_padded(*parts: _Part) -> bool:
    return all(len(part.written) == 2 or part.is_named for part in parts)


def _is_gap(gap: str) -> bool:
    return len(gap) <= _LONGEST_GAP and "\0" not in gap


def _is_divided(tokens: Sequence[Token]) -> bool:
    """Whether digits are divided as a date is: 2024 0312 and 12 03 24, but not 1 2032 024."""
    lengths = [len(token.text) for token in tokens]
    if sum(lengths) == 7:
        return lengths in ([7], [4, 3])
    return all(length % 2 == 0 for length in lengths)


def _compact_forms(day: date) -> set[str]:
    year, rest = f"{day.year:04d}", f"{day:%m%d}"
    forms = {f"{day:%d%m}", rest}
    found = {f"{day.year % 100:02d}{rest}", f"{year}{day:%j}"}
    found |= {f"{form}{day.year % 100:02d}" for form in forms}
    for written in (year, f"{day.year + BUDDHIST:04d}"):
        found |= {f"{written}{rest}", f"{written}{day:%d%m}"} | {f"{form}{written}" for form in forms}
    return found


def _written_years(year: int) -> tuple[str, ...]:
    buddhist = year + BUDDHIST
    return f"{year:04d}", f"{year % 100:02d}", f"{buddhist:04d}", f"{buddhist % 100:02d}"


@cache
def _years(written: str) -> tuple[int, ...]:
    """Return the years that two or four digits may mean."""
    number = int(written)
    if len(written) == 4:
        return (number, number - BUDDHIST)
    return tuple(
        each
        for century in (1800, 1900, 2000)
        for each in (century + number, century + 600 + number - BUDDHIST)
    )
