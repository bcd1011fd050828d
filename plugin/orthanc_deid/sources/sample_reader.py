"""Samples at the end of an open file, read piece by piece when they are needed (`dicom.unread_samples`)."""

from __future__ import annotations

from collections.abc import Iterator
from io import FileIO
from typing import Final

from orthanc_deid.dicom.unread_samples import SampleCheck, UnreadSamples
from orthanc_deid.errors import SourceError

PIECE: Final = 1 << 18
"""Bytes of a piece, a whole number of samples of any width; it fits into the second-level cache."""


class FileSamples(UnreadSamples):
    """The bytes of an open file from `start` on, `length` of them.

    Every check sees every piece before it is yielded. Once the file is closed, reading raises ValueError.
    """

    __slots__ = ("_checks", "_file", "_length", "_room", "_start")

    def __init__(
        self, file: FileIO, start: int, length: int, room: memoryview, checks: tuple[SampleCheck, ...] = ()
    ) -> None:
        """`room`: memory for one piece, whose content nobody else needs."""
        self._file = file
        self._start = start
        self._length = length
        self._room = room
        self._checks = checks

    @property
    def length(self) -> int:
        return self._length

    def checked_by(self, check: SampleCheck) -> FileSamples:
        return FileSamples(self._file, self._start, self._length, self._room, (*self._checks, check))

    def is_same(self, other: UnreadSamples) -> bool:
        if not isinstance(other, FileSamples):
            return False
        return self._file is other._file and self._start == other._start and self._length == other._length

    def pieces(self) -> Iterator[memoryview]:
        """Yield all bytes piece by piece, each checked, and valid until the next is requested.

        Raises SourceError where the file cannot be read to its end, and what the checks raise.
        """
        room, size = self._room, len(self._room)
        shown = room.toreadonly()
        for at in range(0, self._length, size):
            if self._length - at < size:
                room, shown = room[: self._length - at], shown[: self._length - at]
            read_exactly(self._file, self._start + at, room)
            for check in self._checks:
                check(shown)
            yield shown

    def check_all(self) -> None:
        if self._checks:
            for _ in self.pieces():
                pass

    def between(self, start: int, end: int) -> memoryview:
        memory = memoryview(bytearray(max(0, min(end, self._length) - start)))
        read_exactly(self._file, self._start + start, memory)
        return memory.toreadonly()


def read_exactly(file: FileIO, start: int, memory: memoryview) -> None:
    """Fill `memory` with the bytes of a file from `start` on; SourceError if it cannot be read or ends earlier."""
    try:
        file.seek(start)
        while (got := file.readinto(memory)) != len(memory):
            if not got:
                raise SourceError("the file changed while it was read")
            memory = memory[got:]
    except OSError as error:
        raise read_error(error) from None


def read_error(error: OSError) -> SourceError:
    """Return the error for a file that the system does not read."""
    return SourceError(f"the file cannot be read: {os_error_reason(error)}")


def os_error_reason(error: OSError) -> str:
    """Return the system's reason without the path, which the whole message names."""
    return error.strerror or type(error).__name__
