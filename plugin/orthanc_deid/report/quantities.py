"""Sizes, durations and shares as people read them, in English and in Russian."""

from __future__ import annotations

from orthanc_deid.report.catalogue import texts
from orthanc_deid.report.html import Html, both

_UNITS = ("unit.B", "unit.kB", "unit.MB", "unit.GB", "unit.TB")


def size(number: int) -> tuple[str, str]:
    """Return a number of bytes in the largest unit that fits (1 kB = 1000 bytes)."""
    amount, unit = float(number), 0
    while amount >= 1000 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return texts(_UNITS[unit], _decimal(f"{amount:.1f}" if unit else f"{amount:.0f}"))


def duration(seconds: float) -> tuple[str, str]:
    """Return seconds as seconds, minutes or hours."""
    if seconds < 60:
        return texts("unit.seconds", _decimal(f"{seconds:.1f}"))
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return texts("unit.hours", f"{hours}", f"{minutes:02d}")
    return texts("unit.minutes", f"{minutes}", f"{rest:02d}")


def percent(share: float, name: str = "span") -> Html:
    """Return a share between 0 and 1 as per cent; `name` is the element's name."""
    return both(f"{share:.1%}", f"{100 * share:.1f} %".replace(".", ","), name)


def _decimal(text: str) -> tuple[str, str]:
    return text, text.replace(".", ",")
