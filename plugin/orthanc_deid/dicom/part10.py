"""Location and encoding of the data set in Part 10 files and bare data sets (PS3.10 section 7).

Accepted are Part 10 files, a preamble without file meta, file meta without a preamble, and bare data sets. Only the
content decides, never a file's name.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Literal

from orthanc_deid.dicom.elements import LONG_VRS, SHORT_VRS, UNDEFINED, VRS
from orthanc_deid.dicom.known_tags import tag_if_known
from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.dicom.tags import (
    MEDIA_STORAGE_SOP_CLASS_UID,
    MEDIA_STORAGE_SOP_INSTANCE_UID,
    TRANSFER_SYNTAX_UID,
)
from orthanc_deid.dicom.transfer_syntaxes import is_registered
from orthanc_deid.dicom.unread_samples import UnreadSamples
from orthanc_deid.errors import NotDicomError, RefusedError

IMPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2"
EXPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2.1.99"
EXPLICIT_VR_BIG_ENDIAN = "1.2.840.10008.1.2.2"
NATIVE = frozenset({IMPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_LITTLE_ENDIAN})
"""The transfer syntaxes of our outputs in which pixel data is not encapsulated."""

MEDIA_STORAGE_DIRECTORY = "1.2.840.10008.1.3.10"

PREAMBLE = bytes(128) + b"DICM"
_HEAD = struct.Struct("<HH2sH").unpack_from
_META_GROUP = 0x0002
_READ = frozenset({TRANSFER_SYNTAX_UID, MEDIA_STORAGE_SOP_CLASS_UID, MEDIA_STORAGE_SOP_INSTANCE_UID})
_SHORT, _LONG = (frozenset(vr.encode() for vr in vrs) for vrs in (SHORT_VRS, LONG_VRS))
_LARGEST_BARE_GROUP = 0x0010  # a bare data set starts with group 0008, at the latest with the patient's

_DIRECTORY = frozenset((0x0004, element) for element in (0x0000, 0x1130, 0x1141, 0x1200))

Form = Literal["part10", "bare"]


@dataclass(frozen=True, slots=True)
class Encoded:
    """An instance in `buffer`: its data set is `buffer[start:end]`.

    `sop_class_uid` and `sop_instance_uid` are those of the file meta, empty where there is none. Where `buffer` holds
    only the head of a file (`PartlyRead`), `tail` is the rest, and `end` is the end of the file. `rewritten`: it was
    re-encoded, so that UN of a known attribute is left only where the value is too long for its VR.
    """

    buffer: Buffer
    start: int
    end: int
    transfer_syntax: str
    form: Form
    sop_class_uid: str = ""
    sop_instance_uid: str = ""
    tail: UnreadSamples | None = None
    rewritten: bool = False

    @property
    def explicit(self) -> bool:
        return self.transfer_syntax != IMPLICIT_VR_LITTLE_ENDIAN

    @property
    def needs_rewriting(self) -> bool:
        """Whether the data set must be re-encoded before the walker can read it (byte order, compression)."""
        return self.transfer_syntax in (EXPLICIT_VR_BIG_ENDIAN, DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN)


def locate(buffer: Buffer) -> Encoded:
    """Find the data set in `buffer`.

    Raises NotDicomError for data that is no composite instance: not DICOM, a DICOMDIR, a command set. Raises
    RefusedError for data that claims to be DICOM, by prefix or file meta, and cannot be read.
    """
    end = len(buffer)
    if end >= 132 and bytes(buffer[128:132]) == b"DICM":
        if end >= 140 and _group_at(buffer, 132) == 2:
            return _with_meta(buffer, 132)
        return _bare(buffer, 132)
    if end >= 8 and _group_at(buffer, 0) == 2 and bytes(buffer[4:6]) in (b"UL", b"OB", b"UI"):
        return _with_meta(buffer, 0)
    return _bare(buffer, 0)


def _group_at(buffer: Buffer, pos: int) -> int:
    return buffer[pos] | buffer[pos + 1] << 8


def _with_meta(buffer: Buffer, pos: int) -> Encoded:
    """Read the file meta information (PS3.10 section 7.1): always explicit VR little endian."""
    found: dict[int, str] = {}
    end = len(buffer)
    while pos + 8 <= end:
        group, element, vr, length = _HEAD(buffer, pos)
        if group != _META_GROUP:
            break
        tag = group << 16 | element
        value = pos + 8
        if vr not in _SHORT:
            if vr not in _LONG:
                raise RefusedError("file meta not in explicit VR", tag_if_known(tag))
            length = int.from_bytes(buffer[value : value + 4], "little")  # of a cut field: refused below
            value += 4
        pos = value + length
        if pos > end:
            raise RefusedError("length past the end", tag_if_known(tag))
        if tag in _READ:
            found[tag] = bytes(buffer[value:pos]).rstrip(b"\0 ").decode("ascii", "replace")
    if found.get(MEDIA_STORAGE_SOP_CLASS_UID) == MEDIA_STORAGE_DIRECTORY or _is_directory(buffer, pos):
        raise NotDicomError("a DICOMDIR is no instance")
    if pos == end:
        raise RefusedError("file meta without a data set")
    syntax = found.get(TRANSFER_SYNTAX_UID, "")
    if syntax and not is_registered(syntax):
        raise RefusedError("unknown transfer syntax", tag_if_known(TRANSFER_SYNTAX_UID))
    return Encoded(
        buffer=buffer,
        start=pos,
        end=end,
        transfer_syntax=_used_syntax(buffer, pos, syntax) if syntax else _detected_syntax(buffer, pos),
        form="part10",
        sop_class_uid=found.get(MEDIA_STORAGE_SOP_CLASS_UID, ""),
        sop_instance_uid=found.get(MEDIA_STORAGE_SOP_INSTANCE_UID, ""),
    )


def _bare(buffer: Buffer, start: int) -> Encoded:
    if _is_directory(buffer, start):
        raise NotDicomError("a DICOMDIR is no instance")
    syntax = _detected_syntax(buffer, start)
    return Encoded(buffer=buffer, start=start, end=len(buffer), transfer_syntax=syntax, form="bare")


def _detected_syntax(buffer: Buffer, start: int) -> str:
    """Return the transfer syntax of the data set at `start`, detected from its first element.

    Without one the file is not DICOM, unless a prefix or file meta precedes `start`: then it is refused.
    """
    syntax = _syntax_of_first_element(buffer, start)
    if syntax:
        return syntax
    if start:
        raise RefusedError("no data set that can be read behind the Part 10 prefix or the file meta")
    raise NotDicomError("not DICOM")


def _used_syntax(buffer: Buffer, start: int, stated: str) -> str:
    """Return the stated transfer syntax; explicit VR where implicit VR is stated and the first element has a VR."""
    if (
        stated != IMPLICIT_VR_LITTLE_ENDIAN
        or _syntax_of_first_element(buffer, start) != EXPLICIT_VR_LITTLE_ENDIAN
    ):
        return stated
    (length,) = struct.unpack_from("<I", buffer, start + 4)
    return EXPLICIT_VR_LITTLE_ENDIAN if length > len(buffer) - start - 8 else stated


def _is_directory(buffer: Buffer, pos: int) -> bool:
    """Whether the data set at `pos` begins as that of a DICOMDIR (PS3.3 section F.3.2), in little endian."""
    return len(buffer) - pos >= 8 and (_group_at(buffer, pos), _group_at(buffer, pos + 2)) in _DIRECTORY


def _syntax_of_first_element(buffer: Buffer, pos: int) -> str:
    """Return the transfer syntax of the data set at `pos`, empty where no data set begins there."""
    if len(buffer) - pos < 8:
        return ""
    group, element, vr, _ = _HEAD(buffer, pos)
    big_group = (group & 0xFF) << 8 | group >> 8
    if group == 0 and element in (0, 2) and any(buffer[pos + 4 : pos + 8]):  # else these are zeros
        raise NotDicomError("a command set is no instance")
    if vr.decode("latin-1") in VRS:
        if 8 <= group <= _LARGEST_BARE_GROUP:
            return EXPLICIT_VR_LITTLE_ENDIAN
        if 8 <= big_group <= _LARGEST_BARE_GROUP:
            return EXPLICIT_VR_BIG_ENDIAN
    elif 8 <= group <= _LARGEST_BARE_GROUP and not group & 1:
        (length,) = struct.unpack_from("<I", buffer, pos + 4)
        if length <= len(buffer) - pos - 8 or length == UNDEFINED:
            return IMPLICIT_VR_LITTLE_ENDIAN
    return ""
