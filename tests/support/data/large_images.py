"""Images whose samples are read late, and what engine and verifier make of them."""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from orthanc_deid import Key, deidentify
from orthanc_deid.dicom.partial_file import Data
from orthanc_deid.dicom.slices import Slices
from orthanc_deid.errors import DeidError
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.profile.verify_depth import VerifyDepth
from orthanc_deid.sources.folder_source import FolderSource
from orthanc_deid.sources.sample_reader import PIECE
from orthanc_deid.verify.verifier import Verifier
from support.data.corpus import corpus
from support.data.datasets import (
    Element,
    image_size,
    instance,
    part10,
)
from support.data.objects import referring_study

KEY = Key(bytes(range(32)))
DEPTHS: tuple[VerifyDepth, ...] = ("full", "fast")
PIXEL_DATA = 0x7FE00010
ROWS, ICON = 0x00280010, 0x00880200
SAMPLES = np.arange(3 * PIECE // 4, dtype="<u2") & 0x0FFF  # one piece and a half
SUSPECTED = "suspected of burned-in text: bits outside BitsStored in use"
FOUND = "admission: suspected of burned-in text (7FE0,0010)"


def image(samples: np.ndarray[Any, Any] = SAMPLES, high: int = 11, *others: Element) -> bytes:
    return part10(
        instance(
            *image_size(samples.size // 256, 256, samples.itemsize * 8),
            (0x00280102, "US", struct.pack("<H", high)),
            (0x00280103, "US", b"\0\0"),
            *others,
            (PIXEL_DATA, "OW", samples.tobytes()),
        )
    )


def marked(place: int) -> np.ndarray[Any, Any]:
    samples = SAMPLES.copy()
    samples[place] |= 0x4000
    return samples


def told(task: Callable[[], Slices]) -> bytes | str:
    """Return the bytes of a result, or why there are none."""
    try:
        return bytes(task())
    except DeidError as error:
        return str(error)


@cache
def files() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in corpus()} | referring_study()


def deidentified(data: Data, used: CompiledProfile) -> Slices:
    return deidentify(data, used, KEY).output


def checked(verifier: Verifier, source: Data, made: Slices) -> Slices:
    return verifier.check(source, made).output


def fetched(source: FolderSource, folder_path: Path, data: bytes) -> Data:
    (folder_path / "file").write_bytes(data)
    return source.fetch_partly("file")
