"""Originals, and outputs de-identified by hand, so that the verifier is not tested with the engine it judges.

What becomes of each attribute of the original is written down here by keyword, as a person would who reads
`profile/RULES.md` with Table E.1-1 beside it. Nothing of the package but its key and slices is used.
"""

from __future__ import annotations

import hmac
import io
from base64 import b32encode
from collections.abc import Callable
from copy import deepcopy
from datetime import date, timedelta

from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian, JPEGBaseline8Bit

from orthanc_deid.config.key import Key
from orthanc_deid.dicom.slices import Slices
from orthanc_deid.profile.model import Profile

KEY = Key(bytes(range(100, 132)))
CT = "1.2.840.10008.5.1.4.1.1.2"
STUDY, SERIES, INSTANCE, FRAME = (f"1.2.826.0.1.3680043.9.7777.{n}.4711.1" for n in (1, 2, 3, 4))
IMPLEMENTATION = ("2.25.244403340949778570592153668110028919783", "ORTHANC_DEID_0")

Change = Callable[[Dataset], None]

_FATES = """
kept SpecificCharacterSet ImageType SOPClassUID Modality Manufacturer ManufacturerModelName KVP SeriesNumber
kept InstanceNumber ConvolutionKernel BodyPartExamined SliceThickness PixelSpacing SamplesPerPixel Rows Columns
kept PhotometricInterpretation BitsAllocated BitsStored HighBit PixelRepresentation PixelData WindowCenter
kept CodeValue CodingSchemeDesignator CodeMeaning PatientPosition SoftwareVersions
uids SOPInstanceUID StudyInstanceUID SeriesInstanceUID FrameOfReferenceUID
emptied-dates StudyDate StudyTime ContentDate PatientBirthDate
emptied-texts AccessionNumber ReferringPhysicianName StudyID
gone-dates SeriesDate AcquisitionDate
gone InstitutionName StudyDescription SeriesDescription StationName PatientAge DeviceSerialNumber
gone IssuerOfPatientID RequestAttributesSequence InstitutionAddress ProtocolName
descended AnatomicRegionSequence CTDIPhantomTypeCodeSequence ContributingEquipmentSequence
descended PurposeOfReferenceCodeSequence
"""


def _fated(fate: str) -> frozenset[str]:
    lines = (line.split() for line in _FATES.splitlines() if line.startswith(f"{fate} "))
    return frozenset(keyword for line in lines for keyword in line[1:])


KEPT, UIDS, DESCENDED, GONE = _fated("kept"), _fated("uids"), _fated("descended"), _fated("gone")
EMPTIED_DATES, EMPTIED_TEXTS, GONE_DATES = (
    _fated("emptied-dates"),
    _fated("emptied-texts"),
    _fated("gone-dates"),
)
EMPTIED = frozenset(("PatientSex", *EMPTIED_TEXTS, *EMPTIED_DATES))
DERIVED = frozenset(("AccessionNumber", "StudyID"))


def original(name: str = "Wexler^Ottilie", /, **changes: object) -> Dataset:
    """Return a CT with identity at several depths; `changes` set attributes by keyword, None removes."""
    assert all(map(tag_for_keyword, changes)), changes
    ds = Dataset()
    ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    ds.SOPClassUID, ds.SOPInstanceUID = CT, INSTANCE
    ds.StudyDate, ds.SeriesDate, ds.AcquisitionDate, ds.ContentDate = ["20190315"] * 4
    ds.StudyTime = "101530.125"
    ds.AccessionNumber, ds.Modality = "ACC-90210", "CT"
    ds.Manufacturer, ds.ManufacturerModelName = "ACME IMAGING", "SCANNER 3"
    ds.InstitutionName, ds.InstitutionAddress = "Kestrelmoor Infirmary", "7 Harbour Lane, Kestrelmoor"
    ds.ReferringPhysicianName, ds.OperatorsName = "Quillfeather^Abelard", "Tarn^Ines"
    ds.StationName, ds.StudyDescription, ds.SeriesDescription = "CT-EAST-2", "Thorax", "Lung 1.0"
    ds.PatientName, ds.PatientID, ds.IssuerOfPatientID = name, "PAT-55012", "KESTREL"
    ds.PatientBirthDate, ds.PatientSex, ds.PatientAge = "19610907", "F", "057Y"
    ds.BodyPartExamined, ds.KVP, ds.SliceThickness = "CHEST", "120", "1.25"
    ds.ProtocolName, ds.DeviceSerialNumber, ds.ConvolutionKernel = "Thorax routine", "SN 887766", "BONE PLUS"
    ds.PatientPosition = "HFS"
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.FrameOfReferenceUID = STUDY, SERIES, FRAME
    ds.StudyID, ds.SeriesNumber, ds.InstanceNumber = "ST-31337", "2", "17"
    ds.AnatomicRegionSequence = Sequence([_code("51185008", "SCT", "Chest", within="Wexler^Ottilie")])
    request = Dataset()
    request.RequestedProcedureID, request.ScheduledProcedureStepDescription = "RP-4242", "Thorax, Wexler"
    ds.RequestAttributesSequence = Sequence([request])
    block = ds.private_block(0x0019, "ACME PRIVATE", create=True)
    block.add_new(0x10, "LO", "Wexler private")
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.Rows, ds.Columns, ds.BitsAllocated, ds.BitsStored, ds.HighBit = 64, 64, 16, 12, 11
    ds.PixelRepresentation, ds.WindowCenter = 0, "40"
    ds.PixelData = bytes(value % 16 for value in range(8192))  # 12 bits in either byte order
    ds["PixelData"].VR = "OW"
    for keyword, value in changes.items():
        if value is None:
            delattr(ds, keyword)
        else:
            setattr(ds, keyword, value)
    return ds


def _code(value: str, scheme: str, meaning: str, within: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    item.PatientName, item.AcquisitionDate = within, "20190315"
    inner = Dataset()
    inner.CodeValue, inner.CodingSchemeDesignator, inner.CodeMeaning = "113691", "DCM", "IEC Body Phantom"
    inner.OperatorsName = "Tarn^Ines"
    item.CTDIPhantomTypeCodeSequence = Sequence([inner])
    return item


def by_hand(ds: Dataset, profile: Profile, gone: frozenset[str] = frozenset()) -> Dataset:
    """Return what must become of `ds` under a profile that is Basic, with or without dates in place.

    `gone` are further keywords that must vanish: kept texts in which somebody is named.
    """
    out = _level(ds, ds, profile, gone)
    out.PatientID = out.PatientName = patient_id(ds, profile)
    out.PatientIdentityRemoved = "YES"
    out.DeidentificationMethod = f"orthanc-deid 0.1.0 profile {profile.name} {profile.fingerprint()}"
    stamp = Dataset()
    stamp.CodeValue, stamp.CodingSchemeDesignator = "113100", "DCM"
    stamp.CodeMeaning = "Basic Application Confidentiality Profile"
    out.DeidentificationMethodCodeSequence = Sequence([stamp])
    out.ContributingEquipmentSequence = Sequence([*out.get("ContributingEquipmentSequence", ()), equipment()])
    moved = profile.dates.mode in ("shift", "year")
    out.LongitudinalTemporalInformationModified = "MODIFIED" if moved else "REMOVED"
    return out


def equipment() -> Dataset:
    """Return the item that names the software."""
    purpose, item = Dataset(), Dataset()
    purpose.CodeValue, purpose.CodingSchemeDesignator = "109104", "DCM"
    purpose.CodeMeaning = "De-identifying Equipment"
    item.Manufacturer, item.SoftwareVersions = "orthanc-deid", "0.1.0"
    item.PurposeOfReferenceCodeSequence = Sequence([purpose])
    return item


def _level(ds: Dataset, top: Dataset, profile: Profile, gone: frozenset[str]) -> Dataset:
    out = Dataset()
    for element in ds:
        keyword = element.keyword
        if keyword in gone or element.tag.is_private or keyword in GONE:
            continue
        if keyword == "OperatorsName" and (ds is top or "PatientName" in ds):
            continue
        if keyword in KEPT:
            out.add(deepcopy(element))
        elif keyword in UIDS:
            setattr(out, keyword, keyed_uid(str(element.value)))
        elif keyword in DESCENDED:
            items = [_level(item, top, profile, gone) for item in element.value]
            setattr(out, keyword, Sequence(items))
        elif (value := _replacement(element, ds is top, top, profile)) is not None:
            setattr(out, keyword, value)
    return out


def _replacement(element: DataElement, at_top: bool, top: Dataset, profile: Profile) -> str | None:
    """Return the value that takes the element's place, None where it is removed or written elsewhere."""
    keyword, in_place = element.keyword, profile.dates.mode != "table"
    placeholder = profile.texts.placeholder if profile.texts.zero == "placeholder" else ""
    if in_place and keyword in EMPTIED_DATES | GONE_DATES and keyword != "PatientBirthDate":
        return changed_date(str(element.value), element.VR, top, profile)
    if keyword == "PatientBirthDate" and profile.dates.mode == "neutral":
        return "20000101"
    if keyword in DERIVED and profile.pseudonyms.replaced(element.tag) is not None:
        return identifier(element, top)
    if keyword in EMPTIED_TEXTS:
        return placeholder
    if keyword in EMPTIED:
        return ""
    if keyword == "OperatorsName":  # in a sequence of which no Type is known
        return profile.texts.placeholder
    if keyword == "PatientName" and not at_top:
        return placeholder
    assert keyword in GONE_DATES or keyword in ("PatientName", "PatientID"), f"no rule for {keyword}"
    return None


def changed_date(value: str, vr: str, ds: Dataset, profile: Profile) -> str:
    if profile.dates.mode == "neutral":
        return "20000101" if vr == "DA" else "".join("0" if c.isdigit() else c for c in value)
    if vr != "DA":
        return value
    day = date(int(value[:4]), int(value[4:6]), int(value[6:])) + timedelta(days=shift_of(ds, profile))
    return day.strftime("%Y%m%d")


def shift_of(ds: Dataset, profile: Profile) -> int:
    low, high = profile.dates.shift_days
    days = [n for n in range(low, high + 1) if n != 0]
    digest = hmac.new(KEY.date, _patient(ds), "sha256").digest()
    return days[int.from_bytes(digest[:8], "big") % len(days)]


def _patient(ds: Dataset) -> bytes:
    return f"id\0{ds.get('IssuerOfPatientID', '')}\0{ds.PatientID}".encode()


def patient_id(ds: Dataset, profile: Profile) -> str:
    digest = hmac.new(KEY.patient, _patient(ds), "sha256").digest()
    return b32encode(digest).decode().rstrip("=").lower()[: profile.pseudonyms.length]


def identifier(element: DataElement, ds: Dataset) -> str:
    """Return the derived AccessionNumber or StudyID; an empty one stays so."""
    issuer, tag = str(ds.get("IssuerOfPatientID", "")), f"{int(element.tag):08X}"
    digest = hmac.new(KEY.patient, f"{tag}\0{issuer}\0{element.value}".encode(), "sha256").digest()
    return b32encode(digest).decode().lower()[:16] if element.value else ""


def keyed_uid(uid: str | bytes) -> str:
    message = uid.encode() if isinstance(uid, str) else uid
    digits = f"{int.from_bytes(hmac.new(KEY.uid, message, 'sha256').digest()[:16], 'big'):0128b}"
    return f"2.25.{int(digits[:48] + '1000' + digits[52:64] + '10' + digits[66:], 2)}"


def jpeg_frame(comment: bytes = b"") -> bytes:
    """Return the segments of a JPEG frame: enough for whoever reads markers, no image for whoever decodes."""
    header = b"\xff\xc0\x00\x0b\x08\x00\x40\x00\x40\x01\x01\x11\x00"
    segment = b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment if comment else b""
    app = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    quantization = b"\xff\xdb\x00\x43\x00" + bytes(64)
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + b"Wexler is no word in entropy-coded data"
    frame = b"\xff\xd8" + app + segment + quantization + header + scan + b"\xff\xd9"
    return frame + b"\0" * (len(frame) % 2)


def compressed(ds: Dataset, frame: bytes) -> Dataset:
    """Return `ds` with encapsulated pixel data."""
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 8, 8, 7
    ds.PixelData = encapsulate([frame])
    ds["PixelData"].VR = "OB"
    ds["PixelData"].is_undefined_length = True
    return ds


def encoded(
    ds: Dataset, syntax: UID | str = ExplicitVRLittleEndian, *, ours: bool = False, **meta: object
) -> bytes:
    """Return `ds` as a Part 10 file; `ours` with the file meta information of our outputs, `meta` over it."""
    ds = deepcopy(ds)
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = UID(str(syntax))
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    if ours:
        ds.file_meta.ImplementationClassUID = UID(IMPLEMENTATION[0])
        ds.file_meta.ImplementationVersionName = IMPLEMENTATION[1]
    else:
        ds.file_meta.SourceApplicationEntityTitle = "WEXLERPACS"
    for keyword, value in meta.items():
        setattr(ds.file_meta, keyword, value)
    with io.BytesIO() as file:
        ds.save_as(file, enforce_file_format=True)
        return file.getvalue()


def output(ds: Dataset, syntax: UID | str = ExplicitVRLittleEndian, **meta: object) -> Slices:
    """Return `ds` as one of our outputs."""
    return Slices([encoded(ds, syntax, ours=True, **meta)])


def from_big_endian(ds: Dataset) -> Dataset:
    """Return `ds`, made from big endian: the samples stay what they are, so that their bytes change places."""
    samples = bytearray(ds.PixelData)
    samples[::2], samples[1::2] = samples[1::2], samples[::2]
    ds.PixelData = bytes(samples)
    return ds


def bare(ds: Dataset, *, implicit: bool) -> bytes:
    """Return `ds` as a data set without preamble and file meta information."""
    with io.BytesIO() as file:
        deepcopy(ds).save_as(file, implicit_vr=implicit, little_endian=True, enforce_file_format=False)
        return file.getvalue()


JPEG = JPEGBaseline8Bit
