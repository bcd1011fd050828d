"""From a view to turned rectangles of text: the detector's map of probabilities in tiles, and what is made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np

from orthanc_deid.deid.pixels.eye.grid import Corners
from orthanc_deid.deid.pixels.eye.models import detector
from orthanc_deid.deid.pixels.eye.views import View

TILE: Final = 640
"""Rows and columns that the network is given at once: memory and time per pixel are least near it."""
MARGIN: Final = 40
"""Rows and columns at the inner edges of a tile whose result comes from the next tile."""
BORDER: Final = 16
"""Rows and columns that are left of what is empty."""
STEP: Final = 32  # the network takes multiples of it
THRESHOLD: Final = 0.2
"""Probability from which a pixel belongs to text."""
LEAST_SCORE: Final = 0.3
"""Mean probability of a region from which it counts."""
GROWTH: Final = 1.8
"""The network marks the core of a line; its outline is this much further out, in area over circumference."""
TALLEST: Final = 75
"""Shorter side of a core in pixels of the view; above it are outlines of the body. Larger text: the halved view."""
SHORTEST: Final = 3
LENGTHENING: Final = 1.0
"""By how many heights of its core a line is lengthened at both ends: faint first and last letters are missed."""
MOST_REGIONS: Final = 3000
"""Regions of one view, by score; a picture with more is all text or all noise."""

_MEAN: Final = (0.406, 0.456, 0.485)  # of the pictures that the network was trained on; blue, green, red
_DEVIATION: Final = (0.225, 0.224, 0.229)
_LEVELS: Final = 255

Map = np.ndarray[Any, np.dtype[np.uint8]]


@dataclass(frozen=True, slots=True)
class Region:
    """What may be one line of text: the corners of a turned rectangle, its score, and the sides of its core."""

    corners: Corners
    score: float
    height: float
    length: float

    def at_scale(self, factor: float) -> Region:
        """Return the region in a picture that is `factor` times as large."""
        shift = (factor - 1) / 2  # pixels are areas, not points
        corners = (self.corners * factor + shift).astype(np.float32)
        return Region(corners, self.score, self.height * factor, self.length * factor)


def find_regions(view: View) -> list[Region]:
    """Return what may be text in a view, in its pixels, best first."""
    return _regions(_probabilities(view))


def _probabilities(view: View) -> Map:
    """Return the probability of text for each pixel, from 0 to 255."""
    rows, columns = view.shape[:2]
    found = np.zeros((rows, columns), np.uint8)
    for top in _starts(rows):
        for left in _starts(columns):
            tile = view[top : top + TILE, left : left + TILE]
            busy = _busy(tile)
            if busy is None:
                continue
            result = np.zeros(tile.shape[:2], np.uint8)
            result[busy] = _of_tile(tile[busy])
            first = top + (MARGIN if top else 0), left + (MARGIN if left else 0)
            inner = result[first[0] - top :, first[1] - left :]
            found[first[0] : first[0] + inner.shape[0], first[1] : first[1] + inner.shape[1]] = inner
    return found


def _busy(tile: View) -> tuple[slice, slice] | None:
    """Return the part of a tile inside of empty edges, like collimation, with BORDER around; None if all is empty."""
    different = tile != tile[0, 0]
    if different.ndim == 3:
        different = different.any(axis=2)
    sides = []
    for axis in (1, 0):
        places = np.flatnonzero(different.any(axis=axis))
        if not places.size:
            return None
        sides.append(slice(max(0, int(places[0]) - BORDER), int(places[-1]) + 1 + BORDER))
    return sides[0], sides[1]


def _starts(length: int) -> range:
    """Return where tiles begin, so that each pixel but those at the edge of the picture is inside of one."""
    return range(0, max(1, length - 2 * MARGIN), TILE - 2 * MARGIN)


def _of_tile(tile: View) -> Map:
    rows, columns = tile.shape[:2]
    shape = (1, 3, -(-rows // STEP) * STEP, -(-columns // STEP) * STEP)
    planes = np.empty(shape, np.float32)
    for plane, mean, deviation, source in zip(planes[0], _MEAN, _DEVIATION, _planes(tile), strict=True):
        inner = plane[:rows, :columns]
        np.subtract(source, np.float32(mean), out=inner)
        inner *= np.float32(1 / deviation)
        plane[rows:, :columns] = inner[-1]
        plane[:, columns:] = plane[:, columns - 1 : columns]
    answer = detector()(planes)[0, 0, :rows, :columns]
    return cv2.convertScaleAbs(answer, alpha=_LEVELS).astype(np.uint8, copy=False)


def _planes(tile: View) -> list[View]:
    """Return blue, green and red; of a gray tile the same three times."""
    if tile.ndim == 2:
        return [tile] * 3
    return [tile[..., 2], tile[..., 1], tile[..., 0]]


def _regions(found: Map) -> list[Region]:
    _, labels, boxes, _ = cv2.connectedComponentsWithStats((found > THRESHOLD * _LEVELS).astype(np.uint8))
    regions = []
    for number in _candidates(boxes):
        left, top, width, height = (int(value) for value in boxes[number, :4])
        place = slice(top, top + height), slice(left, left + width)
        own = labels[place] == number
        score = float(found[place][own].mean()) / _LEVELS
        if score < LEAST_SCORE:
            continue
        rows, columns = np.nonzero(own)
        points = np.stack((columns + left, rows + top), axis=1).astype(np.float32)
        region = _grown(cv2.minAreaRect(points), score)
        if region.height <= TALLEST:
            regions.append(region)
    regions.sort(key=lambda region: -region.score)
    return regions


def _candidates(boxes: Any) -> list[int]:
    """Return the numbers of the components that are large enough; the largest MOST_REGIONS of them."""
    sides = boxes[1:, 2:4].min(axis=1)
    large = np.flatnonzero(sides >= SHORTEST) + 1
    if len(large) > MOST_REGIONS:
        large = large[np.argsort(-boxes[large, cv2.CC_STAT_AREA], kind="stable")[:MOST_REGIONS]]
    return [int(number) for number in large]


def _grown(core: Any, score: float) -> Region:
    """Return the outline of a line from its core; of a core that is higher than long, the line runs upwards."""
    centre, (width, height), degrees = core
    width, height = width + 1, height + 1  # corners are centres of pixels
    grown = width * height * GROWTH / (width + height)
    longer = 2 * LENGTHENING * min(width, height)
    size = (
        (width + grown + longer, height + grown)
        if width >= height
        else (width + grown, height + grown + longer)
    )
    corners = cv2.boxPoints((centre, size, degrees)).astype(np.float32)
    return Region(corners, score, min(width, height), max(width, height))
