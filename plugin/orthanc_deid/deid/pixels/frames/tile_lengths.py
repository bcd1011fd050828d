"""The lengths of tile-parts in the main header of JPEG 2000 (TLM, ISO/IEC 15444-1 A.7.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from orthanc_deid.deid.pixels.frames.parts import Part, number
from orthanc_deid.deid.pixels.frames.scattered import Frame

_HEAD: Final = 6  # marker, length, index, style


class TileLengths:
    """One TLM segment, from `start` to `end` of a frame. Equality is by identity."""

    def __init__(self, frame: Frame, start: int, end: int) -> None:
        self._frame = frame
        self._start = start
        self._end = end

    def _entries(self) -> list[tuple[int, int, int]] | None:
        """Return (tile, length, position of the length) of each entry; None where the segment is not valid."""
        start, end, frame = self._start, self._end, self._frame
        if end - start < _HEAD:
            return None
        style = number(frame, start + 5, 1)
        tile_size, length_size = style >> 4 & 3, 4 if style & 0x40 else 2
        entry = tile_size + length_size
        if style & 0x8F or tile_size == 3 or (end - start - _HEAD) % entry:
            return None
        return [
            (
                number(frame, at, tile_size) if tile_size else -1,
                number(frame, at + tile_size, length_size),
                at + tile_size,
            )
            for at in range(start + _HEAD, end, entry)
        ]

    def _with(self, entries: Sequence[tuple[int, int, int]], lengths: Sequence[int]) -> Part | None:
        """Return the segment with other lengths; None where one does not fit."""
        if [length for _, length, _ in entries] == list(lengths):
            return self._start, self._end
        size = 4 if number(self._frame, self._start + 5, 1) & 0x40 else 2
        new = bytearray(self._frame[self._start : self._end])
        for (_, _, at), length in zip(entries, lengths, strict=True):
            if length >> 8 * size:
                return None
            new[at - self._start : at - self._start + size] = length.to_bytes(size, "big")
        return bytes(new)

    @staticmethod
    def corrected(
        segments: Sequence[TileLengths], tile_parts: Sequence[tuple[int, int]]
    ) -> Mapping[TileLengths, Part] | None:
        """Return each segment as it is written; None where they do not list these tile-parts: all are dropped.

        `tile_parts`: (tile, length) of each in the order of the codestream.
        """
        found: dict[TileLengths, Part] = {}
        done = 0
        for place, segment in enumerate(segments):
            entries = segment._entries()
            if entries is None or number(segment._frame, segment._start + 4, 1) != place:
                return None
            due = tile_parts[done : done + len(entries)]
            if len(due) < len(entries) or any(
                tile not in (-1, of) for (tile, _, _), (of, _) in zip(entries, due, strict=True)
            ):
                return None
            new = segment._with(entries, [length for _, length in due])
            if new is None:
                return None
            found[segment] = new
            done += len(entries)
        return found if done == len(tile_parts) else None
