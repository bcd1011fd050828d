"""The table of text areas by device: each row is well formed, narrow enough, sourced, and found by both readers."""

from __future__ import annotations

from itertools import combinations

import pytest
from pydicom.uid import UID

from orthanc_deid.deid.pixels.device_boxes import DEVICE_TAGS, device_rectangles
from orthanc_deid.dicom import tags
from orthanc_deid.standard.data_files import read_csv
from orthanc_deid.standard.tables import DeviceBox, device_boxes
from orthanc_deid.verify.rules.text_areas import AREA_TAGS, text_areas
from support.repository import ROOT

BOXES = device_boxes()
TAGS = {
    "manufacturer": tags.MANUFACTURER,
    "model": tags.MANUFACTURER_MODEL_NAME,
    "modality": tags.MODALITY,
    "sop_class": tags.SOP_CLASS_UID,
    "image_type": tags.IMAGE_TYPE,
    "series_description": tags.SERIES_DESCRIPTION,
    "software_versions": tags.SOFTWARE_VERSIONS,
    "capture_device": tags.SECONDARY_CAPTURE_DEVICE_MANUFACTURER_MODEL_NAME,
    "burned_in_annotation": tags.BURNED_IN_ANNOTATION,
}
ANY_SIZE = 4000
SOURCES = {"CTP", "deid", "mirc-ctp", "dicom-dre", "dicompixelanon"}


def condition(box: DeviceBox) -> tuple[object, ...]:
    return (*(getattr(box, name) for name in TAGS), box.rows, box.columns)


def headers(box: DeviceBox) -> list[dict[int, tuple[str, ...]]]:
    """Return headers that the box is for: one per alternative of its condition."""
    first = {tag: getattr(box, name)[:1] for name, tag in TAGS.items() if getattr(box, name)}
    return [first] + [
        {**first, tag: (other,)} for name, tag in TAGS.items() for other in getattr(box, name)[1:]
    ]


@pytest.mark.parametrize("row", list(read_csv("device_boxes.csv")), ids=lambda row: ",".join(row.values()))
def test_each_row_is_well_formed(row: dict[str, str]) -> None:
    for name in TAGS:
        cell = row[name]
        assert all(each and each == each.strip() for each in cell.split(";")) or not cell, name
    assert 0 <= int(row["top"]) < int(row["bottom"])
    assert 0 <= int(row["left"]) < int(row["right"])
    assert all(1 <= int(row[name]) < 10_000 for name in ("rows", "columns") if row[name])
    assert all(int(row[end]) <= 10_000 for end in ("bottom", "right"))
    assert all(UID(each).name.endswith("Storage") for each in row["sop_class"].split(";") if each)
    assert row["burned_in_annotation"] in ("", "YES")
    assert SOURCES.issuperset(row["source"].split(";"))


@pytest.mark.parametrize("box", BOXES, ids=str)
def test_each_row_is_found_by_both_readers_through_each_alternative(box: DeviceBox) -> None:
    rows, columns = box.rows or ANY_SIZE, box.columns or ANY_SIZE
    expected = (box.top, min(box.bottom, rows), box.left, min(box.right, columns))
    assert expected[0] < expected[1], "the rectangle is outside of the image"
    assert expected[2] < expected[3], "the rectangle is outside of the image"
    for header in headers(box):
        shown = {tag: (*values, "OTHER") for tag, values in header.items()}
        assert expected in device_rectangles(shown, rows, columns)
        assert expected in text_areas(shown, rows, columns)


@pytest.mark.parametrize("box", BOXES, ids=str)
def test_no_row_holds_for_all_images_of_a_maker(box: DeviceBox) -> None:
    is_shown = box.series_description or box.image_type or box.burned_in_annotation
    assert box.model or box.rows or is_shown
    assert box.manufacturer or box.model or box.series_description


def test_no_row_repeats_what_another_with_the_same_condition_covers() -> None:
    repeated = [
        (one, other)
        for one, other in combinations(BOXES, 2)
        if condition(one) == condition(other) and (covers(one, other) or covers(other, one))
    ]
    assert repeated == []


def covers(one: DeviceBox, other: DeviceBox) -> bool:
    return (
        one.top <= other.top
        and other.bottom <= one.bottom
        and one.left <= other.left
        and other.right <= one.right
    )


def test_every_condition_of_the_table_is_read_by_both() -> None:
    assert set(TAGS.values()) == DEVICE_TAGS == AREA_TAGS
    columns = next(iter(read_csv("device_boxes.csv"))).keys()
    assert set(columns) == {*TAGS, "rows", "columns", "top", "bottom", "left", "right", "source"}
    assert all(any(row[name] for row in read_csv("device_boxes.csv")) for name in columns)


def test_the_sources_are_named_beside_the_table() -> None:
    text = (ROOT / "plugin/orthanc_deid/standard/SOURCE.md").read_text(encoding="utf-8")
    assert {each for box in BOXES for each in box.sources} == SOURCES
    assert [each for each in SOURCES if f"`{each}`" not in text] == []
