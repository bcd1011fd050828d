"""Pseudonym files: accepted content, and that no fault contains a patient's ID."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orthanc_deid.errors import ConfigError
from orthanc_deid.profile.load import load_profile
from orthanc_deid.profile.pseudonym_file import STUDY_IDS, read_pseudonyms

OLD_ID = "ID-4711"


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_rows_are_read_with_each_accepted_separator(mark: str) -> None:
    text = "id_old,id_new,issuer\r\n4711,A,HOSPITAL\r\n\r\n 4711 , B ,CLINIC\r\n".replace(",", mark)
    table, faults = read_pseudonyms(text)
    assert faults == []
    assert len(table) == 2
    assert table.pseudonym("4711 ", "HOSPITAL\0") == "A"
    assert table.pseudonym("4711", "CLINIC") == "B"
    assert table.pseudonym("4711", "ELSEWHERE") is None
    assert table.pseudonym("4711") is None


def test_a_file_without_issuers_means_the_id_alone() -> None:
    table, _ = read_pseudonyms("id_new,id_old\nA,4711\n")
    assert table.pseudonym("4711", "ANY HOSPITAL") == table.pseudonym("4711") == "A"
    assert table.pseudonym("4712") is None


def test_an_empty_issuer_means_patients_without_one() -> None:
    table, _ = read_pseudonyms("id_old,id_new,issuer\n4711,A,\n")
    assert table.pseudonym("4711") == "A"
    assert table.pseudonym("4711", "HOSPITAL") is None


def test_cyrillic_ids_and_quoted_cells_are_read() -> None:
    table, faults = read_pseudonyms('id_old,id_new\n"Карта 5, том 2",A-1\n')
    assert not faults
    assert table.pseudonym("Карта 5, том 2") == "A-1"


@pytest.mark.parametrize(
    ("rows", "line", "message"),
    [
        (f"{OLD_ID},", 2, "id_new is empty; accepted: both given"),
        (",A", 2, "id_old is empty; accepted: both given"),
        (f"{OLD_ID}", 2, "1 columns; accepted: 2, as the first line names them"),
        (f"{OLD_ID},A,B", 2, "3 columns; accepted: 2"),
        (f"{OLD_ID},A\n{OLD_ID},B", 3, "the patient of line 2 again; accepted: one row each"),
        (f"{OLD_ID},A\n{OLD_ID},A", 3, "the patient of line 2 again"),
        (f"{OLD_ID},A\n4712,A", 3, "the pseudonym of line 2 again; accepted: one patient each"),
        (f"{OLD_ID},{OLD_ID}", 2, "the pseudonym is the ID of the patient on line 2; accepted: a new one"),
        (f"4712,{OLD_ID}\n{OLD_ID},B", 2, "the pseudonym is the ID of the patient on line 3"),
        (
            f"{OLD_ID},{'A' * 65}",
            2,
            "id_new cannot be written everywhere; accepted: up to 64 printable ASCII",
        ),
        (f"{OLD_ID},A\\B", 2, "id_new cannot be written everywhere"),
        (f"{OLD_ID},A^B", 2, "id_new cannot be written everywhere"),
        (f"{OLD_ID},Я", 2, "id_new cannot be written everywhere"),
        (f"{OLD_ID},A\x07", 2, "id_new cannot be written everywhere"),
        (f"{OLD_ID}{'1' * 64},A", 2, "id_old cannot be an ID; accepted: up to 64 characters"),
        (f"{OLD_ID}\\1,A", 2, "id_old cannot be an ID"),
        (f'"{OLD_ID}', 2, "not CSV: unexpected end of data"),
        ("", 1, "no patient in the file; accepted: at least one row"),
    ],
)
def test_a_fault_names_its_line_and_never_an_id(rows: str, line: int, message: str) -> None:
    _, (fault,) = read_pseudonyms(f"id_old,id_new\n{rows}")
    assert fault.line == line
    assert fault.message.startswith(message)
    assert OLD_ID not in fault.message


@pytest.mark.parametrize(
    ("rows", "line", "message"),
    [
        (f"{OLD_ID},", 2, "id_new is empty; accepted: both given"),
        (f"{OLD_ID},A\n{OLD_ID},B", 3, "the study ID of line 2 again; accepted: one row each"),
        (f"{OLD_ID},A\n4712,A", 3, "the pseudonym of line 2 again; accepted: one study ID each"),
        (f"4712,{OLD_ID}\n{OLD_ID},B", 2, "the pseudonym is the study ID on line 3; accepted: a new one"),
        (
            f"{OLD_ID},{'A' * 17}",
            2,
            "id_new cannot be written everywhere; accepted: up to 16 printable ASCII",
        ),
        (f"{OLD_ID},A\\B", 2, "id_new cannot be written everywhere"),
        (f"{OLD_ID},Я", 2, "id_new cannot be written everywhere"),
        (f"{OLD_ID},A\x7f", 2, "id_new cannot be written everywhere"),
        (f"{OLD_ID}\\1,A", 2, "id_old cannot be an ID; accepted: up to 64 characters, no backslash"),
        ("", 1, "no study ID in the file; accepted: at least one row"),
    ],
)
def test_a_fault_in_a_file_of_study_ids_names_its_line_and_never_an_id(
    rows: str, line: int, message: str
) -> None:
    _, (fault,) = read_pseudonyms(f"id_old,id_new\n{rows}", STUDY_IDS)
    assert fault.line == line
    assert fault.message.startswith(message)
    assert OLD_ID not in fault.message


def test_a_study_id_is_any_text_of_sh_and_has_no_issuer() -> None:
    table, faults = read_pseudonyms("id_old,id_new\nA,T^1=2 (\u007e)4567890\n", STUDY_IDS)
    assert not faults
    assert table.pseudonym("A", "HOSPITAL") == "T^1=2 (~)4567890"
    _, (fault,) = read_pseudonyms("id_old,id_new,issuer\nA,B,C\n", STUDY_IDS)
    assert (fault.line, fault.message) == (1, "the first line must name the columns; accepted: id_old,id_new")


@pytest.mark.parametrize(
    "header", ["", "old,new", "id_old", "id_old,id_new,name", "id_old,id_new,id_new", OLD_ID]
)
def test_the_first_line_must_name_the_columns(header: str) -> None:
    _, (fault,) = read_pseudonyms(f"{header}\n{OLD_ID},A\n")
    assert fault.line == 1
    assert fault.message.startswith("the first line must name the columns; accepted: id_old,id_new")
    assert OLD_ID not in fault.message


def test_every_fault_of_the_file_is_reported_by_the_profile_without_an_id(tmp_path: Path) -> None:
    (tmp_path / "ids.csv").write_text(
        f"\ufeffid_old,id_new\n{OLD_ID},\n{OLD_ID},A\n{OLD_ID},B\n", encoding="utf-8"
    )
    (tmp_path / "site.toml").write_text(
        'name = "site"\npseudonyms.patients = "ids.csv"\npseudonyms.length = 1'
    )
    with pytest.raises(ConfigError) as caught:
        load_profile(tmp_path / "site.toml")
    assert "ids.csv line 2: id_new is empty" in str(caught.value)
    assert "ids.csv line 4: the patient of line 3 again" in str(caught.value)
    assert "line 3, pseudonyms.length" in str(caught.value)
    assert OLD_ID not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ids.csv").write_bytes(b"id_old,id_new\n\xff\xfe,A\n")
    (tmp_path / "site.toml").write_text('name = "site"\npseudonyms.patients = "ids.csv"')
    with pytest.raises(ConfigError, match=r"line 2, pseudonyms\.patients: not a text in UTF-8"):
        load_profile(tmp_path / "site.toml")


def test_a_profile_never_prints_the_patients_it_was_given(tmp_path: Path) -> None:
    (tmp_path / "ids.csv").write_text(f"id_old,id_new\n{OLD_ID},A\n")
    (tmp_path / "site.toml").write_text('name = "site"\npseudonyms.patients = "ids.csv"')
    profile = load_profile(tmp_path / "site.toml")
    shown = [repr(profile), str(profile), repr(profile.pseudonyms.table), profile.model_dump_json()]
    assert not any(OLD_ID in text for text in shown)
    assert profile.pseudonyms.table.pseudonym(OLD_ID) == "A"


PLAIN = st.text("abcdefgh0123456789-", min_size=1, max_size=12)


@given(st.dictionaries(PLAIN.map("old".__add__), PLAIN.map("new".__add__), min_size=1, max_size=20))
def test_what_is_written_is_what_is_given(patients: dict[str, str]) -> None:
    text = "id_old,id_new\n" + "".join(f"{old},{new}\n" for old, new in patients.items())
    table, faults = read_pseudonyms(text)
    if len(set(patients.values())) == len(patients):
        assert not faults
        assert all(table.pseudonym(old) == new for old, new in patients.items())
    else:
        assert faults
