"""The functions that the walker reads headers with: those of a buffer, or of a file of which a part is read."""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from typing import NamedTuple

from orthanc_deid.dicom.slices import Buffer


class Readers(NamedTuple):
    """The functions that read headers from a buffer at a position; each reads 8 bytes, `length` 4."""

    explicit: Callable[[Buffer, int], tuple[bytes, int]]
    implicit: Callable[[Buffer, int], tuple[bytes, int]]
    item: Callable[[Buffer, int], tuple[bytes, int]]
    length: Callable[[Buffer, int], tuple[int]]


_ITEM_HEAD = Struct("<4sI").unpack_from
READ = Readers(Struct("<6sH").unpack_from, _ITEM_HEAD, _ITEM_HEAD, Struct("<I").unpack_from)
