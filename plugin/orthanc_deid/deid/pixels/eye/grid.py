"""Boxes on a grid: rectangles of whole cells that cover turned ones.

Coordinates of a detector are floating point and differ between processors in the last digits; cells of 8 pixels make
nearly all of these differences vanish, and JPEG codes in blocks of the same size.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import cv2
import numpy as np

CELL: Final = 8
"""Rows and columns of a cell, in pixels."""
_HALF_A_PIXEL: Final = 0.5 / CELL  # corners are centres of pixels
_UPRIGHT: Final = 1.05  # the rectangle around an upright one is at most this much larger

Corners = np.ndarray[Any, np.dtype[np.float32]]
"""Four corners of a turned rectangle as (column, row)."""


class Area(NamedTuple):
    """Half-open ranges of rows and columns, in pixels."""

    rows: range
    columns: range


def cells_of(corners: Corners, size: tuple[int, int]) -> Iterator[Area]:
    """Yield rectangles of whole cells that cover all of a turned rectangle within a picture of (rows, columns).

    An upright rectangle is one area; of a tilted one, rows of cells with the same columns are joined.
    """
    across = -(-size[1] // CELL)
    down = -(-size[0] // CELL)
    points = (corners / CELL).astype(np.float32)
    left, top = np.maximum(np.floor(points.min(axis=0) - _HALF_A_PIXEL).astype(int), 0)
    right, bottom = np.minimum(np.floor(points.max(axis=0) + _HALF_A_PIXEL).astype(int) + 1, (across, down))
    if left >= right or top >= bottom:
        return
    spans = _spans(points, top, bottom, left, right)
    first = 0
    for row in range(1, len(spans) + 1):
        if row == len(spans) or spans[row] != spans[first]:
            begin, end = spans[first]
            yield Area(
                range((top + first) * CELL, min((top + row) * CELL, size[0])),
                range(begin * CELL, min(end * CELL, size[1])),
            )
            first = row


def around(areas: list[Area]) -> Area:
    """Return the smallest area that holds all of them."""
    rows = range(min(area.rows.start for area in areas), max(area.rows.stop for area in areas))
    columns = range(min(area.columns.start for area in areas), max(area.columns.stop for area in areas))
    return Area(rows, columns)


def overlap(one: Area, other: Area) -> float:
    """Return the share of two areas that both cover, of what any covers: 0 to 1."""
    rows = min(one.rows.stop, other.rows.stop) - max(one.rows.start, other.rows.start)
    columns = min(one.columns.stop, other.columns.stop) - max(one.columns.start, other.columns.start)
    both = max(0, rows) * max(0, columns)
    return both / (len(one.rows) * len(one.columns) + len(other.rows) * len(other.columns) - both)


def _spans(points: Corners, top: int, bottom: int, left: int, right: int) -> list[tuple[int, int]]:
    """Return for each row of cells from `top` to `bottom` which columns of cells the rectangle touches."""
    straight = np.ptp(points, axis=0).prod() <= _UPRIGHT * cv2.contourArea(points)
    if straight:
        return [(left, right)] * (bottom - top)
    edges = [(points[number - 1], points[number]) for number in range(4)]
    spans = []
    for row in range(top, bottom):
        reached = [
            at for edge in edges for at in _crossing(*edge, row - _HALF_A_PIXEL, row + 1 + _HALF_A_PIXEL)
        ]
        first, last = (min(reached), max(reached)) if reached else (left, right - 1)
        begin = min(max(left, math.floor(first - _HALF_A_PIXEL)), right - 1)
        end = max(min(right, math.floor(last + _HALF_A_PIXEL) + 1), begin + 1)
        spans.append((begin, end))
    return spans


def _crossing(one: Corners, other: Corners, top: float, bottom: float) -> list[float]:
    """Return the least and the greatest column of the part of an edge that lies between two heights, if any."""
    (x, y), (end_x, end_y) = sorted((one.tolist(), other.tolist()), key=lambda point: point[1])
    begin, end = max(y, top), min(end_y, bottom)
    if begin > end:
        return []
    if end_y == y:
        return [x, end_x]
    return [x + (at - y) / (end_y - y) * (end_x - x) for at in (begin, end)]
