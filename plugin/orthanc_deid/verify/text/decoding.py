"""Decoding of texts in all character sets that may be meant (PS3.5 section 6.1, PS3.3 section C.12.1.1.2)."""

from __future__ import annotations

import re
from codecs import lookup
from collections.abc import Callable
from functools import lru_cache

from pydicom.charset import CODES_TO_ENCODINGS, STAND_ALONE_ENCODINGS, python_encoding

from orthanc_deid.bounded_cache import bounded_cache
from orthanc_deid.verify.text.wrong_readings import has_marked_latin, is_wrongly_read

Terms = tuple[str, ...]
"""The defined terms of Specific Character Set, trimmed; empty where there is none."""

GUESSES = (
    *("utf-8", "cp1251", "iso8859_5", "koi8_u", "cp866"),
    *("cp1250", "iso8859_2", "cp1252", "cp1253", "cp1254", "cp850", "latin-1"),
)
"""Codecs that are tried besides the declared one: many writers declare none, or a wrong one."""

_SPELLINGS = re.compile(
    r"(?P<iso>ISO)?(?:(?P<extended>2022)?IR0*(?P<number>\d{1,3})|8859(?P<part>\d\d?))", re.A
)
_ISO_8859 = ("", "100", "101", "109", "110", "144", "127", "126", "138", "148", "", "166", "", "", "", "203")
"""The ISO-IR numbers of the parts of ISO 8859 by their own number (PS3.3 Table C.12-2)."""
_OTHER_SPELLINGS = {"UTF8": "ISO_IR 192", "GB2312": "GBK", "GBK": "GBK", "GB18030": "GB18030"}
_ASCII_ONLY = "ISO 2022 IR 6"
_MOST_BYTES = 1024
_ESCAPE = b"\x1b"
_CODECS = {
    **python_encoding,
    **dict.fromkeys(("ISO_IR 203", "ISO 2022 IR 203"), "iso8859_15"),  # terms that pydicom does not have
    **dict.fromkeys(("ISO 2022 IR 58", "ISO 2022 58"), "gb2312"),
}
_DOUBLE_BYTES = frozenset(("GB18030", "GBK", "gb2312", "euc_kr", "shift_jis"))
_SEVEN_BITS = frozenset(("", "ISO_IR 6", "ISO 2022 IR 6", "ISO 2022 IR 87", "ISO 2022 IR 159"))
_DESIGNATED = {
    **{escape: lookup(name).name for escape, name in CODES_TO_ENCODINGS.items()},
    b"\x1b-b": "iso8859-15",
}
"""The codec that an escape sequence designates (PS3.3 Tables C.12-3 and C.12-4)."""
_TO_SINGLE_BYTES = frozenset((b"\x1b(B", b"\x1b(J"))
_TO_DOUBLE_BYTES = frozenset((b"\x1b$B", b"\x1b$(D"))
_SEQUENCE = re.compile(rb"\x1b(?:\$[()]?|[-()])[@-~]")
_TOKEN = re.compile(
    rb"(\x1b(?:\$[()]?|[-()])[@-~])|([\x80-\xff]+)|([\t\n\f\r]+|[^\x80-\xff\t\n\f\r\x1b]+|\x1b)"
)
_ENDS_ALL = re.compile(rb"[\t\n\f\r]").search
_ENDS_VALUE = re.compile(rb"[\t\n\f\r\\]").search
_ENDS_NAME = re.compile(rb"[\t\n\f\r\\^=]").search


@lru_cache(maxsize=256)
def parse_terms(value: bytes | None) -> Terms:
    """Return the terms of a Specific Character Set value as `profile/RULES.md` reads them ("Structure")."""
    text = (value or b"").decode("latin-1").strip(" \0")
    if not text:
        return ()
    if len(value or b"") > _MOST_BYTES:
        return (_ASCII_ONLY,)
    written = [term.strip(" \0") for term in text.split("\\")]
    if not all(map(is_defined, written)):
        written = [term.strip(" \0") for term in text.replace(",", "\\").split("\\")]
    first, *others = (_term(term, len(written) > 1) for term in written)
    terms = (first if first or not written[0] else _ASCII_ONLY, *(term for term in others if term))
    return terms if any(terms) else ()


def _term(text: str, extended: bool) -> str:
    """Return the defined term that is written or meant; empty where there is none."""
    if is_defined(text):
        return text
    letters = "".join(sign for sign in text.upper() if sign.isascii() and sign.isalnum())
    found = _SPELLINGS.fullmatch(letters)
    if found is None or not (found["iso"] or found["part"]):
        return _OTHER_SPELLINGS.get(letters, "")
    part = int(found["part"] or 0)
    number = found["number"] or (_ISO_8859[part] if part < len(_ISO_8859) else "")
    terms = [f"ISO_IR {number}", f"ISO 2022 IR {number}"]
    if extended or found["extended"]:
        terms.reverse()
    return next(filter(is_defined, terms), "")


def is_defined(term: str) -> bool:
    """Whether the standard defines the term."""
    return term in _CODECS


def is_allowed(value: bytes, terms: Terms) -> bool:
    """Whether the character set allows the bytes of a text."""
    if _ESCAPE in value:
        if terms and terms[0] in STAND_ALONE_ENCODINGS:
            return False
        sequences = _SEQUENCE.findall(value)
        if len(sequences) < value.count(_ESCAPE) or not _declared(terms).issuperset(sequences):
            return False
    if not value.isascii() and all(term in _SEVEN_BITS for term in terms):
        return False
    return "\ufffd" not in decode(value, terms)


@lru_cache(maxsize=256)
def _declared(terms: Terms) -> frozenset[bytes]:
    """Return the escape sequences of the declared sets; ISO 646 is always among them."""
    names = {lookup(_CODECS[term]).name for term in terms if term in _CODECS}
    return _TO_SINGLE_BYTES.union(escape for escape, name in _DESIGNATED.items() if name in names)


def decode_whole(value: bytes, terms: Terms) -> str:
    """Return `value` decoded as declared, or by Latin-1 where its character set does not allow the bytes."""
    return decode(value, terms) if is_allowed(value, terms) else value.decode("latin-1")


def codec(terms: Terms) -> str:
    """Return the Python codec of text before any escape sequence: that of the first term with more than 7 bits.

    A term that the standard does not define is read as ISO 646 with the upper half of ISO 8859-1.
    """
    return next((_CODECS.get(term, "latin-1") for term in terms if term not in _SEVEN_BITS), "latin-1")


def decode(value: bytes, terms: Terms) -> str:
    """Return `value` decoded as declared; bytes that cannot be decoded become U+FFFD."""
    if value.isascii() and _ESCAPE not in value:
        return value.decode("ascii")
    if _ESCAPE not in value:
        return value.decode(codec(terms), "replace")
    return _decode_extended(value, terms, _ENDS_NAME)


def _decode_extended(value: bytes, terms: Terms, ends: Callable[[bytes], object]) -> str:
    """Decode code extensions, declared or not; the first term holds again after bytes in which `ends` matches."""
    first = upper = codec(terms)
    has_first = bool(terms) and terms[0] not in _SEVEN_BITS
    double = b""
    found: list[str] = []
    for sequence, high, low in _TOKEN.findall(value):
        if sequence in _TO_SINGLE_BYTES:
            double = b""
        elif sequence in _TO_DOUBLE_BYTES:
            double = sequence
        elif sequence:
            upper = _DESIGNATED.get(sequence, upper)
        elif high:
            found.append(high.decode(upper, "replace"))
        elif double and not _ENDS_ALL(low):
            found.append((double + low).decode(_DESIGNATED[double], "replace"))
        else:
            found.append(low.decode("ascii"))
            double, upper = b"", first if has_first and ends(low) else upper
    return "".join(found)


def readings(value: bytes, terms: Terms) -> frozenset[str]:
    """Return the possible readings of `value`: as declared, and by each of `GUESSES`.

    Valid UTF-8 beyond ASCII has that reading alone, since others would yield fragments of words; but text in a
    character set of two bytes per letter may be valid UTF-8 by chance.
    """
    declared = decode(value, terms)
    extended = {_decode_extended(value, terms, _ENDS_VALUE)} if _ESCAPE in value else set()
    if value.isascii():
        return frozenset((declared, *extended))
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        return frozenset((declared, *extended, *(value.decode(guess, "replace") for guess in GUESSES)))
    return frozenset((text, declared, *extended) if extended or codec(terms) in _DOUBLE_BYTES else (text,))


@bounded_cache(maxsize=2048)
def believed(value: bytes, terms: Terms) -> frozenset[str]:
    """Return the probable readings of `value`: the declared one, and those whose words look like words.

    If the declared character set does not allow the bytes and no reading looks like words, all are probable.
    """
    if _ESCAPE in value and is_allowed(value, terms):
        return frozenset((decode(value, terms),))
    found = readings(value, terms)
    if len(found) == 1:
        return found
    others = frozenset(text for text in found if not is_wrongly_read(text))
    if not is_allowed(value, terms):
        return others or found
    declared = decode(value, terms)
    if has_marked_latin(declared) and not is_wrongly_read(declared):
        others = frozenset(text for text in others if not has_marked_latin(text))  # they differ in marks
    return frozenset((declared, *others))
