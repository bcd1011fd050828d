"""The engine's eye: where in decoded frames text may be, and by which signals.

Two signals: `shape`, the detector sees a line of text; `reading`, letters are read there. In images that the header
suspects every box is meant to go; in others a box goes where both signals agree, and one alone holds the image.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from orthanc_deid.deid.pixels.eye.frames import projections, runs_of_equal_frames
from orthanc_deid.deid.pixels.eye.grid import Area, cells_of
from orthanc_deid.deid.pixels.eye.reading import letters_read
from orthanc_deid.deid.pixels.eye.text_detector import Region, find_regions
from orthanc_deid.deid.pixels.eye.views import View, doubled, halved, locally_normalized, scaled, windowed

Samples = np.ndarray[Any, np.dtype[Any]]

SMALL: Final = 1_300_000
"""Pixels up to which a picture is looked at in three more views."""
SHAPE: Final = 0.6
"""Score of the detector from which it is a signal by itself."""
READING: Final = 2.0
"""Different letters that must be read, each by its confidence, to be a signal by itself."""
_COLOURS: Final = 3


@dataclass(frozen=True, slots=True)
class TextBox:
    """Where text may be: half-open ranges of frames, rows and columns, from 0; whole cells of `grid`.

    `score`: of the detector, from 0 to 1. `letters`: how many different letters were read, each by its confidence;
    None where nobody asked.
    """

    frames: range
    rows: range
    columns: range
    score: float
    letters: float | None

    @property
    def signals(self) -> frozenset[str]:
        """`shape`, `reading`, both or none."""
        found = set()
        if self.score >= SHAPE:
            found.add("shape")
        if self.letters is not None and self.letters >= READING:
            found.add("reading")
        return frozenset(found)


def find_text(frames: Samples, *, read: bool = True) -> list[TextBox]:
    """Return boxes that cover all that may be text in decoded frames, sorted by place.

    `frames`: (frames, rows, columns) or (frames, rows, columns, 3), of any type of numbers. Samples of three are
    red, green and blue: palettes are applied, and YBR is converted. Of samples of one, MONOCHROME1 and MONOCHROME2
    are found alike. `read`: ask for the second signal.

    Raise LookupError where the models are not installed, and ValueError for frames of another shape.
    """
    frames = _checked(frames)
    boxes: set[TextBox] = set()
    everywhere = range(len(frames))
    for picture in projections(frames):
        boxes.update(_boxes(picture, everywhere, read=read, views=_all_views))
    if len(frames) > 1:
        for run in runs_of_equal_frames(frames):
            boxes.update(_boxes(frames[run.start], run, read=read, views=_quick_views))
    return sorted(
        _joined(boxes), key=lambda box: (box.rows.start, box.columns.start, box.frames.start, box.rows.stop)
    )


def _checked(frames: Samples) -> Samples:
    """Return the frames; colours that are all gray as one sample."""
    if frames.ndim == 4 and frames.shape[3] in (1, _COLOURS):
        first = frames[..., 0]
        if frames.shape[3] == 1 or all(np.array_equal(first, frames[..., plane]) for plane in (1, 2)):
            return first
    elif frames.ndim != 3:
        raise ValueError("frames are (frames, rows, columns) or (frames, rows, columns, 3)")
    if not frames.size:
        raise ValueError("there is no pixel in the frames")
    return frames


def _boxes(picture: Samples, frames: range, *, read: bool, views: Any) -> Iterator[TextBox]:
    """Yield the boxes of one picture, which stands for `frames`."""
    plane = scaled(picture)
    gray = plane if plane.ndim == 2 else plane.mean(axis=2)
    read_before: dict[Area, float] = {}
    for region in views(plane):
        areas = list(cells_of(region.corners, picture.shape[:2]))
        if not areas:
            continue
        letters = None
        if read:
            letters = read_before.get(areas[0])
            if letters is None:
                letters = read_before[areas[0]] = letters_read(gray, region)
        for area in areas:
            yield TextBox(frames, area.rows, area.columns, region.score, letters)


def _all_views(plane: View) -> Iterator[Region]:
    """Yield what is found in the picture and halved; in large ones also quartered, in small ones two views more."""
    yield from find_regions(locally_normalized(plane))
    half = halved(plane)
    yield from _larger(find_regions(locally_normalized(half)), 2)
    if plane.shape[0] * plane.shape[1] > SMALL:
        yield from _larger(find_regions(locally_normalized(halved(half))), 4)
    else:
        yield from find_regions(windowed(plane))
        yield from _larger(find_regions(locally_normalized(doubled(plane))), 0.5)


def _quick_views(plane: View) -> Iterator[Region]:
    """Yield what is found in the halved picture."""
    yield from _larger(find_regions(locally_normalized(halved(plane))), 2)


def _larger(regions: list[Region], factor: float) -> Iterator[Region]:
    return (region.at_scale(factor) for region in regions)


def _joined(boxes: set[TextBox]) -> Iterator[TextBox]:
    """Yield the boxes without those that lie inside another one that has the same signals and all of its frames."""
    kept: list[TextBox] = []
    for box in sorted(
        boxes, key=lambda box: (-len(box.rows) * len(box.columns), -len(box.frames), -box.score)
    ):
        if not any(_inside(box, other) for other in kept):
            kept.append(box)
            yield box


def _inside(box: TextBox, other: TextBox) -> bool:
    pairs = ((box.rows, other.rows), (box.columns, other.columns), (box.frames, other.frames))
    return box.signals <= other.signals and all(
        outer.start <= inner.start and inner.stop <= outer.stop for inner, outer in pairs
    )
