"""Profiles at work: explicit rules, conditions, fixed values, routes, options, pseudonyms, dates, ages and stamps."""

from __future__ import annotations

import struct
from base64 import b32encode
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from orthanc_deid import CompiledProfile, Key, __version__, deidentify, load_profile
from orthanc_deid.errors import RefusedError
from support.data.datasets import (
    EXPLICIT,
    FORMS,
    IMPLICIT,
    DataSet,
    Element,
    Form,
    elements,
    in_order,
    instance,
    nested,
    part10,
    read_file,
    split,
    value,
    values,
)
from support.data.profiles import BUILTIN, builtin, profile

KEY = Key(bytes(range(32)))
SEQUENCE = 0x00081115  # descended into by every profile here
PATIENT_NAME, PATIENT_ID, SEX, COMMENTS = 0x00100010, 0x00100020, 0x00100040, 0x00104000
STUDY_DATE, BIRTH_DATE, STUDY_DESCRIPTION, INSTITUTION = 0x00080020, 0x00100030, 0x00081030, 0x00080080
STAMPS = (0x00120062, 0x00120063, 0x00120064, 0x00280303)
DEPTHS = pytest.mark.parametrize("depth", [0, 1, 3])
ENCODINGS = pytest.mark.parametrize("form", [EXPLICIT, IMPLICIT], ids=str)


def run(content: DataSet, used: CompiledProfile, form: Form = EXPLICIT) -> DataSet:
    return read_file(bytes(deidentify(part10(instance(*content), form), used, KEY)))


def only(content: Element, used: CompiledProfile, depth: int = 0, form: Form = EXPLICIT) -> list[Any]:
    """Return the values that are left of an element, put in at `depth`."""
    return values(run(nested(depth, [content], SEQUENCE), used, form), *[SEQUENCE] * depth, content[0])


def rule(attribute: str, action: str = "", **more: Any) -> CompiledProfile:
    written = {"attribute": attribute, **({"action": action} if action else {}), **more}
    return profile(attributes=[written])


# explicit rules


@DEPTHS
@ENCODINGS
def test_an_explicit_rule_wins_over_the_table_at_every_depth(depth: int, form: Form) -> None:
    comment = (COMMENTS, "LT", "CHEST of ANDERSSON")
    assert only(comment, profile(), depth, form) == []
    assert only(comment, rule("PatientComments", "K"), depth, form)[0].strip() == b"CHEST of ANDERSSON"
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


def test_a_fixed_value_fills_an_empty_element_too_but_puts_in_no_new_one() -> None:
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
    plane: DataSet = [(0x60000010, "US", b"\1\0"), (0x60003000, "OW", b"\1\0"), (0x60020010, "US", b"\1\0")]
    assert [tag for tag, _, _ in run(plane, profile()) if tag >> 24 == 0x60] == []
    assert [tag for tag, _, _ in run(plane, rule("60xx,xxxx", "K")) if tag >> 24 == 0x60] == [
        0x60000010,
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


def test_a_kept_instance_uid_stands_in_the_file_meta_as_well() -> None:
    output = bytes(deidentify(part10(instance()), rule("SOPInstanceUID", "K"), KEY))
    assert value(split(output)[0], 0x00020003) == value(read_file(output), 0x00080018)
    assert value(read_file(output), 0x00080018).rstrip(b"\0") == b"1.2.826.0.1.3680043.10.1.1"


def test_a_kept_term_or_number_string_must_be_one() -> None:
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
def test_a_rule_with_conditions_holds_where_they_do(depth: int, form: Form) -> None:
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
def test_conditions_see_the_top_level_as_it_came(condition: dict[str, Any], expected: bool) -> None:
    content: DataSet = [
        (0x00080008, "CS", "ORIGINAL\\PRIMARY\\AXIAL"),
        (0x00081010, "SH", "SCANNER 3"),
        (0x00280010, "US", struct.pack("<H", 512)),
        (SEQUENCE, "SQ", [[(COMMENTS, "LT", "x ")]]),
        (SEX, "CS", "F"),
    ]
    assert (value(run(content, rule("PatientSex", "K", when=[condition])), SEX) == b"F ") is expected


# instance rules


def test_an_instance_rule_refuses_with_its_number_and_no_value() -> None:
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
def test_a_condition_sees_that_an_attribute_of_any_kind_exists(
    attribute: str, element: Element, form: Form
) -> None:
    when = [{"attribute": attribute, "exists": True}]
    refusing = profile(instances=[{"when": when, "outcome": "refuse"}])
    assert run([], refusing, form)
    with pytest.raises(RefusedError, match="refused by an instance rule"):
        run([element], refusing, form)


def toml(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.toml"
    path.write_text(f'name = "{name}"\n{text}', encoding="utf-8")
    return path


def test_instances_are_routed_and_judged_by_the_profile_that_takes_them(tmp_path: Path) -> None:
    """The chain goes on with what the second profile asks for, though the first asked for something else."""
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


# options


OPTIONS = [
    ("Retain UIDs", (0x00200052, "UI", "1.2.826.0.1.3680043.10.1.7"), b"1.2.826.0.1.3680043.10.1.7"),
    ("Retain Device Identity", (0x00181000, "LO", "SN-77120"), b"SN-77120"),
    ("Retain Institution Identity", (INSTITUTION, "LO", "General Hospital"), b"General Hospital"),
    ("Retain Patient Characteristics", (SEX, "CS", "F"), b"F"),
    ("Retain Patient Characteristics", (0x00101010, "AS", "045Y"), b"045Y"),
    ("Retain Longitudinal Temporal Information with Full Dates", (STUDY_DATE, "DA", "20240315"), b"20240315"),
    ("Clean Descriptors", (STUDY_DESCRIPTION, "LO", "CHEST PA ANDERSSON"), b"CHEST PA"),
    ("Clean Structured Content", (0x0040A730, "SQ", [[(0x0040A040, "CS", "TEXT")]]), None),
    ("Clean Graphics", (0x00700001, "SQ", [[(0x00700002, "CS", "LAYER ")]]), None),
]


@DEPTHS
@pytest.mark.parametrize(("option", "content", "expected"), OPTIONS)
def test_an_option_keeps_or_cleans_what_the_basic_profile_takes(
    option: str, content: Element, expected: bytes | None, depth: int
) -> None:
    (left,) = only(content, profile(options=[option]), depth)
    without = only(content, profile(), depth)
    if expected is None:
        assert left == [[(tag, vr, text.encode()) for tag, vr, text in each] for each in content[2]]
        assert without != [left]
    else:
        assert left.rstrip(b" \0") == expected
        assert [each.rstrip(b" \0") for each in without] != [expected]


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        ("089Y", b"089Y"),
        ("090Y", b"090Y"),
        ("097Y", b"090Y"),
        ("012M", b"012M"),
        ("999W", b"999W"),
        ("95", b""),
    ],
)
def test_an_age_above_the_limit_is_collapsed(age: str, expected: bytes) -> None:
    used = profile(options=["Retain Patient Characteristics"])
    assert only((0x00101010, "AS", age), used) == [expected]


def test_the_limit_of_age_is_the_profiles() -> None:
    used = profile(options=["Retain Patient Characteristics"], ages={"limit": 79})
    assert only((0x00101010, "AS", "080Y"), used) == [b"080Y"]
    assert only((0x00101010, "AS", "085Y"), used) == [b"080Y"]


# pseudonyms


def derived(message: str, length: int = 16) -> bytes:
    return b32encode(KEY.digest("patient", message.encode())).lower()[:length]


@ENCODINGS
@pytest.mark.parametrize("name", BUILTIN[:3])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "id\0\0PID-48151"),
        ([(0x00100021, "LO", "HOSPITAL A")], "id\0HOSPITAL A\0PID-48151"),
        ([(PATIENT_ID, "LO", "")], "name\0ANDERSSON^BRITTA\00019610407"),
        (
            [(PATIENT_ID, "LO", "  "), (PATIENT_NAME, "PN", "DOE^JO^^^")],
            "name\0DOE^JO\00019610407",
        ),
        ([(PATIENT_ID, "LO", ""), (PATIENT_NAME, "PN", "^^")], "study\0001.2.826.0.1.3680043.10.1.2"),
    ],
)
def test_the_patient_is_told_by_id_by_name_or_by_study(
    content: DataSet, message: str, name: str, form: Form
) -> None:
    found = run(content, builtin(name), form)
    assert value(found, PATIENT_ID) == value(found, PATIENT_NAME) == derived(message)


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("missing", [(PATIENT_ID,), (PATIENT_NAME,), (PATIENT_ID, PATIENT_NAME)])
def test_name_and_id_are_put_in_where_they_are_missing(form: Form, missing: tuple[int, ...]) -> None:
    data_set = [each for each in instance() if each[0] not in missing]
    found = read_file(bytes(deidentify(part10(data_set, form), builtin("basic"), KEY)))
    tags = [tag for tag, _, _ in found]
    assert tags == sorted(set(tags))
    assert value(found, PATIENT_ID) == value(found, PATIENT_NAME) != b""


def test_prefix_length_and_name_are_the_profiles() -> None:
    used = profile(pseudonyms={"prefix": "TRIAL-", "length": 10, "patient_name": "Anonymous^Patient"})
    found = run([], used)
    assert value(found, PATIENT_ID) == b"TRIAL-" + derived("id\0\0PID-48151", 10)
    assert value(found, PATIENT_NAME).strip() == b"Anonymous^Patient"


def test_an_explicit_rule_for_the_patient_wins_and_nothing_is_put_in() -> None:
    assert value(run([], rule("PatientID", value="NOBODY")), PATIENT_ID) == b"NOBODY"
    used = rule("PatientName", "X")
    assert values(run([], used), PATIENT_NAME) == []
    data = part10([each for each in instance() if each[0] != PATIENT_NAME])
    assert values(read_file(bytes(deidentify(data, used, KEY))), PATIENT_NAME) == []


def test_ids_inside_sequences_are_no_pseudonyms() -> None:
    others: Element = (0x00101002, "SQ", [[(PATIENT_ID, "LO", "PID-48151")]])
    content: DataSet = [others, (SEQUENCE, "SQ", [[(PATIENT_ID, "LO", "7")]])]
    output = bytes(deidentify(part10(instance(*content)), builtin("basic"), KEY))
    assert b"PID-48151" not in output
    assert values(read_file(output), SEQUENCE, PATIENT_ID) == [b""]


def test_given_pseudonyms_are_taken_and_unknown_patients_refused(tmp_path: Path) -> None:
    (tmp_path / "patients.csv").write_text("id_old,id_new\nPID-48151,TRIAL-0001\n", encoding="utf-8")
    used = load_profile(toml(tmp_path, "trial", '[pseudonyms]\npatients = "patients.csv"\n'))
    assert value(run([], used), PATIENT_ID) == b"TRIAL-0001"
    with pytest.raises(RefusedError, match=r"not in the table of pseudonyms: \(0010,0020\)") as caught:
        run([(PATIENT_ID, "LO", "PID-9")], used)
    assert "PID-9" not in str(caught.value)


# dates


def offset(days: tuple[int, int] = (-3650, -1)) -> int:
    possible = [day for day in range(days[0], days[1] + 1) if day]
    return possible[int.from_bytes(KEY.digest("date", b"id\0\0PID-48151")[:8], "big") % len(possible)]


def moved(text: str) -> bytes:
    day = date(int(text[:4]), int(text[4:6]), int(text[6:8])) + timedelta(days=offset())
    return day.strftime("%Y%m%d").encode()


@DEPTHS
@ENCODINGS
def test_every_date_of_a_patient_moves_by_the_same_days(depth: int, form: Form) -> None:
    content: DataSet = [
        (0x00080022, "DA", "20240315"),
        (0x0008002A, "DT", "20240316101500.5+0200"),
        (0x00080032, "TM", "101500.5"),
    ]
    found = run(nested(depth, content, SEQUENCE), builtin("research"), form)
    path = (SEQUENCE,) * depth
    assert value(found, STUDY_DATE) == moved("20240315")
    assert value(found, *path, 0x00080022) == moved("20240315")
    assert value(found, *path, 0x0008002A).strip() == moved("20240316") + b"101500.5+0200"
    assert value(found, *path, 0x00080032).strip() == b"101500.5"


@DEPTHS
@ENCODINGS
def test_neutral_dates_keep_their_form(depth: int, form: Form) -> None:
    content: DataSet = [
        (0x00080022, "DA", "2024.03.15"),
        (0x0008002A, "DT", "202403"),
        (0x00080032, "TM", "1015"),
        (0x00080033, "TM", ""),
    ]
    found = run(nested(depth, content, SEQUENCE), builtin("neutral"), form)
    path = (SEQUENCE,) * depth
    assert value(found, *path, 0x00080022) == b"2000.01.01"
    assert value(found, *path, 0x0008002A) == b"200001"
    assert value(found, *path, 0x00080032) == b"0000"
    assert value(found, *path, 0x00080033) == b""
    assert value(found, BIRTH_DATE) == b"20000101"


def test_only_the_year_is_left_where_the_profile_says_so() -> None:
    found = run([], profile(dates={"mode": "year"}))
    assert value(found, STUDY_DATE) == b"20240101"
    assert value(found, BIRTH_DATE) == b""


# stamps


def stamps(found: DataSet) -> tuple[bytes, bytes, list[tuple[bytes, ...]], bytes]:
    codes = [tuple(text.strip() for _, _, text in each) for each in value(found, 0x00120064) or []]
    removed, method, longitudinal = (
        value(found, tag).strip() for tag in (0x00120062, 0x00120063, 0x00280303)
    )
    return removed, method, codes, longitudinal


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("already", [False, True])
def test_the_stamps_are_ours_stand_in_place_and_once(form: Form, already: bool) -> None:
    theirs: DataSet = [
        (0x00120062, "CS", "NO"),
        (0x00120063, "LO", "by hand of ANDERSSON"),
        (0x00120064, "SQ", [[(0x00080100, "SH", "113101")]]),
        (0x00280303, "CS", "UNMODIFIED"),
    ]
    content = [*(theirs if already else []), (0x00180050, "DS", "2.5 "), (0x00281050, "DS", "40")]
    output = bytes(
        deidentify(part10(instance(*content, (SEQUENCE, "SQ", [theirs])), form), builtin("basic"), KEY)
    )
    found = read_file(output)
    tags = [tag for tag, _, _ in found]
    assert tags == sorted(set(tags))
    assert set(STAMPS) <= set(tags)
    assert [path for path, _, _ in elements(found) if path[-1] in STAMPS and len(path) > 1] == []
    removed, method, codes, longitudinal = stamps(found)
    assert (removed, longitudinal) == (b"YES", b"REMOVED")
    used = builtin("basic").profile
    assert method == f"orthanc-deid {__version__} profile basic {used.fingerprint()}".encode()
    assert codes == [(b"113100", b"DCM", b"Basic Application Confidentiality Profile")]


def test_the_codes_are_those_of_base_and_options() -> None:
    found = run([], builtin("research"))
    assert [code for code, _, _ in stamps(found)[2]] == [
        *(b"113100", b"113111", b"113109", b"113108", b"113107", b"113105", b"113104", b"113103")
    ]
    assert stamps(found)[3] == b"MODIFIED"


@pytest.mark.parametrize(
    ("settings", "code", "longitudinal"),
    [
        ({"base": "none"}, [], b"REMOVED"),
        ({"dates": {"mode": "neutral"}}, [b"113100"], b"REMOVED"),
        ({"dates": {"mode": "shift"}}, [b"113100"], b"MODIFIED"),
        ({"dates": {"mode": "year"}}, [b"113100"], b"MODIFIED"),
        (
            {"options": ["Retain Longitudinal Temporal Information with Full Dates"]},
            [b"113100", b"113106"],
            b"UNMODIFIED",
        ),
        ({"attributes": [{"attribute": "PatientComments", "action": "K"}]}, [], b"REMOVED"),
        ({"attributes": [{"attribute": "SliceThickness", "action": "K"}]}, [b"113100"], b"REMOVED"),
        ({"attributes": [{"attribute": "PatientComments", "action": "X"}]}, [b"113100"], b"REMOVED"),
    ],
)
def test_the_stamps_claim_what_holds(
    settings: dict[str, Any], code: list[bytes], longitudinal: bytes
) -> None:
    found = run([], profile(**settings))
    assert [each[0] for each in stamps(found)[2]] == code
    assert stamps(found)[3] == longitudinal


def test_a_rule_whose_conditions_do_not_hold_takes_nothing_from_the_claim() -> None:
    used = rule("PatientComments", "K", when=WHEN_MR)
    assert [each[0] for each in stamps(run([], used))[2]] == [b"113100"]
    assert stamps(run([MR], used))[2] == []


# what the file is


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("name", BUILTIN[:3])
def test_the_file_meta_is_rewritten_and_the_preamble_zeroed(form: Form, name: str) -> None:
    data = bytearray(part10(instance(), form))
    data[:128] = b"ANDERSSON^BRITTA " * 7 + bytes(9)
    output = bytes(deidentify(bytes(data), builtin(name), KEY))
    meta, _, syntax = split(output)
    assert [tag & 0xFFFF for tag, _, _ in meta] == [0x0000, 0x0001, 0x0002, 0x0003, 0x0010, 0x0012, 0x0013]
    assert syntax == form.transfer_syntax
    assert value(meta, 0x00020003).rstrip(b"\0") == value(read_file(output), 0x00080018).rstrip(b"\0")
    assert b"SENDER_AE" not in output
    assert b"ANDERSSON" not in output


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_nothing_depends_on_how_the_same_values_were_sent(form: Form) -> None:
    """Explicit or implicit, defined or undefined lengths: the same values come out."""
    content: DataSet = [
        (STUDY_DESCRIPTION, "LO", "CHEST PA"),
        *nested(2, [(0x00080022, "DA", "20240315"), (COMMENTS, "LT", "x ")], SEQUENCE),
    ]
    for name in BUILTIN[:3]:
        assert run(content, builtin(name), form) == run(content, builtin(name))


def test_uids_are_replaced_alike_wherever_they_stand_and_registered_ones_stay() -> None:
    series: DataSet = [
        (0x0020000E, "UI", "1.2.3.4.5.6"),
        (0x00081199, "SQ", [[(0x00081155, "UI", "1.2.3.4.5.6 ")]]),
    ]
    content: DataSet = [(0x0008001A, "UI", "1.2.840.10008.5.1.4.1.1.2"), (SEQUENCE, "SQ", [in_order(series)])]
    found = run(content, builtin("basic"))
    replaced = values(found, SEQUENCE, 0x0020000E) + values(found, SEQUENCE, 0x00081199, 0x00081155)
    assert len(set(replaced)) == 1
    assert replaced[0].startswith(b"2.25.")
    assert value(found, 0x0008001A).rstrip(b"\0") == b"1.2.840.10008.5.1.4.1.1.2"


@pytest.mark.parametrize("used", [profile(), profile(options=["Retain UIDs"]), rule("SpecimenUID", "K")])
def test_a_kept_uid_must_be_one(used: CompiledProfile) -> None:
    assert (
        only((0x0008001A, "UI", "1.2.840.10008.5.1.4.1.1.2\\1.2.3"), used)[0]
        .rstrip(b"\0")
        .endswith(b"\\1.2.3")
    )
    assert only((0x0008001A, "UI", "ANDERSSON"), used) == []
    assert b"ANDERSSON" not in str(only((0x00400554, "UI", "ANDERSSON"), used)).encode()


def test_several_uids_in_one_value_are_replaced_each_by_itself() -> None:
    found = run([(0x00083010, "UI", "1.2.3\\4.5.6")], builtin("basic"))
    first, second = value(found, 0x00083010).rstrip(b"\0").split(b"\\")
    assert first != second
    assert all(each.startswith(b"2.25.") for each in (first, second))


# reports


def test_the_result_tells_what_was_done_without_any_value() -> None:
    result = deidentify(part10(instance((COMMENTS, "LT", "ANDERSSON"))), builtin("basic"), KEY)
    actions = result.actions()
    assert actions["X", "Basic Profile"] == 1
    assert actions["U", "Basic Profile"] == 3
    assert "ANDERSSON" not in f"{actions} {result.notes} {result.done!r}"
    assert result.replaced_uids["1.2.826.0.1.3680043.10.1.1"].startswith("2.25.")
    assert result.patient_ids == ("PID-48151", derived("id\0\0PID-48151").decode())
