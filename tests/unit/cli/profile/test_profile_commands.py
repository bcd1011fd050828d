"""`orthanc-deid profile`: every attribute with its action and rule, and every fault of a site's file at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from orthanc_deid.cli.main import app
from orthanc_deid.cli.profile.profile_table import find_iod, lines
from orthanc_deid.profile.load import builtin_names, load_profile
from orthanc_deid.standard.tables import all_rows

run = CliRunner()


def test_every_built_in_profile_is_listed_with_what_it_does() -> None:
    done = run.invoke(app, ["profile", "list"])
    assert done.exit_code == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(builtin_names())


@pytest.mark.parametrize("name", ["basic", "neutral", "research", "strict"])
def test_every_attribute_of_the_standards_table_is_shown_with_a_rule(name: str) -> None:
    shown = {line.tag: line for line in lines(load_profile(name), None)}
    wanted = {row.tag for row in all_rows() if row.tag.startswith("(") and row.tag != "(50xx,xxxx)"}
    assert {tag for tag in wanted if tag not in shown} == {"(0000,1000)", "(0000,1001)", "(0002,0003)"}
    assert all(line.action and line.rule for line in shown.values())


def test_the_type_decides_and_an_iod_gives_it() -> None:
    basic = load_profile("basic")
    anywhere = {line.keyword: line.action for line in lines(basic, None)}
    in_a_ct = {line.keyword: line.action for line in lines(basic, find_iod("CTImageStorage"))}
    assert anywhere["PatientSex"] == "Type 1: D, Type 2: Z, Type 3: Z"
    assert in_a_ct["PatientSex"] == "Z"
    assert in_a_ct["InstitutionName"] == "X"
    assert in_a_ct["PatientID"] == "pseudonym"
    assert in_a_ct["CodeMeaning"] == "K, searched"


@pytest.mark.parametrize("name", ["1.2.840.10008.5.1.4.1.1.2", "CTImageStorage", "ct image storage"])
def test_an_iod_is_found_by_uid_keyword_and_name(name: str) -> None:
    found = find_iod(name)
    assert found is not None
    assert found.name == "CT Image"


def test_an_unknown_iod_is_wrong_usage() -> None:
    done = run.invoke(app, ["profile", "show", "basic", "--iod", "Unknown"])
    assert done.exit_code == 2
    assert "CTImageStorage" in done.stderr


def test_show_prints_rules_conditions_and_what_nothing_names(tmp_path: Path) -> None:
    profile = tmp_path / "site.toml"
    profile.write_text(
        'name = "site"\n'
        "attributes = [\n"
        '{ attribute = "StationName", action = "K", when = [{ attribute = "Modality", equals = "CT" }] },\n'
        '{ attribute = "StationName", value = "SITE" }]\n'
    )
    done = run.invoke(app, ["profile", "show", str(profile), "--iod", "CTImageStorage"])
    assert done.exit_code == 0
    (station,) = [line for line in done.stdout.splitlines() if "(0008,1010)" in line]
    assert '"SITE"' in station
    assert "K, searched if Modality = CT" in station
    assert "by VR" in done.stdout


def test_what_is_given_and_what_is_derived_is_shown_without_any_id(tmp_path: Path) -> None:
    (tmp_path / "given.csv").write_text("id_old,id_new\nOLD-1,NEW-1\nOLD-2,NEW-2\n")
    settings = 'accession_numbers = "given.csv"\nunknown_accession_number = "derive"\npatients = "given.csv"'
    profile = tmp_path / "site.toml"
    profile.write_text(f'name = "site"\n[pseudonyms]\n{settings}\n')
    shown = run.invoke(app, ["profile", "show", str(profile)]).stdout
    assert "Patients          2 given, others refused\n" in shown
    assert "Accession numbers 2 given, others derived from the key\n" in shown
    assert "Study IDs         as every attribute\n" in shown
    assert "OLD-1" not in shown
    assert "Patients          derived from the key\n" in run.invoke(app, ["profile", "show", "basic"]).stdout


def test_check_reports_every_fault_with_its_line(tmp_path: Path) -> None:
    profile = tmp_path / "site.toml"
    profile.write_text('name = "site"\nbase = "unknown"\ndates = { mode = "moved" }\n')
    done = run.invoke(app, ["profile", "check", str(profile)])
    assert done.exit_code == 2
    assert "line 2" in done.stderr
    assert "line 3" in done.stderr


def test_check_accepts_a_good_profile(tmp_path: Path) -> None:
    profile = tmp_path / "site.toml"
    profile.write_text('name = "site"\n')
    done = run.invoke(app, ["profile", "check", str(profile)])
    assert done.exit_code == 0
    assert "site can be used" in done.stdout


def test_help_says_the_extra_by_its_name_and_fills_its_paragraphs() -> None:
    done = run.invoke(app, ["analyze", "--help"], env={"COLUMNS": "80"})
    assert "'orthanc-deid[report]'" in done.stdout
    shown = run.invoke(app, ["run", "--help"], env={"COLUMNS": "80"}).stdout
    assert "could not run, or not to the end" in " ".join(shown.split())
    assert "could not\n" not in shown.replace(" \n", "\n"), "a line of the source is no line of the terminal"


def test_a_missing_file_is_reported_as_wrong_usage(tmp_path: Path) -> None:
    done = run.invoke(app, ["preview", str(tmp_path / "nobody.dcm")])
    assert (done.exit_code, "FILE is no file" in done.stderr) == (2, True)


def test_a_page_that_has_no_folder_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    done = run.invoke(
        app, ["analyze", str(tmp_path / "in"), "--html", str(tmp_path / "missing" / "tags.html")]
    )
    assert (done.exit_code, "--html: there is no such folder" in done.stderr) == (2, True)
