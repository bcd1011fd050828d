"""Runs of letters and of digits in folded text, as the searches for numbers, dates and addresses read them."""

from __future__ import annotations

import re
from typing import NamedTuple

_RUN = re.compile(r"\d+|[^\W\d_]+")


class Token(NamedTuple):
    """A run of digits (`is_number`) or of letters, its span, and the signs between it and the run before it."""

    text: str
    start: int
    end: int
    is_number: bool
    gap: str


def tokens_of(folded: str) -> list[Token]:
    """Return the runs in order; digits of other scripts are given in ASCII."""
    found = []
    end = 0
    for match in _RUN.finditer(folded):
        text = match[0]
        is_number = text[0].isdecimal()
        if is_number and not text.isascii():
            text = "".join(str(int(char)) for char in text)
        found.append(Token(text, match.start(), match.end(), is_number, folded[end : match.start()]))
        end = match.end()
    return found
