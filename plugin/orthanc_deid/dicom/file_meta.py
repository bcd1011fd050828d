"""The file meta information of results (PS3.10 section 7.1)."""

from __future__ import annotations

import struct
from functools import lru_cache

from orthanc_deid.dicom.part10 import PREAMBLE
from orthanc_deid.dicom.tags import (
    IMPLEMENTATION_CLASS_UID,
    IMPLEMENTATION_VERSION_NAME,
    MEDIA_STORAGE_SOP_CLASS_UID,
    MEDIA_STORAGE_SOP_INSTANCE_UID,
    TRANSFER_SYNTAX_UID,
)

_CLASS_UID = "2.25.244403340949778570592153668110028919783"
"""Ours: `2.25.` and a UUID drawn once for this software (PS3.5 B.2); never changes."""

_VERSION_NAME = "ORTHANC_DEID_0"


def encode_short(tag: int, vr: str, value: bytes) -> bytes:
    """Return one explicit VR little endian element with a 16-bit length; an odd value is padded."""
    if len(value) & 1:
        value += b"\0" if vr == "UI" else b" "
    return struct.pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr.encode(), len(value)) + value


@lru_cache(maxsize=64)
def _around(sop_class_uid: str, transfer_syntax: str) -> tuple[bytes, bytes]:
    before = b"\x02\x00\x01\x00OB\x00\x00\x02\x00\x00\x00\x00\x01" + encode_short(
        MEDIA_STORAGE_SOP_CLASS_UID, "UI", sop_class_uid.encode()
    )
    after = (
        encode_short(TRANSFER_SYNTAX_UID, "UI", transfer_syntax.encode())
        + encode_short(IMPLEMENTATION_CLASS_UID, "UI", _CLASS_UID.encode())
        + encode_short(IMPLEMENTATION_VERSION_NAME, "SH", _VERSION_NAME.encode())
    )
    return before, after


def file_head(sop_class_uid: str, sop_instance_uid: str, transfer_syntax: str) -> bytes:
    """Return the zeroed preamble, the prefix and the file meta information: everything before the data set.

    It carries no AE titles, no private information and no sender's identifiers.
    """
    before, after = _around(sop_class_uid, transfer_syntax)
    body = before + encode_short(MEDIA_STORAGE_SOP_INSTANCE_UID, "UI", sop_instance_uid.encode()) + after
    return PREAMBLE + struct.pack("<HH2sHI", 2, 0, b"UL", 4, len(body)) + body
