"""Private creators and the blocks of private elements that they reserve (PS3.5 section 7.8.1)."""

from __future__ import annotations

from collections.abc import Iterable

from orthanc_deid.dicom.tags import is_private
from orthanc_deid.verify.reading.data_set import DataSet


class Creators:
    """The private creators of one level, decoded as Latin-1."""

    def __init__(self, level: DataSet, outputs: Iterable[int] = ()) -> None:
        """`level`: one of the original. `outputs`: the tags of the same level of the output."""
        self._by_block = {
            tag >> 16 << 8 | tag & 0xFF: (element.value or b"").decode("latin-1").strip(" \0")
            for tag, element in level.elements.items()
            if is_private(tag) and 0x10 <= tag & 0xFFFF <= 0xFF
        }
        self._left = {tag >> 8 for tag in outputs if tag & 0xFFFF > 0xFF} if self._by_block else set()

    def needed(self, tag: int) -> str | None:
        """Return the creator that `tag` holds where it must be kept: the output has an element of its block."""
        block = tag >> 16 << 8 | tag & 0xFF
        if not 0x10 <= tag & 0xFFFF <= 0xFF or block not in self._left:
            return None
        return self._by_block.get(block)

    def of(self, tag: int) -> str | None:
        """Return the creator of a private element, None for a creator itself or an element without one."""
        return self._by_block.get(tag >> 16 << 8 | (tag & 0xFFFF) >> 8)
