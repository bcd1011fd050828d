"""Code extensions of character sets: PS3.5 section 6.1.2.5, escape sequences of PS3.3 Tables C.12-3 and C.12-4.

Two code elements are active at a time: G0 for bytes below 128, G1 for those above. An escape sequence designates
another character set to one of them; control characters and delimiters restore that of the first defined term.
Character sets are named by their Python codecs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Final

ASCII: Final = "ascii"
SHIFT_JIS: Final = "shift_jis"  # ISO-IR 14 in G0 and ISO-IR 13 in G1

_ESCAPE: Final = b"\x1b"
_TO_ASCII: Final = b"\x1b(B"
_TO_ISO_IR_14: Final = b"\x1b(J"
_INTO_G0: Final = {"iso2022_jp": b"\x1b$B", "iso2022_jp_2": b"\x1b$(D"}
_ONE_BYTE_INTO_G1: Final = {
    "latin_1": b"\x1b-A",
    "iso8859_2": b"\x1b-B",
    "iso8859_3": b"\x1b-C",
    "iso8859_4": b"\x1b-D",
    "iso_ir_126": b"\x1b-F",
    "iso_ir_127": b"\x1b-G",
    "iso_ir_138": b"\x1b-H",
    "iso_ir_144": b"\x1b-L",
    "iso_ir_148": b"\x1b-M",
    "iso_ir_166": b"\x1b-T",
    "iso8859_15": b"\x1b-b",
    SHIFT_JIS: b"\x1b)I",
}
_INTO_G1: Final = {**_ONE_BYTE_INTO_G1, "gb2312": b"\x1b$)A", "euc_kr": b"\x1b$)C"}
_CODECS: Final = {escape: codec for codec, escape in chain(_INTO_G0.items(), _INTO_G1.items())}

_PIECE = re.compile(rb"\x1b(?:\$[()].|..)|[^\x1b]+|\x1b", re.DOTALL)
_CONTROL = re.compile(rb"([\t\n\f\r]+)")
_DELIMITER = re.compile(rb"([\t\n\f\r\\]+)")
_DELIMITER_OF_NAMES = re.compile(rb"([\t\n\f\r\\^=]+)")
_HALVES = re.compile(rb"[\0-\x7f]+|[\x80-\xff]+")
_DELIMITERS: Final = frozenset("\t\n\f\r\\^=")


def can_extend(codec: str) -> bool:
    """Whether text of `codec`, that of a first term, may go on with code extensions; UTF-8 and GB18030 may not."""
    return codec == ASCII or codec in _INTO_G0 or codec in _INTO_G1


def upper_codec(codecs: Sequence[str]) -> str:
    """Return the codec of bytes that no escape sequence introduces.

    By the standard it is that of the first term. Some writers omit the escape sequence of a later term
    where the first one has no bytes above 127.
    """
    return next((codec for codec in codecs if codec != ASCII and codec not in _INTO_G0), ASCII)


def decode(raw: bytes, codecs: Sequence[str], *, is_name: bool) -> str:
    """Return the text of `raw` under the codecs of the declared terms; in names `^` and `=` are delimiters as well.

    Raises UnicodeDecodeError for bytes and escape sequences that the terms do not allow.
    """
    if not can_extend(codecs[0]):
        raise UnicodeDecodeError("iso2022", raw, 0, len(raw), "a character set without code extensions")
    first = upper_codec(codecs)
    lower, upper = b"", first
    found: list[str] = []
    for piece in _PIECE.findall(raw):
        if not piece.startswith(_ESCAPE):
            delimiter = _CONTROL if lower else _DELIMITER_OF_NAMES if is_name else _DELIMITER
            for part in delimiter.split(piece):
                if delimiter.fullmatch(part):
                    lower, upper = b"", first if codecs[0] == first else upper
                found.append(_text(part, lower, upper))
        elif piece in (_TO_ASCII, _TO_ISO_IR_14):
            lower = b""
        elif (codec := _CODECS.get(piece, "")) in codecs:
            lower, upper = (piece, upper) if codec in _INTO_G0 else (lower, codec)
        else:
            raise UnicodeDecodeError("iso2022", raw, 0, len(raw), "an undeclared escape sequence")
    return "".join(found)


def _text(part: bytes, lower: bytes, upper: str) -> str:
    halves: list[bytes] = _HALVES.findall(part)
    if not lower:
        return "".join(half.decode(ASCII if half.isascii() else upper) for half in halves)
    return "".join(
        (lower + half).decode(_CODECS[lower]) if half.isascii() else half.decode(upper) for half in halves
    )


def encode(text: str, codecs: Sequence[str]) -> bytes:
    """Return `text` in those of `codecs` that can hold it. Raises UnicodeEncodeError where none can.

    Readers return to the first term at delimiters, some at all of them and some at fewer, and some reset G1 when G0
    changes. So after an escape sequence, the designation is repeated after each delimiter and change of code element.
    """
    to_first = _TO_ISO_IR_14 if codecs[0] == SHIFT_JIS else _TO_ASCII
    now = codecs[0] if codecs[0] in _ONE_BYTE_INTO_G1 else ""
    found: list[bytes] = []
    escaped = False
    for char in text:
        if char.isascii():
            if now in _INTO_G0:
                found.append(to_first)
                now = ""
            found.append(char.encode(ASCII))
            if escaped and char in _DELIMITERS:
                now = ""
            continue
        codec = _codec_for(char, now, codecs)
        if codec != now:
            if now in _INTO_G0:
                found.append(to_first)
            found.append(_INTO_G0.get(codec) or _INTO_G1[codec])
            now, escaped = codec, True
        found.append(_code(char, codec))
    if now in _INTO_G0:
        found.append(to_first)
    return b"".join(found)


def _codec_for(char: str, now: str, codecs: Sequence[str]) -> str:
    """Return the codec that holds `char`: the one in use, if it does."""
    for codec in (now, *codecs):
        if _code(char, codec):
            return codec
    raise UnicodeEncodeError("iso2022", char, 0, 1, "not in the character set")


@lru_cache(maxsize=4096)
def _code(char: str, codec: str) -> bytes:
    """Return the bytes of a character beyond ASCII in its code element; nothing where the set does not hold it."""
    if codec not in _INTO_G0 and codec not in _INTO_G1:
        return b""
    code = char.encode(codec, "ignore")
    if codec in _INTO_G0:
        escape = _INTO_G0[codec]
        return code[len(escape) :].split(_ESCAPE)[0] if code.startswith(escape) else b""
    is_one = codec not in _ONE_BYTE_INTO_G1 or len(code) == 1  # Shift JIS also has codes of two bytes
    return code if is_one and min(code, default=0) >= 0x80 else b""
