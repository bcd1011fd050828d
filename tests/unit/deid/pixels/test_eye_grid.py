"""Turned rectangles as rectangles of whole cells."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from orthanc_deid.deid.pixels.eye.grid import CELL, Area, cells_of

SIZE = (203, 310)


def corners(centre: tuple[float, float], size: tuple[float, float], degrees: float) -> np.ndarray:
    return cv2.boxPoints((centre, size, degrees)).astype(np.float32)


@pytest.mark.parametrize("degrees", [0, 90])
def test_an_upright_rectangle_is_one_area(degrees: float) -> None:
    areas = list(cells_of(corners((100, 60), (50, 20) if degrees == 0 else (20, 50), degrees), SIZE))
    assert areas == [Area(range(48, 72), range(72, 128))]


@pytest.mark.parametrize("degrees", [3, 20, 45, 70, 100])
def test_all_of_a_tilted_rectangle_is_covered_and_little_else(degrees: float) -> None:
    points = corners((150, 100), (140, 24), degrees)
    inside = np.zeros(SIZE, np.uint8)
    cv2.fillConvexPoly(inside, np.round(points).astype(np.int32), 1)
    covered = np.zeros(SIZE, bool)
    for area in cells_of(points, SIZE):
        covered[area.rows.start : area.rows.stop, area.columns.start : area.columns.stop] = True
    assert covered[inside > 0].all()
    near = cv2.dilate(inside, np.ones((2 * CELL + 3, 2 * CELL + 3), np.uint8))
    assert not covered[near == 0].any()


def test_what_lies_outside_of_the_picture_is_cut_off() -> None:
    areas = list(cells_of(corners((305, 200), (60, 30), 0), SIZE))
    assert areas == [Area(range(184, 203), range(272, 310))]
    assert list(cells_of(corners((-100, 20), (50, 20), 0), SIZE)) == []
