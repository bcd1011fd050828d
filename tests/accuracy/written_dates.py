"""Dates as people type them into reports, and how the same hand writes another date."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from typing import Final

_EN = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
       "November", "December")  # fmt: skip
_RU = ("января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября",
       "декабря")  # fmt: skip
Date = datetime.date
Style = Callable[[Date], str]

STYLES: Final[dict[str, Style]] = {
    "iso": lambda date: date.isoformat(),
    "compact": lambda date: date.strftime("%Y%m%d"),
    "dotted": lambda date: date.strftime("%d.%m.%Y"),
    "dotted short": lambda date: date.strftime("%d.%m.%y"),
    "american": lambda date: date.strftime("%m/%d/%Y"),
    "american plain": lambda date: f"{date.month}/{date.day}/{date.year}",
    "english": lambda date: f"{date.day} {_EN[date.month - 1]} {date.year}",
    "english month first": lambda date: f"{_EN[date.month - 1]} {date.day}, {date.year}",
    "english short": lambda date: f"{date.day:02d}-{_EN[date.month - 1][:3].upper()}-{date.year}",
    "english upper": lambda date: f"{date.day:02d}-{_EN[date.month - 1].upper()}-{date.year}",
    "english abbreviated": lambda date: f"{_EN[date.month - 1][:3]} {date.day}, {date.year}",
    "english month": lambda date: f"{_EN[date.month - 1]} {date.year}",
    "month": lambda date: f"{date.month:02d}.{date.year}",
    "slashed month": lambda date: f"{date.month:02d}/{date.year}",
    "russian": lambda date: f"{date.day} {_RU[date.month - 1]} {date.year}",
    "russian of year": lambda date: f"{date.day:02d} {_RU[date.month - 1]} {date.year} г.",
}
"""A date by the style in which it is written."""

_MAY: Final = 5
_ALIKE: Final = {
    "english": ("english short",),
    "english month first": ("english abbreviated",),
    "english abbreviated": ("english month first",),
    "english short": ("english upper",),
}
_ZERO: Final = re.compile(r"(^|/| )0(?=\d)")
_BARE: Final = re.compile(r"(^|/| )(\d)(?!\d)")
MONTHS: Final = frozenset(word.lower() for word in (*_EN, *_RU, "май"))
NUMERIC: Final = frozenset(
    {"iso", "compact", "dotted", "dotted short", "american", "american plain", "month", "slashed month"}
)
WITHOUT_DAY: Final = frozenset({"english month", "month", "slashed month"})
BY_LANGUAGE: Final = {
    "english": ("iso", "compact", "american", "american plain", "english", "english month first", "english short",
                "english abbreviated", "english month", "slashed month"),
    "russian": ("iso", "compact", "dotted", "dotted", "dotted short", "month", "russian", "russian of year"),
}  # fmt: skip


def written(date: Date, style: str) -> str:
    """Return `date` in `style`."""
    return STYLES[style](date)


def moved(date: Date, days: int, style: str) -> frozenset[str]:
    """Return how `date` may be written after it moved by `days`; without a day it moves as the first of its month.

    What the date before leaves open may be written either way: a leading zero behind a day of two digits, and
    whether `May` is a whole name or an abbreviation.
    """
    start = date.replace(day=1) if style in WITHOUT_DAY else date
    then = start + datetime.timedelta(days)
    styles = {style, *_ALIKE.get(style, ())} if date.month == _MAY else {style}
    forms = {written(then, each) for each in styles}
    return frozenset(
        forms | {_ZERO.sub(r"\1", form) for form in forms} | {_BARE.sub(r"\g<1>0\2", form) for form in forms}
    )
