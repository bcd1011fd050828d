"""An instance in a file of which only the head is read: all but the samples of its image, which end the file."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from orthanc_deid.dicom.slices import Buffer, Slices
from orthanc_deid.dicom.unread_samples import UnreadSamples

_PIXEL_DATA = b"\xe0\x7f\x10\x00"
_U32 = struct.Struct("<I").unpack_from


@dataclass(frozen=True, slots=True, eq=False)
class PartlyRead:
    """`head` ends where the samples seem to begin, `tail` is the rest; `whole` returns the whole file."""

    head: memoryview
    tail: UnreadSamples
    whole: Callable[[], Buffer]

    def __len__(self) -> int:
        """Return the length of the file in bytes."""
        return len(self.head) + self.tail.length


Data: TypeAlias = Buffer | PartlyRead
"""An encoded instance as a source gives it."""


def whole(data: Data) -> Buffer:
    """Return the bytes of the instance, read or mapped as a whole; raises SourceError."""
    return data.whole() if isinstance(data, PartlyRead) else data


def slices_of(data: Data) -> Slices:
    """Return the instance as slices."""
    return Slices([data.head], data.tail) if isinstance(data, PartlyRead) else Slices([data])


def where_samples_begin(head: bytes, size: int) -> int | None:
    """Return where in a file of `size` bytes the value of Pixel Data seems to begin, which ends with the file.

    `head` is the beginning of the file. Another element may look the same; the walk of the head decides.
    """
    found = head.find(_PIXEL_DATA)
    while found >= 0:
        explicit = head[found + 4 : found + 8] in (b"OW\0\0", b"OB\0\0")
        value = found + (12 if explicit else 8)
        if value <= len(head) and value + _U32(head, value - 4)[0] == size:
            return value
        found = head.find(_PIXEL_DATA, found + 1)
    return None
