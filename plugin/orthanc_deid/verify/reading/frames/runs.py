"""What decoding needs of RLE frames (PS3.5 Annex G), of deflated and of native frames (section A.4)."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import Final

from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.verify.reading.frames.pieces import Piece, fault, written

_OFFSETS: Final = 64
_SEGMENTS_AT_MOST: Final = 15
_STEP: Final = 1 << 20
_TAKEN: Final = [*range(2, 130), 1, *[2] * 127]
"""Bytes that a run takes, by its control byte (PS3.5 section G.3.1)."""
_GIVEN: Final = [*range(1, 129), 0, *range(128, 1, -1)]
"""Bytes that it stands for."""


@dataclass(frozen=True, slots=True)
class FrameSize:
    """The size of a frame as its attributes state it: pixels, samples of each, bits of a sample."""

    pixels: int
    samples: int
    bits: int

    @property
    def length(self) -> int:
        """Bytes of the native frame."""
        return (self.pixels * self.samples * self.bits + 7) // 8

    @property
    def planes(self) -> int:
        """Bytes of a pixel, each of which is a segment of an RLE frame."""
        return self.samples * max(1, self.bits // 8)


def rle_planes(frame: Buffer, size: FrameSize) -> list[tuple[int, int, int]]:
    """Return (start, end, start of the next) of each segment; raises ParseError."""
    head = bytes(frame[:_OFFSETS])
    if len(head) < _OFFSETS:
        raise fault("cut off")
    count, *starts = struct.unpack("<16L", head)
    if count != size.planes or not 0 < count <= _SEGMENTS_AT_MOST:
        raise fault("another number of RLE segments than its attributes say")
    bounds = [*starts[:count], len(frame)]
    found = []
    before = _OFFSETS
    for place in range(count):
        start, following = bounds[place : place + 2]
        if start < before or following < start or following > len(frame):
            raise fault("RLE segments out of order")
        before = start + _run_lengths(bytes(frame[start:following]), size.pixels)
        found.append((start, before, following))
    return found


def _run_lengths(data: bytes, wanted: int) -> int:
    """Return the bytes of the runs that stand for `wanted` bytes."""
    taken, given = _TAKEN, _GIVEN
    position, control, end = 0, 128, len(data)
    while wanted > 0:
        if position >= end:
            raise fault("cut off")
        control = data[position]
        position += taken[control]
        wanted -= given[control]
    if position > end:
        raise fault("cut off")
    if control < 128 and wanted < -1:
        raise fault("an RLE segment of more bytes than samples")
    return position


def needed_of_rle(frame: Buffer, size: FrameSize) -> list[Piece]:
    """Return the pieces that decoding needs; raises ParseError."""
    planes = rle_planes(frame, size)
    pieces: list[Piece] = []
    starts = []
    position = _OFFSETS
    for place, (start, end, following) in enumerate(planes):
        starts.append(position)
        pieces.append(Piece(start, end, coded=True))
        position += end - start
        between = bytes(frame[end:following]) if place + 1 < len(planes) else b""
        if between == b"\0":
            pieces.append(Piece(end, following))
        elif between and position % 2:
            pieces.append(written(b"\0"))
        position += pieces[-1].length if not pieces[-1].coded else 0
    header = struct.pack("<16L", len(starts), *starts, *([0] * (_SEGMENTS_AT_MOST - len(starts))))
    first = Piece(0, _OFFSETS) if bytes(frame[:_OFFSETS]) == header else written(header)
    return [first, *pieces]


def decoded_plane(frame: Buffer, start: int, end: int, pixels: int) -> bytes:
    """Return the bytes that a segment stands for."""
    data = bytes(frame[start:end])
    found = bytearray()
    position = 0
    while position < len(data):
        control = data[position]
        if control < 128:
            found += data[position + 1 : position + control + 2]
            position += control + 2
        elif control == 128:
            position += 1
        else:
            found += data[position + 1 : position + 2] * (257 - control)
            position += 2
    return bytes(found[:pixels])


def inflated(frame: Buffer, length: int) -> tuple[bytes, int]:
    """Return the bytes of a deflated frame, and how many bytes follow its stream; raises ParseError."""
    stream = zlib.decompressobj(wbits=-15)
    found = bytearray()
    rest: Buffer = frame
    try:
        while not stream.eof and len(found) <= length + 1:
            found += stream.decompress(rest, _STEP)
            rest = stream.unconsumed_tail
            if not rest and not stream.eof:
                found += stream.flush()
                break
    except zlib.error:
        raise fault("cannot be inflated") from None
    if not stream.eof or len(found) not in (length, length + length % 2):
        raise fault("another length than its attributes say")
    return bytes(found), len(stream.unused_data)


def needed_of_deflated(frame: Buffer, size: FrameSize) -> list[Piece]:
    """Return the pieces of a deflated frame that decoding needs; raises ParseError."""
    _, behind = inflated(frame, size.length)
    return [Piece(0, len(frame) - behind, coded=True)]


def needed_of_native(frame: Buffer, size: FrameSize) -> list[Piece]:
    """Return the pieces of a native frame in fragments; raises ParseError."""
    if len(frame) < size.length:
        raise fault("cut off")
    return [Piece(0, size.length, coded=True)]
