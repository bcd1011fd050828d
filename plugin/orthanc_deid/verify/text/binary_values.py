"""Values that stay and are neither text nor image: bytes that may contain words, and private numbers.

The rule is published in `profile/RULES.md`, section "Identifying values, and where they are searched".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from orthanc_deid.bounded_cache import bounded_cache
from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.dicom.tags import PIXEL_DATA_TAGS, WAVEFORM_DATA, ElementPath, is_private
from orthanc_deid.verify.reading.instance import Instance
from orthanc_deid.verify.reading.stored_numbers import STRUCT_CODES, numbers
from orthanc_deid.verify.text.identifiers import Kind, normalized, remember_values

BYTES_VRS: Final = frozenset(("OB", "OW", "OD", "OF", "OL", "OV", "UN"))
NUMBER_STRING_VRS: Final = frozenset(("DS", "IS"))
BINARY_NUMBER_VRS: Final = frozenset((*STRUCT_CODES, "AT"))
"""The VRs of numbers in binary, whose bytes may contain a word."""

_SAMPLES: Final = PIXEL_DATA_TAGS | {WAVEFORM_DATA}
SHORTEST_IN_BINARY: Final = 4
"""Letters of a word and characters of a value that are searched in bytes; shorter ones occur by chance."""
_SHORTEST_IN_STREAMS: Final = 6
_FEWEST_DIGITS: Final = 6  # of a number that is searched among numbers; shorter ones occur by chance
_SMALLEST: Final = 100_000  # with so many digits; 0000000001 is the number 1 among numbers
_MOST_DIGITS: Final = 20  # of a number of 64 bits
_CODECS: Final = ("utf-8", "cp1251", "iso8859_5", "koi8_r", "cp866", "latin-1", "utf-16-le")
_CHUNK: Final = 1 << 20
_BETWEEN: Final = bytes(2)  # an even number, so that UTF-16 stays aligned
_AROUND: Final = 256  # bytes on either side of a hit, for the rest of its value
_SHORTEST_TEXT, _SPACE = 4, 0x20
_MOST_READ: Final = 1 << 19  # bytes around hits; a word with more hits counts as found
_WORD: Final = re.compile(r"[^\W_]+")
_NUMBER_TEXT: Final = re.compile(rb"(?:[+-]?(?:[0-9]{1,5}(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?)?")
_Values = frozenset[tuple[Kind, str]]


class BinaryValue(NamedTuple):
    """A value of the output to be searched: its bytes, or (start, length) of them in the file."""

    path: ElementPath
    vr: str
    rule: str
    value: bytes | tuple[int, int]

    def pieces(self, output: Instance) -> Iterator[bytes]:
        """Yield the bytes, those of a long value in overlapping pieces."""
        if isinstance(self.value, bytes):
            yield self.value
            return
        start, length = self.value
        for at in range(start, start + length, _CHUNK):
            yield output.load(at, min(start + length, at + _CHUNK + _AROUND))


def is_searched_as_binary(tag: int, vr: str) -> bool:
    """Whether a kept value must be searched as binary: bytes that are no samples, and private numbers."""
    return (vr in BYTES_VRS and tag not in _SAMPLES) or (vr in STRUCT_CODES and is_private(tag))


def may_hold_a_word(vr: str, value: bytes) -> bool:
    """Whether a value of a standard attribute is a number in binary, long enough for a word."""
    return vr in BINARY_NUMBER_VRS and len(value) >= SHORTEST_IN_BINARY


def is_readable(value: bytes) -> bool:
    """Whether there is no control character among the bytes, padding aside."""
    return min(value.rstrip(b"\0"), default=0) >= _SPACE


def reads_as_text(value: bytes) -> bool:
    """Whether bytes of a private element may be a text: four at least, and no control character among them."""
    return len(value.rstrip(b"\0")) >= _SHORTEST_TEXT and is_readable(value)


def is_short_number(value: bytes) -> bool:
    """Whether bytes are a number, or several, in digits, none with six or more before its point: no ID or date."""
    parts = value.strip(b" \0").split(b"\\")
    return any(parts) and all(_NUMBER_TEXT.fullmatch(part.strip(b" ")) for part in parts)


def is_number(vr: str) -> bool:
    """Whether values of the VR are numbers that are compared with the identifying ones."""
    return vr in STRUCT_CODES or vr in NUMBER_STRING_VRS


def joined(numbers: Iterable[Buffer]) -> bytes:
    """Return the numbers that are long enough for a word as one value, which one search covers."""
    return _BETWEEN.join(number for number in numbers if len(number) >= SHORTEST_IN_BINARY)


@bounded_cache(maxsize=64)  # a series repeats most of its numbers
def may_be_in_numbers(joined: bytes, values: _Values) -> bool:
    """Whether joined numbers may contain any of the identifying `values`; `False` is certain."""
    return bool(_kinds_in_bytes(joined, values))


def kinds_in_binary(binary: BinaryValue, output: Instance, values: _Values) -> frozenset[Kind]:
    """Return the kinds of the identifying `values` that the binary value contains."""
    found: set[Kind] = set()
    for piece in binary.pieces(output):
        if binary.vr in NUMBER_STRING_VRS or (binary.vr in STRUCT_CODES and is_private(binary.path[-1])):
            wanted = _as_numbers(values)
            read = _written(piece) if binary.vr in NUMBER_STRING_VRS else numbers(piece, binary.vr)
            found.update(wanted[number] for number in read if number in wanted)
        else:
            found |= _kinds_in_bytes(piece, values)
    return frozenset(found)


def long_words(values: _Values) -> _Values:
    """Return the values, and of names the words, that do not occur by chance in a megabyte of compressed data."""
    return frozenset(
        (kind, word)
        for kind, text in values
        for word in (_WORD.findall(text) if kind == "person" else (text,))
        if sum(map(str.isalnum, word)) >= _SHORTEST_IN_STREAMS
    )


def _written(value: bytes) -> Iterator[int | float]:
    """Yield the numbers of a DS or IS whose form has been checked."""
    for part in value.strip(b" \0").split(b"\\"):
        number = part.strip()
        if number:
            yield int(number) if number.isdigit() and len(number) <= _MOST_DIGITS else float(number)


class _Probe(NamedTuple):
    """One word as bytes (ASCII in lower case) by which a value is searched, and the phrase that contains it."""

    kind: Kind
    word: bytes
    codec: str
    phrase: str


def _kinds_in_bytes(value: bytes, values: _Values) -> set[Kind]:
    found: set[Kind] = set()
    small = value.lower()
    for probe in _probes(values):
        at = -1 if probe.kind in found else small.find(probe.word)
        read = 0
        while at >= 0:
            around = value[max(at % 2, at - _AROUND) : at + len(probe.word) + _AROUND]
            read += len(around)
            if read > _MOST_READ or probe.phrase in normalized(around.decode(probe.codec, "replace")):
                found.add(probe.kind)
                break
            at = small.find(probe.word, at + 1)
    return found


@remember_values
def _probes(values: _Values) -> tuple[_Probe, ...]:
    found: dict[_Probe, None] = {}
    for kind, text in sorted(values):
        if kind == "person":
            phrases = [
                word for word in _WORD.findall(text) if sum(map(str.isalpha, word)) >= SHORTEST_IN_BINARY
            ]
        elif kind == "birthdate":
            digits = text.replace(".", "")
            year, month, day = digits[:4], digits[4:6], digits[6:8]
            phrases = [digits, f"{year} {month} {day}", f"{day} {month} {year}"]
        else:
            phrases = [text]
        for phrase in dict.fromkeys(phrases):
            words = _WORD.findall(phrase)
            if sum(map(len, words)) >= SHORTEST_IN_BINARY:
                longest = max(words, key=len)
                found.update(
                    (_Probe(kind, *spelled, normalized(phrase)), None) for spelled in _spelled(longest)
                )
    return tuple(found)


def _spelled(word: str) -> Iterator[tuple[bytes, str]]:
    """Yield the spellings of a word as bytes, each with its codec."""
    codecs = ("ascii", "utf-16-le") if word.isascii() else _CODECS
    for codec in codecs:
        for each in {word, word.lower(), word.upper(), word.title()}:
            encoded = each.encode(codec, "ignore")
            if encoded.decode(codec) == each:
                yield encoded.lower(), codec


@remember_values
def _as_numbers(values: _Values) -> dict[float, Kind]:
    """Return the values that consist of digits, as numbers."""
    return {
        int(digits): kind
        for kind, text in sorted(values)
        if (digits := text.replace(".", "") if kind == "birthdate" else text).isascii()
        and digits.isdigit()
        and _FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS
        and int(digits) >= _SMALLEST
        and kind != "person"
    }
