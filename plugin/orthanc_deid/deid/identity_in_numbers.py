"""IDs, telephone numbers and days among numbers in binary (RULES.md, "Identifying numbers in binary")."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final

from orthanc_deid.deid.binary_numbers import FORMATS, unpack
from orthanc_deid.dicom.slices import Buffer

MOST_NUMBERS: Final = 64
"""Numbers of a value that is searched; one of more is a table, in which numbers of six digits occur by chance."""

_WORDS: Final = {"OL": "UL", "OV": "UV", "OF": "FL", "OD": "FD"}
_CODES: Final = ("I", "i", "f", "Q", "q", "d")
_WIDTHS: Final = (4, 8)
_DIGITS_OF_TAG: Final = 8
_BEYOND: Final = 10**20  # the numbers of 64 bits


def may_hold_number(values: Sequence[Buffer], integers: frozenset[int]) -> bool:
    """Whether any of the values, numbers in binary of any VR, may be one of `integers`; False is certain."""
    return bool(values) and bool(integers) and not _forms(integers).isdisjoint(_words(values))


def holds_number(raw: bytes, vr: str, integers: frozenset[int]) -> bool:
    """Whether one of the numbers in binary, of MOST_NUMBERS at most, is one of `integers` with any sign."""
    vr = _WORDS.get(vr, vr)
    if not integers or not raw or (vr not in FORMATS and vr != "AT"):
        return False
    if vr == "AT":
        found = [raw[at : at + 4] for at in range(0, len(raw), 4)]
        return len(found) <= MOST_NUMBERS and not _tags(integers).isdisjoint(found)
    if len(raw) > MOST_NUMBERS * struct.calcsize(FORMATS[vr]):
        return False
    known = _single(integers) if vr == "FL" else integers
    return not known.isdisjoint(map(abs, unpack(raw, vr)))


def _words(values: Iterable[Buffer]) -> Iterator[bytes]:
    for value in values:
        size = len(value)
        if size <= MOST_NUMBERS * _WIDTHS[-1]:
            for width in _WIDTHS:
                if size == width:
                    yield bytes(value)
                elif size > width:
                    yield from (bytes(value[at : at + width]) for at in range(0, size, width))


@lru_cache(maxsize=256)
def _forms(integers: frozenset[int]) -> frozenset[bytes]:
    """Return the numbers, with either sign, as the bytes of every VR that can hold them."""
    found = set(_tags(integers))
    for number in integers:
        for code in _CODES:
            for signed in (number, -number):
                try:
                    found.add(struct.pack(f"<{code}", signed))
                except (struct.error, OverflowError):  # too large for the VR, or of another sign
                    continue
    return frozenset(found)


@lru_cache(maxsize=256)
def _single(integers: frozenset[int]) -> frozenset[float]:
    """Return the numbers as single precision holds them."""
    return frozenset(struct.unpack("<f", struct.pack("<f", each))[0] for each in integers if each < _BEYOND)


@lru_cache(maxsize=256)
def _tags(integers: frozenset[int]) -> frozenset[bytes]:
    """Return the numbers whose digits are those of a tag as it is shown: (1961,0907)."""
    digits = (f"{number:0{_DIGITS_OF_TAG}d}" for number in integers)
    return frozenset(
        struct.pack("<HH", int(each[:4], 16), int(each[4:], 16))
        for each in digits
        if len(each) == _DIGITS_OF_TAG
    )
