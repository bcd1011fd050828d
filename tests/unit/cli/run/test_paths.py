"""Where a run may read and write, and what it lists of what it did not deliver."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from orthanc_deid.cli.run import existing_outputs
from orthanc_deid.cli.run.paths import RunPaths, UsageError, default_key, is_within, outputs_in, run_paths
from orthanc_deid.cli.run.quarantine_csv import QuarantineCsv, printable
from orthanc_deid.pipeline.tasks import State
from orthanc_deid.sources.folder_source import Skipped


def places(tmp_path: Path, root: str | Path = "in", output: str | Path = "out", **others: Path) -> RunPaths:
    (tmp_path / "in" / "below").mkdir(parents=True, exist_ok=True)
    named = {name: others.get(name) for name in ("report", "key", "mapping")}
    return run_paths(tmp_path / root, tmp_path / output, **named)


def test_the_report_lies_beside_the_output_and_the_key_with_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    found = places(tmp_path)
    assert found.report == tmp_path / "out.report"
    assert found.key == default_key()
    assert os.name == "nt" or found.key == tmp_path / "config" / "orthanc-deid" / "key"


@pytest.mark.parametrize("output", ["in", "in/below", "in/new/deeper", ".", "in/../in"])
def test_output_inside_input_or_around_it_is_refused(tmp_path: Path, output: str) -> None:
    with pytest.raises(UsageError):
        places(tmp_path, output=output)


@pytest.mark.parametrize("name", ["report", "key", "mapping"])
def test_nothing_secret_may_lie_inside_output(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=f"--{name} lies inside OUTPUT"):
        places(tmp_path, **{name: tmp_path / "out" / "deep" / "x"})


def test_a_link_does_not_hide_that_output_is_input(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "in")
    with pytest.raises(UsageError):
        places(tmp_path, output="link/out")


def test_folders_are_the_same_by_what_the_file_system_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    assert not is_within(tmp_path / "IN" / "out", tmp_path / "in")
    (tmp_path / "IN").mkdir(exist_ok=True)
    monkeypatch.setattr(Path, "samefile", lambda one, other: str(one).lower() == str(other).lower())
    assert is_within(tmp_path / "IN" / "out", tmp_path / "in")  # as where case does not matter


def test_an_output_that_is_not_empty_is_refused_unless_it_looks_like_ours(tmp_path: Path) -> None:
    out = tmp_path / "out"
    outputs_in(out, is_ours=False)
    (out / ".incoming").mkdir(parents=True)
    outputs_in(out, is_ours=False)
    (out / "p" / "st" / "se").mkdir(parents=True)
    (out / "p" / "st" / "se" / "i.dcm").touch()
    with pytest.raises(UsageError, match="not empty"):
        outputs_in(out, is_ours=False)
    outputs_in(out, is_ours=True)


def test_the_results_that_output_holds_are_known_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [str(Path("p", "st", "se", name)) for name in ("1.dcm", "2.dcm", "3.dcm")]
    for name in (*names, ".incoming/x.part"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = outputs_in(tmp_path, is_ours=True)
    assert [name in found for name in (*names, "p/st/se/4.dcm", "1.dcm")] == [True] * 3 + [False] * 2
    monkeypatch.setattr(existing_outputs, "AT_MOST", 2)
    found = outputs_in(tmp_path, is_ours=True)
    assert sum(name in found for name in names) == 2, "the system is to be asked about the others"


@pytest.mark.parametrize(
    "foreign", ["notes.txt", "p/i.dcm", "p/st/.incoming", "p/st/se/notes.txt", "p/st/se/folder.dcm/x"]
)
def test_an_output_with_what_no_run_puts_there_is_refused(tmp_path: Path, foreign: str) -> None:
    out = tmp_path / "out"
    (out / ".incoming").mkdir(parents=True)
    for name in ("p/st/se/i.dcm", foreign):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).touch()
    with pytest.raises(UsageError, match="no run of ours"):
        outputs_in(out, is_ours=True)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("a b/c", "./a b/c"),
        ("=cmd|x", "./=cmd|x"),
        ("two\nlines\x1b[31m", "./two\\x0Alines\\x1B[31m"),
        ("\udcff\udc00x", "./\\xFF\\xDC00x"),
        ("снимок", "./снимок"),
        ("", "."),
    ],
)
def test_paths_are_listed_so_that_no_terminal_and_no_spreadsheet_obeys_them(path: str, shown: str) -> None:
    assert printable(path) == shown.replace("./", f".{os.sep}", 1)


def test_a_listing_takes_the_last_ones_place_only_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "quarantine.csv"
    path.write_text("before")
    with QuarantineCsv(path) as listing:
        listing.add(b"\1" * 16, "file", State.QUARANTINED, "rule", "reason")
    assert path.read_text() == "before"
    with QuarantineCsv(path) as listing:
        listing.add(b"\1" * 16, "file", State.IGNORED, "not DICOM", "not DICOM")
        listing.add_skipped(Skipped("link", "a symbolic link, not followed"))
        listing.close(keep=True)
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["Outcome"] for row in rows] == ["not DICOM", "passed"]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["quarantine.csv"]


def test_a_line_that_was_taken_back_is_not_listed_and_a_later_one_of_the_file_is(tmp_path: Path) -> None:
    path = tmp_path / "quarantine.csv"
    with QuarantineCsv(path) as listing:
        for number, name in enumerate(("stays", "delivered", "fails", "fails")):
            listing.add(bytes([min(number, 2)]) * 16, name, State.QUARANTINED, f"rule {number}", "two\nlines")
            if number == 2:
                listing.retract(b"\2" * 16)
        listing.retract(b"\1" * 16)
        listing.close(keep=True)
    with path.open(newline="") as file:
        assert [row["Rule"] for row in csv.DictReader(file)] == ["rule 0", "rule 3"]
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["quarantine.csv"]
