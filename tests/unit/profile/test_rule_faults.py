"""Faults of one rule or one condition of a profile: impossible actions, invalid values, unknown attributes."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.data.profile_files import fault_lines

RULE_FAULTS = [
    (
        'attribute = "PatinetSex", action = "K"',
        "attribute: unknown keyword PatinetSex (did you mean PatientSex",
    ),
    ('attribute = "PatientSex"', "value: neither action nor value; accepted: action ="),
    ('attribute = "PatientSex", action = "K", value = "M"', "value: action and value exclude each other"),
    (
        'attribute = "PatientSex", action = "Q"',
        "action: unknown value; accepted: 'D', 'Z', 'X', 'K', 'C' or 'U'",
    ),
    ('action = "K"', "attribute: attribute is missing; accepted: attribute = ..."),
    (
        'attribute = "PatientSex", action = "U"',
        "action: U replaces UIDs, but PatientSex has VR CS; accepted: D, Z, X, K or C",
    ),
    (
        'attribute = "PatientSex", value = "male"',
        "value: not a value of VR CS; accepted: up to 16 capital letters",
    ),
    ('attribute = "PatientSex", value = ""', 'value: an empty value; accepted: action = "Z"'),
    (
        'attribute = "StudyDate", value = "2000"',
        "value: not a value of VR DA; accepted: a date such as 20000101",
    ),
    ('attribute = "StudyDate", value = "20000101-20010101"', "value: a range is no DA value in an instance"),
    (
        'attribute = "StudyID", value = "12345678901234567"',
        "value: not a value of VR SH; accepted: up to 16 characters",
    ),
    (
        'attribute = "SeriesNumber", value = "9999999999"',
        "value: not a value of VR IS; accepted: a whole number of 32 bits",
    ),
    ('attribute = "SeriesNumber", value = "1.5"', "value: not a value of VR IS"),
    ('attribute = "Rows", value = "65536"', "value: accepted: a number that fits VR US"),
    ('attribute = "Rows", value = "many"', "value: accepted: a number that fits VR US"),
    ('attribute = "StudyDescription", value = "Грудь"', "value: accepted: printable ASCII"),
    ("attribute = \"StudyID\", value = 'A\\B'", "value: 2 values where the VM is 1"),
    ('attribute = "PixelSpacing", value = "1"', "value: 1 values where the VM is 2"),
    (
        'attribute = "PixelData", value = "x"',
        "value: an attribute of VR OB or OW has no value that text can give",
    ),
    (
        'attribute = "ContentSequence", value = "x"',
        "value: an attribute of VR SQ has no value that text can give",
    ),
    (
        'attribute = "50xx,xxxx", value = "x"',
        "value: the VR of 50xx,xxxx is not known here; accepted: an action",
    ),
    (
        'attribute = "(0019,1010)", action = "K"',
        'action: private elements are kept by creator, never by block number; accepted: (0019,xx10) "CREATOR"',
    ),
    (
        'attribute = "SOPClassUID", action = "X"',
        "action: SOPClassUID identifies the IOD of the instance; accepted: K",
    ),
    (
        'attribute = "SOPInstanceUID", action = "X"',
        "action: an instance cannot be stored without SOPInstanceUID; accepted: U or K",
    ),
    (
        'attribute = "StudyInstanceUID", value = "1.2.3"',
        "value: StudyInstanceUID cannot be the same in all instances",
    ),
    (
        'attribute = "PatientIdentityRemoved", value = "NO"',
        "attribute: (0012,0062) is written by the product itself",
    ),
    (
        'attribute = "SpecificCharacterSet", action = "X"',
        "attribute: (0008,0005) is written by the product itself",
    ),
    ('attribute = "(0010,0000)", action = "X"', "attribute: (0010,0000) is written by the product itself"),
    ('attribute = "TransferSyntaxUID", action = "K"', "attribute: no rule reaches groups 0000 and 0002"),
]
CONDITION_FAULTS = [
    (
        'attribute = "Modality"',
        "exists: a condition that asks nothing; accepted: equals, in, matches or exists",
    ),
    ('equals = "CT"', "attribute: attribute is missing"),
    ('attribute = "Modalty", equals = "CT"', "attribute: unknown keyword Modalty (did you mean Modality"),
    ('attribute = "50xx,xxxx", exists = true', "attribute: '50xx,xxxx' is not one standard attribute"),
    (
        'attribute = "TransferSyntaxUID", exists = true',
        "attribute: conditions see the data set, not the file meta",
    ),
    ('attribute = "Modality", exists = false, equals = "CT"', "exists: what does not exist has no value"),
    (
        'attribute = "Modality", matches = "("',
        "matches: not a regular expression: missing ), unterminated subpattern",
    ),
    (
        'attribute = "Modality", matches = "(C+)+"',
        "matches: this regular expression could take unbounded time",
    ),
    ('attribute = "Modality", in = []', "in: not accepted; accepted: at least 1 item"),
    ("attribute = \"ImageType\", equals = 'A\\B'", "equals: several values in one; accepted: one of them"),
    (
        'attribute = "SOPClassUID", equals = "CTImageStorag"',
        "equals: neither a UID nor a registered UID's keyword (CTImageStorage) (did you mean CTImageStorage",
    ),
    ('attribute = "Modality", exists = "yes"', "exists: wrong type; accepted: true or false without quotes"),
]


@pytest.mark.parametrize(("rule", "reported"), RULE_FAULTS)
def test_a_rule_that_cannot_be_meant_is_refused(tmp_path: Path, rule: str, reported: str) -> None:
    text = f'attributes = [\n{{ attribute = "Manufacturer", action = "K" }},\n{{ {rule} }} ]'
    (line,) = fault_lines(tmp_path, text)
    assert line.startswith(f"line 4, attributes[1].{reported}")


@pytest.mark.parametrize(("condition", "reported"), CONDITION_FAULTS)
def test_a_condition_that_cannot_be_evaluated_is_refused(
    tmp_path: Path, condition: str, reported: str
) -> None:
    (line,) = fault_lines(tmp_path, f'[[instances]]\noutcome = "admit"\nwhen = [{{ {condition} }}]')
    assert line.startswith(f"line 4, instances[0].when[0].{reported}")
