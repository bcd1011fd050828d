"""Single top-level values before the walk, which needs the SOP class for the Types of its tables."""

from __future__ import annotations

import struct

from orthanc_deid.dicom.elements import LONG_VRS, UNDEFINED, MalformedError
from orthanc_deid.dicom.part10 import Encoded
from orthanc_deid.dicom.walker import end_of_undefined
from orthanc_deid.errors import RefusedError

_EXPLICIT = struct.Struct("<HH2sH").unpack_from
_IMPLICIT = struct.Struct("<HHI").unpack_from
_LONG = frozenset(vr.encode() for vr in LONG_VRS)


def top_level_value(encoded: Encoded, tag: int) -> str | None:
    """Return the trimmed value of a short top-level text attribute, or None where it is not found.

    Returns None for a malformed encoding as well: the walk that follows reports it.
    """
    buffer, pos, end = encoded.buffer, encoded.start, encoded.end
    while pos + 8 <= end:
        if encoded.explicit:
            group, element, vr, length = _EXPLICIT(buffer, pos)
            value = pos + 8
            if vr in _LONG and value + 4 <= end:
                (length,) = struct.unpack_from("<I", buffer, value)
                value += 4
        else:
            group, element, length = _IMPLICIT(buffer, pos)
            value = pos + 8
        found = group << 16 | element
        if length == UNDEFINED and found < tag:
            try:
                pos = end_of_undefined(
                    buffer, bytes(buffer[pos : pos + 6]), value, end, explicit=encoded.explicit
                )
            except (MalformedError, RefusedError, struct.error):
                return None
            continue
        if found > tag or value + length > end:
            return None
        if found == tag:
            return bytes(buffer[value : value + length]).strip(b" \0").decode("latin-1")
        pos = value + length
    return None
