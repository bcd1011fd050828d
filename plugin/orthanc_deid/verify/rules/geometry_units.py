"""The units of the numbers of `geometry_numbers` in PS3.3, from their names as far as these tell them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from pydicom.datadict import dictionary_keyword, dictionary_VR

_ANGLES: Final = re.compile(
    r"Angle|Tilt$|Angulation$|Slew$|ScanArc$|AngularStep|AngularPosition|FieldOfViewRotation|RotationOfScannedFilm"
    r"|WedgeOrientation|AxialAcceptance"
)
_LENGTHS: Final = re.compile(
    r"Position(?:Patient|Boundaries|s)?$|Spacing(?:BetweenSlices)?$|^SpacingB|Thickness(?:Data)?$|^(?:Source|Distance)(?!Str)"
    r"|Distance$|Diameter$|Height$|Displacement$|^ContourOffset|RotationOffset$|OffsetVector$|OffsetInSlide"
    r"|Table(?:Vertical|Lateral|Longitudinal)Increment|Length$|Traverse$|^ContourData|SliceLocation|Point(?:Coordinates)?$"
    r"|MachineS[AS]D$|ImageSID$|Element(?:Physical)?Size$|ActiveDimensions$|FieldOfViewOrigin|^BlockData|StepSize$"
    r"|FocusCenter$|SpatialResolution$|^FocalSpots|ReceptorTranslation$|^IntensifierSize|^ControlPoint3D"
)
_NO_LENGTHS: Final = re.compile(
    r"Relative|Transmission$|HalfLife$|Strength|Frequency|Weight|ImageOrientation|^SliceLocationV(?!ector)"
)
_NAMED: Final[Mapping[str, str]] = {
    name: unit
    for unit, names in {
        "s": """EventElapsedTimes EffectiveDuration RadionuclideHalfLife XAAcquisitionDuration TomoTime
            RevolutionTime AcquisitionDuration TemporalPositionTimeOffset ChannelTimeSkew ChannelOffset
            ReferencedTimeOffsets SpecifiedTreatmentTime DeliveredTreatmentTime SpecifiedChannelTotalTime
            DeliveredChannelTotalTime ChannelTotalTime SpecifiedPulseRepetitionInterval
            DeliveredPulseRepetitionInterval PulseRepetitionInterval""",
        "ms": """RepetitionTime EchoTime InversionTime TriggerTime NominalInterval FrameTime FrameTimeVector
            FrameDelay ImageTriggerDelay MultiplexGroupTimeOffset TriggerTimeOffset LowRRValue HighRRValue
            ExposureTime AveragePulseWidth ActualFrameDuration CardiacRRIntervalSpecified InversionTimes
            EffectiveEchoTime FrameAcquisitionDuration ExposureTimeInms TemporalResolution
            NominalCardiacTriggerDelayTime NominalCardiacTriggerTimePriorToRPeak
            ActualCardiacTriggerTimePriorToRPeak RRIntervalTimeNominal ActualCardiacTriggerDelayTime
            RespiratoryIntervalTime NominalRespiratoryTriggerDelayTime ActualRespiratoryTriggerDelayTime
            PhaseDelay PauseBetweenFrames TimeSlotTime FrameReferenceTime""",
        "us": "ExposureTimeInuS SwitchingPhaseNominalDuration SwitchingPhaseTransitionDuration",
        "ns": "CoincidenceWindowWidth",
        "fps": "RecommendedDisplayFrameRate CineRate",
        "MHz": "ImagingFrequency DecouplingFrequency TransmitterFrequency",
        "Hz": "SpectralWidth SamplingFrequency FilterLowFrequency FilterHighFrequency NotchFilterFrequency",
        "Hz/pixel": "PixelBandwidth",
        "ppm": "ChemicalShiftReference",
        "%": """PercentSampling PercentPhaseFieldOfView TriggerWindow NominalPercentageOfCardiacPhase
            NominalPercentageOfRespiratoryPhase""",
        "mm/s": "ScanVelocity IVUSPullbackRate TableSpeed",
        "cm/s": "VelocityEncodingMinimumValue VelocityEncodingMaximumValue",
        "cm": "FocusDepth",
        "cm3": "ROIVolume",
        "s/mm2": "DiffusionBValue",
        "HU": "WindowCenter WindowWidth RescaleIntercept RescaleSlope",
        "keV": "EnergyWindowLowerLimit EnergyWindowUpperLimit",
        "MV": "NominalBeamEnergy",
        "MU": "BeamMeterset",
        "MU/min": "DoseRateSet",
        "Gy": """MeasuredDoseValue CumulativeDoseToDoseReference CalculatedDoseReferenceDoseValue
            NominalPriorDose DeliveryWarningDose DeliveryMaximumDose TargetMinimumDose
            TargetPrescriptionDose TargetMaximumDose OrganAtRiskFullVolumeDose OrganAtRiskLimitDose
            OrganAtRiskMaximumDose BeamDose AlternateBeamDose BrachyApplicationSetupDose""",
        "deg": """WedgeAngle TagAngleFirstAxis TubeAngle ReconstructionAngle PositionerIsocenterPrimaryAngle
            PositionerIsocenterSecondaryAngle""",
        "mm": """FieldOfViewDimensions FocalDistance ScanLength DepthOfScanField WaterEquivalentDiameter
            TagThickness TagSpacingFirstDimension TagSpacingSecondDimension SlabThickness MidSlabPosition
            ASLSlabThickness ASLMidSlabPosition SingleCollimationWidth TotalCollimationWidth
            DataCollectionCenterPatient ReconstructionFieldOfView ReconstructionTargetCenterPatient
            ReconstructionPixelSpacing TablePosition DistanceSourceToDataCollectionCenter
            DistanceSourceToIsocenter ImagePositionVolume ALinePixelSpacing
            IntravascularLongitudinalDistance""",
    }.items()
    for name in names.split()
}


@cache
def unit_of(tag: int) -> str:
    """Return the unit of the attribute's numbers; an empty text where PS3.3 gives none, or several."""
    name = dictionary_keyword(tag)
    if name in _NAMED:
        return _NAMED[name]
    if dictionary_VR(tag) != "DS":
        return ""
    if _ANGLES.search(name):
        return "deg"
    return "mm" if _LENGTHS.search(name) and not _NO_LENGTHS.search(name) else ""
