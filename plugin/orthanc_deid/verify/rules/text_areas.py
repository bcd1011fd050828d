"""Areas in which a device is known to write text into its images.

Written from `profile/RULES.md`, "Text areas known by device"; the areas are data (`standard/device_boxes.csv`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from operator import contains, eq
from typing import Final

from orthanc_deid.dicom.tags import (
    BURNED_IN_ANNOTATION,
    IMAGE_TYPE,
    MANUFACTURER,
    MANUFACTURER_MODEL_NAME,
    MODALITY,
    SECONDARY_CAPTURE_DEVICE_MANUFACTURER_MODEL_NAME,
    SERIES_DESCRIPTION,
    SOFTWARE_VERSIONS,
    SOP_CLASS_UID,
)
from orthanc_deid.standard.tables import DeviceBox, device_boxes

TextArea = tuple[int, int, int, int]
"""Top, bottom, left and right of a frame's area in pixels, half-open."""

_Header = tuple[tuple[int, tuple[str, ...]], ...]
_Test = Callable[[str, str], bool]

_TESTS: Final[Mapping[str, tuple[int, _Test]]] = {
    "manufacturer": (MANUFACTURER, contains),
    "model": (MANUFACTURER_MODEL_NAME, contains),
    "modality": (MODALITY, eq),
    "sop_class": (SOP_CLASS_UID, eq),
    "image_type": (IMAGE_TYPE, contains),
    "series_description": (SERIES_DESCRIPTION, contains),
    "software_versions": (SOFTWARE_VERSIONS, str.startswith),
    "capture_device": (SECONDARY_CAPTURE_DEVICE_MANUFACTURER_MODEL_NAME, contains),
    "burned_in_annotation": (BURNED_IN_ANNOTATION, eq),
}
"""By condition of the table: the attribute, and how its value is compared with what the table names."""

AREA_TAGS: Final = frozenset(tag for tag, _ in _TESTS.values())
"""The top-level attributes that tell which device made an image."""

_MOST_CACHED: Final = 2048  # characters of a header; those of real devices have some hundred


def text_areas(header: Mapping[int, tuple[str, ...]], rows: int, columns: int) -> list[TextArea]:
    """Return the areas of a frame of `rows` x `columns` pixels in which its device writes text, sorted.

    `header`: decoded values of the top level by tag.
    """
    known = tuple(
        (tag, tuple(value.lower().strip("\0 ") for value in header[tag])) for tag in AREA_TAGS & header.keys()
    )
    if len(repr(known)) > _MOST_CACHED:
        return list(_areas(known, rows, columns))
    return list(_remembered(known, rows, columns))


def _areas(header: _Header, rows: int, columns: int) -> tuple[TextArea, ...]:
    values = dict(header)
    areas = set()
    for box in device_boxes():
        if box.rows not in (None, rows) or box.columns not in (None, columns):
            continue
        height = range(rows)[box.top : box.bottom]
        width = range(columns)[box.left : box.right]
        if height and width and _is_of_device(box, values):
            areas.add((height.start, height.stop, width.start, width.stop))
    return tuple(sorted(areas))


_remembered = lru_cache(64)(_areas)


def _is_of_device(box: DeviceBox, values: Mapping[int, tuple[str, ...]]) -> bool:
    for name, (tag, test) in _TESTS.items():
        named: tuple[str, ...] = getattr(box, name)
        if named and not any(test(value, each) for value in values.get(tag, ()) for each in named):
            return False
    return True
