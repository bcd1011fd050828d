"""Invented MR series whose volumes, weights and scales converters read from private elements."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

_MR, _ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.1.4.1"
_ROOT = "1.2.826.0.1.3680043.10.77.8"
_DIRECTIONS = ((0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1))
_SLICES = 3


def _image(number: int, slice_number: int, manufacturer: str, size: int = 16, **more: Any) -> Dataset:
    """Return one image of a volume of `_SLICES` slices."""
    samples = np.random.default_rng(number).integers(0, 4000, size * size).astype("<u2")
    values: dict[str, Any] = {
        "ImageType": ["ORIGINAL", "PRIMARY", "M", "ND"],
        "SOPClassUID": _MR,
        "SOPInstanceUID": f"{_ROOT}.1.1.{number}",
        **dict.fromkeys(("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate"), "20240315"),
        **dict.fromkeys(("StudyTime", "SeriesTime"), "101000"),
        **dict.fromkeys(("AcquisitionTime", "ContentTime"), f"1010{number:02d}"),
        "Modality": "MR",
        "Manufacturer": manufacturer,
        "PatientName": "Quillfeather^Ada",
        "PatientID": "PID-77123",
        "StudyInstanceUID": f"{_ROOT}.1",
        "SeriesInstanceUID": f"{_ROOT}.1.1",
        "FrameOfReferenceUID": f"{_ROOT}.1.9",
        "SeriesNumber": 3,
        "AcquisitionNumber": 1,
        "InstanceNumber": number,
        "PatientPosition": "HFS",
        "ScanningSequence": "EP",
        "SequenceVariant": "NONE",
        "MRAcquisitionType": "2D",
        "InPlanePhaseEncodingDirection": "COL",
        "RepetitionTime": "4000",
        "EchoTime": "80",
        "FlipAngle": "90",
        "MagneticFieldStrength": "3",
        "SliceThickness": "2.5",
        "SpacingBetweenSlices": "2.5",
        "ImagePositionPatient": [-20, -20, 2.5 * slice_number],
        "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
        "PixelSpacing": [2.5, 2.5],
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        **dict.fromkeys(("Rows", "Columns"), size),
        "BitsAllocated": 16,
        "BitsStored": 12,
        "HighBit": 11,
        "PixelRepresentation": 0,
        "PixelData": samples.tobytes(),
    }
    made = Dataset()
    for keyword, value in (values | more).items():
        setattr(made, keyword, value)
    made["PixelData"].VR = "OW"
    return made


def _weighted() -> Iterator[tuple[int, int, int, tuple[int, int, int]]]:
    """Yield (number of the image, slice, b-value, direction) of a series of diffusion weighted volumes."""
    for volume, direction in enumerate(_DIRECTIONS):
        for place in range(_SLICES):
            yield volume * _SLICES + place + 1, place, 1000 if volume else 0, direction


def ge_diffusion() -> list[Dataset]:
    """Return images of GE: b-value, directions and the number of slices are private."""
    found = []
    for number, place, b_value, direction in _weighted():
        made = _image(number, place, "GE MEDICAL SYSTEMS")
        acquisition = made.private_block(0x0019, "GEMS_ACQU_01", create=True)
        for element, part in zip((0xBB, 0xBC, 0xBD), direction, strict=True):
            acquisition.add_new(element, "DS", str(part))
        acquisition.add_new(0xDF, "DS", "1")
        acquisition.add_new(0xE0, "DS", "3")
        made.private_block(0x0021, "GEMS_RELA_01", create=True).add_new(0x4F, "SS", _SLICES)
        made.private_block(0x0043, "GEMS_PARM_01", create=True).add_new(0x39, "IS", [b_value, 8, 0, 0])
        found.append(made)
    return found


def philips_diffusion() -> list[Dataset]:
    """Return images of Philips: b-value, directions and the precise scale are private."""
    found = []
    for number, place, b_value, direction in _weighted():
        made = _image(number, place, "Philips Medical Systems", RescaleSlope=2, RescaleIntercept=0)
        imaging = made.private_block(0x2001, "Philips Imaging DD 001", create=True)
        for element, vr, value in (
            (0x03, "FL", float(b_value)),
            (0x0A, "IS", place + 1),
            (0x18, "SL", _SLICES),
        ):
            imaging.add_new(element, vr, value)
        scaling = made.private_block(0x2005, "Philips MR Imaging DD 001", create=True)
        for element, part in zip((0x0D, 0x0E, 0xB0, 0xB1, 0xB2), (0, 0.0125, *direction), strict=True):
            scaling.add_new(element, "FL", float(part))
        found.append(made)
    return found


def siemens_mosaics() -> list[Dataset]:
    """Return mosaics of Siemens: the number of tiles, b-value and direction are private."""
    found = []
    for number, direction in enumerate(_DIRECTIONS[:3], 1):
        kind = ["ORIGINAL", "PRIMARY", "M", "ND", "MOSAIC"]
        made = _image(number, 0, "SIEMENS", size=32, ImageType=kind, AcquisitionNumber=number)
        header = made.private_block(0x0019, "SIEMENS MR HEADER", create=True)
        header.add_new(0x0A, "US", 4)
        header.add_new(0x0C, "IS", "1000" if number > 1 else "0")
        if number > 1:
            header.add_new(0x0E, "FD", [float(part) for part in direction])
        found.append(made)
    return found


def philips_enhanced() -> list[Dataset]:
    """Return one enhanced image of Philips: the precise scale of each frame is in a nested private sequence."""
    made = _image(1, 0, "Philips Medical Systems", ImageType=["ORIGINAL", "PRIMARY", "M", "NONE"])
    made.SOPClassUID, made.NumberOfFrames = _ENHANCED_MR, _SLICES
    made.PixelData = made.PixelData * _SLICES
    made["PixelData"].VR = "OW"
    made.SharedFunctionalGroupsSequence = [Dataset()]
    made.PerFrameFunctionalGroupsSequence = [_frame(place) for place in range(_SLICES)]
    for keyword in ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"):
        delattr(made, keyword)
    return [made]


def _frame(place: int) -> Dataset:
    scale, frame = Dataset(), Dataset()
    block = scale.private_block(0x2005, "Philips MR Imaging DD 001", create=True)
    block.add_new(0x0D, "FL", 0.0)
    block.add_new(0x0E, "FL", 0.0125)
    scale.PatientName = "Quillfeather^Ada"
    position, orientation, measures, transformation, content = (Dataset() for _ in range(5))
    position.ImagePositionPatient = [-20, -20, 2.5 * place]
    orientation.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    measures.PixelSpacing, measures.SliceThickness, measures.SpacingBetweenSlices = [2.5, 2.5], 2.5, 2.5
    transformation.RescaleSlope, transformation.RescaleIntercept, transformation.RescaleType = 2, 0, "US"
    content.StackID, content.InStackPositionNumber, content.DimensionIndexValues = (
        "1",
        place + 1,
        [1, place + 1],
    )
    frame.FrameContentSequence = [content]
    frame.PlanePositionSequence = [position]
    frame.PlaneOrientationSequence = [orientation]
    frame.PixelMeasuresSequence = [measures]
    frame.PixelValueTransformationSequence = [transformation]
    frame.private_block(0x2005, "Philips MR Imaging DD 005", create=True).add_new(0x0F, "SQ", [scale])
    return frame


SERIES = {
    make.__name__: make for make in (ge_diffusion, philips_diffusion, siemens_mosaics, philips_enhanced)
}
"""The series by name; each call makes new data sets."""


def encoded(data_set: Dataset, *, implicit: bool = False) -> bytes:
    """Return a data set as a Part 10 file in explicit or implicit VR."""
    meta = data_set.file_meta = FileMetaDataset()
    meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = data_set.SOPClassUID
    meta.MediaStorageSOPInstanceUID = data_set.SOPInstanceUID
    file = BytesIO()
    data_set.save_as(file, enforce_file_format=True)
    return file.getvalue()
