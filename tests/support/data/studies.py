"""Studies of invented patients, as a scanner would send them: small, conforming, with identity in usual places."""

from __future__ import annotations

from io import BytesIO

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian, generate_uid

NAME = "Musterfrau^Erika"
PATIENT_ID = "KH-4711-0815"
REFERRER = "Brinkmann^Klaus"
BIRTH_DATE = "19640812"
IDENTITY = (NAME, "Musterfrau", PATIENT_ID, REFERRER, "Brinkmann", BIRTH_DATE)
ROWS = 16


def ct_study(instances: int = 3, patient: int = 0) -> list[Dataset]:
    """Return the CT images of one study of invented patient number `patient`; the same call, the same images."""
    seed = f"invented patient {patient}"
    study, series, frame = (generate_uid(entropy_srcs=[seed, what]) for what in ("study", "series", "frame"))
    return [_ct_image(seed, patient, number, study, series, frame) for number in range(1, instances + 1)]


def _ct_image(seed: str, patient: int, number: int, study: UID, series: UID, frame: UID) -> Dataset:
    image = Dataset()
    image.SOPClassUID = CTImageStorage
    image.SOPInstanceUID = generate_uid(entropy_srcs=[seed, "image", str(number)])
    image.PatientName, image.PatientID = NAME, f"{PATIENT_ID}-{patient}" if patient else PATIENT_ID
    image.PatientBirthDate, image.PatientSex = BIRTH_DATE, "F"
    image.StudyInstanceUID, image.StudyDate, image.StudyTime = study, "20240229", "101500"
    image.StudyID, image.AccessionNumber = "S1", "A20240229-7"
    image.ReferringPhysicianName, image.StudyDescription = REFERRER, "CHEST"
    image.SeriesInstanceUID, image.SeriesNumber, image.Modality = series, 1, "CT"
    image.FrameOfReferenceUID, image.PositionReferenceIndicator = frame, ""
    image.PatientPosition, image.Manufacturer = "HFS", "Invented Devices"
    image.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    image.AcquisitionNumber, image.InstanceNumber = 1, number
    image.ContentDate, image.ContentTime = "20240229", "101502"
    image.KVP, image.SliceThickness = "120", "5"
    image.PixelSpacing, image.ImageOrientationPatient = ["0.8", "0.8"], ["1", "0", "0", "0", "1", "0"]
    image.ImagePositionPatient = ["0", "0", str(5 * number)]
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.Rows = image.Columns = ROWS
    image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 16, 12, 11, 0
    image.RescaleIntercept, image.RescaleSlope = "-1024", "1"
    samples = (((row * ROWS + column) * 7 + number) % 4096 for row in range(ROWS) for column in range(ROWS))
    image.PixelData = b"".join(sample.to_bytes(2, "little") for sample in samples)
    return image


def encoded(image: Dataset) -> bytes:
    """Return an image as a Part 10 file in Explicit VR Little Endian."""
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    buffer = BytesIO()
    image.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()
