"""Everyday words that are part of the name of a place or an institution: `Alder Creek Hospital`, `посёлок Яр`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from orthanc_deid.deid.text.transliteration import fold
from orthanc_deid.standard.medical_words import address_words, institution_words

MOST_BETWEEN: Final = 3  # further words of the name between a word and what it names
_TOGETHER = re.compile("[\\s'’`«\"„“”№-]*")
_SMALL: Final = frozenset(("of", "the", "and", "на", "в", "у", "под", "над", "при", "имени", "им", "и"))


def may_name_place(words: Sequence[re.Match[str]], index: int) -> bool:
    """Whether the word at `index` has a capital and such words lead from it to one for a place or an institution."""
    return words[index][0][0].isupper() and any(_leads_to_place(words, index, step) for step in (-1, 1))


def _leads_to_place(words: Sequence[re.Match[str]], index: int, step: int) -> bool:
    for _ in range(MOST_BETWEEN + 1):
        if not 0 <= index + step < len(words):
            return False
        first, second = sorted((words[index], words[index + step]), key=re.Match.start)
        if not _TOGETHER.fullmatch(first.string, first.end(), second.start()):
            return False
        index += step
        word = words[index][0]
        folded = fold(word)
        if folded in institution_words() or folded in address_words():
            return True
        if not word[0].isupper() and folded not in _SMALL:
            return False
    return False
