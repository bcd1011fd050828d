"""Made instances on disk: small helpers over pydicom, and pixel data written frame by frame."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pydicom
from pydicom import Dataset
from pydicom.uid import PYDICOM_ROOT_UID, ExplicitVRLittleEndian

ROOT = f"{PYDICOM_ROOT_UID}1547"
PIXEL_DATA = struct.pack("<HH2sH", 0x7FE0, 0x0010, b"OW", 0)
PrivateElement = tuple[int, str, Any]
"""Element number within the block, VR, value."""


def data_set(values: Mapping[str, Any]) -> Dataset:
    """Return a data set of these values by keyword."""
    made = Dataset()
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made


def coded(value: str, scheme: str, meaning: str) -> Dataset:
    """Return the item of a code sequence (PS3.3 section 8)."""
    return data_set({"CodeValue": value, "CodingSchemeDesignator": scheme, "CodeMeaning": meaning})


def referenced(sop_class_uid: str, end: str) -> Dataset:
    """Return the item of a sequence of references; `end` is the last part of the UID."""
    return data_set({"ReferencedSOPClassUID": sop_class_uid, "ReferencedSOPInstanceUID": f"{ROOT}.{end}"})


def reference(sop_class_uid: str, end: str, purpose: Dataset) -> Dataset:
    """Return a reference that says what it is for."""
    made = referenced(sop_class_uid, end)
    made.PurposeOfReferenceCodeSequence = [purpose]
    return made


def add_private(made: Dataset, group: int, creator: str, elements: Iterable[PrivateElement]) -> None:
    """Add a private block with these elements."""
    block = made.private_block(group, creator, create=True)
    for offset, vr, value in elements:
        block.add_new(offset, vr, value)


def count_elements(made: Dataset) -> int:
    """Return how many elements a data set holds at all depths: sequences included, items not."""
    return sum(1 for _ in made.iterall())


def encoded(made: Dataset) -> bytes:
    """Return a complete Part 10 file in Explicit VR Little Endian."""
    file = io.BytesIO()
    made.file_meta = pydicom.dataset.FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    pydicom.dcmwrite(file, made, enforce_file_format=True)
    return file.getvalue()


def write_with_pixels(path: Path, made: Dataset, length: int, frames: Iterable[bytes]) -> None:
    """Write a data set that ends before its pixel data, and `length` bytes (even, below 4 GiB) of pixel data."""
    with path.open("wb") as file:
        file.write(encoded(made))
        file.write(PIXEL_DATA + struct.pack("<I", length))
        start = file.tell()
        file.writelines(frames)
        if file.tell() - start != length:
            raise ValueError("the frames are not as long as the pixel data")
