"""Encapsulated Pixel Data (PS3.5 section A.4): its fragments, the frames that they make, and what is written of each.

Fragments that belong to no frame go. A frame that needs no change keeps its fragments; any other becomes one
fragment. Offset tables are written anew where they are not true.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, NamedTuple

from orthanc_deid.deid.pixels.frames.formats import FrameFormat, starts_frame
from orthanc_deid.deid.pixels.frames.parts import Part, joined, length_of, unreadable
from orthanc_deid.deid.pixels.frames.scattered import Frame, Scattered
from orthanc_deid.dicom.elements import ITEM_KEY, SEQUENCE_DELIMITATION_KEY
from orthanc_deid.dicom.slices import Buffer

_HEADER: Final = 8
_DELIMITER: Final = SEQUENCE_DELIMITATION_KEY + bytes(4)
_LONGEST_FRAGMENT: Final = 0xFFFFFFFE
_LARGEST_OFFSET: Final = 0xFFFFFFFF

ByteEdit = tuple[int, int, bytes]
"""(start, end, replacement) in the buffer."""


class Fragment(NamedTuple):
    """The bytes of a fragment in the buffer, behind its item header of 8 bytes."""

    start: int
    end: int


@dataclass(slots=True)
class Encapsulated:
    """The changes of one encapsulated value.

    `edits`: in the order of the buffer. `offsets` and `lengths`: of each frame as it is written, as in Extended
    Offset Table and Extended Offset Table Lengths; `offsets` is empty where a frame has several fragments. `total`:
    the bytes of all fragments that are written. `has_basic_offsets`: the Basic Offset Table that is written has
    entries.
    """

    edits: list[ByteEdit] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    total: int = 0
    has_basic_offsets: bool = False


NewFrame = Callable[[int, bytes], bytes | None]
"""(number from 0, bytes of a frame that decoding needs) -> what is written instead; None: the frame as it is."""


def fragments_of_frames(
    buffer: Buffer,
    position: tuple[int, int],
    frames: int,
    form: FrameFormat,
    extended: Sequence[int] = (),
) -> list[list[Fragment]]:
    """Return the fragments of each frame of a value, as `cleaned` groups them. Raises RefusedError."""
    fragments, _ = _fragments(buffer, *position)
    if not fragments:
        raise unreadable("no fragments")
    table, *rest = fragments
    return list(_groups(buffer, rest, frames, form, _basic_offsets(buffer, table), extended))


def cleaned(
    buffer: Buffer,
    position: tuple[int, int],
    frames: int,
    form: FrameFormat,
    extended: Sequence[int] = (),
    new_frame: NewFrame | None = None,
) -> Encapsulated:
    """Return the changes of the value at `position`, from its first item to the end of its delimiter.

    `frames`: Number of Frames. `extended`: the values of Extended Offset Table. `new_frame`: what is written instead
    of a frame. Raises RefusedError.
    """
    start, end = position
    fragments, last = _fragments(buffer, start, end)
    if not fragments:
        raise unreadable("no fragments")
    table, *rest = fragments
    stated = _basic_offsets(buffer, table)
    groups = _groups(buffer, rest, frames, form, stated, extended)
    found = Encapsulated()
    offsets: list[int] = []
    several = False
    place = 0
    written = 0
    for index, group in enumerate(groups):
        offsets.append(place)
        edits, length, count = _frame(buffer, group, form, index, new_frame)
        found.edits += edits
        found.lengths.append(length)
        place += length + count * _HEADER
        several = several or count > 1
        written += len(group)
    if written < len(rest):
        found.edits.append((rest[written].start - _HEADER, rest[-1].end, b""))
    basic = _offset_table(table, offsets)
    found.has_basic_offsets = bool(basic)
    if bytes(buffer[table.start : table.end]) != basic:
        found.edits.insert(0, (table.start - 4, table.end, len(basic).to_bytes(4, "little") + basic))
    if bytes(buffer[last:end]) != _DELIMITER:
        found.edits.append((last, end, _DELIMITER))
    found.offsets = [] if several else offsets
    found.total = sum(found.lengths)
    return found


def _fragments(buffer: Buffer, start: int, end: int) -> tuple[list[Fragment], int]:
    """Return the fragments, the offset table among them, and where the last of them ends."""
    found = []
    while end - start >= _HEADER and bytes(buffer[start : start + 4]) == ITEM_KEY:
        stop = start + _HEADER + int.from_bytes(buffer[start + 4 : start + 8], "little")
        if stop > end:
            raise unreadable("cut off")
        found.append(Fragment(start + _HEADER, stop))
        start = stop
    return found, start


def _basic_offsets(buffer: Buffer, table: Fragment) -> Sequence[int]:
    count = (table.end - table.start) // 4
    return struct.unpack_from(f"<{count}I", buffer, table.start)


def _groups(
    buffer: Buffer,
    fragments: list[Fragment],
    frames: int,
    form: FrameFormat,
    stated: Sequence[int],
    extended: Sequence[int],
) -> Iterator[list[Fragment]] | list[list[Fragment]]:
    """Return the fragments of each frame, no more than `frames` of them."""
    if form.is_one_stream:
        return [fragments]
    if len(fragments) <= frames:
        return [[each] for each in fragments]
    if frames == 1:
        return [fragments]
    for offsets in (stated, extended):
        places = {each.start - fragments[0].start: place for place, each in enumerate(fragments)}
        starts = [places.get(offset, -1) for offset in offsets]
        if len(starts) == frames and starts[0] == 0 and all(one < two for one, two in pairwise(starts)):
            return _cut(fragments, starts)
    starts = [
        place for place, each in enumerate(fragments) if starts_frame(buffer[each.start : each.start + 16])
    ]
    if starts[:1] == [0] and len(starts) >= frames:
        return _cut(fragments, starts)[:frames]
    return [[each] for each in fragments[:frames]]


def _cut(fragments: list[Fragment], starts: list[int]) -> list[list[Fragment]]:
    return [fragments[one:two] for one, two in zip(starts, [*starts[1:], len(fragments)], strict=True)]


def _frame(
    buffer: Buffer, group: list[Fragment], form: FrameFormat, index: int, new_frame: NewFrame | None
) -> tuple[list[ByteEdit], int, int]:
    """Return the changes of one frame, the bytes of its fragments as they are written, and their number."""
    view = memoryview(buffer)
    pieces = [view[each.start : each.end] for each in group]
    frame: Frame = pieces[0] if len(pieces) == 1 else Scattered(pieces)
    parts = form.parts(frame)
    if new_frame is not None and (new := new_frame(index, joined(bytes(frame), parts))) is not None:
        parts = [joined(new, form.parts(new))]
    size = length_of(parts)
    length = size + size % 2
    if parts == [(0, size)] and len(frame) == length and (size == length or frame[size] == 0):
        return [], length, len(group)
    if length > _LONGEST_FRAGMENT:
        raise unreadable("too long for one fragment")
    return list(_edits(group, parts, length, size % 2)), length, 1


def _edits(group: list[Fragment], parts: list[Part], length: int, padding: int) -> Iterator[ByteEdit]:
    """Yield the changes that make one fragment of the parts of a frame; its bytes are not copied."""
    cursor, new = group[0].start - 4, length.to_bytes(4, "little")
    for part in _in_buffer(group, parts):
        if isinstance(part, bytes):
            new += part
            continue
        start, end = part
        if start > cursor or new:
            yield cursor, start, new
        cursor, new = end, b""
    new += bytes(padding)
    if cursor < group[-1].end or new:
        yield cursor, group[-1].end, new


def _in_buffer(group: list[Fragment], parts: list[Part]) -> Iterator[Part]:
    """Yield the parts of a frame with their places in the buffer; a range over several fragments is several."""
    place, base = 0, 0  # of a fragment: its number, and where it begins in the frame
    for part in parts:
        if isinstance(part, bytes):
            yield part
            continue
        start, end = part
        while start < end:
            fragment = group[place]
            size = fragment.end - fragment.start
            if start >= base + size:
                place, base = place + 1, base + size
                continue
            stop = min(end, base + size)
            yield fragment.start + start - base, fragment.start + stop - base
            start = stop


def _offset_table(table: Fragment, offsets: list[int]) -> bytes:
    """Return the Basic Offset Table: empty if it was, else the true offsets."""
    if table.start == table.end or not offsets or offsets[-1] > _LARGEST_OFFSET:
        return b""
    return struct.pack(f"<{len(offsets)}I", *offsets)
