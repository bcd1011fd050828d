"""What decoding needs of a frame, in order: stretches of the frame, and bytes that stand in its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from orthanc_deid.verify.reading.element_headers import ParseError
from orthanc_deid.verify.reading.frames.split_frame import Frame, stretches
from orthanc_deid.verify.reading.long_values import are_same


class Piece(NamedTuple):
    """A stretch of a frame; or, with `new`, bytes that an output has instead. `coded`: entropy-coded data."""

    start: int
    end: int
    coded: bool = False
    new: bytes | None = None

    @property
    def length(self) -> int:
        return self.end - self.start if self.new is None else len(self.new)


def written(content: bytes) -> Piece:
    """Return a piece of new bytes."""
    return Piece(0, 0, new=content)


def fault(what: str) -> ParseError:
    """Return the error for a frame whose structure is not valid."""
    return ParseError(f"compressed frame: {what}")


def big_endian(frame: Frame, at: int, size: int) -> int:
    """Return the number of `size` bytes at `at`; raises ParseError past the end."""
    raw = bytes(frame[at : at + size])
    if len(raw) < size:
        raise fault("cut off")
    return int.from_bytes(raw, "big")


def total(pieces: Iterable[Piece]) -> int:
    """Return the bytes of all pieces."""
    return sum(piece.length for piece in pieces)


def is_whole(pieces: Iterable[Piece], length: int) -> bool:
    """Whether the pieces are the first `length` bytes of a frame, without a gap and with nothing new."""
    at = 0
    for piece in pieces:
        if piece.new is not None or piece.start != at:
            return False
        at = piece.end
    return at == length


def equals(frame: Frame, pieces: Iterable[Piece], other: Frame) -> bool:
    """Whether the pieces of `frame`, one after another, are the bytes of `other` up to their total length."""
    at = 0
    for piece in pieces:
        content = stretches(frame, piece.start, piece.end) if piece.new is None else [memoryview(piece.new)]
        if not are_same(content, stretches(other, at, at + piece.length)):
            return False
        at += piece.length
    return True


def headers(frame: Frame, pieces: Iterable[Piece]) -> Iterator[bytes]:
    """Yield the bytes of the pieces that are no entropy-coded data."""
    for piece in pieces:
        if not piece.coded:
            yield bytes(frame[piece.start : piece.end]) if piece.new is None else piece.new
