"""The benchmarks: their instances are as described, and their parts run."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pydicom
import pytest

from benchmarks import contenders, groups, second_run, two_processes
from benchmarks.__main__ import main
from benchmarks.against import QUICK, compare_checkouts
from benchmarks.ct import ELEMENTS, SIDE, ct_image
from benchmarks.figures import Claim, Figure, Group
from benchmarks.intervals import Interval, median_interval
from benchmarks.measuring import Contender, Paths, compare, each
from benchmarks.multiframe import multiframe
from benchmarks.pictures import radiograph, write_enhanced_ct, write_xray_run
from benchmarks.scaling import flat, nested
from benchmarks.writing import count_elements, encoded
from support.repository import ROOT

TINY = groups.Sizes(cts=2, radiographs=2, frames=1, elements=100, rounds=1, large_rounds=1, rows=2000)


def _read(data: bytes) -> pydicom.Dataset:
    return pydicom.dcmread(io.BytesIO(data))


def test_the_ct_has_258_elements_at_all_depths() -> None:
    image = _read(encoded(ct_image(1)))
    assert ELEMENTS == 258
    assert sum(1 for _ in image.iterall()) == ELEMENTS
    assert image.pixel_array.shape == (SIDE, SIDE)
    assert image.pixel_array.itemsize == 2


def test_the_cts_of_a_run_are_all_different() -> None:
    files = [encoded(ct_image(number)) for number in range(1, 6)]
    assert len({_read(file).SOPInstanceUID for file in files}) == len(files)
    assert len({_read(file).PixelData for file in files}) == len(files)


def test_the_radiograph_is_2048_by_2500_of_16_bits() -> None:
    image = _read(encoded(radiograph(1)))
    assert (image.Columns, image.Rows, image.BitsAllocated) == (2048, 2500, 16)
    assert len(image.PixelData) == 2048 * 2500 * 2


@pytest.mark.parametrize("write", [write_xray_run, write_enhanced_ct])
def test_multi_frame_files_hold_all_their_frames(
    write: Callable[[Path, int], object], tmp_path: Path
) -> None:
    write(tmp_path / "file.dcm", 3)
    image = pydicom.dcmread(tmp_path / "file.dcm")
    assert len(image.pixel_array) == image.NumberOfFrames == 3


@pytest.mark.parametrize("make", [flat, nested])
def test_instances_of_many_elements_have_the_requested_number(make: Callable[[int], pydicom.Dataset]) -> None:
    assert abs(count_elements(make(1_000)) - 1_000) < 10


def test_what_cannot_be_measured_is_left_out_with_its_reason(tmp_path: Path) -> None:
    source = tmp_path / "in" / "file"
    source.parent.mkdir()
    source.write_bytes(b"x")

    def missing(_files: Paths, _into: Path) -> float:
        raise FileNotFoundError("no such tool")

    able = [contenders.copy(), each("touch", lambda _, target: target.touch())]
    measured = compare([*able, Contender("tool", missing)], [source], 2, tmp_path)
    assert measured.left_out == {"tool": "FileNotFoundError: no such tool"}
    assert len(measured.seconds["touch"]) == 2
    assert measured.rate("tool", contenders.COPY) is None


def test_a_contender_that_writes_nothing_is_no_contender(tmp_path: Path) -> None:
    idle = each("idle", lambda _source, _target: None)
    measured = compare([idle, contenders.copy()], [Path(__file__)], 1, tmp_path)
    assert "idle" in measured.left_out


def test_claims_are_held_against_their_targets() -> None:
    assert Claim("", 0.4, 0.4).reached
    assert Claim("", 0.39, 0.4).reached is False
    assert Claim("", 151.0, 150, at_most=True).reached is False
    assert Claim("", None, 1).reached is None


def test_tables_show_figures_ratios_and_verdicts() -> None:
    group = Group(
        "Title", "file", [Figure("ours", 0.5, 0.4, 0.6, {"/ copy": 0.25})], [Claim("rate", 0.25, 0.4)]
    )
    text = group.as_text()
    assert "500.000" in text
    assert "0.25" in text
    assert "NOT REACHED" in text


@pytest.mark.parametrize("name", ["dx", "elements", "verification"])
def test_every_group_runs(name: str, tmp_path: Path) -> None:
    group = groups.GROUPS[name](TINY, tmp_path)
    assert group.figures
    assert not [note for note in group.notes if "not measured: orthanc-deid basic" in note]


def test_the_ct_group_measures_the_engine_beside_a_copy(tmp_path: Path) -> None:
    group = groups.ct(TINY, tmp_path)
    names = {figure.name for figure in group.figures}
    assert {contenders.COPY, contenders.PYDICOM, *map(contenders.ours, groups.PROFILES)} <= names
    assert contenders.verified("basic") in names


@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="anonymous memory is read from Linux's /proc"
)
def test_a_large_file_is_measured_in_a_process_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", f"{ROOT / 'plugin'}:{ROOT / 'tests'}")
    group = multiframe(1, 1, tmp_path)
    assert not [note for note in group.notes if note.startswith("not measured")]
    assert all(claim.value is not None and claim.value > 0 for claim in group.claims)


def test_the_command_writes_json_that_says_what_is_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("benchmarks.__main__.QUICK", TINY)
    monkeypatch.setattr("benchmarks.__main__.use_one_core", lambda: "cores as they are")
    assert (
        main(["--quick", "--only", "dx", "--folder", str(tmp_path), "--json", str(tmp_path / "out.json")])
        == 0
    )
    (group,) = json.loads((tmp_path / "out.json").read_text())["groups"]
    assert group["claims"][0]["target"] == 0.9
    assert group["title"] in capsys.readouterr().out


def test_the_other_tools_do_their_half_of_a_tree_in_each_of_two_processes(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / f"{number}.dcm").write_bytes(encoded(ct_image(number + 1)))
    (tmp_path / "out").mkdir()
    assert two_processes.main(contenders.COPY, tmp_path / "in", tmp_path / "out") == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["0.dcm", "1.dcm", "2.dcm"]


@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="anonymous memory is read from Linux's /proc"
)
def test_a_run_is_measured_by_its_progress_lines() -> None:
    program = (
        "import json, time\n"
        "for done in (10, 20):\n"
        "    print(json.dumps({'Event': 'progress', 'Processed': done, 'FinishedBefore': 5}), flush=True)\n"
        "    time.sleep(0.2)\n"
        "print(json.dumps({'Event': 'end'}))\n"
    )
    found = second_run.watched([sys.executable, "-c", program])
    assert [files for files, _ in found.curve] == [15, 25]
    assert found.peak is not None
    assert 1 < found.peak < 100
    assert found.seconds > 0.2
    with pytest.raises(subprocess.CalledProcessError):
        second_run.watched([sys.executable, "-c", "raise SystemExit(3)"])


@pytest.mark.parametrize(("count", "left_out"), [(6, 0), (8, 0), (9, 1), (15, 3), (25, 7)])
def test_the_interval_of_a_median_is_that_of_the_sign_test(count: int, left_out: int) -> None:
    ratios = [0.5 + number for number in range(count)]
    bounds = ratios[left_out], ratios[-1 - left_out]
    assert median_interval(ratios[::-1]) == Interval(count / 2, *bounds)


def test_an_interval_needs_six_ratios() -> None:
    with pytest.raises(ValueError, match="6 ratios, not 5"):
        median_interval([1.0] * 5)


def test_a_checkout_is_compared_with_itself(tmp_path: Path) -> None:
    rows = compare_checkouts(ROOT, 6, tmp_path, tmp_path, QUICK)
    row = next(rows)
    rows.close()
    assert row.name == "engine, ct"
    assert row.ratio.low <= row.ratio.median <= row.ratio.high
    assert 0 < row.ratio.median < 10
    assert list(tmp_path.iterdir()) == []
