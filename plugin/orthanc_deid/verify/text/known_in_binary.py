"""IDs, telephone numbers and days among the numbers in binary of standard attributes.

The rule is published in `profile/RULES.md`, section "Identifying values, and where they are searched".
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterable, Mapping
from itertools import chain
from typing import Final

from orthanc_deid.bounded_cache import bounded_cache
from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.verify.reading.stored_numbers import STRUCT_CODES, numbers

_SAME_AS: Final = {"OL": "UL", "OV": "UV", "OF": "FL", "OD": "FD"}
ARRAYS: Final = frozenset(_SAME_AS)
"""The VRs of arrays of numbers."""
_SEARCHED: Final = frozenset(("UL", "SL", "UV", "SV", "FL", "FD", "AT", *_SAME_AS))
_TABLE: Final = 65  # so many numbers are a table, and are not compared
_LONGEST: Final = (_TABLE - 1) * 8  # bytes
_SHORTEST: Final = 4
_LEAST: Final = 100_000
_MUCH: Final = 1e20  # above the numbers of 64 bits


def is_searched(vr: str) -> bool:
    """Whether numbers of the VR may have six digits."""
    return vr in _SEARCHED


def may_be_whole(value: bytes, vr: str) -> bool:
    """Whether a whole number of six digits or more is in a value of `vr`, or a tag that may be one of eight."""
    if vr not in _SEARCHED or len(value) > _LONGEST:
        return False
    return vr == "AT" or any(abs(each) >= _LEAST and each % 1 == 0 for each in _numbers(value, vr))


def may_be_known(values: Iterable[Buffer], known: Mapping[float, str]) -> bool:
    """Whether one of the numbers in `known` may stand in any of the values, of whatever VR; False is certain."""
    fitting = [bytes(each) for each in values if _SHORTEST <= len(each) <= _LONGEST]
    if not known or not fitting:
        return False
    return _any_known(b"".join(each.ljust(-(-len(each) // 8) * 8, b"\0") for each in fitting), tuple(known))


def known_in(value: bytes, vr: str, known: Mapping[float, str]) -> str | None:
    """Return the kind of a number of `known` that stands in the value of `vr`, with any sign; None if none does."""
    size = 4 if vr in ("AT", "UL", "SL", "FL", "OL", "OF") else 8
    if vr not in _SEARCHED or len(value) >= _TABLE * size:
        return None
    if vr == "AT":
        as_shown = {
            f"{group:04X}{number:04X}" for group, number in struct.iter_unpack("<HH", _whole(value, 4))
        }
        return next((kind for each, kind in known.items() if f"{int(each):08d}" in as_shown), None)
    single = _SAME_AS.get(vr, vr) == "FL"
    wanted = {_single(each) if single else each: kind for each, kind in known.items() if each < _MUCH}
    return next((wanted[abs(each)] for each in _numbers(value, vr) if abs(each) in wanted), None)


def _numbers(value: bytes, vr: str) -> Collection[int | float]:
    return numbers(value, _SAME_AS.get(vr, vr))


def _whole(value: bytes, size: int) -> bytes:
    return value[: len(value) // size * size]


def _single(number: float) -> float:
    return float(struct.unpack("<f", struct.pack("<f", number))[0])


@bounded_cache(maxsize=256)  # a series repeats most of its numbers
def _any_known(joined: bytes, known: tuple[float, ...]) -> bool:
    """Whether any of `known` stands in `joined`, values at multiples of eight bytes, in any VR."""
    tags = {
        int(digits[4:], 16) << 16 | int(digits[:4], 16)
        for digits in (f"{int(each):08d}" for each in known)
        if len(digits) == 8
    }
    wanted = {*known, *(_single(each) for each in known if each < _MUCH)}
    codes = {code for vr, code in STRUCT_CODES.items() if vr in _SEARCHED}
    width = {code: struct.calcsize(code) for code in codes}
    read = chain.from_iterable(
        struct.unpack(f"<{len(joined) // width[code]}{code}", joined) for code in sorted(codes)
    )
    return not wanted.isdisjoint(map(abs, read)) or not tags.isdisjoint(
        struct.unpack(f"<{len(joined) // 4}I", joined)
    )
