"""`orthanc-deid run` as a process, over real files: everything is delivered or accounted for, nothing identifies."""

from __future__ import annotations

import csv
import json
import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file

from orthanc_deid.config.keyfile import make_key
from orthanc_deid.profile.load import load_profile
from support.data.studies import IDENTITY
from support.folders.trees import Command, bare, ct, fill, listed, part10, report, tree

pytestmark = pytest.mark.integration


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_every_file_of_pydicoms_is_delivered_or_accounted_for(
    tmp_path: Path, command: Command, source: Path
) -> None:
    real = Path(str(get_testdata_file("CT_small.dcm"))).parent
    shutil.copytree(real, source, dirs_exist_ok=True)
    command("run", source, tmp_path / "out", status=3)
    found, not_delivered = report(tmp_path / "out"), listed(tmp_path / "out")
    totals = found["Totals"]
    files = [path for path in source.rglob("*") if path.is_file()]
    assert totals["Files"] == len(files) == totals["Delivered"] + len(not_delivered)
    assert totals["Instances"] == len(tree(tmp_path / "out")) > 50
    assert totals["Quarantined"] == sum(outcome == "quarantined" for outcome, _ in not_delivered.values())
    assert not_delivered["./dicomdirtests/DICOMDIR"] == ("not DICOM", "a DICOMDIR is no instance")
    assert not_delivered["./README.txt"][0] == "not DICOM"
    for path in (tmp_path / "out").rglob("*.dcm"):
        subprocess.run(["dcmdump", "-q", path], check=True, stdout=subprocess.DEVNULL)
        assert dcmread(path).PatientIdentityRemoved == "YES"


def test_files_are_found_by_content_and_come_out_as_part_10_without_identity(
    tmp_path: Path, command: Command, source: Path
) -> None:
    (source / "a b").mkdir()
    (source / "a b" / "part10").write_bytes(part10(ct(0)))
    (source / "explicit.iod").write_bytes(bare(ct(1)))
    (source / "implicit.dcm").write_bytes(bare(ct(2), implicit=True))
    (source / "снимок без преамбулы").write_bytes(bytes(128) + b"DICM" + bare(ct(3)))
    (source / "letter.dcm").write_text("Dear colleague")
    done = command("run", source, tmp_path / "out")
    assert "4 instances delivered" in done.stdout
    results = list((tmp_path / "out").rglob("*.dcm"))
    assert len({path.parent for path in results}) == 1
    assert len(results) == 4
    for path in results:
        assert path.name == f"{dcmread(path).SOPInstanceUID}.dcm"
        assert not [value for value in IDENTITY if value.encode() in path.read_bytes()]


def test_a_second_run_does_nothing_and_new_files_are_added(
    tmp_path: Path, command: Command, source: Path
) -> None:
    fill(source, 30)
    command("run", source, tmp_path / "out")
    before = tree(tmp_path / "out")
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.dcm")}
    done = command("run", source, tmp_path / "out")
    assert "30 instances delivered" in done.stdout
    assert "nothing was new, all 30 files had been done before" in done.stdout
    assert report(tmp_path / "out")["LastRun"]["Processed"] == 0
    assert times == {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.dcm")}
    (source / "new").write_bytes(part10(ct(31)))
    command("run", source, tmp_path / "out")
    found = report(tmp_path / "out")
    assert (found["LastRun"]["Processed"], found["Totals"]["Instances"]) == (1, 31)
    assert before.items() <= tree(tmp_path / "out").items()


def test_a_tree_without_files_is_reported_as_such(tmp_path: Path, command: Command, source: Path) -> None:
    assert "no file was found" in command("run", source, tmp_path / "out").stdout


def test_a_result_that_was_removed_is_made_again(tmp_path: Path, command: Command, source: Path) -> None:
    fill(source, 3)
    command("run", source, tmp_path / "out")
    before = tree(tmp_path / "out")
    next((tmp_path / "out").rglob("*.dcm")).unlink()
    command("run", source, tmp_path / "out")
    assert tree(tmp_path / "out") == before


def test_the_output_bytes_do_not_depend_on_the_number_of_workers(
    tmp_path: Path, command: Command, source: Path
) -> None:
    fill(source, 60)
    for workers in (1, 3):
        command("run", source, tmp_path / f"out{workers}", "--workers", workers)
    assert tree(tmp_path / "out1") == tree(tmp_path / "out3")
    one, three = (tmp_path / f"out{workers}.report" / "instances.csv" for workers in (1, 3))
    assert without_seconds(one) == without_seconds(three)


def without_seconds(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return [row[:-1] for row in csv.reader(file)]


def test_no_report_names_a_patient_or_a_path_but_quarantine_csv(
    tmp_path: Path, command: Command, source: Path
) -> None:
    (source / "Musterfrau Erika").mkdir()
    (source / "Musterfrau Erika" / "image").write_bytes(part10(ct()))
    (source / "Musterfrau Erika" / "broken").write_bytes(part10(ct(1))[:-100])
    done = command("run", source, tmp_path / "out", status=3)
    reports = {path.name: path.read_bytes() for path in (tmp_path / "out.report").iterdir()}
    assert {"report.html", "report.json", "instances.csv", "quarantine.csv", "ledger.db"} <= reports.keys()
    assert list(listed(tmp_path / "out")) == ["./Musterfrau Erika/broken"]
    del reports["quarantine.csv"]
    reports["messages"] = (done.stdout + done.stderr).encode()
    for name, data in reports.items():
        found = [value for value in (*IDENTITY, "broken", str(source)) if value.encode() in data]
        assert not found, name


def test_key_ledger_quarantine_and_mapping_are_the_owners_alone(
    tmp_path: Path, command: Command, source: Path
) -> None:
    fill(source, 2)
    command("run", source, tmp_path / "out", "--mapping", tmp_path / "map")
    private = [
        tmp_path / "config" / "orthanc-deid" / "key",
        tmp_path / "out.report" / "ledger.db",
        tmp_path / "out.report" / "quarantine.csv",
        tmp_path / "map" / "uid_mapping.csv",
        tmp_path / "map" / "patid_mapping.csv",
    ]
    assert [oct(mode(path)) for path in private] == ["0o600"] * len(private)
    assert {mode(path) for path in (tmp_path / "out").rglob("*.dcm")} == {0o640}


def test_a_mapping_is_written_on_request_and_is_complete_also_when_requested_later(
    tmp_path: Path, command: Command, source: Path
) -> None:
    fill(source, 3)
    command("run", source, tmp_path / "out")
    assert not list(tmp_path.rglob("*mapping*"))
    command("run", source, tmp_path / "out", "--mapping", tmp_path / "map")
    uids = dict(csv.reader((tmp_path / "map" / "uid_mapping.csv").read_text().splitlines()))
    patients = dict(csv.reader((tmp_path / "map" / "patid_mapping.csv").read_text().splitlines()))
    assert uids.pop("id_old") == patients.pop("id_old") == "id_new"
    images = [ct(number) for number in range(3)]
    assert {str(image.SOPInstanceUID) for image in images} < uids.keys()
    outputs = [dcmread(path) for path in (tmp_path / "out").rglob("*.dcm")]
    assert {uids[str(image.SOPInstanceUID)] for image in images} == {
        str(each.SOPInstanceUID) for each in outputs
    }
    assert patients == {str(images[0].PatientID): str(outputs[0].PatientID)}


def test_the_key_is_made_once_and_serves_every_run(tmp_path: Path, command: Command, source: Path) -> None:
    fill(source, 1)
    assert "A new secret key was made" in command("run", source, tmp_path / "a").stdout
    assert "secret key" not in command("run", source, tmp_path / "b").stdout
    assert tree(tmp_path / "a") == tree(tmp_path / "b")


def test_another_profile_key_or_depth_is_not_mixed_in(tmp_path: Path, command: Command, source: Path) -> None:
    fill(source, 1)
    command("run", source, tmp_path / "out")
    before = tree(tmp_path / "out")
    neutral = f"neutral, fingerprint {load_profile('neutral').fingerprint()}"
    basic = f"basic, fingerprint {load_profile('basic').fingerprint()}"
    for arguments, words in (
        (("--profile", "basic"), f"another profile ({neutral}; this one is {basic})"),
        (("--verify", "fast"), "another depth of the check (full)"),
        (("--key", other_key(tmp_path)), f"was begun with the profile {neutral}"),
    ):
        done = command("run", source, tmp_path / "out", *arguments, status=1)
        assert words in done.stderr
        assert (tmp_path / "config" / "orthanc-deid" / "key").read_text().strip() not in done.stderr
    assert tree(tmp_path / "out") == before


def other_key(folder: Path) -> Path:
    path = folder / "other"
    make_key(path)
    return path


def test_a_lost_key_stops_a_run_that_has_a_record_and_makes_no_new_one(
    tmp_path: Path, command: Command, source: Path
) -> None:
    fill(source, 1)
    command("run", source, tmp_path / "out")
    key = tmp_path / "config" / "orthanc-deid" / "key"
    key.unlink()
    assert "put it back" in command("run", source, tmp_path / "out", status=1).stderr
    assert not key.exists()


def test_wrong_usage_is_refused_before_anything_is_made(
    tmp_path: Path, command: Command, source: Path
) -> None:
    fill(source, 1)
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "letter.txt").touch()
    out = tmp_path / "out"
    wrong: list[tuple[object, ...]] = [
        (source, source),
        (source, source / "below"),
        (source / "patient 0", tmp_path / "in"),
        (source, tmp_path / "foreign"),
        (source, out, "--report", out / "report"),
        (source, out, "--mapping", out),
        (source, out, "--key", out / "key"),
        (source, out, "--report", source / "report"),
        (tmp_path / "missing", out),
        (source, source / "patient 0" / "0000" / "IM000000"),
        (source, out, "--profile", "unknown"),
        (source, out, "--verify", "deep"),
        (source, out, "--workers", "0"),
    ]
    for arguments in wrong:
        command("run", *arguments, status=2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["foreign", "in"]


def test_an_output_folder_with_foreign_files_is_refused_also_when_it_is_ours(
    tmp_path: Path, command: Command, source: Path
) -> None:
    fill(source, 1)
    command("run", source, tmp_path / "out")
    foreign = next((tmp_path / "out").rglob("*.dcm")).with_name("notes.txt")
    foreign.touch()
    assert "no run of ours" in command("run", source, tmp_path / "out", status=2).stderr


def test_nothing_to_do_is_all_done(tmp_path: Path, command: Command, source: Path) -> None:
    command("run", source, tmp_path / "out")
    assert report(tmp_path / "out")["Totals"]["Files"] == 0


def test_progress_for_programs_is_written_in_json_lines(
    tmp_path: Path, command: Command, source: Path
) -> None:
    fill(source, 3)
    done = command("run", source, tmp_path / "out", "--json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert events[-1]["Event"] == "end"
    assert events[-1]["Totals"]["Instances"] == 3
    assert events[-1]["LastRun"]["Finished"] is True


def test_a_terminal_shows_a_bar(tmp_path: Path, command: Command, source: Path) -> None:
    fill(source, 40)
    ours, theirs = os.openpty()
    done = subprocess.Popen(
        command.line("run", source, tmp_path / "out"),
        env=command.environment | {"TERM": "xterm"},
        stdout=theirs,
        stderr=subprocess.PIPE,
    )
    os.close(theirs)
    shown = b""
    try:
        while block := os.read(ours, 4096):
            shown += block
    except OSError:  # Linux's way to say that the other side is closed
        pass
    finally:
        os.close(ours)
    _, errors = done.communicate(timeout=60)
    assert done.returncode == 0, errors
    assert b"40/40" in shown or b"/40" in shown


def test_studies_are_partial_where_something_of_them_was_withheld(
    tmp_path: Path, command: Command, source: Path
) -> None:
    (source / "whole").write_bytes(part10(ct(0)))
    (source / "suspected").write_bytes(part10(ct(1, BurnedInAnnotation="YES")))
    (source / "another").write_bytes(part10(ct(2, patient=1)))
    command("run", source, tmp_path / "out", status=3)
    found = report(tmp_path / "out")
    assert sorted(study["State"] for study in found["Studies"]) == ["Complete", "Partial"]
    assert found["Reasons"] == [{"Outcome": "quarantined", "Rule": "suspected of burned-in text", "Count": 1}]


def test_two_runs_at_once_with_one_report_are_refused(tmp_path: Path, command: Command, source: Path) -> None:
    import fcntl

    fill(source, 1)
    command("run", source, tmp_path / "out")
    with (tmp_path / "out.report" / ".lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "under way" in command("run", source, tmp_path / "out", status=1).stderr
