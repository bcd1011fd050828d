"""An original or an output opened for the check: the position, the encoding and the elements of its data set."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field

from pydicom.filereader import data_element_generator

from orthanc_deid.dicom.slices import Slices
from orthanc_deid.dicom.tags import TRANSFER_SYNTAX_UID
from orthanc_deid.verify.reading.data_set import DataSet, UnloadedValue
from orthanc_deid.verify.reading.element_headers import UNDEFINED, Encoding, ParseError
from orthanc_deid.verify.reading.mended_bytes import mended_bytes
from orthanc_deid.verify.reading.parsing import read_data_set
from orthanc_deid.verify.reading.stream import Stream

IMPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2"
EXPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2.1.99"
EXPLICIT_VR_BIG_ENDIAN = "1.2.840.10008.1.2.2"
NATIVE_LITTLE_ENDIAN = (IMPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_LITTLE_ENDIAN)
"""The transfer syntaxes of native samples whose place in a file can be computed."""

MOST_INFLATED = 512 << 20
"""Bytes of a deflated data set once inflated, where nothing else is said."""

_STEP = 1 << 20
_PREAMBLE = 128
_HEAD = 1 << 16  # bytes; the file meta information ends well before
_PREFIX = b"DICM"
_HEADER, _LENGTH = struct.Struct("<HH2sH").unpack_from, struct.Struct("<L").unpack_from
_SHORT, _LONG = frozenset((b"UI", b"SH", b"UL", b"AE")), frozenset((b"OB",))  # the VRs of PS3.10 Table 7.1-1


@dataclass(slots=True)
class Instance:
    """One opened instance. `slices` holds the data set, inflated where it was deflated; `start` is its position.

    `meta` are the raw values of the file meta information by tag, empty for a bare data set; `meta_tags` are
    its tags in order; `meta_end` is the position after it, in the file. `by_modality`: the SOP class is not stated.
    """

    slices: Slices
    start: int
    transfer_syntax: str
    encoding: Encoding
    data_set: DataSet
    meta: dict[int, bytes] = field(default_factory=dict)
    meta_tags: tuple[int, ...] = ()
    meta_end: int = 0
    by_modality: bool = False

    def load(self, start: int, end: int) -> bytes:
        """Return the bytes from `start` to `end`."""
        return b"".join(self.slices.between(start, end))

    def text(self, tag: int) -> str:
        """Return a top-level value of ASCII, trimmed of padding; empty where there is none."""
        element = self.data_set.elements.get(tag)
        return (element.value or b"").decode("latin-1").strip(" \0") if element is not None else ""

    def value(self, level: DataSet, tag: int) -> bytes:
        """Return a raw value of a level, loaded if it was not."""
        span: UnloadedValue | None = level.unloaded.get(tag)
        if span is not None:
            return self.load(span.start, span.start + span.length)
        return level.elements[tag].value or b""


def open_instance(file: Slices, *, strict: bool = False, most_inflated: int = MOST_INFLATED) -> Instance:
    """Open a Part 10 file, one without preamble or without file meta, or a bare data set; raises ParseError.

    `most_inflated`: bytes that a deflated data set may have. `strict`: bytes of no meaning in the headers of its data
    set are an error.
    """
    found = locate(file)
    if found.transfer_syntax == DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN:
        found.slices, found.start = _inflated(file, found.meta_end, most_inflated), 0
        found.encoding = _encoding(found.slices, 0, found.transfer_syntax)[0]
    found.encoding = found.encoding._replace(strict=strict)
    try:
        found.data_set = _read(found)
    except ParseError as fault:
        if strict or found.slices.tail is not None:
            raise
        try:
            data = b"".join(found.slices.between(0, len(found.slices)))
            found.slices = Slices([mended_bytes(data, found.start, found.encoding)])
        except ParseError:
            raise fault from None
        found.data_set = _read(found)
    return found


def _read(found: Instance) -> DataSet:
    slices = found.slices
    stream = Stream(lambda start, end: b"".join(slices.between(start, end)), found.start, len(slices))
    return read_data_set(stream, found.start, found.encoding)


def locate(file: Slices) -> Instance:
    """Read the file meta information and find the encoding; the data set is left empty, and deflated if it is."""
    head = b"".join(file.between(0, _HEAD))
    start = _PREAMBLE + 4 if head[_PREAMBLE : _PREAMBLE + 4] == _PREFIX else 0
    meta: dict[int, bytes] = {}
    tags: list[int] = []
    end = start
    if head[start : start + 2] == b"\x02\x00":
        end = _read_meta(head, start, meta, tags)
    syntax = meta.get(TRANSFER_SYNTAX_UID, b"").decode("latin-1").strip(" \0")
    encoding, seen = _encoding(file, end, syntax)
    if syntax == IMPLICIT_VR_LITTLE_ENDIAN and encoding.explicit:
        syntax = seen  # some writers state another encoding than they write
    return Instance(file, end, syntax or seen, encoding, DataSet(), meta, tuple(tags), end)


def _read_meta(head: bytes, start: int, meta: dict[int, bytes], tags: list[int]) -> int:
    """Fill `meta` and `tags` and return where the file meta information ends; raises ParseError.

    Nearly every one consists of elements of known VRs, which are read here; pydicom reads any other from its start.
    """
    end, last = start, len(head) - 12
    while end <= last:
        group, number, vr, length = _HEADER(head, end)
        if group != 2:
            return end
        value = end + 8
        if vr in _LONG:
            (length,) = _LENGTH(head, value)
            value += 4
        elif vr not in _SHORT:
            break
        end = value + length
        if end > len(head):
            break
        tag = group << 16 | number
        tags.append(tag)
        meta[tag] = head[value:end]
    meta.clear()
    tags.clear()
    return _read_unusual_meta(head, start, meta, tags)


def _read_unusual_meta(head: bytes, start: int, meta: dict[int, bytes], tags: list[int]) -> int:
    end = start
    stream = Stream(lambda a, b: head[a:b], start, len(head))
    try:
        for element in data_element_generator(stream.at(start), False, True, _ends_meta):
            tags.append(element.tag + 0)
            meta[element.tag + 0] = element.value or b""
            end = start + element.value_tell + element.length  # type: ignore[union-attr]
    except struct.error:
        raise ParseError("file meta information ends too early") from None
    return end


def _ends_meta(tag: int, _vr: str | None, length: int) -> bool:
    return tag >> 16 != 2 or length == UNDEFINED


def _inflated(file: Slices, start: int, most: int) -> Slices:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    parts: list[bytes] = []
    left = most
    try:
        for part in file.between(start, len(file)):
            for at in range(0, len(part), _STEP):
                rest: bytes | memoryview = part[at : at + _STEP]
                while rest and not inflater.eof:
                    parts.append(inflater.decompress(rest, _STEP))
                    left -= len(parts[-1])
                    if left < 0:
                        raise ParseError("inflated data set larger than the limit")
                    rest = inflater.unconsumed_tail
        return Slices([*parts, inflater.flush()])
    except zlib.error:
        raise ParseError("deflated data set cannot be inflated") from None


def _encoding(slices: Slices, start: int, syntax: str) -> tuple[Encoding, str]:
    """Return the encoding, and the transfer syntax of a data set that names none (PS3.5 Annex A)."""
    head = b"".join(slices.between(start, start + 6))
    explicit = b"AA" <= head[4:6] <= b"ZZ" and head[4:6].isalpha()
    if syntax == EXPLICIT_VR_BIG_ENDIAN:
        return Encoding(explicit=True, little=False), syntax
    if not syntax and explicit and head[0] == 0 and head[1] != 0:
        return Encoding(explicit=True, little=False), EXPLICIT_VR_BIG_ENDIAN
    return Encoding(
        explicit, little=True
    ), EXPLICIT_VR_LITTLE_ENDIAN if explicit else IMPLICIT_VR_LITTLE_ENDIAN
