"""The end of an encapsulated value: its fragments, and the delimiter that may be missing (PS3.5 section A.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from orthanc_deid.dicom.elements import (
    ITEM_KEY,
    SEQUENCE_DELIMITATION_KEY,
    SPARE_BYTES,
    UNDEFINED,
    MalformedError,
)
from orthanc_deid.dicom.known_tags import tag_if_known
from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.errors import RefusedError

PAST_THE_END: Final = "length past the end"
_DELIMITER: Final = SEQUENCE_DELIMITATION_KEY + bytes(4)


def end_of_fragments(
    item_head: Callable[[Buffer, int], tuple[bytes, int]],
    buffer: Buffer,
    start: int,
    end: int,
    tag: int,
    *,
    last: bool,
) -> int:
    """Return where the fragments from `start` end, their delimiter included.

    `last`: the data set ends at `end`; there fragments may lack their delimiter, or a part of it.
    """
    pos = start
    while pos + 8 <= end:
        key, length = item_head(buffer, pos)
        pos += 8
        if key == SEQUENCE_DELIMITATION_KEY:
            if length and not last:  # of the image, the engine writes the delimiter anew
                raise MalformedError(SPARE_BYTES)
            return pos
        if key != ITEM_KEY or length == UNDEFINED:
            raise RefusedError("no fragment where one must be", tag_if_known(tag))
        pos += length
    if last and start < pos <= end:
        rest: object = buffer[pos:end]
        if not isinstance(rest, Buffer):  # of a walk whose headers are cached, which these bytes are not
            raise MalformedError("fragments without their delimiter")
        if _DELIMITER.startswith(bytes(rest)):
            return end
    raise RefusedError(PAST_THE_END, tag_if_known(tag))
