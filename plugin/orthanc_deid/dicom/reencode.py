"""Re-encoding of data sets that the walker does not read, so that the engine has one kind of input.

Deflated data sets are inflated. Big endian ones become explicit VR little endian, elements out of order are put in
order, UN and elements without a VR get the dictionary's VR. Every value keeps its bytes, padding included; only the
words of numbers are swapped where the byte order changes. What cannot be read without a guess is refused.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from pydicom.datadict import dictionary_has_tag, get_entry, repeater_has_tag

from orthanc_deid.dicom.elements import LONG_VRS, SHORT_VRS, UNDEFINED
from orthanc_deid.dicom.fragments import PAST_THE_END
from orthanc_deid.dicom.known_tags import tag_if_known
from orthanc_deid.dicom.numbers_in_texts import packed_numbers
from orthanc_deid.dicom.part10 import (
    EXPLICIT_VR_BIG_ENDIAN,
    EXPLICIT_VR_LITTLE_ENDIAN,
    Encoded,
)
from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.dicom.tags import (
    BITS_ALLOCATED,
    ITEM,
    ITEM_DELIMITATION_ITEM,
    PIXEL_DATA,
    SEQUENCE_DELIMITATION_ITEM,
    is_private,
)
from orthanc_deid.dicom.walker import MAX_DEPTH
from orthanc_deid.errors import RefusedError

MAX_INFLATED = 512 << 20
"""Bytes of a deflated data set once inflated, where nothing else is said."""

_MOST_TIMES = 1032  # by which Deflate shrinks at most: a smaller data set cannot exceed the limit
_STEP = 1 << 20
_LONGEST_SHORT: Final = 0xFFFF
_WORD: Final = {
    **dict.fromkeys(("US", "SS", "OW", "AT"), 2),
    **dict.fromkeys(("UL", "SL", "FL", "OF", "OL"), 4),
    **dict.fromkeys(("UV", "SV", "FD", "OD", "OV"), 8),
}
"""Bytes of a word of each VR whose byte order changes (PS3.5 section 7.3)."""
_TEXTS: Final = frozenset({"LO", "SH", "ST", "LT", "UT", "UC"})
_NUMBERS: Final = re.compile(rb"[0-9+\-.,eE\\ ]*\0*")
"""What may be numbers in a text: DS and IS whose VR is wrong take the dictionary's."""

_CUT_OFF: Final = "data set ends inside an element's header"


def inflate(encoded: Encoded, most: int = MAX_INFLATED) -> Encoded:
    """Return a deflated instance (PS3.5 A.5) as explicit VR little endian.

    Raises RefusedError for a bad stream, and for one of more than `most` bytes, before it is in memory.
    """
    stream = memoryview(encoded.buffer)[encoded.start : encoded.end]
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        if len(stream) * _MOST_TIMES > most and _is_longer(stream, most):
            raise RefusedError("inflated data set larger than the limit")
        data = inflater.decompress(stream)
    except zlib.error:
        raise RefusedError("deflated data set cannot be inflated") from None
    if not inflater.eof:
        raise RefusedError("deflated data set is cut off")
    return replace(encoded, buffer=data, start=0, end=len(data), transfer_syntax=EXPLICIT_VR_LITTLE_ENDIAN)


def _is_longer(stream: memoryview, most: int) -> bool:
    """Whether a deflated stream holds more than `most` bytes, which are counted and not kept."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    length = 0
    for at in range(0, len(stream), _STEP):
        rest: Buffer = stream[at : at + _STEP]
        while rest and not inflater.eof:
            length += len(inflater.decompress(rest, _STEP))
            if length > most:
                return True
            rest = inflater.unconsumed_tail
    return False


def rewrite(encoded: Encoded) -> Encoded:
    """Return the instance re-encoded: in order, with known VRs, little endian.

    The transfer syntax stays, but for big endian, which becomes explicit VR little endian. UN is left only where the
    dictionary has no VR, or a value is too long for it (PS3.5 section 6.2.2). Raises RefusedError for what cannot be
    read, a tag that stands twice with different values, and a value that is cut off.
    """
    little = encoded.transfer_syntax != EXPLICIT_VR_BIG_ENDIAN
    reader = _Reader(encoded.buffer, encoded.end)
    form = _Form(encoded.explicit, little)
    try:
        elements, _ = reader.level(encoded.start, encoded.end, form, 0, delimited=False)
    except struct.error:
        raise RefusedError(_CUT_OFF) from None
    data = b"".join(_written(elements, explicit=encoded.explicit))
    syntax = encoded.transfer_syntax if little else EXPLICIT_VR_LITTLE_ENDIAN
    return replace(encoded, buffer=data, start=0, end=len(data), transfer_syntax=syntax, rewritten=True)


class _Form(NamedTuple):
    """The encoding of a data set."""

    explicit: bool
    little: bool


@dataclass(slots=True)
class _Element:
    """An element that was read: its value in little endian, or its items.

    `undefined`: its length is; `value` then holds fragments with their delimiter.
    """

    tag: int
    vr: str
    value: Buffer = b""
    items: list[list[_Element]] | None = None
    undefined: bool = False


_Header: TypeAlias = tuple[int, str, int, int]
"""(tag, VR, length, position of the value); the VR is empty where none is written."""


class _Reader:
    """Reads the elements of a buffer."""

    def __init__(self, buffer: Buffer, end: int) -> None:
        self._buffer = memoryview(buffer)
        self._zeros = len(bytes(self._buffer[:end]).rstrip(b"\0"))  # where those at the end of the file begin

    def level(
        self, pos: int, end: int, form: _Form, depth: int, *, delimited: bool
    ) -> tuple[list[_Element], int]:
        """Return the elements of a data set in order, and where it ends; `delimited`: by its delimiter."""
        found: dict[int, _Element] = {}
        last = -1
        while pos < end:
            if not depth and pos >= self._zeros:
                break  # zeros behind the last element
            if end - pos < 8:
                raise RefusedError(_CUT_OFF)
            header = self._header(pos, form)
            tag = header[0]
            if tag == ITEM_DELIMITATION_ITEM and delimited:
                return self._in_order(found), pos + 8
            if tag >> 16 == ITEM >> 16:
                raise RefusedError("item or delimiter outside a sequence")
            last = tag
            element, pos = self._element(header, end, form, depth)
            other = found.setdefault(tag, element)
            if other is not element and other != element:
                raise RefusedError("element stands twice", tag_if_known(tag))
        if delimited:
            raise RefusedError("item without its delimiter", tag_if_known(last))
        level = self._in_order(found)
        if not form.little:
            self._swap_samples(level)
        return level, pos

    @staticmethod
    def _in_order(found: dict[int, _Element]) -> list[_Element]:
        return [found[tag] for tag in sorted(found)]

    def _header(self, pos: int, form: _Form) -> _Header:
        order = "<" if form.little else ">"
        group, number, length = struct.unpack_from(f"{order}HHL", self._buffer, pos)
        vr = bytes(self._buffer[pos + 4 : pos + 6]).decode("latin-1") if form.explicit else ""
        if vr in LONG_VRS:
            (length,) = struct.unpack_from(f"{order}L", self._buffer, pos + 8)
            return group << 16 | number, vr, length, pos + 12
        if vr in SHORT_VRS:
            (length,) = struct.unpack_from(f"{order}H", self._buffer, pos + 6)
            return group << 16 | number, vr, length, pos + 8
        return group << 16 | number, "", length, pos + 8  # some writers leave the VR of an element out

    def _element(self, header: _Header, end: int, form: _Form, depth: int) -> tuple[_Element, int]:
        """Return one element and the position behind it."""
        tag, written, length, value = header
        known = _dictionary_vr(tag)
        vr = known or written or "UN" if written in ("", "UN") else written
        if known in ("DS", "IS") and written in _TEXTS and length != UNDEFINED:
            vr = known if _NUMBERS.fullmatch(self._buffer[value : value + length]) else written
        inner = _Form(explicit=False, little=True) if written == "UN" else form
        if written in _TEXTS and length != UNDEFINED:
            packed = packed_numbers(bytes(self._buffer[value : value + length]), _dictionary_vrs(tag))
            if packed is not None and value + length <= end:
                return _Element(tag, *packed), value + length
        if length == UNDEFINED:
            return self._undefined(tag, vr, (value, end), inner, depth)
        stop = value + length
        if stop > end:
            raise RefusedError(PAST_THE_END, tag_if_known(tag))
        if vr == "SQ":
            if written == "UN":
                inner = _Form(self._looks_explicit(value), little=True)
            return _Element(tag, vr, items=self._items(tag, (value, stop), inner, depth + 1)[0]), stop
        raw: Buffer = self._buffer[value:stop]
        if not form.little and written != "UN":
            raw = _swapped(self._buffer[value:stop], _WORD.get(vr, 1) if tag != PIXEL_DATA else 1)
        return _Element(tag, vr, raw), stop

    def _looks_explicit(self, value: int) -> bool:
        """Whether the first item of a sequence in UN is wrongly explicit (PS3.5 section 6.2.2 wants implicit VR)."""
        vr = bytes(self._buffer[value + 12 : value + 14]).decode("latin-1")
        return vr in LONG_VRS or vr in SHORT_VRS

    def _undefined(
        self, tag: int, vr: str, span: tuple[int, int], form: _Form, depth: int
    ) -> tuple[_Element, int]:
        if vr in ("OB", "OW"):
            stop = self._end_of_fragments(tag, *span, form)
            return _Element(tag, vr, self._buffer[span[0] : stop], undefined=True), stop
        if vr not in ("SQ", "UN"):
            raise RefusedError("undefined length", tag_if_known(tag))
        items, stop = self._items(tag, span, form, depth + 1, delimited=True)
        return _Element(tag, "SQ", items=items, undefined=True), stop

    def _item_header(self, pos: int, form: _Form) -> tuple[int, int]:
        group, number, length = struct.unpack_from("<HHL" if form.little else ">HHL", self._buffer, pos)
        return group << 16 | number, length

    def _items(
        self, tag: int, span: tuple[int, int], form: _Form, depth: int, *, delimited: bool = False
    ) -> tuple[list[list[_Element]], int]:
        """Return the items of a sequence and the position behind it; `delimited`: its delimiter ends it."""
        if depth > MAX_DEPTH:
            raise RefusedError(f"nesting deeper than {MAX_DEPTH}", tag_if_known(tag))
        items: list[list[_Element]] = []
        pos, end = span
        while pos < end:
            found, length = self._item_header(pos, form)
            pos += 8
            if found == SEQUENCE_DELIMITATION_ITEM and delimited:
                return items, pos
            if found != ITEM:
                raise RefusedError("no item where one must be", tag_if_known(tag))
            stop = end if length == UNDEFINED else pos + length
            if stop > end:
                raise RefusedError(PAST_THE_END, tag_if_known(tag))
            level, pos = self.level(pos, stop, form, depth, delimited=length == UNDEFINED)
            items.append(level)
        if delimited:
            raise RefusedError("sequence without its delimiter", tag_if_known(tag))
        return items, pos

    def _end_of_fragments(self, tag: int, pos: int, end: int, form: _Form) -> int:
        while pos + 8 <= end:
            found, length = self._item_header(pos, form)
            pos += 8
            if found == SEQUENCE_DELIMITATION_ITEM:
                return pos
            if found != ITEM or length == UNDEFINED:
                raise RefusedError("no fragment where one must be", tag_if_known(tag))
            pos += length
        raise RefusedError(PAST_THE_END, tag_if_known(tag))

    def _swap_samples(self, level: list[_Element]) -> None:
        """Swap the samples of a big endian image, whose words depend on Bits Allocated."""
        values = {element.tag: element for element in level}
        pixels, bits = values.get(PIXEL_DATA), values.get(BITS_ALLOCATED)
        if pixels is None or pixels.undefined:
            return
        if pixels.vr == "OW" and (bits is None or bytes(bits.value) not in (b"\x08\0", b"\x10\0")):
            raise RefusedError("big endian samples of this width", tag_if_known(PIXEL_DATA))
        pixels.value = _swapped(memoryview(pixels.value), _WORD.get(pixels.vr, 1))


def _swapped(value: memoryview, size: int) -> Buffer:
    if size == 1 or len(value) % size:
        return value
    return np.frombuffer(value, f">u{size}").astype(f"<u{size}").tobytes()


@cache
def _dictionary_vrs(tag: int) -> tuple[str, ...]:
    """Return the VRs of PS3.6, of several the one that holds any value first; none for an unknown tag."""
    if not tag & 0xFFFF:
        return ("UL",)
    if is_private(tag) or not (dictionary_has_tag(tag) or repeater_has_tag(tag)):
        return ()
    return tuple(sorted(get_entry(tag)[0].split(" or "), key=lambda vr: (vr not in ("OW", "US"), vr)))


def _dictionary_vr(tag: int) -> str:
    """Return the first of `_dictionary_vrs`, empty for a tag without any."""
    return next(iter(_dictionary_vrs(tag)), "")


def _item_head(tag: int, length: int) -> bytes:
    return struct.pack("<HHL", tag >> 16, tag & 0xFFFF, length)


def _written(level: list[_Element], *, explicit: bool) -> Iterator[Buffer]:
    """Yield the bytes of a data set in little endian."""
    for element in level:
        tag = struct.pack("<HH", element.tag >> 16, element.tag & 0xFFFF)
        body: list[Buffer] = [element.value]
        if element.items is not None:
            body = []
            for inner in element.items:
                content = b"".join(_written(inner, explicit=explicit))
                body += (_item_head(ITEM, len(content)), content)
            if element.undefined:
                body.append(_item_head(SEQUENCE_DELIMITATION_ITEM, 0))
        length = UNDEFINED if element.undefined else sum(map(len, body))
        vr = element.vr
        if vr in SHORT_VRS and length > _LONGEST_SHORT:
            vr = "UN"  # PS3.5 section 6.2.2, note 2
        if not explicit:
            yield tag + struct.pack("<L", length)
        elif vr in LONG_VRS:
            yield tag + vr.encode() + b"\0\0" + struct.pack("<L", length)
        else:
            yield tag + vr.encode() + struct.pack("<H", length)
        yield from body
