"""Code values (PS3.3 section 8.1): which are codes of a scheme, by the standard's list or by the scheme's form."""

from __future__ import annotations

import re
from typing import Final

from orthanc_deid.bounded_cache import bounded_cache
from orthanc_deid.standard.codes import listed_codes

_FORMS = re.compile(
    r"[A-Z0-9]{1,2}-[0-9A-F]{4,6}"  # SNOMED RT: T-D0050, P5-09024, DD-61300
    r"|[A-Z]{1,4}-?\d{1,4}"  # local codes: IMG182
    r"|RID\d{1,6}"  # RadLex
    r"|C\d{4,7}"  # NCI Thesaurus, UMLS
)
_LOINC = re.compile(r"(\d{1,6})-(\d)")
_SNOMED = re.compile(r"[1-9]\d{2,14}[01]0\d")  # a concept, of SNOMED International or of an extension
_PRODUCTS: Final = (
    "0123456789",
    "1234067895",
    "2340178956",
    "3401289567",
    "4012395678",
    "5987604321",
    "6598710432",
    "7659821043",
    "8765932104",
    "9876543210",
)
"""The products of the dihedral group, by which Verhoeff's check digit is computed."""
_FIRST_POWER: Final = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
"""Verhoeff's permutation, applied once more for each place."""


@bounded_cache(maxsize=8192)
def is_code(value: str) -> bool:
    """Whether `value` is a code of the standard's lists, or has the form of a scheme and its check digit."""
    if value in listed_codes() or _FORMS.fullmatch(value):
        return True
    loinc = _LOINC.fullmatch(value)
    if loinc:
        return _luhn(loinc[1]) == int(loinc[2])
    return _SNOMED.fullmatch(value) is not None and _verhoeff(value) == 0


def _luhn(digits: str) -> int:
    """Return the check digit of LOINC (modulus 10, every second digit from the right doubled)."""
    doubled = "".join(str(int(digit) * (2 - index % 2)) for index, digit in enumerate(reversed(digits)))
    return -sum(map(int, doubled)) % 10


def _verhoeff(digits: str) -> int:
    """Return Verhoeff's sum, 0 where the last digit is the check digit of the others."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit)
        for _ in range(place % 8):
            number = _FIRST_POWER[number]
        total = int(_PRODUCTS[total][number])
    return total
