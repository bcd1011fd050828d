"""Codes and code meanings that PS3.16 uses (PS3.3 section 8), from pydicom's dictionary of coded concepts."""

from __future__ import annotations

from functools import cache

from orthanc_deid.standard.data_files import read_lines


@cache
def listed_codes() -> frozenset[str]:
    """Return the codes of the schemes whose codes have no check digit: DCM, MDC, UCUM, IBSI and smaller ones."""
    return frozenset(code for line in read_lines("codes.txt") for code in line.split()[1:])


@cache
def unusual_meanings() -> frozenset[str]:
    """Return the code meanings of the standard that hold words, as eponyms, which the vocabulary leaves out."""
    return frozenset(read_lines("code_meanings.txt"))
