"""The audit of attributes that mean nothing without another one of their data set (RULES.md, "Bound attributes")."""

from __future__ import annotations

from functools import cache

from orthanc_deid.dicom.tags import ElementPath
from orthanc_deid.standard.tables import needed_attributes
from orthanc_deid.verify.findings import Findings
from orthanc_deid.verify.reading.data_set import DataSet
from orthanc_deid.verify.rules.element_rules import LevelRules
from orthanc_deid.verify.rules.expectations import KEEPING, OTHER_KIND, Expectation, Requirement
from orthanc_deid.verify.rules.value_rules import may_stay_as_number
from orthanc_deid.verify.text.binary_values import NUMBER_STRING_VRS
from orthanc_deid.verify.text.whole_numbers import whole_numbers

_ALONE = "bound attributes"
_BLANK = b" \0"


def without_need(
    rules: LevelRules, tag: int, expected: Expectation, source: DataSet, output: DataSet
) -> Expectation:
    """Return the verdict on an attribute: another one where an attribute that it needs went, or `expected`."""
    needs = needed_attributes().get(tag, frozenset())
    if any(_went(rules, need, source, output) and _may_go(rules, need, source) for need in needs):
        return _alone(expected)
    return expected


def check_bound(
    rules: LevelRules,
    tag: int,
    source: DataSet,
    output: DataSet,
    findings: Findings,
    prefix: ElementPath,
) -> None:
    """Report what is left of the attributes that need `tag`, if that went."""
    if not _went(rules, tag, source, output):
        return
    for other in _bound_to(tag):
        element = source.elements.get(other)
        if element is not None and _has_value(output, other):
            expected = rules.expected(other, element.VR, None)
            if _alone(expected) is not expected:
                findings.add(_ALONE, "left without what it needs", (*prefix, other))


def is_needed(tag: int) -> bool:
    """Whether attributes are bound to `tag`."""
    return bool(_bound_to(tag))


@cache
def _bound_to(tag: int) -> tuple[int, ...]:
    return tuple(sorted(each for each, needs in needed_attributes().items() if tag in needs))


def _went(rules: LevelRules, tag: int, source: DataSet, output: DataSet) -> bool:
    """Whether an attribute that the rules would keep has a value in the original and none in the output."""
    if not _has_value(source, tag) or _has_value(output, tag):
        return False
    expected = rules.expected(tag, source.elements[tag].VR, None)
    return expected.requirement in KEEPING or expected.rule == OTHER_KIND


def _may_go(rules: LevelRules, tag: int, source: DataSet) -> bool:
    """Whether an attribute may be gone for itself, since two that need each other would excuse each other."""
    element = source.elements[tag]
    expected, value = rules.expected(tag, element.VR, None), element.value or b""
    if expected.vr not in NUMBER_STRING_VRS or expected.rule == OTHER_KIND:
        return True
    return not may_stay_as_number(value, expected) or bool(whole_numbers(value))


def _has_value(level: DataSet, tag: int) -> bool:
    element = level.elements.get(tag)
    return element is not None and bool((element.value or b"").strip(_BLANK))


def _alone(expected: Expectation) -> Expectation:
    """Return the verdict on an attribute without what it needs; the given one where it stays as it is."""
    if expected.requirement not in KEEPING or expected.iod == "1":
        return expected
    return expected.under(Requirement.EMPTY if expected.iod in ("2", "2C") else Requirement.GONE)
