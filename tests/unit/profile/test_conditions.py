"""Evaluation of the conditions of rules."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orthanc_deid.errors import RefusedError
from orthanc_deid.profile.condition_model import Condition
from orthanc_deid.profile.conditions import condition_tags, holds
from orthanc_deid.profile.model import AttributeRule, InstanceRule, Profile
from orthanc_deid.profile.pixel_settings import PixelRule, Pixels
from orthanc_deid.profile.safe_patterns import LONGEST_VALUE, compile_pattern

MODALITY = 0x0008_0060
IMAGE_TYPE = 0x0008_0008
SOP_CLASS = 0x0008_0016
CT_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.2"
INSTANCE = {MODALITY: ("CT",), IMAGE_TYPE: ("ORIGINAL ", "PRIMARY\0"), SOP_CLASS: (CT_IMAGE_STORAGE,)}


def condition(attribute: str = "Modality", /, **tests: object) -> Condition:
    return Condition.model_validate({"attribute": attribute, **tests})


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (condition(equals="CT"), True),
        (condition(equals="ct"), False),
        (condition("(0008,0060)", equals=" CT "), True),
        (condition("ImageType", equals="PRIMARY"), True),
        (condition("ImageType", equals="SECONDARY"), False),
        (condition("SOPClassUID", equals="CTImageStorage"), True),
        (condition("SOPClassUID", **{"in": ["MRImageStorage", "CTImageStorage"]}), True),
        (condition(**{"in": ["MR", "CT"]}), True),
        (condition(**{"in": ["MR", "PT"]}), False),
        (condition(matches="C|CT"), True),
        (condition(matches="C"), False),
        (condition(exists=True), True),
        (condition(exists=False), False),
        (condition("StationName", exists=False), True),
        (condition("StationName", exists=True), False),
        (condition("StationName", equals="CT"), False),
        (condition("StationName", matches=".*"), False),
        (condition(equals="CT", matches="M."), False),
        (condition(equals="CT", exists=True), True),
    ],
)
def test_a_condition_holds_for_what_it_says(asked: Condition, expected: bool) -> None:
    assert holds([asked], INSTANCE) is expected


def test_all_conditions_must_hold_and_none_always_hold() -> None:
    assert holds([], {})
    assert holds([condition(equals="CT"), condition("ImageType", equals="ORIGINAL")], INSTANCE)
    assert not holds([condition(equals="CT"), condition("ImageType", equals="DERIVED")], INSTANCE)


def test_an_empty_attribute_exists_and_equals_nothing_else_than_empty() -> None:
    empty: dict[int, tuple[str, ...]] = {MODALITY: ()}
    assert holds([condition(exists=True)], empty)
    assert holds([condition(equals="")], empty)
    assert not holds([condition(equals="CT")], empty)


def test_a_value_too_long_for_a_pattern_refuses_the_instance_without_its_value() -> None:
    with pytest.raises(RefusedError) as caught:
        holds([condition(matches="A*")], {MODALITY: ("A" * (LONGEST_VALUE + 1),)})
    assert caught.value.where == "(0008,0060)"
    assert "AAA" not in str(caught.value)


def test_the_tags_of_all_conditions_are_known() -> None:
    profile = Profile(
        name="a",
        attributes=(AttributeRule(attribute="PatientSex", value="O", when=(condition(equals="CT"),)),),
        instances=(InstanceRule(outcome="refuse", when=(condition("StationName", exists=True),)),),
        pixels=Pixels(rules=(PixelRule(when=(condition("Rows", equals="512"),)),)),
    )
    assert condition_tags(profile) == {MODALITY, 0x0008_1010, 0x0028_0010}


@pytest.mark.parametrize(
    "text", ["(a+)+b", "(a|aa)*b", "(a?){50}b", "a?" * 40 + "b", ".*.*.*.*b", "((a{1,9}){1,9}){1,9}", "(a*)*"]
)
def test_a_pattern_that_could_run_away_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="unbounded time; accepted: at most three repeats"):
        compile_pattern(text)


@pytest.mark.parametrize(
    "text", ["CT|MR", ".*CHEST.*", r"\d{8}", "(?:[A-Z]{2,4} )?CT", "(?i)thorax.*", "[A-Z]+_[0-9]+"]
)
def test_a_pattern_as_sites_write_them_is_accepted(text: str) -> None:
    assert compile_pattern(text).pattern == text


@pytest.mark.parametrize("text", ["(", "[a", "[[a]", "*", "a{99999999999999}"])
def test_what_is_no_pattern_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="accepted: Python's syntax"):
        compile_pattern(text)


@given(st.text("ab.*+?()|[]{}0123456789,^$", max_size=24))
def test_an_accepted_pattern_answers_in_bounded_time(text: str) -> None:
    try:
        pattern = compile_pattern(text)
    except ValueError:
        return
    start = time.process_time()
    pattern.fullmatch("a" * LONGEST_VALUE)
    assert time.process_time() - start < 20, "milliseconds as a rule; an unbounded one takes years"
