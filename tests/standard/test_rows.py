"""Table E.1-1 as the package carries it."""

from __future__ import annotations

from collections import Counter

import pytest

from orthanc_deid.profile.options import OPTION_COLUMNS
from orthanc_deid.standard.tables import all_rows, private_row, row_for


def test_the_basic_codes_are_as_many_as_published() -> None:
    assert Counter(row.basic for row in all_rows()) == {
        "X": 417,
        "D": 93,
        "U": 55,
        "Z": 42,
        "X/D": 23,
        "X/Z": 11,
        "X/Z/D": 8,
        "Z/D": 6,
        "X/Z/U*": 2,
    }


def test_a_row_says_what_the_table_says() -> None:
    row = row_for(0x00080018)
    assert row is not None
    assert (row.tag, row.name, row.keyword) == ("(0008,0018)", "SOP Instance UID", "SOPInstanceUID")
    assert (row.retired, row.basic, row.options) == (False, "U", {"rtn_uids": "K"})


def test_only_filled_option_columns_are_given() -> None:
    row = row_for(0x00080050)
    assert row is not None
    assert row.options == {}


def test_every_option_of_the_profile_model_with_a_column_is_used_by_some_row() -> None:
    used = {column for row in all_rows() for column in row.options}
    assert used == set(OPTION_COLUMNS.values())
    assert {code for row in all_rows() for code in row.options.values()} == {"K", "C"}


@pytest.mark.parametrize("tag", [0x50000005, 0x50060030, 0x501E3000, 0x50FE2500])
def test_every_curve_attribute_is_one_row(tag: int) -> None:
    row = row_for(tag)
    assert row is not None
    assert row.keyword == "CurveData"


@pytest.mark.parametrize("group", [0x6000, 0x6002, 0x601E, 0x60FE])
def test_overlay_data_and_comments_have_rows_in_every_group(group: int) -> None:
    data, comments = row_for(group << 16 | 0x3000), row_for(group << 16 | 0x4000)
    assert data is not None
    assert comments is not None
    assert (data.tag, comments.tag) == ("(60xx,3000)", "(60xx,4000)")


@pytest.mark.parametrize(
    "tag",
    [
        0x60000010,  # Overlay Rows
        0x00280010,  # Rows
        0x50010010,  # private: odd groups belong to nobody's pattern
        0x60013000,
        0x00190010,
    ],
)
def test_an_attribute_without_a_row_has_none(tag: int) -> None:
    assert row_for(tag) is None


def test_private_attributes_have_a_row_of_their_own() -> None:
    assert private_row().basic == "X"
    assert private_row().options == {"rtn_safe_priv": "C"}


def test_rows_are_values_that_can_be_compared_and_hashed() -> None:
    assert len(set(all_rows())) == 657
