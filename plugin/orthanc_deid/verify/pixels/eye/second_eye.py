"""The verifier's eye: whether a result still shows text. Written apart from the engine's: other models, other views.

It answers for what the engine overlooked, so it need not outline text exactly; it must not take bones for letters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import cv2
import numpy as np

from orthanc_deid.verify.pixels.eye.contrast import Numbers, fine_detail
from orthanc_deid.verify.pixels.eye.networks import letter_probabilities, letters, text_probability

LARGE: Final = 1_300_000
"""Pixels above which a picture is looked at SMALLER, in half the time: some words of 7 to 12 pixels are lost by that
(28 of 32 were seen), and of the pictures that bear them none."""
SMALLER: Final = 0.7
PART: Final = 736
"""Rows and columns that the detector sees at once."""
OVERLAP: Final = 64
"""Rows and columns that neighbouring parts share; the higher probability counts."""
TEXT: Final = 0.3
"""Probability of a pixel of text."""
CERTAIN: Final = 0.7
"""Mean probability over a line that text has."""
SEVERAL: Final = 1.5
"""Different letters that are read in text, each by its probability."""
LOWEST: Final = 4  # rows of the core of a line
HIGHEST: Final = 90
_MOST: Final = 400  # lines that are read, by probability

_STRAIGHT: Final = frozenset("1Il|!/\\-_=—–‐.:;,'\"`´·°TLHEiFjt[](){}一二三工日目口王十土士干 ")


@dataclass(frozen=True, slots=True)
class Seen:
    """A line of text: half-open ranges from 0, its probability, and how many different letters were read in it."""

    frames: range
    rows: range
    columns: range
    score: float
    read: float

    @property
    def alarm(self) -> bool:
        """Whether it is text beyond doubt."""
        return self.score >= CERTAIN and self.read >= SEVERAL

    @property
    def verdict(self) -> Literal["text", "unlikely"]:
        """`text` is an alarm."""
        return "text" if self.alarm else "unlikely"


def find_text(frames: Any, *, read: bool = True) -> list[Seen]:
    """Return lines that look like text in decoded frames of (frames, rows, columns) or (frames, rows, columns, 3).

    `read`: read the lines, which an alarm needs. Of a loop the mean of all frames and, for each run of eight frames,
    their extremes are looked at. Raise LookupError where the models are not installed.
    """
    frames = np.asarray(frames)
    seen: list[Seen] = []
    for run, picture in _pictures(frames):
        for plane in _planes(picture):
            seen.extend(_in_plane(plane, run, read=read))
    return seen


def _pictures(frames: Any) -> Iterator[tuple[range, Any]]:
    if len(frames) == 1:
        yield range(1), frames[0]
        return
    yield range(len(frames)), frames.mean(axis=0, dtype=np.float32)
    for first in range(0, len(frames), 8):
        run = range(first, min(first + 8, len(frames)))
        yield run, frames[run.start : run.stop].max(axis=0)
        yield run, frames[run.start : run.stop].min(axis=0)


def _planes(picture: Any) -> Iterator[Any]:
    """Yield the luminance, and of coloured pictures the strongest difference between samples."""
    if picture.ndim == 2:
        yield picture
        return
    samples = picture.astype(np.float32)
    yield samples.mean(axis=2)
    if samples.shape[2] > 1:
        chroma = samples.max(axis=2) - samples.min(axis=2)
        if chroma.max() > 0.1 * max(1.0, float(samples.max())):
            yield chroma


def _in_plane(plane: Any, frames: range, *, read: bool) -> Iterator[Seen]:
    """Yield the lines of one plane, in its own pixels."""
    if plane.size <= LARGE:
        yield from _lines(plane, frames, read=read)
        return
    values = np.asarray(plane, np.float32)
    smaller = cv2.resize(values, (0, 0), fx=SMALLER, fy=SMALLER, interpolation=cv2.INTER_AREA)
    for line in _lines(smaller, frames, read=read):
        rows, columns = (
            range(int(side.start / SMALLER), min(length, int(side.stop / SMALLER) + 1))
            for side, length in zip((line.rows, line.columns), plane.shape, strict=True)
        )
        yield replace(line, rows=rows, columns=columns)


def _lines(plane: Any, frames: range, *, read: bool) -> Iterator[Seen]:
    view = fine_detail(plane)
    probability = _probability(view)
    outlines, _ = cv2.findContours(
        (probability > TEXT).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
    )
    lines = []
    for outline in outlines:
        box = cv2.minAreaRect(outline)
        if LOWEST <= min(box[1]) + 1 <= HIGHEST:
            lines.append((_mean_inside(probability, outline), box, cv2.boundingRect(outline)))
    lines.sort(key=lambda line: -line[0])
    for score, box, (left, top, width, height) in lines[:_MOST]:
        if score < CERTAIN:
            break
        margin = round(min(box[1])) + 1
        rows = range(max(0, top - margin), min(view.shape[0], top + height + margin))
        columns = range(max(0, left - margin), min(view.shape[1], left + width + margin))
        yield Seen(frames, rows, columns, score, _letters_in(view, box) if read else 0.0)


def _probability(view: Numbers) -> Numbers:
    """Return the probability of text for each pixel, from parts that overlap."""
    rows, columns = view.shape
    whole = np.zeros((rows, columns), np.float32)
    step = PART - OVERLAP
    for top in range(0, max(1, rows - OVERLAP), step):
        for left in range(0, max(1, columns - OVERLAP), step):
            part = view[top : top + PART, left : left + PART]
            if np.ptp(part) > 0:
                place = whole[top : top + part.shape[0], left : left + part.shape[1]]
                np.maximum(place, _of_part(part), out=place)
    return whole


def _of_part(part: Numbers) -> Numbers:
    rows, columns = part.shape
    padded = np.pad(part, ((0, -rows % 32), (0, -columns % 32)), constant_values=0.5)
    mean = np.array((0.406, 0.456, 0.485), np.float32)[:, None, None]
    deviation = np.array((0.225, 0.224, 0.229), np.float32)[:, None, None]
    return text_probability((padded[None] - mean) / deviation)[:rows, :columns]


def _mean_inside(probability: Numbers, outline: Any) -> float:
    left, top, width, height = cv2.boundingRect(outline)
    mask = np.zeros((height, width), np.uint8)
    cv2.drawContours(mask, [outline], 0, 1, -1, offset=(-left, -top))
    return float(cv2.mean(probability[top : top + height, left : left + width], mask)[0])


def _letters_in(view: Numbers, box: Any) -> float:
    """Return how many different letters are read in a turned box, the better of both directions."""
    (x, y), (width, height), degrees = box
    if width < height:
        width, height, degrees = height, width, degrees + 90
    higher = max(8.0, 2.2 * (height + 1))  # the core of a line is about half as high as its letters
    scale = 48 / higher
    columns = min(640, max(32, round((width + higher) * scale / 32) * 32))
    turn = cv2.getRotationMatrix2D((x, y), degrees, scale)
    turn[:, 2] += (columns / 2 - x, 24 - y)
    line = cv2.warpAffine(view, turn, (columns, 48), flags=cv2.INTER_AREA, borderValue=0.5)
    line = (line - line.mean()) / max(3 * float(line.std()), 1e-6)
    both = np.clip(np.stack((line, line[::-1, ::-1])), -1, 1)
    answers = letter_probabilities(np.repeat(both[:, None], 3, axis=1).astype(np.float32))
    return max(_count(answer) for answer in answers)


def _count(answer: Any) -> float:
    known = letters()
    best: dict[str, float] = {}
    for number, probability in zip(answer.argmax(axis=1), answer.max(axis=1), strict=True):
        if number:
            letter = known[number]
            kind = "|" if letter in _STRAIGHT else letter.casefold()
            best[kind] = max(best.get(kind, 0.0), float(probability))
    return sum(best.values())
