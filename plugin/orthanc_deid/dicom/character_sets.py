"""Text by Specific Character Set (0008,0005): PS3.3 section C.12.1.1.2 and PS3.5 section 6.1.

The codecs are those that pydicom names. Decoding is strict: bytes that the character set does not allow raise an
error, and are never replaced by a question mark.
"""

from __future__ import annotations

import re
from functools import lru_cache

from pydicom.charset import python_encoding

from orthanc_deid.dicom import code_extensions
from orthanc_deid.errors import RefusedError

DEFAULT: tuple[str, ...] = ("",)
"""The terms in force where no Specific Character Set is given: ISO_IR 6, plain ASCII."""

_ESCAPE = b"\x1b"
_MISSPELLED = re.compile(r"ISO(?P<extended>[ _]2022)?[ _-]IR[ _-](?P<number>\d+)")
_LONGEST = 1024  # bytes of a Specific Character Set: enough for every term of the standard
_CODECS = {
    **python_encoding,
    **dict.fromkeys(("", "ISO_IR 6", "ISO 2022 IR 6"), code_extensions.ASCII),
    **dict.fromkeys(("ISO 2022 IR 58", "ISO 2022 58"), "gb2312"),
    **dict.fromkeys(("ISO_IR 203", "ISO 2022 IR 203"), "iso8859_15"),
}
_NEVER_ALONE = frozenset(("gb2312", "euc_kr", "iso2022_jp", "iso2022_jp_2"))
_SIGNS = str.maketrans(
    "\u00c5\u03a9", "\u212b\u2126"
)  # NFC composes these signs, which some sets encode as such


@lru_cache(maxsize=256)
def parse(raw: bytes) -> tuple[str, ...]:
    """Return the defined terms of a Specific Character Set value, common misspellings corrected.

    Raises RefusedError for a term that the standard does not define.
    """
    if len(raw) > _LONGEST:
        raise RefusedError("unknown character set", "(0008,0005)")
    terms = tuple(_defined_term(part.strip(b" \0").decode("latin-1")) for part in raw.split(b"\\"))
    return terms if any(terms) else DEFAULT


def _defined_term(term: str) -> str:
    if term not in _CODECS:
        found = _MISSPELLED.fullmatch(term)
        if found is not None:
            term = f"ISO{' 2022 IR' if found['extended'] else '_IR'} {found['number']}"
    if term not in _CODECS:
        raise RefusedError("unknown character set", "(0008,0005)")
    return term


@lru_cache(maxsize=256)
def _codecs(terms: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_CODECS[term] for term in terms)


def decode(raw: bytes, terms: tuple[str, ...], vr: str = "PN") -> str:
    """Return the text of `raw` under `terms`. Raises UnicodeDecodeError where the character set does not allow it."""
    if _ESCAPE not in raw:
        return raw.decode("ascii" if raw.isascii() else code_extensions.upper_codec(_codecs(terms)))
    return code_extensions.decode(raw, _codecs(terms), is_name=vr == "PN")


def allows_all_bytes(terms: tuple[str, ...]) -> bool:
    """Whether any byte is a character under `terms`: then a text may be of another character set unnoticed."""
    return code_extensions.upper_codec(_codecs(terms)) == "latin_1"


def encode(text: str, terms: tuple[str, ...]) -> bytes:
    """Return `text` in those of `terms` that can hold it. Raises UnicodeEncodeError where none can."""
    if text.isascii():
        return text.encode("ascii")
    codecs = _codecs(terms)
    try:
        return _encode(text, codecs)
    except UnicodeEncodeError:
        return _encode(text.translate(_SIGNS), codecs)


def _encode(text: str, codecs: tuple[str, ...]) -> bytes:
    if _is_extended(codecs):
        return code_extensions.encode(text, codecs)
    return text.encode(codecs[0])


def _is_extended(codecs: tuple[str, ...]) -> bool:
    """Whether code extensions may be written: there are several terms, or one that is not used without."""
    return code_extensions.can_extend(codecs[0]) and (len(codecs) > 1 or codecs[0] in _NEVER_ALONE)
