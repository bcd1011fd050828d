"""The end of a file that is not read before it is written: the samples of an image, which nobody changes.

Read, looked at and written piece by piece they stay in the processor's cache, and cost little more than a copy of the
file; they are never in memory as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import FileIO
from typing import Final

from orthanc_deid.errors import SourceError

PIECE: Final = 1 << 18
"""Bytes of a piece, a whole number of samples of any size: little enough for the second-level cache."""

SampleCheck = Callable[[memoryview], None]
"""Looks at the pieces of a tail, one after another; what it raises keeps a piece and all behind it in."""


class UnreadSamples:
    """The bytes of an open file from `start` on, `length` of them. Nothing is read until somebody asks for it.

    Every look of `looks` sees every piece before it is given out. Once the file is closed, whatever reads raises
    ValueError. Equality is by identity.
    """

    __slots__ = ("_file", "_looks", "_room", "_start", "length")

    def __init__(
        self, file: FileIO, start: int, length: int, room: memoryview, looks: tuple[SampleCheck, ...] = ()
    ) -> None:
        """`room` is memory for one piece, in which nobody keeps anything."""
        self._file = file
        self._start = start
        self._room = room
        self._looks = looks
        self.length = length

    def checked_by(self, look: SampleCheck) -> UnreadSamples:
        """Return the same tail with one more look."""
        return UnreadSamples(self._file, self._start, self.length, self._room, (*self._looks, look))

    def is_same(self, other: UnreadSamples) -> bool:
        """Whether both are the same bytes of the same file."""
        return self._file is other._file and self._start == other._start and self.length == other.length

    def pieces(self) -> Iterator[memoryview]:
        """Yield all bytes piece by piece, each looked at, and good until the next is asked for.

        Raises SourceError where the file cannot be read to its end, and what the looks raise.
        """
        room, size = self._room, len(self._room)
        shown = room.toreadonly()
        for at in range(0, self.length, size):
            if self.length - at < size:
                room, shown = room[: self.length - at], shown[: self.length - at]
            read_exactly(self._file, self._start + at, room)
            for look in self._looks:
                look(shown)
            yield shown

    def check_all(self) -> None:
        """Let every look see every piece; for whoever cannot be stopped once something is given out."""
        if self._looks:
            for _ in self.pieces():
                pass

    def between(self, start: int, end: int) -> memoryview:
        """Return the bytes from `start` to `end`, offsets within the tail, in memory of their own, not looked at."""
        memory = memoryview(bytearray(max(0, min(end, self.length) - start)))
        read_exactly(self._file, self._start + start, memory)
        return memory.toreadonly()


def read_exactly(file: FileIO, start: int, memory: memoryview) -> None:
    """Fill `memory` with the bytes of a file from `start` on; SourceError if it cannot be read or ends before."""
    try:
        file.seek(start)
        while (got := file.readinto(memory)) != len(memory):
            if not got:
                raise SourceError("the file changed while it was read")
            memory = memory[got:]
    except OSError as error:
        raise unreadable(error) from None


def unreadable(error: OSError) -> SourceError:
    """Return what to raise where the system does not read a file."""
    return SourceError(f"the file cannot be read: {why(error)}")


def why(error: OSError) -> str:
    """Return what the system says is the matter, without the path that the whole text names."""
    return error.strerror or type(error).__name__
