"""Clean Structured Content keeps the texts of a report: they are cleaned by word, as descriptions are."""

from __future__ import annotations

from io import BytesIO

import pytest
from pydicom import dcmread

from orthanc_deid import Key, deidentify
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.verify.verifier import Verifier
from support.data.objects import referring_study
from support.data.profiles import builtin, profile

KEY = Key(bytes(32))
SAID = "Small pleural effusion."
NAMED = f"Seen with Okonkwo. {SAID}"


def report(text: str) -> bytes:
    """Return a structured report whose second branch holds `text`, two sequences deep."""
    document = dcmread(BytesIO(referring_study()["sr"]))
    item = document.ContentSequence[0]
    inner = type(item)()
    inner.RelationshipType, inner.ValueType, inner.TextValue = "CONTAINS", "TEXT", text
    inner.ConceptNameCodeSequence = item.ConceptNameCodeSequence
    item.ContentSequence = [inner]
    buffer = BytesIO()
    document.save_as(buffer)
    return buffer.getvalue()


def cleaned(used: CompiledProfile, text: str) -> bytes:
    """Return the de-identified report, after verifying it."""
    data = report(text)
    result = deidentify(data, used, KEY)
    Verifier(used.profile, KEY).check(data, result.output)
    return bytes(result)


def text_value(output: bytes) -> str:
    """Return the text, after checking that the tree is unchanged."""
    return str(dcmread(BytesIO(output)).ContentSequence[0].ContentSequence[0].TextValue)


def test_the_text_of_a_report_is_cleaned_by_word() -> None:
    assert text_value(cleaned(builtin("research"), NAMED)) == f"Seen with. {SAID}"


def test_a_text_that_cleaning_empties_becomes_the_placeholder() -> None:
    assert text_value(cleaned(builtin("research"), "Okonkwo")) == "REMOVED"


@pytest.mark.parametrize(
    "used", [builtin("basic"), profile(options=["Clean Descriptors"])], ids=["basic", "descriptors"]
)
def test_without_the_option_no_text_of_a_report_stays(used: CompiledProfile) -> None:
    assert SAID.encode() not in cleaned(used, SAID)
