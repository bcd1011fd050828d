"""The built-in profiles, schema.json and RULES.md agree with the model."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path

import pytest
from pydantic import BaseModel
from pydicom.datadict import dictionary_VR, tag_for_keyword

from orthanc_deid.profile import model
from orthanc_deid.profile.action import Action
from orthanc_deid.profile.load import builtin_names, builtin_text, load_profile
from orthanc_deid.profile.model import Profile
from orthanc_deid.profile.options import BASIC_PROFILE, Option
from orthanc_deid.profile.selectors import parse_selector
from orthanc_deid.standard.confidentiality_rows import row_for
from support.repository import ROOT

PROFILE = ROOT / "plugin" / "orthanc_deid" / "profile"
RULES = (PROFILE / "RULES.md").read_text(encoding="utf-8").partition("## Writing a profile")[2]
PARTS = [
    part
    for part in vars(model).values()
    if isinstance(part, type) and issubclass(part, BaseModel) and part.__module__ == model.__name__
    if not part.__name__.startswith("_") and part is not BaseModel
]


def test_four_profiles_are_built_in() -> None:
    assert builtin_names() == ("basic", "neutral", "research", "strict")


@pytest.mark.parametrize("name", builtin_names())
def test_a_built_in_profile_is_based_on_basic_and_names_itself_and_the_schema(name: str) -> None:
    profile = load_profile(name)
    assert profile.name == name
    assert profile.base == BASIC_PROFILE
    assert profile.description
    assert builtin_text(name).startswith("#:schema ../schema.json\n")
    assert profile.verify == "full"
    assert profile.pixels.rules == (), "suspicion of burned-in text is never waived by a built-in profile"


def test_basic_adds_nothing_to_the_basic_profile() -> None:
    assert load_profile("basic").model_copy(update={"description": ""}) == Profile(name="basic")


def test_neutral_keeps_dates_and_texts_in_place() -> None:
    profile = load_profile("neutral")
    assert profile.dates.mode == "neutral"
    assert (profile.texts.zero, profile.texts.placeholder) == ("placeholder", "REMOVED")
    assert (profile.options, profile.attributes) == ((), ())


def test_research_makes_the_choice_of_public_archives() -> None:
    profile = load_profile("research")
    assert set(profile.options) == {
        Option.RETAIN_MODIFIED_DATES,
        Option.CLEAN_DESCRIPTORS,
        Option.CLEAN_STRUCTURED_CONTENT,
        Option.CLEAN_GRAPHICS,
        Option.RETAIN_PATIENT_CHARACTERISTICS,
        Option.RETAIN_DEVICE_IDENTITY,
        Option.RETAIN_SAFE_PRIVATE,
    }
    assert profile.dates.mode == "shift"
    actions = {rule.attribute: rule.action for rule in profile.attributes}
    assert actions["AccessionNumber"] is actions["StudyID"] is Action.Z
    assert actions["ImageComments"] is actions["PatientComments"] is Action.X
    assert not actions.keys() & {"PatientSex", "PatientAge", "PatientSize", "PatientWeight"}


def test_strict_keeps_nothing_that_the_table_names_nor_any_free_text() -> None:
    """A kept text must be a term or a code; everything that people type is cleaned, or not on the list."""
    profile = load_profile("strict")
    assert profile.unnamed == "remove"
    assert profile.options == ()
    terms = {"RescaleType", "ModalityLUTType", "CodeValue", "LongCodeValue", "CodingSchemeDesignator"}
    terms |= {"CodingSchemeVersion", "ImagedNucleus"}
    for rule in profile.attributes:
        tag = tag_for_keyword(rule.attribute)
        assert tag is not None
        assert row_for(tag) is None, f"{rule.attribute} is judged by Table E.1-1"
        typed = dictionary_VR(tag) in {
            "LO",
            "SH",
            "ST",
            "LT",
            "UT",
            "UC",
            "PN",
            "DA",
            "DT",
            "TM",
            "UN",
            "AE",
            "UR",
        }
        assert rule.action is (Action.C if typed and rule.attribute not in terms else Action.K), (
            rule.attribute
        )


NEEDED = """
SOPClassUID Modality Rows Columns BitsAllocated PhotometricInterpretation PixelData PixelSpacing
ImageOrientationPatient ImagePositionPatient SliceThickness WindowCenter RescaleSlope RescaleIntercept
NumberOfFrames FrameTime PerFrameFunctionalGroupsSequence PixelMeasuresSequence Units
SequenceOfUltrasoundRegions ImagerPixelSpacing ViewPosition ImageLaterality EchoTime KVP
"""


@pytest.mark.parametrize("keyword", NEEDED.split())
def test_strict_keeps_what_an_image_needs_to_be_opened_and_measured(keyword: str) -> None:
    kept = {rule.attribute for rule in load_profile("strict").attributes if rule.action is Action.K}
    assert keyword in kept


def test_strict_names_no_attribute_twice() -> None:
    steps = [parse_selector(rule.attribute).steps for rule in load_profile("strict").attributes]
    assert len(steps) == len(set(steps))


def test_the_schema_is_the_model_s() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "make_profile_schema.py"))
    committed = (PROFILE / "schema.json").read_text(encoding="utf-8")
    assert committed == script["schema_text"](), "run scripts/make_profile_schema.py"
    assert '"_table"' not in committed
    assert json.loads(committed)["additionalProperties"] is False


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_every_field_is_documented_with_its_default(part: type[BaseModel]) -> None:
    for name, field in part.model_fields.items():
        key = field.alias or name
        lines = [line for line in RULES.split("\n") if re.match(rf"\|[^|]*`{key}`", line)]
        assert lines, f"RULES.md does not document {part.__name__}.{key}"
        assert field.description or isinstance(field.default, BaseModel), (
            f"{part.__name__}.{key} has no description"
        )
        if isinstance(field.default, str | int) and not isinstance(field.default, bool):
            written = json.dumps(field.default)
            assert any(f"`{written}`" in line for line in lines), (
                f"{key}: default {written} is not documented"
            )


def test_every_option_is_documented() -> None:
    for option in Option:
        assert f"| `{option}` |" in RULES


def test_every_built_in_profile_is_documented() -> None:
    for name in builtin_names():
        assert f"| `{name}` |" in RULES


def test_the_documented_example_loads(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", RULES, re.DOTALL)
    (tmp_path / "example.toml").write_text(example, encoding="utf-8")
    profile = load_profile(tmp_path / "example.toml")
    assert len(profile.attributes) == 4
    assert [rule.outcome for rule in profile.instances] == ["admit", "refuse"]
