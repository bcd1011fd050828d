"""The second signal: whether letters can be read where the detector found a line.

The reader is another network, trained for another task. Its alphabet holds no Cyrillic, yet it reads Cyrillic letters
as Latin ones of the same form; only whether there are letters matters here. Ribs, screws, rulers and marks of depth
are read as one stroke over and over; so each letter counts once, and all straight strokes together count once.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import cv2
import numpy as np

from orthanc_deid.deid.pixels.eye.models import alphabet, reader
from orthanc_deid.deid.pixels.eye.text_detector import Region
from orthanc_deid.deid.pixels.eye.views import View

HEIGHT: Final = 48
"""Rows of the line that the network is given."""
LONGEST: Final = 480
"""Columns of it: of a longer line the middle is read."""
_STEP: Final = 16  # columns are a multiple of it
_TAILS: Final = (1, 99)
_STROKES: Final = frozenset(
    "1Il|!ijtTLHEF工王日目田口丨一二三十卜土士干上下口□-–—_=~:;.,·'`´\"/\\()[]{}<>「」『』ー・° "
)
_BLANK: Final = 0


def letters_read(plane: View, region: Region) -> float:
    """Return how many different letters are read, each by its confidence; the better of both directions."""
    line = _line(plane, region)
    turned = line[::-1, ::-1]
    batch = np.stack([np.broadcast_to(each, (3, *line.shape)) for each in (line, turned)])
    return max(_different(answer) for answer in reader()(np.ascontiguousarray(batch, np.float32)))


def _line(plane: View, region: Region) -> View:
    """Return the region upright, its longer side from left to right, with its own range from -1 to 1."""
    corners = region.corners
    if np.linalg.norm(corners[1] - corners[0]) < np.linalg.norm(corners[2] - corners[1]):
        corners = np.roll(corners, -1, axis=0)
    along, across = corners[1] - corners[0], corners[2] - corners[1]
    length, height = float(np.linalg.norm(along)), float(np.linalg.norm(across))
    scale = height / HEIGHT
    columns = min(max(_STEP, round(length / scale)), LONGEST)
    columns = -(-columns // _STEP) * _STEP
    skipped = max(0.0, (length - columns * scale) / 2)
    unit, down = along / length, across / height
    place = np.stack((unit * scale, down * scale, corners[0] + unit * skipped), axis=1).astype(np.float32)
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    line = cv2.warpAffine(plane, place, (columns, HEIGHT), flags=how, borderMode=cv2.BORDER_REPLICATE)
    low, high = np.percentile(line, _TAILS)
    line = np.clip((line - low) / max(float(high - low), 1e-6), 0, 1)
    return np.asarray(line * 2 - 1, np.float32)


def _different(answer: Any) -> float:
    """Return the sum of the best confidence of each letter in the answer for one line: (steps, letters)."""
    best: dict[int, float] = {}
    classes = _classes()
    before = _BLANK
    for letter, confidence in zip(answer.argmax(axis=1), answer.max(axis=1), strict=True):
        if letter not in (_BLANK, before):
            kind = classes.get(int(letter), int(letter))
            best[kind] = max(best.get(kind, 0.0), float(confidence))
        before = letter
    return sum(best.values())


@cache
def _classes() -> dict[int, int]:
    """Return -1 for the numbers of all letters that are straight strokes."""
    return {
        number: -1 for number, letter in enumerate(alphabet(), 1) if letter in _STROKES or not letter.strip()
    }
