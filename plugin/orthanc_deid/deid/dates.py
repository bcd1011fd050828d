"""Dates and times as values: shifted by days, reduced to the year, or neutral (PS3.5 section 6.2, DA TM DT).

Every function takes one value (the caller splits at backslashes) and gives one value; padding around it is dropped,
an empty value stays empty, and a value that is no date becomes the neutral one. ACR-NEMA forms (`2019.03.05`,
`10:11:12`) are read and never written. Dates inside free text are changed by `text.dates_in_text`.

A partial DT (`2019`, `201903`) is shifted as the first day of its year or month and keeps its precision, so an
interval between partial dates is preserved to within one unit of that precision. Times of day, fractions and
offsets from UTC are untouched by a shift, since the shift is of whole days.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from typing import Final

from orthanc_deid.config.key import Key

NEUTRAL_DA: Final = "20000101"
NEUTRAL_TM: Final = "000000"
NEUTRAL_DT: Final = "20000101000000"
NEUTRAL_EPOCH: Final = 946_684_800  # 2000-01-01T00:00:00Z
SECONDS_PER_DAY: Final = 86_400

_EPOCH: Final = datetime.date(1970, 1, 1).toordinal()
_LAST_SECOND: Final = 2**32  # in 2106: a larger number is no such time
_LAST_ORDINAL: Final = datetime.date.max.toordinal()
_PADDING: Final = " \0"
_DATE = re.compile(r"(\d{4})(\.?)(\d{2})\2(\d{2})", re.ASCII)
_TIME = re.compile(r"(\d{2})(?:(:?)(\d{2})(?:\2(\d{2})(?:\.\d{1,6})?)?)?", re.ASCII)
_DATETIME = re.compile(
    r"(\d{4})(?:(\d{2})(?:(\d{2})(?:(\d{2}(?:\d{2}(?:\d{2}(?:\.\d{1,6})?)?)?))?)?)?([+-]\d{4})?", re.ASCII
)
_DIGIT = re.compile(r"[0-9]")


def neutral(vr: str, text: str) -> str:
    """Return the neutral value of `vr` (DA, TM, DT) in the form of `text`: 2000-01-01, midnight, UTC."""
    return _change(vr, text, _neutral_date, _neutral_time, _neutral_datetime)


def year_only(vr: str, text: str) -> str:
    """Return `text` with its year kept, month and day 01, and the time of day zero."""
    return _change(vr, text, _first_of_year, _neutral_time, _first_of_year_datetime)


def shift(vr: str, text: str, days: int) -> str:
    """Return `text` moved by `days`; a legal TM stays. Neutral where it is no date or leaves years 1-9999."""
    return _change(
        vr,
        text,
        lambda part: _shifted_date(part, days),
        _kept_time,
        lambda part: _shifted_datetime(part, days),
    )


def date_offset(key: Key, patient: bytes, shift_days: tuple[int, int]) -> int:
    """Return the patient's offset in days, within the inclusive range `shift_days` and never 0.

    The admissible days are the range in ascending order without 0; the first 8 bytes, big endian, of
    HMAC-SHA256(date subkey, patient), modulo their number, is the index of the offset.
    Raises ValueError where the range holds no day but 0.
    """
    first, last = shift_days
    holds_zero = first <= 0 <= last
    count = last - first + (0 if holds_zero else 1)
    if count < 1:
        raise ValueError("the range of days to shift by holds no day other than 0")
    day = first + int.from_bytes(key.digest("date", patient)[:8], "big") % count
    return day + 1 if holds_zero and day >= 0 else day


def shift_epoch_seconds(seconds: float, days: int) -> float:
    """Return `seconds` since 1970 (UTC) moved by `days`, whole ones as an int; 0 means no time and stays."""
    if not _is_epoch_time(seconds):
        return neutral_epoch_seconds(seconds)
    return seconds + days * SECONDS_PER_DAY or NEUTRAL_EPOCH


def neutral_epoch_seconds(seconds: float) -> float:
    """Return 2000-01-01T00:00:00Z in seconds since 1970; 0 means no time and stays."""
    return NEUTRAL_EPOCH if seconds else seconds


def year_only_epoch_seconds(seconds: float) -> float:
    """Return the first second (UTC) of the year in which `seconds` since 1970 lies; 0 means no time and stays."""
    if not _is_epoch_time(seconds):
        return neutral_epoch_seconds(seconds)
    day = datetime.date.fromordinal(_EPOCH + int(seconds) // SECONDS_PER_DAY)
    start = datetime.date(day.year, 1, 1).toordinal() - _EPOCH
    return start * SECONDS_PER_DAY or NEUTRAL_EPOCH  # 0 would say that there is no time


def _is_epoch_time(seconds: float) -> bool:
    return 0 < seconds < _LAST_SECOND


_Changer = Callable[[str], str | None]


def _change(vr: str, text: str, date: _Changer, time: _Changer, datetime_: _Changer) -> str:
    """Apply the changer of `vr` to a value or to both ends of a DA or TM range; neutral where it answers None."""
    value = text.strip(_PADDING)
    if not value:
        return ""
    if vr == "DT":
        return datetime_(value) or NEUTRAL_DT
    if vr not in ("DA", "TM"):
        raise ValueError("dates are in DA, TM and DT only")
    changer, default = (date, NEUTRAL_DA) if vr == "DA" else (time, NEUTRAL_TM)
    changed = changer(value)
    if changed is not None:
        return changed
    start, dash, end = value.partition("-")
    if not dash:
        return default
    ends = [part and changer(part) for part in (start.rstrip(), end.lstrip())]
    return "-".join(default if end is None else end for end in ends) if any(ends) else default


def _neutral_date(value: str) -> str | None:
    return NEUTRAL_DA if _DATE.fullmatch(value) else None


def _neutral_time(value: str) -> str | None:
    return _DIGIT.sub("0", value.replace(":", "")) if _TIME.fullmatch(value) else None


def _neutral_datetime(value: str) -> str | None:
    match = _DATETIME.fullmatch(value)
    return match and _first_day(match, "2000")


def _first_day(match: re.Match[str], year: str) -> str:
    """Return the DT of `match` in the form it had, as the first moment (UTC) of `year`."""
    month, day = ("01" if match[2] else ""), ("01" if match[3] else "")
    return f"{year}{month}{day}{_DIGIT.sub('0', match[4] or '')}{'+0000' if match[5] else ''}"


def _first_of_year(value: str) -> str | None:
    match = _DATE.fullmatch(value)
    if match is None or _ordinal(match[1], match[3], match[4]) is None:
        return _neutral_date(value)
    return f"{match[1]}0101"


def _first_of_year_datetime(value: str) -> str | None:
    match = _DATETIME.fullmatch(value)
    if match is None or _legal_ordinal(match) is None:
        return _neutral_datetime(value)
    return _first_day(match, match[1])


def _shifted_date(value: str, days: int) -> str | None:
    match = _DATE.fullmatch(value)
    moved = match and _moved(_ordinal(match[1], match[3], match[4]), days)
    if not match or not moved:
        return _neutral_date(value)
    return f"{moved.year:04d}{moved.month:02d}{moved.day:02d}"


def _shifted_datetime(value: str, days: int) -> str | None:
    match = _DATETIME.fullmatch(value)
    moved = match and _moved(_legal_ordinal(match), days)
    if not match or not moved:
        return _neutral_datetime(value)
    month = f"{moved.month:02d}" if match[2] else ""
    day = f"{moved.day:02d}" if match[3] else ""
    return f"{moved.year:04d}{month}{day}{match[4] or ''}{match[5] or ''}"


def _kept_time(value: str) -> str | None:
    """Return a legal TM (a leap second included) without colons, another one neutral."""
    match = _TIME.fullmatch(value)
    if match is None:
        return None
    legal = match[1] < "24" and (match[3] or "00") < "60" and (match[4] or "00") <= "60"
    return value.replace(":", "") if legal else _neutral_time(value)


def _legal_ordinal(match: re.Match[str]) -> int | None:
    """Return the day on which a DT starts, or None unless its date, time of day and offset are all possible."""
    time, offset = match[4], match[5]
    if time and _kept_time(time) != time:
        return None
    if offset and not (-1200 <= int(offset) <= 1400 and offset[3:] < "60"):
        return None
    return _ordinal(match[1], match[2] or "01", match[3] or "01")


def _ordinal(year: str, month: str, day: str) -> int | None:
    """Return the proleptic Gregorian ordinal of a date, or None where no such day exists."""
    try:
        return datetime.date(int(year), int(month), int(day)).toordinal()
    except ValueError:
        return None


def _moved(ordinal: int | None, days: int) -> datetime.date | None:
    if ordinal is None or not 1 <= ordinal + days <= _LAST_ORDINAL:
        return None
    return datetime.date.fromordinal(ordinal + days)
