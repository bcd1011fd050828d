"""Everyday words that texts keep beside the medical ones; `vocabulary/SOURCE.md` names their sources.

They are for keeping only: what counts as a name, a place or an address is judged by `medical_words` alone, so that
a hospital called `Sunrise` is found in a text although `sunrise` is a word.
"""

from __future__ import annotations

from functools import cache

from orthanc_deid.standard.compact_words import CompactList, read_compact


def is_general(word: str) -> bool:
    """Whether a folded word is an everyday word of English or Russian that is no name."""
    return any(word in each for each in _lists())


@cache
def _lists() -> tuple[CompactList, ...]:
    return read_compact("general_english.txt"), read_compact("general_russian.txt")
