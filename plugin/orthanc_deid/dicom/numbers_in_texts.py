"""Numbers in binary that are written as a text (Rows as LO "512"): the same numbers in the dictionary's VR."""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from typing import Final

_FORMATS: Final = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "UV": "Q", "SV": "q", "FL": "f", "FD": "d"}
_FLOATS: Final = frozenset({"FL", "FD"})
_LONGEST: Final = 1 << 10  # bytes; more numbers than an attribute has are a text
_WHOLE = re.compile(rb"[+-]?[0-9]{1,20}").fullmatch
_DECIMAL = re.compile(
    rb"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,2})?"
).fullmatch


def packed_numbers(text: bytes, vrs: Sequence[str]) -> tuple[str, bytes] | None:
    """Return the first of `vrs` that holds the numbers of a text, and their bytes in little endian.

    None where the text holds anything but numbers, divided by backslashes, or no VR of numbers in binary fits.
    """
    if len(text) > _LONGEST:
        return None
    parts = [part.strip(b" ") for part in text.rstrip(b"\0").split(b"\\")]
    for vr in vrs:
        form = _FORMATS.get(vr)
        if form is None:
            return None
        if all(map(_DECIMAL if vr in _FLOATS else _WHOLE, parts)):
            read = float if vr in _FLOATS else int
            try:
                return vr, b"".join(struct.pack(f"<{form}", read(part)) for part in parts)
            except (struct.error, OverflowError):
                continue
    return None
