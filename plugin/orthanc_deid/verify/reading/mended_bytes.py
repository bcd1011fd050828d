"""An original whose encoding has a fault that leaves one reading (RULES.md, "Mended encodings"), with other bytes.

Lengths of items that contradict the elements in them are corrected, and delimiters that are missing at the very end
are added. The check then reads the corrected bytes; what remains of the original is the same either way.
"""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

from pydicom._dicom_dict import DicomDictionary

from orthanc_deid.dicom.tags import ITEM, ITEM_DELIMITATION_ITEM, SEQUENCE_DELIMITATION_ITEM
from orthanc_deid.verify.reading.data_set import SEQUENCES
from orthanc_deid.verify.reading.element_headers import DEEPEST, LONG_VRS, UNDEFINED, Encoding, ParseError

_ENDS: Final = {"item": ITEM_DELIMITATION_ITEM, "sequence": SEQUENCE_DELIMITATION_ITEM}


class _Open(NamedTuple):
    """What encloses the position: an item or a sequence. `stop`: where it ends by its own length or what is around.

    `at`: where its content begins. `length`: as it is written. `explicit`: of the elements in it. `last`: the tag
    before it in its data set.
    """

    kind: str
    at: int
    length: int
    stop: int
    explicit: bool
    last: int


def mended_bytes(data: bytes, start: int, encoding: Encoding) -> bytes:
    """Return `data`, whose data set begins at `start`, with the fault corrected.

    Raises ParseError if there is another fault, none, or more than one reading.
    """
    reader = _Reader(data, start, encoding)
    try:
        reader.run()
    except (struct.error, IndexError):
        raise ParseError("data set ends too early") from None
    if not reader.corrections and not reader.added:
        raise ParseError("no fault that leaves one reading")
    result = bytearray(data[: reader.end])
    for position, length in reader.corrections.items():
        result[position : position + 4] = struct.pack(reader.order + "L", length)
    return bytes(result) + b"".join(reader.delimiter(tag) for tag in reader.added)


class _Reader:
    def __init__(self, data: bytes, start: int, encoding: Encoding) -> None:
        self.data = data
        self.end = len(data)
        self.position = start
        self.order = "<" if encoding.little else ">"
        self.explicit = encoding.explicit
        self.corrections: dict[int, int] = {}
        self.added: list[int] = []
        self._around: list[_Open] = []
        self._last = -1

    def run(self) -> None:
        """Read the data set to its end."""
        while self.position < self.end or self._around:
            innermost = self._around[-1] if self._around else None
            if innermost is None:
                self._element(self.explicit)
            elif self._is_over():
                self._close_at_the_end(innermost)
            elif innermost.kind == "sequence":
                self._between_items(innermost)
            else:
                self._in_item(innermost)

    def delimiter(self, tag: int) -> bytes:
        return struct.pack(self.order + "HHL", tag >> 16, tag & 0xFFFF, 0)

    def _is_over(self) -> bool:
        """Whether nothing is left, or only the beginning of a delimiter."""
        rest = self.data[self.position : self.end]
        return len(rest) < 8 and any(self.delimiter(tag).startswith(rest) for tag in _ENDS.values())

    def _close_at_the_end(self, innermost: _Open) -> None:
        if innermost.length == UNDEFINED:
            self.end = self.position
            self.added.append(_ENDS[innermost.kind])
        elif innermost.kind == "item":
            self._correct(innermost)
        elif innermost.stop != self.position:
            raise ParseError("data set ends too early")
        self._close()

    def _between_items(self, sequence: _Open) -> None:
        if self.position >= sequence.stop:
            if sequence.length == UNDEFINED:
                raise ParseError("sequence without its delimiter")
            self._close()
            return
        tag, length = self._tag(), struct.unpack_from(self.order + "L", self.data, self.position + 4)[0]
        self.position += 8
        if tag == SEQUENCE_DELIMITATION_ITEM and sequence.length == UNDEFINED:
            self._close()
            return
        if tag != ITEM or len(self._around) > 2 * DEEPEST:
            raise ParseError("no item where one must begin")
        is_known = length != UNDEFINED
        if is_known and sequence.length == UNDEFINED and self.position + length > sequence.stop:
            raise ParseError("item longer than what is around it")
        self._around.append(
            _Open("item", self.position, length, sequence.stop, sequence.explicit, self._last)
        )
        self._last = -1

    def _in_item(self, item: _Open) -> None:
        tag = self._tag() if self.position < item.stop else ITEM
        if tag == ITEM_DELIMITATION_ITEM and item.length == UNDEFINED:
            self.position += 8
            self._close()
        elif tag in (ITEM, SEQUENCE_DELIMITATION_ITEM):
            if item.length == UNDEFINED:
                raise ParseError("item without its delimiter")
            self._correct(item)
            self._close()
        else:
            self._element(item.explicit)

    def _correct(self, item: _Open) -> None:
        if self.position - item.at != item.length:
            self.corrections[item.at - 4] = self.position - item.at

    def _close(self) -> None:
        self._last = self._around.pop().last

    def _tag(self) -> int:
        group, number = struct.unpack_from(self.order + "HH", self.data, self.position)
        return int(group << 16 | number)

    def _element(self, explicit: bool) -> None:
        tag = self._tag()
        if tag <= self._last:
            raise ParseError("elements out of order")
        self._last = tag
        vr: str | None = None
        length = struct.unpack_from(self.order + "L", self.data, self.position + 4)[0]
        value = self.position + 8
        if explicit:
            vr = self.data[self.position + 4 : self.position + 6].decode("latin-1")
            if vr in LONG_VRS:
                length = struct.unpack_from(self.order + "L", self.data, value)[0]
                value += 4
            elif vr.isalpha() and vr.isupper():
                length = struct.unpack_from(self.order + "H", self.data, self.position + 6)[0]
            else:
                raise ParseError("no VR")
        stop = self._around[-1].stop if self._around else self.end
        self.position = value
        if self._is_sequence(tag, vr, length):
            end = stop if length == UNDEFINED else value + length
            if end > stop:
                raise ParseError("sequence longer than what is around it")
            self._around.append(_Open("sequence", value, length, end, vr == "SQ", self._last))
        elif length == UNDEFINED:
            self._skip_fragments()
        else:
            self.position = value + length
        if self.position > stop:
            raise ParseError("element longer than what is around it")

    def _is_sequence(self, tag: int, vr: str | None, length: int) -> bool:
        if vr not in (None, "UN"):
            return vr == "SQ"
        if tag in DicomDictionary:
            return tag in SEQUENCES and (vr is None or length == UNDEFINED)
        return length == UNDEFINED and self._tag() in (ITEM, SEQUENCE_DELIMITATION_ITEM)

    def _skip_fragments(self) -> None:
        while True:
            tag, length = self._tag(), struct.unpack_from(self.order + "L", self.data, self.position + 4)[0]
            self.position += 8
            if tag == SEQUENCE_DELIMITATION_ITEM:
                return
            if tag != ITEM or self.position + length > self.end:
                raise ParseError("encapsulated value has no valid fragments")
            self.position += length
