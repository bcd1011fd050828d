"""JPEG and JPEG-LS frames: the segments that steer decoding, and the entropy-coded data between them.

ISO/IEC 10918-1 Annex B and 14495-1 Annex C. Dropped are comments, application segments (but for JFIF, Adobe and the
colour transform of HP, which change how samples are read), tables that no scan uses, fill bytes, and everything
behind the end of image.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from orthanc_deid.bounded_cache import LONGEST
from orthanc_deid.deid.pixels.frames.jpeg_tables import Tables
from orthanc_deid.deid.pixels.frames.parts import Part, Parts, number, unreadable
from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.errors import RefusedError

_SOI, _EOI, _SOS, _DNL, _DRI, _DHP, _EXP, _COM = 0xD8, 0xD9, 0xDA, 0xDC, 0xDD, 0xDE, 0xDF, 0xFE
_DHT, _DAC, _DQT = 0xC4, 0xCC, 0xDB
_APP0, _APP8, _APP14 = 0xE0, 0xE8, 0xEE
_SOF55, _LSE = 0xF7, 0xF8
_FRAME_HEADERS: Final = frozenset({*range(0xC0, 0xD0)} - {_DHT, 0xC8, _DAC}) | {_SOF55}
_APPLICATION: Final = range(0xE0, 0xF0)

_END_OF_SCAN: Final = re.compile(rb"\xff[^\x00\xd0-\xd7]")
_END_OF_SCAN_LS: Final = re.compile(rb"\xff[\x80-\xcf\xd8-\xff]")
"""Behind 0xFF stands a byte below 0x80 inside JPEG-LS data (bit stuffing), 0x00 inside JPEG data."""
_JFIF_CONTENT: Final = 14
_ADOBE_CONTENT: Final = 12
_PLAIN_JFIF: Final = b"\xff\xe0\x00\x10JFIF\0\x01\x01\x00\x00\x01\x00\x01\x00\x00"
_PLAIN_ADOBE: Final = frozenset(
    version + flags + b"\0\0"
    for version in (b"\0\x64", b"\0\x65")
    for flags in (b"\0\0", b"\x40\0", b"\x80\0", b"\xc0\0")
)
"""Version and flags as encoders write them (DCTEncode of PostScript)."""
_PRESET, _MAPPING, _MAPPING_MORE, _SIZE = 1, 2, 3, 4  # the kinds of LSE
_MOST_BEFORE_DATA: Final = 64
_MOST_SEGMENTS: Final = 4096  # frames have some ten; a limit for hostile ones
FEW_BYTES: Final = 8
"""Bytes of data that a frame without an image may hold: no decoder reads them, and they hold no name."""


def jpeg_parts(frame: Buffer) -> list[Part]:
    """Return the parts of a JPEG or JPEG-LS frame that decoding needs. Raises RefusedError."""
    start = _first_data(frame)
    known = _parts_before_data(bytes(frame[:start])) if 0 < start <= LONGEST else None
    if known is not None:  # of a frame with one scan, as nearly all are, the search for its end is left
        found = (_END_OF_SCAN_LS if known.is_ls else _END_OF_SCAN).search(frame, start)
        if found is not None and frame[found.start() + 1] == _EOI:
            return [*known.parts, (known.last, found.start() + 2)]
    reading = _Reading(frame)
    reading.run()
    return reading.written()


class _BeforeData(NamedTuple):
    """The parts of a frame up to its first entropy-coded data; `last`: the start of the part that the data joins."""

    parts: list[Part]
    last: int
    is_ls: bool


def _first_data(frame: Buffer) -> int:
    """Return where the first entropy-coded data begins, 0 where segments do not simply follow each other."""
    at, size = 2, len(frame)
    for _ in range(_MOST_BEFORE_DATA):
        if at + 4 > size or frame[at] != 0xFF:
            return 0
        marker = frame[at + 1]
        if marker < 0xC0 or 0xD0 <= marker <= _EOI or marker == 0xFF:  # no segment
            return 0
        at += 2 + (frame[at + 2] << 8 | frame[at + 3])
        if marker == _SOS:
            return at if at <= size else 0
    return 0


@lru_cache(maxsize=64)
def _parts_before_data(header: bytes) -> _BeforeData | None:
    """Return what a frame with the segments of `header` and one scan begins with; None where it must be read whole.

    The frames of an instance, and those of a series, share it.
    """
    reading = _Reading(header + b"\xff\xd9")
    try:
        reading.run()
        *parts, last = reading.written()
    except RefusedError:
        return None
    if not reading.has_image or not isinstance(last, tuple):
        return None
    return _BeforeData(parts, last[0], reading.is_ls)


class _Reading:
    """One pass over the segments of a frame; each step adds a part, or a table whose use is not known yet."""

    def __init__(self, frame: Buffer) -> None:
        self._frame = frame
        self._entries: list[Part | int] = []  # a part, or the number of a segment of tables
        self._tables = Tables(frame)
        self._header = 0  # the marker of the frame header
        self._mapped: set[int] = set()  # mapping tables that a scan uses
        self._mapping: list[tuple[int, int, int]] = []  # place in `_entries`, table, number of the segment
        self._colour = {"JFIF": False, "Adobe": False, "HP": False}
        self._scans = 0
        self._data = 0  # bytes of entropy-coded data

    def run(self) -> None:
        at, marker = self._marker(0)
        if marker != _SOI:
            raise unreadable("no JPEG")
        self._entries.append((at, at + 2))
        at += 2
        for _ in range(_MOST_SEGMENTS):
            if len(self._entries) > _MOST_SEGMENTS:
                break
            at, marker = self._marker(at)
            if marker == _EOI:
                self._entries.append((at, at + 2))
                return
            at = self._segment(at, marker)
        raise unreadable("too many segments")

    @property
    def has_image(self) -> bool:
        """Whether there is a frame header."""
        return self._header > 0

    @property
    def is_ls(self) -> bool:
        """Whether the frame header is that of JPEG-LS."""
        return self._header == _SOF55

    def _marker(self, at: int) -> tuple[int, int]:
        """Return where the next marker stands and its second byte; fill bytes before it are left out."""
        frame = self._frame
        while frame[at : at + 2] == b"\xff\xff":
            at += 1
        if at + 2 > len(frame):
            raise unreadable("without its end")
        if frame[at] != 0xFF or frame[at + 1] == 0:
            raise unreadable("bytes between segments")
        return at, frame[at + 1]

    def _segment(self, at: int, marker: int) -> int:
        """Read the segment of `marker` at `at`, and the scan behind a scan header; return its end."""
        length = number(self._frame, at + 2, 2)
        end = at + 2 + length
        if length < 2 or end > len(self._frame):
            raise unreadable("cut off")
        if marker == _COM:
            return end
        if marker in _APPLICATION:
            self._application(at, marker, length)
        elif marker in (_DQT, _DHT):
            self._entries.append(self._tables.define(marker == _DQT, at, end))
        elif marker == _LSE:
            self._preset(at, end)
        else:
            self._check_length(at, marker, length)
            self._entries.append((at, end))
            if marker == _SOS:
                return self._scan(at, end)
        return end

    def _check_length(self, at: int, marker: int, length: int) -> None:
        frame = self._frame
        due: tuple[int, ...]
        if marker in _FRAME_HEADERS or marker == _DHP:
            due = (8 + 3 * number(frame, at + 9, 1),)
            self._header = self._header if marker == _DHP else marker
            self._tables.frame_header(at, marker, due[0])
        elif marker == _SOS:
            due = (6 + 2 * number(frame, at + 4, 1),)
        elif marker in (_DRI, _DNL):
            due = (4, 5, 6) if self._header == _SOF55 else (4,)
        elif marker == _EXP:
            due = (3,)
        elif marker == _DAC:
            due = (length if length % 2 == 0 and length <= 2 + 2 * 8 else 0,)
        else:
            raise unreadable("unknown segment")
        if length not in due:
            raise unreadable("segment of a wrong length")

    def _application(self, at: int, marker: int, length: int) -> None:
        """Keep what changes the colours that a decoder returns, in its shortest form and once."""
        frame, content = self._frame, length - 2
        head = bytes(frame[at + 4 : at + 4 + min(content, _JFIF_CONTENT)])
        if self._scans:
            return
        if marker == _APP0 and head[:5] == b"JFIF\0" and content >= _JFIF_CONTENT and self._first("JFIF"):
            as_it_is = content == _JFIF_CONTENT and _is_plain(head)
            self._entries.append((at, at + 2 + length) if as_it_is else _PLAIN_JFIF)
        elif marker == _APP14 and head[:5] == b"Adobe" and content >= _ADOBE_CONTENT and self._first("Adobe"):
            as_it_is = content == _ADOBE_CONTENT and head[5:11] in _PLAIN_ADOBE
            shortest = b"\xff\xee\x00\x0eAdobe\0\x64\0\0\0\0" + head[11:12]
            self._entries.append((at, at + 2 + length) if as_it_is else shortest)
        elif marker == _APP8 and head[:4] == b"mrfx" and content >= 5 and self._first("HP"):
            as_it_is = content == len(b"mrfx") + 1
            shortest = b"\xff\xe8\x00\x07mrfx" + head[4:5]
            self._entries.append((at, at + 2 + length) if as_it_is else shortest)

    def _first(self, name: str) -> bool:
        seen, self._colour[name] = self._colour[name], True
        return not seen

    def _preset(self, at: int, end: int) -> None:
        """Read a segment of preset parameters of JPEG-LS (ISO/IEC 14495-1 C.2.4.1)."""
        frame = self._frame
        kind = number(frame, at + 4, 1)
        if (kind == _PRESET and end - at == 2 + 13) or (
            kind == _SIZE and end - at == 2 + 4 + 2 * number(frame, at + 5, 1)
        ):
            self._entries.append((at, end))
        elif kind in (_MAPPING, _MAPPING_MORE) and end - at > 2 + 5:
            if (end - at - 7) % max(1, number(frame, at + 6, 1)):
                raise unreadable("segment of a wrong length")
            self._mapping.append((len(self._entries), number(frame, at + 5, 1), at))
            self._entries.append((at, end))
        else:
            raise unreadable("segment of a wrong length")

    def _scan(self, at: int, start: int) -> int:
        """Take the entropy-coded data from `start`, the end of the scan header at `at`; return its end."""
        frame = self._frame
        self._scans += 1
        components = number(frame, at + 4, 1)
        is_ls = self.is_ls
        if is_ls:
            self._mapped.update(number(frame, at + 6 + 2 * each, 1) for each in range(components))
        else:
            self._tables.scan_header(at, components)
        pattern = _END_OF_SCAN_LS if is_ls else _END_OF_SCAN
        first = start
        while (found := pattern.search(frame, start)) is not None:
            at = found.start()
            marker, behind = frame[at + 1], at + 1
            while marker == 0xFF and behind + 1 < len(frame):  # fill bytes before a marker
                behind += 1
                marker = frame[behind]
            if behind == at + 1 or not (marker == 0 or 0xD0 <= marker <= 0xD7):
                break
            if is_ls and marker == 0:
                break
            self._entries.append((first, at + 1))  # one 0xFF of several stays
            if len(self._entries) > _MOST_SEGMENTS:
                raise unreadable("too many segments")
            self._data += at - first
            first = start = behind
        else:
            raise unreadable("without its end")
        self._entries.append((first, at))
        self._data += at - first
        return at

    def written(self) -> list[Part]:
        """Return the parts that are written, without tables that no scan uses."""
        if not self._header and self._data > FEW_BYTES:
            raise unreadable("without its header")
        unmapped = {place for place, table, _ in self._mapping if table not in self._mapped}
        parts = Parts()
        for place, entry in enumerate(self._entries):
            if isinstance(entry, int):
                parts.take(self._tables.written(entry))
            elif place not in unmapped:
                parts.take([entry])
        return parts.list


def _is_plain(jfif: bytes) -> bool:
    """Whether a JFIF segment holds no more than a resolution that is the same in both directions."""
    return (
        jfif[5] == 1 and jfif[6] <= 2 and jfif[7] <= 2 and jfif[8:10] == jfif[10:12] and jfif[12:] == b"\0\0"
    )
