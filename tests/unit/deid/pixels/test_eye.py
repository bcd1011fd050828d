"""The engine's eye on small made pictures: words are inside of boxes; the form of results, and bad input."""

from __future__ import annotations

import numpy as np
import pytest

from accuracy.pictures.classes import CLASSES
from accuracy.pictures.measuring import Clock, Tally, measure_words
from accuracy.pictures.picture import make_picture
from orthanc_deid.deid.pixels.eye.eye import find_text
from orthanc_deid.deid.pixels.eye.grid import CELL

KINDS = {kind.name: kind for kind in CLASSES}
SEED = 5


@pytest.mark.parametrize(
    "name", ["clear", "cyrillic", "small", "rotated", "tilted", "inverse", "one frame of many"]
)
def test_words_of_a_class_are_found(name: str) -> None:
    total = Tally()
    for tally in measure_words(find_text, KINDS[name], [SEED], Clock(), half="bundled", small=True).values():
        total += tally
    assert total.words > 0
    assert total.found == total.words


def a_picture_with_text() -> np.ndarray:
    return make_picture(KINDS["clear"], SEED, half="bundled", small=True).frames


def test_boxes_are_whole_cells_inside_of_the_picture() -> None:
    frames = a_picture_with_text()
    boxes = find_text(frames[:, :-3, :-5], read=False)
    rows, columns = frames.shape[1] - 3, frames.shape[2] - 5
    assert boxes
    for box in boxes:
        assert box.frames == range(1)
        assert box.rows.start % CELL == box.columns.start % CELL == 0
        assert box.rows.stop % CELL == 0 or box.rows.stop == rows
        assert box.columns.stop % CELL == 0 or box.columns.stop == columns
        assert box.letters is None


def test_the_same_picture_has_the_same_boxes() -> None:
    frames = a_picture_with_text()
    assert find_text(frames) == find_text(frames.copy())


def test_depth_sign_and_order_of_brightness_do_not_matter_to_words() -> None:
    picture = make_picture(KINDS["clear"], SEED, half="bundled", small=True)
    word = next(word for word in picture.words if word.visible)
    for frames in (picture.frames.astype(np.int32) * 100 - 30_000, picture.frames.max() - picture.frames):
        boxes = find_text(frames, read=False)
        row, column = word.ink.mean(axis=0).astype(int)
        assert any(row in box.rows and column in box.columns for box in boxes)


def test_red_text_in_a_picture_of_three_samples_is_found() -> None:
    picture = make_picture(KINDS["clear"], SEED, half="bundled", small=True)  # for the form of its words only
    word = max(picture.words, key=lambda word: len(word.ink))
    frames = np.full((1, 400, 500, 3), 90, np.uint8)
    rows, columns = (word.ink - word.ink.min(axis=0) + 50).T
    frames[0, rows, columns] = (220, 70, 60)
    boxes = find_text(frames)
    assert any(
        box.rows.start <= rows.min() and box.rows.stop > rows.max() and box.verdict == "text" for box in boxes
    )


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 1, 3000), (2, 7, 5), (1, 64, 64, 3), (1, 33, 40, 1)])
def test_an_empty_picture_of_any_size_has_no_box(shape: tuple[int, ...]) -> None:
    assert find_text(np.full(shape, 7, np.uint16)) == []


@pytest.mark.parametrize("shape", [(5, 5), (0, 5, 5), (1, 0, 5), (1, 5, 5, 2), (1, 1, 5, 5, 3)])
def test_frames_of_another_shape_are_an_error(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="frames"):
        find_text(np.zeros(shape, np.uint8))


def test_noise_and_values_that_are_no_numbers_do_not_stop_it() -> None:
    noise = np.random.default_rng(1).normal(size=(1, 200, 200)).astype(np.float32)
    noise[0, 3:9, 3:9] = np.nan
    noise[0, 20, 20] = np.inf
    find_text(noise)
