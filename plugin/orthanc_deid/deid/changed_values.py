"""Changes of single values: fixed values, dates, cleaned texts, ages. Cached, as a series repeats most of them."""

from __future__ import annotations

import re
import struct

from orthanc_deid.bounded_cache import bounded_cache
from orthanc_deid.deid import dates
from orthanc_deid.deid.binary_numbers import FORMATS, pack, unpack
from orthanc_deid.deid.text.ages import OLDEST, cap_ages
from orthanc_deid.deid.text.clean import CleanMode, clean_text
from orthanc_deid.deid.text.dates_in_text import neutral_in_text, shift_in_text, year_only_in_text
from orthanc_deid.deid.text.identity import Identity
from orthanc_deid.dicom import character_sets

_NO_TIME = -1
_AGE = re.compile(rb"(\d{3})([DWMY])")
_PER_YEAR = {b"D": 365.25, b"W": 52.18, b"M": 12.0, b"Y": 1.0}


def encode_value(vr: str, text: str, terms: tuple[str, ...]) -> bytes:
    """Return the fixed value `text` as the bytes of its VR; backslashes separate several values."""
    if vr in FORMATS:
        return pack(
            (float(part) if vr in ("FL", "FD") else int(part) for part in text.split("\\") if part), vr
        )
    return character_sets.encode(text, terms)


@bounded_cache(maxsize=2048)
def changed_date(raw: bytes, vr: str, mode: str, offset: int) -> bytes:
    """Return a DA, DT or TM value, or several, changed by the profile's `dates.mode`; `offset` in days."""
    parts = raw.decode("latin-1").split("\\")
    if mode == "shift":
        changed = [dates.shift(vr, part, offset) for part in parts]
    else:
        change = dates.year_only if mode == "year" else dates.neutral
        changed = [change(vr, part) for part in parts]
    return "\\".join(changed).encode("ascii")


def changed_seconds(raw: bytes, vr: str, mode: str, offset: int) -> bytes:
    """Return seconds of the Unix epoch, one value or several, changed by `dates.mode`; `offset` in days.

    A value that is no such time, or does not fit `vr` once changed, becomes neutral.
    """
    found = unpack(raw, vr) or ((_NO_TIME,) if raw else ())
    if mode == "shift":
        changed = [dates.shift_epoch_seconds(seconds, offset) for seconds in found]
    else:
        change = dates.year_only_epoch_seconds if mode == "year" else dates.neutral_epoch_seconds
        changed = [change(seconds) for seconds in found]
    return b"".join(_packed(seconds, vr) for seconds in changed)


def _packed(seconds: float, vr: str) -> bytes:
    try:
        return pack((seconds,), vr)
    except struct.error:
        return pack((dates.NEUTRAL_EPOCH,), vr)


@bounded_cache(maxsize=2048)
def cleaned_text(
    text: str, identity: Identity, clean: CleanMode, mode: str, offset: int, age_limit: int = OLDEST
) -> str:
    """Return one text cleaned by word (action C), its dates changed as `dates.mode` says, its ages limited."""

    def change_dates(part: str) -> str:
        if mode == "shift":
            return shift_in_text(part, offset)
        return year_only_in_text(part) if mode == "year" else neutral_in_text(part)

    return clean_text(cap_ages(text, age_limit), identity, clean, change_dates)


def collapsed_age(raw: bytes, limit: int) -> bytes:
    """Return an AS value (PS3.5 section 6.2), collapsed to `limit` + 1 years where it is above `limit` years.

    A value that is no age becomes empty.
    """
    found = _AGE.fullmatch(raw.strip(b" \0"))
    if found is None:
        return b""
    years = int(found[1]) / _PER_YEAR[found[2]]
    over = years >= limit + 1 or (found[2] == b"Y" and years > limit)
    return f"{limit + 1:03d}Y".encode() if over else found[0]
