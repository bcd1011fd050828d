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
_ERA = r"(?:19|20|24|25)\d\d"  # of the Buddhist era as well
_BUDDHIST = 543
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_APART = r"(?:[-./_]|,?[ ])"
_MONTHS_ALONE = frozenset((7, 8, 9, 14))  # forms without a day


_ROMANS = "|".join(sorted(_ROMAN, key=len, reverse=True))


def _pattern(two: str, twelve: str, *, alone: bool = True, short: str = "(?!)") -> re.Pattern[str]:
    """Return the pattern of a date; `two`: that of a number of two digits; `twelve`: that of a month.

    With `alone`, no other number precedes or follows it after a dot, comma or slash.
    """
    before, after = (r"(?<!\d)(?<!\d[.,/])", r"(?![.,/]?\d)") if alone else (r"(?<!\d)", r"(?!\d)")
    return re.compile(
        rf"""{before}(?:
          (?P<y1>{_ERA})(?P<s1>[-./_])(?P<m1>\d\d?)(?P=s1)(?P<d1>\d\d?)(?!\d)
        | (?P<a2>\d\d?)(?P<s2>[-./_])(?P<b2>\d\d?)(?P=s2)(?P<y2>{_ERA}){after}
        | (?P<y10>{_ERA})(?P<s10>[:, ])(?P<m10>\d\d)(?P=s10)(?P<d10>\d\d)(?!\d)
        | (?P<a11>\d\d)(?P<s11>[:, ])(?P<b11>\d\d)(?P=s11)(?P<y11>{_ERA}){after}
        | (?P<d12>3[01]|[12]\d|0?[1-9])(?P<s12>[-./_]|[ ](?=[IVX]{{2}}))(?P<m12>(?-i:{_ROMANS}))(?P=s12)
          (?P<y12>{_ERA})(?!\d)
        | (?P<y13>{_ERA}){_APART}(?P<m13>{_NAME}){_APART}(?P<d13>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?(?![^\W_])
        | (?P<y14>{_ERA}){_APART}(?P<m14>{_NAME})(?![^\W\d_])
        | (?P<a3>{two})(?P<s3>[-./])(?P<b3>{two})(?P=s3)(?P<y3>\d\d){after}
        | (?P<n4>\d{{8}})(?:\d{{6}})?(?!\d)
        | (?<![^\W_])(?P<d5>\d\d?)(?:st|nd|rd|th)?(?:[-/_]|\.?[ ]|,[ ]?|[ ]of[ ]|\.|)
          (?P<m5>{_NAME})(?:[-/._]|\.?,?[ ]|)(?P<y5>{_ERA})(?!\d)
        | (?<![^\W_])(?P<d15>\d\d?)(?:[-/_]|\.?[ ]|\.|)(?P<m15>{_NAME})(?:[-/_.]|)(?P<y15>{short})(?!\d)
        | (?P<m8>{twelve})(?P<s8>[./]|[-_](?!2000)(?<=\d\d.))(?P<y8>{_YEAR})(?!(?P=s8)\d){after}
        | (?P<y9>{_YEAR})(?P<s9>-|[/_](?<!2000.))(?P<m9>0[1-9]|1[0-2])(?!(?:[.,/]|(?P=s9))?\d)
        )
        | (?<![^\W_])(?P<m6>{_NAME})(?:\.?[ ]|[-/._])(?P<d6>\d\d?)(?:st|nd|rd|th)?(?:,?[ ]|[-/._])(?P<y6>{_ERA})(?!\d)
        | (?<![^\W_])(?P<m7>{_NAME})(?:\.?[ ]|[-/._])(?P<y7>{_ERA})(?!\d)
        """,
        re.VERBOSE | re.IGNORECASE,
    )


_SHORT_TOO = _pattern(r"\d\d?", r"0?[1-9]|1[0-2]", short=r"\d\d")
_CERTAIN = _pattern(r"\d\d", r"0[1-9]|1[0-2]")
_ANYWHERE = _pattern(r"\d\d?", r"0?[1-9]|1[0-2]", alone=False, short=r"\d\d")
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
    whole, months = _expected(source, mode, days, may_stay=may_stay)
    return not any(
        whole.isdisjoint(one.days) if one.whole else months.isdisjoint(map(_month, one.days))
        for one in written
    )


def without_changed_dates(source: str, cleaned: str, mode: DateMode, days: int) -> str:
    """Return the `cleaned` text without the dates that are those of `source`, changed as they must be."""
    whole, months = _expected(source, mode, days, may_stay=False)

    def rest(match: re.Match[str]) -> str:
        number = int((match.lastgroup or "n0")[1:])
        read = set(_readings(number, match))
        changed = months & set(map(_month, read)) if number in _MONTHS_ALONE else whole & read
        return " \x1e " if changed else match[0]

    return _SHORT_TOO.sub(rest, cleaned)


def _expected(
    source: str, mode: DateMode, days: int, *, may_stay: bool
) -> tuple[set[date], set[tuple[int, int]]]:
    """Return the days and the months that dates of the source become."""
    whole, months = {_NEUTRAL}, {_month(_NEUTRAL)}
    for found in set(chain(_dates_in(source, _SHORT_TOO), _dates_in(source, _ANYWHERE))):
        expected = {_changed(day, mode, days) for day in found.days}
        if may_stay:
            expected |= found.days
        if found.whole:
            whole |= expected
        else:
            months.update(map(_month, expected))
    return whole, months


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
            yield _Found(days, whole=number not in _MONTHS_ALONE)


def _readings(number: int, match: re.Match[str]) -> Iterator[date]:
    """Yield the days that the form `number` of the pattern may mean."""

    def part(letter: str) -> str:
        return str(match[f"{letter}{number}"])

    if number in (2, 3, 11):
        years = (part("y"),) if number != 3 else ("19" + part("y"), "20" + part("y"))
        for year in years:
            yield from _day(year, part("a"), part("b"))
            yield from _day(year, part("b"), part("a"))
    elif number == 4:
        digits = part("n")
        yield from _day(digits[:4], digits[4:6], digits[6:])
        yield from _day(digits[4:], digits[2:4], digits[:2])
    else:
        name = part("m")
        month = str(_ROMAN.index(name) + 1 if name in _ROMAN else _NUMBER_OF.get(name.lower(), name))
        for year in (part("y"),) if len(part("y")) == 4 else ("19" + part("y"), "20" + part("y")):
            yield from _day(year, month, "1" if number in _MONTHS_ALONE else part("d"))


def _day(year: str, month: str, day: str) -> Iterator[date]:
    number = int(year) - (_BUDDHIST if int(year) >= 2400 else 0)
    if not 1850 <= number < 2100:
        return
    try:
        yield date(number, int(month), int(day))
    except ValueError:
        return
