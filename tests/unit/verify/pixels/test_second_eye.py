"""The verifier's eye on small made pictures: words raise an alarm, pictures without text do not."""

from __future__ import annotations

import numpy as np
import pytest

from accuracy.pictures.classes import CLASSES
from accuracy.pictures.picture import Picture, make_picture
from orthanc_deid.verify.pixels.eye.second_eye import find_text

KINDS = {kind.name: kind for kind in CLASSES}
SEED = 6
LETTERS = 4  # of words that must be seen by themselves


def made(name: str) -> Picture:
    return make_picture(KINDS[name], SEED, half="bundled", small=True)


@pytest.mark.parametrize("name", ["clear", "cyrillic", "rotated", "one frame of many"])
def test_words_of_a_class_raise_an_alarm(name: str) -> None:
    picture = made(name)
    seen = [line for line in find_text(picture.frames) if line.alarm]
    for word in picture.words:
        if sum(letter.isalnum() for letter in word.text) < LETTERS:
            continue
        row, column = word.ink.mean(axis=0).astype(int)
        assert any(
            row in line.rows and column in line.columns and word.frames[0] in line.frames for line in seen
        )


def test_a_picture_without_text_raises_none() -> None:
    assert not any(line.alarm for line in find_text(make_picture(None, SEED, small=True).frames))


def test_words_written_over_raise_none() -> None:
    picture = made("clear")
    frames = picture.frames.copy()
    for word in picture.words:
        (top, left), (bottom, right) = word.ink.min(axis=0) - 6, word.ink.max(axis=0) + 7
        frames[:, max(0, top) : bottom, max(0, left) : right] = frames.min()
    assert not any(line.alarm for line in find_text(frames))


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 1, 3000), (2, 7, 5), (1, 64, 64, 3)])
def test_an_empty_picture_of_any_size_shows_nothing(shape: tuple[int, ...]) -> None:
    assert find_text(np.full(shape, 7, np.uint16)) == []
