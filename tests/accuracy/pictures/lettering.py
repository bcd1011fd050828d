"""Letters as masks: lines in outline fonts of Debian packages, and in OpenCV's strokes, which look like old machines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import distribution
from pathlib import Path
from random import Random
from typing import Any, Final

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

Mask = np.ndarray[Any, np.dtype[np.float32]]

BUNDLED: Final = (
    "DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf", "DejaVuSerif.ttf",
    "DejaVuSerif-Bold.ttf", "DejaVuSans-Oblique.ttf",
)  # fmt: skip
"""Fonts inside matplotlib's wheel: always there."""
DEVELOPMENT: Final = (
    *BUNDLED, "LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf", "LiberationMono-Regular.ttf",
    "LiberationSerif-Regular.ttf", "LiberationSansNarrow-Regular.ttf", "FreeSans.ttf", "FreeMonoBold.ttf", "FreeSerif.ttf",
    "FreeSansBold.ttf",
)  # fmt: skip
"""Debian: fonts-liberation, fonts-freefont-ttf."""
HELD_OUT: Final = (
    "PTS55F.ttf", "PTS75F.ttf", "PTF55F.ttf", "PTN57F.ttf", "PTM55F.ttf", "OpenSans-Regular.ttf", "OpenSans-Bold.ttf",
    "OpenSans-CondBold.ttf", "Roboto-Regular.ttf", "Roboto-Light.ttf", "Roboto-Bold.ttf", "RobotoCondensed-Regular.ttf",
)  # fmt: skip
"""Debian: fonts-paratype, fonts-open-sans, fonts-roboto-unhinted. No threshold was chosen on them."""
_STROKES: Final = {
    False: (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_PLAIN),
    True: (cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_COMPLEX, cv2.FONT_HERSHEY_SIMPLEX),
}
_STROKE_CAP: Final = 21  # height of a capital of these strokes at scale 1, in pixels; of PLAIN 9
_PLAIN_CAP: Final = 9
_PADDING: Final = 4


@dataclass(frozen=True)
class Line:
    """One line of text: `words`, and the ink of each as a stack of masks of the same size, from 0 to 1."""

    words: tuple[str, ...]
    masks: Mask

    @property
    def ink(self) -> Mask:
        """The ink of all words."""
        return np.asarray(self.masks.max(axis=0), np.float32)


def fonts(half: str) -> tuple[str, ...]:
    """Return the fonts of `bundled`, `development` or `held-out`."""
    return {"bundled": BUNDLED, "development": DEVELOPMENT, "held-out": HELD_OUT}[half]


def write_line(text: str, height: int, rng: Random, half: str) -> Line:
    """Return a line whose capitals are `height` pixels high, in a font of that half; one in five in strokes.

    OpenCV's strokes have no Cyrillic.
    """
    if text.isascii() and rng.random() < 0.2:
        return _stroked(text, height, rng, half)
    return _outlined(text, height, rng.choice(fonts(half)))


@lru_cache(maxsize=64)
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    if name in BUNDLED:
        folder = Path(str(distribution("matplotlib").locate_file("matplotlib/mpl-data/fonts/ttf")))
        return ImageFont.truetype(str(folder / name), size)
    return ImageFont.truetype(name, size)  # Pillow searches the system's folders of fonts


@lru_cache(maxsize=64)
def _size(name: str, height: int) -> int:
    """Return the size at which the capitals of a font are `height` pixels high."""
    top, bottom = _font(name, 100).getbbox("H")[1::2]
    return max(4, round(height * 100 / (bottom - top)))


def _outlined(text: str, height: int, name: str) -> Line:
    font = _font(name, _size(name, height))
    words = text.split()
    ascent, descent = font.getmetrics()
    width = int(font.getlength(text)) + 2 * _PADDING + height
    masks = np.zeros((len(words), ascent + descent + 2 * _PADDING, width), np.float32)
    at = 0
    for mask, word in zip(masks, words, strict=True):
        at = text.index(word, at)
        picture = Image.new("L", (width, mask.shape[0]))
        ImageDraw.Draw(picture).text((_PADDING + font.getlength(text[:at]), _PADDING), word, 255, font)
        mask[:] = np.asarray(picture, np.float32) / 255
        at += len(word)
    return Line(tuple(words), _cropped(masks))


def _stroked(text: str, height: int, rng: Random, half: str) -> Line:
    face = rng.choice(_STROKES[half == "held-out"])
    scale = height / (_PLAIN_CAP if face == cv2.FONT_HERSHEY_PLAIN else _STROKE_CAP)
    thickness = max(1, round(height * rng.uniform(0.06, 0.14)))
    words = text.split()
    blank = cv2.getTextSize(" ", face, scale, thickness)[0][0]
    widths = [cv2.getTextSize(word, face, scale, thickness)[0][0] for word in words]
    size = (2 * height + 4 * _PADDING, sum(widths) + blank * len(words) + 2 * (_PADDING + thickness))
    masks = np.zeros((len(words), *size), np.float32)
    at = _PADDING + thickness
    for mask, word, width in zip(masks, words, widths, strict=True):
        canvas = np.zeros(size, np.uint8)
        cv2.putText(canvas, word, (at, height + 2 * _PADDING), face, scale, 255, thickness, cv2.LINE_AA)
        mask[:] = canvas.astype(np.float32) / 255
        at += width + blank
    return Line(tuple(words), _cropped(masks))


def turned(line: Line, degrees: float) -> Line:
    """Return the line turned counter-clockwise; multiples of 90 degrees exactly."""
    if degrees % 90 == 0:
        return Line(line.words, np.ascontiguousarray(np.rot90(line.masks, round(degrees / 90), axes=(1, 2))))
    rows, columns = line.masks.shape[1:]
    turn = cv2.getRotationMatrix2D((columns / 2, rows / 2), degrees, 1)
    cos, sin = abs(turn[0, 0]), abs(turn[0, 1])
    size = (int(rows * sin + columns * cos) + 2, int(rows * cos + columns * sin) + 2)
    turn[:, 2] += (np.array(size) - (columns, rows)) / 2
    masks = np.stack([cv2.warpAffine(mask, turn, size, flags=cv2.INTER_LINEAR) for mask in line.masks])
    return Line(line.words, _cropped(masks.astype(np.float32)))


def _cropped(masks: Mask) -> Mask:
    """Return the masks without their common empty border."""
    ink = masks.max(axis=0) > 0
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return np.ascontiguousarray(masks[:, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
