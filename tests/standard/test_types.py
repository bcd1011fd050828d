"""Attribute Types by IOD and depth."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from pydicom._uid_dict import UID_dictionary
from pydicom.datadict import dictionary_VR, tag_for_keyword

from orthanc_deid.standard import attribute_types
from orthanc_deid.standard.data_files import read_csv
from orthanc_deid.standard.tables import Type, TypeContext, all_rows, iod_for, unknown_types

CT = "1.2.840.10008.5.1.4.1.1.2"
ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.4.1"
COMPREHENSIVE_SR = "1.2.840.10008.5.1.4.1.1.88.33"
RT_STRUCTURE_SET = "1.2.840.10008.5.1.4.1.1.481.3"
GSPS = "1.2.840.10008.5.1.4.1.1.11.1"
STRONGEST_FIRST = ("1", "1C", "2", "2C", "3")


def tag(keyword: str) -> int:
    found = tag_for_keyword(keyword)
    assert found is not None
    return found


def context(sop_class: str, *sequences: str) -> TypeContext:
    iod = iod_for(sop_class)
    assert iod is not None
    found = iod.types
    for keyword in sequences:
        found = found.child(tag(keyword))
    return found


def type_at(sop_class: str, path: str) -> str | None:
    *sequences, keyword = path.split("/")
    return context(sop_class, *sequences).type_of(tag(keyword))


@pytest.mark.parametrize(
    ("sop_class", "path", "expected"),
    [
        (CT, "PatientName", "2"),
        (CT, "PatientID", "2"),
        (CT, "StudyInstanceUID", "1"),
        (CT, "SOPClassUID", "1"),
        (CT, "AccessionNumber", "2"),
        (CT, "ImageType", "1"),
        (CT, "PatientComments", "3"),
        (CT, "InstitutionName", "3"),
        (CT, "FrameOfReferenceUID", "1"),
        (CT, "Laterality", "2C"),
        (CT, "PixelData", "1C"),
        (CT, "BeamName", "3"),  # no module of a CT names it
        (CT, "ReferencedImageSequence", "3"),
        (CT, "ReferencedImageSequence/ReferencedSOPInstanceUID", "1"),
        (CT, "ProcedureCodeSequence/CodeMeaning", "1"),
        (CT, "ProcedureCodeSequence/CodeValue", "1C"),
        (CT, "ProcedureCodeSequence/CodingSchemeDesignator", "1C"),
        (CT, "ProcedureCodeSequence/EquivalentCodeSequence/CodeMeaning", "1"),
        (CT, "ProcedureCodeSequence/EquivalentCodeSequence/EquivalentCodeSequence/CodeMeaning", "1"),
        (CT, "ContributingEquipmentSequence/Manufacturer", "1"),
        (CT, "BeamSequence/BeamName", None),  # inside a sequence that the IOD does not name
        (ENHANCED_MR, "ContentDate", "1"),
        (ENHANCED_MR, "SharedFunctionalGroupsSequence", "1"),
        (ENHANCED_MR, "SharedFunctionalGroupsSequence/PixelMeasuresSequence", "1"),
        (ENHANCED_MR, "PerFrameFunctionalGroupsSequence/FrameContentSequence/FrameAcquisitionDateTime", "1C"),
        (ENHANCED_MR, "PerFrameFunctionalGroupsSequence/FrameContentSequence/FrameComments", "3"),
        (COMPREHENSIVE_SR, "ContentSequence", "1C"),
        (COMPREHENSIVE_SR, "ContentSequence/ValueType", "1"),
        (COMPREHENSIVE_SR, "ContentSequence/PersonName", "1C"),
        (COMPREHENSIVE_SR, "VerifyingObserverSequence/VerifyingObserverName", "1"),
        (RT_STRUCTURE_SET, "StructureSetROISequence/ROIName", "2"),
        (RT_STRUCTURE_SET, "StructureSetLabel", "1"),
        (GSPS, "PresentationCreationDate", "1"),
        (GSPS, "ContentDescription", "2"),
        (GSPS, "ContentLabel", "1"),
    ],
)
def test_the_type_is_the_one_of_ps33(sop_class: str, path: str, expected: str | None) -> None:
    assert type_at(sop_class, path) == expected


def test_content_in_content_has_the_types_of_the_outer_content() -> None:
    outer = context(COMPREHENSIVE_SR, "ContentSequence")
    inner = context(COMPREHENSIVE_SR, *["ContentSequence"] * 20)
    assert inner.type_of(tag("ValueType")) == "1"
    assert inner.child(tag("ConceptNameCodeSequence")).type_of(tag("CodeMeaning")) == "1"
    assert inner is outer


def test_the_types_of_an_overlay_hold_in_every_group() -> None:
    types_of_ct = context(CT)
    assert types_of_ct.type_of(0x60003000) == types_of_ct.type_of(0x601E3000) == "1"
    assert types_of_ct.type_of(0x60013000) == "3"  # odd: private


def test_nothing_is_known_without_an_iod_at_any_depth() -> None:
    unknown = unknown_types()
    assert unknown.type_of(tag("PatientName")) is None
    assert unknown.child(tag("ContentSequence")) is unknown
    assert unknown.required() == ()


def test_inside_a_private_sequence_no_type_is_known() -> None:
    assert context(CT).child(0x00191001).type_of(tag("PatientName")) is None


def test_the_attributes_an_item_needs_are_given_by_tag() -> None:
    required = context(CT, "ReferencedImageSequence").required()
    assert required == ((tag("ReferencedSOPClassUID"), "1"), (tag("ReferencedSOPInstanceUID"), "1"))


def test_the_attributes_an_item_needs_include_those_of_type_2() -> None:
    required = context(COMPREHENSIVE_SR, "VerifyingObserverSequence").required()
    assert (tag("VerifyingObserverIdentificationCodeSequence"), "2") in required
    assert list(required) == sorted(required)


@pytest.mark.parametrize("uid", ["1.2.3.4", "", "1.2.840.10008.5.1.4.1.1.501.1", "1.2.840.10008.5.1.4.1.1.9"])
def test_a_class_without_an_iod_has_none(uid: str) -> None:
    assert iod_for(uid) is None


def test_a_retired_class_takes_the_types_of_its_successor() -> None:
    assert iod_for("1.2.840.10008.5.1.4.1.1.6") is iod_for("1.2.840.10008.5.1.4.1.1.6.1")


def test_every_retired_storage_class_has_a_successor_or_is_known_to_have_none() -> None:
    retired = {
        uid
        for uid, (name, kind, _, retired, _) in UID_dictionary.items()
        if kind == "SOP Class" and retired and "Storage" in name and "Commitment" not in name
    }
    rows = {row["sop_class_uid"]: row for row in read_csv("retired_sop_classes.csv")}
    assert retired <= set(rows)
    assert all(
        row["successor_uid"] or "no successor" in row["reason"] or "print" in row["reason"]
        for row in rows.values()
    )


def test_where_a_module_is_missing_no_type_is_claimed() -> None:
    waveform_state = context("1.2.840.10008.5.1.4.1.1.9.100.1")
    assert waveform_state.type_of(tag("PatientName")) == "2"
    assert waveform_state.type_of(tag("BeamName")) is None


def test_every_compound_code_of_table_e11_has_a_type_in_some_iod() -> None:
    compound = {row.keyword for row in all_rows() if "/" in row.basic}
    typed = {f"{line[:8]}" for level in attribute_types._stored().levels for line in level.split(",") if line}
    assert len(compound) == 50
    missing = {keyword for keyword in compound if f"{tag(keyword):08X}" not in typed}
    assert all(weaker_than_listed(keyword) for keyword in missing), missing


def weaker_than_listed(keyword: str) -> bool:
    """Whether highdicom names `keyword` as Type 3 only: those leaves are left out."""
    return any(
        attribute["keyword"] == keyword and attribute["type"] in ("3", "None")
        for attributes in source("module_attribute_map").values()
        for attribute in attributes
    )


def source(name: str) -> Any:
    spec = find_spec("highdicom")
    if spec is None or spec.origin is None:
        pytest.skip("highdicom, the source of the Types, is not installed")
    return json.loads((Path(spec.origin).parent / "_standard" / f"{name}.json").read_text())


def named(attributes: list[dict[str, Any]]) -> Iterator[tuple[tuple[int, ...], int, Type]]:
    """Yield (sequences, tag, Type) of the attributes that the data dictionary knows as single tags."""
    for attribute in attributes:
        found = tag_for_keyword(attribute["keyword"])
        if found is not None:
            kind: Type = "3" if attribute["type"] == "None" else attribute["type"]
            yield tuple(map(tag, attribute["path"])), found, kind


def test_every_module_says_what_its_source_says_at_every_depth() -> None:
    modules, stored = source("module_attribute_map"), attribute_types._stored().modules
    checked = 0
    for key in stored:
        contexts: dict[tuple[int, ...], TypeContext] = {(): TypeContext((stored[key],), complete=True)}
        for sequences, attribute, expected in named(modules[key]):
            for depth, sequence in enumerate(sequences):
                if sequences[: depth + 1] not in contexts:
                    contexts[sequences[: depth + 1]] = contexts[sequences[:depth]].child(sequence)
            assert contexts[sequences].type_of(attribute) == expected, (key, sequences, attribute)
            checked += 1
    assert checked > 90_000


@pytest.mark.parametrize("sop_class", [CT, ENHANCED_MR, COMPREHENSIVE_SR, RT_STRUCTURE_SET])
def test_an_iod_gives_the_strongest_type_of_its_modules(sop_class: str) -> None:
    modules, iods = source("module_attribute_map"), source("iod_module_map")
    expected: dict[tuple[tuple[int, ...], int], list[str]] = defaultdict(list)
    for entry in iods[source("sop_class_iod_map")[sop_class]]:
        for sequences, attribute, kind in named(modules[entry["key"]]):
            expected[sequences, attribute].append(kind)
    for (sequences, attribute), kinds in expected.items():
        found = context(sop_class)
        for sequence in sequences:
            found = found.child(sequence)
        assert found.type_of(attribute) == min(kinds, key=STRONGEST_FIRST.index), (sequences, attribute)


def test_every_class_of_the_source_has_its_iod() -> None:
    for uid in source("sop_class_iod_map"):
        iod = iod_for(uid)
        assert iod is not None
        assert iod.types.type_of(tag("SOPClassUID")) in ("1", "3"), iod.name


def test_only_sequences_have_levels_inside() -> None:
    for level in attribute_types._stored().levels:
        for line in filter(None, level.split(",")):
            parts = line.split(" ")
            assert len(parts) == 2 or dictionary_VR(int(parts[0], 16)) == "SQ"
