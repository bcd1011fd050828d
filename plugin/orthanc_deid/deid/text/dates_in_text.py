"""Dates in free text: recognized in the forms used by English and Russian reports, and changed in place.

A changed date keeps its form: order, separators, leading zeros, two-digit years, names of months with their
language, length, case and Russian ending. Recognized are `2019-03-05` (also `/` and `.`), `05.03.2019`, `5/3/2019`,
`05.03.19`, `20190305` (also followed by a time of day), `05032019`, `5 March 2019`, `March 5th, 2019`,
`05-MAR-2019`, `5 марта 2019`, `5.III.2019`, `2019 Mar 5`, the numeric ones with `_`, and with two digits each also
with blanks, commas and colons, and without a day `03.2019`, `03/2019`, `03-2019`, `2019-03`, `2019/03`, `March 2019`,
`2019 March`, `в марте 2019`. Years of four digits may be of the Buddhist era.
Without a year only `5 March` and `5 марта` are recognized; a year alone is no date.

Ambiguous forms: `5/3/2019` is month first, unless the first number cannot be a month or most letters of the text are
Cyrillic; with dots or dashes the day comes first. Two digits of a year up to 30 mean 20xx. A date without a day is
changed as the first of its month, a date without a year as one of 2001.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from functools import cache
from typing import Final

from orthanc_deid.deid.text.months import (
    MONTH_PATTERN,
    ROMAN_PATTERN,
    is_whole,
    month_number,
    month_word,
    roman_number,
    roman_word,
)

DateChange = Callable[[datetime.date], datetime.date]

NEUTRAL: Final = datetime.date(2000, 1, 1)
YEAR_OF_YEARLESS: Final = 2001
BUDDHIST: Final = 543  # years that the Buddhist era is ahead
FIRST_BUDDHIST: Final = 2400  # the least year that is taken for one of that era
LAST_YEAR_OF_2000S: Final = 30  # two-digit years up to this one are 20xx

_PROBES: Final[tuple[DateChange, ...]] = (
    lambda _: datetime.date(2000, 1, 1),
    lambda _: datetime.date(1999, 12, 31),
)
_LAST_ORDINAL: Final = datetime.date.max.toordinal()
_DIGIT = re.compile(r"\d")
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
_LATIN = re.compile(r"[a-z]", re.IGNORECASE)
_YEAR: Final = r"(?:1[6-9]|2[01])\d\d"
_ERA: Final = r"(?:1[6-9]|2[0145])\d\d"  # of the Buddhist era as well, 543 years ahead
_APART: Final = r"(?:[-/._]|,?[ ])"

_PATTERN: Final = rf"""
    (?<!\d)(?<!\d[.,/])(?:
      (?P<iy>{_ERA})(?P<is>[-/._]|[:, ](?=\d\d[:, ]\d\d))(?P<im>\d\d?)(?P=is)(?P<id>\d\d?)(?!\d)
    | (?P<vy>{_ERA})(?P<v1>{_APART})(?P<vm>{MONTH_PATTERN})
          (?:(?P<v2>{_APART})(?P<vd>3[01]|[12]\d|0?[1-9])(?P<vt>st|nd|rd|th)?(?![^\W_]))?
    | (?P<cy>(?:1[89]|20)\d\d)(?P<cm>0[1-9]|1[0-2])(?P<cd>0[1-9]|[12]\d|3[01])
          (?P<ct>[0-2]\d[0-5]\d[0-5]\d)?(?!\d)
    | (?P<rd>0[1-9]|[12]\d|3[01])(?P<rm>0[1-9]|1[0-2])(?P<ry>(?:19|20)\d\d)(?!\d)
    | (?P<na>\d\d?)(?P<ns>[-/.]|\.[ ])(?P<nb>\d\d?)(?P=ns)(?P<ny>{_ERA}|\d\d)(?![.,]?\d|/\d)
    | (?P<ja>\d\d?)(?P<js>_|[:, ](?=\d\d[:, ])(?<=\d\d.))(?P<jb>\d\d?)(?P=js)(?P<jy>{_ERA})(?![.,]?\d|/\d)
    | (?P<ra>3[01]|[12]\d|0?[1-9])(?P<rs>[-/._]|[ ](?=[IVX]{{2}}))(?P<rn>{ROMAN_PATTERN})(?P=rs)(?P<rr>{_ERA})(?!\d)
    | (?<![^\W_])(?P<dd>3[01]|[12]\d|0?[1-9])(?!\d)(?P<dt>st|nd|rd|th)?
          (?P<d1>(?:["»”]?[ ]|[-/_]|\.[ ]?|,[ ]?|[ ]of[ ])?)(?P<dm>{MONTH_PATTERN})
          (?:(?P<d2>[.]?,?[ ]|[-/_]|\.|)(?P<dy>{_ERA}|(?<![ .,])\d\d)(?!\d)
            |(?!\.?[ ]\d\d?(?:st|nd|rd|th)?,?[ ]{_YEAR}))(?![^\W\d_])
    | (?P<ym>{_YEAR})(?P<ys>-|[/_](?<!000.)(?<=(?:19|20)\d\d.))(?P<yn>0[1-9]|1[0-2])(?![.,/]?\d|(?P=ys)\d)
    | (?P<bm>0?[1-9]|1[0-2])(?P<bs>[./]|[-_](?!\d000)(?=19|20)(?<=\d\d.))(?P<by>{_YEAR})(?![.,/]?\d|(?P=bs)\d)
    )
    | (?<![^\W_])(?P<mm>{MONTH_PATTERN})(?P<m1>\.?[ ]|[-/._])
          (?:(?P<md>\d\d?)(?P<mt>st|nd|rd|th)?(?P<m2>,?[ ]|[-/._]))?(?P<my>{_ERA})(?!\d)
"""


@cache
def _dates() -> re.Pattern[str]:
    """Compile the pattern on first use: most processes import this module, not all of them clean text."""
    return re.compile(_PATTERN, re.VERBOSE | re.IGNORECASE)


def shift_in_text(text: str, days: int) -> str:
    """Return `text` with every date in it shifted by `days`; one outside the calendar becomes neutral."""

    def moved(date: datetime.date) -> datetime.date:
        ordinal = date.toordinal() + days
        return datetime.date.fromordinal(ordinal) if 1 <= ordinal <= _LAST_ORDINAL else NEUTRAL

    return change_in_text(text, moved)


def neutral_in_text(text: str) -> str:
    """Return `text` with every date in it replaced by 1 January 2000, in the form of the date."""
    return change_in_text(text, lambda _: NEUTRAL)


def year_only_in_text(text: str) -> str:
    """Return `text` with every date in it replaced by 1 January of its year."""
    return change_in_text(text, lambda date: datetime.date(date.year, 1, 1))


def change_in_text(text: str, change: DateChange) -> str:
    """Return `text` with `change` applied to every date in it.

    Text in the form of a date with a year of four digits that is no day of the calendar becomes neutral.
    """
    if not _DIGIT.search(text):
        return text
    day_first = len(_CYRILLIC.findall(text)) > len(_LATIN.findall(text))
    return _dates().sub(lambda match: _changed(match, change, day_first), text)


def date_spans(text: str) -> list[tuple[int, int]]:
    """Return start and end of the dates in `text`, in order."""
    return [match.span() for match in _dates().finditer(text)] if _DIGIT.search(text) else []


def changed_spans(text: str) -> list[tuple[int, int]]:
    """Return start and end of those dates in `text` that a change would change: not of 1-2-10, which may be none."""
    day_first = len(_CYRILLIC.findall(text)) > len(_LATIN.findall(text))
    return [
        match.span()
        for match in _dates().finditer(text)
        if len({_changed(match, change, day_first) for change in _PROBES}) > 1
    ]


def holds_date(text: str) -> bool:
    """Whether `change_in_text` could change anything in `text`."""
    return bool(_DIGIT.search(text) and _dates().search(text))


def _changed(match: re.Match[str], change: DateChange, day_first: bool) -> str:
    """Return the replacement of one date; the last group that matched identifies its form."""
    form = match.lastgroup or ""
    writers = {
        "id": _iso,
        "cd": _compact,
        "ct": _compact,
        "ry": _compact_day_first,
        "ny": _numbers,
        "jy": _numbers,
        "rr": _roman,
        "by": _month,
        "yn": _month,
    }
    if form in writers:
        return writers[form](match, change, day_first)
    if match["vy"]:
        return _year_and_name(match, change)
    return _day_and_name(match, change) if match["dd"] else _name_first(match, change)


def _iso(match: re.Match[str], change: DateChange, _: bool) -> str:
    year, separator, month, day = match.group("iy", "is", "im", "id")
    moved = _apply(change, _century(year), int(month), int(day)) or NEUTRAL
    width = min(len(month), len(day))
    return f"{_written_year(moved, year)}{separator}{moved.month:0{width}d}{separator}{moved.day:0{width}d}"


def _compact(match: re.Match[str], change: DateChange, _: bool) -> str:
    moved = _apply(change, int(match["cy"]), int(match["cm"]), int(match["cd"])) or NEUTRAL
    return f"{moved.year:04d}{moved.month:02d}{moved.day:02d}{match['ct'] or ''}"


def _compact_day_first(match: re.Match[str], change: DateChange, _: bool) -> str:
    moved = _apply(change, int(match["ry"]), int(match["rm"]), int(match["rd"])) or NEUTRAL
    return f"{moved.day:02d}{moved.month:02d}{moved.year:04d}"


def _numbers(match: re.Match[str], change: DateChange, day_first: bool) -> str:
    """Change three numbers with the year last; with a year of two digits, only if they are a day of the calendar."""
    first, separator, second, year = match.group(
        *(("na", "ns", "nb", "ny") if match["ny"] else ("ja", "js", "jb", "jy"))
    )
    if len(year) == 2 and separator == "-" and len(first + second) < 4:
        return match[0]  # 1-2-10 is more often a range or an identifier of an image than a date
    month_first = separator == "/" and not day_first
    for month_is_first in (month_first, not month_first):
        month, day = (first, second) if month_is_first else (second, first)
        moved = _apply(change, _century(year), int(month), int(day))
        if moved:
            break
    else:
        if len(year) == 2:
            return match[0]
        moved, month_is_first = NEUTRAL, month_first
    width = min(len(first), len(second))
    numbers = (moved.month, moved.day) if month_is_first else (moved.day, moved.month)
    written = (f"{numbers[0]:0{width}d}", f"{numbers[1]:0{width}d}", _written_year(moved, year))
    return separator.join(written)


def _roman(match: re.Match[str], change: DateChange, _: bool) -> str:
    """Change `12.III.2024`."""
    day, separator, name, year = match.group("ra", "rs", "rn", "rr")
    moved = _apply(change, _century(year), roman_number(name), int(day)) or NEUTRAL
    written = _written_day(moved.day, day, None), roman_word(moved.month, name), _written_year(moved, year)
    return separator.join(written)


def _month(match: re.Match[str], change: DateChange, _: bool) -> str:
    """Change a numeric month and year, in either order."""
    if match["ym"]:
        moved = _apply(change, int(match["ym"]), int(match["yn"]), 1) or NEUTRAL
        return f"{moved.year:04d}{match['ys']}{moved.month:02d}"
    moved = _apply(change, int(match["by"]), int(match["bm"]), 1) or NEUTRAL
    return f"{moved.month:0{len(match['bm'])}d}{match['bs']}{moved.year:04d}"


def _day_and_name(match: re.Match[str], change: DateChange) -> str:
    """Change `5 March 2019`, `5th of March`, `05-MAR-19`, `5 марта 2019`."""
    day, ordinal, gap, name, gap2, year = match.group("dd", "dt", "d1", "dm", "d2", "dy")
    month = month_number(name)
    moved = _apply(change, _century(year) if year else YEAR_OF_YEARLESS, month, int(day))
    if not year and (moved is None or not is_whole(name)):
        return match[0]  # `1 MAR` and `3 SEP` also occur in the names of series
    moved = moved or NEUTRAL
    written = _written_day(moved.day, day, ordinal) + gap + month_word(moved.month, name)
    if year:
        written += gap2 + _written_year(moved, year)
    return written


def _name_first(match: re.Match[str], change: DateChange) -> str:
    """Change `March 5, 2019`, `March 2019`, `в марте 2019`."""
    name, gap, day, ordinal, gap2, year = match.group("mm", "m1", "md", "mt", "m2", "my")
    moved = _apply(change, _century(year), month_number(name), int(day or 1)) or NEUTRAL
    written_day = _written_day(moved.day, day, ordinal) + gap2 if day else ""
    return f"{month_word(moved.month, name)}{gap}{written_day}{_written_year(moved, year)}"


def _year_and_name(match: re.Match[str], change: DateChange) -> str:
    """Change `2024-Mar-12`, `2024 March`."""
    year, gap, name, gap2, day, ordinal = match.group("vy", "v1", "vm", "v2", "vd", "vt")
    moved = _apply(change, _century(year), month_number(name), int(day or 1)) or NEUTRAL
    written_day = gap2 + _written_day(moved.day, day, ordinal) if day else ""
    return f"{_written_year(moved, year)}{gap}{month_word(moved.month, name)}{written_day}"


def _written_day(day: int, like: str, ordinal: str | None) -> str:
    """Return `day` with a leading zero where `like` has one, with the English ordinal ending if `ordinal` is one."""
    if not ordinal:
        return f"{day:02d}" if like.startswith("0") else str(day)
    ending = "th" if 10 <= day % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending.upper() if ordinal.isupper() else ending}"


def _century(year: str) -> int:
    """Return the year that two digits mean, or four, also of the Buddhist era."""
    if len(year) == 4:
        return int(year) - (BUDDHIST if int(year) >= FIRST_BUDDHIST else 0)
    return int(year) + (2000 if int(year) <= LAST_YEAR_OF_2000S else 1900)


def _written_year(date: datetime.date, like: str) -> str:
    if len(like) == 2:
        return f"{date.year % 100:02d}"
    return f"{date.year + (BUDDHIST if int(like) >= FIRST_BUDDHIST else 0):04d}"


def _apply(change: DateChange, year: int, month: int, day: int) -> datetime.date | None:
    """Return the changed date, or None if there is no such day."""
    try:
        date = datetime.date(year, month, day)
    except ValueError:
        return None
    return change(date)
