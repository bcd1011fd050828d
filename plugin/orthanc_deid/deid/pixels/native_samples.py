"""Native frames (PS3.5 section 8.1, PS3.3 section C.7.6.3.1): where their samples lie, and what they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from orthanc_deid.deid.pixels.image_shape import ImageShape, Samples, refused
from orthanc_deid.dicom.slices import Buffer


@dataclass(frozen=True, slots=True)
class NativeLayout:
    """Where the samples of native frames lie in the value of Pixel Data, little endian.

    `is_shared`: two pixels share their colours: Y, Y, Cb, Cr. A place in the value is counted in bits from the lowest
    bit of its first byte, since frames of one bit begin within a byte.
    """

    shape: ImageShape
    is_shared: bool = False

    @classmethod
    def of(cls, shape: ImageShape, length: int) -> NativeLayout:
        """Return the layout of a value of `length` bytes; raises RefusedError where it does not hold its frames."""
        full = -(-shape.full_frame_bits * shape.frames // 8)
        if shape.is_half_colour and length not in (full, full + full % 2):
            if shape.planar or shape.allocated % 8:
                refused("unusual order of colours")
            half = -(-shape.half_frame_bits * shape.frames // 8)
            if length < half:
                refused("fewer samples than its attributes say")
            return cls(shape, is_shared=True)
        if length < full:
            refused("fewer samples than its attributes say")
        return cls(shape)

    @property
    def frame_bits(self) -> int:
        """Bits of one frame."""
        return self.shape.half_frame_bits if self.is_shared else self.shape.full_frame_bits

    @property
    def planes(self) -> int:
        """Planes of one frame: each is stored as a whole."""
        return self.shape.samples if self.shape.planar else 1

    @property
    def pixel_bits(self) -> int:
        """Bits of one pixel in one plane; of half a pair where pixels share their colours."""
        samples = 2 if self.is_shared else self.shape.samples // self.planes
        return samples * self.shape.allocated

    @property
    def row_bits(self) -> int:
        """Bits of one row of one plane."""
        columns = self.shape.columns
        return (columns + columns % 2 if self.is_shared else columns) * self.pixel_bits

    def columns(self, columns: range) -> range:
        """Return `columns`, or the pairs that hold them where pixels share their colours."""
        if not self.is_shared:
            return columns
        start, stop = columns.start - columns.start % 2, columns.stop + columns.stop % 2
        return range(start, min(stop, self.shape.columns))

    def spans(self, frame: int, rows: range, columns: range) -> Iterator[tuple[int, int, int]]:
        """Yield (plane, first bit, bits) of each row of a region; `columns` as `self.columns` returns them."""
        stop = columns.stop + columns.stop % 2 if self.is_shared else columns.stop
        bits = (stop - columns.start) * self.pixel_bits
        plane_bits = self.shape.rows * self.row_bits
        for plane in range(self.planes):
            base = frame * self.frame_bits + plane * plane_bits + columns.start * self.pixel_bits
            for row in rows:
                yield plane, base + row * self.row_bits, bits

    def frame(self, value: Buffer, frame: int) -> Samples:
        """Return the samples of one frame of the value as unsigned words; copied only where they must be unpacked.

        Pixels that share their colours each get them.
        """
        shape = self.shape
        first, bits = frame * self.frame_bits, self.frame_bits
        if shape.allocated % 8 or shape.allocated == 24:
            words = _unpacked(value, first, bits // shape.allocated, shape.allocated)
        else:
            count = bits // shape.allocated
            words = np.frombuffer(value, f"<u{shape.allocated // 8}", count, first // 8)
        if self.is_shared:
            return _with_own_colours(words.reshape(shape.rows, -1, 4), shape.columns)
        if self.planes > 1:
            return np.moveaxis(words.reshape(self.planes, shape.rows, shape.columns), 0, -1)
        if shape.samples > 1:
            return words.reshape(shape.rows, shape.columns, shape.samples)
        return words.reshape(shape.rows, shape.columns)


def _with_own_colours(pairs: Samples, columns: int) -> Samples:
    """Return (rows, columns, 3) of (rows, pairs, Y Y Cb Cr)."""
    luminance = pairs[:, :, :2].reshape(len(pairs), -1)
    colours = np.repeat(pairs[:, :, 2:], 2, axis=1)
    return np.dstack([luminance, colours])[:, :columns]


def _unpacked(value: Buffer, first: int, count: int, size: int) -> Samples:
    """Return `count` numbers of `size` bits from the bit `first` of the value on, the lowest bit of each first."""
    start, stop = first // 8, -(-(first + count * size) // 8)
    octets = np.frombuffer(value, np.uint8, stop - start, start)
    if size == 24:
        parts = octets.reshape(-1, 3).astype(np.uint32)
        return parts[:, 0] | parts[:, 1] << 8 | parts[:, 2] << 16
    bits = np.unpackbits(octets, bitorder="little")[first % 8 :][: count * size]
    if size == 1:
        return bits
    numbers = np.zeros(count, np.uint16)
    for place, column in enumerate(bits.reshape(count, size).T):
        numbers |= column.astype(np.uint16) << np.uint16(place)
    return numbers
