"""The main DICOM tags of Orthanc: those that it keeps in its index, by level.

Every supported Orthanc (1.10.1 and later) indexes this set by default, so rules that match on these tags read the
index and not the file.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

LEVELS: Final = ("patient", "study", "series", "instance")

_TAGS: Final = {
    "patient": "PatientID PatientName PatientBirthDate PatientSex OtherPatientIDs",
    "study": (
        "AccessionNumber InstitutionName ReferringPhysicianName RequestedProcedureDescription "
        "RequestingPhysician StudyDate StudyDescription StudyID StudyInstanceUID StudyTime"
    ),
    "series": (
        "AcquisitionDeviceProcessingDescription BodyPartExamined CardiacNumberOfImages ContrastBolusAgent "
        "ImagesInAcquisition Manufacturer Modality NumberOfSlices NumberOfTemporalPositions NumberOfTimeSlots "
        "OperatorsName PerformedProcedureStepDescription ProtocolName SequenceName SeriesDate "
        "SeriesDescription SeriesInstanceUID SeriesNumber SeriesTime SeriesType StationName"
    ),
    "instance": (
        "AcquisitionNumber ImageComments ImageIndex ImageOrientationPatient ImagePositionPatient "
        "InstanceCreationDate InstanceCreationTime InstanceNumber NumberOfFrames SOPInstanceUID "
        "TemporalPositionIdentifier"
    ),
}

LEVEL_OF_TAG: Final = MappingProxyType({tag: level for level, tags in _TAGS.items() for tag in tags.split()})
"""Keyword of a main tag -> one of `LEVELS`."""
