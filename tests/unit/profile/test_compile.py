"""The rule of each element: precedence, Type floor, kinds of VR, and the caches of a compiled profile."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from pydicom.datadict import dictionary_VR, tag_for_keyword

from orthanc_deid import CompiledProfile
from orthanc_deid.errors import RefusedError
from orthanc_deid.profile.action import Action
from orthanc_deid.profile.compile import Level
from orthanc_deid.profile.rule import Manner, Rule
from orthanc_deid.profile.type_floor import BASIC_CODES, resolve
from orthanc_deid.profile.vr_kinds import agree, implicit_vr
from orthanc_deid.standard.tables import all_rows
from support.data.profiles import BUILTIN, builtin, profile

CT = "1.2.840.10008.5.1.4.1.1.2"
SR = "1.2.840.10008.5.1.4.1.1.88.33"
PRIVATE_CLASS = "1.3.12.2.1107.5.9.1"


def tag(keyword: str) -> int:
    found = tag_for_keyword(keyword)
    assert found is not None
    return found


def level(used: CompiledProfile, *sequences: str, sop_class: str = CT) -> Level:
    found = used.level(sop_class)
    for keyword in sequences:
        found = found.child(tag(keyword))
    return found


def rule(used: CompiledProfile, path: str, vr: str = "", sop_class: str = CT) -> Rule:
    *sequences, keyword = path.split("/")
    return level(used, *sequences, sop_class=sop_class).rule(tag(keyword), vr or dictionary_VR(tag(keyword)))


def action(path: str, vr: str = "", sop_class: str = CT, **settings: Any) -> Action:
    return rule(profile(**settings), path, vr, sop_class).action


# the floor


@pytest.mark.parametrize(
    ("code", "actions"),
    [
        ("X", "DDZZXX"),
        ("Z", "DDZZZZ"),
        ("D", "DDDDDD"),
        ("U", "UUUUUU"),
        ("X/Z", "DDZZXZ"),
        ("X/D", "DDZZXD"),
        ("X/Z/D", "DDZZXD"),
        ("Z/D", "DDZZZD"),
        ("X/Z/U*", "KKKKXK"),
    ],
)
def test_the_type_is_the_floor_of_the_code(code: str, actions: str) -> None:
    types = ("1", "1C", "2", "2C", "3", None)
    assert "".join(resolve(code, each) for each in types) == actions  # type: ignore[arg-type]


def test_every_code_of_the_table_has_a_floor() -> None:
    assert {row.basic for row in all_rows()} == BASIC_CODES


# precedence


def test_an_explicit_rule_stands_above_retain_clean_and_basic() -> None:
    explicit = [{"attribute": "StudyDescription", "action": "Z"}]
    options = ["Clean Descriptors"]
    assert action("StudyDescription") is Action.X
    assert action("StudyDescription", options=options) is Action.C
    assert action("StudyDescription", options=options, attributes=explicit) is Action.Z


def test_retain_has_precedence_over_clean_in_any_order() -> None:
    """Series Description of a device: K by one option and C by another would be K."""
    both = [
        row
        for row in all_rows()
        if {"K", "C"} <= {row.options.get("rtn_pat_chars"), row.options.get("clean_desc")}
        and row.tag[1] != "p"
    ]
    for row in both:
        keeps, cleans = "Retain Patient Characteristics", "Clean Descriptors"
        for options in ([keeps, cleans], [cleans, keeps]):
            found = level(profile(options=options)).rule(int(row.tag[1:5] + row.tag[6:10], 16), "LO")
            assert found.action is Action.K


def test_structure_stands_above_explicit_rules() -> None:
    used = profile(attributes=[{"attribute": "0008,xxxx", "action": "X"}])
    assert rule(used, "SpecificCharacterSet").manner is Manner.CHARACTER_SET
    assert rule(used, "Modality").action is Action.X


def test_dates_in_place_stand_above_basic_and_below_the_options() -> None:
    neutral: dict[str, Any] = {"dates": {"mode": "neutral"}}
    assert action("PatientBirthDate") is Action.Z
    assert action("PatientBirthDate", **neutral) is Action.C
    assert action("PatientBirthDate", dates={"mode": "shift"}) is Action.Z
    assert action("StudyDate", dates={"mode": "shift"}) is Action.C
    assert action("StudyDate", dates={"mode": "year"}) is Action.C


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("PatientName", Action.D),
        ("OtherPatientNames", Action.X),
        ("ReferencedSeriesSequence/NameOfPhysiciansReadingStudy", Action.X),
        ("ReferencedSeriesSequence/InstanceCreationDate", Action.X),
        ("RadionuclideTotalDose", Action.K),
        ("SamplesPerPixel", Action.K),
        ("SOPClassUID", Action.K),
        ("FrameOfReferenceUID", Action.U),
        ("ReferencedSeriesSequence", Action.K),
        ("RetrieveURL", Action.X),
        ("CodeMeaning", Action.K),
        ("AccessionNumber", Action.Z),
        ("InstitutionName", Action.X),
    ],
)
def test_what_becomes_of_an_attribute_under_the_basic_profile(path: str, expected: Action) -> None:
    assert action(path) is expected


def test_the_types_of_the_place_count() -> None:
    """Content Date is Type 1 in an SR document, and 2C at most in a CT image."""
    assert action("ContentDate", sop_class=SR) is Action.D
    assert action("ContentDate") in (Action.Z, Action.X)
    assert action("ReferencedSeriesSequence/ContentDate") is Action.Z  # Type 3: the IOD names the sequence
    assert action("ReferencedFrameOfReferenceSequence/ContentDate") is Action.D  # Z/D where no Type is known


def test_without_an_iod_the_rightmost_code_that_conforms_is_taken() -> None:
    assert action("ContentDate", sop_class=PRIVATE_CLASS) is Action.D
    assert action("AccessionNumber", sop_class=PRIVATE_CLASS) is Action.Z
    assert action("PatientComments", sop_class=PRIVATE_CLASS) is Action.X


def test_the_allow_list_falls_to_the_floor() -> None:
    used = {"unnamed": "remove"}
    assert action("SliceThickness", **used) is Action.Z  # Type 2
    assert action("KVP", **used) is Action.Z  # Type 2
    assert action("ImageType", **used) is Action.D  # Type 1
    assert action("Rows", **used) is Action.K  # Type 1, a number: a dummy would falsify it
    assert action("ConvolutionKernel", **used) is Action.X


def test_without_a_base_only_rules_options_and_defaults_act() -> None:
    assert action("PatientComments", base="none") is Action.X  # free text
    assert action("PatientSex", base="none") is Action.K  # a term, searched
    assert action("FrameOfReferenceUID", base="none") is Action.U
    assert action("InstanceCreationDate", base="none") is Action.X
    assert action("PatientBirthDate", base="none") is Action.Z  # Type 2


def test_attributes_that_the_dictionary_does_not_know_go() -> None:
    assert profile().level(CT).rule(0x00189FFF, "DS").action is Action.X


# kinds of VR


@pytest.mark.parametrize(
    ("keyword", "vr", "same"),
    [
        ("StudyDescription", "LO", True),
        ("StudyDescription", "UT", True),
        ("StudyDescription", "CS", True),
        ("StudyDescription", "PN", False),
        ("StudyDate", "DT", True),
        ("StudyDate", "LO", False),
        ("Rows", "IS", True),
        ("Rows", "OB", False),
        ("Rows", "UL", True),
        ("Rows", "OL", False),
        ("SliceThickness", "IS", True),
        ("InstanceNumber", "US", False),
        ("SliceThickness", "FD", False),
        ("SliceThickness", "AT", False),
        ("RealWorldValueSlope", "FL", True),
        ("FloatPixelData", "OF", True),
        ("PixelData", "OB", True),
        ("PixelData", "UN", False),
        ("SmallestImagePixelValue", "SS", True),
        ("ReferencedImageSequence", "UN", False),
    ],
)
def test_a_vr_is_of_the_attributes_kind_or_not(keyword: str, vr: str, same: bool) -> None:
    assert agree(tag(keyword), vr) is same


def test_the_vr_of_implicit_elements_is_the_dictionarys() -> None:
    assert implicit_vr(tag("PatientName")) == "PN"
    assert implicit_vr(tag("PixelData")) == "OW"
    assert implicit_vr(tag("SmallestImagePixelValue")) == "US"
    assert implicit_vr(0x00080000) == "UL"
    assert implicit_vr(0x00091001) == "UN"
    assert implicit_vr(0x60023000) == "OW"


@pytest.mark.parametrize("vr", ["PN", "OB", "SQ", "UI", "UN", "DA", "FD"])
@pytest.mark.parametrize("keyword", ["Manufacturer", "ConvolutionKernel", "CodeValue"])
def test_what_is_of_another_kind_is_not_kept(keyword: str, vr: str) -> None:
    used = profile()
    if used.level(CT).types.type_of(tag(keyword)) in ("1", "1C"):
        with pytest.raises(RefusedError, match="VR is not the dictionary's"):
            rule(used, keyword, vr)
    else:
        assert rule(used, keyword, vr).action in (Action.X, Action.Z)


@pytest.mark.parametrize("vr", ["US", "SS", "UL", "SL", "UV", "SV", "FL", "FD", "AT", "OD", "OF", "OL", "OV"])
@pytest.mark.parametrize("keyword", ["SliceThickness", "InstanceNumber", "KVP", "ExposureTime"])
def test_a_number_string_in_binary_is_not_kept(keyword: str, vr: str) -> None:
    """Its bytes may be any text, and nobody reads them as one."""
    assert rule(profile(), keyword, vr).action in (Action.X, Action.Z)


@pytest.mark.parametrize("vr", ["LO", "OB", "SQ", "PN", "DA"])
def test_a_type_1_attribute_of_another_kind_refuses_the_instance(vr: str) -> None:
    with pytest.raises(RefusedError, match=r"^VR is not the dictionary's: \(0028,0010\)$"):
        rule(profile(), "Rows", vr)


@pytest.mark.parametrize("name", BUILTIN)
def test_no_kind_of_value_is_kept_where_another_is_due(name: str) -> None:
    """Over every row and every VR: what stays unread is of the attribute's kind."""
    used = builtin(name)
    vrs = ("LO", "PN", "DA", "UI", "SQ", "OB", "FD", "CS", "UN", "AE", "UR", "AS")
    for row, vr in product((row for row in all_rows() if "x" not in row.tag and row.tag != "private"), vrs):
        number = int(row.tag[1:5] + row.tag[6:10], 16)
        try:
            found = used.level(CT).rule(number, vr)
        except RefusedError:
            continue
        if found.action is Action.K and found.manner is Manner.PLAIN:
            assert agree(number, vr), (row.keyword, vr)
            assert vr != "UN", row.keyword


# searched, and what holds otherwise


def test_kept_texts_and_terms_are_searched_and_fall_to_the_floor() -> None:
    maker = rule(profile(), "Manufacturer")
    assert maker.searched
    assert maker.otherwise is not None
    assert maker.otherwise.action is Action.Z  # Type 2
    kernel = rule(profile(), "ConvolutionKernel")
    assert kernel.otherwise is not None
    assert kernel.otherwise.action is Action.X


def test_number_strings_must_look_like_numbers() -> None:
    thickness = rule(profile(), "SliceThickness")
    assert not thickness.searched
    assert thickness.otherwise is not None
    assert rule(profile(), "Rows").otherwise is None


def test_a_text_that_an_option_retains_is_searched() -> None:
    kept = rule(profile(options=["Retain Institution Identity"]), "InstitutionName")
    assert (kept.action, kept.searched) == (Action.K, True)


# explicit rules, by path and by condition


def test_explicit_rules_with_conditions_become_cases_before_what_would_hold() -> None:
    when = [{"attribute": "Modality", "equals": "CT"}]
    attributes = [
        {"attribute": "PatientSex", "action": "K", "when": when},
        {"attribute": "PatientSex", "value": "O"},
        {"attribute": "PatientSex", "action": "X", "when": when},
    ]
    found = rule(profile(attributes=attributes), "PatientSex")
    assert [case.action for _, case in found.cases] == [Action.K]
    assert found.value == "O"
    only = rule(profile(attributes=attributes[:1]), "PatientSex")
    assert only.action is Action.Z
    assert len(only.cases) == 1


@pytest.mark.parametrize(
    ("vr", "expected"),
    [
        ("LO", Action.C),
        ("CS", Action.K),
        ("PN", Action.X),
        ("SQ", Action.X),
    ],
)
def test_an_explicit_c_means_what_the_vr_makes_of_it(vr: str, expected: Action) -> None:
    used = profile(attributes=[{"attribute": "StudyDescription", "action": "C"}])
    assert rule(used, "StudyDescription", vr).action is expected


@pytest.mark.parametrize(
    ("keyword", "expected"),
    [
        ("PatientBirthName", Action.D),
        ("FrameOfReferenceUID", Action.U),
        ("RequestAttributesSequence", Action.K),
        ("StudyComments", Action.C),
        ("SliceThickness", Action.K),
        ("BodyPartExamined", Action.K),
        ("AcquisitionDate", Action.X),
        ("RetrieveURL", Action.X),
    ],
)
def test_an_explicit_c_on_each_kind(keyword: str, expected: Action) -> None:
    assert action(keyword, attributes=[{"attribute": keyword, "action": "C"}]) is expected


def test_rules_hold_the_name_that_reports_count_by() -> None:
    used = profile(options=["Retain UIDs"], attributes=[{"attribute": "PatientSex", "action": "K"}])
    assert rule(used, "PatientSex").name == "profile: attributes[0]"
    assert rule(used, "StudyInstanceUID").name == "Retain UIDs Option"
    assert rule(used, "PatientComments").name == "Basic Profile"


def test_levels_and_rules_are_remembered() -> None:
    used = profile()
    assert used.level(CT) is used.level(CT)
    assert level(used, "ReferencedSeriesSequence") is level(used, "ReferencedSeriesSequence")
    assert rule(used, "PatientComments") is rule(used, "PatientComments")
    assert used.level("1.2.840.10008.5.1.4.1.1.6") is not used.level(CT)
