"""Words of medicine: the vocabulary that free text is measured by; `vocabulary/SOURCE.md` says whence it is."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def medical_words() -> frozenset[str]:
    """Return the words that medical texts use, English and Russian, in lower case and with ё as е."""
    return _lines("words.txt")


@cache
def eponyms() -> frozenset[str]:
    """Return the names after which signs, positions and diseases are called, each a medical word as well."""
    return _lines("eponyms.txt")


def _lines(name: str) -> frozenset[str]:
    text = files(__package__).joinpath("vocabulary", name).read_text(encoding="utf-8")
    return frozenset(text.split())
