"""Values of private elements that are no texts: whether a kept number or bytes contain an identifying value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Final

from orthanc_deid.bounded_cache import bounded_cache
from orthanc_deid.deid.binary_numbers import FORMATS, unpack
from orthanc_deid.deid.retained_values import are_numbers
from orthanc_deid.deid.text.identity import BIRTH_DATE, PERSON, SHORTEST_VALUE, Identity

FEWEST_DIGITS: Final = 6
"""Digits of a number that is compared with an ID or a birth date: a shorter one occurs by chance."""

LONGEST_JUDGED: Final = 1 << 16
"""Bytes of a value without a VR that is judged; a longer one is removed."""

_LEAST_NUMBER: Final = 10 ** (FEWEST_DIGITS - 1)
_MOST_DIGITS: Final = 20  # of a number of 64 bits
_NUMBER_STRINGS: Final = frozenset({"DS", "IS"})
_CODECS: Final = ("utf-8", "cp1251", "iso8859_5", "koi8_r", "cp866", "latin-1", "utf-16-le", "utf-16-be")
_CONTROLS: Final = dict.fromkeys((*range(0x20), 0x7F), " ")
_SPACE: Final = 0x20
_LONG_WHOLE: Final = re.compile(rb"(?<![.\d])\d{%d}" % FEWEST_DIGITS)


def identifying_numbers(identity: Iterable[tuple[str, str]]) -> frozenset[int]:
    """Return the identifying values, pairs of kind and value, that are numbers of `FEWEST_DIGITS` digits and more."""
    return frozenset(
        number
        for kind, value in identity
        if kind != PERSON
        for number in _numbers_of(kind, value.strip(" \0"))
        if number >= _LEAST_NUMBER
    )


def _numbers_of(kind: str, value: str) -> Iterator[int]:
    digits = value.replace(".", "") if kind == BIRTH_DATE else value
    if digits.isascii() and digits.isdigit() and FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS:
        yield int(digits)


def holds_number(raw: bytes, vr: str, numbers: frozenset[int]) -> bool:
    """Whether one of `numbers` is among the values of a DS, an IS, or a number in binary."""
    if not numbers or not (vr in FORMATS or vr in _NUMBER_STRINGS):
        return False
    return not numbers.isdisjoint(unpack(raw, vr) if vr in FORMATS else _written(raw))


def _written(raw: bytes) -> Iterator[float]:
    for part in raw.strip(b" \0").split(b"\\"):
        number = part.strip(b" \0")
        if number:
            exact = number.isdigit() and len(number) <= _MOST_DIGITS
            yield int(number) if exact else float(number)


def reads_as_text(raw: bytes) -> bool:
    """Whether bytes may be a text: no control character is among them, padding aside."""
    text = raw.rstrip(b"\0")
    return bool(text) and min(text) >= _SPACE


@bounded_cache(maxsize=2048)  # a series repeats most of its values
def found_in_bytes(raw: bytes, identity: Identity) -> bool:
    """Whether an identifying value occurs in bytes, as a text of any likely character set.

    Words of names count from `SHORTEST_VALUE` letters: shorter ones occur by chance.
    """
    searched = _long_words(identity)
    texts = dict.fromkeys(raw.decode(codec, "replace").translate(_CONTROLS) for codec in _CODECS)
    return any(map(searched.finds, texts))


@lru_cache(maxsize=64)
def _long_words(identity: Identity) -> Identity:
    return replace(identity, words=frozenset(word for word in identity.words if len(word) >= SHORTEST_VALUE))


def is_short_number(raw: bytes) -> bool:
    """Whether bytes are a number, or several, in digits, none with so many before its point that it may be an ID."""
    text = raw.rstrip(b"\0")
    return bool(text.strip()) and are_numbers(text) and _LONG_WHOLE.search(text) is None
