"""Cleaned ICC profiles: the numbers of the original and nothing else (RULES.md, "ICC profiles"; ISO 15076-1).

`is_cleaned` compares a profile of the output with that of the original by reading both; `is_usable` says whether an
original's profile must stay.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from orthanc_deid.verify.reading.icc_numbers import length_of_numbers

_NAMES: Final = (
    b"A2B0 A2B1 A2B2 B2A0 B2A1 B2A2 gamt rXYZ gXYZ bXYZ rTRC gTRC bTRC kTRC wtpt bkpt chad lumi"
).split()
_MATRIX: Final = frozenset(b"rXYZ gXYZ bXYZ rTRC gTRC bTRC".split())
_TEXTS: Final = {
    2: (
        b"desc" + bytes(4) + b"\0\0\0\x08Profile\0" + bytes(78),
        b"text" + bytes(4) + b"Profile\0",
    ),
    4: (b"mluc" + bytes(7) + b"\x01\0\0\0\x0cenUS\0\0\0\x0e\0\0\0\x1c\0P\0r\0o\0f\0i\0l\0e",) * 2,
}
_FIXED: Final = {
    4: bytes(4),  # preferred colour management module
    24: b"\x07\xd0\0\1\0\1"
    + bytes(6)
    + b"acsp"
    + bytes(24),  # date, platform, flags, maker, model, attributes
    68: b"\0\0\xf6\xd6\0\1\0\0\0\0\xd3\x2d" + bytes(48),  # illuminant, creator, ID
}

HasWords = Callable[[bytes], bool]
"""Whether bytes read as words."""


def _number(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "big")


def _entries(data: bytes) -> list[tuple[bytes, int, int]] | None:
    """Return (name, start, length) of the tags; None for data that is no profile."""
    if len(data) < 132 or data[36:40] != b"acsp" or _number(data, 0) > len(data):
        return None
    end, count = _number(data, 0), _number(data, 128)
    if count > 100 or 132 + 12 * count > end:
        return None
    places = range(132, 132 + 12 * count, 12)
    found = [(data[at : at + 4], _number(data, at + 4), _number(data, at + 8)) for at in places]
    return None if any(start + length > end for _, start, length in found) else found


def _colour_tags(data: bytes) -> dict[bytes, bytes] | None:
    """Return the numbers of the tags that colours need, by name in their order; None where they compute no colour."""
    entries = _entries(data)
    if entries is None:
        return None
    known = (
        data[12:16] in (b"scnr", b"mntr", b"prtr", b"spac")
        and data[20:24] in (b"XYZ ", b"Lab ")
        and data[16:20]
        in (b"XYZ ", b"Lab ", b"Luv ", b"YCbr", b"Yxy ", b"RGB ", b"GRAY", b"HSV ", b"HLS ", b"CMYK", b"CMY ")
    )
    first: dict[bytes, bytes] = {}
    for name, start, length in entries:
        first.setdefault(name, data[start : start + length])
    found: dict[bytes, bytes] = {}
    for name, value in first.items():
        length = length_of_numbers(value) if name in _NAMES else 0
        if 0 < length <= len(value):
            found[name] = value[:4] + bytes(4) + value[8:length]
    computes = b"A2B0" in found or b"kTRC" in found or found.keys() >= _MATRIX
    return found if known and computes else None


def is_usable(profile: bytes, has_words: HasWords) -> bool:
    """Whether a profile of the original computes colours and holds no words among its numbers."""
    tags = _colour_tags(profile)
    return tags is not None and not any(has_words(value[8:]) for value in tags.values())


def is_cleaned(original: bytes, profile: bytes) -> bool:
    """Whether `profile` (without padding) holds what must stay of `original`, byte for byte, and nothing else."""
    wanted, entries = _colour_tags(original), _entries(profile)
    if wanted is None or entries is None or _number(profile, 0) != len(profile):
        return False
    if not _has_clean_header(original, profile):
        return False
    texts = _TEXTS[4 if original[8] >= 4 else 2]
    expected: Mapping[bytes, bytes] = {b"desc": texts[0], b"cprt": texts[1], **wanted}
    found = {name: profile[start : start + length] for name, start, length in entries}
    return len(entries) == len(found) and found == expected and _is_filled(profile, entries)


def _has_clean_header(original: bytes, profile: bytes) -> bool:
    fixed = all(profile[at : at + len(value)] == value for at, value in _FIXED.items())
    versions = profile[8:12] == original[8:10] + bytes(2)
    return (
        fixed
        and versions
        and profile[12:24] == original[12:24]
        and _number(profile, 64) == min(3, _number(original, 64))
    )


def _is_filled(profile: bytes, entries: list[tuple[bytes, int, int]]) -> bool:
    """Whether the tags follow one another from the end of their table to that of the profile, with zeros between."""
    end = 132 + 12 * len(entries)
    for start, length in sorted({(start, length) for _, start, length in entries}):
        if start != end:
            return False
        end = start + length + -length % 4
        if any(profile[start + length : end]):
            return False
    return end == len(profile)
