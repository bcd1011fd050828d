"""The search for identifying values in bytes that are no text (RULES.md, "Identifying values")."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Final

from orthanc_deid.bounded_cache import bounded_cache
from orthanc_deid.deid.text.identity import Identity

SHORTEST: Final = 4
"""Letters of a word and characters of a value that are searched in bytes; shorter ones occur by chance."""
_MAY_HOLD = re.compile(
    rb"[A-Za-z0-9]{4}|[A-Za-z\x80-\xff]{4}|(?:[A-Za-z0-9]\0){4}|(?:[\x10-\x4f]\x04){4}"
).search
_IN_ASCII = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 .,^'_/\-]{3,})")
_WORDS = re.compile(r"[A-ZÀ-ÞА-ЯЁ]?[a-zß-ÿа-яё]{3,}|[A-ZÀ-ÞА-ЯЁ]{4,}")
_CODE_PAGES: Final = ("latin-1", "cp1251", "koi8_r", "cp866", "iso8859_5", "utf-8")
_UTF_16: Final = ("utf-16-le", "utf-16-be")


@bounded_cache(maxsize=512)
def may_hold_values(raw: bytes) -> bool:
    """Whether bytes hold letters or digits enough for an identifying value."""
    return _MAY_HOLD(raw) is not None


@bounded_cache(maxsize=512)
def holds_identity_in_bytes(raw: bytes, identity: Identity) -> bool:
    """Whether an identifying value of 4 characters and more occurs in bytes, as text of a likely encoding."""
    return _MAY_HOLD(raw) is not None and _long_values(identity).finds("\0".join(_texts(raw)))


@lru_cache(maxsize=64)
def _long_values(identity: Identity) -> Identity:
    words = frozenset(word for word in identity.words if len(word) >= SHORTEST)
    values = tuple(value for value in identity.values if len(value[0]) >= SHORTEST)
    return replace(identity, words=words, values=values)


def _texts(raw: bytes) -> Iterator[str]:
    yield from _IN_ASCII.findall(raw.decode("latin-1"))
    if not raw.isascii():
        for codec in _CODE_PAGES:
            yield from (word for word in _WORDS.findall(raw.decode(codec, "replace")) if not word.isascii())
    for start in (0, 1):
        for codec in _UTF_16:
            text = raw[start:].decode(codec, "replace")
            yield from _IN_ASCII.findall(text)
            yield from (word for word in _WORDS.findall(text) if not word.isascii())
