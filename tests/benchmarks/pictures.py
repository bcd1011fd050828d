"""The other made instances: a digital radiograph, a long X-ray run, and an enhanced CT with functional groups."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from pydicom import Dataset

from benchmarks.writing import ROOT, coded, data_set, referenced, write_with_pixels

DX_FOR_PRESENTATION = "1.2.840.10008.5.1.4.1.1.1.1"
XA_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.12.1"
ENHANCED_CT_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.2.1"
DX_SHAPE = (2500, 2048)
XA_SIDE = 1024
ENHANCED_CT_SIDE = 512

_COMMON: dict[str, Any] = {
    "SpecificCharacterSet": "ISO_IR 100",
    "StudyDate": "20240312",
    "SeriesDate": "20240312",
    "AcquisitionDate": "20240312",
    "ContentDate": "20240312",
    "StudyTime": "093811",
    "ContentTime": "094512",
    "AccessionNumber": "ACC7741903",
    "Manufacturer": "GE MEDICAL SYSTEMS",
    "InstitutionName": "Elizabethbury Clinic",
    "ReferringPhysicianName": "Okonkwo^Ngozi^^Dr",
    "StationName": "EB02",
    "StudyDescription": "Chest",
    "OperatorsName": "Thistlewood^Gary",
    "PatientName": "Featherstonehaugh^Rosalind^Maud",
    "PatientID": "EBC-0048213",
    "PatientBirthDate": "19530417",
    "PatientSex": "F",
    "PatientAge": "071Y",
    "BodyPartExamined": "CHEST",
    "DeviceSerialNumber": "412907",
    "SoftwareVersions": "12HW14.6",
    "StudyInstanceUID": f"{ROOT}.2",
    "SeriesInstanceUID": f"{ROOT}.2.1",
    "FrameOfReferenceUID": f"{ROOT}.2.9",
    "StudyID": "20731",
    "SeriesNumber": "1",
    "InstanceNumber": "1",
    "SamplesPerPixel": 1,
    "PhotometricInterpretation": "MONOCHROME2",
    "BitsAllocated": 16,
    "BitsStored": 12,
    "HighBit": 11,
    "PixelRepresentation": 0,
    "LossyImageCompression": "00",
    "BurnedInAnnotation": "NO",
}
_DX: dict[str, Any] = {
    "ImageType": ["ORIGINAL", "PRIMARY"],
    "SOPClassUID": DX_FOR_PRESENTATION,
    "Modality": "DX",
    "PresentationIntentType": "FOR PRESENTATION",
    "ViewPosition": "PA",
    "KVP": "125",
    "ExposureTime": "5",
    "XRayTubeCurrent": "320",
    "Exposure": "2",
    "ImagerPixelSpacing": ["0.171", "0.171"],
    "Grid": "IN",
    "DetectorType": "DIRECT",
    "DetectorID": "FD-88120",
    "PatientOrientation": ["L", "F"],
    "ImageLaterality": "U",
    "PixelIntensityRelationship": "LOG",
    "PixelIntensityRelationshipSign": -1,
    "RescaleIntercept": "0",
    "RescaleSlope": "1",
    "RescaleType": "US",
    "PresentationLUTShape": "IDENTITY",
    "WindowCenter": "2048",
    "WindowWidth": "4096",
    "AcquisitionContextSequence": [],
}
_XA: dict[str, Any] = {
    "ImageType": ["ORIGINAL", "PRIMARY", "SINGLE PLANE"],
    "SOPClassUID": XA_IMAGE_STORAGE,
    "Modality": "XA",
    "RadiationSetting": "GR",
    "KVP": "75",
    "PositionerMotion": "STATIC",
    "PositionerPrimaryAngle": "-30.2",
    "PositionerSecondaryAngle": "0.4",
    "CineRate": "15",
    "FrameTime": "66.7",
    "FrameIncrementPointer": 0x00181063,
    "PixelIntensityRelationship": "LIN",
}
_ENHANCED_CT: dict[str, Any] = {
    "ImageType": ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"],
    "SOPClassUID": ENHANCED_CT_IMAGE_STORAGE,
    "Modality": "CT",
    "AcquisitionDateTime": "20240312094512",
    "PixelPresentation": "MONOCHROME",
    "VolumetricProperties": "VOLUME",
    "VolumeBasedCalculationTechnique": "NONE",
    "ContentQualification": "PRODUCT",
    "PresentationLUTShape": "IDENTITY",
}


def radiograph(number: int) -> Dataset:
    """Return radiograph `number`: 2500 rows of 2048 pixels, 12 of 16 bits used."""
    image = data_set(_COMMON | _DX)
    image.SOPInstanceUID = f"{ROOT}.2.1.{number}"
    image.Rows, image.Columns = DX_SHAPE
    image.ViewCodeSequence = [coded("272479007", "SCT", "Postero-anterior")]
    image.AnatomicRegionSequence = [coded("51185008", "SCT", "Chest")]
    image.PixelData = np.random.default_rng(number).integers(0, 4096, DX_SHAPE, dtype=np.uint16).tobytes()
    image["PixelData"].VR = "OW"
    return image


def write_xray_run(path: Path, frames: int) -> None:
    """Write an X-ray angiographic run of 1024 x 1024 frames: 2 MiB each, so that 500 of them are 1 GB."""
    image = data_set(_COMMON | _XA)
    image.SOPInstanceUID = f"{ROOT}.2.1.1"
    image.NumberOfFrames = str(frames)
    image.Rows = image.Columns = XA_SIDE
    write_with_pixels(path, image, frames * XA_SIDE * XA_SIDE * 2, _frames(frames, XA_SIDE))


def write_enhanced_ct(path: Path, frames: int) -> None:
    """Write an enhanced CT of 512 x 512 frames, each with its functional groups (21 elements at four depths)."""
    image = data_set(_COMMON | _ENHANCED_CT)
    image.SOPInstanceUID = f"{ROOT}.2.1.2"
    image.NumberOfFrames = str(frames)
    image.Rows = image.Columns = ENHANCED_CT_SIDE
    measures = data_set({"PixelSpacing": ["0.7", "0.7"], "SliceThickness": "1.25"})
    image.SharedFunctionalGroupsSequence = [data_set({"PixelMeasuresSequence": [measures]})]
    image.PerFrameFunctionalGroupsSequence = [_functional_groups(frame) for frame in range(1, frames + 1)]
    write_with_pixels(path, image, frames * ENHANCED_CT_SIDE**2 * 2, _frames(frames, ENHANCED_CT_SIDE))


def _functional_groups(frame: int) -> Dataset:
    content = {
        "FrameReferenceDateTime": f"2024031209{frame // 60 % 60:02d}{frame % 60:02d}",
        "FrameAcquisitionDateTime": f"2024031209{frame // 60 % 60:02d}{frame % 60:02d}",
        "FrameAcquisitionDuration": 500.0,
        "StackID": "1",
        "InStackPositionNumber": frame,
        "DimensionIndexValues": [1, frame],
    }
    source = referenced(ENHANCED_CT_IMAGE_STORAGE, f"2.3.{frame}")
    source.PurposeOfReferenceCodeSequence = [coded("121322", "DCM", "Source image")]
    transform = {"RescaleIntercept": "0", "RescaleSlope": "1", "RescaleType": "HU"}
    position = {"ImagePositionPatient": ["-180.0", "-180.0", f"{-1.25 * frame:.2f}"]}
    return data_set(
        {
            "FrameContentSequence": [data_set(content)],
            "ReferencedImageSequence": [source],
            "PlanePositionSequence": [data_set(position)],
            "PixelValueTransformationSequence": [data_set(transform)],
        }
    )


def _frames(count: int, side: int) -> Iterator[bytes]:
    """Yield `count` frames of 12-bit noise; each is the first one moved on, because noise takes long to make."""
    first = np.random.default_rng(count).integers(0, 4096, side * side, dtype=np.uint16)
    for number in range(count):
        yield np.roll(first, 997 * number).tobytes()
