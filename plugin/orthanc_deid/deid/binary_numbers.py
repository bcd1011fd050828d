"""Numbers in binary: the values of US, SS, UL, SL, UV, SV, FL and FD (PS3.5 section 6.2), little endian."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Final

FORMATS: Final = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "UV": "Q", "SV": "q", "FL": "f", "FD": "d"}
"""The `struct` format of one number, by VR."""

SHORT_NUMBERS: Final = frozenset({"US", "SS"})
"""The VRs whose numbers have five digits at most, too few for an ID or a day."""


def unpack(raw: bytes, vr: str) -> tuple[int | float, ...]:
    """Return the numbers in `raw`; trailing bytes of an incomplete number are left out."""
    width = struct.calcsize(FORMATS[vr])
    return struct.unpack(f"<{len(raw) // width}{FORMATS[vr]}", raw[: len(raw) // width * width])


def pack(numbers: Iterable[int | float], vr: str) -> bytes:
    """Return the bytes of `numbers`. Raises struct.error where one does not fit the VR."""
    return b"".join(struct.pack(f"<{FORMATS[vr]}", number) for number in numbers)
