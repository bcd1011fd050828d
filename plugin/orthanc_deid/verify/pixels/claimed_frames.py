"""The changes of samples that the engine claims, compared frame by frame with the original.

A claim only says where samples may differ. Every sample outside of it must be that of the original, and each claimed
region must be of one value throughout, so that nothing of what it showed is left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from orthanc_deid.dicom.sample_changes import SampleChange
from orthanc_deid.dicom.slices import Slices
from orthanc_deid.verify.pixels.codestreams import StatedImage, stated_by_2000, stated_by_jpeg
from orthanc_deid.verify.pixels.image_form import Frame, ImageForm, unreadable
from orthanc_deid.verify.pixels.second_decoders import LOSSY_BLOCKS, ROUNDED, decoded
from orthanc_deid.verify.reading.frames.needed import DECODED
from orthanc_deid.verify.reading.long_values import same_bytes, swapped

OUTSIDE = "samples changed outside of the claimed regions"
LEFT = "claimed region that is not of one value"
_OTHER_FORM = "frame of another size or depth"


class Region(NamedTuple):
    """Rows and columns that the engine claims to have written over."""

    rows: range
    columns: range


class Value(NamedTuple):
    """A value in a file, from `start` on."""

    slices: Slices
    start: int

    def load(self, first: int, stop: int) -> bytes:
        """Return its bytes from `first` to `stop`."""
        return b"".join(self.slices.between(self.start + first, self.start + stop))


class ClaimedFrames:
    """The claimed regions of one image by frame, which lie in it."""

    def __init__(self, form: ImageForm, changes: Iterable[SampleChange]) -> None:
        self.form = form
        self._regions: dict[int, list[Region]] = defaultdict(list)
        for change in changes:
            self._regions[change.frame].append(Region(change.rows, change.columns))

    def __contains__(self, frame: int) -> bool:
        return frame in self._regions

    def compressed(self, frame: int, before: bytes, after: bytes, syntax: str) -> Iterator[str]:
        """Yield what is wrong in a compressed frame that has claims; raises ParseError."""
        stated = None
        if syntax not in DECODED:
            stated, other = (_stated(each) for each in (before, after))
            if stated.is_like != other.is_like or (syntax in LOSSY_BLOCKS and stated.less != other.less):
                yield _OTHER_FORM
                return
        one, two = (decoded(each, syntax, self.form) for each in (before, after))
        less = stated.less if stated is not None and syntax in LOSSY_BLOCKS else ()
        yield from self._compared(frame, one, two, tolerance=syntax in ROUNDED, less=less)

    def _compared(
        self,
        frame: int,
        before: Frame,
        after: Frame,
        *,
        tolerance: int = 0,
        less: Sequence[tuple[int, int]] = (),
    ) -> Iterator[str]:
        """Yield what is wrong in decoded samples, for each component. `less`: by which factors they are sampled less.

        A decoder computes samples of such a component from neighbours as far away as its factor.
        """
        regions = self._regions.get(frame, [])
        for component in range(self.form.samples):
            down, across = less[component] if less else (1, 1)
            margin = (down if down > 1 else 0, across if across > 1 else 0)
            one, two = before[..., component], after[..., component]
            if not _same_outside(one, two, [_moved(each, margin, 1) for each in regions], tolerance):
                yield OUTSIDE
            if not all(_is_constant(two, _moved(each, margin, -1, one.shape)) for each in regions):
                yield LEFT

    def native(self, before: Value, after: Value, word: int) -> Iterator[str]:
        """Yield what is wrong in native samples; raises ParseError.

        `word`: bytes of a word of the original where that is big endian, else 1.
        """
        form = self.form
        everywhere = bool(form.frame_bits % 8) or word > 1
        chosen = range(form.frames) if everywhere else sorted(self._regions)
        spans = [(form.frame_bits * each // 8, -(-form.frame_bits * (each + 1) // 8)) for each in chosen]
        for frame, (first, stop) in zip(chosen, spans, strict=True):
            skipped = form.frame_bits * frame % 8
            even = first - first % word, -(-stop // word) * word
            raw = swapped(before.load(*even), word)[first - even[0] :]
            yield from self._compared(
                frame, form.native(raw, skipped), form.native(after.load(first, stop), skipped)
            )
        length = -(-form.frame_bits * form.frames // 8)
        for (_, first), (stop, _) in pairwise([(0, 0), *spans, (length, 0)]):
            places = before.slices, before.start + first, after.slices, after.start + first
            if stop > first and not same_bytes(*places, stop - first):
                yield OUTSIDE


def _stated(frame: bytes) -> StatedImage:
    return stated_by_jpeg(frame) if frame[:2] == b"\xff\xd8" else stated_by_2000(frame)


def _moved(region: Region, margin: tuple[int, int], sign: int, shape: tuple[int, ...] = ()) -> Region:
    """Return a region with its edges moved by a margin, outwards or inwards, but for edges of the image."""
    moved = []
    for place, (pixels, by) in enumerate(zip(region, margin, strict=True)):
        first = max(0, pixels.start - sign * by) if pixels.start or sign > 0 else 0
        at_edge = shape and pixels.stop >= shape[place]
        moved.append(range(first, pixels.stop if at_edge else pixels.stop + sign * by))
    return Region(*moved)


def _same_outside(before: Frame, after: Frame, regions: Iterable[Region], tolerance: int) -> bool:
    off = before != after if not tolerance else np.abs(before.astype(np.int64) - after) > tolerance
    for rows, columns in regions:
        off[rows.start : rows.stop, columns.start : columns.stop] = False
    return not off.any()


def _is_constant(samples: Frame, region: Region) -> bool:
    part = samples[region.rows.start : region.rows.stop, region.columns.start : region.columns.stop]
    return not part.size or bool((part == part[0, 0]).all())


def claimed_frames(
    changes: Sequence[SampleChange], form: ImageForm, faults: list[str], most: int = 1_000_000
) -> ClaimedFrames:
    """Return the claims that lie in the image; `faults` gets what is wrong with others. Raises ParseError."""
    if len(changes) > most:
        raise unreadable("too many claims")
    valid = []
    for change in changes:
        if not 0 <= change.frame < form.frames:
            faults.append("frame that the image has not")
        elif not (_is_within(change.rows, form.rows) and _is_within(change.columns, form.columns)):
            faults.append("region outside the image")
        else:
            valid.append(change)
    return ClaimedFrames(form, valid)


def _is_within(pixels: range, size: int) -> bool:
    return pixels.step == 1 and 0 <= pixels.start < pixels.stop <= size
