"""Every row of Table E.1-1 under every option, at depth 0 and 2, in explicit and implicit VR, by its bytes."""

from __future__ import annotations

from collections import Counter

import pytest

from orthanc_deid import deidentify
from orthanc_deid.standard.tables import all_rows
from standard.table_cases import (
    COLUMNS_OF_THE_TABLE,
    KEY,
    UNNAMED_SEQUENCES,
    Column,
    cases_by_instance,
    made,
    tags_of,
)
from standard.table_rules import Patient, complaint, fate
from support.data.datasets import (
    EXPLICIT,
    IMPLICIT,
    DataSet,
    Form,
    instance,
    part10,
    read_file,
)


@pytest.mark.parametrize("form", [EXPLICIT, IMPLICIT], ids=str)
@pytest.mark.parametrize("column", COLUMNS_OF_THE_TABLE, ids=lambda column: column.name)
def test_every_row_becomes_what_the_rules_say(column: Column, form: Form) -> None:
    profile = column.profile()
    wrong = []
    for sop_class, cases in cases_by_instance().items():
        output = bytes(deidentify(made(sop_class, cases, form), profile, KEY))
        found, patient = read_file(output), Patient.of(cases)
        for case in cases:
            problem = complaint(case, column, form, found, patient)
            if problem is None and case.token in output and fate(case, column, case.vr_in(form)) != "K":
                problem = "its value stands in the output"
            if problem is not None:
                wrong.append(
                    f"{case.row.tag} {case.row.keyword} {case.vr} Type {case.type} {case.path}: {problem}"
                )
    assert not wrong, "\n".join(wrong)


def test_every_row_stands_at_both_depths_and_under_many_types() -> None:
    cases = [case for found in cases_by_instance().values() for case in found]
    tags = {tag for row in all_rows() if row.tag != "private" for tag in tags_of(row)}
    top = {tag for tag in tags if tag >> 16 not in (0x0002, 0x0004)}
    assert {case.tag for case in cases if not case.path} == top - {0x00080016}
    assert {case.tag for case in cases if len(case.path) == 2} == tags - {0x00080016}
    kinds = Counter((len(case.path), case.type) for case in cases)
    assert kinds.keys() == {
        *((0, kind) for kind in ("1", "2", "3")),  # IODs that are known in part have no row of their own
        *((2, kind) for kind in ("1", "2", "3", None)),
    }


PRIVATE: DataSet = [
    (0x00090010, "LO", b"SHOP OF SECRETS "),
    (0x00091001, "LO", b"Zq-private-x"),
    (0x00091002, "SQ", [[(0x00280010, "US", b"\x07\x00"), (0x00101060, "PN", b"Zq-private-y")]]),
]


@pytest.mark.parametrize("form", [EXPLICIT, IMPLICIT], ids=str)
@pytest.mark.parametrize("column", COLUMNS_OF_THE_TABLE, ids=lambda column: column.name)
@pytest.mark.parametrize("depth", [0, 2])
def test_the_row_of_private_attributes_applies_to_unlisted_private_elements(
    column: Column, form: Form, depth: int
) -> None:
    outer, inner = UNNAMED_SEQUENCES
    content: DataSet = PRIVATE if depth == 0 else [(outer, "SQ", [[(inner, "SQ", [PRIVATE])]])]
    output = bytes(deidentify(part10(instance(*content), form), column.profile(), KEY))
    assert b"SHOP OF SECRETS" not in output
    assert b"Zq-private" not in output
    assert not any(tag >> 16 == 9 for tag, _, _ in read_file(output))
