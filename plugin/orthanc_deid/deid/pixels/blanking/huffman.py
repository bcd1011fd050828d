"""Huffman tables of a JPEG scan (ISO/IEC 10918-1 Annexes C and F): decoding by look-up, and codes for new symbols."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from orthanc_deid.deid.pixels.image_shape import refused

_LENGTHS: Final = 16
_LAST_CODE: Final = (1 << _LENGTHS) - 2  # the code of ones alone is never used
END_OF_BLOCK: Final = 0x00
_ZERO_RUN: Final = 0xF0
ENDED: Final = 1 << 10
"""Added to the coefficients that a look-up passes where the block ends with it."""
INVALID: Final = 500
"""What a look-up returns instead of coefficients, or the size of a value, for bits that are no code."""
_CONSUMED: Final = 5
"""Bits of an entry of a look-up that count what it consumes."""


class HuffmanTable:
    """One table of a DHT segment. Symbols that it lacks get codes of 16 bits behind its own, which stay.

    `codes`: (code, its bits) by symbol.
    """

    def __init__(self, counts: bytes, symbols: bytes) -> None:
        """Raise RefusedError for more codes than the lengths allow."""
        self.counts = list(counts)
        self.symbols = bytearray(symbols)
        self._given = bytes(counts), bytes(symbols)
        self.codes: dict[int, tuple[int, int]] = {}
        code, place = 0, 0
        for length, count in enumerate(self.counts, 1):
            code <<= 1
            for symbol in symbols[place : place + count]:
                self.codes.setdefault(symbol, (code, length))
                code += 1
            place += count
            if code > 1 << length:
                refused("a frame that cannot be decoded")
        self._next = code

    def code(self, symbol: int) -> tuple[int, int]:
        """Return (code, its bits) of a symbol, a new one where there is none; RefusedError where none is free."""
        found = self.codes.get(symbol)
        if found is None:
            if self._next > _LAST_CODE:
                refused("a lossy frame whose tables have no code for a blank block")
            found = self.codes[symbol] = self._next, _LENGTHS
            self._next += 1
            self.counts[-1] += 1
            self.symbols.append(symbol)
        return found

    def look_ups(self) -> LookUps:
        """Return the look-ups for the codes of the input, without new ones."""
        return look_ups(*self._given)

    def written(self) -> bytes:
        """Return the table as it stands in a DHT segment, behind its class and number."""
        return bytes(self.counts) + bytes(self.symbols)


class LookUps(NamedTuple):
    """What the next 16 bits of a scan are by one table; entries: bits that are consumed, plus 32 times a number.

    `dc`: the symbol, without its value. `one`: AC coefficients passed by one code with its value, ENDED more where
    the block ends. `several`: the same by as many codes with their values as lie in the 16 bits whole.
    """

    dc: array[int]
    one: array[int]
    several: array[int]


@lru_cache(maxsize=16)  # the frames of an image share their tables
def look_ups(counts: bytes, symbols: bytes) -> LookUps:
    """Return the look-ups for the table of a DHT segment."""
    codes = HuffmanTable(counts, symbols).codes
    dc = _looked_up(codes, lambda symbol, length: symbol << _CONSUMED | length)
    one = _looked_up(codes, _step)
    bits, passed = one & 31, one >> _CONSUMED
    windows = np.arange(1 << _LENGTHS)
    consumed, so_far = bits.copy(), passed.copy()
    going_on = so_far < INVALID
    while going_on.any():
        following = windows << np.minimum(consumed, _LENGTHS) & 0xFFFF
        going_on &= (consumed + bits[following] <= _LENGTHS) & (passed[following] != INVALID)
        consumed += np.where(going_on, bits[following], 0)
        so_far += np.where(going_on, passed[following], 0)
        going_on &= so_far < INVALID
    several = so_far << _CONSUMED | consumed
    return LookUps(*(array("L", each.tobytes()) for each in (dc, one, several)))


def _looked_up(codes: Mapping[int, tuple[int, int]], entry: Callable[[int, int], int]) -> NDArray[np.int64]:
    found = np.full(1 << _LENGTHS, INVALID << _CONSUMED, np.int64)
    for symbol, (code, length) in codes.items():
        first = code << (_LENGTHS - length)
        found[first : first + (1 << (_LENGTHS - length))] = entry(symbol, length)
    return found


def _step(symbol: int, length: int) -> int:
    if symbol == END_OF_BLOCK:
        return ENDED << _CONSUMED | length
    run, size = symbol >> 4, symbol & 15
    if not size and symbol != _ZERO_RUN:
        return INVALID << _CONSUMED
    return (run + 1) << _CONSUMED | (length + size)
