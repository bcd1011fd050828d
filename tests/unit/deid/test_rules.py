"""Explicit rules, fixed values, conditions, instance rules and routes."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest

from orthanc_deid import deidentify, load_profile
from orthanc_deid.errors import RefusedError
from support.data.datasets import (
    FORMS,
    DataSet,
    Element,
    Form,
    instance,
    nested,
    part10,
    read_file,
    split,
    value,
    values,
)
from support.data.engine_runs import (
    COMMENTS,
    DEPTHS,
    ENCODINGS,
    INSTITUTION,
    KEY,
    PATIENT_NAME,
    SEQUENCE,
    SEX,
    only,
    rule,
    run,
    toml,
)
from support.data.profiles import profile

# explicit rules


@DEPTHS
@ENCODINGS
def test_an_explicit_rule_wins_over_the_table_at_every_depth(depth: int, form: Form) -> None:
    comment = (COMMENTS, "LT", "CHEST of ANDERSSON")
    unknown = (COMMENTS, "LT", "CHEST of LINDQVIST")
    assert only(comment, profile(), depth, form) == []
    assert only(comment, rule("PatientComments", "K"), depth, form) == []  # the patient's name
    assert only(unknown, rule("PatientComments", "K"), depth, form)[0].strip() == b"CHEST of LINDQVIST"
    assert only(comment, rule("PatientComments", "Z"), depth, form) == [b""]
    assert only(comment, rule("PatientComments", "D"), depth, form)[0].strip() == b"REMOVED"
    assert b"ANDERSSON" not in only(comment, rule("PatientComments", "C"), depth, form)[0]
    kept = (0x00180050, "DS", "2.5 ")
    assert only(kept, profile(), depth, form) == [b"2.5 "]
    assert only(kept, rule("SliceThickness", "X"), depth, form) == []


@DEPTHS
@ENCODINGS
@pytest.mark.parametrize(
    ("attribute", "text", "element", "expected"),
    [
        ("InstitutionName", "TEACHING FILE", (INSTITUTION, "LO", "General Hospital"), b"TEACHING FILE "),
        ("PatientSex", "O", (SEX, "CS", "F"), b"O "),
        ("SliceThickness", "1.5", (0x00180050, "DS", "2.5 "), b"1.5 "),
        ("Rows", "7", (0x00280010, "US", b"\2\0"), struct.pack("<H", 7)),
        ("PixelSpacing", "1\\2", (0x00280030, "DS", "0.5\\0.5 "), b"1\\2 "),
        ("RealWorldValueSlope", "0.5", (0x00409225, "FD", struct.pack("<d", 2)), struct.pack("<d", 0.5)),
    ],
)
def test_a_fixed_value_is_encoded_in_the_vr_of_the_attribute(
    depth: int, form: Form, attribute: str, text: str, element: Element, expected: bytes
) -> None:
    assert only(element, rule(attribute, value=text), depth, form) == [expected]


def test_a_fixed_value_fills_an_empty_element_but_adds_none() -> None:
    used = rule("InstitutionName", value="TEACHING FILE")
    assert only((INSTITUTION, "LO", ""), used) == [b"TEACHING FILE "]
    assert values(run([], used), INSTITUTION) == []


def test_a_rule_may_name_a_path() -> None:
    used = rule("ReferencedSeriesSequence/InstitutionName", "K")
    content: DataSet = [(INSTITUTION, "LO", "OUTSIDE "), (SEQUENCE, "SQ", [[(INSTITUTION, "LO", "INSIDE")]])]
    found = run(content, used)
    assert values(found, INSTITUTION) == []
    assert values(found, SEQUENCE, INSTITUTION) == [b"INSIDE"]


def test_a_rule_may_name_a_pattern_and_keep_an_overlay() -> None:
    size: DataSet = [(0x60000010, "US", b"\1\0"), (0x60000011, "US", b"\1\0")]
    plane: DataSet = [*size, (0x60003000, "OW", b"\1\0"), (0x60020010, "US", b"\1\0")]
    assert [tag for tag, _, _ in run(plane, profile()) if tag >> 24 == 0x60] == []
    assert [tag for tag, _, _ in run(plane, rule("60xx,xxxx", "K")) if tag >> 24 == 0x60] == [
        0x60000010,
        0x60000011,
        0x60003000,
        0x60020010,
    ]


def test_the_first_rule_that_matches_wins() -> None:
    attributes = [{"attribute": "PatientSex", "action": "K"}, {"attribute": "0010,xxxx", "action": "X"}]
    found = run([(SEX, "CS", "F"), (0x00101020, "DS", "1.8 ")], profile(attributes=attributes))
    assert value(found, SEX) == b"F "
    assert values(found, 0x00101020) == []


def test_a_rule_replaces_a_uid_or_keeps_it() -> None:
    frame = (0x00200052, "UI", "1.2.826.0.1.3680043.10.1.2")
    keyed = value(run([], profile()), 0x0020000D)
    assert only(frame, rule("FrameOfReferenceUID", "U")) == [keyed]
    assert only(frame, rule("FrameOfReferenceUID", "D")) == [keyed]
    assert only(frame, rule("FrameOfReferenceUID", "K"))[0].rstrip(b"\0") == frame[2].encode()


def test_a_kept_instance_uid_is_also_in_the_file_meta() -> None:
    output = bytes(deidentify(part10(instance()), rule("SOPInstanceUID", "K"), KEY))
    assert value(split(output)[0], 0x00020003) == value(read_file(output), 0x00080018)
    assert value(read_file(output), 0x00080018).rstrip(b"\0") == b"1.2.826.0.1.3680043.10.1.1"


def test_a_kept_term_or_number_string_must_be_valid() -> None:
    used = profile(
        attributes=[
            {"attribute": "BodyPartExamined", "action": "K"},
            {"attribute": "SliceThickness", "action": "K"},
        ]
    )
    assert only((0x00180015, "CS", "CHEST"), used)[0].strip() == b"CHEST"
    assert only((0x00180015, "CS", "ANDERSSON"), used) == []
    assert only((0x00180050, "DS", "2.5 "), used) == [b"2.5 "]
    assert only((0x00180050, "DS", "ANDERSSON"), used) == [b""]  # Type 2


def test_a_sequence_that_a_rule_keeps_or_cleans_is_descended_into() -> None:
    content: DataSet = [
        (0x00400275, "SQ", [[(PATIENT_NAME, "PN", "NAGEL^ANNA"), (0x00280010, "US", b"\2\0")]])
    ]
    for action in ("K", "C"):
        found = run(content, rule("RequestAttributesSequence", action))
        assert values(found, 0x00400275, 0x00280010) == [b"\2\0"]
        assert b"NAGEL" not in str(found).encode()


# conditions


WHEN_MR = [{"attribute": "Modality", "equals": "MR"}]
MR: Element = (0x00080060, "CS", "MR")


@DEPTHS
@ENCODINGS
def test_a_rule_with_conditions_applies_where_they_hold(depth: int, form: Form) -> None:
    comment = (COMMENTS, "LT", "stays ")
    used = rule("PatientComments", "K", when=WHEN_MR)
    assert only(comment, used, depth, form) == []
    found = run([MR, *nested(depth, [comment], SEQUENCE)], used, form)
    assert values(found, *[SEQUENCE] * depth, COMMENTS) == [b"stays "]


def test_the_first_rule_whose_conditions_hold_wins() -> None:
    attributes = [
        {"attribute": "PatientSex", "value": "M", "when": WHEN_MR},
        {"attribute": "PatientSex", "value": "F", "when": [{"attribute": "Modality", "in": ["CT", "PT"]}]},
        {"attribute": "PatientSex", "action": "Z"},
    ]
    used = profile(attributes=attributes)
    sex = (SEX, "CS", "O")
    for modality, expected in (("MR", b"M "), ("CT", b"F "), ("CR", b"")):
        assert value(run([(0x00080060, "CS", modality), sex], used), SEX) == expected


def test_a_sequence_may_be_removed_under_conditions() -> None:
    used = rule("ReferencedSeriesSequence", "X", when=WHEN_MR)
    content: Element = (SEQUENCE, "SQ", [[(PATIENT_NAME, "PN", "NAGEL^ANNA"), (0x00280010, "US", b"\2\0")]])
    assert values(run([content], used), SEQUENCE, 0x00280010) == [b"\2\0"]
    assert values(run([MR, content], used), SEQUENCE) == []


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"attribute": "SOPClassUID", "equals": "CTImageStorage"}, True),
        ({"attribute": "StationName", "matches": "SCANNER.*"}, True),
        ({"attribute": "StationName", "matches": "CANNER.*"}, False),
        ({"attribute": "Rows", "equals": "512"}, True),
        ({"attribute": "Rows", "exists": False}, False),
        ({"attribute": "ImageType", "equals": "AXIAL"}, True),
        ({"attribute": "PatientComments", "exists": True}, False),
    ],
)
def test_conditions_test_the_original_top_level(condition: dict[str, Any], expected: bool) -> None:
    content: DataSet = [
        (0x00080008, "CS", "ORIGINAL\\PRIMARY\\AXIAL"),
        (0x00081010, "SH", "SCANNER 3"),
        (0x00280010, "US", struct.pack("<H", 512)),
        (SEQUENCE, "SQ", [[(COMMENTS, "LT", "x ")]]),
        (SEX, "CS", "F"),
    ]
    assert (value(run(content, rule("PatientSex", "K", when=[condition])), SEX) == b"F ") is expected


# instance rules


def test_the_refusal_of_an_instance_rule_holds_its_number_and_no_value() -> None:
    used = profile(instances=[{"when": WHEN_MR, "outcome": "admit"}, {"outcome": "refuse"}])
    assert run([MR], used)
    with pytest.raises(RefusedError, match=r": profile made, instances\[1\]$") as caught:
        run([], used)
    assert caught.value.rule == "refused by an instance rule"  # the same in all profiles: reports count by it


@pytest.mark.parametrize(
    ("attribute", "element"),
    [
        ("PixelData", (0x7FE00010, "OW", b"\1\0")),
        ("(6000,3000)", (0x60003000, "OW", b"\1\0")),
        ("RequestAttributesSequence", (0x00400275, "SQ", [[(0x00401001, "SH", "RP-1")]])),
        ("ProcedureCodeSequence", (0x00081032, "SQ", [[(0x00080100, "SH", "C-1")]])),
        ("ReferencedImageSequence", (0x00081140, "SQ", [])),
        ("ContentDate", (0x00080023, "DA", "")),
    ],
)
@pytest.mark.parametrize("form", FORMS, ids=str)
def test_a_condition_tests_the_presence_of_an_attribute_of_any_vr(
    attribute: str, element: Element, form: Form
) -> None:
    when = [{"attribute": attribute, "exists": True}]
    refusing = profile(instances=[{"when": when, "outcome": "refuse"}])
    assert run([], refusing, form)
    with pytest.raises(RefusedError, match="refused by an instance rule"):
        run([element], refusing, form)


def test_routed_instances_are_processed_by_the_profile_of_the_route(tmp_path: Path) -> None:
    """The next route follows the conditions of the second profile, not those of the first."""
    toml(tmp_path, "last", 'attributes = [{ attribute = "PatientSex", value = "O" }]\n')
    toml(
        tmp_path,
        "second",
        '[[instances]]\nwhen = [{ attribute = "StationName", equals = "SCANNER" }]\nprofile = "last"\n',
    )
    route = '[[instances]]\nwhen = [{ attribute = "Modality", equals = "MR" }]\nprofile = "second"\n'
    first = load_profile(toml(tmp_path, "first", route))
    station: Element = (0x00081010, "SH", "SCANNER ")
    sex: Element = (SEX, "CS", "F")
    for content, name, expected in (
        ([MR, station, sex], "last", b"O "),
        ([MR, sex], "second", b""),
        ([station, sex], "first", b""),
    ):
        result = deidentify(part10(instance(*content)), first, KEY)
        assert result.profile.name == name
        assert value(read_file(bytes(result)), SEX) == expected
        assert f"profile {name} ".encode() in bytes(result)


def test_a_route_may_lead_to_a_refusal(tmp_path: Path) -> None:
    toml(tmp_path, "second", '[[instances]]\noutcome = "refuse"\n')
    first = load_profile(toml(tmp_path, "first", '[[instances]]\nprofile = "second"\n'))
    with pytest.raises(RefusedError, match=r"refused by an instance rule: profile second, instances\[0\]"):
        run([], first)
