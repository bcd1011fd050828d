"""The spellings of a date: digits in the common orders, and months by name."""

from __future__ import annotations

from datetime import date
from functools import cache, lru_cache

_NAMES = """
january february march april may june july august september october november december
январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь
января февраля марта апреля мая июня июля августа сентября октября ноября декабря
januar februar märz april mai juni juli august september oktober november dezember
janvier février mars avril mai juin juillet août septembre octobre novembre décembre
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
"""
_MONTHS = tuple(tuple(line.split()) for line in _NAMES.strip().splitlines())
_ORDINALS = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}


@lru_cache(maxsize=256)
def written_forms(day: date) -> frozenset[str]:
    """Return the spellings of `day` in lower case, its parts divided by single spaces.

    `text_search` reduces texts alike: it replaces dots, slashes, hyphens and commas by spaces. Spellings without
    dividers (`19700304`, `04031970`) are one word; two-digit years have dividers in all of them.
    """
    years = (f"{day.year:04d}", f"{day.year % 100:02d}")
    days = {f"{day.day:02d}", str(day.day)}
    months = {f"{day.month:02d}", str(day.month)}
    named = _month_names(day.month)
    ordinal = f"{day.day}{_ORDINALS.get(day.day, 'th')}"
    forms = {f"{years[0]}{day:%m%d}", f"{day:%d%m}{years[0]}", f"{day:%m%d}{years[0]}"}
    forms.add(f"{day:%y %m %d}")
    for year in years:
        for d in days:
            forms |= {f"{d} {m} {year}" for m in months | named}
            forms |= {f"{m} {d} {year}" for m in months | named}
            forms |= {f"{years[0]} {m} {d}" for m in months | named}
        forms |= {f"{ordinal} {m} {year}" for m in named} | {f"{m} {ordinal} {year}" for m in named}
        forms |= {f"{day.day:02d}{m}{year}" for m in named}
    return frozenset(forms)


@cache
def month_names() -> frozenset[str]:
    """Return all known names and abbreviations of months."""
    return frozenset(name for month in range(1, 13) for name in _month_names(month))


def _month_names(month: int) -> set[str]:
    found = set()
    for names in _MONTHS:
        name = names[month - 1]
        found |= {name, name[:3]} if len(name) > 3 else {name}
    found |= {"sept"} if month == 9 else set()
    return found | {_without_accents(name) for name in found}


def _without_accents(name: str) -> str:
    return name.translate(str.maketrans("äéèûñ", "aeeun"))
