"""The compressed frames of one instance, as its attributes describe them, and the tables of offsets before them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from orthanc_deid.deid.pixels.frames.encapsulated import Encapsulated, NewFrame, cleaned
from orthanc_deid.deid.pixels.frames.formats import FrameFormat, FrameShape
from orthanc_deid.deid.pixels.frames.scattered import Frame
from orthanc_deid.deid.pixels.high_bits import high_bits_in_use
from orthanc_deid.dicom.elements import UNDEFINED
from orthanc_deid.dicom.part10 import NATIVE, Encoded
from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.dicom.tags import (
    BITS_ALLOCATED,
    COLUMNS,
    ENCAPSULATED_PIXEL_DATA_VALUE_TOTAL_LENGTH,
    EXTENDED_OFFSET_TABLE,
    EXTENDED_OFFSET_TABLE_LENGTHS,
    HIGH_BIT,
    NUMBER_OF_FRAMES,
    PIXEL_DATA,
    PIXEL_REPRESENTATION,
    ROWS,
    SAMPLES_PER_PIXEL,
    format_tag,
)
from orthanc_deid.errors import RefusedError

OFFSET_TAGS: Final = frozenset(
    {EXTENDED_OFFSET_TABLE, EXTENDED_OFFSET_TABLE_LENGTHS, ENCAPSULATED_PIXEL_DATA_VALUE_TOTAL_LENGTH}
)
"""The attributes before Pixel Data that describe its fragments (PS3.3 section C.7.6.3.1.8)."""

_MOST_DIGITS: Final = 9


def frame_changes(
    encoded: Encoded,
    values: Mapping[int, tuple[str, ...]],
    positions: Mapping[int, tuple[int, int]],
    *,
    checks_high_bits: bool,
    new_frame: NewFrame | None = None,
) -> Encapsulated | None:
    """Return the changes of Pixel Data in fragments; None where it is native, or missing.

    `values`, `positions`: values of the top level, and where its bulk data stands. `checks_high_bits`: frames that
    use bits above High Bit are refused. `new_frame`: what is written instead of a frame. Raises RefusedError.
    """
    position = positions.get(PIXEL_DATA)
    if position is None or not is_of_undefined_length(encoded.buffer, position[0]):
        return None
    if encoded.transfer_syntax in NATIVE:
        raise RefusedError("fragments that the transfer syntax does not provide for", format_tag(PIXEL_DATA))
    form = frame_format(encoded.transfer_syntax, values, checks_high_bits=checks_high_bits)
    extended = extended_offsets(encoded.buffer, positions)
    frames = max(1, _number(values, NUMBER_OF_FRAMES, 1))
    return cleaned(encoded.buffer, position, frames, form, extended, new_frame)


def frame_format(
    transfer_syntax: str, values: Mapping[int, tuple[str, ...]], *, checks_high_bits: bool
) -> FrameFormat:
    """Return how the frames of an instance with these top-level `values` are read."""
    rows, columns, allocated = (_number(values, tag) for tag in (ROWS, COLUMNS, BITS_ALLOCATED))
    samples = _number(values, SAMPLES_PER_PIXEL, 1)
    high = _number(values, HIGH_BIT, -1) if checks_high_bits else -1
    length = -(-rows * columns * samples * allocated // 8)
    shape = FrameShape(rows * columns, samples, allocated, length, high)
    signed = values.get(PIXEL_REPRESENTATION, ())[:1] == ("1",)

    def check(words: Buffer, bits: int, high_bit: int) -> None:
        if high_bits_in_use(words, bits, high_bit, signed=signed):
            raise RefusedError("suspected of burned-in text", "bits outside BitsStored in use")

    def check_codestream(frame: Frame, high_bit: int) -> None:
        # Imported here, since its decoders import this module.
        from orthanc_deid.deid.pixels import codestream_bits

        if codestream_bits.precision_of(frame) > high_bit + 1:
            codestream_bits.check_decoded_bits(frame, transfer_syntax, values, high_bit)

    return FrameFormat(transfer_syntax, shape, check, check_codestream)


def extended_offsets(buffer: Buffer, positions: Mapping[int, tuple[int, int]]) -> tuple[int, ...]:
    """Return the entries of Extended Offset Table, none where it is missing."""
    return _words(buffer, positions.get(EXTENDED_OFFSET_TABLE))


def is_of_undefined_length(buffer: Buffer, value: int) -> bool:
    """Whether the element whose value begins at `value` states no length."""
    return value <= len(buffer) and int.from_bytes(buffer[value - 4 : value], "little") == UNDEFINED


def true_offsets(tag: int, found: Encapsulated) -> bytes:
    """Return the value of one of `OFFSET_TAGS` for the frames as they are written; empty where it must go."""
    if tag == ENCAPSULATED_PIXEL_DATA_VALUE_TOTAL_LENGTH:
        return found.total.to_bytes(8, "little")
    numbers = found.offsets if tag == EXTENDED_OFFSET_TABLE else found.lengths
    if not found.offsets or found.has_basic_offsets:
        return b""
    return b"".join(number.to_bytes(8, "little") for number in numbers)


def _words(buffer: Buffer, position: tuple[int, int] | None) -> tuple[int, ...]:
    """Return the numbers of 64 bits of a value."""
    if position is None:
        return ()
    start, end = position
    return tuple(int.from_bytes(buffer[at : at + 8], "little") for at in range(start, end - 7, 8))


def _number(values: Mapping[int, tuple[str, ...]], tag: int, default: int = 0) -> int:
    """Return the first value of a top-level attribute as a number, `default` where it is none."""
    found = values.get(tag, ())
    text = found[0] if found else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else default
