"""Changes of an encoded data set, assembled with the unchanged ranges between them.

Lengths of sequences and items around a change are corrected; all other bytes stay as they are.
"""

from __future__ import annotations

import struct
from typing import Final, TypeAlias

from orthanc_deid.dicom.elements import SEQUENCE_DELIMITATION_KEY
from orthanc_deid.dicom.slices import Buffer

_U32 = struct.Struct("<I")
_UNDEFINED = b"\xff\xff\xff\xff"
_DELIMITER: Final = 8  # bytes of the item that ends a sequence of undefined length
OPENED: Final = -1
CLOSED: Final = -2
OPENED_UNDEFINED: Final = -3
KEEP_APART: Final = 1 << 16  # bytes; shorter ranges are joined, so that a result has few slices

Edit: TypeAlias = tuple[int, int, bytes]
"""(start, end, replacement) in the order of the data set. (position of the length field, OPENED, b"") and
(position after the container, CLOSED, b"") enclose the changes inside a sequence or item of defined length."""


class Edits:
    """The changes of one instance in the order of the data set. None replaces one that was withdrawn."""

    __slots__ = ("_buffer", "list")

    def __init__(self, buffer: Buffer) -> None:
        self._buffer = buffer
        self.list: list[Edit | None] = []

    def replace(self, start: int, end: int, new: bytes) -> None:
        self.list.append((start, end, new))

    def take_back(self) -> None:
        """Withdraw the last change."""
        self.list.pop()

    def reach(self) -> int:
        """Return the position after the last changed element."""
        return max((edit[1] for edit in self.list if edit is not None), default=0)

    def has_items(self, value: int) -> bool:
        """Whether the sequence has items whose first byte after the length field is at `value`."""
        length = bytes(self._buffer[value - 4 : value])
        if length == _UNDEFINED:
            return bytes(self._buffer[value : value + 4]) != SEQUENCE_DELIMITATION_KEY
        return any(length)

    def append_item(self, value: int, end: int, item: bytes) -> None:
        """Append an item to the sequence whose items begin at `value` and which ends at `end`, delimiter included."""
        if bytes(self._buffer[value - 4 : value]) == _UNDEFINED:
            end -= _DELIMITER
        self.list.append((end, end, item))

    def open(self, value: int) -> None:
        """Enter a sequence or item whose first byte after the length field is at `value`."""
        if bytes(self._buffer[value - 4 : value]) != _UNDEFINED:
            self.list.append((value - 4, OPENED, b""))
        else:
            self.list.append(
                (value - 4, OPENED_UNDEFINED, b"")
            )  # nothing to correct, but `close` needs its counterpart

    def close(self) -> None:
        """Leave it; no correction remains of one in which nothing changed."""
        last = self.list[-1]
        if last is not None and last[1] in (OPENED, OPENED_UNDEFINED):
            self.list.pop()
        else:
            self.list.append((0, CLOSED, b""))

    def assemble(self, start: int, end: int, head: bytes) -> list[Buffer]:
        """Return `head` and the changed data set `buffer[start:end]` as slices.

        Short ranges are joined with their neighbours; long ones stay slices of the input.
        """
        view = memoryview(self._buffer)
        run: list[Buffer] = [head]
        runs = [run]
        # The run and the place in it, the old length, the growth so far.
        opened: list[tuple[list[Buffer] | None, int, int, int]] = []
        cursor, growth = start, 0
        for first, last, new in [*filter(None, self.list), (end, end, b"")]:
            if first > cursor and last != CLOSED and last != OPENED_UNDEFINED:
                if first - cursor < KEEP_APART:
                    run.append(view[cursor:first])
                else:
                    run = []
                    runs += [view[cursor:first]], run
            if last >= 0:
                if new:
                    run.append(new)
                growth += len(new) - (last - first)
                cursor = last
            elif last == OPENED:
                opened.append((run, len(run), _U32.unpack_from(view, first)[0], growth))
                run.append(b"")  # the length, when it is known
                cursor = first + 4
            elif last == CLOSED:
                into, place, length, before = opened.pop()
                if into is not None:
                    into[place] = _U32.pack(length + growth - before)
            else:
                opened.append((None, 0, 0, 0))
        return [b"".join(each) if len(each) > 1 else each[0] for each in runs if each]
