"""The bytes that the values of a number in binary take at most, by the dictionary's Value Multiplicity."""

from __future__ import annotations

from functools import cache
from typing import Final

from pydicom.datadict import get_entry

from orthanc_deid.profile.vr_kinds import dictionary_vrs

WIDTHS: Final = {"US": 2, "SS": 2, "UL": 4, "SL": 4, "UV": 8, "SV": 8, "FL": 4, "FD": 8, "AT": 4}
"""The bytes of one number, by VR."""


@cache
def most_bytes(tag: int, vr: str) -> int | None:
    """Return the bytes of as many values of `vr` as the attribute may have; None where there is no bound."""
    if vr not in WIDTHS or dictionary_vrs(tag) is None:
        return None
    most = get_entry(tag)[1].rpartition("-")[2]
    return int(most) * WIDTHS[vr] if most.isdigit() else None
