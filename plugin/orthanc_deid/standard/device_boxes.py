"""Where devices write text into their images: conditions on the header, each with a rectangle."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from orthanc_deid.standard.data_files import read_csv


@dataclass(frozen=True, slots=True)
class DeviceBox:
    """One row of `device_boxes.csv`.

    The fields from `manufacturer` to `burned_in_annotation` are the condition on the attributes of these names:
    alternatives in lower case, none where any value will do (`capture_device` is Secondary Capture Device
    Manufacturer's Model Name). `rows` and `columns`: the size of a frame in pixels, None where any will do.
    The rectangle is half-open, in pixels from 0 at the upper left corner, and may reach beyond the frame. `sources`:
    the public rule sets that name it (`SOURCE.md`).
    """

    manufacturer: tuple[str, ...]
    model: tuple[str, ...]
    modality: tuple[str, ...]
    sop_class: tuple[str, ...]
    image_type: tuple[str, ...]
    series_description: tuple[str, ...]
    software_versions: tuple[str, ...]
    capture_device: tuple[str, ...]
    burned_in_annotation: tuple[str, ...]
    rows: int | None
    columns: int | None
    top: int
    bottom: int
    left: int
    right: int
    sources: tuple[str, ...]


@cache
def device_boxes() -> tuple[DeviceBox, ...]:
    """Return the rows of `device_boxes.csv`."""
    return tuple(
        DeviceBox(
            manufacturer=_alternatives(row["manufacturer"]),
            model=_alternatives(row["model"]),
            modality=_alternatives(row["modality"]),
            sop_class=_alternatives(row["sop_class"]),
            image_type=_alternatives(row["image_type"]),
            series_description=_alternatives(row["series_description"]),
            software_versions=_alternatives(row["software_versions"]),
            capture_device=_alternatives(row["capture_device"]),
            burned_in_annotation=_alternatives(row["burned_in_annotation"]),
            rows=int(row["rows"]) if row["rows"] else None,
            columns=int(row["columns"]) if row["columns"] else None,
            top=int(row["top"]),
            bottom=int(row["bottom"]),
            left=int(row["left"]),
            right=int(row["right"]),
            sources=tuple(row["source"].split(";")),
        )
        for row in read_csv("device_boxes.csv")
    )


def _alternatives(cell: str) -> tuple[str, ...]:
    return tuple(cell.lower().split(";")) if cell else ()
