"""Lossy JPEG frames (baseline and extended sequential, 8 and 12 bits) with regions written over.

The blocks that hold a region become blank: a DC coefficient, and no others. Every other block keeps
its coefficients: nothing outside of regions is encoded a second time. Regions grow to blocks, of colour to MCUs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from orthanc_deid.deid.pixels.blanking.huffman import HuffmanTable
from orthanc_deid.deid.pixels.blanking.scan import Blank, Scan, ScanComponent, blanked_scan
from orthanc_deid.deid.pixels.codecs.codestream_header import jpeg_header
from orthanc_deid.deid.pixels.codecs.jpeg import decoded_jpeg
from orthanc_deid.deid.pixels.fill import Fill, Region
from orthanc_deid.deid.pixels.image_shape import ImageShape, refused

_SOF0, _SOF1, _DHT, _SOS, _EOI, _DQT, _DRI, _APP0, _APP14 = (
    0xC0,
    0xC1,
    0xC4,
    0xDA,
    0xD9,
    0xDB,
    0xDD,
    0xE0,
    0xEE,
)
_SEQUENTIAL: Final = (_SOF0, _SOF1)
_OTHER_FRAMES: Final = frozenset({*range(0xC2, 0xD0), 0xDC, 0xDE, 0xF7}) - {_DHT, 0xC8}
_END_OF_SCAN: Final = re.compile(rb"\xff[^\x00\xd0-\xd7]")
_BLOCK: Final = 8


class _Component(NamedTuple):
    """One component of the frame header: its number, sampling factors and quantization table."""

    number: int
    across: int
    down: int
    table: int


@dataclass(slots=True)
class _Tables:
    """The tables in force: Huffman tables by class and number, steps of DC coefficients by number."""

    huffman: dict[int, HuffmanTable] = field(default_factory=dict)
    dc_steps: dict[int, int] = field(default_factory=dict)
    restart: int = 0


def whole_blocks(frame: bytes, shape: ImageShape, region: Region) -> Region:
    """Return the region that changes with `region`: the blocks, or MCUs, that hold it, within the image."""
    down, across = _unit(_frame_header(frame)[1])
    rows, columns = region
    return _grown(rows, down, shape.rows), _grown(columns, across, shape.columns)


def _grown(pixels: range, unit: int, limit: int) -> range:
    start = pixels.start - pixels.start % unit
    return range(start, min(limit, -(-pixels.stop // unit) * unit))


def _unit(components: Sequence[_Component]) -> tuple[int, int]:
    """Return rows and columns of the blocks that are written over together."""
    if len(components) == 1:
        return _BLOCK, _BLOCK
    return _BLOCK * max(each.down for each in components), _BLOCK * max(each.across for each in components)


def _frame_header(frame: bytes) -> tuple[int, list[_Component]]:
    """Return where SOF stands, and its components; raises RefusedError for any other process."""
    header = jpeg_header(frame)
    if header.process not in _SEQUENTIAL:
        refused("a JPEG process whose blocks cannot be written over")
    at = 2
    while frame[at + 1] != header.process:
        at += 2 + int.from_bytes(frame[at + 2 : at + 4], "big")
    found = []
    for place in range(at + 10, at + 10 + 3 * header.components, 3):
        number, factors, table = frame[place : place + 3]
        across, down = factors >> 4, factors & 15
        if not (1 <= across <= 4 and 1 <= down <= 4):
            refused("a frame that cannot be decoded")
        found.append(_Component(number, across, down, table))
    return at, found


def blanked_jpeg(frame: bytes, shape: ImageShape, regions: Sequence[Region], fill: Fill) -> bytes:
    """Return a frame with blank `regions`, which `whole_blocks` returned. Raises RefusedError."""
    header = jpeg_header(frame)
    header.check(shape)
    try:
        return _Writing(frame, shape, regions, fill).run()
    except (IndexError, KeyError, ValueError):
        refused("a frame that cannot be decoded")


class _Writing:
    """One pass over the segments of a frame; `_pieces` are what is written, tables as objects until the end."""

    def __init__(self, frame: bytes, shape: ImageShape, regions: Sequence[Region], fill: Fill) -> None:
        self._frame = frame
        self._shape = shape
        _, self._components = _frame_header(frame)
        self._precision = jpeg_header(frame).precision
        self._levels = self._fill_levels(regions, fill)
        self._blank = self._blank_units(regions)
        self._tables = _Tables()
        self._pieces: list[bytes | list[tuple[int, HuffmanTable]]] = [frame[:2]]

    def run(self) -> bytes:
        frame, at = self._frame, 2
        while True:
            if frame[at] != 0xFF:
                refused("a frame that cannot be decoded")
            marker = frame[at + 1]
            if marker == _EOI:
                self._pieces.append(frame[at : at + 2])
                return b"".join(map(_encoded, self._pieces))
            if marker in _OTHER_FRAMES:
                refused("a JPEG process whose blocks cannot be written over")
            end = at + 2 + int.from_bytes(frame[at + 2 : at + 4], "big")
            content = frame[at + 4 : end]
            if marker == _DHT:
                self._pieces.append(list(self._huffman_tables(content)))
            else:
                self._pieces.append(frame[at:end])
                if marker == _DQT:
                    self._quantization(content)
                elif marker == _DRI:
                    self._tables.restart = int.from_bytes(content, "big")
                elif marker == _SOS:
                    end = self._scan(content, end)
            at = end

    def _fill_levels(self, regions: Sequence[Region], fill: Fill) -> tuple[int, ...]:
        """Return the level of each component of the fill."""
        if len(self._components) > 1:
            middle = 1 << (self._precision - 1)
            return (0, middle, middle) if self._has_colour_differences() else (0, 0, 0)
        return fill.of(decoded_jpeg(self._frame, self._shape), regions)

    def _has_colour_differences(self) -> bool:
        """Whether the components are YCbCr: by JFIF or Adobe, the numbers of components, or the attributes."""
        frame, at = self._frame, 2
        while frame[at + 1] != _SOS:
            if frame[at + 1] == _APP0 and frame[at + 4 : at + 8] == b"JFIF":
                return True
            if frame[at + 1] == _APP14 and frame[at + 4 : at + 9] == b"Adobe":
                return frame[at + 15] != 0
            at += 2 + int.from_bytes(frame[at + 2 : at + 4], "big")
        if bytes(each.number for each in self._components) == b"RGB":
            return False
        return self._shape.photometric != "RGB"

    def _blank_units(self, regions: Iterable[Region]) -> Blank:
        down, across = _unit(self._components)
        blank = np.zeros((-(-self._shape.rows // down), -(-self._shape.columns // across)), np.bool_)
        for rows, columns in regions:
            top, left = rows.start // down, columns.start // across
            blank[top : -(-rows.stop // down), left : -(-columns.stop // across)] = True
        return blank

    def _huffman_tables(self, content: bytes) -> Iterable[tuple[int, HuffmanTable]]:
        at = 0
        while at < len(content):
            key, counts = content[at], content[at + 1 : at + 17]
            symbols = content[at + 17 : at + 17 + sum(counts)]
            if len(counts) < 16 or len(symbols) < sum(counts):
                refused("a frame that cannot be decoded")
            table = self._tables.huffman[key] = HuffmanTable(counts, symbols)
            yield key, table
            at += 17 + len(symbols)

    def _quantization(self, content: bytes) -> None:
        at = 0
        while at < len(content):
            size, number = (content[at] >> 4) + 1, content[at] & 15
            self._tables.dc_steps[number] = int.from_bytes(content[at + 1 : at + 1 + size], "big")
            at += 1 + 64 * size

    def _scan(self, content: bytes, start: int) -> int:
        """Write the scan whose data begins at `start`; return where the next marker stands."""
        found = _END_OF_SCAN.search(self._frame, start)
        if found is None:
            refused("a frame that cannot be decoded")
        count = content[0]
        if content[1 + 2 * count : 4 + 2 * count] != b"\x00\x3f\x00":
            refused("a JPEG process whose blocks cannot be written over")
        places = {each.number: place for place, each in enumerate(self._components)}
        chosen = [(places[content[at]], content[at + 1]) for at in range(1, 1 + 2 * count, 2)]
        components = [self._scan_component(place, tables) for place, tables in chosen]
        per_row, total = self._mcus([place for place, _ in chosen])
        scan = Scan(components, per_row, total, self._tables.restart, self._blank)
        self._pieces.append(blanked_scan(self._frame[start : found.start()], scan))
        return found.start()

    def _scan_component(self, place: int, tables: int) -> ScanComponent:
        one, huffman = self._components[place], self._tables.huffman
        is_alone = len(self._components) == 1
        across, down = (1, 1) if is_alone else (one.across, one.down)
        return ScanComponent(
            huffman[tables >> 4], huffman[0x10 | tables & 15], across, down, self._blank_dc(place)
        )

    def _blank_dc(self, place: int) -> int:
        """Return the DC coefficient of a blank block, rounded to the side of the other samples."""
        step = self._tables.dc_steps[self._components[place].table]
        due = (self._levels[place] - (1 << (self._precision - 1))) * _BLOCK
        if len(self._components) == 1 and self._shape.photometric != "MONOCHROME1":
            return -(-due // step)
        return due // step

    def _mcus(self, places: Sequence[int]) -> tuple[int, int]:
        """Return the MCUs in a row and in the whole of a scan of these components."""
        rows, columns = self._blank.shape
        if len(places) > 1 or len(self._components) == 1:
            return columns, rows * columns
        one, down, across = self._components[places[0]], *_unit(self._components)
        per_row = _up(_up(self._shape.columns * one.across * _BLOCK, across), _BLOCK)
        return per_row, per_row * _up(_up(self._shape.rows * one.down * _BLOCK, down), _BLOCK)


def _up(number: int, by: int) -> int:
    """Return the quotient, rounded up."""
    return -(-number // by)


def _encoded(piece: bytes | list[tuple[int, HuffmanTable]]) -> bytes:
    """Return a piece as it is written, tables as a DHT segment."""
    if isinstance(piece, bytes):
        return piece
    content = b"".join(bytes((key,)) + table.written() for key, table in piece)
    return b"\xff\xc4" + (len(content) + 2).to_bytes(2, "big") + content
