"""What JPEG and JPEG 2000 codestreams state of their image, for the check (ISO/IEC 10918-1 B.2.2, 15444-1 A.5.1)."""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

from orthanc_deid.verify.pixels.image_form import unreadable

_NO_FRAME: Final = (0xC4, 0xC8, 0xCC)
_MOST_SEGMENTS: Final = 4096
_MAIN_HEADER: Final = b"\xff\x4f\xff\x51"


class StatedImage(NamedTuple):
    """Rows, columns and components; bits of a sample; and the factors by which each component is sampled less."""

    size: tuple[int, int, int]
    precision: int
    signed: bool = False
    less: tuple[tuple[int, int], ...] = ()

    @property
    def is_like(self) -> tuple[tuple[int, int, int], int, bool]:
        """What a changed frame must have in common with the frame of the original."""
        return self.size, self.precision, self.signed


def stated_by_jpeg(frame: bytes) -> StatedImage:
    """Return what the frame header of JPEG or JPEG-LS states; raises ParseError."""
    at = 2
    for _ in range(_MOST_SEGMENTS):
        head = frame[at : at + 10]
        if len(head) < 10 or head[0] != 0xFF:
            break
        if (0xC0 <= head[1] <= 0xCF and head[1] not in _NO_FRAME) or head[1] == 0xF7:
            precision, rows, columns, count = struct.unpack(">BHHB", head[4:10])
            factors = [divmod(each, 16) for each in frame[at + 11 : at + 10 + 3 * count : 3]]
            if len(factors) != count or not all(across and down for across, down in factors):
                break
            widest, tallest = max(one for one, _ in factors), max(one for _, one in factors)
            less = tuple((tallest // down, widest // across) for across, down in factors)
            return StatedImage((rows, columns, count), precision, less=less)
        at += 2 + int.from_bytes(head[2:4], "big")
    raise unreadable("a frame without its header")


def stated_by_2000(frame: bytes) -> StatedImage:
    """Return what the main header of JPEG 2000 states, in a JP2 file as well; raises ParseError."""
    at = frame.find(_MAIN_HEADER) + len(_MAIN_HEADER)
    fields = frame[at : at + 38]
    if at < len(_MAIN_HEADER) or len(fields) < 38:
        raise unreadable("a frame without its header")
    _, _, right, bottom, left, top, *_, count = struct.unpack(">HHIIII16sH", fields[:38])
    kinds = {frame[at + 38 + 3 * each : at + 41 + 3 * each] for each in range(count)}
    if len(kinds) != 1 or (kind := kinds.pop())[1:] != b"\1\1":
        raise unreadable("components of different kinds")
    return StatedImage((bottom - top, right - left, count), (kind[0] & 127) + 1, kind[0] > 127)


def clear_sign(frame: bytes) -> bytes:
    """Return a JPEG 2000 codestream whose components are unsigned: its samples are larger by the level shift."""
    at = frame.find(_MAIN_HEADER)
    stream = bytearray(frame[at:])
    count = int.from_bytes(stream[40:42], "big")
    for place in range(42, 42 + 3 * count, 3):
        stream[place] &= 127
    return bytes(stream)
