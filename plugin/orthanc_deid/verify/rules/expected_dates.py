"""Dates and times after `dates.mode` (PS3.5 section 6.2, DA, DT and TM; `profile/RULES.md`, section "Values")."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Literal

from orthanc_deid.bounded_cache import bounded_cache

InPlaceDateMode = Literal["neutral", "shift", "year"]

NEUTRAL: dict[str, str] = {"DA": "20000101", "TM": "000000", "DT": "20000101000000"}
"""The dummy values; they also replace a value that does not have the form of its VR."""

_DA = re.compile(r"\d{4}(?P<dot>\.?)\d{2}(?P=dot)\d{2}")
_TM = re.compile(r"\d{2}(?::?\d{2}(?::?\d{2}(?:\.\d{1,6})?)?)?")
_DT = re.compile(
    r"(\d{4})(\d{2})?(?(2)(\d{2})?)(?(3)(\d{2})?)(?(4)(\d{2})?)(?(5)(\d{2})?)(?(6)(\.\d{1,6})?)([+-]\d{4})?"
)
_LEGAL_TM = re.compile(
    r"(?:[01]\d|2[0-3])(?:(?P<colon>:?)[0-5]\d(?:(?P=colon)(?:[0-5]\d|60)(?:\.\d{1,6})?)?)?"
)
_DIGIT = re.compile(r"\d")


@bounded_cache(maxsize=4096)  # a series repeats most of its dates
def expected_dates(value: str, vr: str, mode: InPlaceDateMode, days: int) -> str:
    """Return the value that must replace a whole value of `vr` DA, TM or DT; `days`: the offset of `shift`.

    Each value between backslashes is replaced by itself, without padding; empty ones stay empty.
    """
    change = {"DA": _changed_da, "TM": _changed_tm, "DT": _changed_dt}[vr]
    parts = (part.strip(" \0") for part in value.split("\\"))
    return "\\".join(change(part, mode, days) if part else "" for part in parts)


def _ranged(value: str, form: re.Pattern[str], change: Callable[[str], str]) -> str | None:
    """Return the range `a-b`, `-b` or `a-` with both ends changed; None if the ends do not have the form."""
    ends = [end.strip() for end in value.split("-")]
    if len(ends) > 2 or not any(ends) or not all(form.fullmatch(end) for end in ends if end):
        return None
    return "-".join(change(end) if end else "" for end in ends)


def _changed_da(value: str, mode: InPlaceDateMode, days: int) -> str:
    found = _ranged(value, _DA, lambda end: _one_date(end, mode, days))
    return NEUTRAL["DA"] if found is None else found


def _one_date(value: str, mode: InPlaceDateMode, days: int) -> str:
    digits = value.replace(".", "")  # ACR-NEMA's form is not written
    year, month, day = digits[:4], digits[4:6], digits[6:]
    if mode == "year" and _is_date(year, month, day):
        return f"{year}0101"
    if mode == "shift":
        moved = _moved(year, month, day, days)
        if moved is not None:
            return f"{moved.year:04d}{moved.month:02d}{moved.day:02d}"
    return NEUTRAL["DA"]


def _is_date(year: str, month: str, day: str) -> bool:
    return _moved(year, month, day, 0) is not None


def _moved(year: str, month: str, day: str, days: int) -> date | None:
    try:
        return date(int(year), int(month), int(day)) + timedelta(days=days)
    except (ValueError, OverflowError):
        return None


def _changed_tm(value: str, mode: InPlaceDateMode, _days: int) -> str:
    if mode == "shift":
        same = _ranged(value, _LEGAL_TM, _without_colons)
        if same is not None:
            return same
    zeros = _ranged(value, _TM, lambda end: _DIGIT.sub("0", _without_colons(end)))
    return NEUTRAL["TM"] if zeros is None else zeros


def _without_colons(value: str) -> str:
    return value.replace(":", "")


def _changed_dt(value: str, mode: InPlaceDateMode, days: int) -> str:
    found = _DT.fullmatch(value)
    if found is None:
        return NEUTRAL["DT"]
    year, month, day, *time, fraction, offset = found.groups(default="")
    if mode == "shift":
        shifted = _shifted_dt((year, month, day), "".join(time) + fraction, offset, days)
        if shifted is not None:
            return shifted
    keeps_year = mode == "year" and _is_date(year, month or "01", day or "01")
    return "".join(
        (
            year if keeps_year else "2000",
            "01" if month else "",
            "01" if day else "",
            _DIGIT.sub("0", "".join(time) + fraction),
            "+0000" if offset else "",
        )
    )


def _shifted_dt(parts: tuple[str, str, str], time: str, offset: str, days: int) -> str | None:
    year, month, day = parts
    moved = _moved(year, month or "01", day or "01", days)
    if moved is None or (time and not _LEGAL_TM.fullmatch(time)):
        return None
    text = f"{moved.year:04d}{moved.month:02d}{moved.day:02d}"
    return text[: len(year + month + day)] + time + offset
