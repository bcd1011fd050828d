"""An encoded instance as slices: stretches of the input that nobody copied, and new bytes between them."""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate
from typing import BinaryIO

Buffer = bytes | bytearray | memoryview


class Slices:
    """A read-only sequence of bytes made of slices; a 1 GB instance costs no memory of its own.

    `parts` are the slices in order. Equality and hashing are by identity; compare `bytes(x)`.
    """

    __slots__ = ("_starts", "parts")

    def __init__(self, parts: Iterable[Buffer]) -> None:
        self.parts: tuple[memoryview, ...] = tuple(memoryview(part).cast("B") for part in parts if len(part))
        self._starts: list[int] = [0, *accumulate(len(part) for part in self.parts)]

    def __len__(self) -> int:
        """Return the length in bytes."""
        return self._starts[-1]

    def __bytes__(self) -> bytes:
        return b"".join(self.parts)

    def write_to(self, file: BinaryIO) -> None:
        """Write every slice to `file`, open for binary writing; an unbuffered one may take a slice piece by piece."""
        for part in self.parts:
            rest = part
            while len(rest):
                rest = rest[file.write(rest) :]

    def reader(self) -> SlicesReader:
        """Return a seekable binary file over the slices, for readers that want one."""
        return SlicesReader(self)

    def between(self, start: int, end: int) -> list[memoryview]:
        """Return the bytes from `start` to `end` (offsets, end exclusive) as slices, without copying."""
        found = []
        index = bisect_right(self._starts, start) - 1
        while start < end and index < len(self.parts):
            part, base = self.parts[index], self._starts[index]
            piece = part[start - base : end - base]
            found.append(piece)
            start += len(piece)
            index += 1
        return found


class SlicesReader(io.RawIOBase):
    """A seekable binary file over `Slices`; reads copy only what is asked for."""

    def __init__(self, slices: Slices) -> None:
        self._slices = slices
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: len(self._slices)}[whence]
        self._position = max(0, base + offset)
        return self._position

    def tell(self) -> int:
        return self._position

    def read(self, size: int | None = -1) -> bytes:
        end = len(self._slices)
        if size is not None and size >= 0:
            end = min(end, self._position + size)
        data = b"".join(self._slices.between(self._position, end))
        self._position += len(data)
        return data
