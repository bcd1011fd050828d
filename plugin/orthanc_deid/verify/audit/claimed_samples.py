"""Changes of samples that the engine claims: each claim is checked, and all other samples must be as they were.

A claim is never trusted. It must lie in the image, in samples whose place can be computed (native, little endian),
and the admission must have answered that the image is to be cleaned. It only narrows the comparison of Pixel Data.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from orthanc_deid.dicom.sample_changes import SampleChange
from orthanc_deid.dicom.tags import (
    BITS_ALLOCATED,
    COLUMNS,
    NUMBER_OF_FRAMES,
    PIXEL_DATA,
    PLANAR_CONFIGURATION,
    ROWS,
    SAMPLES_PER_PIXEL,
)
from orthanc_deid.verify.findings import Findings
from orthanc_deid.verify.reading.instance import NATIVE_LITTLE_ENDIAN, Instance
from orthanc_deid.verify.reading.stored_numbers import numbers

_RULE = "claimed changes of samples"


class _SampleLayout(NamedTuple):
    """The layout of native samples in Pixel Data (PS3.3 section C.7.6.3.1); `sample_size`: bytes of one sample."""

    frames: int
    rows: int
    columns: int
    samples_per_pixel: int
    sample_size: int
    planes: int

    @classmethod
    def of(cls, original: Instance) -> _SampleLayout | None:
        """Return the layout that the attributes state; None for compressed, big endian or unaligned samples."""
        element = original.data_set.elements.get(PIXEL_DATA)
        if element is None or original.transfer_syntax not in NATIVE_LITTLE_ENDIAN:
            return None
        rows, columns, bits = (_number(original, tag) for tag in (ROWS, COLUMNS, BITS_ALLOCATED))
        samples = _number(original, SAMPLES_PER_PIXEL) or 1
        frames = original.text(NUMBER_OF_FRAMES) or "1"
        if not rows or not columns or not bits or bits % 8 or not frames.isdigit():
            return None
        planes = samples if _number(original, PLANAR_CONFIGURATION) else 1
        found = cls(int(frames), rows, columns, samples, bits // 8, planes)
        return found if found.frames * found.frame_size <= element.length else None

    @property
    def frame_size(self) -> int:
        """The bytes of one frame."""
        return self.rows * self.columns * self.samples_per_pixel * self.sample_size

    def spans(self, change: SampleChange) -> Iterator[tuple[int, int]]:
        """Yield (start, end) of the samples of a region, row by row and plane by plane."""
        pixel = self.samples_per_pixel // self.planes * self.sample_size
        for plane in range(self.planes):
            base = change.frame * self.frame_size + plane * self.rows * self.columns * pixel
            for row in change.rows:
                start = base + row * self.columns * pixel
                yield start + change.columns.start * pixel, start + change.columns.stop * pixel


class ClaimedSamples:
    """The claimed samples as byte spans of Pixel Data, start to end, sorted."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self._spans = sorted(spans)

    def unclaimed(self, length: int) -> Iterator[tuple[int, int]]:
        """Yield (start, length) of the stretches of a value of `length` bytes that no claim covers."""
        at = 0
        for start, end in self._spans:
            if start > at:
                yield at, start - at
            at = max(at, end)
        if at < length:
            yield at, length - at


def check_claims(
    changes: Sequence[SampleChange], original: Instance, *, permitted: bool, findings: Findings
) -> ClaimedSamples | None:
    """Report the claims that are not permitted or not in the image; return the samples of the others.

    None where nothing is claimed: all samples must then be as they were.
    """
    if not changes:
        return None
    if not permitted:
        findings.add(_RULE, "not permitted by the profile", (PIXEL_DATA,))
    layout = _SampleLayout.of(original)
    if layout is None:
        findings.add(_RULE, "samples whose place is not known", (PIXEL_DATA,))
        return None
    spans: list[tuple[int, int]] = []
    for change in changes:
        if not 0 <= change.frame < layout.frames:
            findings.add(_RULE, "frame that the image has not", (PIXEL_DATA,))
        elif not (_is_within(change.rows, layout.rows) and _is_within(change.columns, layout.columns)):
            findings.add(_RULE, "region outside the image", (PIXEL_DATA,))
        else:
            spans.extend(layout.spans(change))
    return ClaimedSamples(spans)


def _is_within(pixels: range, size: int) -> bool:
    return pixels.step == 1 and 0 <= pixels.start < pixels.stop <= size


def _number(original: Instance, tag: int) -> int | None:
    """Return the value of a top-level US; None where there is none of two bytes."""
    element = original.data_set.elements.get(tag)
    value = b"" if element is None else element.value or b""
    return int(numbers(value, "US", little=original.encoding.little)[0]) if len(value) == 2 else None
