"""The main DICOM tags that Orthanc keeps in its index, by the level that it keeps them at.

The set that every supported Orthanc (1.10.1 and later) indexes without further settings: a rule that matches on
these costs a look into the index, not a read of the file.
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
