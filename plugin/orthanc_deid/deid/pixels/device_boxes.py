"""Where the device that made an image is known to write text into it (`standard/device_boxes.csv`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from itertools import product
from typing import NamedTuple

from orthanc_deid.bounded_cache import LONGEST
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

_EVIDENCE = (
    MANUFACTURER,
    MANUFACTURER_MODEL_NAME,
    IMAGE_TYPE,
    SERIES_DESCRIPTION,
    SECONDARY_CAPTURE_DEVICE_MANUFACTURER_MODEL_NAME,
    MODALITY,
    SOP_CLASS_UID,
    BURNED_IN_ANNOTATION,
    SOFTWARE_VERSIONS,
)

DEVICE_TAGS = frozenset(_EVIDENCE)
"""Top-level attributes whose values `device_rectangles` needs."""

_Size = tuple[int | None, int | None]
_Texts = tuple[tuple[str, ...], ...]  # the values of each attribute of _EVIDENCE


class Rectangle(NamedTuple):
    """A rectangle of a frame: half-open ranges of rows and columns, from 0 at the upper left corner."""

    top: int
    bottom: int
    left: int
    right: int


def device_rectangles(values: Mapping[int, tuple[str, ...]], rows: int, columns: int) -> list[Rectangle]:
    """Return where the device writes text in frames of `rows` x `columns` pixels, without what is outside of them.

    `values`: decoded top-level values by tag. The rectangles are in order, none twice; they may overlap.
    """
    texts = tuple(tuple(value.strip(" \0").lower() for value in values.get(tag, ())) for tag in _EVIDENCE)
    is_short = sum(len(value) + 1 for found in texts for value in found) <= LONGEST
    return list((_cached if is_short else _rectangles)(texts, rows, columns))


def _rectangles(texts: _Texts, rows: int, columns: int) -> tuple[Rectangle, ...]:
    cut = (
        Rectangle(box.top, min(box.bottom, rows), box.left, min(box.right, columns))
        for size in product((rows, None), (columns, None))
        for box in _by_size().get(size, ())
        if _holds(box, texts)
    )
    return tuple(sorted({each for each in cut if each.top < each.bottom and each.left < each.right}))


_cached = lru_cache(maxsize=128)(_rectangles)  # the instances of a series share the answer


@cache
def _by_size() -> Mapping[_Size, list[DeviceBox]]:
    found: dict[_Size, list[DeviceBox]] = {}
    for box in device_boxes():
        found.setdefault((box.rows, box.columns), []).append(box)
    return found


def _holds(box: DeviceBox, texts: _Texts) -> bool:
    manufacturer, model, image_type, series, capture_device, modality, sop_class, burned_in, software = texts
    return (
        _is_in(box.manufacturer, manufacturer)
        and _is_in(box.model, model)
        and _is_in(box.image_type, image_type)
        and _is_in(box.series_description, series)
        and _is_in(box.capture_device, capture_device)
        and _is_one(box.modality, modality)
        and _is_one(box.sop_class, sop_class)
        and _is_one(box.burned_in_annotation, burned_in)
        and _begins(box.software_versions, software)
    )


def _is_in(wanted: tuple[str, ...], values: Iterable[str]) -> bool:
    return not wanted or any(each in value for value, each in product(values, wanted))


def _is_one(wanted: tuple[str, ...], values: Iterable[str]) -> bool:
    return not wanted or not frozenset(wanted).isdisjoint(values)


def _begins(wanted: tuple[str, ...], values: Iterable[str]) -> bool:
    return not wanted or any(value.startswith(wanted) for value in values)
