"""Images: what each modality says of how it was made, and small pictures of noise."""

from __future__ import annotations

from random import Random
from typing import Any, Final

from pydicom import uid

from accuracy.headers import Reference, Study, new_uid, put_patient, put_series, put_study
from accuracy.private import put_private
from accuracy.sheet import Sheet, day

SOP_CLASSES: Final = {
    "CT": uid.CTImageStorage,
    "MR": uid.MRImageStorage,
    "CR": uid.ComputedRadiographyImageStorage,
    "DX": uid.DigitalXRayImageStorageForPresentation,
    "PT": uid.PositronEmissionTomographyImageStorage,
    "NM": uid.NuclearMedicineImageStorage,
    "US": uid.UltrasoundImageStorage,
    "OT": uid.SecondaryCaptureImageStorage,
}
_AXIAL: Final = {"ImageOrientationPatient": ["1", "0", "0", "0", "1", "0"], "PixelSpacing": ["0.8", "0.8"]}
_SPECIFIC: Final[dict[str, dict[str, Any]]] = {
    "CT": {"ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"], "KVP": "120", "SliceThickness": "1.25", **_AXIAL,
           "ConvolutionKernel": "B60f", "RescaleIntercept": "-1024", "RescaleSlope": "1", "PatientPosition": "HFS",
           "WindowCenter": ["40", "-600"], "WindowWidth": ["400", "1500"], "ExposureTime": "500", "FilterType": "BODY",
           "SpiralPitchFactor": 0.984, "GantryDetectorTilt": "0"},
    "MR": {"ImageType": ["ORIGINAL", "PRIMARY", "M", "ND"], "ScanningSequence": "SE", "SequenceVariant": "SK",
           "ScanOptions": "FS", "MRAcquisitionType": "2D", "SequenceName": "*tse2d1_15", "EchoTime": "98", **_AXIAL,
           "RepetitionTime": "4500", "EchoTrainLength": "15", "MagneticFieldStrength": "1.5", "FlipAngle": "150",
           "PatientPosition": "HFS", "ReceiveCoilName": "HE1-4", "SliceThickness": "3"},
    "CR": {"ImageType": ["ORIGINAL", "PRIMARY"], "BodyPartExamined": "CHEST", "ViewPosition": "PA", "KVP": "125",
           "PlateType": "ST-VI", "ImagerPixelSpacing": ["0.1", "0.1"], "Exposure": "2", "PatientOrientation": ["L", "F"]},
    "DX": {"ImageType": ["ORIGINAL", "PRIMARY"], "BodyPartExamined": "KNEE", "ViewPosition": "AP", "KVP": "55",
           "PresentationIntentType": "FOR PRESENTATION", "ImagerPixelSpacing": ["0.14", "0.14"], "ImageLaterality": "R",
           "PixelIntensityRelationship": "LOG", "PixelIntensityRelationshipSign": -1, "RescaleIntercept": "0",
           "RescaleSlope": "1", "RescaleType": "US", "PresentationLUTShape": "IDENTITY", "LossyImageCompression": "00",
           "DetectorType": "SCINTILLATOR", "PatientOrientation": ["L", "F"]},
    "PT": {"ImageType": ["ORIGINAL", "PRIMARY"], "Units": "BQML", "CorrectedImage": ["DECY", "ATTN", "SCAT"],
           "DecayCorrection": "START", "SeriesType": ["WHOLE BODY", "IMAGE"], "CountsSource": "EMISSION", **_AXIAL,
           "RandomsCorrectionMethod": "DLYD", "ReconstructionMethod": "OSEM 3i21s", "SliceThickness": "3",
           "RescaleIntercept": "0", "RescaleSlope": "1.7", "NumberOfSlices": 3},
    "NM": {"ImageType": ["ORIGINAL", "PRIMARY", "WHOLE BODY", "EMISSION"], "CountsAccumulated": "1201",
           "ActualFrameDuration": "20000", "WholeBodyTechnique": "1PS"},
    "US": {"ImageType": ["ORIGINAL", "PRIMARY"], "UltrasoundColorDataPresent": 0},
    "OT": {"ConversionType": "WSD", "ImageType": ["DERIVED", "SECONDARY"]},
}  # fmt: skip


def make_image(sheet: Sheet, study: Study, modality: str, series: str, number: int, rng: Random) -> Reference:
    """Write an image into `sheet`."""
    made = Reference(SOP_CLASSES[modality], new_uid(rng), series)
    sheet.keep(SOPClassUID=made.sop_class)
    sheet.uid(SOPInstanceUID=made.sop_instance)
    put_patient(sheet, study.cast, study, rng)
    put_study(sheet, study, rng)
    put_series(sheet, study, modality, series, number, rng)
    sheet.keep(InstanceNumber=str(number), **_SPECIFIC[modality])
    _put_times(sheet, study, rng)
    _put_texts(sheet, study, modality, rng)
    _put_modality_items(sheet, modality, study)
    put_private(sheet, study, modality, rng)
    _put_overlay(sheet, study, rng)
    put_pixels(sheet, rng)
    return made


def _put_times(sheet: Sheet, study: Study, rng: Random) -> None:
    date = day(study.date)
    sheet.date(ContentDate=date, AcquisitionDate=date, InstanceCreationDate=date)
    sheet.keep(ContentTime=study.time, AcquisitionTime=study.time)
    if rng.random() < 0.3:
        sheet.date(AcquisitionDateTime=f"{date}{study.time}.000000{rng.choice(('', '+0300'))}")
    if rng.random() < 0.3:
        sheet.date(DateOfLastCalibration=day(study.date))  # a scanner calibrated each morning tells the day


def _put_texts(sheet: Sheet, study: Study, modality: str, rng: Random) -> None:
    if modality in ("CT", "MR", "PT"):
        sheet.write(ProtocolName=study.writer.label())
        sheet.uid(FrameOfReferenceUID=study.frame_of_reference)
    if modality in ("CR", "DX", "MR") and rng.random() < 0.5:
        sheet.write(AcquisitionDeviceProcessingDescription=study.writer.label())
    if rng.random() < 0.4:
        sheet.write(DerivationDescription=study.writer.report())
    if rng.random() < 0.3:
        sheet.write(ImageComments=study.writer.report(), decoys_stay=False)
    if modality == "CT" and rng.random() < 0.5:
        sheet.keep(
            ContrastBolusAgent=rng.choice(
                ("Iohexol 350", "Омнипак 350") if study.cast.encodable("я") else ("Iohexol 350",)
            )
        )
    if rng.random() < 0.5:
        source = sheet.item("SourceImageSequence")
        source.keep(ReferencedSOPClassUID=SOP_CLASSES[modality])
        source.uid(ReferencedSOPInstanceUID=new_uid(rng))


def _put_modality_items(sheet: Sheet, modality: str, study: Study) -> None:
    if modality == "PT":
        drug = sheet.item("RadiopharmaceuticalInformationSequence")
        drug.keep(Radiopharmaceutical="FDG", RadionuclideTotalDose="350000000", RadionuclideHalfLife="6586.2")
        drug.date(RadiopharmaceuticalStartDateTime=f"{day(study.date)}{study.time}")
    if modality == "DX":
        region = sheet.item("AnatomicRegionSequence")
        region.keep(CodeValue="72696002", CodingSchemeDesignator="SCT", CodeMeaning="Knee region")
    if modality in ("US", "OT"):
        sheet.data_set.BurnedInAnnotation = "YES"


def _put_overlay(sheet: Sheet, study: Study, rng: Random) -> None:
    """Write an overlay plane with a name for its description."""
    if rng.random() > 0.1:
        return
    sheet.data_set.add_new(0x60000010, "US", 8)
    sheet.data_set.add_new(0x60000011, "US", 8)
    sheet.data_set.add_new(0x60000040, "CS", "G")
    sheet.data_set.add_new(0x60000050, "SS", [1, 1])
    sheet.data_set.add_new(0x60000100, "US", 1)
    sheet.data_set.add_new(0x60000102, "US", 0)
    sheet.data_set.add_new(0x60003000, "OW", rng.randbytes(8))
    number = study.cast.patient_id
    sheet.drop_tag(0x60000022, "LO", f"DRAWN {number}", about="patient_id", form=number)


def put_pixels(sheet: Sheet, rng: Random, size: int = 16) -> None:
    """Write a small picture of noise in 12 of 16 bits."""
    sheet.keep(SamplesPerPixel=1, PhotometricInterpretation="MONOCHROME2", Rows=size, Columns=size)
    sheet.keep(BitsAllocated=16, BitsStored=12, HighBit=11, PixelRepresentation=0)
    samples = (rng.randrange(4096) for _ in range(size * size))
    sheet.data_set.add_new(0x7FE00010, "OW", b"".join(sample.to_bytes(2, "little") for sample in samples))
    sheet.pixels()
