"""Table E.3.10-1 as the package carries it."""

from __future__ import annotations

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


def test_all_rows_are_there_and_five_have_no_vr_as_published() -> None:
    rows = all_safe_private()
    assert len(rows) == 479
    assert sum(not row.vr for row in rows) == 5
    assert all(row.group % 2 for row in rows)
