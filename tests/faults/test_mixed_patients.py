"""One study, or one instance, under two PatientIDs: the folder command says so, and holds the second on request."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread

from support.folders.trees import Command, ct, part10

pytestmark = pytest.mark.integration

RULE = "conflict of patients"
HOLD = ("--mixed-patients", "hold")


def write(folder: Path, name: str, number: int, patient: str, **changes: Any) -> Path:
    path = folder / name
    path.write_bytes(part10(ct(number, PatientID=patient, **changes)))
    return path


def delivered(out: Path) -> set[tuple[str, str]]:
    """Return the pairs of study and patient of all results."""
    files = (dcmread(path) for path in out.rglob("*.dcm"))
    return {(str(ds.StudyInstanceUID), str(ds.PatientID)) for ds in files}


def held(out: Path) -> list[tuple[str, str]]:
    with (out.with_name(f"{out.name}.report") / "quarantine.csv").open(encoding="utf-8-sig") as file:
        return [(row["Path"].removeprefix("./"), row["Rule"]) for row in csv.DictReader(file)]


def totals(out: Path) -> Any:
    return json.loads((out.with_name(f"{out.name}.report") / "report.json").read_text())["Totals"]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_study_stays_with_the_patient_of_its_first_file(
    tmp_path: Path, command: Command, source: Path, workers: int
) -> None:
    for number in range(6):
        write(source, f"{number}", number, "PX-1" if number in (0, 3) else "PX-2")
    out = tmp_path / "out"
    done = command("run", source, out, "--workers", workers, "--profile", "research", *HOLD, status=3)
    assert len(delivered(out)) == 1
    assert len(list(out.rglob("*.dcm"))) == 2
    assert sorted(held(out)) == [(name, RULE) for name in "1245"]
    assert "2 instances delivered, 0 duplicates, 4 quarantined" in done.stdout
    assert totals(out)["Instances"] == 2
    assert len([path for path in out.iterdir() if path.is_dir()]) == 1, "no empty folder of the other patient"
    before = {path: path.read_bytes() for path in out.rglob("*.dcm")}
    command("run", source, out, "--workers", workers, "--profile", "research", *HOLD, status=3)
    assert {path: path.read_bytes() for path in out.rglob("*.dcm")} == before
    assert sorted(held(out)) == [(name, RULE) for name in "1245"]


def test_an_instance_under_two_patients_is_delivered_once(
    tmp_path: Path, command: Command, source: Path
) -> None:
    write(source, "a", 0, "PX-1")
    write(source, "b", 0, "PX-2")
    write(source, "c", 0, "PX-3", StudyInstanceUID="1.2.3.4")
    out = tmp_path / "out"
    command("run", source, out, status=3)
    assert len(list(out.rglob("*.dcm"))) == 1
    assert sorted(held(out)) == [("b", RULE), ("c", RULE)]


def test_a_study_under_two_patients_is_delivered_and_reported(
    tmp_path: Path, command: Command, source: Path
) -> None:
    write(source, "a", 0, "PX-1")
    write(source, "b", 1, "PX-2")
    out = tmp_path / "out"
    done = command("run", source, out)
    assert len(delivered(out)) == 2
    assert "1 studies were delivered under several patients" in done.stdout
    report = json.loads((tmp_path / "out.report" / "report.json").read_text())
    assert [study["State"] for study in report["Studies"]] == ["SeveralPatients"]
    assert "Several patients" in (tmp_path / "out.report" / "report.html").read_text()


def test_what_was_held_is_delivered_when_the_site_decides_so(
    tmp_path: Path, command: Command, source: Path
) -> None:
    write(source, "a", 0, "PX-1")
    write(source, "b", 1, "PX-2")
    out = tmp_path / "out"
    command("run", source, out, *HOLD, status=3)
    assert held(out) == [("b", RULE)]
    command("run", source, out)
    assert len(delivered(out)) == 2
    assert held(out) == []


def test_a_corrected_patient_id_is_delivered_by_the_next_run(
    tmp_path: Path, command: Command, source: Path
) -> None:
    write(source, "a", 0, "PX-1")
    write(source, "b", 1, "PX-2")
    out = tmp_path / "out"
    command("run", source, out, *HOLD, status=3)
    write(source, "b", 1, "PX-1")
    command("run", source, out, *HOLD, status=None)
    assert len(delivered(out)) == 1
    assert len(list(out.rglob("*.dcm"))) == 2


def test_a_study_stays_with_the_patient_whose_files_have_left_the_tree(
    tmp_path: Path, command: Command, source: Path
) -> None:
    given = write(source, "z", 0, "PX-1")
    out = tmp_path / "out"
    command("run", source, out)
    before = delivered(out)
    given.unlink()
    write(source, "a", 1, "PX-2")
    command("run", source, out, *HOLD, status=3)
    assert delivered(out) == before
    assert held(out) == [("a", RULE)]


def test_a_run_without_mixed_patients_withdraws_nothing(
    tmp_path: Path, command: Command, source: Path
) -> None:
    write(source, "a", 0, "PX-1")
    write(source, "b", 1, "PX-1")
    write(source, "c", 2, "PX-2", StudyInstanceUID="1.2.3.4")
    out = tmp_path / "out"
    command("run", source, out, *HOLD)
    assert len(delivered(out)) == 2


def test_what_was_held_is_not_missing_for_verify(tmp_path: Path, command: Command, source: Path) -> None:
    write(source, "a", 0, "PX-1")
    write(source, "b", 1, "PX-2")
    out = tmp_path / "out"
    command("run", source, out, *HOLD, status=3)
    done = command("verify", source, out, "--json")
    card = json.loads(done.stdout.splitlines()[-1])
    assert (card["Accepted"], card["Missing"], card["WithheldByRule"]) == (1, 0, {RULE: 1})
    next(out.rglob("*.dcm")).unlink()
    card = json.loads(command("verify", source, out, "--json", status=3).stdout.splitlines()[-1])
    assert card["Missing"] == 1
