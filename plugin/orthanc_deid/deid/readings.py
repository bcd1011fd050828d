"""The texts that encoded bytes may stand for, whatever character set was declared (RULES.md, "Identifying values").

Writers often declare ISO 8859-1 or ISO 8859-5 and write Windows-1251 or UTF-8. Nothing in the bytes says so: a
reading by another codec is recognized by its words alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from orthanc_deid.bounded_cache import bounded_cache
from orthanc_deid.dicom import character_sets

_UNDECLARED: Final = (
    "utf-8", "cp1251", "iso8859_5", "koi8_u", "cp866", "cp1250", "iso8859_2", "cp1252", "cp1253", "cp1254", "cp850",
    "latin-1",
)  # fmt: skip
"""Codecs of text whose character set is wrongly declared or not declared."""

_WORD: Final = re.compile(r"[^\s\0-@\[-`{-\x7f«»„“”‘’–—…]+")
"""What is no ASCII but letters, quotation marks and dashes aside: words, with the signs that touch them."""
_NO_TEXT: Final = re.compile(r"[\x80-\x9f\u2320\u2321\u2500-\u25ff\ue000-\uf8ff\ufffd]")
"""Controls, and the box-drawing characters that KOI8-R and CP 866 hold beside letters."""
_CASES: Final = re.compile(r"u+|l+|l{0,3}(?:ul+)+|c+")  # МУ, му, деМоле, МакДональд; not мУ
_LATIN: Final = re.compile("[\u00c0-\u024f]")  # beyond ASCII, which any name may contain
_NEVER_FIRST: Final = frozenset("ъьЪЬ")
_MOST_MARKED: Final = (
    2  # of this many letters of a Latin word one has a mark at most; in wrong readings nearly all
)


def readings(raw: bytes, terms: tuple[str, ...]) -> list[str]:
    """Return the texts that an identifying value may stand for, the declared reading first.

    Bytes that the declared character set does not allow are read by every likely codec. Where it allows them, other
    readings count as well if they are UTF-8, or if all their words look like words. UTF-8 that was declared, and is
    valid, stands for itself alone.
    """
    try:
        declared = [character_sets.decode(raw, terms)]
    except UnicodeDecodeError:
        return [text for _, text in _decoded(raw)]
    if raw.isascii() or character_sets.is_unicode(terms):
        return declared
    is_plain = are_words(declared[0]) and _LATIN.search(declared[0])
    for codec, text in _decoded(raw):
        if codec == "utf-8" or (are_words(text) and not (is_plain and _LATIN.search(text))):
            declared.append(text)  # other Latin readings differ in marks alone: Zięba, Ziêba
    return list(dict.fromkeys(declared))


@bounded_cache(maxsize=1024)
def all_readings(raw: bytes, terms: tuple[str, ...], vr: str = "PN") -> tuple[str, ...]:
    """Return the readings of a text that is searched: also those in which nothing looks like a word.

    A name in such a reading is found all the same. Valid UTF-8 has no other reading than the declared one.
    Raises UnicodeDecodeError where the declared character set does not allow the bytes.
    """
    declared = character_sets.decode(raw, terms, vr)
    if raw.isascii() or character_sets.is_unicode(terms):
        return (declared,)
    found = [declared]
    for codec, text in _decoded(raw):
        found.append(text)
        if codec == "utf-8":
            break
    return tuple(dict.fromkeys(found))


def _decoded(raw: bytes) -> Iterator[tuple[str, str]]:
    """Yield the codecs that can read the bytes, with what they read."""
    for codec in _UNDECLARED:
        try:
            yield codec, raw.decode(codec)
        except UnicodeDecodeError:
            continue


def are_words(text: str) -> bool:
    """Whether all words of the text could be written on purpose; a wrong codec rarely produces such words."""
    return _NO_TEXT.search(text) is None and all(map(_is_word, _WORD.findall(text)))


def _is_word(word: str) -> bool:
    if word.isascii():
        return True
    letters = unicodedata.normalize("NFC", word)
    if not any(map(str.isalpha, letters)):
        return True  # a sign between spaces, as №
    if not letters.isalpha() or letters[0] in _NEVER_FIRST or len({*map(_script, letters)}) > 1:
        return False
    if not _CASES.fullmatch("".join(map(_case, letters))):
        return False
    marked = sum(not letter.isascii() for letter in letters)
    return _script(letters[0]) != "LATIN" or marked * _MOST_MARKED <= max(len(letters), _MOST_MARKED + 1)


def _case(letter: str) -> str:
    return "u" if letter.isupper() else "l" if letter.islower() else "c"


@lru_cache(maxsize=1024)
def _script(letter: str) -> str:
    """Return the first word of the character's name, which is its script: LATIN, CYRILLIC."""
    return unicodedata.name(letter, "").partition(" ")[0]
