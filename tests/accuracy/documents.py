"""Objects that refer to images: structured reports, presentation states, segmentations."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, Final

from pydicom import uid

from accuracy.headers import Reference, Study, new_uid, person_name, put_patient, put_series, put_study
from accuracy.private import put_private
from accuracy.sheet import Sheet, day

_SR_CLASSES: Final = (uid.BasicTextSRStorage, uid.EnhancedSRStorage, uid.ComprehensiveSRStorage)
_CODES: Final = {
    "report": ("18748-4", "LN", "Diagnostic imaging report"),
    "observer": ("121008", "DCM", "Person Observer Name"),
    "findings": ("121070", "DCM", "Findings"),
    "finding": ("121071", "DCM", "Finding"),
    "conclusion": ("121077", "DCM", "Conclusion"),
    "history": ("121060", "DCM", "History"),
    "date": ("111060", "DCM", "Study Date"),
    "datetime": ("121431", "DCM", "DateTime of Recording of Log Entry"),
    "study": ("121018", "DCM", "Procedure Study Instance UID"),
    "language": ("121049", "DCM", "Language of Content Item and Descendants"),
    "diameter": ("81827009", "SCT", "Diameter"),
    "image": ("121112", "DCM", "Source of Measurement"),
}


def make_report(
    sheet: Sheet, study: Study, series: str, number: int, references: Sequence[Reference], rng: Random
) -> None:
    """Write a structured report with persons, sentences, dates, UIDs and measurements in its tree."""
    cast = study.cast
    sheet.keep(SOPClassUID=rng.choice(_SR_CLASSES))
    _put_head(sheet, study, "SR", series, number, rng)
    sheet.keep(InstanceNumber="1", CompletionFlag="COMPLETE", VerificationFlag="VERIFIED")
    sheet.date(ContentDate=day(study.date))
    sheet.keep(ContentTime=study.time)
    verifier = sheet.item("VerifyingObserverSequence")  # D: an item of dummies takes its place
    reading = cast.staff["reading"]
    verifier.drop(
        about=f"name ({reading.kind})", present=True, VerifyingObserverName=person_name(cast, reading, rng)
    )
    verifier.drop(about="hospital", present=True, VerifyingOrganization=cast.place.hospital)
    verifier.drop(about="date", VerificationDateTime=f"{day(study.date)}{study.time}")
    _put_evidence(sheet, study, references)
    sheet.group = "SR"
    sheet.keep(ValueType="CONTAINER", ContinuityOfContent="SEPARATE")
    _put_code(sheet, "ConceptNameCodeSequence", "report")
    _put_content(sheet, study, references, rng)


def _put_head(sheet: Sheet, study: Study, modality: str, series: str, number: int, rng: Random) -> None:
    sheet.uid(SOPInstanceUID=new_uid(rng))
    put_patient(sheet, study.cast, study, rng)
    put_study(sheet, study, rng)
    put_series(sheet, study, modality, series, number, rng)


def _put_evidence(sheet: Sheet, study: Study, references: Sequence[Reference]) -> None:
    evidence = sheet.item("CurrentRequestedProcedureEvidenceSequence", "references")
    evidence.uid(StudyInstanceUID=study.uid)
    for reference in references:
        inner = evidence.item("ReferencedSeriesSequence", "references")
        inner.uid(SeriesInstanceUID=reference.series)
        _put_reference(inner, "ReferencedSOPSequence", reference)


def _put_reference(sheet: Sheet, keyword: str, reference: Reference) -> None:
    item = sheet.item(keyword, "references")
    item.keep(ReferencedSOPClassUID=reference.sop_class)
    item.uid(ReferencedSOPInstanceUID=reference.sop_instance)


def _put_code(sheet: Sheet, keyword: str, name: str) -> None:
    value, scheme, meaning = _CODES[name]
    sheet.item(keyword, "SR").keep(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)


def _content(sheet: Sheet, relationship: str, value_type: str, name: str) -> Sheet:
    item = sheet.item("ContentSequence", "SR")
    item.keep(RelationshipType=relationship, ValueType=value_type)
    _put_code(item, "ConceptNameCodeSequence", name)
    return item


def _put_content(sheet: Sheet, study: Study, references: Sequence[Reference], rng: Random) -> None:
    cast = study.cast
    observer = cast.staff["observer"]
    item = _content(sheet, "HAS OBS CONTEXT", "PNAME", "observer")
    item.drop(about=f"name ({observer.kind})", present=True, PersonName=person_name(cast, observer, rng))
    item = _content(sheet, "HAS OBS CONTEXT", "UIDREF", "study")
    item.uid(UID=study.uid)
    item = _content(sheet, "HAS CONCEPT MOD", "DATE", "date")
    item.date(Date=day(study.date))
    item = _content(sheet, "CONTAINS", "DATETIME", "datetime")
    item.date(DateTime=f"{day(study.date)}{study.time}")
    _text(_content(sheet, "CONTAINS", "TEXT", "history"), study)
    findings = _content(sheet, "CONTAINS", "CONTAINER", "findings")
    findings.keep(ContinuityOfContent="SEPARATE")
    for _ in range(rng.randrange(1, 4)):
        finding = _content(findings, "CONTAINS", "TEXT", "finding")
        _text(finding, study)
        if references and rng.random() < 0.5:
            image = _content(finding, "INFERRED FROM", "IMAGE", "image")
            _put_reference(image, "ReferencedSOPSequence", rng.choice(references))
    measured = _content(findings, "CONTAINS", "NUM", "diameter").item("MeasuredValueSequence", "SR")
    measured.keep(NumericValue=str(rng.randrange(2, 90)))
    unit = measured.item("MeasurementUnitsCodeSequence", "SR")
    unit.keep(CodeValue="mm", CodingSchemeDesignator="UCUM", CodeMeaning="millimeter")
    _text(_content(sheet, "CONTAINS", "TEXT", "conclusion"), study)


def _text(item: Sheet, study: Study) -> None:
    item.write(TextValue=study.writer.report(4000, "\r\n"))


def make_presentation_state(
    sheet: Sheet, study: Study, series: str, number: int, reference: Reference, rng: Random
) -> None:
    """Write a presentation state of one image with annotations."""
    sheet.keep(SOPClassUID=uid.GrayscaleSoftcopyPresentationStateStorage)
    _put_head(sheet, study, "PR", series, number, rng)
    sheet.keep(InstanceNumber="1", ContentLabel="NOTES", PresentationLUTShape="IDENTITY")
    sheet.date(PresentationCreationDate=day(study.date))
    sheet.keep(PresentationCreationTime=study.time)
    _put_creator(sheet, study, rng)
    series_item = sheet.item("ReferencedSeriesSequence", "references")
    series_item.uid(SeriesInstanceUID=reference.series)
    _put_reference(series_item, "ReferencedImageSequence", reference)
    area = sheet.item("DisplayedAreaSelectionSequence")
    area.keep(DisplayedAreaTopLeftHandCorner=[1, 1], DisplayedAreaBottomRightHandCorner=[16, 16])
    area.keep(PresentationSizeMode="SCALE TO FIT", PresentationPixelAspectRatio=["1", "1"])
    layer = sheet.item("GraphicLayerSequence")
    layer.keep(GraphicLayer="NOTES", GraphicLayerOrder="1")
    voi = sheet.item("SoftcopyVOILUTSequence")
    voi.keep(WindowCenter="40", WindowWidth="400")
    annotation = sheet.item("GraphicAnnotationSequence")
    annotation.keep(GraphicLayer="NOTES")
    text = annotation.item("TextObjectSequence")
    text.keep(AnchorPointAnnotationUnits="DISPLAY", AnchorPoint=[0.25, 0.5], AnchorPointVisibility="N")
    text.write(UnformattedTextValue=study.writer.report(), decoys_stay=False)
    put_private(sheet, study, "PR", rng)


def _put_creator(sheet: Sheet, study: Study, rng: Random) -> None:
    observer = study.cast.staff["observer"]
    name = person_name(study.cast, observer, rng)
    sheet.drop(about=f"name ({observer.kind})", present=True, ContentCreatorName=name)


def make_segmentation(
    sheet: Sheet, study: Study, series: str, number: int, references: Sequence[Reference], rng: Random
) -> None:
    """Write a binary segmentation of a few images."""
    sheet.keep(SOPClassUID=uid.SegmentationStorage)
    _put_head(sheet, study, "SEG", series, number, rng)
    sheet.keep(
        InstanceNumber="1", ContentLabel="LUNG", SegmentationType="BINARY", ImageType=["DERIVED", "PRIMARY"]
    )
    sheet.date(ContentDate=day(study.date))
    sheet.keep(ContentTime=study.time)
    sheet.uid(FrameOfReferenceUID=study.frame_of_reference)
    _put_creator(sheet, study, rng)
    segment = sheet.item("SegmentSequence")
    segment.keep(SegmentNumber=1, SegmentLabel="Lung", SegmentAlgorithmType="MANUAL")
    category = segment.item("SegmentedPropertyCategoryCodeSequence")
    category.keep(CodeValue="123037004", CodingSchemeDesignator="SCT", CodeMeaning="Anatomical Structure")
    referenced = sheet.item("ReferencedSeriesSequence", "references")
    referenced.uid(SeriesInstanceUID=references[0].series)
    for reference in references:
        _put_reference(referenced, "ReferencedInstanceSequence", reference)
        frame = sheet.item("PerFrameFunctionalGroupsSequence")
        content = frame.item("FrameContentSequence")
        content.keep(DimensionIndexValues=[1, 1])
        derivation = frame.item("DerivationImageSequence", "references")
        _put_reference(derivation, "SourceImageSequence", reference)
    _put_bits(sheet, len(references), rng)


def _put_bits(sheet: Sheet, frames: int, rng: Random) -> None:
    values: dict[str, Any] = {
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "Rows": 16,
        "Columns": 16,
    }
    values |= {"BitsAllocated": 1, "BitsStored": 1, "HighBit": 0, "PixelRepresentation": 0}
    sheet.keep(NumberOfFrames=str(frames), **values)
    sheet.data_set.add_new(0x7FE00010, "OB", rng.randbytes(frames * 32))
    sheet.pixels()
