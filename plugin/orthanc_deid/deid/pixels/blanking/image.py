"""Regions of an image written over with its background: the changes of Pixel Data, and the claims of them.

Frames without a region stay as they are. A compressed frame with one is decoded, filled and encoded without loss in
its own transfer syntax; of a lossy JPEG only the blocks that hold a region change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from orthanc_deid.deid.pixels.blanking.lossy_jpeg import blanked_jpeg, whole_blocks
from orthanc_deid.deid.pixels.blanking.native import native_edits
from orthanc_deid.deid.pixels.codecs.by_syntax import LOSSY_JPEG, Codec, codec_of
from orthanc_deid.deid.pixels.codecs.planes import checked_native, deflated, inflated
from orthanc_deid.deid.pixels.fill import Fill, Region
from orthanc_deid.deid.pixels.frames.encapsulated import ByteEdit
from orthanc_deid.deid.pixels.frames.formats import DEFLATED_FRAMES, NATIVE_FRAMES
from orthanc_deid.deid.pixels.image_shape import ImageShape, refused
from orthanc_deid.deid.pixels.native_samples import NativeLayout
from orthanc_deid.dicom.sample_changes import SampleChange
from orthanc_deid.dicom.slices import Buffer

_MOST_REGIONS: Final = 1_000_000
_IN_FRAGMENTS: Final = frozenset({DEFLATED_FRAMES, NATIVE_FRAMES})


def by_frame(changes: Iterable[SampleChange], shape: ImageShape) -> dict[int, list[Region]]:
    """Return the regions of each frame that has one; raises RefusedError for one that the image has not."""
    found: dict[int, list[Region]] = defaultdict(list)
    for number, change in enumerate(changes):
        if number >= _MOST_REGIONS:
            refused("too many regions")
        shape.check_region(change.frame, change.rows, change.columns)
        found[change.frame].append((change.rows, change.columns))
    return found


def blanked_native(
    buffer: Buffer,
    position: tuple[int, int],
    shape: ImageShape,
    regions: Mapping[int, list[Region]],
    fill: Fill,
) -> tuple[list[ByteEdit], tuple[SampleChange, ...]]:
    """Return the changes of native Pixel Data at `position` of the buffer, and the samples that they claim."""
    start, end = position
    layout = NativeLayout.of(shape, end - start)
    value = memoryview(buffer)[start:end]
    edits: list[ByteEdit] = []
    claims: list[SampleChange] = []
    for frame in sorted(regions):
        widened = [(rows, layout.columns(columns)) for rows, columns in regions[frame]]
        edits += native_edits(value, start, layout, frame, widened, fill)
        claims += [SampleChange(frame, *region) for region in widened]
    return edits, tuple(claims)


@dataclass(slots=True)
class FrameBlanker:
    """Makes the frames of one compressed image that have regions; `claims` are the samples that they change.

    Called once for each frame, in order (`NewFrame`). Raises RefusedError.
    """

    transfer_syntax: str
    shape: ImageShape
    regions: Mapping[int, list[Region]]
    fill: Fill
    claims: list[SampleChange] = field(default_factory=list)
    reversibly: bool = False
    """Whether a frame that may have been encoded with loss was written without."""
    seen: int = 0

    def __call__(self, frame: int, encoded: bytes) -> bytes | None:
        """Return the new frame; None for one without a region."""
        self.seen = frame + 1
        regions = self.regions.get(frame)
        if not regions:
            return None
        codec = codec_of(self.transfer_syntax)
        if self.transfer_syntax in LOSSY_JPEG:
            regions = [whole_blocks(encoded, self.shape, region) for region in regions]
            new = blanked_jpeg(encoded, self.shape, regions, self.fill)
        elif self.transfer_syntax in _IN_FRAGMENTS:
            new = self._in_fragments(encoded, regions)
        else:
            new = self._encoded(codec, encoded, regions)
        self.claims += [SampleChange(frame, *region) for region in regions]
        return new

    def check_all_seen(self) -> None:
        """Raise RefusedError where there are fewer frames than Number of Frames, so that regions were left out."""
        if self.seen != self.shape.frames:
            refused("another number of frames than its attributes say")

    def _in_fragments(self, encoded: bytes, regions: list[Region]) -> bytes:
        is_deflated = self.transfer_syntax == DEFLATED_FRAMES
        native = bytearray(
            inflated(encoded, self.shape) if is_deflated else checked_native(encoded, self.shape)
        )
        for start, end, new in native_edits(native, 0, NativeLayout(self.shape), 0, regions, self.fill):
            native[start:end] = new
        return deflated(bytes(native)) if is_deflated else bytes(native)

    def _encoded(self, codec: Codec, encoded: bytes, regions: list[Region]) -> bytes:
        if codec.encode is None:
            refused("no encoder of its transfer syntax whose result can be checked")
        samples = np.array(codec.decode(encoded, self.shape))
        words = self.fill.of(samples, regions)
        for rows, columns in regions:
            samples[rows.start : rows.stop, columns.start : columns.stop] = (
                words if len(words) > 1 else words[0]
            )
        self.reversibly |= codec.may_be_lossy
        return codec.encode(samples, encoded, self.shape)
