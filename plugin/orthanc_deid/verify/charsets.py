"""Bytes to text in every character set that may be meant (PS3.5 section 6.1, PS3.3 C.12.1.1.2)."""

from __future__ import annotations

import re
from codecs import lookup

from pydicom.charset import CODES_TO_ENCODINGS, python_encoding

Terms = tuple[str, ...]
"""The defined terms of Specific Character Set, trimmed; empty where there is none."""

GUESSES = ("utf-8", "cp1251", "latin-1")
"""Read besides what is declared: many writers declare nothing, or not the truth."""

_UNDECLARED = ("iso8859_5", "koi8_r", "cp866")
"""What an identifying value may be in as well, where its character set does not allow the bytes."""

_MISSPELLED = re.compile(r"ISO(?P<extended>[ _]2022)?[ _-]IR[ _-](?P<number>\d+)")
_LATIN_1 = lookup("latin-1").name
_ESCAPE = b"\x1b"
_LONGEST_ESCAPE = 4


def parse_terms(value: bytes | None) -> Terms:
    """Return the terms of a Specific Character Set value, common misspellings put right."""
    text = (value or b"").decode("latin-1").strip(" \0")
    return tuple(_term(term.strip(" \0")) for term in text.split("\\")) if text else ()


def _term(text: str) -> str:
    found = None if text in python_encoding else _MISSPELLED.fullmatch(text)
    return text if found is None else f"ISO{' 2022 IR' if found['extended'] else '_IR'} {found['number']}"


def is_allowed(value: bytes, terms: Terms) -> bool:
    """Whether the character set allows the bytes of a text, so that somebody can read it."""
    if value.isascii() and _ESCAPE not in value:
        return True
    return any(terms) and "\ufffd" not in decode(value, terms)


def decode_whole(value: bytes, terms: Terms) -> str:
    """Return `value` as declared, by Latin-1 where its character set does not allow the bytes: nothing is lost."""
    return decode(value, terms) if is_allowed(value, terms) else value.decode("latin-1")


def codec(terms: Terms) -> str:
    """Return the Python codec of what no escape sequence introduces: that of the first term.

    A term that the standard does not define is read as ISO 646 with the upper half of ISO 8859-1.
    """
    return python_encoding.get(terms[0], "latin-1") if terms else "latin-1"


def decode(value: bytes, terms: Terms) -> str:
    """Return `value` as its Specific Character Set declares it; what cannot be read becomes U+FFFD."""
    if value.isascii() and _ESCAPE not in value:
        return value.decode("ascii")
    first = codec(terms)
    if _ESCAPE not in value:
        return value.decode(first, "replace")
    head, *rest = value.split(_ESCAPE)
    return head.decode(first, "replace") + "".join(_decode_escaped(part, first) for part in rest)


def _decode_escaped(part: bytes, first: str) -> str:
    """Decode what follows one ESC; the codecs of ISO 2022 want the escape sequence itself."""
    escaped = _ESCAPE + part
    for length in range(_LONGEST_ESCAPE, 2, -1):
        name = CODES_TO_ENCODINGS.get(escaped[:length])
        if name is None:
            continue
        keeps = name.startswith("iso2022") or name == "iso_ir_58"
        return (escaped if keeps else escaped[length:]).decode(name, "replace")
    return part.decode(first, "replace")


def readings(value: bytes, terms: Terms) -> frozenset[str]:
    """Return the texts that `value` may mean: as declared, and as UTF-8, CP1251 and Latin-1 besides.

    What is valid UTF-8 beyond ASCII is UTF-8: read otherwise it would be fragments of words that nobody wrote.
    """
    declared = decode(value, terms)
    if value.isascii():
        return frozenset((declared,))
    try:
        return frozenset((value.decode("utf-8"),))
    except UnicodeDecodeError:
        return frozenset((declared, *(value.decode(guess, "replace") for guess in GUESSES)))


def believed(value: bytes, terms: Terms) -> frozenset[str]:
    """Return what `value` is likely to mean: one text, where a character set beyond Latin-1 allows its bytes.

    Read otherwise it would be letters that nobody wrote, and that any text read in the same way could hold.
    """
    declared = decode(value, terms)
    beyond = lookup(codec(terms)).name != _LATIN_1
    if beyond and "\ufffd" not in declared:
        return frozenset((declared,))
    found = readings(value, terms)
    if len(found) == 1:
        return found
    return found | {value.decode(name, "replace") for name in _UNDECLARED}
