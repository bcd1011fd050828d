"""Single values: a fixed text of a profile in the attribute's VR, an age that is collapsed."""

from __future__ import annotations

import re
import struct

from orthanc_deid.dicom import charset

_PACK = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "UV": "Q", "SV": "q", "FL": "f", "FD": "d"}
_AGE = re.compile(rb"(\d{3})([DWMY])")
_PER_YEAR = {b"D": 365.25, b"W": 52.18, b"M": 12.0, b"Y": 1.0}


def encode_value(vr: str, text: str, terms: tuple[str, ...]) -> bytes:
    """Return the fixed value `text` as the bytes of its VR; several values stand apart by backslashes."""
    if vr in _PACK:
        numbers = [float(part) if vr in ("FL", "FD") else int(part) for part in text.split("\\") if part]
        return struct.pack(f"<{len(numbers)}{_PACK[vr]}", *numbers)
    return charset.encode(text, terms)


def collapsed_age(raw: bytes, limit: int) -> bytes:
    """Return an AS value (PS3.5 section 6.2), collapsed to `limit` + 1 years where it is above `limit` years.

    What is no age comes out empty: it is not passed on unread.
    """
    found = _AGE.fullmatch(raw.strip(b" \0"))
    if found is None:
        return b""
    years = int(found[1]) / _PER_YEAR[found[2]]
    return (
        f"{limit + 1:03d}Y".encode()
        if years >= limit + 1 or (found[2] == b"Y" and years > limit)
        else found[0]
    )
