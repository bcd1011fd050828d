"""Windows of bytes for pydicom's reader, so that it reads a 1 GB instance 32 KB at a time."""

from __future__ import annotations

import io
from collections.abc import Callable

from pydicom.charset import python_encoding

WINDOW = 1 << 15
"""Bytes of one window."""

DEFER = 1 << 13
"""Values longer than this are not loaded; a header and a value up to this length always fit in a window."""

Load = Callable[[int, int], bytes]
"""(start, end) -> the bytes there, end exclusive; positions are those of the whole file."""

_UNDEFINED = b"\xff\xff\xff\xff"
_CHARSET_TAG = b"\x08\x00\x05\x00"


class Stream:
    """The bytes up to `end`, given to pydicom's element reader as one small file after another.

    `base` and `limit` are the positions where the current window starts and ends.
    """

    __slots__ = ("_unusual", "base", "data", "end", "fp", "limit", "load")

    def __init__(self, load: Load, start: int, end: int) -> None:
        self.load = load
        self.end = end
        self._open(start)

    def _open(self, position: int) -> None:
        self.base = position
        self.limit = min(self.end, position + WINDOW)
        self.data = self.load(position, self.limit)
        self.limit = position + len(self.data)
        self.fp = io.BytesIO(self.data)
        self._unusual: bool | None = None

    def at(self, position: int, *, fresh: bool = False) -> io.BytesIO:
        """Return the current window positioned at `position`; a new one that starts there if necessary."""
        if fresh or not self.base <= position < self.limit:
            self._open(position)
        self.fp.seek(position - self.base)
        return self.fp

    def bytes(self, start: int, length: int, *, moving: bool = False) -> bytes:
        """Return `length` bytes from `start`, fewer at the end; from the window where it holds them.

        With `moving`, bytes that it does not hold open a new window that starts there.
        """
        end = min(start + length, self.end)
        if moving and length <= WINDOW and not (self.base <= start and end <= self.limit):
            self._open(start)
        if self.base <= start and end <= self.limit:
            return self.data[start - self.base : end - self.base]
        return self.load(start, end)

    def part(self, start: int, end: int) -> Stream:
        """Return another stream over `start` to `end`, whose windows do not move this one's."""
        if self.base <= start and end <= self.limit:
            return within(self.data[start - self.base : end - self.base], start)
        return Stream(self.load, start, end)

    def has_undefined_lengths(self) -> bool:
        """Whether the window may contain an undefined length; `False` is certain."""
        return _UNDEFINED in self.data

    def has_unusual_charset(self) -> bool:
        """Whether pydicom would warn, with the value, about a Specific Character Set of the window."""
        if self._unusual is None:
            self._unusual = self._find_unusual_charset()
        return self._unusual

    def _find_unusual_charset(self) -> bool:
        found = self.data.find(_CHARSET_TAG)
        while found >= 0:
            head = self.data[found + 4 : found + 8]
            length = int.from_bytes(head[2:] if head[:2] == b"CS" else head, "little")
            value = self.data[found + 8 : found + 8 + min(length, DEFER)]
            if not is_usual_charset(value):
                return True
            found = self.data.find(_CHARSET_TAG, found + 4)
        return False


def is_usual_charset(value: bytes) -> bool:
    """Whether pydicom accepts every term of a Specific Character Set without a warning."""
    terms = [term.strip(" \0") for term in value.decode("latin-1").split("\\")]
    if any(term not in python_encoding for term in terms):
        return False
    return len(terms) == 1 or all(term == "" or term.startswith("ISO 2022 IR ") for term in terms)


def within(data: bytes, position: int) -> Stream:
    """Return a stream over `data`; `position`: its place in the file."""

    def load(start: int, end: int) -> bytes:
        return data[start - position : end - position]

    return Stream(load, position, position + len(data))
