"""Re-encoding by pydicom of data sets that the walker does not read, so that the engine has one kind of input.

Deflated and big endian data sets become explicit VR little endian. Elements out of order are put in order, UN gets
the dictionary's VR. A data set that pydicom cannot read, or whose end it would have to guess, is refused.
"""

from __future__ import annotations

import io
import warnings
import zlib
from dataclasses import replace
from typing import cast

import numpy as np
from pydicom import config
from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_dataset
from pydicom.filewriter import write_dataset
from pydicom.tag import BaseTag

from orthanc_deid.dicom.elements import ITEM_KEY, UNDEFINED, EventKind, MalformedError, tag_at
from orthanc_deid.dicom.known_tags import tag_if_known
from orthanc_deid.dicom.part10 import (
    EXPLICIT_VR_BIG_ENDIAN,
    EXPLICIT_VR_LITTLE_ENDIAN,
    Encoded,
)
from orthanc_deid.dicom.tags import PIXEL_DATA
from orthanc_deid.dicom.uniform_tables import note_everything
from orthanc_deid.dicom.walker import PAST_THE_END, walk
from orthanc_deid.errors import RefusedError

MAX_INFLATED = 2 << 30  # bytes; a larger deflated data set is refused before it fills the memory
_BIG_ITEM = b"\xff\xfe\xe0\x00"
_WORD = {"OW": "u2", "OF": "u4", "OL": "u4", "OD": "u8", "OV": "u8"}


def inflate(encoded: Encoded) -> Encoded:
    """Return a deflated instance (PS3.5 A.5) as explicit VR little endian. Raises RefusedError for a bad stream."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        data = inflater.decompress(memoryview(encoded.buffer)[encoded.start : encoded.end], MAX_INFLATED)
    except zlib.error:
        raise RefusedError("deflated data set cannot be inflated") from None
    if not inflater.eof:
        raise RefusedError("deflated data set is cut off or too large")
    return replace(encoded, buffer=data, start=0, end=len(data), transfer_syntax=EXPLICIT_VR_LITTLE_ENDIAN)


def rewrite(encoded: Encoded) -> Encoded:
    """Return the instance re-encoded by pydicom: in order, with known VRs, little endian.

    The transfer syntax stays, but for big endian, which becomes explicit VR little endian. Raises RefusedError
    where pydicom cannot read it, where a tag stands twice, or where a value is cut off.
    """
    big = encoded.transfer_syntax == EXPLICIT_VR_BIG_ENDIAN
    if not big:
        _refuse_duplicates(encoded)
    stream = io.BytesIO(memoryview(encoded.buffer)[encoded.start : encoded.end])
    out = DicomBytesIO()
    out.is_little_endian, out.is_implicit_VR = True, not encoded.explicit
    with config.disable_value_validation(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            dataset = read_dataset(
                stream, not encoded.explicit, not big, stop_when=_Once() if encoded.explicit else None
            )
            if stream.read().strip(b"\0"):
                raise RefusedError("bytes behind the last element")
            _settle(dataset, swap=big, explicit=encoded.explicit)
            write_dataset(out, dataset)
        except RefusedError:
            raise
        except RecursionError:
            raise RefusedError("nesting too deep") from None
        except Exception as error:  # noqa: BLE001 - pydicom raises any exception of its parts, with values in the text
            raise RefusedError(f"unreadable: {type(error).__name__}") from None
    data = out.getvalue()
    syntax = EXPLICIT_VR_LITTLE_ENDIAN if big else encoded.transfer_syntax
    return replace(encoded, buffer=data, start=0, end=len(data), transfer_syntax=syntax)


class _Once:
    """A `stop_when` for pydicom's reader that never stops, but refuses a tag that stands twice."""

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def __call__(self, tag: int, vr: str | None, length: int) -> bool:
        if tag in self._seen:
            raise RefusedError("element stands twice", tag_if_known(tag))
        self._seen.add(int(tag))
        return False


def _refuse_duplicates(encoded: Encoded) -> None:
    """Refuse an element that stands twice: pydicom would silently take the last one."""
    table = note_everything(explicit=encoded.explicit)
    try:
        events = walk(
            encoded.buffer, encoded.start, encoded.end, table, explicit=encoded.explicit, ordered=False
        )
    except MalformedError:
        return
    seen: list[set[int]] = [set()]
    for kind, start, _, _, _ in events:
        if kind == EventKind.ITEM:
            seen.append(set())
        elif kind == EventKind.ITEM_END:
            seen.pop()
        elif kind in (EventKind.ELEMENT, EventKind.SEQUENCE):
            tag = tag_at(encoded.buffer, start)
            if tag in seen[-1]:
                raise RefusedError("element stands twice", tag_if_known(tag))
            seen[-1].add(tag)


def _settle(dataset: Dataset, *, swap: bool, explicit: bool) -> None:
    """Give UN its dictionary VR, check that no value was cut off, and swap words where the byte order changes.

    Other values keep their bytes; so does private UN, for which pydicom's dictionary does not decide.
    """
    for tag in list(dataset.keys()):
        element = cast(object, dataset.get_item(tag))  # pydicom's annotation leaves the raw ones out
        if isinstance(element, RawDataElement):
            value = element.value if isinstance(element.value, bytes) else b""
            if element.length not in (UNDEFINED, len(value)):
                raise RefusedError(PAST_THE_END, tag_if_known(tag))
            if element.VR == "UN" and tag.is_private and not swap:
                continue
            if not (
                swap or element.VR in ("SQ", "UN") or (element.VR is None and (explicit or _is_sequence(tag)))
            ):
                continue
        converted = dataset[tag]
        if converted.VR == "SQ":
            if isinstance(element, RawDataElement) and value and value[:4] not in (ITEM_KEY, _BIG_ITEM):
                raise RefusedError("no item where one must be", tag_if_known(tag))
            for item in converted.value:
                _settle(item, swap=swap, explicit=explicit)
        elif swap and converted.VR in _WORD and isinstance(converted.value, bytes):
            _swap_words(dataset, tag)


def _is_sequence(tag: BaseTag) -> bool:
    return dictionary_has_tag(tag) and dictionary_VR(tag) == "SQ"


def _swap_words(dataset: Dataset, tag: BaseTag) -> None:
    element = dataset[tag]
    if tag == PIXEL_DATA and element.VR == "OW" and dataset.get("BitsAllocated") not in (8, 16):
        raise RefusedError("big endian samples of this width", tag_if_known(tag))
    element.value = (
        np.frombuffer(element.value, ">" + _WORD[element.VR]).astype("<" + _WORD[element.VR]).tobytes()
    )
