"""The formats of compressed frames, by transfer syntax and by the first bytes of a frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from orthanc_deid.deid.pixels.frames import boxes, jpeg_xl
from orthanc_deid.deid.pixels.frames.boxes import box_parts
from orthanc_deid.deid.pixels.frames.deflated import deflated_parts, native_parts
from orthanc_deid.deid.pixels.frames.jpeg import jpeg_parts
from orthanc_deid.deid.pixels.frames.jpeg2000 import CODESTREAM, codestream_parts
from orthanc_deid.deid.pixels.frames.jpeg_xl import jpeg_xl_parts
from orthanc_deid.deid.pixels.frames.parts import Part, unreadable
from orthanc_deid.deid.pixels.frames.rle import Segment, decoded, rle_parts, rle_segments
from orthanc_deid.deid.pixels.frames.scattered import Frame, Scattered
from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.errors import RefusedError
from orthanc_deid.standard.tables import burned_in

RLE: Final = "1.2.840.10008.1.2.5"
DEFLATED_FRAMES: Final = "1.2.840.10008.1.2.8.1"
NATIVE_FRAMES: Final = "1.2.840.10008.1.2.1.98"
_BY_ATTRIBUTES: Final = (RLE, DEFLATED_FRAMES, NATIVE_FRAMES)
"""The transfer syntaxes whose frames have no signature."""


@dataclass(frozen=True, slots=True)
class FrameShape:
    """The samples of one frame, as the attributes of the image say (PS3.3 section C.7.6.3).

    `length`: bytes of the native frame. `high_bit`: -1 where it need not be checked.
    """

    pixels: int
    samples: int
    allocated: int
    length: int
    high_bit: int = -1


class FrameFormat:
    """How the frames of one instance are read."""

    def __init__(
        self,
        transfer_syntax: str,
        shape: FrameShape,
        check_high_bits: Callable[[Buffer, int, int], None],
        check_codestream: Callable[[Frame, int], None] | None = None,
    ) -> None:
        """`check_high_bits`: (samples, bits of a sample, high bit) raises for samples that use higher bits.

        `check_codestream`: (frame, high bit) does so for a codestream.
        """
        self._syntax = transfer_syntax
        self._shape = shape
        self._check_high_bits = check_high_bits
        self._check_codestream = check_codestream
        self.is_one_stream = transfer_syntax in burned_in().transfer_syntaxes
        """Whether the value is one stream (video), of which the frames are no fragments."""

    def parts(self, frame: Frame) -> list[Part]:
        """Return the parts of a frame that decoding needs. Raises RefusedError."""
        if self.is_one_stream:
            return [(0, len(frame))]
        try:
            if isinstance(frame, Scattered):
                if frame[:2] == CODESTREAM and self._syntax not in _BY_ATTRIBUTES:
                    return self._checked(frame, codestream_parts(frame))
                return self._parts(bytes(frame))
            return self._parts(frame)
        except RefusedError:
            if is_blank(frame):
                return [(0, len(frame))]
            raise

    def _parts(self, frame: Buffer) -> list[Part]:
        if self._syntax == RLE:
            return self._rle(frame)
        if self._syntax == DEFLATED_FRAMES:
            parts, samples = deflated_parts(frame, self._shape.length)
            self._check(samples)
            return parts
        if self._syntax == NATIVE_FRAMES:
            parts = native_parts(frame, self._shape.length)
            self._check(frame[: self._shape.length])
            return parts
        for signature, parts_of in _SIGNATURES:
            if frame[: len(signature)] == signature:
                return self._checked(frame, parts_of(frame))
        raise unreadable("of no known format")

    def _checked(self, frame: Frame, parts: list[Part]) -> list[Part]:
        """Return the parts of a codestream whose samples use no bits above High Bit."""
        if self._check_codestream and 0 <= self._shape.high_bit < self._shape.allocated - 1:
            self._check_codestream(frame, self._shape.high_bit)
        return parts

    def _rle(self, frame: Buffer) -> list[Part]:
        shape = self._shape
        width = max(1, shape.allocated // 8)
        segments = rle_segments(frame, shape.pixels, shape.samples * width)
        if 0 <= shape.high_bit < shape.allocated - 1:
            for sample in range(shape.samples):
                self._check_planes(frame, segments[sample * width : (sample + 1) * width])
        return rle_parts(frame, segments)

    def _check_planes(self, frame: Buffer, planes: list[Segment]) -> None:
        """Check the bytes of a sample, the highest first; of them only the highest where the bits are all in it."""
        pixels, high = self._shape.pixels, self._shape.high_bit
        below = 8 * (len(planes) - 1)
        if high >= below:
            highest = b"".join(decoded(frame, planes[0]))[:pixels]
            self._check_high_bits(highest, 8, high - below)
            return
        samples = np.empty((pixels, len(planes)), np.uint8)
        for place, plane in enumerate(reversed(planes)):
            samples[:, place] = np.frombuffer(b"".join(decoded(frame, plane))[:pixels], np.uint8)
        self._check_high_bits(samples.tobytes(), self._shape.allocated, high)

    def _check(self, samples: Buffer) -> None:
        if 0 <= self._shape.high_bit < self._shape.allocated - 1:
            self._check_high_bits(samples, self._shape.allocated, self._shape.high_bit)


_SIGNATURES: Final[tuple[tuple[bytes, Callable[[Buffer], list[Part]]], ...]] = (
    (b"\xff\xd8", jpeg_parts),
    (b"\xff\xff", jpeg_parts),  # fill bytes
    (CODESTREAM, codestream_parts),
    (boxes.SIGNATURE, box_parts),
    (jpeg_xl.CODESTREAM, jpeg_xl_parts),
    (jpeg_xl.SIGNATURE, jpeg_xl_parts),
)
_FIRST_BYTES: Final = (
    b"\xff\xd8\xff",
    b"\xff\x4f\xff\x51",
    boxes.SIGNATURE,
    jpeg_xl.SIGNATURE,
    jpeg_xl.CODESTREAM,
)


def starts_frame(fragment: Buffer) -> bool:
    """Whether a fragment begins a codestream."""
    return bytes(fragment[:16]).startswith(_FIRST_BYTES)


def is_blank(frame: Frame) -> bool:
    """Whether a frame holds zeros between its first and last markers: no image, and nobody's name."""
    data = bytes(frame).rstrip(b"\0")
    return (
        data[:2] in (b"\xff\xd8", b"\xff\x4f")
        and data[2:3] == b"\xff"
        and data[-2:] == b"\xff\xd9"
        and not any(data[4:-2])
    )
