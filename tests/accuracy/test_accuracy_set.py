"""The accuracy set is what it says: the same for a seed, unknown to the product, and able to fail."""

from __future__ import annotations

import ast
from collections import Counter
from io import BytesIO
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from accuracy.answers import Category
from accuracy.generator import Case, generate
from accuracy.material import DATA, entries, material
from accuracy.people import words_of
from accuracy.scorecard import Scorecard
from accuracy.scoring import Scorer
from orthanc_deid.deid.text.vocabulary import is_known
from support.repository import ROOT

SEED = 1
TEXT_VALUE = 0x0040A160


def image() -> Case:
    """Return the first image of the development seed that is not to be withheld."""
    wanted = (
        case
        for case in generate(SEED, 20)
        if case.name.split()[1] in ("CT", "MR") and not (case.withheld or case.unreadable)
    )
    return next(wanted)


def scored(case: Case, output: bytes) -> Scorecard:
    scorer = Scorer()
    scorer.score(case, output)
    return scorer.card


def changed(case: Case, **values: object) -> bytes:
    """Return the original with some attributes set, or removed where the value is None."""
    data_set: Dataset = dcmread(BytesIO(case.data))
    for keyword, value in values.items():
        if value is None:
            delattr(data_set, keyword)
        else:
            setattr(data_set, keyword, value)
    buffer = BytesIO()
    data_set.save_as(buffer)
    return buffer.getvalue()


def test_a_seed_makes_the_same_instances() -> None:
    assert [case.data for case in generate(SEED, 12)] == [case.data for case in generate(SEED, 12)]
    assert next(generate(SEED, 1)).data != next(generate(SEED + 1, 1)).data


def test_all_kinds_encodings_and_character_sets_are_there() -> None:
    cases = list(generate(SEED, 300))
    assert {case.name.split()[1] for case in cases} >= {"CT", "MR", "CR", "DX", "PT", "NM", "SR", "PR", "SEG"}
    assert {charset for case in cases for charset in ("100", "144", "192") if f"ISO_IR {charset}" in case.name} == {
        "100", "144", "192",
    }  # fmt: skip
    assert {word for case in cases for word in ("Explicit", "Implicit", "RLE") if word in case.name} == {
        "Explicit", "Implicit", "RLE",
    }  # fmt: skip
    assert any(case.withheld for case in cases)


def test_both_halves_hold_no_text_in_common() -> None:
    development, held_out = material("development"), material("held-out")
    for language in ("english", "russian"):
        for kind in ("sentences", "protocols", "eponyms"):
            assert not set(getattr(development, kind)[language]) & set(getattr(held_out, kind)[language])
        total = len(development.sentences[language]) + len(held_out.sentences[language])
        assert total >= 150
    assert not set(development.families) & set(held_out.families)


@pytest.mark.parametrize("name", ["families.txt", "givens.txt"])
def test_invented_names_are_in_no_vocabulary(name: str) -> None:
    invented = [entry for entry in entries(name) if entry.kind == "invented"]
    words = words_of(part for entry in invented for part in (entry.latin, entry.cyrillic))
    assert [word for word in words if len(word) > 3 and is_known(word)] == []


def test_half_of_the_names_are_words_and_a_tenth_in_texts_belong_to_strangers() -> None:
    counted: Counter[str] = Counter()
    in_texts: Counter[bool] = Counter()
    for case in generate(SEED, 400):
        for answer in case.answers:
            if answer.category is not Category.TEXT_REMOVED or not answer.about.endswith(
                ("(invented)", "(word)")
            ):
                continue
            counted[answer.about.split()[-1]] += 1
            if any(step.tag == TEXT_VALUE for step in answer.path):  # holds texts, and no other names
                in_texts[answer.about.startswith("stranger")] += 1
    assert 0.4 < counted["(word)"] / sum(counted.values()) < 0.6
    assert 0.05 < in_texts[True] / sum(in_texts.values()) < 0.15


def test_nothing_of_the_product_reads_the_set() -> None:
    named = {path.name for path in DATA.iterdir()}
    for path in (ROOT / "plugin").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "tests/accuracy" not in text
        assert not [name for name in named if name in text], path.name


def test_only_the_run_knows_the_product() -> None:
    for path in Path(__file__).parent.glob("*.py"):
        if path.name.startswith("test_") or path.name == "run.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            imported = node.module if isinstance(node, ast.ImportFrom) else None
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [imported or ""]
            assert not [name for name in names if name.startswith("orthanc_deid")], path.name


def test_an_original_scores_nothing_removed_changed_or_shifted() -> None:
    case = image()
    figures = scored(case, case.data).figures
    assert figures[Category.UID_CHANGED].right == 0
    assert figures[Category.DATE_SHIFTED].right == 0
    assert figures[Category.TEXT_REMOVED].right == 0
    for category in (
        Category.TAG_RETAINED,
        Category.TEXT_NOTNULL,
        Category.TEXT_RETAINED,
        Category.PIXELS_RETAINED,
    ):
        assert figures[category].share == 1.0


@pytest.mark.parametrize(
    ("category", "values"),
    [
        (Category.TAG_RETAINED, {"Manufacturer": None}),
        (Category.TEXT_NOTNULL, {"Manufacturer": ""}),
        (Category.TEXT_RETAINED, {"Manufacturer": "OTHER"}),
        (Category.PIXELS_RETAINED, {"PixelData": bytes(512)}),
        (Category.GEOMETRY, {"SliceThickness": "0"}),
    ],
)
def test_what_is_lost_is_missed(category: Category, values: dict[str, object]) -> None:
    case = image()
    assert scored(case, changed(case, **values)).figures[category].share < 1.0


def test_a_number_may_be_absent_but_no_dummy() -> None:
    case = image()
    full = scored(case, changed(case, SliceThickness="0")).figures[Category.GEOMETRY]
    absent = scored(case, changed(case, SliceThickness=None)).figures[Category.GEOMETRY]
    assert absent.right == full.right + 1


def test_numbers_are_written_in_several_ways_and_some_cannot_be_read() -> None:
    cases = list(generate(SEED, 300))
    abouts = {
        answer.about for case in cases for answer in case.answers if answer.category is Category.GEOMETRY
    }
    assert abouts == {"plain", "repaired"}
    assert any(case.unreadable for case in cases)


def test_one_uid_for_two_and_two_for_one_are_inconsistent() -> None:
    case = image()
    scorer = Scorer()
    scorer.score(case, case.data)
    scorer.score(case, changed(case, StudyInstanceUID="1.2.3.4"))
    figure = scorer.card.figures[Category.UID_CONSISTENT]
    assert figure.right == figure.total - 1


def test_a_patient_with_two_pseudonyms_is_inconsistent() -> None:
    case = image()
    scorer = Scorer()
    scorer.score(case, changed(case, PatientID="A"))
    scorer.score(case, changed(case, PatientID="B"))
    assert scorer.card.figures[Category.PATID_CONSISTENT].right == 1
