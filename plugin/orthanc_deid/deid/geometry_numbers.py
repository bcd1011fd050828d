"""Numbers that place, scale or time an image, repaired where they can be read in one way only (`profile/RULES.md`).

A dummy in such an attribute would move or rescale the image without a word.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from pydicom.datadict import dictionary_VM

from orthanc_deid.profile import vr_kinds
from orthanc_deid.standard.tables import geometry_units

_BLANK: Final = b" \t\r\n\0"
# Possessive quantifiers, so that matching takes linear time.
_NUMBER: Final = re.compile(rb"[+-]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d{1,4})?").fullmatch
_WITH_COMMA: Final = re.compile(rb"([+-]?\d*+),(\d++)((?:[eE][+-]?\d{1,4})?)").fullmatch
_DIGIT: Final = re.compile(rb"\d").search
_WINDOW: Final = frozenset({0x00281050, 0x00281051})
_GROUP: Final = 3  # digits behind a comma that may separate thousands
_SPELLINGS: Final[dict[str, tuple[bytes, ...]]] = {
    "mm": (b"mm", b"millimeter", b"millimeters", b"millimetre", b"millimetres", "мм".encode()),
    "cm": (b"cm", b"centimeter", b"centimeters"),
    "deg": (b"deg", b"degree", b"degrees", b"\xb0", "°".encode()),
    "ms": (b"ms", b"msec", b"milliseconds", "мс".encode()),
    "s": (b"s", b"sec", b"second", b"seconds", "с".encode(), "сек".encode()),
    "us": (b"us", b"usec", b"\xb5s", "µs".encode(), "μs".encode()),
    "fps": (b"fps", b"frames/s", b"frames/sec"),
    "HU": (b"hu",),
    "Gy": (b"gy",),
}
"""Spellings of units in small letters; a unit that is not here is written in one way only."""


def repaired_numbers(tag: int, raw: bytes) -> bytes | None:
    """Return the values of an attribute of `geometry.csv` as numbers (DS or IS), unchanged where they are numbers.

    A decimal comma becomes a point, and the attribute's own unit behind a number goes. None where a value is no
    number, or can be read in more than one way: a comma before exactly three digits may separate thousands, and one
    in a list of fewer values than the VM demands may separate values. Empty values stay empty.
    """
    parts = raw.split(b"\\")
    unit = geometry_units().get(tag, "")
    read = [_without_unit(part.strip(_BLANK), unit) for part in parts]
    commas = [_WITH_COMMA(part) for part in read]
    if any(commas) and not (_may_be_fractions(tag) and _fits_vm(tag, len(parts))):
        return None
    numbers = []
    for part, found in zip(read, commas, strict=True):
        if found is not None and len(found[2]) == _GROUP:
            return None
        numbers.append(part if found is None else found[1] + b"." + found[2] + found[3])
    return b"\\".join(numbers) if all(not part or _NUMBER(part) for part in numbers) else None


def is_no_window(tag: int, raw: bytes) -> bool:
    """Whether a Window Center or Width has no digit: without a window an image has the same values."""
    return tag in _WINDOW and not _DIGIT(raw)


def says_no_number(raw: bytes, vr: str) -> bool:
    """Whether no number is lost with the value: a text without digits, or an IS that is no whole number."""
    return vr == "IS" or not _DIGIT(raw)


def _without_unit(value: bytes, unit: str) -> bytes:
    """Return the value without the unit behind its number."""
    small = value.lower()
    for spelling in _spellings(unit):
        if small.endswith(spelling):
            return value[: -len(spelling)].rstrip()
    return value


@cache
def _spellings(unit: str) -> tuple[bytes, ...]:
    """Return how the unit may be written, in small letters, the longest first; nothing for no unit."""
    written = _SPELLINGS.get(unit, (unit.lower().encode(),) if unit else ())
    return tuple(sorted(written, key=len, reverse=True))


@cache
def _may_be_fractions(tag: int) -> bool:
    return not vr_kinds.vrs_of(tag).isdisjoint({"DS", "FD", "FL"})


def _fits_vm(tag: int, number: int) -> bool:
    """Whether the attribute may have so many values (PS3.6): 3, 1-2, 1-n, 3-3n."""
    least, _, most = dictionary_VM(tag).partition("-")
    if not most:
        return number == int(least)
    if most.endswith("n"):
        return number >= int(least) and number % int(most[:-1] or 1) == 0
    return int(least) <= number <= int(most)
