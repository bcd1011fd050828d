"""Ages in texts of the output: none above the profile's limit stands there (`profile/RULES.md`, "Cleaned text")."""

from __future__ import annotations

import re

from orthanc_deid.bounded_cache import bounded_cache

_OLDEST = 130
_WORD = re.compile(r"[^\W_]+")
_ALONE = re.compile(r"0?(\d{2,3})y?", re.IGNORECASE | re.ASCII)
_YEARS = frozenset(("years", "year", "yrs", "yr", "y", "yo", "лет"))
_AGE = frozenset(("age", "aged", "возраст", "возраста", "возрасте"))
_BEFORE_YEARS = frozenset((" ", "-"))
_BEHIND_AGE = frozenset((" ", "-", ":", "=", ": ", " = "))
_MORE_DIGITS = re.compile(r"[\d.,]*\d")


@bounded_cache(maxsize=4096)  # a series repeats nearly all of its texts
def holds_old_age(text: str, limit: int) -> bool:
    """Whether a text holds an age above `limit` years, with a word of years behind the number or of age before it."""
    if not any(map(str.isdigit, text)):
        return False
    words = list(_WORD.finditer(text))
    return any(
        _is_above(word[0], limit)
        and not _ends_number(text, word.start())
        and (not word[0].isdigit() or _is_age(text, words, index))
        for index, word in enumerate(words)
    )


def _is_above(word: str, limit: int) -> bool:
    number = _ALONE.fullmatch(word)
    return number is not None and limit < int(number[1]) <= _OLDEST


def _ends_number(text: str, start: int) -> bool:
    """Whether digits and a point or comma stand before the place."""
    return start > 1 and text[start - 1] in ".," and text[start - 2].isdigit()


def _is_age(text: str, words: list[re.Match[str]], index: int) -> bool:
    word = words[index]
    for behind in words[index + 1 : index + 2]:
        between = text[word.end() : behind.start()]
        if between in _BEFORE_YEARS and behind[0].lower() in _YEARS and text[behind.end() :][:1] != "_":
            return True
    return any(
        before[0].lower() in _AGE
        and text[before.end() : word.start()] in _BEHIND_AGE
        and not _MORE_DIGITS.match(text, word.end())
        and text[before.start() - 1 : before.start()] != "_"
        for before in words[max(index - 1, 0) : index]
    )
