"""Whether two encodings hold the same instance: for peers that transcode what they receive."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO
from itertools import zip_longest

from pydicom import Dataset, dcmread
from pydicom.pixels.utils import iter_pixels
from pydicom.tag import Tag

from orthanc_deid.dicom.slices import Slices
from orthanc_deid.errors import RejectedError

_PIXEL_DATA = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})  # Float, Double Float and Pixel Data
# Photometric Interpretation and Planar Configuration describe how the samples are encoded (PS3.5 section 8.2); in
# Derivation Description DCMTK, and with it Orthanc, notes that it compressed them.
_ENCODING = frozenset({0x00280004, 0x00280006, 0x00082111})


def same_content(ours: Slices, theirs: bytes) -> bool:
    """Whether all elements are equal, and pixel data in bytes, or, in another transfer syntax, in every sample.

    Raises RejectedError where that cannot be found out: no decoder, or what came back is not DICOM.
    """
    try:
        first, second = dcmread(ours.reader()), dcmread(BytesIO(theirs))
        return _elements(first) == _elements(second) and _same_pixels(first, second)
    except Exception as error:  # noqa: BLE001 - pydicom and its decoders raise what they like; the type may be told
        raise RejectedError(f"the peer's copy cannot be compared ({type(error).__name__})") from None


def _elements(dataset: Dataset) -> Dataset:
    left_out = _PIXEL_DATA | _ENCODING
    kept = Dataset()
    for tag in dataset.keys():  # noqa: SIM118 - a Dataset iterates over its elements
        if tag not in left_out and tag.element != 0:
            kept.add(dataset[tag])
    return kept


def _same_pixels(first: Dataset, second: Dataset) -> bool:
    present = [tag for tag in sorted(_PIXEL_DATA) if Tag(tag) in first]
    if present != [tag for tag in sorted(_PIXEL_DATA) if Tag(tag) in second]:
        return False
    if not present:
        return True
    if first.file_meta.TransferSyntaxUID == second.file_meta.TransferSyntaxUID:
        return bool(first[present[0]].value == second[present[0]].value) and _same_encoding(first, second)
    # `raw`: no colour conversion; a decoder's own is compared by its result.
    frames = zip_longest(iter_pixels(first, raw=True), iter_pixels(second, raw=True))
    return all(
        one is not None and other is not None and sha256(one.data).digest() == sha256(other.data).digest()
        for one, other in frames
    )


def _same_encoding(first: Dataset, second: Dataset) -> bool:
    return all(first.get(tag) == second.get(tag) for tag in sorted(_ENCODING))
