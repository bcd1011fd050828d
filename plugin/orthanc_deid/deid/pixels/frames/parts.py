"""The parts of a frame that are written: ranges of its bytes that stay as they are, and new bytes between them."""

from __future__ import annotations

from typing import TypeAlias

from orthanc_deid.deid.pixels.frames.scattered import Frame
from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.dicom.tags import PIXEL_DATA, format_tag
from orthanc_deid.errors import RefusedError

Part: TypeAlias = tuple[int, int] | bytes
"""(start, end) of bytes of the frame that stay, or new bytes."""


def unreadable(reason: str) -> RefusedError:
    """Return the error for a frame that no decoder can read, or of which it is not known what a decoder needs."""
    return RefusedError(f"compressed frame: {reason}", format_tag(PIXEL_DATA))


class Parts:
    """The parts of one frame in order; neighbouring ranges are joined."""

    __slots__ = ("list",)

    def __init__(self) -> None:
        self.list: list[Part] = []

    def keep(self, start: int, end: int) -> None:
        """Add the bytes from `start` to `end` of the frame."""
        last = self.list[-1] if self.list else None
        if isinstance(last, tuple) and last[1] == start:
            self.list[-1] = (last[0], end)
        elif start < end:
            self.list.append((start, end))

    def put(self, new: bytes) -> None:
        """Add new bytes."""
        self.list.append(new)

    def take(self, others: list[Part]) -> None:
        """Add other parts of the same frame."""
        for part in others:
            if isinstance(part, tuple):
                self.keep(*part)
            else:
                self.put(part)


def length_of(parts: list[Part]) -> int:
    """Return the number of bytes in `parts`."""
    return sum(part[1] - part[0] if isinstance(part, tuple) else len(part) for part in parts)


def joined(frame: Buffer, parts: list[Part]) -> bytes:
    """Return the bytes of `parts` of a frame."""
    view = memoryview(frame)
    return b"".join([view[part[0] : part[1]] if isinstance(part, tuple) else part for part in parts])


def moved(parts: list[Part], by: int) -> list[Part]:
    """Return `parts` of bytes that begin `by` bytes into the frame."""
    return [(part[0] + by, part[1] + by) if isinstance(part, tuple) else part for part in parts]


def number(frame: Frame, at: int, size: int) -> int:
    """Return the big endian number of `size` bytes at `at`; bytes past the end are refused."""
    if at + size > len(frame):
        raise unreadable("cut off")
    return int.from_bytes(frame[at : at + size], "big")
