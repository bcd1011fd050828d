"""Whole numbers in DS and IS that may be an ID, a telephone number or a day (RULES.md, "Identifying values")."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

_MAY_BE_WHOLE = re.compile(rb"(?:\A|[\\ +-])[0-9]{6}|[eE]").search
_RUN = re.compile(rb"[0-9]{6,20}")
_MOST_DIGITS = 20  # of a number of 64 bits


def may_hold_whole_number(value: bytes) -> bool:
    """Whether a whole number of six digits or more may be among the numbers in digits; False is certain."""
    return _MAY_BE_WHOLE(value) is not None


def whole_numbers(value: bytes) -> frozenset[int]:
    """Return the whole numbers of six digits and more, without signs; of what is no number, the runs of digits."""
    found: set[int] = set()
    if may_hold_whole_number(value):
        for part in value.split(b"\\"):
            if may_hold_whole_number(part):
                found.update(_whole(part))
    return frozenset(found)


def _whole(part: bytes) -> list[int]:
    try:
        number = abs(Decimal(part.strip(b" \0").decode("latin-1")))
    except InvalidOperation:
        return [int(run) for run in _RUN.findall(part)]
    if not number.is_finite() or number.adjusted() >= _MOST_DIGITS or number != number.to_integral_value():
        return []
    return [int(number)]
