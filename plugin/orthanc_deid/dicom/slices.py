"""An encoded instance as slices: uncopied ranges of the input, and new bytes between them."""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import BinaryIO

from orthanc_deid.dicom.unread_samples import SampleCheck, UnreadSamples

Buffer = bytes | bytearray | memoryview


class Slices:
    """A read-only sequence of bytes made of slices; a 1 GB instance costs no memory of its own.

    `in_memory` are the slices in order; `tail` follows them, where the end of a file is not read yet.
    Equality and hashing are by identity; compare `bytes(x)`.
    """

    __slots__ = ("_starts", "in_memory", "tail")

    def __init__(self, parts: Iterable[Buffer], tail: UnreadSamples | None = None) -> None:
        self.in_memory: tuple[memoryview, ...] = tuple(
            memoryview(part).cast("B") for part in parts if len(part)
        )
        self._starts: list[int] = [0, *accumulate(len(part) for part in self.in_memory)]
        self.tail = tail

    def __len__(self) -> int:
        """Return the length in bytes."""
        return self._starts[-1] + (0 if self.tail is None else self.tail.length)

    def __bytes__(self) -> bytes:
        if self.tail is None:
            return b"".join(self.in_memory)
        return b"".join([*self.in_memory, *map(bytes, self.tail.pieces())])

    def runs(self) -> Iterator[Sequence[memoryview]]:
        """Yield all bytes in order: slices that may be written together, valid until the next are requested.

        Raises SourceError where the tail cannot be read, and what its checks raise: everything that was written
        must then be discarded.
        """
        yield self.in_memory
        if self.tail is not None:
            for piece in self.tail.pieces():
                yield (piece,)

    def write_to(self, file: BinaryIO) -> None:
        """Write all bytes to `file`, open for binary writing; an unbuffered one may take a slice piece by piece.

        Raises what `runs` raises.
        """
        for run in self.runs():
            for part in run:
                rest = part
                while len(rest):
                    rest = rest[file.write(rest) :]

    def checked_by(self, check: SampleCheck) -> Slices:
        """Return the same bytes with one more check of the tail; ValueError without a tail."""
        if self.tail is None:
            raise ValueError("all is in memory")
        return Slices(self.in_memory, self.tail.checked_by(check))

    def reader(self) -> SlicesReader:
        """Return a seekable binary file over the slices, for readers that need one; raises what `runs` raises."""
        if self.tail is not None:
            self.tail.check_all()  # a reader may begin anywhere, and its bytes cannot be withdrawn
        return SlicesReader(self)

    def between(self, start: int, end: int) -> list[memoryview]:
        """Return the bytes from `start` to `end` (offsets, end exclusive) as slices, only those of the tail copied.

        The checks do not run.
        """
        found = []
        index = bisect_right(self._starts, start) - 1
        while start < end and index < len(self.in_memory):
            part, base = self.in_memory[index], self._starts[index]
            piece = part[start - base : end - base]
            found.append(piece)
            start += len(piece)
            index += 1
        end = min(end, len(self))
        if start < end and self.tail is not None:
            base = self._starts[-1]
            found.append(self.tail.between(start - base, end - base))
        return found

    def tail_at(self, start: int, length: int) -> UnreadSamples | None:
        """Return the tail if it consists of exactly these bytes, else None."""
        is_it = self.tail is not None and start == self._starts[-1] and length == self.tail.length
        return self.tail if is_it else None


class SlicesReader(io.RawIOBase):
    """A seekable binary file over `Slices`; reads copy only the requested bytes."""

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
