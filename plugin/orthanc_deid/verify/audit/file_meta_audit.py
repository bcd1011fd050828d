"""Preamble, file meta information (PS3.10 section 7.1) and transfer syntax of the output; their bytes are fixed."""

from __future__ import annotations

import struct
from functools import lru_cache

from orthanc_deid.dicom.slices import Slices
from orthanc_deid.dicom.tags import (
    FILE_META_INFORMATION_GROUP_LENGTH,
    FILE_META_INFORMATION_VERSION,
    IMPLEMENTATION_CLASS_UID,
    IMPLEMENTATION_VERSION_NAME,
    MEDIA_STORAGE_SOP_CLASS_UID,
    MEDIA_STORAGE_SOP_INSTANCE_UID,
    SOP_CLASS_UID,
    SOP_INSTANCE_UID,
    TRANSFER_SYNTAX_UID,
)
from orthanc_deid.verify.findings import Findings
from orthanc_deid.verify.reading.instance import (
    DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
    EXPLICIT_VR_BIG_ENDIAN,
    EXPLICIT_VR_LITTLE_ENDIAN,
    IMPLICIT_VR_LITTLE_ENDIAN,
    Instance,
)

# The engine has the same two values. They are repeated here so that a change of them does not pass unnoticed.
_OUR_CLASS_UID = b"2.25.244403340949778570592153668110028919783"
_OUR_VERSION_NAME = b"ORTHANC_DEID_0"

_META = (
    FILE_META_INFORMATION_GROUP_LENGTH,
    FILE_META_INFORMATION_VERSION,
    MEDIA_STORAGE_SOP_CLASS_UID,
    MEDIA_STORAGE_SOP_INSTANCE_UID,
    TRANSFER_SYNTAX_UID,
    IMPLEMENTATION_CLASS_UID,
    IMPLEMENTATION_VERSION_NAME,
)
_VRS = {
    FILE_META_INFORMATION_GROUP_LENGTH: b"UL",
    FILE_META_INFORMATION_VERSION: b"OB",
    IMPLEMENTATION_VERSION_NAME: b"SH",
}
_PREAMBLE = bytes(128) + b"DICM"
_REWRITTEN = (EXPLICIT_VR_BIG_ENDIAN, DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN)


def accepted_transfer_syntaxes(original: str) -> tuple[str, ...]:
    """Return the transfer syntaxes that the output of an original in `original` may have.

    It has the original's. An original in Explicit VR Big Endian (retired, PS3.5 Annex A.3) or Deflated Explicit VR
    Little Endian (PS3.5 Annex A.5) may also have an output in Explicit VR Little Endian, because the engine edits
    inflated little endian bytes. No other difference is accepted: image data is neither compressed nor
    decompressed, and implicit VR stays implicit.
    """
    return (original, EXPLICIT_VR_LITTLE_ENDIAN) if original in _REWRITTEN else (original,)


def check_meta(file: Slices, original: Instance, output: Instance, findings: Findings) -> None:
    """Check preamble, file meta information and transfer syntax of the output; `file` holds its bytes."""
    values = {
        FILE_META_INFORMATION_VERSION: b"\0\1",
        MEDIA_STORAGE_SOP_CLASS_UID: output.text(SOP_CLASS_UID).encode("latin-1"),
        MEDIA_STORAGE_SOP_INSTANCE_UID: output.text(SOP_INSTANCE_UID).encode("latin-1"),
        TRANSFER_SYNTAX_UID: output.transfer_syntax.encode("latin-1"),
        IMPLEMENTATION_CLASS_UID: _OUR_CLASS_UID,
        IMPLEMENTATION_VERSION_NAME: _OUR_VERSION_NAME,
    }
    body = b"".join(_encoded(tag, value) for tag, value in values.items())
    expected = (
        _PREAMBLE + _encoded(FILE_META_INFORMATION_GROUP_LENGTH, len(body).to_bytes(4, "little")) + body
    )
    found = b"".join(file.between(0, len(expected)))
    if found != expected or output.meta_end != len(expected):
        _explain(found, output, values, findings)
    if output.transfer_syntax not in accepted_transfer_syntaxes(original.transfer_syntax):
        findings.add("transfer syntax", "changed", (TRANSFER_SYNTAX_UID,))
    if output.encoding.explicit != (output.transfer_syntax != IMPLICIT_VR_LITTLE_ENDIAN):
        findings.add("transfer syntax", "not that of the data set", (TRANSFER_SYNTAX_UID,))


@lru_cache(maxsize=256)  # all but the instance's own UID recur
def _encoded(tag: int, value: bytes) -> bytes:
    """Return an element of the file meta information, which is always explicit VR little endian."""
    vr = _VRS.get(tag, b"UI")
    value += (b" " if vr == b"SH" else b"\0") * (len(value) % 2)
    length = struct.pack("<xxL" if vr == b"OB" else "<H", len(value))
    return struct.pack("<HH2s", tag >> 16, tag & 0xFFFF, vr) + length + value


def _explain(found: bytes, output: Instance, values: dict[int, bytes], findings: Findings) -> None:
    """Report the parts of the preamble and file meta information that differ from the expected bytes."""
    if found[: len(_PREAMBLE)] != _PREAMBLE:
        findings.add("PS3.10 7.1", "preamble not zeroed")
    if output.meta_tags != _META:
        extra = [tag for tag in output.meta_tags if tag not in _META]
        findings.add(
            "PS3.10 7.1", "file meta information incomplete or with more than it needs", tuple(extra[:1])
        )
        return
    wrong = [tag for tag, value in values.items() if output.meta[tag].rstrip(b" \0") != value.rstrip(b"\0")]
    for tag in wrong or [FILE_META_INFORMATION_GROUP_LENGTH]:
        findings.add("PS3.10 7.1", "wrong value or encoding", (tag,))
