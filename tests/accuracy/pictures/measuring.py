"""Measure an eye on the accuracy set: the share of words that its boxes cover, and what it does to pictures without."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import numpy as np

from accuracy.pictures.classes import PictureClass
from accuracy.pictures.picture import Picture, Word, make_picture

COVERED: Final = 0.995
"""Share of the ink of a word that must be inside of boxes."""


VERDICTS: Final = {"found": None, "noticed": {"text", "doubt"}, "removed": {"text"}}
"""Which boxes count, by name of a field of Tally; None: all of them, without reading."""


class Box(Protocol):
    """What an eye answers."""

    @property
    def frames(self) -> range: ...
    @property
    def rows(self) -> range: ...
    @property
    def columns(self) -> range: ...
    @property
    def verdict(self) -> str: ...


Eye = Callable[..., list[Any]]


@dataclass
class Tally:
    """Words of one class: how many a person sees, and how many of these are covered.

    `found`: by any box, which is what counts in images that the header suspects. In others, `noticed`: by boxes that
    change or hold the image, `removed`: by boxes that change it.
    """

    words: int = 0
    found: int = 0
    noticed: int = 0
    removed: int = 0
    unseen: int = 0

    def __iadd__(self, other: Tally) -> Tally:
        for name in ("words", "found", "noticed", "removed", "unseen"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        return self

    def share(self, name: str) -> float:
        """Return a count in percent of the words; 100 where there is none."""
        return 100 * getattr(self, name) / self.words if self.words else 100.0


@dataclass
class Harm:
    """Pictures without text: how many would be changed (a box is `text`), or only held (a box is in `doubt`)."""

    pictures: int = 0
    boxed: int = 0
    changed: int = 0
    held: int = 0
    pixels: int = 0
    changed_pixels: int = 0


@dataclass
class Clock:
    """Processor seconds and megapixels; frames of loops count each."""

    seconds: float = 0.0
    megapixels: float = 0.0
    worst: list[float] = field(default_factory=list)


def measure_words(
    eye: Eye, kind: PictureClass, seeds: Iterable[int], clock: Clock, **how: Any
) -> dict[str, Tally]:
    """Return the tally of a class by background: `radiograph`, `ultrasound`."""
    tallies: dict[str, Tally] = {}
    for seed in seeds:
        picture = make_picture(kind, seed, **how)
        boxes, read = eye(picture.frames, read=False), _timed(eye, picture, clock)
        tally = tallies.setdefault(picture.kind, Tally())
        covers: dict[tuple[int, str], Any] = {}
        for word in picture.words:
            if not word.visible:
                tally.unseen += 1
                continue
            tally.words += 1
            for name, verdicts in VERDICTS.items():
                key = word.frames.start, name
                if key not in covers:
                    chosen = boxes if verdicts is None else [box for box in read if box.verdict in verdicts]
                    covers[key] = cover(chosen, picture, word.frames)
                setattr(tally, name, getattr(tally, name) + _covered(word, covers[key]))
    return tallies


def measure_harm(eye: Eye, pictures: Iterable[Picture], clock: Clock) -> Harm:
    """Return what the eye does to pictures without text."""
    harm = Harm()
    for picture in pictures:
        boxes = _timed(eye, picture, clock)
        certain = [box for box in boxes if box.verdict == "text"]
        harm.pictures += 1
        harm.boxed += bool(boxes)
        harm.changed += bool(certain)
        harm.held += not certain and any(box.verdict == "doubt" for box in boxes)
        changed = cover(certain, picture, range(1))
        harm.pixels += changed.size
        harm.changed_pixels += int(changed.sum())
    return harm


def cover(boxes: list[Any], picture: Picture, frames: range) -> Any:
    """Return which pixels lie inside of boxes on all of `frames`."""
    rows, columns = picture.frames.shape[1:3]
    inside = np.ones((rows, columns), bool)
    if len(frames) > 1:  # boxes that do not change with the frames are most of them
        frames = range(frames.start, frames.stop, max(1, len(frames) // 4))
    for frame in frames:
        own = np.zeros((rows, columns), bool)
        for box in boxes:
            if frame in box.frames:
                own[box.rows.start : box.rows.stop, box.columns.start : box.columns.stop] = True
        inside &= own
    return inside


def _covered(word: Word, covered: Any) -> bool:
    return bool(covered[tuple(word.ink.T)].mean() >= COVERED)


def _timed(eye: Eye, picture: Picture, clock: Clock) -> list[Any]:
    begin = time.process_time()
    boxes = eye(picture.frames)
    spent = time.process_time() - begin
    clock.seconds += spent
    clock.megapixels += np.prod(picture.frames.shape[:3]) / 1e6
    clock.worst.append(spent)
    return boxes
