"""The pattern that finds a date of birth in texts, in digits and with names of months."""

from __future__ import annotations

import datetime
import re
from functools import lru_cache
from typing import Final

from orthanc_deid.deid.text.months import month_word

_LIKE: Final = ("january", "jan", "январь", "января", "янв")
_OTHER_LANGUAGES: Final = (
    ("januar", "janvier", "enero"),
    ("februar", "février", "fevrier", "febrero"),
    ("märz", "maerz", "mars", "marzo"),
    ("april", "avril", "abril"),
    ("mai", "mayo"),
    ("juni", "juin", "junio"),
    ("juli", "juillet", "julio"),
    ("august", "août", "aout", "agosto"),
    ("september", "septembre", "septiembre", "sept"),
    ("oktober", "octobre", "octubre"),
    ("november", "novembre", "noviembre"),
    ("dezember", "décembre", "decembre", "diciembre"),
)
_APART: Final = r"(?:(?!\0)[\W_])+"  # a NUL separates two texts


def birth_day(birth: str) -> datetime.date | None:
    """Return the day of a DA value (ACR-NEMA dots allowed), or None if it is no day of the calendar."""
    digits = birth.replace(".", "")
    if len(digits) != 8 or not (digits.isascii() and digits.isdigit()):
        return None
    try:
        return datetime.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


@lru_cache(maxsize=512)
def birth_pattern(day: datetime.date) -> re.Pattern[str]:
    """Return the pattern of `day` in folded text: any order, any signs between, two-digit years, names of months."""
    year, short = f"{day.year:04d}", f"{day.year % 100:02d}"
    any_year = rf"(?:{year}|{short})"
    number = rf"0?{day.day}(?:st|nd|rd|th)?"
    named = "|".join(sorted(_names(day.month), key=lambda name: (-len(name), name)))
    month = rf"(?:0?{day.month}|{named})"
    forms = (
        rf"{number}{_APART}{month}{_APART}{any_year}",
        rf"{month}{_APART}{number}{_APART}{any_year}",
        rf"{year}{_APART}{month}{_APART}{number}",
        rf"{short}{_APART}{day:%m}{_APART}{day:%d}",
        rf"0?{day.day}(?:{named}){any_year}",
        f"{year}{day:%m%d}",
        f"{day:%d%m}{year}",
        f"{day:%m%d}{year}",
    )
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(forms)})(?![^\W_])")


def _names(month: int) -> set[str]:
    names = {month_word(month, like) for like in _LIKE}.union(_OTHER_LANGUAGES[month - 1])
    return names | {name[:3] for name in names}
