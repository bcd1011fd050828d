"""Comments that encoders write into compressed frames: their names, versions and settings."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from orthanc_deid.standard.tables import encoder_words
from orthanc_deid.verify.text.cleaned_text_dates import dates_are_changed

_WORD: Final = re.compile(r"[A-Za-z]{3,}")  # shorter ones occur in any bytes by chance
_NOT_READ: Final = re.compile(
    rb"[\x80-\xff]{4}|(?:[A-Za-z]\0){4}|(?:\0[A-Za-z]){4}|(?:[\x10-\x4f]\x04){4}|(?:\x04[\x10-\x4f]){4}|[0-9]{6}"
)
"""Other alphabets, UTF-16 in either byte order, and numbers long enough to be an ID."""


_LONGEST: Final = 1024  # bytes


def is_encoder_comment(content: bytes) -> bool:
    """Whether a segment contains only words that encoders are known to write, and no date.

    Frames are not changed, so that any other text in them would be released.
    """
    return len(content) <= _LONGEST and _is_known(content)


@lru_cache(maxsize=256)
def _is_known(content: bytes) -> bool:
    if _NOT_READ.search(content):
        return False
    text = content.decode("latin-1")
    known = all(word.lower() in encoder_words() for word in _WORD.findall(text))
    return known and dates_are_changed("", text, "table", 0)
