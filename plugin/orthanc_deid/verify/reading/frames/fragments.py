"""The fragments of an encapsulated value, and the frames that they make (PS3.5 section A.4)."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from itertools import pairwise

from orthanc_deid.dicom.tags import (
    ENCAPSULATED_PIXEL_DATA_VALUE_TOTAL_LENGTH,
    EXTENDED_OFFSET_TABLE,
    EXTENDED_OFFSET_TABLE_LENGTHS,
)
from orthanc_deid.verify.reading.frames.needed import begins_frame
from orthanc_deid.verify.reading.frames.pieces import fault

OFFSET_TAGS = (
    EXTENDED_OFFSET_TABLE,
    EXTENDED_OFFSET_TABLE_LENGTHS,
    ENCAPSULATED_PIXEL_DATA_VALUE_TOTAL_LENGTH,
)
"""The attributes that say where the fragments of Pixel Data lie (PS3.3 section C.7.6.3.1.8)."""

Load = Callable[[int, int], bytes]
"""(start, end) -> the bytes there."""

Span = tuple[int, int]
"""(start, length) of a fragment, as `UnloadedValue.fragments` has them."""

_ITEM = b"\xfe\xff\x00\xe0"
_ITEM_HEADER = 8
_FIRST_BYTES = 16


def fragments_between(load: Load, start: int, end: int) -> list[Span]:
    """Return the fragments of the value from `start`, the Basic Offset Table first; raises ParseError."""
    found: list[Span] = []
    while (head := load(start, min(end, start + _ITEM_HEADER)))[:4] == _ITEM and len(head) == _ITEM_HEADER:
        length = int.from_bytes(head[4:], "little")
        start += _ITEM_HEADER + length
        if start > end:
            raise fault("cut off")
        found.append((start - length, length))
    if not found:
        raise fault("no fragments")
    return found


def basic_offsets(load: Load, table: Span) -> tuple[int, ...]:
    """Return the entries of the Basic Offset Table."""
    start, length = table
    return struct.unpack(f"<{length // 4}L", load(start, start + length // 4 * 4))


def frames_of(
    load: Load, fragments: Sequence[Span], frames: int, tables: Sequence[Sequence[int]], *, one_stream: bool
) -> list[Sequence[Span]]:
    """Return the fragments of each frame, at most `frames`; `fragments`: without the Basic Offset Table.

    `tables`: the entries of the Basic and the Extended Offset Table.
    """
    if one_stream or (frames == 1 and len(fragments) > 1):
        return [fragments]
    if len(fragments) <= frames:
        return [fragments[place : place + 1] for place in range(len(fragments))]
    origin = fragments[0][0]
    number = {start - origin: place for place, (start, _) in enumerate(fragments)}
    for table in tables:
        firsts = [number.get(offset) for offset in table]
        if len(firsts) == frames and None not in firsts and firsts[0] == 0 and sorted({*firsts}) == firsts:  # type: ignore[type-var]
            return _between(fragments, firsts)  # type: ignore[arg-type]
    begins = [
        place
        for place, (start, length) in enumerate(fragments)
        if begins_frame(load(start, start + min(length, _FIRST_BYTES)))
    ]
    if len(begins) >= frames and begins[0] == 0:
        return _between(fragments, begins)[:frames]
    return [fragments[place : place + 1] for place in range(frames)]


def _between(fragments: Sequence[Span], firsts: Sequence[int]) -> list[Sequence[Span]]:
    return [fragments[one:two] for one, two in pairwise((*firsts, len(fragments)))]


def offsets_of(groups: Sequence[Sequence[Span]]) -> list[int]:
    """Return where each frame begins, from the first byte behind the Basic Offset Table."""
    found = []
    position = 0
    for group in groups:
        found.append(position)
        position += sum(length + _ITEM_HEADER for _, length in group)
    return found
