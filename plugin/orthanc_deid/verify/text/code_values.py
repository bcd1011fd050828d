"""Code values (PS3.3 section 8.1): whether a value is one of the standard's codes, or has a scheme's form."""

from __future__ import annotations

import re

from orthanc_deid.bounded_cache import bounded_cache
from orthanc_deid.standard.codes import listed_codes

_WITHOUT_CHECK_DIGIT = (
    re.compile(r"[A-Z\d]{1,2}-[A-F\d]{4,6}", re.A),  # SNOMED RT
    re.compile(r"[A-Z]{1,4}-?\d{1,4}", re.A),  # of a site
    re.compile(r"RID\d{1,6}", re.A),
    re.compile(r"C\d{4,7}", re.A),  # NCI Thesaurus, UMLS
)
_OF_LOINC = re.compile(r"\d{1,6}-\d", re.A)
_OF_SNOMED_CT = re.compile(r"[1-9]\d{5,17}", re.A)
_CONCEPTS = ("00", "10")  # partitions: concepts of the international release, and of extensions
_SHIFTED = {digit: int("1576283094"[digit]) for digit in range(10)}


@bounded_cache(maxsize=4096)
def is_code_value(value: str) -> bool:
    """Whether the value is a code of a scheme that the standard uses."""
    if value in listed_codes() or any(form.fullmatch(value) for form in _WITHOUT_CHECK_DIGIT):
        return True
    if _OF_LOINC.fullmatch(value):
        number, check = value.split("-")
        odd, even = number[::-2], number[-2::-2]
        total = sum(map(int, even)) + sum(sum(divmod(2 * int(digit), 10)) for digit in odd)
        return (total + int(check)) % 10 == 0
    return (
        _OF_SNOMED_CT.fullmatch(value) is not None
        and value[-3:-1] in _CONCEPTS
        and _ends_with_check_digit(value)
    )


def _ends_with_check_digit(digits: str) -> bool:
    """Whether the last digit is Verhoeff's check digit: the product of all, permuted by place, is the unit."""
    product = 0
    for place, digit in enumerate(digits[::-1]):
        number = int(digit)
        for _ in range(place % 8):
            number = _SHIFTED[number]
        product = _times(product, number)
    return product == 0


def _times(left: int, right: int) -> int:
    """Return the product in the dihedral group of the pentagon: 0 to 4 are rotations, 5 to 9 reflections."""
    turned = left % 5 + (right % 5 if left < 5 else -(right % 5))
    return turned % 5 + 5 * ((left < 5) != (right < 5))
