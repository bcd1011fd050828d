"""Text areas that are known by device: of ultrasound, captures and radiographs, and none in sections."""

from __future__ import annotations

import time
from itertools import product

import pytest

from orthanc_deid.deid.pixels.device_boxes import device_rectangles
from orthanc_deid.dicom.tags import (
    BURNED_IN_ANNOTATION,
    IMAGE_TYPE,
    MANUFACTURER,
    MANUFACTURER_MODEL_NAME,
    MODALITY,
    SERIES_DESCRIPTION,
    SOFTWARE_VERSIONS,
    SOP_CLASS_UID,
)
from orthanc_deid.standard.tables import device_boxes
from orthanc_deid.verify.rules.text_areas import text_areas

US = "1.2.840.10008.5.1.4.1.1.6.1"
US_LOOP = "1.2.840.10008.5.1.4.1.1.3.1"
Header = dict[int, tuple[str, ...]]


def device(manufacturer: str, model: str, modality: str, more: Header | None = None) -> Header:
    return {
        MANUFACTURER: (manufacturer,),
        MANUFACTURER_MODEL_NAME: (model,),
        MODALITY: (modality,),
        **(more or {}),
    }


@pytest.mark.parametrize(
    ("header", "rows", "columns", "expected"),
    [
        (device("Philips Medical Systems", "iU22", "US"), 768, 1024, [(0, 75, 0, 1024)]),
        (device("PHILIPS MEDICAL SYSTEMS", "IU22 ", "us"), 768, 1024, [(0, 75, 0, 1024)]),
        (device("Philips Medical Systems", "iU22", "US"), 1024, 768, []),
        (device("Philips Medical Systems", "iU22", "XA"), 768, 1024, []),
        (device("GE Healthcare", "LOGIQE9", "US"), 970, 1552, [(0, 68, 0, 1174)]),
        (device("General Electric", "LOGIQE9", "US"), 970, 1552, [(0, 68, 0, 1174)]),
        (device("ACUSON", "SEQUOIA", "US"), 480, 640, [(0, 30, 0, 640), (30, 46, 553, 640)]),
        (device("ACUSON", "SEQUOIA", "US"), 480, 641, []),
        (device("SonoSite, Inc.", "M-Turbo", "US"), 480, 640, [(0, 24, 0, 640)]),
        (device("SonoSite, Inc.", "iLook", "US"), 480, 640, []),
        # what reaches beyond the frame is cut
        (device("GE Healthcare", "Voluson P8", "US"), 727, 970, [(0, 65, 0, 970)]),
        # two rows with different conditions: both hold
        (device("SIEMENS", "ACUSON S2000", "US"), 768, 1024, [(0, 60, 0, 1024)]),
        (device("SIEMENS", "ACUSON SC2000", "US"), 768, 1024, [(0, 40, 0, 712)]),
        (
            device("SIEMENS", "ACUSON SC2000", "US", {IMAGE_TYPE: ("DERIVED", "SECONDARY")}),
            768,
            1024,
            [(0, 40, 0, 712), (50, 420, 230, 490)],
        ),
        (
            device("Siemens", "Antares", "US", {SOP_CLASS_UID: (US,)}),
            600,
            800,
            [(0, 19, 0, 800), (19, 74, 0, 160)],
        ),
        (device("Siemens", "Antares", "US", {SOP_CLASS_UID: (US_LOOP,)}), 600, 800, []),
        # a software version by its beginning
        (
            device("KONICA MINOLTA", "0402", "CR", {SOFTWARE_VERSIONS: ("6.1.2",)}),
            2446,
            2446,
            [(2308, 2445, 0, 2446)],
        ),
        (
            device("KONICA MINOLTA", "0402", "CR", {SOFTWARE_VERSIONS: ("SYS", "6.10")}),
            2446,
            2446,
            [(2308, 2445, 0, 2446)],
        ),
        (device("KONICA MINOLTA", "0402", "CR", {SOFTWARE_VERSIONS: ("16.1",)}), 2446, 2446, []),
        (device("KONICA MINOLTA", "0402", "CR"), 2446, 2446, []),
        # a page of doses
        (
            device("GE MEDICAL SYSTEMS", "Revolution", "CT", {SERIES_DESCRIPTION: ("Dose Report",)}),
            512,
            512,
            [(0, 110, 0, 512)],
        ),
        ({}, 512, 512, []),
        ({}, 0, 0, []),
        (device("Philips", "iU22", "US"), 0, 1024, []),
    ],
)
def test_the_areas_of_a_device(
    header: Header, rows: int, columns: int, expected: list[tuple[int, int, int, int]]
) -> None:
    assert device_rectangles(header, rows, columns) == expected
    assert text_areas(header, rows, columns) == expected


def test_nothing_is_known_of_original_sections() -> None:
    boxes = device_boxes()
    makers = {each for box in boxes for each in box.manufacturer} | {"GE MEDICAL SYSTEMS", "Canon"}
    models = {each for box in boxes for each in box.model if "us" not in box.modality and box.modality}
    models |= {"Revolution CT", "SOMATOM Definition AS+", "LightSpeed VCT", "Aquilion ONE", "Discovery 690"}
    sizes = ((256, 256), (512, 512), (768, 768), (1024, 1024))
    for maker, model, modality, size in product(makers, models, ("CT", "MR"), sizes):
        header = device(
            maker,
            model,
            modality,
            {
                IMAGE_TYPE: ("ORIGINAL", "PRIMARY", "AXIAL"),
                SERIES_DESCRIPTION: ("CHEST 3D LOW DOSE",),
                SOFTWARE_VERSIONS: ("5.2", "V6.1"),
                BURNED_IN_ANNOTATION: ("NO",),
            },
        )
        assert device_rectangles(header, *size) == [], (maker, model, modality)
        assert text_areas(header, *size) == []


def test_long_values_take_linear_time_and_are_read_to_their_end() -> None:
    header = device("x" * 2_000_000 + "Philips", "i" * 2_000_000 + "iU22", "US")
    header[SOFTWARE_VERSIONS] = ("",) * 200_000
    start = time.process_time()
    assert device_rectangles(header, 768, 1024) == text_areas(header, 768, 1024) == [(0, 75, 0, 1024)]
    assert time.process_time() - start < 10, "under a second as a rule"
