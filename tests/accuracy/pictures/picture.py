"""Make one picture of a class: background, words, depth and photometric interpretation, and the answer key."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any, Final

import cv2
import numpy as np

from accuracy.material import FIRST_HELD_OUT_SEED
from accuracy.pictures.backgrounds import Canvas, radiograph, ultrasound
from accuracy.pictures.classes import Ink, PictureClass
from accuracy.pictures.lettering import Line, turned, write_line
from accuracy.pictures.public import ANKLE, CHEST, part_of
from accuracy.pictures.wording import a_text

Samples = np.ndarray[Any, np.dtype[Any]]

ROSE: Final = 5.0
"""A word is seen whose contrast to the noise, over the ink of one letter, is at least this (Rose's criterion).

The noise is that of patches as wide as a stroke: it counts what is as coarse as the letters, like speckle and ribs.
"""
_INKED: Final = 0.5  # a pixel is ink where the mask is at least half
_RADIOGRAPHS: Final = ((1024, 1024), (1400, 1150), (1760, 1760), (1900, 1500), (2140, 1760))
_ULTRASOUNDS: Final = ((480, 640), (600, 800), (768, 1024))
_REAL: Final = 0.25  # of radiographs are parts of a real one
_LOOP: Final = (480, 640)
_LOOP_FRAMES: Final = 30
_QUANTUM: Final = 1 / 1024  # noise that is always there: samples are whole numbers
_WHITE, _BLACK = 1.0, 0.0


@dataclass(frozen=True)
class Word:
    """One planted word: its ink as a list of (row, column), the frames that bear it, and whether a person sees it."""

    text: str
    ink: np.ndarray[Any, np.dtype[np.int64]]
    frames: range
    visible: bool


@dataclass(frozen=True)
class Picture:
    """`frames`: (frames, rows, columns) or (frames, rows, columns, 3), as decoded. `kind`: of the background."""

    frames: Samples
    photometric: str
    kind: str
    words: tuple[Word, ...]


def make_picture(kind: PictureClass | None, seed: int, *, half: str = "", small: bool = False) -> Picture:
    """Return the picture of a seed; without words where `kind` is None. The seed decides the half of names and fonts.

    `half` names other fonts; `small` makes quarter pictures, for quick tests.
    """
    rng = Random(f"{kind.name if kind else 'none'} {seed}")
    half = half or ("held-out" if seed >= FIRST_HELD_OUT_SEED else "development")
    background = (kind.background if kind else "") or rng.choice(("radiograph", "radiograph", "ultrasound"))
    stack = _background(background, kind, rng, half, small=small)
    clean = stack.copy()
    drawn = _plant(stack, kind, rng, half) if kind else []
    stack = np.clip(stack, 0, 1)
    words = tuple(_word(clean[frames[0]], stack[frames[0]], text, ink, frames) for text, ink, frames in drawn)
    quality = rng.randint(*kind.quality) if kind and kind.quality else None
    return Picture(*_samples(stack, background, quality, rng), background, words)


def _background(name: str, kind: PictureClass | None, rng: Random, half: str, *, small: bool) -> Canvas:
    if name == "radiograph":
        if rng.random() < _REAL and not small:
            return part_of(ANKLE if half == "held-out" else CHEST, rng)[None]
        rows, columns = rng.choice(_RADIOGRAPHS)
        if small:
            rows, columns = rows // 2, columns // 2
        return radiograph(rng, rows, columns)[None]
    if kind and kind.loop:
        return ultrasound(rng, *_LOOP, frames=8 if small else _LOOP_FRAMES)
    return ultrasound(rng, *rng.choice(_ULTRASOUNDS))


def _plant(stack: Canvas, kind: PictureClass, rng: Random, half: str) -> list[tuple[str, Any, range]]:
    """Write lines into the frames; return each word with its ink and its frames."""
    taken = np.zeros(stack.shape[1:], bool)
    drawn = []
    for _ in range(rng.randint(3, 6)):
        line = _a_line(kind, rng, half)
        at = _free_place(taken, line.ink.shape, rng)
        if at is None:
            continue
        rows, columns = (slice(start, start + size) for start, size in zip(at, line.ink.shape, strict=True))
        taken[rows, columns] = True
        number = rng.randrange(len(stack))
        frames = range(number, number + 1) if kind.loop == "one" else range(len(stack))
        _draw(
            stack[frames.start : frames.stop, rows, columns],
            line,
            rng.choice(kind.ink),
            rng.uniform(*kind.strength),
            rng,
        )
        for word, mask in zip(line.words, line.masks, strict=True):
            if sum(letter.isalnum() for letter in word) >= 2:
                drawn.append((word, np.argwhere(mask >= _INKED) + at, frames))
    return drawn


def _a_line(kind: PictureClass, rng: Random, half: str) -> Line:
    low, high = kind.capitals
    height = round(low * (high / low) ** rng.random())  # as many between 13 and 25 as between 25 and 50
    text = a_text(rng, half == "held-out", kind.script)
    return turned(write_line(text, height, rng, half), rng.choice(kind.degrees))


def _free_place(taken: Any, size: tuple[int, int], rng: Random) -> tuple[int, int] | None:
    """Return where nothing was written yet, near an edge in half of the cases."""
    room = taken.shape[0] - size[0], taken.shape[1] - size[1]
    if min(room) < 1:
        return None
    for _ in range(20):
        row, column = rng.randrange(room[0]), rng.randrange(room[1])
        if rng.random() < 0.5:
            row = rng.choice((min(room[0], rng.randint(2, 30)), max(0, room[0] - rng.randint(2, 30))))
        if not taken[max(0, row - 8) : row + size[0] + 8, max(0, column - 8) : column + size[1] + 8].any():
            return row, column
    return None


def _draw(place: Canvas, line: Line, ink: Ink, strength: float, rng: Random) -> None:
    """Draw the line into the same place of all frames."""
    mask = line.ink
    middle = float(place.mean())
    bright = rng.random() < 0.75 if middle < 0.6 else rng.random() < 0.25
    value = _WHITE if bright else _BLACK
    if abs(value - middle) < 0.3:
        value = 1 - value
    if ink == "added":
        sign = 1 if middle < 0.5 else -1
        place += sign * strength * mask
    elif ink == "inverse":
        place[:] = value
        place += mask * (1 - 2 * value)
    elif ink == "outlined":
        edge = cv2.dilate(mask, np.ones((3, 3), np.uint8)) - mask
        place *= 1 - np.clip(edge + mask, 0, 1)
        place += edge * (1 - value) + mask * value
    else:
        place += strength * mask * (value - place)


def _word(clean: Canvas, picture: Canvas, text: str, ink: Any, frames: range) -> Word:
    """Return a planted word with the ink that differs from what is next to it, and whether a person sees it (ROSE)."""
    stroke = _stroke(ink)
    letter = 7 * round(stroke) | 1
    corner = np.maximum(ink.min(axis=0) - letter, 0)
    bottom, right = ink.max(axis=0) + letter + 1
    place = slice(corner[0], bottom), slice(corner[1], right)
    within = tuple((ink - corner).T)
    difference = _difference(picture[place], within, stroke)
    contrast = abs(float(difference.mean()))
    patches = (len(ink) / len(text)) ** 0.5 / stroke  # square root of the number of patches of a letter
    seen = contrast * patches >= ROSE * _noise(clean[place], round(stroke), letter)
    own = np.abs(difference) >= contrast / 4
    return Word(text, ink[own], frames, seen)


def _stroke(ink: Any) -> float:
    """Return the width of the strokes in pixels: twice their area by the length of their outline, at least 1."""
    mask = np.zeros(np.ptp(ink, axis=0) + 3, np.uint8)
    mask[tuple((ink - ink.min(axis=0) + 1).T)] = 1
    inner = cv2.erode(mask, np.ones((3, 3), np.uint8)).sum()
    return max(1.0, 2 * len(ink) / max(1, len(ink) - int(inner)))


def _difference(place: Canvas, ink: Any, stroke: float) -> Canvas:
    """Return the difference of each pixel of the ink from the mean of the background within two strokes of the ink."""
    mask = np.zeros(place.shape, np.float32)
    mask[ink] = 1
    reach = 2 * round(stroke) + 1
    ring = cv2.dilate(mask, np.ones((reach, reach), np.uint8)) - cv2.dilate(mask, np.ones((3, 3), np.uint8))
    window = (3 * reach, 3 * reach)
    beside = cv2.blur(place * ring, window) / np.maximum(cv2.blur(ring, window), 1e-6)
    return np.asarray((place - beside)[ink], np.float32)


def _noise(clean: Canvas, stroke: int, letter: int) -> float:
    """Return the noise around a word: the standard deviation of means over a stroke, from means over a letter."""
    noise = cv2.blur(clean, (stroke, stroke)) - cv2.blur(clean, (letter, letter))
    return max(float(noise.std()), _QUANTUM / stroke)


def _samples(stack: Canvas, background: str, quality: int | None, rng: Random) -> tuple[Samples, str]:
    """Return the frames as samples of a chosen depth, and the photometric interpretation."""
    if background == "ultrasound":
        gray = np.round(stack * 255).astype(np.uint8)
        if quality is not None:
            gray = np.stack([_jpeg(frame, quality) for frame in gray])
        return (gray, "MONOCHROME2") if rng.random() < 0.3 else (np.repeat(gray[..., None], 3, axis=3), "RGB")
    bits = 8 if quality is not None else rng.choice((8, 10, 12, 12, 16))
    if rng.random() < 0.4:
        stack, photometric = 1 - stack, "MONOCHROME1"
    else:
        photometric = "MONOCHROME2"
    low, high = (0, 1) if bits == 8 else (rng.uniform(0, 0.1), rng.uniform(0.6, 1))
    levels = np.round((low + stack * (high - low)) * (2**bits - 1)).astype(
        np.uint8 if bits == 8 else np.uint16
    )
    if quality is not None:
        levels = np.stack([_jpeg(frame, quality) for frame in levels])
    return levels, photometric


def _jpeg(frame: Samples, quality: int) -> Samples:
    written = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(written, cv2.IMREAD_GRAYSCALE))
