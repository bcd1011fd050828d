"""Files with one SOP Instance UID and other content: which of them is delivered depends on the tree alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from orthanc_deid.cli.run import recorder
from orthanc_deid.cli.run.folder_worker_setup import FolderWorkerSetup
from orthanc_deid.pipeline.tasks import Outcome, Task
from orthanc_deid.workers.batch_runner import CHUNK_FILES
from orthanc_deid.workers.pool import process_pool
from support.folders.runs import Trial
from support.folders.trees import ct, fill, part10, tree
from support.waiting import wait_until

FILES = CHUNK_FILES + 9
CONFLICT = ("quarantined", "conflict")


def image(value: int) -> bytes:
    """Return one instance with pixels of a value."""
    return part10(ct(0, PixelData=bytes([value]) * 512))


def write_rivals(source: Path) -> None:
    """Write what comes before `z`: another image `a`, its twin, a third image, and an image of its own."""
    for name, data in (("a", image(1)), ("m", image(1)), ("y", image(3)), ("own", part10(ct(5)))):
        (source / name).write_bytes(data)


def test_the_first_in_the_tree_is_delivered_also_where_another_was_there_before(
    tmp_path: Path, source: Path
) -> None:
    (source / "z").write_bytes(image(2))
    grown = Trial(source, tmp_path / "grown").run()
    write_rivals(source)
    grown.run()
    whole = Trial(source, tmp_path / "whole").run()
    assert grown.end() == whole.end()
    assert grown.lines() == {"./y": CONFLICT, "./z": CONFLICT}
    assert grown.end()["stored"] == 3
    assert grown.run().end() == whole.end(), "another run changes nothing"


@pytest.mark.parametrize("at_least", [1, 256], ids=["recorded at once", "recorded late"])
def test_a_run_killed_at_any_moment_ends_as_an_undisturbed_one(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch, at_least: int
) -> None:
    monkeypatch.setattr(recorder, "AT_LEAST", at_least)
    moments = 0
    while True:
        (source / "z").write_bytes(image(2))
        trial = Trial(source, tmp_path / f"killed {moments}").run()
        write_rivals(source)
        wanted = Trial(source, tmp_path / f"whole {moments}").run().end()
        went_on = trial.killed_after(moments)
        assert trial.run().end() == wanted
        if not went_on:
            break
        moments += 1
        for path in source.iterdir():
            path.unlink()
    assert moments >= 4, "no kill interrupted the resolution of conflicts"


def test_where_nothing_is_left_of_what_was_delivered_it_stays(tmp_path: Path, source: Path) -> None:
    (source / "z").write_bytes(image(2))
    trial = Trial(source, tmp_path / "trial").run()
    before = tree(tmp_path / "trial" / "out")
    (source / "z").unlink()
    write_rivals(source)
    trial.run()
    assert before.items() <= tree(tmp_path / "trial" / "out").items()
    assert trial.lines() == dict.fromkeys(("./a", "./m", "./y"), CONFLICT)
    for path in (tmp_path / "trial" / "out").rglob("*.dcm"):
        path.unlink()
    assert trial.run().lines() == {"./y": CONFLICT}, "what was in conflict with it is no longer"


def test_what_a_killed_run_put_and_did_not_record_gives_way_to_the_file_as_it_is_now(
    tmp_path: Path, source: Path
) -> None:
    (source / "z").write_bytes(image(2))
    trial = Trial(source, tmp_path / "trial")
    assert trial.killed_after(2)
    put = tree(tmp_path / "trial" / "out")
    assert len(put) == 1
    (source / "z").write_bytes(part10(ct(0, PixelData=bytes([4]) * 512, StudyDescription="CHEST")))
    trial.run()
    assert trial.lines() == {}
    assert trial.end() == Trial(source, tmp_path / "whole").run().end()
    assert tree(tmp_path / "trial" / "out") != put


def test_more_names_than_are_settled_at_once_are_settled(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orthanc_deid.cli.run.conflict_resolution.NAMES_AT_ONCE", 2)
    for number in range(5):
        (source / f"z{number}").write_bytes(part10(ct(number)))
    trial = Trial(source, tmp_path / "trial").run()
    for number in range(5):
        (source / f"a{number}").write_bytes(part10(ct(number, PixelData=bytes(512))))
    trial.run()
    assert trial.lines() == {f"./z{number}": CONFLICT for number in range(5)}
    assert trial.end() == Trial(source, tmp_path / "whole").run().end()


@dataclass(frozen=True)
class LateSetup:
    """Workers that begin with the first chunk only when all of the second is there."""

    inner: FolderWorkerSetup

    def open(self) -> LateWorker:
        return LateWorker(self.inner)


class LateWorker:
    """See `LateSetup`."""

    def __init__(self, setup: FolderWorkerSetup) -> None:
        self._output = setup.output
        self._worker = setup.open()

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        if tasks[0].instance == "a":
            wait_until(lambda: len(list(self._output.rglob("*.dcm"))) >= FILES - CHUNK_FILES)
        return self._worker.run(tasks)


@pytest.mark.integration
def test_the_first_in_the_tree_is_delivered_though_another_worker_is_done_before(
    tmp_path: Path, source: Path
) -> None:
    (source / "a").write_bytes(image(1))
    fill(source / "b", FILES - 1)  # so that `a` and `z` are no worker's together
    (source / "b" / "patient 0" / "0000" / "IM000000").unlink()  # it is the image of `a` and `z`
    (source / "z").write_bytes(image(2))
    late = Trial(source, tmp_path / "late", process_pool, 2).run(LateSetup)
    alone = Trial(source, tmp_path / "alone").run()
    assert late.lines() == {"./z": CONFLICT}
    assert late.end() == alone.end()
