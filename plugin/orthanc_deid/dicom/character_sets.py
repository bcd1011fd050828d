"""Text by Specific Character Set (0008,0005): PS3.3 section C.12.1.1.2 and PS3.5 section 6.1.

The codecs are those that pydicom names. Decoding is strict: bytes that the character set does not allow raise an
error, and are never replaced by a question mark.
"""

from __future__ import annotations

import re
from functools import lru_cache

from pydicom.charset import python_encoding

from orthanc_deid.dicom import code_extensions

DEFAULT: tuple[str, ...] = ("",)
"""The terms in force where no Specific Character Set is given: ISO_IR 6, plain ASCII."""

_ESCAPE = b"\x1b"
_UNKNOWN = "ISO 2022 IR 6"
"""What is written for a first value that is no character set of the standard: ASCII."""

_LONGEST = 1024  # bytes of a Specific Character Set: enough for every term of the standard
_SEPARATOR = re.compile(rb"[\\,]")
_NO_LETTER = re.compile(r"[^A-Z0-9]+")
_NUMBERED = re.compile(r"ISO(?P<extended>2022)?IR0*(?P<number>[0-9]{1,3})", re.ASCII)
_PART = re.compile(r"(?:ISO)?8859(?P<part>[0-9]{1,2})", re.ASCII)
_PARTS = {1: 100, 2: 101, 3: 109, 4: 110, 5: 144, 6: 127, 7: 126, 8: 138, 9: 148, 11: 166, 15: 203}
"""ISO-IR registration numbers of the parts of ISO 8859 (PS3.3 Table C.12-2)."""
_NAMES = {
    "UTF8": "ISO_IR 192",
    "GB18030": "GB18030",
    "GBK": "GBK",
    "GB2312": "GBK",
}  # GBK holds all of GB 2312
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
    """Return the defined terms of a Specific Character Set value, misspelled ones corrected.

    A first value that cannot be read as one of the standard's is `ISO 2022 IR 6`, others of the kind are left out.
    """
    if len(raw) > _LONGEST:
        return (_UNKNOWN,)
    written = raw.split(b"\\")
    values = [part.strip(b" \0").decode("latin-1") for part in written]
    if any(value not in _CODECS for value in values):
        values = [part.strip(b" \0").decode("latin-1") for part in _SEPARATOR.split(raw)]
    found = [value if value in _CODECS else _meant(value, several=len(values) > 1) for value in values]
    terms = (found[0] or _UNKNOWN if values[0] else "", *filter(None, found[1:]))
    return terms if any(terms) else DEFAULT


def _meant(value: str, *, several: bool) -> str:
    """Return the defined term that a misspelled one means, empty where it means none."""
    spelled = _NO_LETTER.sub("", value.upper())
    part, numbered = _PART.fullmatch(spelled), _NUMBERED.fullmatch(spelled)
    if part is not None and int(part["part"]) in _PARTS:
        number, extended = str(_PARTS[int(part["part"])]), several
    elif numbered is not None:
        number, extended = numbered["number"], several or bool(numbered["extended"])
    else:
        return _NAMES.get(spelled, "")
    forms = (f"ISO 2022 IR {number}", f"ISO_IR {number}")
    return next((term for term in (forms if extended else forms[::-1]) if term in _CODECS), "")


@lru_cache(maxsize=256)
def _codecs(terms: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_CODECS[term] for term in terms)


def decode(raw: bytes, terms: tuple[str, ...], vr: str = "PN") -> str:
    """Return the text of `raw` under `terms`. Raises UnicodeDecodeError where the character set does not allow it."""
    if _ESCAPE not in raw:
        return raw.decode("ascii" if raw.isascii() else code_extensions.upper_codec(_codecs(terms)))
    return code_extensions.decode(raw, _codecs(terms), is_name=vr == "PN")


def is_unicode(terms: tuple[str, ...]) -> bool:
    """Whether `terms` declare UTF-8, which text of another character set hardly ever is by chance."""
    return code_extensions.upper_codec(_codecs(terms)) == python_encoding["ISO_IR 192"]


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
