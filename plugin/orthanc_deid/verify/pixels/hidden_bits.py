"""Bits above High Bit in codestreams that state more bits than Bits Stored, decoded for the check."""

from __future__ import annotations

from typing import Final

import numpy as np

from orthanc_deid.verify.pixels.codestreams import stated_by_2000, stated_by_jpeg
from orthanc_deid.verify.pixels.image_form import ImageForm
from orthanc_deid.verify.pixels.second_decoders import decoded
from orthanc_deid.verify.reading.element_headers import ParseError
from orthanc_deid.verify.reading.frames.needed import is_opaque
from orthanc_deid.verify.reading.frames.split_frame import Frame
from orthanc_deid.verify.reading.hidden_bits import bits_above
from orthanc_deid.verify.reading.instance import Instance

_HEAD: Final = 1 << 12  # bytes; the header of a frame seldom stands behind them
_JPEG: Final = b"\xff\xd8"


def states_more(frame: Frame, high: int) -> bool:
    """Whether a codestream of JPEG, JPEG-LS or JPEG 2000 states more than `high` + 1 bits of a sample."""
    head = bytes(frame[:_HEAD])
    if is_opaque(head, ""):
        return False
    for data in (head, b"") if len(frame) <= _HEAD else (head, bytes(frame)):
        stated = stated_by_jpeg if data[:2] == _JPEG else stated_by_2000
        try:
            return stated(data).precision > high + 1
        except ParseError:
            continue
    return False  # no image, or one whose components differ, which has no such samples


def hides_bits(frame: bytes, syntax: str, attributes: Instance, high: int, *, signed: bool) -> bool:
    """Whether the samples of a frame use bits above `high`, beyond the sign. Raises ParseError."""
    words = np.ascontiguousarray(decoded(frame, syntax, ImageForm.of(attributes, None)))
    if words.dtype.kind == "i":
        words = np.where((words < 0) & (words >= -(1 << high)), 0, words)
    return bits_above((memoryview(words.tobytes()),), 8 * words.dtype.itemsize, high, signed=signed)
