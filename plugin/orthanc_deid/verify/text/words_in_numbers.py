"""Numbers in binary that read as words: the search of RULES.md, "Numbers in binary", for values that stay."""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from typing import Final

from orthanc_deid.bounded_cache import bounded_cache

SHORTEST: Final = 10
IN_PRIVATE: Final = 5
_SIGNS: Final = " .,'-^/:()+_="
_LATIN, _CYRILLIC, _DIGIT = "A-Za-z", "А-Яа-яЁё", "0-9"
_STRETCH = re.compile(f"[{_LATIN}{_CYRILLIC}{_DIGIT}{re.escape(_SIGNS)}]+")
_PART = re.compile(f"[{_LATIN}{_CYRILLIC}]+|[{_DIGIT}]+")
_ONE_BYTE: Final = ("ascii", "cp1251", "koi8_r", "cp866", "iso8859_5")
_MUCH: Final = 1 << 20
_WHOLE_WORDS: Final = {"FL": ("f", 4), "OF": ("f", 4), "FD": ("d", 8), "OD": ("d", 8)}


def shortest_stretch(size: int) -> int:
    """Return the characters that a stretch inside a value of `size` bytes needs."""
    if size > 4096:
        return 16
    return 12 if size > 64 else SHORTEST


def may_hold_text(value: bytes) -> bool:
    """Whether bytes hold letters or digits enough for a name or an ID, so that they may be removed."""
    return (
        re.search(rb"[A-Za-z0-9\x80-\xff]{4}|(?:[A-Za-z0-9]\0){4}|(?:[\x10-\x4f]\x04){4}", value) is not None
    )


@bounded_cache(maxsize=1024)
def holds_words(value: bytes, vr: str, shortest: int = 0) -> bool:
    """Whether a value of `vr` reads as words; without a VR also where plausible floating point numbers do.

    `shortest`: characters of a stretch inside the value; 0: by its size.
    """
    value = value.rstrip(b"\0 ")
    shortest = shortest or shortest_stretch(len(value))
    if re.search(rb"(?:[\xd0\xd1][\x80-\xbf]){5}", value):
        text = value.decode("utf-8", "replace")
        if any(
            not found.isascii() and _reads(found, two_bytes=False) for found in _long_enough(text, shortest)
        ):
            return True
    if re.search(rb"(?:[A-Za-z0-9]\0){5}|(?:[\x10-\x4f]\x04){5}", value):
        for start in (0, 1):
            for codec in ("utf-16-le", "utf-16-be"):
                text = value[start:].decode(codec, "replace")
                if any(_reads(found, two_bytes=True) for found in _long_enough(text, shortest)):
                    return True
    return any(_in_code_page(value, codec, vr, shortest) for codec in _codecs(value))


def _codecs(value: bytes) -> Sequence[str]:
    """Return the encodings of one byte per character in which the value may hold words."""
    if value.isascii() or len(value) > _MUCH or not re.search(rb"[\x80-\xff]{5}", value):
        return _ONE_BYTE[:1] if re.search(rb"[A-Za-z]{5}|[0-9]{6}", value) else ()
    return _ONE_BYTE


def _in_code_page(value: bytes, codec: str, vr: str, shortest: int) -> bool:
    text = value.decode("latin-1" if codec == "ascii" else codec, "replace")
    end = len(text.rstrip("\0 "))
    for found in _STRETCH.finditer(text):
        if len(found[0]) < shortest and (found.start(), max(found.end(), end)) != (0, found.end()):
            continue
        if _reads(found[0], two_bytes=False) and not _measures(value, found.start(), found.end(), vr):
            return True
    return False


def _long_enough(text: str, shortest: int) -> list[str]:
    end = len(text.rstrip("\0 "))
    return [
        found[0]
        for found in _STRETCH.finditer(text)
        if len(found[0]) >= shortest or (found.start() == 0 and found.end() >= end)
    ]


def _reads(stretch: str, *, two_bytes: bool) -> bool:
    """Whether a stretch is made of words or identifiers, at least one of them long enough."""
    parts: list[str] = _PART.findall(stretch)
    odd = sum(len(part) for part in parts if not _has_shape(part))
    if 5 * odd > sum(map(len, parts)):
        return False
    if two_bytes and len(parts) < 2 and not (stretch[0].isupper() and not stretch.isupper()):
        return False
    return any(_has_shape(part) and _varies(part) for part in parts)


def _has_shape(part: str) -> bool:
    """Whether a part is digits, or letters of one alphabet in capitals, small, or with a capital first."""
    if part.isdigit():
        return True
    if not (part.isascii() or not any(letter.isascii() for letter in part)):
        return False
    return part.isupper() or part[1:].islower() or (len(part) == 1 and part.islower())


def _varies(part: str) -> bool:
    part = part[:256]
    least, different = (6, 3) if part.isdigit() else (5, 4)
    return len(part) >= least and len(set(part)) >= different and _bends([ord(sign) for sign in part]) >= 2


def _bends(values: Sequence[int]) -> int:
    """Return how often a sequence turns from rising to falling or back; equal neighbours count once."""
    distinct = [value for index, value in enumerate(values) if not index or value != values[index - 1]]
    return sum((b > a) != (c > b) for a, b, c in zip(distinct, distinct[1:], distinct[2:], strict=False))


def _measures(value: bytes, start: int, end: int, vr: str) -> bool:
    """Whether a stretch is rather a slope of 16-bit numbers, 8 bits written as 16, or floating point numbers."""
    if vr in _WHOLE_WORDS:
        code, width = _WHOLE_WORDS[vr]
        first = start // width * width
        last = -(-end // width) * width
        stretch = value[first:last].ljust(last - first, b"\0")
        found = [number for (number,) in struct.iter_unpack(f"<{code}", stretch)]
        plausible: int = sum(number == 0 or 1e-12 < abs(number) < 1e12 for number in found)
        return plausible * 2 > len(found)
    even = value[start + start % 2 : end]
    pairs = [low | high << 8 for low, high in zip(even[::2], even[1::2], strict=False)]
    if len(pairs) >= 3 and _bends(pairs) < max(1, len(pairs) // 6):
        return True
    return all(number % 257 == 0 for number in pairs)
