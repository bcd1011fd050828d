"""Dates inside cleaned texts: each date of the output must be one of the original's, changed.

In the output only certain dates are checked: those with a year of four digits, or of three pairs of digits. In the
original all possible dates are read, and an ambiguous form in both ways.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import chain
from typing import Literal, NamedTuple

from orthanc_deid.bounded_cache import bounded_cache

_MONTHS = """
january february march april may june july august september october november december
jan feb mar apr may jun jul aug sep oct nov dec
январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь
января февраля марта апреля мая июня июля августа сентября октября ноября декабря
январе феврале марте апреле мае июне июле августе сентябре октябре ноябре декабре
янв фев мар апр мая июн июл авг сен окт ноя дек
"""
_NUMBER_OF = {
    name: number for line in _MONTHS.strip().splitlines() for number, name in enumerate(line.split(), 1)
}
_NAME = "|".join(sorted(_NUMBER_OF, key=len, reverse=True))
_YEAR = r"(?:19|20)\d\d"


def _pattern(two: str, twelve: str, *, alone: bool = True) -> re.Pattern[str]:
    """Return the pattern of a date; `two`: that of a number of two digits; `twelve`: that of a month.

    With `alone`, no other number precedes or follows it after a dot, comma or slash.
    """
    before, after = (r"(?<!\d)(?<!\d[.,/])", r"(?![.,/]?\d)") if alone else (r"(?<!\d)", r"(?!\d)")
    return re.compile(
        rf"""{before}(?:
          (?P<y1>{_YEAR})(?P<s1>[-./])(?P<m1>\d\d?)(?P=s1)(?P<d1>\d\d?)(?!\d)
        | (?P<a2>\d\d?)(?P<s2>[-./])(?P<b2>\d\d?)(?P=s2)(?P<y2>{_YEAR}){after}
        | (?P<a3>{two})(?P<s3>[-./])(?P<b3>{two})(?P=s3)(?P<y3>\d\d){after}
        | (?P<n4>\d{{8}})(?:\d{{6}})?(?!\d)
        | (?<![^\W_])(?P<d5>\d\d?)(?:st|nd|rd|th)?(?:-|\.?[ ]|[ ]of[ ])
          (?P<m5>{_NAME})(?:-|\.?,?[ ])(?P<y5>{_YEAR})(?!\d)
        | (?P<m8>{twelve})[./](?P<y8>{_YEAR}){after}
        | (?P<y9>{_YEAR})-(?P<m9>0[1-9]|1[0-2])(?![\d.,-])
        )
        | (?<![^\W_])(?P<m6>{_NAME})\.?[ ](?P<d6>\d\d?)(?:st|nd|rd|th)?,?[ ](?P<y6>{_YEAR})(?!\d)
        | (?<![^\W_])(?P<m7>{_NAME})\.?[ ](?P<y7>{_YEAR})(?!\d)
        """,
        re.VERBOSE | re.IGNORECASE,
    )


_CERTAIN = _pattern(r"\d\d", r"0[1-9]|1[0-2]")
_POSSIBLE = _pattern(r"\d\d?", r"0?[1-9]|1[0-2]")
_ANYWHERE = _pattern(r"\d\d?", r"0?[1-9]|1[0-2]", alone=False)
_NEUTRAL = date(2000, 1, 1)

DateMode = Literal["table", "neutral", "shift", "year"]


class _Found(NamedTuple):
    """The days that a written date may mean; `whole` is False for a month without a day, given by its first."""

    days: frozenset[date]
    whole: bool


@bounded_cache(maxsize=1024)
def dates_are_changed(
    source: str, cleaned: str, mode: DateMode, days: int, *, may_stay: bool = False
) -> bool:
    """Whether every date in the `cleaned` text is one of `source`, changed by `dates.mode`, or neutral.

    `days`: the offset of `shift`; `table` means neutral. `may_stay`: dates of `source` may also be unchanged.
    """
    written = set(_dates_in(cleaned, _CERTAIN))
    if not written:
        return True
    whole, months = {_NEUTRAL}, {_month(_NEUTRAL)}
    for found in set(chain(_dates_in(source, _POSSIBLE), _dates_in(source, _ANYWHERE))):
        expected = {_changed(day, mode, days) for day in found.days}
        if may_stay:
            expected |= found.days
        if found.whole:
            whole |= expected
        else:
            months.update(map(_month, expected))
    return not any(
        whole.isdisjoint(one.days) if one.whole else months.isdisjoint(map(_month, one.days))
        for one in written
    )


def _changed(day: date, mode: DateMode, days: int) -> date:
    if mode == "year":
        return date(day.year, 1, 1)
    try:
        return day + timedelta(days=days) if mode == "shift" else _NEUTRAL
    except OverflowError:
        return _NEUTRAL


def _month(day: date) -> tuple[int, int]:
    return day.year, day.month


def _dates_in(text: str, pattern: re.Pattern[str]) -> Iterator[_Found]:
    """Yield the dates of a text; a form that is no day of the calendar is left out."""
    for match in pattern.finditer(text):
        number = int((match.lastgroup or "n0")[1:])
        days = frozenset(_readings(number, match))
        if days:
            yield _Found(days, whole=number < 7)


def _readings(number: int, match: re.Match[str]) -> Iterator[date]:
    """Yield the days that the form `number` of the pattern may mean."""

    def part(letter: str) -> str:
        return str(match[f"{letter}{number}"])

    if number in (2, 3):
        years = (part("y"),) if number == 2 else ("19" + part("y"), "20" + part("y"))
        for year in years:
            yield from _day(year, part("a"), part("b"))
            yield from _day(year, part("b"), part("a"))
    elif number == 4:
        digits = part("n")
        yield from _day(digits[:4], digits[4:6], digits[6:])
        yield from _day(digits[4:], digits[2:4], digits[:2])
    else:
        month = str(_NUMBER_OF.get(part("m").lower(), part("m")))
        yield from _day(part("y"), month, part("d") if number < 7 else "1")


def _day(year: str, month: str, day: str) -> Iterator[date]:
    if not 1900 <= int(year) < 2100:
        return
    try:
        yield date(int(year), int(month), int(day))
    except ValueError:
        return
