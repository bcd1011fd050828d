"""Bytes of numbers that read as words (RULES.md, "Numbers in binary")."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from orthanc_deid.bounded_cache import bounded_cache

FEWEST_LETTERS: Final = 5
"""The letters of the shortest word that counts."""
IN_NUMBERS: Final = 10
IN_PRIVATE_BYTES: Final = 5
"""The characters of the shortest run that counts inside a value."""
_IN_LONGER: Final = ((4096, 16), (64, 12))
"""Bytes of a value, and the characters of the shortest run that counts in one that is longer."""
_DIFFERENT_LETTERS, _DIFFERENT_DIGITS = 4, 3
_TURNS: Final = 2
_LOOKED_AT: Final = 256
_FEWEST_NUMBERS: Final = 3
_FLOATS: Final = {"FL": "f", "OF": "f", "FD": "d", "OD": "d"}
_LEAST, _MOST = 1e-12, 1e12  # of floating point numbers that measure something

_IN_ASCII = re.compile(rb"[A-Za-z]{5}|[0-9]{6}").search
_IN_CODE_PAGES = re.compile(rb"[\x80-\xff]{5}").search
_IN_UTF_8 = re.compile(rb"(?:[\xd0\xd1][\x80-\xbf]){5}").search
_IN_UTF_16 = re.compile(rb"(?:[A-Za-z0-9]\0){5}|(?:[\x10-\x4f]\x04){5}").search
_RUN = re.compile(r"[A-Za-zА-Яа-яЁё0-9 .,'\-^/:()+_=]{5,}")
_SHAPED = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[А-ЯЁ]?[а-яё]+|[А-ЯЁ]+|[0-9]+").fullmatch
_SEQUENCE = re.compile(r"[A-Za-zА-Яа-яЁё]+|[0-9]+")
_FEWEST_DIGITS: Final = 6
_MOST_SHAPELESS: Final = 5  # of so many letters and digits of a run, one may be in no word
_CODE_PAGES: Final = ("cp1251", "koi8_r", "cp866", "iso8859_5")
_LONGEST_IN_CODE_PAGES: Final = 1 << 20  # bytes; in longer values only the other encodings are looked for


class _Reading(NamedTuple):
    """`data` as a text; `width`: bytes of a character, 0 where they differ."""

    text: str
    width: int


@bounded_cache(maxsize=1024)  # a series repeats most of its numbers
def reads_as_words(raw: bytes, vr: str, shortest: int = IN_NUMBERS) -> bool:
    """Whether the bytes of a value of `vr` are words rather than numbers.

    `shortest`: the characters of the shortest run that counts if it is not the whole value. No `vr` means that
    floating point numbers are not looked at as such: the answer may then be yes where that of their VR is no.
    """
    data = raw.rstrip(b"\0 ")
    if shortest > IN_PRIVATE_BYTES:
        shortest = next((needed for size, needed in _IN_LONGER if len(data) > size), shortest)
    return any(_has_words(reading, data, vr, shortest) for reading in _readings(data))


def _readings(data: bytes) -> Iterator[_Reading]:
    """Yield the texts that the bytes may stand for, as far as they hold enough letters or digits for a word."""
    if _IN_ASCII(data):
        yield _Reading(data.decode("latin-1"), 1)
    if _IN_UTF_8(data):
        yield _Reading(data.decode("utf-8", "replace"), 0)
    if len(data) <= _LONGEST_IN_CODE_PAGES and _IN_CODE_PAGES(data):
        for codec in _CODE_PAGES:
            yield _Reading(data.decode(codec, "replace"), 1)
    if _IN_UTF_16(data):
        for offset in (0, 1):
            for codec in ("utf-16-le", "utf-16-be"):
                yield _Reading(data[offset:].decode(codec, "replace"), 2)


def _has_words(reading: _Reading, data: bytes, vr: str, needed: int) -> bool:
    last = len(reading.text.rstrip("\0 "))
    for run in _RUN.finditer(reading.text):
        whole = run.start() == 0 and run.end() >= last
        if not whole and run.end() - run.start() < needed:
            continue
        if reading.width == 0 and run[0].isascii():
            continue  # the same as in ASCII
        if not _is_text(run[0], spaced=reading.width == 2):
            continue
        if reading.width != 1 or not _is_of_numbers(data, *run.span(), vr):
            return True
    return False


def _is_text(run: str, *, spaced: bool) -> bool:
    """Whether a run consists of words and numbers, one of them long enough.

    `spaced`: 16-bit numbers of one range are letters of one alphabet as well, so that a run needs a sign between
    words, or must be one word with a capital.
    """
    parts = _SEQUENCE.findall(run)
    shapeless = sum(len(part) for part in parts if not _SHAPED(part))
    if shapeless * _MOST_SHAPELESS > sum(map(len, parts)) or not any(map(_is_word, parts)):
        return False
    return not spaced or len(parts) > 1 or (run[0].isupper() and not run.isupper())


def _is_word(part: str) -> bool:
    """Whether letters or digits follow each other as in a word or an identifier, and not as in a table."""
    start = part[:_LOOKED_AT]  # a hostile value may be one word of megabytes
    if not _SHAPED(part) or _turns(map(ord, start)) < _TURNS:
        return False
    different = len(set(start))
    if part[0].isdigit():
        return len(part) >= _FEWEST_DIGITS and different >= _DIFFERENT_DIGITS
    return len(part) >= FEWEST_LETTERS and different >= _DIFFERENT_LETTERS


def _turns(values: Iterable[int]) -> int:
    """Return how often the values change from rising to falling or back."""
    steps = [after > before for before, after in pairwise(values) if after != before]
    return sum(one is not other for one, other in pairwise(steps))


def _is_of_numbers(data: bytes, start: int, end: int, vr: str) -> bool:
    """Whether the bytes of a run are rather a slope of 16-bit numbers, or plausible floating point numbers."""
    if vr in _FLOATS:
        return not _mostly_implausible(data, start, end, _FLOATS[vr])
    first = start + start % 2
    count = (end - first) // 2
    numbers = struct.unpack_from(f"<{count}H", data, first) if count > 0 else ()
    if count >= _FEWEST_NUMBERS and _turns(numbers) < max(1, count // 6):
        return True
    return all(number >> 8 == number & 0xFF for number in numbers)  # 8 bits written as 16


def _mostly_implausible(data: bytes, start: int, end: int, code: str) -> bool:
    width = struct.calcsize(code)
    first, last = start // width, -(-end // width)
    padded = data + bytes(-len(data) % width)
    numbers = struct.unpack_from(f"<{last - first}{code}", padded, first * width)
    odd: int = sum(
        not math.isfinite(number) or (number != 0 and not _LEAST < abs(number) < _MOST) for number in numbers
    )
    return odd * 2 >= len(numbers)
