"""Numbers that place, scale and time an image, in all the ways in which devices write them."""

from __future__ import annotations

import struct
from random import Random
from typing import Final

from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from accuracy.answers import Category, Step
from accuracy.sheet import Sheet

AS_TEXT: Final = "LO"  # pydicom does not write what is no number into a DS or IS
UNREADABLE: Final = 0.02  # of the images have a number with no reading or several, and must be held back
_WRITTEN_OTHERWISE: Final = 0.25  # of the numbers have a comma, a unit or blanks

_PLANE: Final = {"ImagePositionPatient": 3, "ImageOrientationPatient": 6, "PixelSpacing": 2, "SliceThickness": 1,
                 "SpacingBetweenSlices": 1, "SliceLocation": 1}  # fmt: skip
_NUMBERS: Final[dict[str, dict[str, int]]] = {
    "CT": {**_PLANE, "RescaleIntercept": 1, "RescaleSlope": 1, "WindowCenter": 2, "WindowWidth": 2,
           "ReconstructionDiameter": 1, "GantryDetectorTilt": 1, "ExposureTime": 1, "TableHeight": 1},
    "MR": {**_PLANE, "EchoTime": 1, "RepetitionTime": 1, "InversionTime": 1, "TriggerTime": 1, "FlipAngle": 1,
           "NominalInterval": 1},
    "PT": {**_PLANE, "RescaleIntercept": 1, "RescaleSlope": 1, "FrameReferenceTime": 1, "ActualFrameDuration": 1,
           "DecayFactor": 1, "DoseCalibrationFactor": 1},
    "NM": {"ActualFrameDuration": 1, "SliceThickness": 1, "SpacingBetweenSlices": 1, "ScanLength": 1},
    "CR": {"ImagerPixelSpacing": 2, "DistanceSourceToDetector": 1, "ExposureTime": 1},
    "DX": {"ImagerPixelSpacing": 2, "RescaleIntercept": 1, "RescaleSlope": 1, "DistanceSourceToPatient": 1},
}  # fmt: skip
_UNITS: Final = {
    **dict.fromkeys(("RescaleIntercept", "WindowCenter", "WindowWidth"), "HU"),
    **dict.fromkeys(("EchoTime", "RepetitionTime", "InversionTime", "TriggerTime", "NominalInterval"), "ms"),
    **dict.fromkeys(("ExposureTime", "FrameReferenceTime", "ActualFrameDuration"), "ms"),
    **dict.fromkeys(("GantryDetectorTilt", "FlipAngle"), "deg"),
    **dict.fromkeys(("ImageOrientationPatient", "RescaleSlope", "DecayFactor", "DoseCalibrationFactor"), ""),
}
"""The units that PS3.3 gives; all others are in mm."""


def put_geometry(sheet: Sheet, modality: str, rng: Random) -> bool:
    """Write the numbers of an image; return whether one of them has no reading or several."""
    for keyword, count in _NUMBERS.get(modality, {}).items():
        whole = dictionary_VR(keyword) == "IS"
        numbers = [_number(rng, whole=whole) for _ in range(count)]
        written = numbers
        if rng.random() < _WRITTEN_OTHERWISE:
            written = [_otherwise(number, _UNITS.get(keyword, "mm"), rng, whole=whole) for number in numbers]
        put_number(sheet, keyword, "\\".join(written), "\\".join(numbers))
    if modality not in _NUMBERS or rng.random() >= UNREADABLE:
        return False
    keyword = rng.choice([each for each in _NUMBERS[modality] if dictionary_VR(each) == "DS"])
    put_number(sheet, keyword, rng.choice(("-1,024", "1 furlong", "1.5,2.5", "1,5,2,5", "1.024,5")), "")
    return True


def put_number(sheet: Sheet, keyword: str, written: str, numbers: str) -> None:
    """Set an attribute to a text that stands for `numbers`, which must be left, or nothing."""
    tag = tag_for_keyword(keyword)
    assert tag is not None, keyword
    path = (*sheet.path, Step(tag))
    sheet.answers[:] = [answer for answer in sheet.answers if answer.path != path]
    sheet.data_set[tag] = DataElement(tag, AS_TEXT, written)
    plain = written == numbers
    sheet.add(Category.GEOMETRY, path, about="plain" if plain else "repaired", value=numbers)
    if plain:
        sheet.add(Category.TAG_RETAINED, path)
        sheet.add(Category.TEXT_NOTNULL, path)
        sheet.add(Category.TEXT_RETAINED, path, about="value", value=numbers)


def _number(rng: Random, *, whole: bool) -> str:
    if whole:
        return str(rng.randrange(1, 900))
    digits = rng.choice((1, 2, 4))
    return f"{rng.uniform(-300, 300):.{digits}f}"


def _otherwise(number: str, unit: str, rng: Random, *, whole: bool) -> str:
    """Return the number as a device of another country, or a person, writes it."""
    if not whole and rng.random() < 0.6:
        number = number.replace(".", ",")
    if unit and rng.random() < 0.5:
        number += rng.choice((unit, f" {unit}", f" {unit.upper()}"))
    return rng.choice((number, f" {number}", f"{number}  "))


def with_vr_of_numbers(data: bytes, data_set: Dataset) -> bytes:
    """Return an encoding in explicit VR with DS and IS where `put_number` set texts."""
    for element in data_set:
        vr = dictionary_VR(element.tag) if element.VR == AS_TEXT and not element.tag.is_private else AS_TEXT
        if vr in ("DS", "IS"):
            tag = struct.pack("<HH", element.tag.group, element.tag.element)
            data = data.replace(tag + AS_TEXT.encode(), tag + vr.encode(), 1)
    return data
