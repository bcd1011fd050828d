"""English and Russian names of months: in full, abbreviated, and in the Russian cases."""

from __future__ import annotations

from typing import Final

_ENGLISH: Final = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_ENGLISH_SHORT: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_RUSSIAN_STEMS: Final = (
    "январ", "феврал", "март", "апрел", "ма", "июн", "июл", "август", "сентябр", "октябр", "ноябр", "декабр",
)  # fmt: skip
_RUSSIAN_SHORT: Final = ("янв", "фев", "мар", "апр", "май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
_HARD: Final = {"": "", "а": "а", "у": "у", "ом": "ом", "е": "е"}  # март, август
_SOFT: Final = {"": "ь", "а": "я", "у": "ю", "ом": "ем", "е": "е"}  # январь
_MAY: Final = {"": "й", "а": "я", "у": "ю", "ом": "ем", "е": "е"}


def _endings(month: int) -> dict[str, str]:
    """Return the endings of a Russian month (1 to 12) by case; the hard ending is the key of the case."""
    if month == 5:
        return _MAY
    return _HARD if month in (3, 8) else _SOFT


def _russian_words() -> dict[str, tuple[int, str]]:
    """Return month and case of every form of a Russian name in full."""
    return {
        stem + ending: (month, case)
        for month, stem in enumerate(_RUSSIAN_STEMS, 1)
        for case, ending in _endings(month).items()
    }


_RUSSIAN: Final = _russian_words()
_SHORT: Final = {
    **{word: month for month, word in enumerate(_RUSSIAN_SHORT, 1) if word != "май"},
    **{word: month for month, word in enumerate(_ENGLISH_SHORT, 1) if word != "may"},
    "sept": 9,
    "сент": 9,
    "нояб": 11,
    "февр": 2,
}
_WHOLE: Final = {word: month for month, word in enumerate(_ENGLISH, 1)}

MONTH_PATTERN: Final = (
    "(?:"
    + "|".join(sorted({*_ENGLISH, *_RUSSIAN, *_SHORT}, key=lambda word: (-len(word), word)))
    + r")(?![^\W\d_])"
)
"""Matches the name of a month as a whole word; requires re.IGNORECASE."""


_ROMAN: Final = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
ROMAN_PATTERN: Final = (
    "(?-i:(?:" + "|".join(sorted(_ROMAN, key=lambda name: (-len(name), name))) + r"))(?![^\W\d_])"
)
"""Matches a month in roman numbers, as in 12.III.2024."""


def roman_number(name: str) -> int:
    """Return 1 to 12 for a month that `ROMAN_PATTERN` matches."""
    return _ROMAN.index(name) + 1


def roman_word(month: int, like: str) -> str:
    """Return `month` (1 to 12) in roman numbers, which are in capital letters as `like` is."""
    return _ROMAN[month - 1] if like.isupper() else _ROMAN[month - 1].lower()


def month_number(name: str) -> int:
    """Return 1 to 12 for a name that `MONTH_PATTERN` matches."""
    word = name.lower()
    if word in _RUSSIAN:
        return _RUSSIAN[word][0]
    return _WHOLE.get(word) or _SHORT[word]


def month_word(month: int, like: str) -> str:
    """Return the name of `month` (1 to 12) in the language, length, Russian case and letter case of `like`."""
    word = like.lower()
    if word in _RUSSIAN:
        written = _RUSSIAN_STEMS[month - 1] + _endings(month)[_RUSSIAN[word][1]]
    elif word in _WHOLE:
        written = _ENGLISH[month - 1]
    elif word.isascii():
        written = _ENGLISH_SHORT[month - 1]
    else:
        written = "мая" if month == 5 else _RUSSIAN_SHORT[month - 1]
    if like.isupper():
        return written.upper()
    return written.capitalize() if like[0].isupper() else written


def is_whole(name: str) -> bool:
    """Whether `name` is an English or Russian name in full and not an abbreviation."""
    return name.lower() in _RUSSIAN or name.lower() in _WHOLE
