"""Text by Specific Character Set (0008,0005): PS3.3 section C.12.1.1.2 and PS3.5 section 6.1.

The codecs and the escape sequences are pydicom's. Decoding here is strict: bytes that the character set does not
allow are an error for the caller to judge, never a question mark.
"""

from __future__ import annotations

import re
import warnings
from functools import lru_cache

from pydicom import charset

from orthanc_deid.errors import RefusedError

DEFAULT: tuple[str, ...] = ("",)
"""The terms in force where no Specific Character Set is given: ISO_IR 6, plain ASCII."""

_ESCAPE = b"\x1b"
_MISSPELLED = re.compile(r"ISO(?P<extended>[ _]2022)?[ _-]IR[ _-](?P<number>\d+)")
_DELIMITERS = frozenset(b"\r\n\t\f\\^=")
_STRETCH = re.compile(r"[^\r\n\t\f\\^=]+|[\r\n\t\f\\^=]+")
_PIECE = 256  # characters that pydicom encodes at once: its time grows with their square
_LONGEST = 1024  # bytes of a Specific Character Set: each of the standard's terms would have room


@lru_cache(maxsize=256)
def parse(raw: bytes) -> tuple[str, ...]:
    """Return the defined terms of a Specific Character Set value, common misspellings put right.

    Raises RefusedError for a term that the standard does not define.
    """
    if len(raw) > _LONGEST:
        raise RefusedError("unknown character set", "(0008,0005)")
    terms = tuple(_defined_term(part.strip(b" \0").decode("latin-1")) for part in raw.split(b"\\"))
    return terms if any(terms) else DEFAULT


def _defined_term(term: str) -> str:
    if term not in charset.python_encoding:
        found = _MISSPELLED.fullmatch(term)
        if found is not None:
            term = f"ISO{' 2022 IR' if found['extended'] else '_IR'} {found['number']}"
    if term not in charset.python_encoding:
        raise RefusedError("unknown character set", "(0008,0005)")
    return term


@lru_cache(maxsize=256)
def _codecs(terms: tuple[str, ...]) -> list[str]:
    return [charset.python_encoding[term] for term in terms]


def decode(raw: bytes, terms: tuple[str, ...]) -> str:
    """Return the text of `raw` under `terms`. Raises UnicodeDecodeError where the character set does not allow it."""
    if raw.isascii() and _ESCAPE not in raw:
        return raw.decode("ascii")
    codecs = _codecs(terms)
    if _ESCAPE not in raw:
        return raw.decode("ascii" if terms == DEFAULT else codecs[0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        text = charset.decode_bytes(raw, codecs, set(_DELIMITERS))
    if "\ufffd" in text or "\x1b" in text:
        raise UnicodeDecodeError("iso2022", raw, 0, len(raw), "not in the character set")
    return text


def encode(text: str, terms: tuple[str, ...]) -> bytes:
    """Return `text` in the first of `terms` that can hold it. Raises UnicodeEncodeError where none can."""
    if text.isascii():
        return text.encode("ascii")
    codecs = _codecs(terms)
    if len(codecs) == 1:
        return text.encode("ascii" if terms == DEFAULT else codecs[0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return _encode_extended(text, codecs)
        except UserWarning:
            raise UnicodeEncodeError("iso2022", text, 0, len(text), "not in the character set") from None


def _encode_extended(text: str, codecs: list[str]) -> bytes:
    """Encode with code extensions (PS3.5 section 6.1.2.5).

    Readers return to the first term at delimiters, some at all of them and some at fewer. So what follows one, as
    every piece, says by itself what it is in.
    """
    found: list[bytes] = []
    escaped = False
    for stretch in _STRETCH.findall(text):
        for at in range(0, len(stretch), _PIECE):
            piece = bytes(charset.encode_string(stretch[at : at + _PIECE], codecs))
            if escaped and not piece.isascii() and not piece.startswith(_ESCAPE):
                found.append(charset.ENCODINGS_TO_CODES.get(codecs[0], b""))
            found.append(piece)
            escaped = escaped or _ESCAPE in piece
    return b"".join(found)
