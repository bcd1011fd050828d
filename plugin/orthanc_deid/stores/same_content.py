"""Comparison of two encodings of an instance, for peers that transcode what they receive."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO
from itertools import zip_longest

from pydicom import Dataset, dcmread
from pydicom.pixels.utils import iter_pixels
from pydicom.tag import Tag

from orthanc_deid.dicom.slices import Slices
from orthanc_deid.dicom.tags import (
    DERIVATION_DESCRIPTION,
    PHOTOMETRIC_INTERPRETATION,
    PIXEL_DATA_TAGS,
    PLANAR_CONFIGURATION,
)
from orthanc_deid.errors import RejectedError

# Photometric Interpretation and Planar Configuration describe how the samples are encoded (PS3.5 section 8.2); DCMTK,
# and with it Orthanc, adds a note of the compression to Derivation Description.
_ENCODING = frozenset({PHOTOMETRIC_INTERPRETATION, PLANAR_CONFIGURATION, DERIVATION_DESCRIPTION})


def same_content(ours: Slices, theirs: bytes) -> bool:
    """Whether all elements are equal, and pixel data by bytes or, in another transfer syntax, by every sample.

    Raises RejectedError if the two cannot be compared: no decoder, or `theirs` is not DICOM.
    """
    try:
        first, second = dcmread(ours.reader()), dcmread(BytesIO(theirs))
        return _elements(first) == _elements(second) and _same_pixels(first, second)
    except Exception as error:  # noqa: BLE001 - pydicom and its decoders raise errors of any type
        raise RejectedError(f"the peer's copy cannot be compared ({type(error).__name__})") from None


def _elements(dataset: Dataset) -> Dataset:
    left_out = PIXEL_DATA_TAGS | _ENCODING
    kept = Dataset()
    for tag in dataset.keys():  # noqa: SIM118 - a Dataset iterates over its elements
        if tag not in left_out and tag.element != 0:
            kept.add(dataset[tag])
    return kept


def _same_pixels(first: Dataset, second: Dataset) -> bool:
    present = [tag for tag in sorted(PIXEL_DATA_TAGS) if Tag(tag) in first]
    if present != [tag for tag in sorted(PIXEL_DATA_TAGS) if Tag(tag) in second]:
        return False
    if not present:
        return True
    if first.file_meta.TransferSyntaxUID == second.file_meta.TransferSyntaxUID:
        return bool(first[present[0]].value == second[present[0]].value) and _same_encoding(first, second)
    # `raw`: no colour conversion beyond that of the decoders.
    frames = zip_longest(iter_pixels(first, raw=True), iter_pixels(second, raw=True))
    return all(
        one is not None and other is not None and sha256(one.data).digest() == sha256(other.data).digest()
        for one, other in frames
    )


def _same_encoding(first: Dataset, second: Dataset) -> bool:
    return all(first.get(tag) == second.get(tag) for tag in sorted(_ENCODING))
