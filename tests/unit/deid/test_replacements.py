"""Values that replace others: options, ages, pseudonyms and dates."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

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
    value,
    values,
)
from support.data.engine_runs import (
    BIRTH_DATE,
    DEPTHS,
    ENCODINGS,
    INSTITUTION,
    KEY,
    PATIENT_ID,
    PATIENT_NAME,
    SEQUENCE,
    SEX,
    STUDY_DATE,
    STUDY_DESCRIPTION,
    derived,
    only,
    rule,
    run,
    toml,
)
from support.data.profiles import BUILTIN, builtin, profile

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
def test_an_option_keeps_or_cleans_elements_that_the_basic_profile_removes(
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


def test_the_profile_sets_the_age_limit() -> None:
    used = profile(options=["Retain Patient Characteristics"], ages={"limit": 79})
    assert only((0x00101010, "AS", "080Y"), used) == [b"080Y"]
    assert only((0x00101010, "AS", "085Y"), used) == [b"080Y"]


# pseudonyms


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
def test_the_pseudonym_depends_on_id_name_or_study(
    content: DataSet, message: str, name: str, form: Form
) -> None:
    found = run(content, builtin(name), form)
    assert value(found, PATIENT_ID) == value(found, PATIENT_NAME) == derived(message)


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("missing", [(PATIENT_ID,), (PATIENT_NAME,), (PATIENT_ID, PATIENT_NAME)])
def test_missing_name_and_id_are_added(form: Form, missing: tuple[int, ...]) -> None:
    data_set = [each for each in instance() if each[0] not in missing]
    found = read_file(bytes(deidentify(part10(data_set, form), builtin("basic"), KEY)))
    tags = [tag for tag, _, _ in found]
    assert tags == sorted(set(tags))
    assert value(found, PATIENT_ID) == value(found, PATIENT_NAME) != b""


def test_the_profile_sets_prefix_length_and_name() -> None:
    used = profile(pseudonyms={"prefix": "TRIAL-", "length": 10, "patient_name": "Anonymous^Patient"})
    found = run([], used)
    assert value(found, PATIENT_ID) == b"TRIAL-" + derived("id\0\0PID-48151", 10)
    assert value(found, PATIENT_NAME).strip() == b"Anonymous^Patient"


def test_an_explicit_rule_for_the_patient_wins_and_nothing_is_added() -> None:
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


def test_given_pseudonyms_are_used_and_unlisted_patients_refused(tmp_path: Path) -> None:
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
    assert value(found, *path, 0x00080022) == b"20000101"
    assert value(found, *path, 0x0008002A) == b"200001"
    assert value(found, *path, 0x00080032) == b"0000"
    assert value(found, *path, 0x00080033) == b""
    assert value(found, BIRTH_DATE) == b"20000101"


def test_the_mode_year_keeps_only_the_year() -> None:
    found = run([], profile(dates={"mode": "year"}))
    assert value(found, STUDY_DATE) == b"20240101"
    assert value(found, BIRTH_DATE) == b""
