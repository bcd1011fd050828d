"""Numbers in binary, read from the bytes of US, SS, UL, SL, UV, SV, FL and FD (PS3.5 section 6.2)."""

from __future__ import annotations

import struct
from typing import Final

STRUCT_CODES: Final = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "UV": "Q", "SV": "q", "FL": "f", "FD": "d"}
"""The `struct` code of one value, by VR."""


def numbers(value: bytes, vr: str, *, little: bool = True) -> tuple[int | float, ...]:
    """Return the numbers of a value of `vr`; an incomplete one at its end is left out."""
    form = struct.Struct(f"{'<' if little else '>'}{STRUCT_CODES[vr]}")
    return tuple(form.unpack_from(value, at)[0] for at in range(0, len(value) - form.size + 1, form.size))


def digits(value: bytes, vr: str) -> tuple[str, ...]:
    """Return the numbers of a value in decimal, whole ones without a point."""
    return tuple(str(number).removesuffix(".0") for number in numbers(value, vr))
