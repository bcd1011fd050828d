"""A CT image as scanners write it: 512 x 512, 16 bits, 258 elements at all depths, an invented patient.

The attributes are those of a contrast-enhanced examination of chest and abdomen with the private blocks of a GE
scanner: 258 elements as pydicom counts them, sequences included, items and file meta information not.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydicom import Dataset

from benchmarks.writing import ROOT, PrivateElement, add_private, coded, data_set, reference, referenced

CT_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.2"
ELEMENTS = 258
SIDE = 512

_IDENTITY: dict[str, Any] = {
    "SpecificCharacterSet": "ISO_IR 100",
    "AccessionNumber": "ACC7741903",
    "InstitutionName": "Elizabethbury Clinic",
    "InstitutionAddress": "14 Larkspur Lane, Elizabethbury",
    "InstitutionalDepartmentName": "Radiology West",
    "ReferringPhysicianName": "Okonkwo^Ngozi^^Dr",
    "PerformingPhysicianName": "Marchetti^Paolo",
    "NameOfPhysiciansReadingStudy": "Vasquez^Imelda",
    "OperatorsName": "Thistlewood^Gary",
    "StationName": "CTEB02",
    "PatientName": "Featherstonehaugh^Rosalind^Maud",
    "PatientID": "EBC-0048213",
    "IssuerOfPatientID": "EBC",
    "PatientBirthDate": "19530417",
    "PatientSex": "F",
    "OtherPatientIDs": ["EB48213", "XR-99120"],
    "OtherPatientNames": "Pemberton^Rosalind",
    "PatientAge": "071Y",
    "PatientSize": "1.66",
    "PatientWeight": "63.5",
    "PatientAddress": "3 Quillfeather Court, Elizabethbury",
    "PatientTelephoneNumbers": "+44 1632 960451",
    "MedicalAlerts": "Iodine",
    "Allergies": "Penicillin",
    "EthnicGroup": "Not stated",
    "Occupation": "Watchmaker",
    "AdditionalPatientHistory": "Mrs Featherstonehaugh, seen by Dr Okonkwo on 12.03.2024 with cough",
    "PregnancyStatus": 4,
    "PatientComments": "Daughter rings 01632 960452",
    "AdmissionID": "ADM20240311-07",
    "AdmittingDate": "20240311",
    "AdmittingDiagnosesDescription": "Cough for six weeks",
    "CurrentPatientLocation": "Ward 6",
    "RequestingPhysician": "Okonkwo^Ngozi^^Dr",
    "RequestingService": "Chest clinic",
}
_WHEN: dict[str, Any] = {
    "InstanceCreationDate": "20240312",
    "StudyDate": "20240312",
    "SeriesDate": "20240312",
    "AcquisitionDate": "20240312",
    "ContentDate": "20240312",
    "AcquisitionDateTime": "20240312094512.250000",
    "StudyTime": "093811",
    "SeriesTime": "094402.125",
    "AcquisitionTime": "094512.250",
    "TimezoneOffsetFromUTC": "+0000",
    "DateOfLastCalibration": "20240312",
    "PerformedProcedureStepStartDate": "20240312",
    "PerformedProcedureStepStartTime": "093811",
    "PerformedProcedureStepEndDate": "20240312",
    "PerformedProcedureStepEndTime": "095203",
}
_STUDY: dict[str, Any] = {
    "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
    "SOPClassUID": CT_IMAGE_STORAGE,
    "Modality": "CT",
    "Manufacturer": "GE MEDICAL SYSTEMS",
    "ManufacturerModelName": "LightSpeed VCT",
    "StudyDescription": "CT chest and abdomen with contrast, Featherstonehaugh",
    "SeriesDescription": "Axial 1.25mm lung",
    "StudyInstanceUID": f"{ROOT}.1",
    "SeriesInstanceUID": f"{ROOT}.1.4",
    "FrameOfReferenceUID": f"{ROOT}.1.9",
    "StudyID": "20731",
    "SeriesNumber": "4",
    "AcquisitionNumber": "1",
    "PositionReferenceIndicator": "XY",
    "ImageComments": "Breath held",
    "RequestedProcedureDescription": "CT chest and abdomen with contrast",
    "PerformedStationAETitle": "CTEB02",
    "PerformedStationName": "CTEB02",
    "PerformedProcedureStepID": "PPS20731",
    "PerformedProcedureStepDescription": "CT chest and abdomen",
    "CommentsOnThePerformedProcedureStep": "Patient anxious",
}
_SCAN: dict[str, Any] = {
    "ContrastBolusAgent": "Iohexol 350",
    "BodyPartExamined": "CHEST",
    "ScanOptions": "HELICAL MODE",
    "SliceThickness": "1.25",
    "KVP": "120",
    "SpacingBetweenSlices": "1.25",
    "DataCollectionDiameter": "500.0",
    "DeviceSerialNumber": "000000412907CT",
    "SoftwareVersions": "12HW14.6",
    "ProtocolName": "6.1 CHEST ABDOMEN",
    "ContrastBolusRoute": "IV",
    "ContrastBolusVolume": "90",
    "ReconstructionDiameter": "360.0",
    "DistanceSourceToDetector": "949.075",
    "DistanceSourceToPatient": "541.0",
    "GantryDetectorTilt": "0.0",
    "TableHeight": "158.0",
    "RotationDirection": "CW",
    "ExposureTime": "500",
    "XRayTubeCurrent": "410",
    "Exposure": "205",
    "FilterType": "BODY FILTER",
    "GeneratorPower": "49200",
    "FocalSpots": "1.2",
    "ConvolutionKernel": "LUNG",
    "PatientPosition": "FFS",
    "RevolutionTime": 0.5,
    "SingleCollimationWidth": 0.625,
    "TotalCollimationWidth": 40.0,
    "TableSpeed": 78.75,
    "TableFeedPerRotation": 39.375,
    "SpiralPitchFactor": 0.984375,
    "DataCollectionCenterPatient": [0.0, 0.0, -120.0],
    "ReconstructionTargetCenterPatient": [4.5, -11.0, -120.0],
    "ExposureModulationType": "SMART_AUTO",
    "CTDIvol": 9.31,
}
_PICTURE: dict[str, Any] = {
    "ImageOrientationPatient": ["1", "0", "0", "0", "1", "0"],
    "SamplesPerPixel": 1,
    "PhotometricInterpretation": "MONOCHROME2",
    "Rows": SIDE,
    "Columns": SIDE,
    "PixelSpacing": ["0.703125", "0.703125"],
    "BitsAllocated": 16,
    "BitsStored": 16,
    "HighBit": 15,
    "PixelRepresentation": 1,
    "PixelPaddingValue": -2000,
    "SmallestImagePixelValue": -1024,
    "LargestImagePixelValue": 3071,
    "WindowCenter": ["-600", "40"],
    "WindowWidth": ["1500", "400"],
    "WindowCenterWidthExplanation": ["LUNG", "MEDIASTINUM"],
    "RescaleIntercept": "0",
    "RescaleSlope": "1",
    "RescaleType": "HU",
}


def _decimals(first: int, count: int) -> list[PrivateElement]:
    return [(first + step, "DS", f"{first}.{step:06d}") for step in range(count)]


def _shorts(first: int, count: int) -> list[PrivateElement]:
    return [(first + step, "SS", first + step) for step in range(count)]


_PRIVATE: tuple[tuple[int, str, list[PrivateElement]], ...] = (
    (0x0009, "GEMS_IDEN_01", [(0x01, "LO", "CT_LIGHTSPEED"), (0x02, "SH", "CTEB02"), (0x04, "SH", "LightSpeed VCT"),
                              (0x27, "SL", 1710236712), (0xE3, "UI", f"{ROOT}.77.1")]),
    (0x0019, "GEMS_ACQU_01", [*_decimals(0x02, 2), *_shorts(0x0B, 3), *_decimals(0x18, 10), *_shorts(0x2A, 4)]),
    (0x0021, "GEMS_RELA_01", [(0x03, "SS", 1), (0x05, "SH", "Featherston"), (0x07, "SL", 1710236402),
                              (0x35, "SS", 0), (0x36, "SS", 1), *_shorts(0x90, 4)]),
    (0x0023, "GEMS_STDY_01", [(0x10, "SS", 0), (0x70, "FD", 1710236350.5)]),
    (0x0027, "GEMS_IMAG_01", [(0x06, "SL", 1), *_shorts(0x10, 3), (0x20, "SS", 2), (0x35, "SS", 4),
                              (0x40, "SH", "S"), (0x41, "FL", -118.75),
                              *[(0x42 + n, "FL", 0.5 * n) for n in range(4)]]),
    (0x0043, "GEMS_PARM_01", [*_shorts(0x10, 4), *_decimals(0x1A, 3), (0x25, "SS", [67, -35, 38, -1, 0, 0]),
                              (0x26, "US", [0, 1, 1, 0, 0, 0]), (0x27, "SH", "/39.0:1"), (0x28, "OB", bytes(80)),
                              (0x29, "OB", bytes(240)), (0x40, "FL", [178.0, 179.5, 180.0, 180.5]),
                              *_shorts(0x41, 4)]),
    (0x0045, "GEMS_HELIOS_01", [*_shorts(0x01, 4), (0x06, "CS", "N"), *_shorts(0x0F, 2), (0x32, "FL", 0.0),
                                (0x3B, "LO", "CHEST ABDOMEN"), (0x55, "LO", "Marchetti")]),
)  # fmt: skip


def ct_image(number: int) -> Dataset:
    """Return image `number` (from 1) of the series: other UIDs, positions, times and noise in each."""
    image = data_set(_IDENTITY | _WHEN | _STUDY | _SCAN | _PICTURE)
    image.SOPInstanceUID = f"{ROOT}.1.4.{number}"
    image.InstanceNumber = str(number)
    position = -1.25 * number
    image.ImagePositionPatient = ["-180.0", "-180.0", f"{position:.2f}"]
    image.SliceLocation = f"{position:.2f}"
    image.InstanceCreationTime = image.ContentTime = f"0945{number // 60 % 60:02d}.{number % 60:02d}0000"
    _add_sequences(image, number)
    for group, creator, elements in _PRIVATE:
        add_private(image, group, creator, elements)
    noise = np.random.default_rng(number)
    image.PixelData = noise.integers(-1024, 3072, SIDE * SIDE, dtype=np.int16).tobytes()
    image["PixelData"].VR = "OW"
    return image


def _add_sequences(image: Dataset, number: int) -> None:
    procedure = coded("24627-2", "LN", "CT Chest")
    image.ProcedureCodeSequence = [procedure]
    image.RequestedProcedureCodeSequence = [procedure]
    image.CTDIPhantomTypeCodeSequence = [coded("113691", "DCM", "IEC Body Dosimetry Phantom")]
    image.ContrastBolusAgentSequence = [coded("C-B0322", "SRT", "Iohexol")]
    image.ReferencedStudySequence = [referenced("1.2.840.10008.3.1.2.3.1", "1")]
    image.ReferencedPerformedProcedureStepSequence = [referenced("1.2.840.10008.3.1.2.3.3", "2")]
    scouts = [referenced(CT_IMAGE_STORAGE, f"1.1.{scout}") for scout in (1, 2)]
    image.ReferencedImageSequence = scouts
    image.SourceImageSequence = [
        reference(CT_IMAGE_STORAGE, f"1.3.{number}", coded("121322", "DCM", "Source image"))
    ]
    request = data_set(
        {
            "RequestedProcedureID": "RP20731",
            "RequestedProcedureDescription": "CT chest and abdomen with contrast",
            "ScheduledProcedureStepID": "SPS20731",
            "ScheduledProcedureStepDescription": "CT chest and abdomen",
            "AccessionNumber": "ACC7741903",
        }
    )
    request.ScheduledProtocolCodeSequence = [coded("CHESTABD", "99EBC", "Chest and abdomen")]
    image.RequestAttributesSequence = [request]
