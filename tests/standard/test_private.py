"""Table E.3.10-1 as the package carries it."""

from __future__ import annotations

from orthanc_deid.dicom.elements import VRS
from orthanc_deid.standard.data_files import read_csv
from orthanc_deid.standard.tables import all_safe_private, safe_private


def test_a_safe_private_element_is_found_by_creator_and_element() -> None:
    row = safe_private("Philips PET Private Group", 0x7053, 0x00)
    assert row is not None
    assert (row.vr, row.vm) == ("DS", "1")
    assert row.meaning.startswith("SUV Factor")


def test_the_creator_is_compared_trimmed_of_padding() -> None:
    assert safe_private("GEMS_PARM_01 ", 0x0043, 0x27) is not None
    assert safe_private("GEMS_PARM_01\0", 0x0043, 0x27) is not None


def test_the_block_that_a_data_set_reserves_does_not_matter() -> None:
    assert safe_private("GEMS_PARM_01", 0x0043, 0x1027) == safe_private("GEMS_PARM_01", 0x0043, 0x27)


def test_the_same_element_of_another_creator_or_group_is_not_safe() -> None:
    assert safe_private("GEMS_PARM_02", 0x0043, 0x27) is None
    assert safe_private("GEMS_PARM_01", 0x0045, 0x27) is None
    assert safe_private("gems_parm_01", 0x0043, 0x27) is None


PURPOSES = {"geometry", "timing", "diffusion", "scaling", "dose"}


def test_every_line_of_the_supplement_states_its_purpose_its_vr_and_its_source() -> None:
    rows = list(read_csv("safe_private_supplement.csv"))
    assert len(rows) > 60
    for row in rows:
        assert row["purpose"] in PURPOSES, row
        assert row["vr"] in VRS - {"OB", "OW", "UN", "PN", "LT", "ST", "UT", "UC"}, row
        assert row["source"], row


def test_the_supplement_lists_nothing_that_the_table_lists() -> None:
    table = {(row["creator"], row["tag"]) for row in read_csv("ps315_safe_private.csv")}
    supplement = [(row["creator"], row["tag"]) for row in read_csv("safe_private_supplement.csv")]
    assert table.isdisjoint(supplement)
    assert len(set(supplement)) == len(supplement)


def test_all_rows_are_there_and_five_have_no_vr_as_published() -> None:
    rows = [row for row in all_safe_private() if not row.purpose]
    assert len(rows) == 479
    assert sum(not row.vr for row in rows) == 5
    assert all(row.group % 2 for row in rows)
