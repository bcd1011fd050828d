"""A study of an invented patient as several devices would make it: CT, and what refers to it.

Segmentation, structured report, key object selection and presentation state are highdicom's; the structure set is put
together here. Every object carries identity in its usual places.
"""

from __future__ import annotations

import warnings
from functools import cache
from io import BytesIO
from typing import Any

import highdicom as hd
import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sr.codedict import codes
from pydicom.uid import ExplicitVRLittleEndian, RTStructureSetStorage, generate_uid

from support.data.studies import PATIENT_ID, REFERRER, ct_study

OBSERVER = "Okonkwo^Ngozi"
DEVICE: dict[str, Any] = {
    "manufacturer": "Invented Devices",
    "manufacturer_model_name": "Planner",
    "software_versions": "1",
    "device_serial_number": "SN-77120",
}


def _head(kind: str, number: int) -> dict[str, Any]:
    return {
        "series_instance_uid": generate_uid(entropy_srcs=["objects", kind, "series"]),
        "series_number": number,
        "sop_instance_uid": generate_uid(entropy_srcs=["objects", kind, "instance"]),
        "instance_number": 1,
    }


def segmentation(images: list[Dataset]) -> Dataset:
    """Return a segmentation of one segment over all images."""
    mask = np.zeros((len(images), images[0].Rows, images[0].Columns), dtype=np.uint8)
    mask[:, 4:8, 4:8] = 1
    segment = hd.seg.SegmentDescription(
        segment_number=1,
        segment_label="Lung",
        segmented_property_category=codes.SCT.Organ,
        segmented_property_type=codes.SCT.Lung,
        algorithm_type=hd.seg.SegmentAlgorithmTypeValues.MANUAL,
    )
    return hd.seg.Segmentation(
        source_images=images,
        pixel_array=mask,
        segmentation_type=hd.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=[segment],
        content_label="LUNG",
        content_creator_name=OBSERVER,
        **_head("seg", 10),
        **DEVICE,
    )


def report(images: list[Dataset]) -> Dataset:
    """Return a structured report: an observer, a sentence, a measurement's image and a date."""
    observer = hd.sr.ObservationContext(
        observer_person_context=hd.sr.ObserverContext(
            observer_type=codes.DCM.Person,
            observer_identifying_attributes=hd.sr.PersonObserverIdentifyingAttributes(name=OBSERVER),
        )
    )
    region = hd.sr.ImageRegion(
        graphic_type=hd.sr.GraphicTypeValues.POINT,
        graphic_data=np.array([[4.0, 4.0]]),
        source_image=hd.sr.SourceImageForRegion.from_source_image(images[0]),
    )
    group = hd.sr.PlanarROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=hd.sr.TrackingIdentifier(
            uid=generate_uid(entropy_srcs=["objects", "tracking"]), identifier=f"Nodule of {PATIENT_ID}"
        ),
        referenced_region=region,
        finding_type=codes.SCT.Nodule,
        measurements=[hd.sr.Measurement(name=codes.SCT.Diameter, value=4.5, unit=codes.UCUM.Millimeter)],
    )
    content = hd.sr.MeasurementReport(
        observation_context=observer,
        procedure_reported=codes.LN.CTUnspecifiedBodyRegion,
        imaging_measurements=[group],
    )
    return hd.sr.Comprehensive3DSR(
        evidence=images,
        content=content,
        institution_name="Invented General Hospital",
        verifying_observer_name=OBSERVER,
        verifying_organization="Invented General Hospital",
        is_verified=True,
        is_complete=True,
        **_head("sr", 11),
        manufacturer=DEVICE["manufacturer"],
    )


def key_objects(images: list[Dataset]) -> Dataset:
    """Return a key object selection of the first image."""
    content = hd.ko.KeyObjectSelection(
        document_title=codes.DCM.OfInterest,
        referenced_objects=images[:1],
        description=f"See with {REFERRER}",
    )
    return hd.ko.KeyObjectSelectionDocument(
        evidence=images[:1], content=content, manufacturer=DEVICE["manufacturer"], **_head("ko", 12)
    )


def presentation_state(images: list[Dataset]) -> Dataset:
    """Return a grayscale softcopy presentation state with a text and a polyline on the images."""
    layer = hd.pr.GraphicLayer(layer_name="NOTES", order=1, description=f"Notes of {OBSERVER}")
    text = hd.pr.TextObject(
        text_value=f"{PATIENT_ID} seen",
        units=hd.pr.AnnotationUnitsValues.PIXEL,
        bounding_box=(1.0, 1.0, 8.0, 8.0),
    )
    line = hd.pr.GraphicObject(
        graphic_type=hd.pr.GraphicTypeValues.POLYLINE,
        graphic_data=np.array([[1.0, 1.0], [5.0, 5.0]]),
        units=hd.pr.AnnotationUnitsValues.PIXEL,
    )
    annotation = hd.pr.GraphicAnnotation(
        referenced_images=images, graphic_layer=layer, text_objects=[text], graphic_objects=[line]
    )
    return hd.pr.GrayscaleSoftcopyPresentationState(
        referenced_images=images,
        content_label="NOTES",
        content_creator_name=OBSERVER,
        graphic_layers=[layer],
        graphic_annotations=[annotation],
        voi_lut_transformations=[hd.pr.SoftcopyVOILUTTransformation(window_center=40.0, window_width=400.0)],
        **_head("pr", 13),
        **DEVICE,
    )


def structure_set(images: list[Dataset]) -> Dataset:
    """Return an RT structure set of one region, drawn on the first image."""
    made = Dataset()
    first = images[0]
    made.SOPClassUID = RTStructureSetStorage
    made.SOPInstanceUID = generate_uid(entropy_srcs=["objects", "rtstruct", "instance"])
    made.SeriesInstanceUID = generate_uid(entropy_srcs=["objects", "rtstruct", "series"])
    for keyword in (
        *("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyInstanceUID", "StudyDate"),
        *("StudyTime", "StudyID", "AccessionNumber", "ReferringPhysicianName"),
    ):
        setattr(made, keyword, getattr(first, keyword))
    made.Modality, made.SeriesNumber, made.OperatorsName = "RTSTRUCT", 14, OBSERVER
    made.Manufacturer, made.FrameOfReferenceUID = "Invented Devices", first.FrameOfReferenceUID
    made.PositionReferenceIndicator = ""
    made.StructureSetLabel, made.StructureSetDate, made.StructureSetTime = "PLAN A", "20240301", "090000"
    made.StructureSetROISequence = [
        _part(ROINumber=1, ReferencedFrameOfReferenceUID=first.FrameOfReferenceUID)
    ]
    made.StructureSetROISequence[0].ROIName, made.StructureSetROISequence[0].ROIGenerationAlgorithm = (
        "GTV",
        "MANUAL",
    )
    references = [_reference(image) for image in images]
    series = _part(SeriesInstanceUID=first.SeriesInstanceUID, ContourImageSequence=references)
    study = _part(
        ReferencedSOPClassUID="1.2.840.10008.3.1.2.3.1",
        ReferencedSOPInstanceUID=first.StudyInstanceUID,
        RTReferencedSeriesSequence=[series],
    )
    frame = _part(FrameOfReferenceUID=first.FrameOfReferenceUID, RTReferencedStudySequence=[study])
    made.ReferencedFrameOfReferenceSequence = [frame]
    contour = _part(
        ContourImageSequence=[_reference(first)],
        ContourGeometricType="CLOSED_PLANAR",
        NumberOfContourPoints=3,
        ContourData=["1", "1", "5", "4", "1", "5", "4", "4", "5"],
    )
    made.ROIContourSequence = [_part(ReferencedROINumber=1, ContourSequence=[contour])]
    observation = _part(
        ObservationNumber=1, ReferencedROINumber=1, RTROIInterpretedType="GTV", ROIInterpreter=OBSERVER
    )
    made.RTROIObservationsSequence = [observation]
    return made


def _reference(image: Dataset) -> Dataset:
    return _part(ReferencedSOPClassUID=image.SOPClassUID, ReferencedSOPInstanceUID=image.SOPInstanceUID)


def _part(**values: object) -> Dataset:
    part = Dataset()
    for keyword, value in values.items():
        setattr(part, keyword, value)
    return part


@cache
def referring_study() -> dict[str, bytes]:
    """Return the whole study as Part 10 files by a short name: ct1, ct2, ct3, seg, sr, ko, pr, rtstruct."""
    images = ct_study(3)
    for image in images:
        image.Laterality = ""
    makers = {"seg": segmentation, "sr": report, "ko": key_objects, "pr": presentation_state}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # highdicom's remarks on its own input are no concern of ours
        made = {f"ct{number}": image for number, image in enumerate(images, 1)}
        made |= {name: make(images) for name, make in makers.items()}
        made["rtstruct"] = structure_set(images)
        return {name: _file(data_set) for name, data_set in made.items()}


def _file(data_set: Dataset) -> bytes:
    if "TransferSyntaxUID" not in getattr(data_set, "file_meta", ()):
        data_set.file_meta = FileMetaDataset()
        data_set.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    buffer = BytesIO()
    data_set.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()
