"""Ages in texts: one above the profile's limit is written as the limit plus one year (RULES.md, "Cleaned text")."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

OLDEST: Final = 130
"""A larger number is no age in years."""

_BEHIND: Final = (
    r"(?:[ -]?(?:years?|yrs?)\b(?:[ -]?old\b)?|[ -]?y\.?[ /]?o\.?(?![^\W_])|[ -]?y(?![^\W_])"
    r"|[ -]?(?:летн|лет\b|год|г\.?р?\.?(?=[,; )]|$)|л\.(?![^\W_])))"
)
_BEFORE: Final = r"(?:\b(?:age[ds]?|возраст[аеу]?|ему|ей)[ :=-]{1,3})"
_DIGITS: Final = r"(?<![^\W_])(?<!\d[.,])0?(?:[1-9]\d|1[0-3]\d)"


@cache
def _ages() -> re.Pattern[str]:
    """Compile on first use: an age by the words before or behind its number."""
    return re.compile(
        rf"{_BEFORE}(?P<one>{_DIGITS})(?![\d.,]*\d)|(?P<two>{_DIGITS})(?={_BEHIND})", re.IGNORECASE
    )


def old_age_spans(text: str, limit: int) -> list[tuple[int, int]]:
    """Return start and end of the ages above `limit` years in `text`, with the words of years beside them."""
    if not any(char.isdigit() for char in text):
        return []
    return [
        (match.start(), _end_of_years(text, match.end()))
        for match in _ages().finditer(text)
        if limit < int(match["one"] or match["two"]) <= OLDEST
    ]


def _end_of_years(text: str, start: int) -> int:
    years = _years().match(text, start)
    return years.end() if years else start


@cache
def _years() -> re.Pattern[str]:
    return re.compile(rf"{_BEHIND}[^\W\d_]*", re.IGNORECASE)


def cap_ages(text: str, limit: int) -> str:
    """Return `text` with every age above `limit` years as `limit` + 1."""
    if not any(char.isdigit() for char in text):
        return text

    def capped(match: re.Match[str]) -> str:
        written = match["one"] or match["two"]
        if not limit < int(written) <= OLDEST:
            return match[0]
        return (
            match[0][: len(match[0]) - len(written)]
            + f"{limit + 1:0{len(written) if written[0] == '0' else 1}d}"
        )

    return _ages().sub(capped, text)
