"""Samples that are checked while they are written: hidden bits, changed files, and stores."""

from __future__ import annotations

import io
import os
from contextlib import ExitStack
from pathlib import Path

import pytest

from orthanc_deid import deidentify
from orthanc_deid.cli.run.folder_worker import FolderWorker
from orthanc_deid.cli.run.folder_worker_setup import FolderWorkerSetup
from orthanc_deid.cli.run.output_stores import STORE
from orthanc_deid.deid import admission
from orthanc_deid.dicom.slices import Slices
from orthanc_deid.errors import RefusedError, SourceError, VerificationError
from orthanc_deid.pipeline.tasks import Outcome, Result, Task
from orthanc_deid.profile.load import load_profile
from orthanc_deid.profile.verify_depth import VerifyDepth
from orthanc_deid.sources import folder_source
from orthanc_deid.sources.folder_source import FolderSource
from orthanc_deid.sources.sample_reader import PIECE, FileSamples
from orthanc_deid.verify.verifier import Verifier
from support.data.datasets import (
    read_file,
    value,
)
from support.data.large_images import (
    DEPTHS,
    FOUND,
    KEY,
    PIXEL_DATA,
    SAMPLES,
    SUSPECTED,
    fetched,
    image,
    marked,
)
from support.data.profiles import builtin, profile
from support.folders.trees import tree


@pytest.fixture(autouse=True)
def _all_files_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_source, "PARTLY_FROM", 0)


# Samples that hide something


@pytest.mark.parametrize("place", [0, PIECE // 2 - 1, PIECE // 2, len(SAMPLES) - 1])
def test_bits_above_the_high_bit_are_refused_before_they_are_written(tmp_path: Path, place: int) -> None:
    source = FolderSource(tmp_path)
    got = fetched(source, tmp_path, image(marked(place)))
    result = deidentify(got, builtin("basic"), KEY)
    for give_out in (
        lambda: bytes(result),
        lambda: result.write_to(io.BytesIO()),
        result.output.reader,
        lambda: list(result.output.runs()),
    ):
        with pytest.raises(RefusedError) as caught:
            give_out()
        assert str(caught.value) == SUSPECTED
    source.close()


@pytest.mark.parametrize(("place", "given_out"), [(0, 0), (PIECE // 2 - 1, 0), (PIECE // 2, 1)])
def test_the_refused_piece_is_not_yielded(tmp_path: Path, place: int, given_out: int) -> None:
    source = FolderSource(tmp_path)
    output = deidentify(fetched(source, tmp_path, image(marked(place))), builtin("basic"), KEY).output
    pieces = output.runs()
    next(pieces)  # the bytes before the samples
    for _ in range(given_out):
        next(pieces)
    with pytest.raises(RefusedError):
        next(pieces)
    source.close()


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("place", [0, PIECE // 2, len(SAMPLES) - 1])
def test_the_verifier_checks_the_bits_independently(
    tmp_path: Path, depth: VerifyDepth, place: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "_refuse_high_bits", lambda *_: None)
    source = FolderSource(tmp_path)
    got = fetched(source, tmp_path, image(marked(place)))
    made = deidentify(got, builtin("basic"), KEY).output
    assert isinstance(bytes(made), bytes), "the engine does not look"
    verified = Verifier(builtin("basic").profile, KEY, depth).check(got, made)
    for give_out in (lambda: bytes(verified.output), verified.md5, verified.output.reader):
        with pytest.raises(VerificationError) as caught:
            give_out()
        assert caught.value.findings == (FOUND,)
    source.close()


@pytest.mark.parametrize("depth", DEPTHS)
def test_a_profile_that_accepts_the_image_accepts_it(tmp_path: Path, depth: VerifyDepth) -> None:
    used, source = (
        profile(pixels={"rules": [{"when": [{"attribute": "Modality", "equals": "CT"}]}]}),
        FolderSource(tmp_path),
    )
    data = image(marked(7), 11, (0x00080060, "CS", "CT"))
    got = fetched(source, tmp_path, data)
    result = deidentify(got, used, KEY)
    assert result.notes == deidentify(data, used, KEY).notes == ("burned-in text accepted by the profile",)
    assert value(read_file(bytes(result)), PIXEL_DATA) == marked(7).tobytes()
    assert bytes(Verifier(used.profile, KEY, depth).check(got, result.output).output) == bytes(result)
    source.close()


@pytest.mark.parametrize("depth", DEPTHS)
def test_other_samples_than_those_of_the_original_are_found(tmp_path: Path, depth: VerifyDepth) -> None:
    source = FolderSource(tmp_path)
    data = image()
    got = fetched(source, tmp_path, data)
    good = bytes(deidentify(data, builtin("basic"), KEY))
    verifier = Verifier(builtin("basic").profile, KEY, depth)
    assert bytes(verifier.check(got, Slices([good])).output) == good
    for broken in (good[:-1] + b"\1", good[: -PIECE // 2] + b"\1" + good[-PIECE // 2 + 1 :]):
        assert len(broken) == len(good)
        with pytest.raises(VerificationError, match="not kept as it was"):
            verifier.check(got, Slices([broken]))
    source.close()


def test_the_tail_of_another_file_is_not_accepted(tmp_path: Path) -> None:
    with ExitStack() as stack:
        got = []
        for number in range(2):
            place = tmp_path / str(number)
            place.mkdir()
            source = FolderSource(place)
            stack.callback(source.close)
            got.append(fetched(source, place, image(SAMPLES ^ number)))
        output = deidentify(got[1], builtin("basic"), KEY).output
        with pytest.raises(VerificationError, match="not kept as it was"):
            Verifier(builtin("basic").profile, KEY).check(got[0], output)


# Files that change, and stores


@pytest.fixture
def worker(tmp_path: Path) -> FolderWorker:
    (tmp_path / "in").mkdir()
    return FolderWorkerSetup(tmp_path / "in", tmp_path / "out", load_profile("basic"), KEY).open()


def run(tmp_path: Path, worker: FolderWorker, data: bytes) -> Outcome:
    file = tmp_path / "in" / "file"
    file.write_bytes(data)
    [outcome] = worker.run([Task(1, 0, "file", file.stat().st_mtime_ns, "basic", STORE)])
    return outcome


def test_an_instance_refused_while_written_is_quarantined_and_leaves_no_file(
    tmp_path: Path, worker: FolderWorker
) -> None:
    outcome = run(tmp_path, worker, image(marked(len(SAMPLES) - 1)))
    assert (outcome.result, outcome.rule, outcome.reason) == (
        Result.QUARANTINED,
        "suspected of burned-in text",
        SUSPECTED,
    )
    assert outcome.facts is not None
    assert (outcome.facts.actions, outcome.facts.codes, outcome.output) == ((), (), None)
    assert outcome.facts.study.startswith("2.25.")
    assert tree(tmp_path / "out") == {}
    assert not list((tmp_path / "out" / ".incoming").glob("*.part"))
    assert run(tmp_path, worker, image()).result is Result.DELIVERED
    assert run(tmp_path, worker, image()).result is Result.DUPLICATE
    assert len(tree(tmp_path / "out")) == 1


def test_a_finding_while_the_result_is_written_is_reported_as_the_verifiers(
    tmp_path: Path, worker: FolderWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "_refuse_high_bits", lambda *_: None)
    outcome = run(tmp_path, worker, image(marked(3)))
    assert (outcome.result, outcome.rule, outcome.reason) == (Result.QUARANTINED, "verification", FOUND)
    assert outcome.facts is not None
    assert outcome.facts.findings == (FOUND,)
    assert tree(tmp_path / "out") == {}


def test_a_refused_instance_is_not_a_duplicate(tmp_path: Path, worker: FolderWorker) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(admission, "_refuse_high_bits", lambda *_: None)
        patch.setattr("orthanc_deid.verify.admission._refuse", lambda *_: None)
        assert run(tmp_path, worker, image(marked(5))).result is Result.DELIVERED
    assert run(tmp_path, worker, image(marked(5))).result is Result.QUARANTINED


def test_a_file_that_ends_too_early_is_an_error_of_the_source(tmp_path: Path) -> None:
    source = FolderSource(tmp_path)
    result = deidentify(fetched(source, tmp_path, image()), builtin("basic"), KEY)
    os.truncate(tmp_path / "file", PIECE)
    with pytest.raises(SourceError, match="changed while it was read"):
        bytes(result)
    source.close()


def test_samples_are_not_read_after_the_next_file_is_fetched(tmp_path: Path) -> None:
    source = FolderSource(tmp_path)
    result = deidentify(fetched(source, tmp_path, image()), builtin("basic"), KEY)
    fetched(source, tmp_path, image(SAMPLES ^ 1))
    with pytest.raises(ValueError, match="closed file"):
        bytes(result)
    source.close()


# Slices with a tail


def test_slices_with_a_tail_are_read_like_any_others(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"0123456789")
    with io.FileIO(tmp_path / "file") as file:
        slices = Slices([b"ab", b"cd"], FileSamples(file, 3, 7, memoryview(bytearray(4))))
        assert (len(slices), bytes(slices)) == (11, b"abcd3456789")
        for start in range(13):
            for end in range(13):
                assert b"".join(slices.between(start, end)) == b"abcd3456789"[start:end]
        assert [bytes(part) for run in slices.runs() for part in run] == [b"ab", b"cd", b"3456", b"789"]
        assert slices.reader().read() == b"abcd3456789"
        assert slices.tail_at(4, 7) is slices.tail
        assert slices.tail_at(4, 6) is None
        seen: list[bytes] = []
        checked_by = slices.checked_by(lambda piece: seen.append(bytes(piece)))
        assert bytes(checked_by) == b"abcd3456789"
        assert seen == [b"3456", b"789"]
        assert slices.tail is not None
        assert checked_by.tail is not None
        assert checked_by.tail.is_same(slices.tail)
    with pytest.raises(ValueError, match="in memory"):
        Slices([b"ab"]).checked_by(lambda _: None)
