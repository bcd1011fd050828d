"""One entropy-coded scan of sequential JPEG, in which some blocks become blank; all others keep their coefficients.

ISO/IEC 10918-1 F.2.2: a block is a difference of the DC coefficient to that of the block before in its component, and
AC coefficients in runs. So the bits of a block that stays are copied; only the difference of the first block behind a
blank one is written anew.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from orthanc_deid.deid.pixels.blanking.huffman import END_OF_BLOCK, ENDED, HuffmanTable
from orthanc_deid.deid.pixels.image_shape import refused

_RESTART: Final = re.compile(rb"\xff[\xd0-\xd7]")
_SPARE: Final = 8  # bytes of ones behind a segment: a look-up may read beyond its end
_COEFFICIENTS: Final = 64
"""Of a block. Both look-ups of `_behind_block` are inline: it is the loop over all codes of a frame."""
_MOST_DC_BITS: Final = 16

Blank = NDArray[np.bool_]
"""Of each unit of an image (an MCU of all components, by row and column): whether it becomes blank."""


@dataclass(frozen=True, slots=True)
class ScanComponent:
    """One component of a scan. `across`, `down`: its blocks in a unit. `blank_dc`: coefficient of a blank block."""

    dc: HuffmanTable
    ac: HuffmanTable
    across: int
    down: int
    blank_dc: int


@dataclass(frozen=True, slots=True)
class Scan:
    """The geometry of a scan: MCUs in each row and in all; `is_one`: of one component, its MCU is one block."""

    components: Sequence[ScanComponent]
    per_row: int
    total: int
    restart: int
    blank: Blank

    @property
    def is_one(self) -> bool:
        return len(self.components) == 1

    def blank_mcus(self) -> Sequence[int]:
        """Return 1 for each MCU that becomes blank, else 0, in the order of the scan."""
        grid = self.blank
        if self.is_one:
            one = self.components[0]
            grid = np.repeat(np.repeat(grid, one.down, axis=0), one.across, axis=1)
            grid = grid[: self.total // self.per_row, : self.per_row]
        return grid.astype(np.uint8).tobytes()

    def blocks(self) -> list[int]:
        """Return the component of each block of an MCU."""
        if self.is_one:
            return [0]
        return [place for place, each in enumerate(self.components) for _ in range(each.across * each.down)]


def blanked_scan(data: bytes, scan: Scan) -> bytes:
    """Return the entropy-coded data of a scan with its blank MCUs; raises RefusedError for damaged data."""
    interval = scan.restart or scan.total
    parts = _RESTART.split(data)
    if len(parts) != -(-scan.total // interval):
        refused("a frame that cannot be decoded")
    blank = scan.blank_mcus()
    written = []
    for place, part in enumerate(parts):
        some = blank[place * interval : (place + 1) * interval]
        written.append(_Segment(part, scan).blanked(some) if 1 in some else part)
    marks = _RESTART.findall(data)
    return b"".join(each for pair in zip(written, [*marks, b""], strict=True) for each in pair)


class _Segment:
    """The data between two restart markers, read from its first bit."""

    def __init__(self, stuffed: bytes, scan: Scan) -> None:
        self._data = stuffed.replace(b"\xff\x00", b"\xff")
        self._end = 8 * len(self._data)
        padded = np.frombuffer(self._data + b"\xff" * _SPARE, np.uint8).astype(np.uint32)
        # 24 bits from each byte on: any 16 bits of the data are in one of these.
        self._ahead = array("I", (padded[:-2] << 16 | padded[1:-1] << 8 | padded[2:]).tobytes())
        self._components = scan.components
        self._dc_codes = [each.dc.look_ups().dc for each in scan.components]
        self._ac_codes = [each.ac.look_ups() for each in scan.components]
        self._blocks = scan.blocks()
        self._pieces: list[
            tuple[int, int]
        ] = []  # (first bit, stop) that stay; or (-bits, number) that are new
        self._start = 0  # of the bits that stay

    def blanked(self, blank: Sequence[int]) -> bytes:
        """Return the data with the blank MCUs; `blank`: 1 for each of them, in order."""
        before = [0] * len(self._components)  # DC coefficients as they were
        after = [0] * len(self._components)  # and as they are written
        at = 0
        for is_blank in blank:
            if is_blank:
                self._stays_until(at)
            for place in self._blocks:
                component = self._components[place]
                first, at, difference = self._dc(place, at)
                is_same = before[place] == after[place]  # what the difference is to
                before[place] += difference
                behind = self._behind_block(place, at)
                if is_blank:
                    self._put_dc(component, component.blank_dc - after[place])
                    self._put(component.ac.code(END_OF_BLOCK))
                    after[place] = component.blank_dc
                    self._start = behind
                elif not is_same:
                    self._stays_until(first)
                    self._put_dc(component, before[place] - after[place])
                    self._start = at
                    after[place] = before[place]
                else:
                    after[place] = before[place]
                at = behind
            if at > self._end:
                refused("a frame that cannot be decoded")
        self._stays_until(at)
        return self._written()

    def _dc(self, place: int, at: int) -> tuple[int, int, int]:
        """Return where a block begins, where its AC coefficients begin, and the difference of its DC coefficient."""
        ahead = self._ahead
        try:
            found = self._dc_codes[place][ahead[at >> 3] >> (8 - (at & 7)) & 0xFFFF]
            size = found >> 5
            if size > _MOST_DC_BITS:
                refused("a frame that cannot be decoded")
            value = at + (found & 31)
            behind = value + size
            if not size:
                return at, behind, 0
            bits = (ahead[value >> 3] >> (8 - (value & 7)) & 0xFFFF) >> (16 - size)
        except IndexError:
            refused("a frame that cannot be decoded")
        return at, behind, bits if bits >> (size - 1) else bits - (1 << size) + 1

    def _behind_block(self, place: int, at: int) -> int:
        """Return where the AC coefficients from `at` end."""
        several, ahead = self._ac_codes[place].several, self._ahead
        passed = 1
        try:
            while passed < _COEFFICIENTS:
                found = several[ahead[at >> 3] >> (8 - (at & 7)) & 0xFFFF]
                then = passed + (found >> 5)
                if (
                    then > _COEFFICIENTS and then % ENDED >= _COEFFICIENTS
                ):  # codes of the next block among these
                    found = self._ac_codes[place].one[ahead[at >> 3] >> (8 - (at & 7)) & 0xFFFF]
                    then = passed + (found >> 5)
                    if then % ENDED > _COEFFICIENTS:
                        refused("a frame that cannot be decoded")
                at += found & 31
                passed = then
        except IndexError:
            refused("a frame that cannot be decoded")
        return at

    def _stays_until(self, stop: int) -> None:
        if self._start < stop:
            self._pieces.append((self._start, stop))
        self._start = stop

    def _put(self, code: tuple[int, int]) -> None:
        number, bits = code
        self._pieces.append((-bits, number))

    def _put_dc(self, component: ScanComponent, difference: int) -> None:
        size = abs(difference).bit_length()
        if size > _MOST_DC_BITS - 1:
            refused("a frame that cannot be decoded")
        self._put(component.dc.code(size))
        if size:
            self._put((difference if difference > 0 else difference + (1 << size) - 1, size))

    def _written(self) -> bytes:
        """Return the pieces as bytes, padded with ones and stuffed."""
        bits = np.unpackbits(np.frombuffer(self._data, np.uint8))
        joined = np.concatenate(list(self._bits(bits)) or [bits[:0]])
        padding = np.ones(-len(joined) % 8, np.uint8)
        return np.packbits(np.concatenate([joined, padding])).tobytes().replace(b"\xff", b"\xff\x00")

    def _bits(self, bits: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
        new = ""
        for one, other in self._pieces:
            if one < 0:
                new += format(other, f"0{-one}b")
                continue
            if new:
                yield np.frombuffer(new.encode(), np.uint8) - 48
                new = ""
            yield bits[one:other]
        if new:
            yield np.frombuffer(new.encode(), np.uint8) - 48
