"""Seconds of the Unix epoch after `dates.mode` (`profile/RULES.md`, section "Values")."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from typing import Final

from orthanc_deid.verify.reading.stored_numbers import STRUCT_CODES, numbers
from orthanc_deid.verify.rules.expected_dates import InPlaceDateMode

EPOCH_SECONDS_VRS: Final = frozenset(("SL", "UL", "SV", "UV", "FL", "FD"))
"""The VRs whose numbers can hold seconds of the epoch."""

_DAY: Final = 24 * 60 * 60
_NEUTRAL: Final = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp())


def expected_seconds(value: bytes, vr: str, mode: InPlaceDateMode, days: int) -> bytes:
    """Return the value that must replace a value of `vr`, little endian; `days`: the offset of `shift`."""
    if not value:
        return b""
    return b"".join(_fitting(_changed(one, mode, days), vr) for one in numbers(value, vr) or (-1,))


def _start(year: int) -> int:
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp())


def _changed(seconds: float, mode: InPlaceDateMode, days: int) -> float:
    if not seconds:
        return seconds  # 0 means no time
    legal = 0 < seconds < 1 << 32
    if not legal or mode == "neutral":
        return _NEUTRAL
    moved = (
        seconds + days * _DAY if mode == "shift" else _start(datetime.fromtimestamp(int(seconds), UTC).year)
    )
    return moved or _NEUTRAL


def _fitting(seconds: float, vr: str) -> bytes:
    """Return the number as bytes of its VR; the neutral one where the VR cannot hold it."""
    try:
        return struct.pack("<" + STRUCT_CODES[vr], seconds)
    except struct.error:
        return struct.pack("<" + STRUCT_CODES[vr], _NEUTRAL)
