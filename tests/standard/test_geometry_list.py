"""The numbers of geometry: one list for the engine, another one for the check, both of the same attributes."""

from __future__ import annotations

import re

import pytest
from pydicom._dicom_dict import DicomDictionary
from pydicom.datadict import tag_for_keyword

from orthanc_deid.standard import tables
from orthanc_deid.standard.data_files import read_csv
from orthanc_deid.verify.rules.geometry_numbers import DECAY_TIMES, is_geometry
from orthanc_deid.verify.rules.geometry_units import unit_of

DEMANDED = re.findall(
    r"\w+",
    """
    ImagePositionPatient ImageOrientationPatient PixelSpacing ImagerPixelSpacing NominalScannedPixelSpacing
    SliceThickness SpacingBetweenSlices SliceLocation RescaleSlope RescaleIntercept WindowCenter WindowWidth
    RealWorldValueSlope RealWorldValueIntercept NumberOfFrames FrameTime FrameTimeVector TriggerTime
    FrameReferenceTime ActualFrameDuration RepetitionTime EchoTime InversionTime DiffusionBValue
    DiffusionGradientOrientation DoseGridScaling GridFrameOffsetVector ContourData BeamNumber ReferencedBeamNumber
    ReferencedROINumber ROINumber LeafJawPositions IsocenterPosition DecayFactor DoseCalibrationFactor
    RadionuclideHalfLife RadionuclideTotalDose DataPointColumns DataPointRows SpectralWidth TransmitterFrequency
    RotationVector AngularStep StartAngle RadialPosition PhysicalDeltaX PhysicalDeltaY ReferencePixelX0
    ALinePixelSpacing EffectiveRefractiveIndex DistanceSourceToDetector DistanceSourceToPatient
    PositionerPrimaryAngle GantryDetectorTilt PixelAspectRatio Rows Columns BitsStored
    XOffsetInSlideCoordinateSystem FrameOfReferenceTransformationMatrix GridResolution NumericValue
    """,
)
NUMERIC = {"DS", "IS", "FL", "FD", "SS", "US", "SL", "UL", "SV", "UV"}


def named(tags: set[int]) -> list[str]:
    return sorted(DicomDictionary[tag][4] for tag in tags)


def test_the_check_derives_the_attributes_that_the_list_names() -> None:
    listed, derived = set(tables.geometry_units()), {tag for tag in DicomDictionary if is_geometry(tag)}
    assert named(listed - derived) == []
    assert named(derived - listed) == []


def test_the_check_derives_the_units_of_the_list() -> None:
    units = tables.geometry_units()
    assert {DicomDictionary[tag][4]: unit for tag, unit in units.items() if unit != unit_of(tag)} == {}


def test_times_of_decay_are_the_same_for_the_check() -> None:
    assert tables.decay_times() == DECAY_TIMES
    assert all(tables.row_for(tag) is not None for tag in DECAY_TIMES)


def test_every_row_is_a_number_of_the_dictionary_with_its_section() -> None:
    for row in read_csv("geometry.csv"):
        tag = int(row["tag"][1:5] + row["tag"][6:10], 16)
        assert row["keyword"] == DicomDictionary[tag][4]
        assert set(row["vr"].split(" or ")) & NUMERIC
        assert row["why"]
        assert re.fullmatch(r"(?:C\.)?\d+(?:\.\d+)*", row["source"])
        assert tables.row_for(tag) is None, "Table E.1-1 decides"


@pytest.mark.parametrize("keyword", DEMANDED)
def test_what_places_scales_or_times_is_listed(keyword: str) -> None:
    assert tag_for_keyword(keyword) in tables.geometry_units()


@pytest.mark.parametrize(
    "keyword", ["KVP", "XRayTubeCurrent", "SeriesNumber", "PatientWeight", "PatientSize", "SAR"]
)
def test_other_numbers_are_not_listed(keyword: str) -> None:
    tag = tag_for_keyword(keyword)
    assert tag is not None
    assert tag not in tables.geometry_units()
