"""The bytes that samples take by the attributes beside them (PS3.5 section 8, PS3.3 C.7.6.3, C.9.2, C.10.9)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from orthanc_deid.deid.binary_numbers import FORMATS, unpack
from orthanc_deid.dicom.elements import LONG_VRS, Entry, EventKind, Op, key_tag, vr_of_key
from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.dicom.tags import (
    BITS_ALLOCATED,
    COLUMNS,
    DOUBLE_FLOAT_PIXEL_DATA,
    FLOAT_PIXEL_DATA,
    NUMBER_OF_FRAMES,
    NUMBER_OF_WAVEFORM_CHANNELS,
    NUMBER_OF_WAVEFORM_SAMPLES,
    OVERLAY_DATA,
    PHOTOMETRIC_INTERPRETATION,
    PIXEL_DATA_TAGS,
    ROWS,
    SAMPLES_PER_PIXEL,
    WAVEFORM_BITS_ALLOCATED,
    WAVEFORM_DATA,
)
from orthanc_deid.dicom.uniform_tables import MOST_ENTRIES, SKIP_EXPLICIT, SKIP_IMPLICIT
from orthanc_deid.dicom.walker import walk
from orthanc_deid.profile.vr_kinds import implicit_vr

IMAGE_SIZE: Final = frozenset(
    {ROWS, COLUMNS, SAMPLES_PER_PIXEL, NUMBER_OF_FRAMES, BITS_ALLOCATED, PHOTOMETRIC_INTERPRETATION}
)
"""The attributes that give the length of Pixel Data."""

_WAVEFORM_SIZE: Final = frozenset(
    {NUMBER_OF_WAVEFORM_CHANNELS, NUMBER_OF_WAVEFORM_SAMPLES, WAVEFORM_BITS_ALLOCATED}
)
_IN_ORDER: Final = tuple(IMAGE_SIZE)
_FLOATS: Final = {FLOAT_PIXEL_DATA: 32, DOUBLE_FLOAT_PIXEL_DATA: 64}
_HALF_COLOUR: Final = frozenset({"YBR_FULL_422", "YBR_PARTIAL_422"})
_OVERLAY_ROWS, _OVERLAY_COLUMNS, _OVERLAY_FRAMES = 0x10, 0x11, 0x15

_WHOLE_NUMBER = re.compile(r"[0-9]{1,12}", re.ASCII).fullmatch

Values = Mapping[int, tuple[str, ...]]
"""Trimmed values of one data set by tag."""


def is_samples(tag: int) -> bool:
    """Whether the attribute holds samples of an image, an overlay or a waveform."""
    return tag in PIXEL_DATA_TAGS or tag == WAVEFORM_DATA or _is_overlay(tag)


def describing(tag: int) -> frozenset[int]:
    """Return the attributes of the same data set that give the length of the samples in `tag`."""
    if tag == WAVEFORM_DATA:
        return _WAVEFORM_SIZE
    if _is_overlay(tag):
        group = tag & 0xFFFF0000
        return frozenset(group | number for number in (_OVERLAY_ROWS, _OVERLAY_COLUMNS, _OVERLAY_FRAMES))
    return IMAGE_SIZE


def samples_length(tag: int, values: Values, present: int) -> int | None:
    """Return the bytes that native samples take, without padding; None where `values` do not give their number.

    `present`: the bytes of the value. An image whose colours are stored for every second pixel by its Photometric
    Interpretation may hold them for every pixel instead, if its value has exactly that length. Of a Number of Frames
    that is no number, as many frames count as are present in full.
    """
    tags = _IN_ORDER if tag in PIXEL_DATA_TAGS else tuple(describing(tag))
    return _length(tag, tags, tuple([values.get(each, ()) for each in tags]), present)


@lru_cache(maxsize=64)  # the instances of a series share the answer
def _length(
    tag: int, tags: tuple[int, ...], described: tuple[tuple[str, ...], ...], present: int
) -> int | None:
    values = dict(zip(tags, described, strict=True))
    if tag == WAVEFORM_DATA:
        channels, samples, bits = (_number(values, each) for each in sorted(_WAVEFORM_SIZE))
        return _bytes(channels * samples * bits)
    if _is_overlay(tag):
        rows, columns, frames = (_number(values, each) for each in sorted(describing(tag)))
        return _bytes(rows * columns * max(1, frames))
    rows, columns = _number(values, ROWS), _number(values, COLUMNS)
    bits = _FLOATS.get(tag) or _number(values, BITS_ALLOCATED)
    per_pixel = max(1, _number(values, SAMPLES_PER_PIXEL))
    plane = rows * columns * bits
    frames = _frames(values, plane * per_pixel, present)
    full = _bytes(plane * per_pixel * frames)
    photometric = values.get(PHOTOMETRIC_INTERPRETATION, ())[:1]
    if full is None or per_pixel != 3 or not _HALF_COLOUR.issuperset(photometric or ("",)):
        return full
    if present == full + full % 2:
        return full
    return _bytes(rows * (columns + columns % 2) * bits * 2 * frames)


def _frames(values: Values, frame: int, present: int) -> int:
    """Return Number of Frames, 1 where it is missing; `frame`: the bits of one."""
    stated = values.get(NUMBER_OF_FRAMES, ())[:1]
    if not any(stated):
        return 1
    return _number(values, NUMBER_OF_FRAMES) or max(1, present * 8 // max(1, frame))


def _bytes(bits: int) -> int | None:
    return -(-bits // 8) or None


def _is_overlay(tag: int) -> bool:
    return tag & 0xFF00FFFF == OVERLAY_DATA and not tag & 0x10000


def _number(values: Values, tag: int) -> int:
    """Return the first value as a number, 0 where there is none that counts something."""
    first = values.get(tag, ())[:1]
    return int(first[0]) if first and _WHOLE_NUMBER(first[0]) else 0


class _Noting(dict[bytes, Entry]):
    """The walker's table that notes the short elements among some tags of one data set."""

    def __init__(self, tags: frozenset[int], *, explicit: bool) -> None:
        super().__init__()
        self._tags = tags
        self._skipping = SKIP_EXPLICIT if explicit else SKIP_IMPLICIT
        self._explicit = explicit

    def __missing__(self, key: bytes) -> Entry:
        found = self._entry(key)
        if len(self) < MOST_ENTRIES:
            self[key] = found
        return found

    def _entry(self, key: bytes) -> Entry:
        tag = key_tag(key)
        if tag not in self._tags:
            return self._skipping[key]
        vr = vr_of_key(key) if self._explicit else implicit_vr(tag)
        return (Op.NOTE_LONG if self._explicit and vr in LONG_VRS else Op.NOTE, tag, (tag, vr), None)


@lru_cache(maxsize=64)
def _noting(tags: frozenset[int], *, explicit: bool) -> _Noting:
    return _Noting(tags, explicit=explicit)


def values_between(
    buffer: Buffer, start: int, end: int, tags: frozenset[int], *, explicit: bool
) -> dict[int, tuple[str, ...]]:
    """Return the values of `tags` among the elements of one data set in `buffer[start:end]`.

    Raises what `walker.walk` raises.
    """
    found: dict[int, tuple[str, ...]] = {}
    for kind, _, value, stop, noted in walk(
        buffer, start, end, _noting(tags, explicit=explicit), explicit=explicit
    ):
        if kind == EventKind.ELEMENT:
            tag, vr = noted
            raw = bytes(buffer[value:stop])
            numbers = map(str, unpack(raw, vr)) if vr in FORMATS else raw.decode("latin-1").split("\\")
            found[tag] = tuple(each.strip(" \0") for each in numbers)
    return found
