"""The result as a whole: stamps, file meta information, UIDs, and the record of actions."""

from __future__ import annotations

from typing import Any

import pytest

from orthanc_deid import CompiledProfile, __version__, deidentify
from support.data.datasets import (
    FORMS,
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
from support.data.engine_runs import (
    COMMENTS,
    KEY,
    SEQUENCE,
    STAMPS,
    STUDY_DESCRIPTION,
    derived,
    only,
    rule,
    run,
)
from support.data.profiles import BUILTIN, builtin, profile

MR: Element = (0x00080060, "CS", "MR")
WHEN_MR = [{"attribute": "Modality", "equals": "MR"}]

# stamps


def stamps(found: DataSet) -> tuple[bytes, bytes, list[tuple[bytes, ...]], bytes]:
    codes = [tuple(text.strip() for _, _, text in each) for each in value(found, 0x00120064) or []]
    removed, method, longitudinal = (
        value(found, tag).strip() for tag in (0x00120062, 0x00120063, 0x00280303)
    )
    return removed, method, codes, longitudinal


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("already", [False, True])
def test_the_stamps_are_written_once_and_in_order(form: Form, already: bool) -> None:
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
def test_the_stamps_claim_only_what_holds(
    settings: dict[str, Any], code: list[bytes], longitudinal: bytes
) -> None:
    found = run([], profile(**settings))
    assert [each[0] for each in stamps(found)[2]] == code
    assert stamps(found)[3] == longitudinal


def test_a_rule_whose_conditions_do_not_hold_does_not_weaken_the_claim() -> None:
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
def test_the_result_does_not_depend_on_the_encoding_of_the_original(form: Form) -> None:
    """Explicit or implicit VR, defined or undefined lengths: the result has the same values."""
    content: DataSet = [
        (STUDY_DESCRIPTION, "LO", "CHEST PA"),
        *nested(2, [(0x00080022, "DA", "20240315"), (COMMENTS, "LT", "x ")], SEQUENCE),
    ]
    for name in BUILTIN[:3]:
        assert run(content, builtin(name), form) == run(content, builtin(name))


def test_uids_are_replaced_consistently_and_registered_ones_stay() -> None:
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
def test_a_kept_uid_must_be_valid(used: CompiledProfile) -> None:
    assert (
        only((0x0008001A, "UI", "1.2.840.10008.5.1.4.1.1.2\\1.2.840.10008.5.1.4.1.1.4"), used)[0]
        .rstrip(b"\0")
        .endswith(b"\\1.2.840.10008.5.1.4.1.1.4")
    )
    assert only((0x0008001A, "UI", "ANDERSSON"), used) == []
    assert b"ANDERSSON" not in str(only((0x00400554, "UI", "ANDERSSON"), used)).encode()


def test_each_of_several_uids_in_one_element_is_replaced() -> None:
    found = run([(0x00083010, "UI", "1.2.3\\4.5.6")], builtin("basic"))
    first, second = value(found, 0x00083010).rstrip(b"\0").split(b"\\")
    assert first != second
    assert all(each.startswith(b"2.25.") for each in (first, second))


# reports


def test_the_record_of_actions_holds_no_value() -> None:
    result = deidentify(part10(instance((COMMENTS, "LT", "ANDERSSON"))), builtin("basic"), KEY)
    actions = result.actions()
    assert actions["X", "Basic Profile"] == 1
    assert actions["U", "Basic Profile"] == 3
    assert "ANDERSSON" not in f"{actions} {result.notes} {result.done!r}"
    assert result.replaced_uids["1.2.826.0.1.3680043.10.1.1"].startswith("2.25.")
    assert result.patient_ids == ("PID-48151", derived("id\0\0PID-48151").decode())
