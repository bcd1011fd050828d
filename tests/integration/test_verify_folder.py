"""`orthanc-deid verify`: checks a finished output against its originals, also after other programs changed it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread

from support.folders.trees import Command, bare, ct, fill, part10

pytestmark = pytest.mark.integration


def card(command: Command, source: Path, out: Path, *arguments: object, status: int = 0) -> Any:
    done = command("verify", source, out, "--json", *arguments, status=status)
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(("profile", "depth"), [("neutral", "full"), ("research", "full"), ("basic", "fast")])
def test_an_untouched_output_passes(
    tmp_path: Path, command: Command, source: Path, profile: str, depth: str
) -> None:
    fill(source, 20)
    bare_image = ct(50)
    del bare_image.SOPInstanceUID
    (source / "bare").write_bytes(bare(bare_image))
    (source / "suspected").write_bytes(part10(ct(51, BurnedInAnnotation="YES")))
    (source / "letter").write_text("Dear colleague")
    command("run", source, tmp_path / "out", "--profile", profile, status=3)
    found = card(command, source, tmp_path / "out", "--profile", profile, "--verify", depth)
    assert found == {
        "Event": "end",
        "Originals": 22,
        "Accepted": 21,
        "Rejected": 0,
        "Withheld": 1,
        "Missing": 0,
        "Unreadable": 0,
        "NotDicom": 1,
        "Results": 21,
        "WithoutOriginal": 0,
        "Findings": {},
        "WithheldByRule": {"suspected of burned-in text": 1},
        "Passes": True,
    }


def test_a_result_that_was_changed_is_rejected_with_the_place_and_without_the_value(
    tmp_path: Path, command: Command, source: Path
) -> None:
    fill(source, 3)
    command("run", source, tmp_path / "out")
    path = next((tmp_path / "out").rglob("*.dcm"))
    changed = dcmread(path)
    changed.StudyDescription = "Musterfrau, Erika"
    changed.save_as(path)
    done = command("verify", source, tmp_path / "out", status=3)
    assert "(0008,1030)" in done.stdout
    assert "NOT PASSED" in done.stdout
    assert "Musterfrau" not in done.stdout
    assert path.name in done.stdout.replace("\n", "").replace(" ", "")


def test_a_missing_result_and_one_without_an_original_are_reported(
    tmp_path: Path, command: Command, source: Path
) -> None:
    fill(source, 4)
    command("run", source, tmp_path / "out")
    next((tmp_path / "out").rglob("*.dcm")).unlink()
    assert card(command, source, tmp_path / "out", status=3)["Missing"] == 1
    command("run", source, tmp_path / "out")
    next(path for path in source.rglob("*") if path.is_file()).unlink()
    found = card(command, source, tmp_path / "out", status=3)
    assert (found["Missing"], found["WithoutOriginal"]) == (0, 1)


@pytest.mark.parametrize("name", ["IM0001", "notes.txt", ".incoming/hidden", "deeper/still.DCM"])
def test_a_foreign_file_in_the_output_does_not_pass_under_any_name(
    tmp_path: Path, command: Command, source: Path, name: str
) -> None:
    fill(source, 2)
    command("run", source, tmp_path / "out")
    foreign = tmp_path / "out" / name
    foreign.parent.mkdir(exist_ok=True)
    foreign.write_bytes(part10(ct(0)))
    found = card(command, source, tmp_path / "out", status=3)
    assert (found["Accepted"], found["Results"], found["WithoutOriginal"]) == (2, 3, 1)
    shown = command("verify", source, tmp_path / "out", status=3).stdout
    assert foreign.name in shown
    assert "NOT PASSED" in shown


def test_a_link_in_the_output_is_no_result(tmp_path: Path, command: Command, source: Path) -> None:
    fill(source, 1)
    command("run", source, tmp_path / "out")
    (tmp_path / "out" / "link.dcm").symlink_to(next(path for path in source.rglob("*") if path.is_file()))
    assert card(command, source, tmp_path / "out", status=3)["WithoutOriginal"] == 1


def test_temporary_files_of_a_run_are_no_foreign_files(
    tmp_path: Path, command: Command, source: Path
) -> None:
    fill(source, 1)
    command("run", source, tmp_path / "out")
    (tmp_path / "out" / ".incoming").mkdir(exist_ok=True)
    (tmp_path / "out" / ".incoming" / "0123456789abcdef-1.part").write_bytes(b"half")
    assert card(command, source, tmp_path / "out")["Results"] == 1


def test_a_conflict_is_no_rejection(tmp_path: Path, command: Command, source: Path) -> None:
    (source / "one").write_bytes(part10(ct(0)))
    (source / "other").write_bytes(part10(ct(0, PixelData=bytes(512))))
    command("run", source, tmp_path / "out", status=3)
    found = card(command, source, tmp_path / "out")
    assert (found["Accepted"], found["WithheldByRule"]) == (1, {"conflict": 1})


def test_another_key_or_profile_does_not_pass(tmp_path: Path, command: Command, source: Path) -> None:
    fill(source, 2)
    command("run", source, tmp_path / "out")
    assert card(command, source, tmp_path / "out", "--profile", "basic", status=3)["Rejected"] == 2
    shown = command("verify", source, tmp_path / "out", "--profile", "basic", status=3).stdout
    assert "say which by --profile" in shown
    assert "--profile" not in command("verify", source, tmp_path / "out").stdout
    (tmp_path / "key").write_text("ab" * 32)
    (tmp_path / "key").chmod(0o600)
    found = card(command, source, tmp_path / "out", "--key", tmp_path / "key", status=3)
    assert (found["Missing"], found["WithoutOriginal"]) == (2, 2)


def test_without_a_key_or_a_folder_it_does_not_run(tmp_path: Path, command: Command, source: Path) -> None:
    command("verify", source, tmp_path / "missing", status=2)
    (tmp_path / "out").mkdir()
    command("verify", source, tmp_path / "out", status=1)
