"""The engine's eye: where in decoded frames text may be, and how sure that is.

Two signals, of two networks: the detector sees the shape of a line of text; the reader reads letters there. In images
that the header suspects every box is meant to go. In others a box goes where both signals agree; where the reading is
faint, the image is held; where nothing can be read, it is a bone, a screw or a scale.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from orthanc_deid.deid.pixels.eye.frames import loop_of, runs_of_equal_frames
from orthanc_deid.deid.pixels.eye.grid import CELL, Area, around, cells_of, overlap
from orthanc_deid.deid.pixels.eye.reading import letters_read
from orthanc_deid.deid.pixels.eye.text_detector import Region, find_regions
from orthanc_deid.deid.pixels.eye.views import (
    View,
    doubled,
    halved,
    locally_normalized,
    scaled,
    span_of,
    windowed,
)

Samples = np.ndarray[Any, np.dtype[Any]]

SMALL: Final = 1_300_000
"""Pixels up to which a picture is also looked at as in a viewer; larger ones at a quarter of their size."""
TINY: Final = 500_000
"""Pixels up to which it is also looked at in twice its size."""
SHAPE: Final = 0.5
"""Score of the detector that text has in images that nothing suspects; with less it is not even read."""
READ: Final = 2.5
"""Different letters, each by its confidence, from which a line is read."""
FAINTLY_READ: Final = 1.75
"""Likewise from which it may be text. Measured: no word that a person reads had less; scales and ribs have 1."""
SAME: Final = 0.6
"""Share of two boxes that both cover, from which the second is not read again."""
TALL: Final = 0.1
"""Share of the shorter side of the picture above which a line must be read to count at all: most are tissue."""
MOST_READ: Final = 400
"""Lines that are read in one picture; all further ones are in doubt."""
_COLOURS: Final = 3

Verdict = Literal["text", "doubt", "unlikely"]


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
    def verdict(self) -> Verdict:
        """`text`: both signals agree. `doubt`: the shape of text, faintly read. `unlikely`: all else."""
        if self.letters is None or self.score < SHAPE or self.letters < FAINTLY_READ:
            return "unlikely"
        return "text" if self.letters >= READ else "doubt"


def find_text(frames: Samples, *, read: bool = True) -> list[TextBox]:
    """Return boxes that cover all that may be text in decoded frames, sorted by place.

    `frames`: (frames, rows, columns) or (frames, rows, columns, 3), of any type of numbers. Samples of three are
    red, green and blue: palettes are applied, and YBR is converted. Of samples of one, MONOCHROME1 and MONOCHROME2
    are found alike. `read`: ask for the second signal, of boxes with the shape of text; others are left out. Without,
    all boxes are returned, also faint ones; but of what is on some frames only, those that are read.

    Raise LookupError where the models are not installed, and ValueError for frames of another shape.
    """
    frames = _checked(frames)
    if len(frames) == 1:
        boxes = set(_boxes(scaled(frames[0]), range(1), read=read, views=_all_views))
    else:
        boxes = set(_boxes_of_loop(frames, read=read))
    return sorted(_joined(boxes, range(len(frames)), frames.shape[1:3]), key=_place)


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
    return (
        frames if frames.dtype.kind in "iub" else np.nan_to_num(frames.astype(np.float32), posinf=0, neginf=0)
    )


def _boxes_of_loop(frames: Samples, *, read: bool) -> Iterator[TextBox]:
    """Yield what stands in all frames, and what is read in the difference of frames from the usual picture."""
    loop = loop_of(frames)
    everywhere = range(len(frames))
    yield from _boxes(scaled(loop.mean), everywhere, read=read, views=_all_views)
    span = span_of(loop.mean)
    for extreme in (loop.highest, loop.lowest):
        yield from _differing(extreme, loop.usual, span, everywhere, views=_two_views)
    for run in runs_of_equal_frames(frames):
        yield from _differing(frames[run.start], loop.usual, span, run, views=_halved_view)


def _differing(picture: Samples, usual: View, span: float, frames: range, *, views: Any) -> Iterator[TextBox]:
    """Yield the boxes in which text is read in the difference of a picture from the usual one."""
    plane = (picture - usual) / np.float32(span)
    yield from (box for box in _boxes(plane, frames, read=True, views=views) if box.verdict != "unlikely")


def _boxes(plane: View, frames: range, *, read: bool, views: Any) -> Iterator[TextBox]:
    """Yield the boxes of one picture, which stands for `frames`."""
    gray = plane if plane.ndim == 2 else plane.mean(axis=2)
    read_before: list[tuple[Area, float]] = []
    for region in views(plane):
        tall = region.height > TALL * min(plane.shape[:2])
        if read and region.score < SHAPE:
            continue
        areas = list(cells_of(region.corners, plane.shape[:2]))
        letters = _letters(gray, region, areas, read_before) if areas and (read or tall) else None
        if tall and (letters or 0) < FAINTLY_READ:
            continue
        for area in areas:
            yield TextBox(frames, area.rows, area.columns, region.score, letters)


def _letters(gray: View, region: Region, areas: list[Area], before: list[tuple[Area, float]]) -> float:
    """Return how many letters are read in a region, from `before` where another view found the same; add to it."""
    hull = around(areas)
    if len(before) >= MOST_READ:
        return FAINTLY_READ
    letters = next((known for area, known in before if overlap(hull, area) >= SAME), None)
    if letters is None:
        letters = letters_read(gray, region)
        before.append((hull, letters))
    return letters


def _all_views(plane: View) -> Iterator[Region]:
    """Yield what is found in the picture and halved; in large ones also quartered, in small ones more."""
    yield from find_regions(locally_normalized(plane))
    half = halved(plane)
    yield from _larger(find_regions(locally_normalized(half)), 2)
    if plane.shape[0] * plane.shape[1] > SMALL:
        yield from _larger(find_regions(locally_normalized(halved(half))), 4)
    else:
        yield from find_regions(windowed(plane))
    if plane.shape[0] * plane.shape[1] <= TINY:
        yield from _larger(find_regions(locally_normalized(doubled(plane))), 0.5)


def _two_views(plane: View) -> Iterator[Region]:
    """Yield what is found in the picture and halved."""
    yield from find_regions(locally_normalized(plane))
    yield from _halved_view(plane)


def _halved_view(plane: View) -> Iterator[Region]:
    """Yield what is found in the halved picture."""
    yield from _larger(find_regions(locally_normalized(halved(plane))), 2)


def _larger(regions: list[Region], factor: float) -> Iterator[Region]:
    return (region.at_scale(factor) for region in regions)


def _joined(boxes: set[TextBox], frames: range, size: tuple[int, ...]) -> Iterator[TextBox]:
    """Yield the boxes without those that larger ones of the same verdict and frames, or of all `frames`, cover."""
    cells = tuple(-(-length // CELL) for length in size)
    covered: dict[tuple[str, range], Any] = {}
    for box in sorted(boxes, key=_largest_first):
        place = tuple(slice(side.start // CELL, -(-side.stop // CELL)) for side in (box.rows, box.columns))
        maps = [
            covered.setdefault((box.verdict, each), np.zeros(cells, bool)) for each in {frames, box.frames}
        ]
        if not any(found[place].all() for found in maps):
            covered[box.verdict, box.frames][place] = True
            yield box


def _largest_first(box: TextBox) -> tuple[float, ...]:
    area = len(box.rows) * len(box.columns)
    return -area, -len(box.frames), -box.score, -(box.letters or 0), *_place(box)


def _place(box: TextBox) -> tuple[int, ...]:
    return (
        box.rows.start,
        box.columns.start,
        box.frames.start,
        box.rows.stop,
        box.columns.stop,
        box.frames.stop,
    )
