"""Numbers that a result must have as the original has them (`profile/RULES.md`, section "Geometry").

The attributes are derived from PS3.6 by group and exception, and the values are read here;
`standard/geometry.csv`, which the engine follows, is not used.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import Final

from pydicom.datadict import dictionary_is_retired, dictionary_keyword, dictionary_VM

from orthanc_deid.standard.tables import row_for
from orthanc_deid.verify.rules.expectations import dictionary_vrs
from orthanc_deid.verify.rules.geometry_units import unit_of

_NUMERIC: Final = frozenset(("DS", "IS", "FL", "FD", "SS", "US", "SL", "UL", "SV", "UV"))


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_GROUPS: Final = frozenset(
    (
        *(0x0018, 0x0020, 0x0022, 0x0028, 0x003A, 0x0048, 0x0052, 0x0054, 0x0062, 0x0064, 0x0066, 0x0070),
        *(0x3002, 0x3004, 0x3006, 0x3008, 0x300A, 0x300C, 0x3010, 0x5400, 0x5600),
    )
)
"""Groups whose numbers place, scale or time something, but for `_OTHER_NUMBERS`."""
_OTHER_NUMBERS: Final = _names(
    """
    KVP AutoKVPUpperBound AutoKVPLowerBound XRayTubeCurrent XRayTubeCurrentInuA XRayTubeCurrentInmA Exposure
    ExposureInuAs ExposureInmAs GeneratorPower PhototimerSetting ExposuresOnPlate RelativeXRayExposure
    ExposureIndex TargetExposureIndex DeviationIndex ImageAndFluoroscopyAreaDoseProduct
    AcquiredImageAreaDoseProduct CTDIvol CTDIvolNotificationTrigger DLPNotificationTrigger EffectiveBinEnergy
    NominalMaxEnergy NominalMinEnergy PhotonEnergy XRayMassAttenuationCoefficient ExcitationEnergy
    ContrastBolusT1Relaxivity ContrastBolusVolume ContrastBolusTotalDose ContrastBolusIngredientConcentration
    ContrastBolusIngredientPercentByVolume ContrastBolusInjectionDelay ContrastBolusAgentNumber
    ContrastFlowRate ContrastFlowDuration SyringeCounts ResidualSyringeCounts InterventionDrugDose
    MydriaticAgentConcentration RadiopharmaceuticalVolume RadiopharmaceuticalSpecificActivity
    RadiopharmaceuticalAgentNumber MagneticFieldStrength SAR dBdt B1rms SpecificAbsorptionRateValue
    GradientOutput MechanicalIndex BoneThermalIndex CranialThermalIndex SoftTissueThermalIndex
    SoftTissueFocusThermalIndex SoftTissueSurfaceThermalIndex AcousticCouplingMediumTemperature
    CountsAccumulated CountRate NumberOfAverages IntervalsAcquired IntervalsRejected SkipBeats HeartRate
    LesionNumber UpperLimitNumberOfPersistentFluoroscopyFrames AcquisitionStartConditionData
    AcquisitionTerminationConditionData StartDensityThreshold StartRelativeDensityDifferenceThreshold
    StartCardiacTriggerCountThreshold StartRespiratoryTriggerCountThreshold TerminationCountsThreshold
    TerminationDensityThreshold TerminationRelativeDensityThreshold TerminationTimeThreshold
    TerminationCardiacTriggerCountThreshold TerminationRespiratoryTriggerCountThreshold DetectorTemperature
    DetectorTimeSinceLastExposure DetectorActiveTime DetectorActivationOffsetFromExposure
    ExposuresOnDetectorSinceLastCalibration ExposuresOnDetectorSinceManufactured GridThickness GridPitch
    GridAspectRatio GridPeriod GridFocalDistance FilterThicknessMinimum FilterThicknessMaximum
    FilterBeamPathLengthMinimum FilterBeamPathLengthMaximum CompressionForce CompressionPressure
    CompressionContactArea Sensitivity IlluminationWaveLength IlluminationPower IlluminationBandwidth
    SignalToNoiseRatio IntraOcularPressure DegreeOfDilation QualityThreshold
    OphthalmicThicknessMapThresholdQualityRating WideFieldOphthalmicPhotographyThresholdQualityRating
    SeriesNumber AcquisitionNumber InstanceNumber ItemNumber FrameAcquisitionNumber ImagesInAcquisition
    NumberOfPatientRelatedStudies NumberOfPatientRelatedSeries NumberOfPatientRelatedInstances
    NumberOfStudyRelatedSeries NumberOfStudyRelatedInstances NumberOfSeriesRelatedInstances InstructionIndex
    ProtocolElementNumber SourceAcquisitionProtocolElementNumber SourceAcquisitionBeamNumber
    SourceReconstructionProtocolElementNumber PlanOverviewIndex ReferencedPlanOverviewIndex
    PreferredPlaybackSequencing LossyImageCompressionRatio NumberOfDisplaySubsystems CurrentConfigurationID
    DisplaySubsystemID LuminanceCharacteristicsID ConfigurationID ReferencedTargetLuminanceCharacteristicsID
    DDLValue CIExyWhitePoint GammaValue NumberOfLuminancePoints TargetMinimumLuminance TargetMaximumLuminance
    LuminanceValue UltrasoundColorDataPresent SubtractionItemID DisplayFilterPercentage
    MaskVisibilityPercentage ShutterPresentationValue ShutterOverlayGroup ShutterPresentationColorCIELabValue
    ActiveImageAreaOverlayGroup WaveformDisplayBackgroundCIELabValue ChannelRecommendedDisplayCIELabValue
    RecommendedAbsentPixelCIELabValue RecommendedDisplayGrayscaleValue RecommendedDisplayCIELabValue
    RecommendedPresentationOpacity RecommendedPointRadius RecommendedLineThickness PresentationGroupNumber
    GraphicLayerOrder GraphicLayerRecommendedDisplayGrayscaleValue GraphicLayerRecommendedDisplayCIELabValue
    TextColorCIELabValue ShadowOffsetX ShadowOffsetY ShadowColorCIELabValue ShadowOpacity
    PatternOnColorCIELabValue PatternOffColorCIELabValue PatternOnOpacity PatternOffOpacity LineThickness
    LinePattern GapLength RelativeOpacity AmbientReflectionIntensity DiffuseReflectionIntensity
    SpecularReflectionIntensity Shininess LightDirection RecommendedAnimationRate AnimationStepSize
    ROIDisplayColor ROIElementalCompositionAtomicNumber ROIElementalCompositionAtomicMassFraction
    """
)
"""Doses, agents, counts, devices and their calibration, numbers of series and protocols, displays and strokes."""
_ELSEWHERE: Final = _names(
    """
    ReferencedFrameNumber SimpleFrameList CalculatedFrameList TimeRange EventElapsedTimes EventTimeOffset
    RecommendedDisplayFrameRate RecommendedDisplayFrameRateInFloat SubjectRelativePositionInImage
    ExaminedBodyThickness DistanceSourceToEntrance XOffsetInSlideCoordinateSystem
    YOffsetInSlideCoordinateSystem ZOffsetInSlideCoordinateSystem RealWorldValueFirstValueMapped
    RealWorldValueLastValueMapped DoubleFloatRealWorldValueFirstValueMapped
    DoubleFloatRealWorldValueLastValueMapped RealWorldValueLUTData RealWorldValueIntercept RealWorldValueSlope
    ReferencedWaveformChannels ReferencedSamplePositions ReferencedTimeOffsets NumericValue FloatingPointValue
    RationalNumeratorValue RationalDenominatorValue CornealVertexLocation CornealPointLocation
    MaximumCornealCurvatureLocation PupilCentroidXCoordinate PupilCentroidYCoordinate
    VerticesOfTheOutlineOfPupil InterMarkerDistance
    """
)
"""Attributes of other groups."""
_RETIRED: Final = _names(
    """
    ImagePosition ImageOrientation ImageTransformationMatrix ImageTranslationVector AngularPosition
    RotationOffset ContourSlabThickness ContourOffsetVector
    """
)
"""Retired attributes of the groups above that old images have."""

DECAY_TIMES: Final = frozenset((0x00181072, 0x00181073, 0x00181078, 0x00181079))
"""Start and stop of a radiopharmaceutical: the decay of its activity is computed from them."""

_EDGES: Final = " \t\r\n\0"
# Possessive quantifiers, so that matching takes linear time.
_SHAPE: Final = re.compile(
    r"(?P<whole>[+-]?[0-9]*+)(?:(?P<mark>[.,])(?P<rest>[0-9]*+))?(?P<power>[eE][+-]?[0-9]{1,4})?"
)
_THOUSANDS: Final = 3
_DIGIT: Final = re.compile(rb"[0-9]")
_SPELLED: Final = {
    "mm": ("mm", "millimeter", "millimeters", "millimetre", "millimetres", "мм"),
    "cm": ("cm", "centimeter", "centimeters"),
    "deg": ("deg", "degree", "degrees", "°"),
    "ms": ("ms", "msec", "milliseconds", "мс"),
    "s": ("s", "sec", "second", "seconds", "с", "сек"),
    "us": ("us", "usec", "µs", "μs"),
    "fps": ("fps", "frames/s", "frames/sec"),
}
"""How a unit may be written, in small letters; one that is not here in one way only."""


@cache
def is_geometry(tag: int) -> bool:
    """Whether the attribute is a number that places, scales or times something, and no row of Table E.1-1."""
    if _NUMERIC.isdisjoint(dictionary_vrs(tag)) or row_for(tag) is not None:
        return False
    name = dictionary_keyword(tag) if tag & 0xFFFF else ""
    if dictionary_is_retired(tag):
        return name in _RETIRED
    return name in _ELSEWHERE or (tag >> 16 in _GROUPS and bool(name) and name not in _OTHER_NUMBERS)


def has_same_numbers(tag: int, before: bytes, after: bytes) -> bool:
    """Whether the output has the numbers of the original: unchanged, or repaired in the only way there is.

    `before` may have a decimal comma, and the attribute's unit behind each number; `after` neither.
    """
    return (
        all(map(_is_plain, after.split(b"\\"))) and _numbers(tag, before) == _numbers(tag, after) is not None
    )


WINDOW = frozenset((0x00281050, 0x00281051))
"""Window Center and Width, which change no value of an image."""


def says_no_number(tag: int, before: bytes, vr: str) -> bool:
    """Whether no number is lost with an unreadable value: a text without digits, or an IS."""
    return (vr == "IS" or _DIGIT.search(before) is None) and _numbers(tag, before) is None


def _numbers(tag: int, value: bytes) -> Sequence[Decimal | None] | None:
    """Return the numbers that the value stands for, None for each empty one; None where one has no reading."""
    parts = value.split(b"\\")
    if b"," in value and not (_is_decimal(tag) and _agrees_with_vm(tag, len(parts))):
        return None
    try:
        return [_number(_text(part), tag) for part in parts]
    except ValueError:
        return None


def _is_plain(part: bytes) -> bool:
    """Whether the number of the output has neither comma nor unit."""
    found = _SHAPE.fullmatch(_text(part).strip(" \0"))
    return found is not None and found["mark"] != ","


def _text(part: bytes) -> str:
    """Return the value as text, with one meaning for the bytes of signs such as those of a degree."""
    try:
        return part.decode("utf-8").strip(_EDGES)
    except UnicodeDecodeError:
        return part.decode("latin-1").strip(_EDGES)


def _number(text: str, tag: int) -> Decimal | None:
    """Return the number that one value stands for, None for an empty one. Raises ValueError for none or several."""
    if not text:
        return None
    small = text.lower()
    ends = [each for each in _spelled(tag) if small.endswith(each)]
    if ends:
        text = text[: -len(max(ends, key=len))].rstrip()
    found = _SHAPE.fullmatch(text)
    if found is None or not (found["whole"].lstrip("+-") or found["rest"]):
        raise ValueError
    if found["mark"] == "," and len(found["rest"]) in (0, _THOUSANDS):
        raise ValueError
    return Decimal(f"{found['whole']}.{found['rest'] or 0}{found['power'] or ''}")


@cache
def _spelled(tag: int) -> Sequence[str]:
    unit = unit_of(tag)
    return _SPELLED.get(unit, (unit.lower(),) if unit else ())


@cache
def _is_decimal(tag: int) -> bool:
    return not {"DS", "FD", "FL"}.isdisjoint(dictionary_vrs(tag))


@cache
def _multiplicity(tag: int) -> tuple[int, int, int]:
    """Return the least and the greatest number of values of an attribute (0: any), and the step between."""
    least, _, most = dictionary_VM(tag).partition("-")
    if most.endswith("n"):
        return int(least), 0, int(most.rstrip("n") or 1)
    return int(least), int(most or least), 1


def _agrees_with_vm(tag: int, number: int) -> bool:
    least, most, step = _multiplicity(tag)
    return number >= least and (not most or number <= most) and number % step == 0
