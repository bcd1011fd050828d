"""The regions of Sequence of Ultrasound Regions (PS3.3 section C.8.5.5), and what of a frame lies outside of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from orthanc_deid.deid.pixels.device_boxes import Rectangle
from orthanc_deid.deid.pixels.image_shape import refused
from orthanc_deid.dicom.elements import EventKind
from orthanc_deid.dicom.part10 import Encoded
from orthanc_deid.dicom.tags import (
    REGION_LOCATION_MAX_X1,
    REGION_LOCATION_MAX_Y1,
    REGION_LOCATION_MIN_X0,
    REGION_LOCATION_MIN_Y0,
    SEQUENCE_OF_ULTRASOUND_REGIONS,
)
from orthanc_deid.dicom.uniform_tables import note_everything
from orthanc_deid.dicom.walker import walk

_EDGES: Final = (
    REGION_LOCATION_MIN_Y0,
    REGION_LOCATION_MAX_Y1,
    REGION_LOCATION_MIN_X0,
    REGION_LOCATION_MAX_X1,
)
_UL_BYTES: Final = 4
_MOST_REGIONS: Final = 64  # devices state a handful
_IN_ITEM: Final = 1  # sequences around the elements of an item of the top level's


def ultrasound_regions(encoded: Encoded) -> list[Rectangle]:
    """Return the regions of an image; their last rows and columns, which the attributes state, belong to them.

    Raises RefusedError where there are none, too many, or one of them cannot be read.
    """
    found = [_rectangle(item) for item in _items(encoded)]
    if not found or len(found) > _MOST_REGIONS:
        refused("no ultrasound regions", SEQUENCE_OF_ULTRASOUND_REGIONS)
    return found


def _items(encoded: Encoded) -> list[dict[int, bytes]]:
    """Return the raw values of the edges, by tag, of each item."""
    table = note_everything(explicit=encoded.explicit)
    events = walk(encoded.buffer, encoded.start, encoded.end, table, explicit=encoded.explicit)
    items: list[dict[int, bytes]] = []
    depth, inside = 0, False
    for kind, _, value, end, tag in events:
        if kind == EventKind.SEQUENCE:
            inside = inside or (not depth and tag == SEQUENCE_OF_ULTRASOUND_REGIONS)
            depth += 1
        elif kind == EventKind.SEQUENCE_END:
            depth -= 1
            if inside and not depth:
                break
        elif kind == EventKind.ITEM and inside and depth == _IN_ITEM:
            items.append({})
        elif kind == EventKind.ELEMENT and inside and depth == _IN_ITEM and tag in _EDGES:
            items[-1][tag] = bytes(encoded.buffer[value:end])
    return items


def _rectangle(item: dict[int, bytes]) -> Rectangle:
    values = [item.get(tag, b"") for tag in _EDGES]
    if any(len(value) != _UL_BYTES for value in values):
        refused("ultrasound regions that cannot be read", SEQUENCE_OF_ULTRASOUND_REGIONS)
    top, bottom, left, right = (int.from_bytes(value, "little") for value in values)
    return Rectangle(top, bottom + 1, left, right + 1)


def outside(regions: Iterable[Rectangle], rows: int, columns: int) -> Iterator[Rectangle]:
    """Yield rectangles that cover a frame of `rows` x `columns` pixels but for the regions, from the top down."""
    known = [region for region in regions if region.top < region.bottom and region.left < region.right]
    edges = {0, rows} | {edge for each in known for edge in (each.top, each.bottom) if 0 < edge < rows}
    for top, bottom in pairwise(sorted(edges)):
        left = 0
        for region in sorted(known, key=lambda each: each.left):
            if region.top <= top and bottom <= region.bottom and left < columns:
                if left < region.left:
                    yield Rectangle(top, bottom, left, min(region.left, columns))
                left = max(left, region.right)
        if left < columns:
            yield Rectangle(top, bottom, left, columns)
