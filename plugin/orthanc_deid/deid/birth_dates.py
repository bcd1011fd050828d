"""A date of birth in the forms in which texts write it, to be searched for."""

from __future__ import annotations

import datetime
from functools import lru_cache
from typing import Final

from orthanc_deid.deid.months import month_word

_ENGLISH: Final = ("january", "jan")
_RUSSIAN: Final = ("января", "янв")


@lru_cache(maxsize=1024)
def written_birth_dates(birth: str) -> tuple[str, ...]:
    """Return the folded forms of `birth` (DA, with or without ACR-NEMA dots); none where it is no date."""
    digits = birth.replace(".", "")
    try:
        date = datetime.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return ()
    if len(digits) != 8:
        return ()
    return tuple(dict.fromkeys((*_in_numbers(date), *_with_names(date))))


def _in_numbers(date: datetime.date) -> list[str]:
    year, month, day = f"{date.year:04d}", f"{date.month:02d}", f"{date.day:02d}"
    short_month, short_day = str(date.month), str(date.day)
    written = [year + month + day, day + month + year]
    for sign in "-./ ":
        for written_year in (year, year[2:]):
            for one, other in (
                (day, month),
                (short_day, short_month),
                (month, day),
                (short_month, short_day),
            ):
                written.append(sign.join((one, other, written_year)))
        written += [sign.join((year, month, day)), sign.join((year, short_month, short_day))]
    return written


def _with_names(date: datetime.date) -> list[str]:
    year, short_day, day = f"{date.year:04d}", str(date.day), f"{date.day:02d}"
    written = []
    for like in (*_ENGLISH, *_RUSSIAN):
        month = month_word(date.month, like)
        for written_day in dict.fromkeys((short_day, day)):
            for written_month in (month, f"{month}."):
                written += [f"{written_day} {written_month} {year}", f"{written_month} {written_day}, {year}"]
                written.append(f"{written_month} {written_day} {year}")
            written += [
                f"{written_day}-{month}-{year}",
                f"{written_day}-{month}-{year[2:]}",
                f"{written_day}{month}{year}",
            ]
    return written
