"""Who reserved which block of private elements (PS3.5 section 7.8.1)."""

from __future__ import annotations

from collections.abc import Mapping

from orthanc_deid.dicom.tags import is_private
from orthanc_deid.verify.data_set import DataSet


class Creators:
    """The private creators of one level (PS3.5 section 7.8.1), decoded without a character set."""

    def __init__(self, level: DataSet) -> None:
        self._by_block = {
            tag >> 16 << 8 | tag & 0xFF: (element.value or b"").decode("latin-1").strip(" \0")
            for tag, element in level.elements.items()
            if is_private(tag) and 0x10 <= tag & 0xFFFF <= 0xFF
        }

    def is_needed(self, tag: int, outputs: Mapping[int, object]) -> bool:
        """Whether `tag` is a creator of whose block the output still has an element: then it is kept."""
        block = tag >> 16 << 8 | tag & 0xFF
        if not is_private(tag) or not 0x10 <= tag & 0xFFFF <= 0xFF or block not in self._by_block:
            return False
        return any(other >> 8 == tag >> 16 << 8 | tag & 0xFF for other in outputs if other & 0xFFFF > 0xFF)

    def of(self, tag: int) -> str | None:
        """Return the creator of a private element, None for a creator itself or an element without one."""
        return self._by_block.get(tag >> 16 << 8 | (tag & 0xFFFF) >> 8)
