"""RLE frames (PS3.5 Annex G): the header names the segments and nothing else, which end where their samples do."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from orthanc_deid.deid.pixels.frames.parts import Part, Parts, unreadable
from orthanc_deid.dicom.slices import Buffer

_HEADER: Final = 64
_MOST_SEGMENTS: Final = 15
_NO_RUN: Final = 128
_STEPS: Final = tuple(run + 2 if run < _NO_RUN else 1 if run == _NO_RUN else 2 for run in range(256))
"""Bytes of a run in the segment, by its first byte."""
_COUNTS: Final = tuple(run + 1 if run < _NO_RUN else 0 if run == _NO_RUN else 257 - run for run in range(256))
"""Bytes that it stands for."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment from `start` to `end` of the frame, without padding."""

    start: int
    end: int


def rle_segments(frame: Buffer, length: int, count: int) -> list[Segment]:
    """Return the segments of a frame: `count` of them, each of `length` bytes decoded. Raises RefusedError."""
    if len(frame) < _HEADER:
        raise unreadable("cut off")
    stated, *offsets = struct.unpack_from("<16I", frame)
    if stated != count or not 1 <= stated <= _MOST_SEGMENTS:
        raise unreadable("another number of RLE segments than its attributes say")
    limits = [*offsets[1:stated], len(frame)]
    segments = []
    last = _HEADER
    for start, limit in zip(offsets, limits, strict=False):
        if not last <= start <= limit <= len(frame):
            raise unreadable("RLE segments out of order")
        last = _end_of(frame, start, limit, length)
        segments.append(Segment(start, last))
    return segments


def _end_of(frame: Buffer, start: int, limit: int, length: int) -> int:
    """Return where the runs end that stand for `length` bytes."""
    data = bytes(frame[start:limit])
    at, done, run = 0, 0, _NO_RUN
    try:
        while done < length:
            run = data[at]
            at += _STEPS[run]
            done += _COUNTS[run]
    except IndexError:
        raise unreadable("cut off") from None
    if at > len(data):
        raise unreadable("cut off")
    if done > length + 1 and run < _NO_RUN:
        raise unreadable("an RLE segment of more bytes than samples")
    return start + at


def rle_parts(frame: Buffer, segments: list[Segment]) -> list[Part]:
    """Return the parts of a frame with these segments. At most one zero stays between two of them."""
    at, places = _HEADER, []
    body = Parts()
    followers = [each.start for each in segments[1:]] + [segments[-1].end]
    for segment, following in zip(segments, followers, strict=True):
        places.append(at)
        body.keep(segment.start, segment.end)
        at += segment.end - segment.start
        if following == segment.end + 1 and frame[segment.end] == 0:
            body.keep(segment.end, following)
            at += 1
        elif following > segment.end and at % 2:
            body.put(b"\0")
            at += 1
    header = struct.pack("<16I", len(places), *places, *[0] * (_MOST_SEGMENTS - len(places)))
    parts = Parts()
    if bytes(frame[:_HEADER]) == header:
        parts.keep(0, _HEADER)
    else:
        parts.put(header)
    parts.take(body.list)
    return parts.list


def decoded(frame: Buffer, segment: Segment) -> Iterator[bytes]:
    """Yield the bytes that a segment stands for, run by run."""
    data = bytes(frame[segment.start : segment.end])
    at = 0
    while at < len(data):
        run = data[at]
        if run < _NO_RUN:
            yield data[at + 1 : at + 2 + run]
        elif run > _NO_RUN:
            yield data[at + 1 : at + 2] * (257 - run)
        at += _STEPS[run]
