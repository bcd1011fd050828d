"""The project's own lists: complete, well formed, and consistent with each other."""

from __future__ import annotations

import re

import pydicom
import pytest
from pydicom._dicom_dict import DicomDictionary
from pydicom._uid_dict import UID_dictionary
from pydicom.datadict import dictionary_VR, keyword_for_tag, tag_for_keyword

from orthanc_deid.standard import tables
from orthanc_deid.standard.data_files import parse_tags, read_csv

REVIEWED = {
    "class_uids.csv": {"UI"},
    "image_data.csv": {"OB", "OW"},
    "kept_text.csv": {"LO", "SH", "ST", "LT", "UT", "UC"},
}


def tag(keyword: str) -> int:
    found = tag_for_keyword(keyword)
    assert found is not None
    return found


@pytest.mark.parametrize("name", REVIEWED)
def test_every_attribute_without_a_row_was_reviewed(name: str) -> None:
    if not pydicom.__version__.startswith("3.0."):
        pytest.skip("the reviews were made with the dictionary of pydicom 3.0")
    seen = {found for row in read_csv(name) for found in parse_tags(row["tag"])}
    unseen = [
        keyword_for_tag(found)
        for found, entry in DicomDictionary.items()
        if REVIEWED[name] & set(entry[0].split(" or "))
        and tables.row_for(found) is None
        and found not in seen
    ]
    assert unseen == []
    assert all(row["kept"] in ("Y", "N") and row["reason"] for row in read_csv(name))
    assert not [row["tag"] for row in read_csv(name) if row["reason"] == "not reviewed"]


@pytest.mark.parametrize("name", REVIEWED)
def test_a_review_never_speaks_of_an_attribute_that_table_e11_decides(name: str) -> None:
    assert not [row["tag"] for row in read_csv(name) if tables.row_for(parse_tags(row["tag"])[0])]


@pytest.mark.parametrize(
    "keyword",
    [
        "SOPClassUID",
        "ReferencedSOPClassUID",
        "TransferSyntaxUID",
        "CodingSchemeUID",
        "ContextUID",
        "MappingResourceUID",
        "RelatedGeneralSOPClassUID",
    ],
)
def test_uids_of_classes_are_classes(keyword: str) -> None:
    assert tag(keyword) in tables.class_uid_tags()


@pytest.mark.parametrize(
    "keyword",
    ["SOPInstanceUID", "MultiFrameSourceSOPInstanceUID", "ReferencedFiducialUID", "SelectorUIValue"],
)
def test_uids_of_instances_are_no_classes(keyword: str) -> None:
    assert tag(keyword) not in tables.class_uid_tags()


def test_image_data_is_kept_and_documents_and_signatures_are_not() -> None:
    kept = tables.image_data_tags()
    assert {
        tag("PixelData"),
        tag("RedPaletteColorLookupTableData"),
        tag("WaveformData"),
        tag("LUTData"),
    } <= kept
    assert not kept & {tag("EncapsulatedDocument"), tag("Signature"), tag("MAC"), tag("EncryptedContent")}


@pytest.mark.parametrize(
    "keyword",
    [
        "CodeMeaning",
        "CodeValue",
        "Manufacturer",
        "ConvolutionKernel",
        "SequenceName",
        "SegmentLabel",
        "LUTExplanation",
    ],
)
def test_technical_text_is_kept(keyword: str) -> None:
    assert tag(keyword) in tables.kept_text_tags()


@pytest.mark.parametrize(
    "keyword",
    [
        "TextValue",
        "DocumentTitle",
        "ContentDescription",
        "PatientBirthDateInAlternativeCalendar",
        "BeamName",
        "TrackingID",
    ],
)
def test_text_that_people_typed_is_not_kept(keyword: str) -> None:
    assert tag(keyword) not in tables.kept_text_tags()


def test_text_of_repeating_groups_is_kept_in_every_even_group() -> None:
    kept = tables.kept_text_tags()
    assert {0x60000045, 0x601E0045, 0x60FE0045} <= kept
    assert 0x60010045 not in kept
    assert 0x60000022 not in kept  # Overlay Description is free text


def test_every_person_name_identifies_a_person() -> None:
    kinds = tables.identity_kinds()
    names = [found for found, entry in DicomDictionary.items() if entry[0] == "PN"]
    assert {kinds.get(found) for found in names} == {"person"}


@pytest.mark.parametrize(
    ("keyword", "kind"),
    [
        ("PatientID", "id"),
        ("AccessionNumber", "id"),
        ("OtherPatientIDs", "id"),
        ("InstitutionName", "place"),
        ("PatientAddress", "address"),
        ("PatientTelephoneNumbers", "phone"),
        ("PatientBirthDate", "birthdate"),
        ("PatientBirthDateInAlternativeCalendar", "birthdate"),
    ],
)
def test_identities_have_their_kind(keyword: str, kind: str) -> None:
    assert tables.identity_kinds()[tag(keyword)] == kind


def test_no_text_that_is_kept_by_its_vr_is_an_identity() -> None:
    kept = tables.kept_text_tags()
    assert not [f"{found:08X}" for found in tables.identity_kinds() if found in kept]


def test_code_sequences_that_name_somebody_stand_apart() -> None:
    assert tables.identity_sequences()[tag("PersonIdentificationCodeSequence")] == "person"
    assert all(dictionary_VR(found) == "SQ" for found in tables.identity_sequences())
    assert not set(tables.identity_sequences()) & set(tables.identity_kinds())


def test_defined_terms_are_valid_code_strings_of_code_string_attributes() -> None:
    for row in read_csv("defined_terms.csv"):
        assert re.fullmatch(r"[A-Z0-9_ ]{1,16}", row["term"]), row
    assert {
        "CT",
        "CHEST",
        "ORIGINAL",
        "MONOCHROME2",
        "HFS",
        "ISO_IR 144",
        "FOR PRESENTATION",
    } <= tables.defined_terms()


def test_what_is_suspected_of_burned_in_text() -> None:
    suspected = tables.burned_in()
    assert {"1.2.840.10008.5.1.4.1.1.7", "1.2.840.10008.5.1.4.1.1.6.1"} <= suspected.sop_classes
    assert {"US", "SC", "ES", "XC", "OT", "RG"} <= suspected.modalities
    assert {"SECONDARY", "SCREEN SAVE"} <= suspected.image_types
    assert "1.2.840.10008.1.2.4.102" in suspected.transfer_syntaxes
    assert suspected.digital_conversion_types == {"DI"}


def test_plain_radiographs_and_sections_are_not_suspected() -> None:
    suspected = tables.burned_in()
    assert not suspected.modalities & {"CT", "MR", "CR", "DX", "MG", "RF", "XA", "NM", "PT", "SEG", "SR"}
    assert not suspected.sop_classes & set(tables.modality_sop_class().values())


def test_every_uid_in_the_lists_is_registered() -> None:
    suspected = tables.burned_in()
    listed = suspected.sop_classes | suspected.transfer_syntaxes | set(tables.modality_sop_class().values())
    assert listed <= set(UID_dictionary)


def test_a_modality_has_a_class_only_where_one_can_be_meant() -> None:
    known = tables.modality_sop_class()
    assert known["CT"] == "1.2.840.10008.5.1.4.1.1.2"
    assert known["MR"] == "1.2.840.10008.5.1.4.1.1.4"
    assert not set(known) & {"US", "OT", "SR", "SEG", "PR", "MG", "DX", "ES", "RTPLAN"}
    assert all(tables.iod_for(uid) for uid in known.values())
