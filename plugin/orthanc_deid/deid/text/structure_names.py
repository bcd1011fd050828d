"""Names of structures, plans and beams: kept whole or replaced whole, so that they stay distinct (RULES.md).

Programs select structures by these names. Cut word by word, `OpticNrv_L` and `GTVn_L` would both become `L`, and
`SpinalCord_PRV05` would become the organ itself.
"""

from __future__ import annotations

import re
from base64 import b32encode
from typing import Final

from orthanc_deid.config.key import Key
from orthanc_deid.deid.text.transliteration import fold
from orthanc_deid.deid.text.vocabulary import is_known
from orthanc_deid.standard.medical_words import structure_words

LETTERS: Final = 12
PREFIX: Final = "X-"
MOST_DIGITS: Final = 5  # a dose in cGy has four or five

_WORD = re.compile(r"[^\W_]+")
_PARTS = re.compile(r"[A-ZА-ЯЁ]?[a-zа-яё]+|[A-ZА-ЯЁ]+(?![a-zа-яё])|\d+")
_NO_DIGITS = str.maketrans("234567", "qrstuv")


def is_structure_name(name: str) -> bool:
    """Whether every word of `name` is known, alone or written together: SeminalVes, GTVp1, PTV_6000."""
    return all(map(_is_known, _WORD.findall(name)))


def _is_known(word: str) -> bool:
    if word.isdigit():
        return len(word) <= MOST_DIGITS
    if is_known(word, everyday=False) or _is_listed(word):
        return True
    parts = _PARTS.findall(word)
    return "".join(parts) == word and all(map(_is_known_part, parts))


def _is_known_part(part: str) -> bool:
    if part.isdigit():
        return len(part) <= MOST_DIGITS
    return len(part) == 1 or _is_listed(part) or is_known(part, everyday=False)


def _is_listed(word: str) -> bool:
    letters = word.rstrip("0123456789")
    return len(word) - len(letters) <= MOST_DIGITS and fold(letters) in structure_words()


def replaced_name(name: str, key: Key) -> str:
    """Return the name that stands for one that may not stay: the same for the same name, in 14 characters."""
    digest = key.digest("patient", f"structure\0{name}".encode())
    return PREFIX + b32encode(digest).decode("ascii").lower().translate(_NO_DIGITS)[:LETTERS]
