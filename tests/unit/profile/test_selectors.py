"""Selectors: the elements that they match, and the faults of invalid ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.datadict import keyword_dict

from orthanc_deid.profile.selectors import parse_selector, parse_tag

PATIENT_SEX = 0x0010_0040
REQUEST_ATTRIBUTES = 0x0040_0275
STEP_ID = 0x0040_0009


def matches(text: str, *path: int, creators: tuple[str | None, ...] | None = None) -> bool:
    return parse_selector(text).matches(path, creators or (None,) * len(path))


@pytest.mark.parametrize("text", ["PatientSex", "(0010,0040)", "0010,0040", " (0010, 0040) "])
def test_a_keyword_and_its_tag_mean_the_same_element(text: str) -> None:
    assert parse_selector(text).last.tag == PATIENT_SEX
    assert parse_selector(text).last.vr == "CS"
    assert not matches(text, PATIENT_SEX + 1)


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_a_selector_without_a_path_matches_at_every_depth(depth: int) -> None:
    assert matches("PatientSex", *[REQUEST_ATTRIBUTES] * depth, PATIENT_SEX)


def test_a_path_matches_wherever_the_enclosing_sequences_end_so() -> None:
    path = "RequestAttributesSequence/ScheduledProcedureStepID"
    assert matches(path, REQUEST_ATTRIBUTES, STEP_ID)
    assert matches(path, 0x0008_1115, REQUEST_ATTRIBUTES, STEP_ID)
    assert not matches(path, STEP_ID)
    assert not matches(path, REQUEST_ATTRIBUTES, 0x0008_1115, STEP_ID)


def test_a_pattern_matches_any_digit_and_standard_groups_only() -> None:
    assert matches("50xx,xxxx", 0x5010_3000)
    assert not matches("50xx,xxxx", 0x6000_3000)
    assert not matches("50xx,xxxx", 0x5011_3000), "an odd group is private"


def test_a_repeating_keyword_means_all_of_its_groups() -> None:
    assert parse_selector("OverlayComments").last.vr == "LT"
    assert matches("OverlayComments", 0x6000_4000)
    assert matches("OverlayComments", 0x60FE_4000)
    assert not matches("OverlayComments", 0x6000_4001)


def test_a_retired_keyword_and_one_newer_than_the_dictionary_are_known() -> None:
    assert parse_selector("StudyComments").last.tag == 0x0032_4000
    assert parse_selector("PronounComment").last.tag is not None


def test_a_private_element_is_identified_by_creator_in_any_block() -> None:
    text = '(0019,xx10) "SIEMENS MR HEADER"'
    for block in (0x10, 0x11, 0xFF):
        assert matches(text, 0x0019_0010 | block << 8, creators=("SIEMENS MR HEADER ",))
    assert not matches(text, 0x0019_1010, creators=("OTHER",))
    assert not matches(text, 0x0019_1010)
    assert not matches(text, 0x0019_1011, creators=("SIEMENS MR HEADER",))


def test_a_private_element_stands_in_a_path_and_its_creator_may_hold_a_slash() -> None:
    text = 'RequestAttributesSequence/(0019,xx10) "A/B"'
    assert matches(text, REQUEST_ATTRIBUTES, 0x0019_1010, creators=(None, "A/B"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("PatinetSex", "did you mean PatientSex"),
        ("patientsex", "did you mean PatientSex"),
        ("", "accepted: a keyword (PatientSex), a tag (0010,0040)"),
        ("(0010,0040", "accepted: a keyword"),
        ("(0010,004g)", "accepted: a keyword"),
        ("PatientName/PatientSex", "PatientName has VR PN; only sequences (SQ)"),
        ("PatientSex/", "accepted: a keyword"),
        ('(0019,1010) "A"', 'accepted: (0019,xx10) "A"'),
        ('(0018,xx10) "A"', "accepted: an odd group"),
        ('(0019,xx10) " "', 'accepted: (0019,xx10) "CREATOR"'),
    ],
)
def test_what_selects_nothing_is_refused_with_what_would_be_accepted(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        parse_selector(text)
    assert said in str(caught.value)


@pytest.mark.parametrize("text", ["50xx,xxxx", "(0019,1010)", "RequestAttributesSequence/PatientSex"])
def test_a_condition_needs_one_standard_attribute(text: str) -> None:
    with pytest.raises(ValueError, match="a keyword \\(Modality\\) or a tag \\(0008,0060\\)"):
        parse_tag(text)


@given(st.integers(0, 0xFFFF_FFFF))
def test_every_tag_selects_itself_and_no_neighbour(tag: int) -> None:
    selector = parse_selector(f"{tag >> 16:04X},{tag & 0xFFFF:04X}")
    assert selector.matches((tag,), (None,))
    assert not selector.matches((tag ^ 1,), (None,))


@given(st.sampled_from(sorted(filter(None, keyword_dict))))
def test_every_keyword_of_the_dictionary_selects_its_tag(keyword: str) -> None:
    assert parse_selector(keyword).last.tag == keyword_dict[keyword]


@given(st.text(max_size=40))
def test_any_text_is_a_selector_or_a_value_error(text: str) -> None:
    try:
        steps = parse_selector(text).steps
    except ValueError:
        return
    assert steps
