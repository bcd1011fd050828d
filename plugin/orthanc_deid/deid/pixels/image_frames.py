"""The frames of one instance, decoded one after another: memory holds one of them at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orthanc_deid.deid.pixels.codecs.by_syntax import Codec, codec_of
from orthanc_deid.deid.pixels.frames.encapsulated import Fragment, fragments_of_frames
from orthanc_deid.deid.pixels.frames.instance_frames import (
    extended_offsets,
    frame_format,
    is_of_undefined_length,
)
from orthanc_deid.deid.pixels.image_shape import ImageShape, Samples, refused
from orthanc_deid.deid.pixels.native_samples import NativeLayout
from orthanc_deid.dicom.part10 import NATIVE, Encoded
from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.dicom.tags import PIXEL_DATA


@dataclass(frozen=True, slots=True)
class ImageFrames:
    """The frames of Pixel Data; `layout` where they are native, else `codec` and `groups`, the fragments of each.

    The samples are words as they are stored: in the photometric interpretation of `shape`, but for JPEG 2000, whose
    decoder undoes the transform of components (YBR_ICT and YBR_RCT become RGB).
    """

    shape: ImageShape
    buffer: Buffer
    start: int
    end: int
    layout: NativeLayout | None = None
    codec: Codec | None = None
    groups: Sequence[Sequence[Fragment]] = ()

    @classmethod
    def of(
        cls,
        encoded: Encoded,
        values: Mapping[int, tuple[str, ...]],
        positions: Mapping[int, tuple[int, int]],
    ) -> ImageFrames | None:
        """Return the frames of an instance in memory; None where it has no Pixel Data.

        `values`, `positions`: values of the top level, and where its bulk data stands. Raises RefusedError for Pixel
        Data that does not hold what its attributes say.
        """
        if PIXEL_DATA not in positions:
            return None
        start, end = positions[PIXEL_DATA]
        shape = ImageShape.of(values)
        if encoded.transfer_syntax in NATIVE:
            if is_of_undefined_length(encoded.buffer, start):
                refused("fragments that the transfer syntax does not provide for")
            layout = NativeLayout.of(shape, end - start)
            return cls(shape, encoded.buffer, start, end, layout)
        codec = codec_of(encoded.transfer_syntax)
        if not is_of_undefined_length(encoded.buffer, start):
            refused("no fragments")
        form = frame_format(encoded.transfer_syntax, values, checks_high_bits=False)
        extended = extended_offsets(encoded.buffer, positions)
        groups = fragments_of_frames(encoded.buffer, (start, end), shape.frames, form, extended)
        if len(groups) != shape.frames:
            refused("another number of frames than its attributes say")
        return cls(shape, encoded.buffer, start, end, codec=codec, groups=groups)

    def __len__(self) -> int:
        return self.shape.frames

    def encoded_frame(self, frame: int) -> bytes:
        """Return the bytes of a compressed frame, its fragments joined."""
        view = memoryview(self.buffer)
        return b"".join([view[each.start : each.end] for each in self.groups[frame]])

    def frame(self, frame: int) -> Samples:
        """Return the samples of one frame: (rows, columns), or (rows, columns, samples); raises RefusedError."""
        if self.layout is not None:
            value = memoryview(self.buffer)[self.start : self.end]
            return self.layout.frame(value, frame)
        if self.codec is None:
            raise IndexError(frame)
        return self.codec.decode(self.encoded_frame(frame), self.shape)
