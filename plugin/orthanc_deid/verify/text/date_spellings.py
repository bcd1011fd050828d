"""The names of months in several languages."""

from __future__ import annotations

from functools import cache

_NAMES = """
january february march april may june july august september october november december
январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь
января февраля марта апреля мая июня июля августа сентября октября ноября декабря
januar februar märz april mai juni juli august september oktober november dezember
janvier février mars avril mai juin juillet août septembre octobre novembre décembre
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
"""
_MONTHS = tuple(tuple(line.split()) for line in _NAMES.strip().splitlines())
_ROMAN = frozenset(("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"))
_AMBIGUOUS = frozenset(("jui",))  # juin, juillet


@cache
def month_names() -> frozenset[str]:
    """Return all known names and abbreviations of months, and their roman numbers."""
    return frozenset(name for month in range(1, 13) for name in _month_names(month)) | _ROMAN


@cache
def month_numbers() -> dict[str, int]:
    """Return the number of the month by its name or abbreviation, but for those of several months."""
    return {name: month for month in range(1, 13) for name in _month_names(month) if name not in _AMBIGUOUS}


def _month_names(month: int) -> set[str]:
    found = set()
    for names in _MONTHS:
        name = names[month - 1]
        found |= {name, name[:3]} if len(name) > 3 else {name}
    found |= {"sept"} if month == 9 else set()
    return found | {_without_accents(name) for name in found}


def _without_accents(name: str) -> str:
    return name.translate(str.maketrans("äéèûñ", "aeeun"))
