"""What a codestream states of its image, read before it is decoded: a wrong size is refused without any decoding."""

from __future__ import annotations

from typing import Final, NamedTuple

from orthanc_deid.deid.pixels.image_shape import ImageShape, refused
from orthanc_deid.dicom.slices import Buffer

_SOS: Final = 0xDA
_FRAME_HEADERS: Final = frozenset({*range(0xC0, 0xD0), 0xF7}) - {0xC4, 0xC8, 0xCC}
_SIZ: Final = b"\xff\x4f\xff\x51"
_COD: Final = b"\xff\x52"
_MOST_SEGMENTS: Final = 4096
_XL: Final = b"\xff\x0a"
_XL_BOXES: Final = ((b"jxlc", 0), (b"jxlp", 4))
_XL_WIDTHS: Final = (9, 13, 18, 30)
_XL_RATIOS: Final = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
_LONGEST_XL_HEADER: Final = 1 << 16


class CodestreamHeader(NamedTuple):
    """The image of a codestream: `process` is the second byte of SOF for JPEG and JPEG-LS, 0 for JPEG 2000.

    `detail`: interleave mode of JPEG-LS; whether JPEG 2000 transforms its components.
    """

    rows: int
    columns: int
    components: int
    precision: int
    signed: bool
    process: int
    detail: int = 0

    def check(self, shape: ImageShape) -> None:
        """Raise RefusedError where the codestream has another size or depth than the attributes say."""
        stated = self.rows, self.columns, self.components
        if stated != (shape.rows, shape.columns, shape.samples) or self.precision > shape.allocated:
            refused("a frame of another size than its attributes say")
        shape.check_decoded_size()


def jpeg_header(frame: Buffer) -> CodestreamHeader:
    """Return the header of a JPEG or JPEG-LS frame (ISO/IEC 10918-1 B.2.2); raises RefusedError."""
    data = memoryview(frame)
    at, found = 2, None
    for _ in range(_MOST_SEGMENTS):
        if at + 4 > len(data) or data[at] != 0xFF:
            break
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker in _FRAME_HEADERS and at + 10 <= len(data):
            rows, columns = (int.from_bytes(data[at + i : at + i + 2], "big") for i in (5, 7))
            found = CodestreamHeader(rows, columns, data[at + 9], data[at + 4], False, marker)
        elif marker == _SOS:
            if found is None:
                break
            parameters = at + 5 + 2 * data[at + 4]  # Ss, or NEAR; Se, or the interleave mode
            return found._replace(detail=data[parameters + 1])
        at += 2 + length
    return refused("a frame without its header")


def jpeg_2000_header(frame: Buffer) -> CodestreamHeader:
    """Return the header of a JPEG 2000 codestream, or of the one in a JP2 file (ISO/IEC 15444-1 A.5.1)."""
    data = bytes(frame)
    at = data.find(_SIZ)
    cod = data.find(_COD, at)
    if at < 0 or cod < 0 or at + 45 > len(data) or cod + 9 > len(data):
        refused("a frame without its header")
    right, bottom, left, top = (int.from_bytes(data[at + i : at + i + 4], "big") for i in (8, 12, 16, 20))
    components, depth = int.from_bytes(data[at + 40 : at + 42], "big"), data[at + 42]
    if any(data[at + 42 + 3 * i : at + 45 + 3 * i] != bytes((depth, 1, 1)) for i in range(components)):
        refused("components of different kinds")
    precision = (depth & 0x7F) + 1
    return CodestreamHeader(
        bottom - top, right - left, components, precision, bool(depth & 0x80), 0, data[cod + 8]
    )


def jpeg_xl_size(frame: Buffer) -> tuple[int, int]:
    """Return rows and columns of a JPEG XL frame (ISO/IEC 18181-1, size header); raises RefusedError."""
    data = bytes(frame[:_LONGEST_XL_HEADER])
    starts = [data.find(box) + len(box) + skipped for box, skipped in _XL_BOXES if box in data]
    start = 0 if data[:2] == _XL else min(starts, default=len(data))
    if data[start : start + 2] != _XL:
        refused("a frame without its header")
    bits = _Bits(int.from_bytes(data[start + 2 : start + 14], "little"))
    small = bits.take(1)
    rows = _xl_side(bits, small=small)
    ratio = bits.take(3)
    if not ratio:
        return rows, _xl_side(bits, small=small)
    across, down = _XL_RATIOS[ratio - 1]
    return rows, rows * across // down


def _xl_side(bits: _Bits, *, small: int) -> int:
    return 8 * (bits.take(5) + 1) if small else bits.take(_XL_WIDTHS[bits.take(2)]) + 1


class _Bits:
    """Bits of a number, the lowest first."""

    def __init__(self, number: int) -> None:
        self._number = number

    def take(self, count: int) -> int:
        found = self._number & ((1 << count) - 1)
        self._number >>= count
        return found
