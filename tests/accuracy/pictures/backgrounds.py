"""Pictures without text, made by code: radiographs of several kinds, and ultrasound. Brightness from 0 to 1.

They hold what a detector takes for text: ribs, trabeculae, grids, screws, wires, markers of lead, edges of collimation,
marks of depth, speckle.
"""

from __future__ import annotations

from random import Random
from typing import Any

import cv2
import numpy as np

Canvas = np.ndarray[Any, np.dtype[np.float32]]


def radiograph(rng: Random, rows: int, columns: int) -> Canvas:
    """Return a made radiograph; a third has collimation, a third implants, wires or a grid, a fifth a lead letter."""
    chance = np.random.default_rng(rng.randrange(2**32))
    canvas = 0.45 + 0.3 * _clouds(chance, rows, columns, 4) + 0.1 * _clouds(chance, rows, columns, 12)
    rng.choice((_chest, _limb, _breast, _jaw))(canvas, rng)
    canvas += rng.uniform(0, 0.02) * _clouds(chance, rows, columns, max(rows, columns) // 12)  # trabeculae
    for extra, share in ((_metal, 0.3), (_wires, 0.15), (_grid, 0.1), (lead_letter, 0.2)):
        if rng.random() < share:
            extra(canvas, rng)
    noise = chance.standard_normal((rows, columns), np.float32)
    blur = rng.uniform(0.4, 1.0)
    noise = cv2.GaussianBlur(noise, (0, 0), blur) * (2 * blur)
    canvas += rng.uniform(0.002, 0.012) * noise
    if rng.random() < 0.4:
        _collimate(canvas, rng, noise)
    return np.clip(canvas, 0, 1).astype(np.float32)


def ultrasound(rng: Random, rows: int, columns: int, frames: int = 1) -> Canvas:
    """Return frames of a made ultrasound loop: a sector of moving speckle, a gray bar and marks of depth."""
    chance = np.random.default_rng(rng.randrange(2**32))
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    top, middle, radius = rows * 0.06, columns * rng.uniform(0.42, 0.58), rows * rng.uniform(0.78, 0.9)
    distance = np.hypot(x - middle, y - top)
    sector = (distance < radius) & (np.abs(np.arctan2(x - middle, y - top)) < rng.uniform(0.5, 0.8))
    sector &= distance > rows * 0.08
    tissue = 0.25 + 0.25 * _clouds(chance, rows, columns, 6) + 0.1 * _clouds(chance, rows, columns, 20)
    stack = np.zeros((frames, rows, columns), np.float32)
    still = np.zeros((rows, columns), np.float32)
    _bar_and_ticks(still, rng)
    grain = rng.uniform(1.0, 2.2)
    for number, frame in enumerate(stack):
        speckle = np.hypot(
            *(
                cv2.GaussianBlur(part, (0, 0), grain)
                for part in chance.standard_normal((2, rows, columns), np.float32)
            )
        )
        moved = np.roll(tissue, round(3 * np.sin(number / 3)), axis=0)
        frame[:] = np.where(sector, np.clip(moved * speckle * grain * 2, 0, 0.95), still)
    return stack


def _clouds(chance: np.random.Generator, rows: int, columns: int, cells: int) -> Canvas:
    """Return smooth chance from about -1 to 1 with `cells` waves along the longer side."""
    longer = max(rows, columns)
    size = (max(2, round(cells * rows / longer)), max(2, round(cells * columns / longer)))
    coarse = chance.uniform(-1, 1, size).astype(np.float32)
    return cv2.resize(coarse, (columns, rows), interpolation=cv2.INTER_CUBIC).astype(np.float32)


def _soft(rows: int, columns: int, draw: Any, softness: float) -> Canvas:
    """Return a mask that `draw` fills with 1, with soft edges; drawn at a quarter of the size."""
    small = np.zeros((max(1, rows // 4), max(1, columns // 4)), np.float32)
    draw(small)
    blurred = cv2.GaussianBlur(small, (0, 0), max(0.5, softness / 4))
    return cv2.resize(blurred, (columns, rows), interpolation=cv2.INTER_LINEAR).astype(np.float32)


def _chest(canvas: Canvas, rng: Random) -> None:
    rows, columns = canvas.shape
    h, w = rows // 4, columns // 4

    def lungs(small: Canvas) -> None:
        for side in (0.3, 0.7):
            cv2.ellipse(small, (int(w * side), h // 2), (int(w * 0.16), int(h * 0.33)), 0, 0, 360, 1, -1)

    def ribs(small: Canvas) -> None:
        for number in range(10):
            centre = int(h * (0.12 + 0.08 * number))
            for side, start in ((0.5, 190), (0.5, 270)):
                cv2.ellipse(
                    small,
                    (int(w * side), centre + h // 8),
                    (int(w * 0.4), h // 7),
                    0,
                    start,
                    start + 80,
                    1,
                    max(2, h // 60),
                )

    canvas -= 0.35 * _soft(rows, columns, lungs, rows / 60)
    canvas += rng.uniform(0.04, 0.1) * _soft(rows, columns, ribs, rows / 400)


def _limb(canvas: Canvas, rng: Random) -> None:
    rows, columns = canvas.shape
    h, w = rows // 4, columns // 4
    turn = rng.uniform(-0.2, 0.2)

    def bones(small: Canvas) -> None:
        for number in range(rng.choice((1, 2, 5))):
            x = int(w * (0.35 + 0.12 * number))
            cv2.line(small, (x, 0), (int(x + turn * h), h), 1, max(2, w // 14))

    def flesh(small: Canvas) -> None:
        cv2.line(small, (int(w * 0.5), 0), (int(w * 0.5 + turn * h), h), 1, int(w * 0.55))

    canvas *= 0.15 + 0.85 * _soft(rows, columns, flesh, rows / 150)
    canvas += 0.3 * _soft(rows, columns, bones, rows / 300)


def _breast(canvas: Canvas, rng: Random) -> None:
    rows, columns = canvas.shape

    def shape(small: Canvas) -> None:
        h, w = small.shape
        cv2.ellipse(small, (0, h // 2), (int(w * rng.uniform(0.5, 0.8)), int(h * 0.4)), 0, 0, 360, 1, -1)

    canvas *= _soft(rows, columns, shape, rows / 50)
    if rng.random() < 0.5:
        canvas[:] = canvas[:, ::-1]


def _jaw(canvas: Canvas, rng: Random) -> None:
    rows, columns = canvas.shape

    def teeth(small: Canvas) -> None:
        h, w = small.shape
        for row in (0.3, 0.62):
            for number in range(7):
                at = (int(w * (0.1 + 0.13 * number)), int(h * row))
                cv2.ellipse(small, at, (max(2, w // 20), max(2, h // 8)), rng.uniform(-12, 12), 0, 360, 1, -1)

    canvas -= 0.15
    canvas += 0.35 * _soft(rows, columns, teeth, rows / 250)


def _metal(canvas: Canvas, rng: Random) -> None:
    """Draw plates with holes, screws and round markers: bright, with sharp edges."""
    rows, columns = canvas.shape
    for _ in range(rng.randint(1, 5)):
        x, y, size = rng.randrange(columns), rng.randrange(rows), rng.randint(12, max(13, rows // 18))
        kind = rng.randrange(3)
        if kind == 0:
            cv2.rectangle(canvas, (x, y), (x + size * 5, y + size), 0.96, -1)
            for hole in range(5):
                cv2.circle(canvas, (x + hole * size + size // 2, y + size // 2), size // 4, 0.6, -1)
        elif kind == 1:
            for turn in range(8):
                cv2.line(
                    canvas,
                    (x - size // 3, y + turn * size // 3),
                    (x + size // 3, y + turn * size // 3 + 3),
                    0.95,
                    max(2, size // 8),
                )
            cv2.line(canvas, (x, y), (x, y + size * 3), 0.95, max(2, size // 4))
        else:
            cv2.circle(canvas, (x, y), size // 3, 0.97, -1 if rng.random() < 0.5 else 2)


def _wires(canvas: Canvas, rng: Random) -> None:
    rows, columns = canvas.shape
    for _ in range(rng.randint(1, 3)):
        points = np.array([[rng.randrange(columns), rng.randrange(rows)] for _ in range(4)], np.float32)
        t = np.linspace(0, 1, 60, dtype=np.float32)[:, None]
        curve = (
            (1 - t) ** 3 * points[0]
            + 3 * t * (1 - t) ** 2 * points[1]
            + 3 * t**2 * (1 - t) * points[2]
            + t**3 * points[3]
        )
        mask = np.zeros(canvas.shape, np.uint8)
        cv2.polylines(mask, [curve.astype(np.int32)], False, 255, rng.randint(1, 4), cv2.LINE_AA)
        cv2.circle(mask, (int(points[3, 0]), int(points[3, 1])), rng.randint(6, 20), 255, 3, cv2.LINE_AA)
        canvas += (0.88 - canvas) * (mask.astype(np.float32) / 255)


def _grid(canvas: Canvas, rng: Random) -> None:
    step, strength = rng.choice((6, 40, 100)), rng.uniform(0.005, 0.03)
    if rng.random() < 0.5:
        canvas[:, ::step] += strength
    else:
        canvas[::step] += strength
        canvas[:, ::step] += strength


def lead_letter(canvas: Canvas, rng: Random) -> None:
    """Draw a side marker as lead casts it: a thick bright letter."""
    rows, columns = canvas.shape
    size = rng.randint(rows // 50, rows // 22)
    at = (rng.randint(columns // 20, columns - columns // 8), rng.randint(rows // 8, rows - rows // 20))
    thickness = max(2, size // 6)
    mask = np.zeros(canvas.shape, np.uint8)
    cv2.putText(mask, rng.choice("LR"), at, cv2.FONT_HERSHEY_DUPLEX, size / 21, 255, thickness, cv2.LINE_AA)
    canvas += (0.97 - canvas) * (mask.astype(np.float32) / 255)


def _collimate(canvas: Canvas, rng: Random, noise: Canvas) -> None:
    rows, columns = canvas.shape
    top, left = (int(size * rng.uniform(0.02, 0.15)) for size in (rows, columns))
    bottom, right = (
        rows - int(rows * rng.uniform(0.02, 0.15)),
        columns - int(columns * rng.uniform(0.02, 0.15)),
    )
    border = np.full_like(canvas, rng.uniform(0, 0.05))
    if rng.random() < 0.5:
        border += 0.001 * noise
    border[top:bottom, left:right] = canvas[top:bottom, left:right]
    canvas[:] = border


def _bar_and_ticks(canvas: Canvas, rng: Random) -> None:
    rows, columns = canvas.shape
    top, height = rows // 5, rows // 3
    canvas[top : top + height, columns - 24 : columns - 12] = np.linspace(1, 0, height, dtype=np.float32)[
        :, None
    ]
    step = rng.randint(12, 30)
    for number, row in enumerate(range(rows // 12, rows - 10, step)):
        canvas[row, columns - 40 : columns - (30 if number % 5 else 26)] = 0.7
