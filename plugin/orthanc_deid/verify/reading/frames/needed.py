"""What decoding needs of a frame, by the transfer syntax and the frame's first bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.standard.tables import burned_in
from orthanc_deid.verify.reading.element_headers import ParseError
from orthanc_deid.verify.reading.frames import boxes
from orthanc_deid.verify.reading.frames.jpeg import needed_of_jpeg
from orthanc_deid.verify.reading.frames.jpeg2000 import needed_of_codestream
from orthanc_deid.verify.reading.frames.pieces import Piece, fault
from orthanc_deid.verify.reading.frames.runs import (
    FrameSize,
    decoded_plane,
    inflated,
    needed_of_deflated,
    needed_of_native,
    needed_of_rle,
    rle_planes,
)
from orthanc_deid.verify.reading.frames.split_frame import Frame, SplitFrame

RLE: Final = "1.2.840.10008.1.2.5"
DEFLATED: Final = "1.2.840.10008.1.2.8.1"
UNCOMPRESSED: Final = "1.2.840.10008.1.2.1.98"
_BY_SIZE: Final = {RLE: needed_of_rle, DEFLATED: needed_of_deflated, UNCOMPRESSED: needed_of_native}
DECODED: Final = frozenset(_BY_SIZE)
"""The transfer syntaxes whose frames are decoded, as far as that shows bits above High Bit."""

_BEGINNINGS: Final[dict[bytes, Callable[[Buffer], list[Piece]]]] = {
    b"\xff\xd8": needed_of_jpeg,
    b"\xff\xff": needed_of_jpeg,
    b"\xff\x4f": needed_of_codestream,
    boxes.JP2: boxes.needed_of_jp2,
    boxes.JPEG_XL: boxes.needed_of_jpeg_xl,
    boxes.JPEG_XL_STREAM: boxes.needed_of_jpeg_xl,
}
_STARTS: Final = (b"\xff\xd8\xff", b"\xff\x4f\xff\x51", boxes.JP2, boxes.JPEG_XL, boxes.JPEG_XL_STREAM)


def is_video(transfer_syntax: str) -> bool:
    """Whether the fragments are one stream, which is not read."""
    return transfer_syntax in burned_in().transfer_syntaxes


def is_opaque(first_bytes: Buffer, transfer_syntax: str) -> bool:
    """Whether a frame is not read to its end: a video stream, or a JPEG XL codestream."""
    return is_video(transfer_syntax) or bytes(first_bytes[:12]).startswith(
        (boxes.JPEG_XL, boxes.JPEG_XL_STREAM)
    )


def begins_frame(first_bytes: bytes) -> bool:
    """Whether a fragment with these first bytes is the beginning of a codestream."""
    return first_bytes.startswith(_STARTS)


def can_be_split(first_bytes: bytes, transfer_syntax: str) -> bool:
    """Whether what decoding needs of a frame with these first bytes is found without a copy of the frame."""
    return first_bytes.startswith(b"\xff\x4f") and transfer_syntax not in _BY_SIZE


def needed(frame: Frame, transfer_syntax: str, size: FrameSize) -> list[Piece]:
    """Return the pieces of a frame that decoding needs; raises ParseError."""
    if is_video(transfer_syntax):
        return [Piece(0, len(frame))]
    try:
        return _needed(frame, transfer_syntax, size)
    except ParseError:
        if _is_empty(frame):
            return [Piece(0, len(frame))]
        raise


def _needed(frame: Frame, transfer_syntax: str, size: FrameSize) -> list[Piece]:
    if isinstance(frame, SplitFrame):
        if can_be_split(frame[:2], transfer_syntax):
            return needed_of_codestream(frame)
        frame = bytes(frame)
    by_size = _BY_SIZE.get(transfer_syntax)
    if by_size is not None:
        return by_size(frame, size)
    head = bytes(frame[:12])
    for beginning, read in _BEGINNINGS.items():
        if head.startswith(beginning):
            return read(frame)
    raise fault("of no known format")


def _is_empty(frame: Frame) -> bool:
    """Whether zeros alone stand between the first two markers and the last."""
    content = bytes(frame).rstrip(b"\0")
    if len(content) < 6 or content[2] != 0xFF or not content.endswith(b"\xff\xd9"):
        return False
    return content.startswith((b"\xff\xd8", b"\xff\x4f")) and content[4:-2].count(0) == len(content) - 6


def samples_with_high_bits(
    frame: Frame, transfer_syntax: str, size: FrameSize, high: int
) -> Iterator[tuple[memoryview, int, int]]:
    """Yield (samples, bits, high bit) in which bits above High Bit show; nothing for formats that are not decoded."""
    if not 0 <= high < size.bits - 1 or isinstance(frame, SplitFrame):
        return
    if transfer_syntax == DEFLATED:
        yield memoryview(inflated(frame, size.length)[0]), size.bits, high
    elif transfer_syntax == UNCOMPRESSED:
        yield memoryview(frame)[: size.length], size.bits, high
    elif transfer_syntax == RLE:
        width = max(1, size.bits // 8)
        planes = rle_planes(frame, size)
        for sample in range(0, len(planes), width):
            above = high - 8 * (width - 1)
            wanted = planes[sample : sample + (1 if above >= 0 else width)]
            decoded = [decoded_plane(frame, start, end, size.pixels) for start, end, _ in wanted]
            if above >= 0:
                yield memoryview(decoded[0]), 8, above
                continue
            words = np.stack([np.frombuffer(plane, np.uint8) for plane in reversed(decoded)], axis=1)
            yield memoryview(words.tobytes()), size.bits, high
