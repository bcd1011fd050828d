"""Large native images whose samples nobody reads before they are written: nothing else comes out, and no more."""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from orthanc_deid import Key, deidentify
from orthanc_deid.cli.run.folder_worker import FolderWorker
from orthanc_deid.cli.run.folder_worker_setup import FolderWorkerSetup
from orthanc_deid.cli.run.output_stores import STORE
from orthanc_deid.deid import admission, engine
from orthanc_deid.dicom.part10 import Encoded
from orthanc_deid.dicom.partial_file import Data, PartlyRead, where_samples_begin
from orthanc_deid.dicom.reencode import rewrite
from orthanc_deid.dicom.slices import Slices
from orthanc_deid.errors import DeidError, NotDicomError, RefusedError, SourceError, VerificationError
from orthanc_deid.pipeline.tasks import Outcome, Result, Task
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.profile.load import load_profile
from orthanc_deid.profile.model import VerifyDepth
from orthanc_deid.sources import folder_source, sample_reader
from orthanc_deid.sources.folder_source import FolderSource
from orthanc_deid.sources.sample_reader import PIECE, FileSamples
from orthanc_deid.verify.verifier import Verifier
from support.data.corpus import corpus
from support.data.datasets import (
    EXPLICIT,
    FORMS,
    IMPLICIT,
    Element,
    Form,
    encode,
    header,
    instance,
    part10,
    read_file,
    value,
)
from support.data.objects import referring_study
from support.data.profiles import admitting_all_pixels, builtin, profile
from support.folders.trees import tree

KEY = Key(bytes(range(32)))
DEPTHS: tuple[VerifyDepth, ...] = ("full", "fast")
PIXEL_DATA = 0x7FE00010
ROWS, ICON = 0x00280010, 0x00880200
SAMPLES = np.arange(3 * PIECE // 4, dtype="<u2") & 0x0FFF  # one piece and a half
SUSPECTED = "suspected of burned-in text: bits above HighBit in use"
FOUND = "admission: suspected of burned-in text (7FE0,0010)"


@pytest.fixture(autouse=True)
def _all_files_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_source, "PARTLY_FROM", 0)


def image(samples: np.ndarray[Any, Any] = SAMPLES, high: int = 11, *others: Element) -> bytes:
    return part10(
        instance(
            (0x00280100, "US", struct.pack("<H", samples.itemsize * 8)),
            (0x00280102, "US", struct.pack("<H", high)),
            (0x00280103, "US", b"\0\0"),
            *others,
            (PIXEL_DATA, "OW", samples.tobytes()),
        )
    )


def marked(place: int) -> np.ndarray[Any, Any]:
    samples = SAMPLES.copy()
    samples[place] |= 0x4000
    return samples


def told(task: Callable[[], Slices]) -> bytes | str:
    """Return the bytes of a result, or why there are none."""
    try:
        return bytes(task())
    except DeidError as error:
        return str(error)


@cache
def files() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in corpus()} | referring_study()


def deidentified(data: Data, used: CompiledProfile) -> Slices:
    return deidentify(data, used, KEY).output


def checked(verifier: Verifier, source: Data, made: Slices) -> Slices:
    return verifier.check(source, made).output


def fetched(source: FolderSource, folder_path: Path, data: bytes) -> Data:
    (folder_path / "file").write_bytes(data)
    return source.fetch_partly("file")


@pytest.mark.parametrize("name", ["basic", "research"])
def test_results_are_those_of_files_that_were_read_as_a_whole(tmp_path: Path, name: str) -> None:
    source, used = FolderSource(tmp_path), admitting_all_pixels(name)
    verifiers = [Verifier(used.profile, KEY, depth) for depth in DEPTHS]
    partly = 0
    for title, data in files().items():
        wanted = told(partial(deidentified, data, used))
        try:
            got = fetched(source, tmp_path, data)
        except NotDicomError:
            assert isinstance(wanted, str), title
            continue
        partly += isinstance(got, PartlyRead)
        assert told(partial(deidentified, got, used)) == wanted, title
        if isinstance(wanted, bytes):
            made, made_whole = deidentify(got, used, KEY).output, deidentify(data, used, KEY).output
            for verifier in verifiers:
                said = told(partial(checked, verifier, data, made_whole))
                assert told(partial(checked, verifier, got, made)) == said, title
    source.close()
    assert partly > 30


def test_the_samples_are_read_once(tmp_path: Path) -> None:
    source = FolderSource(tmp_path)
    data = image(np.tile(SAMPLES, 20))
    got = fetched(source, tmp_path, data)
    assert isinstance(got, PartlyRead)
    read = [0]
    original = sample_reader.read_exactly

    def counting(file: io.FileIO, start: int, memory: memoryview) -> None:
        read[0] += len(memory)
        original(file, start, memory)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sample_reader, "read_exactly", counting)
        for depth in DEPTHS:
            read[0] = 0
            verified = Verifier(builtin("basic").profile, KEY, depth).check(
                got, deidentify(got, builtin("basic"), KEY).output
            )
            with (tmp_path / "out").open("wb", buffering=0) as file:
                verified.output.write_to(file)
            assert read[0] - got.tail.length < PIECE  # windows and guesses that reach beyond the head
    source.close()
    assert (tmp_path / "out").read_bytes() == bytes(deidentify(data, builtin("basic"), KEY))


def test_the_head_of_a_file_that_would_be_mapped_may_be_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = FolderSource(tmp_path)
    data = image(
        SAMPLES, 11, (0x00880200, "SQ", [[(0x00280010, "US", b"\1\0")]] * folder_source.LONGEST_HEAD)
    )
    assert not isinstance(fetched(source, tmp_path, data), PartlyRead)
    monkeypatch.setattr(folder_source, "READ_AT_MOST", 1 << 17)
    got = fetched(source, tmp_path, data)
    assert isinstance(got, PartlyRead)
    assert bytes(deidentify(got, builtin("basic"), KEY)) == bytes(deidentify(data, builtin("basic"), KEY))
    source.close()


# What merely looks like samples at the end


def inside(form: Form) -> bytes:
    """An image of which only the icon ends with the file."""
    return part10(instance((ICON, "SQ", [[(ROWS, "US", b"\1\0"), (PIXEL_DATA, "OW", bytes(800))]])), form)


def named_before(form: Form) -> bytes:
    """Bytes ahead of Pixel Data that read as its header, with the length up to the file's end."""
    rest = bytes(600)
    after = header(PIXEL_DATA, "OW", len(rest), explicit=form.explicit)
    false = header(PIXEL_DATA, "OW", len(after) + len(rest), explicit=form.explicit)
    if form.explicit:
        false = false[:4] + b"OB" + false[6:]
    before = part10(instance((0x00420010, "ST", false.decode("latin-1").encode("latin-1"))), form)
    return before + after + rest


def padded(form: Form) -> bytes:
    """Data set trailing padding behind the samples."""
    return part10(instance((PIXEL_DATA, "OW", bytes(600)), (0xFFFCFFFC, "OB", bytes(20))), form)


def zeros_behind(form: Form) -> bytes:
    return part10(instance((PIXEL_DATA, "OW", bytes(600))), form) + bytes(10)


def cut_off(form: Form) -> bytes:
    return part10(instance((PIXEL_DATA, "OW", bytes(600))), form)[:-5]


def out_of_order(form: Form) -> bytes:
    data = part10(instance((PIXEL_DATA, "OW", bytes(600))), form)
    late = header(0x00100010, "PN", 6, explicit=form.explicit) + b"WEXLER"
    at = data.index(b"\xe0\x7f\x10\x00")
    return data[:at] + header(0x00200062, "CS", 2, explicit=form.explicit) + b"L " + late + data[at:]


def bare(form: Form) -> bytes:
    """A data set alone, without the UIDs that are made of its content then."""
    uids = (0x00080018, 0x0020000D, 0x0020000E)
    content = [element for element in instance((PIXEL_DATA, "OW", bytes(600))) if element[0] not in uids]
    return encode(content, form)


def named_behind(form: Form) -> bytes:
    """A kept text, the last of all, in which somebody is named behind what reads as the header of samples."""
    rest = b" ANDERSSON BRITTA "
    false = header(PIXEL_DATA, "OW", len(rest), explicit=False)
    return part10(instance((0x00080005, "CS", "ISO_IR 100"), (0x00201040, "LO", b"SN" + false + rest)), form)


TAKEN_IN = frozenset({inside, named_before, named_behind, out_of_order, bare})
"""What the source takes for an image that ends with its samples, and the engine must find out about."""


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize(
    "made",
    [inside, named_before, named_behind, padded, zeros_behind, cut_off, out_of_order, bare],
    ids=lambda f: f.__name__,
)
@pytest.mark.parametrize("removes", [False, True], ids=["", "without pixels"])
def test_a_look_alike_changes_nothing(
    tmp_path: Path, form: Form, made: Callable[[Form], bytes], removes: bool
) -> None:
    rules = [{"attribute": "PixelData", "action": "X"}] if removes else []
    used, source = profile(attributes=rules), FolderSource(tmp_path)
    data = made(form)
    wanted = told(lambda: deidentify(data, used, KEY).output)
    got = fetched(source, tmp_path, data)
    ends = not (made is inside and (form.open_sequences or form.open_items))  # else delimiters come behind
    assert isinstance(got, PartlyRead) is (made in TAKEN_IN and ends)
    assert told(lambda: deidentify(got, used, KEY).output) == wanted
    source.close()


@pytest.mark.parametrize("made", [out_of_order, zeros_behind, inside], ids=lambda f: f.__name__)
def test_pydicom_is_only_given_whole_files(
    tmp_path: Path, made: Callable[[Form], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    lengths = []

    def rewriting(encoded: Encoded) -> Encoded:
        lengths.append(encoded.end - len(encoded.buffer))
        return rewrite(encoded)

    monkeypatch.setattr(engine, "rewrite", rewriting)
    source = FolderSource(tmp_path)
    told(lambda: deidentify(fetched(source, tmp_path, made(EXPLICIT)), builtin("basic"), KEY).output)
    assert set(lengths) == ({0} if made is out_of_order else set())
    source.close()


@pytest.mark.parametrize(
    "rule", [{"action": "X"}, {"action": "Z"}, {"action": "D"}, {"action": "K"}], ids=str
)
@pytest.mark.parametrize("form", [EXPLICIT, IMPLICIT], ids=str)
def test_a_rule_for_the_samples_is_obeyed(tmp_path: Path, rule: dict[str, str], form: Form) -> None:
    used, source = profile(attributes=[{"attribute": "PixelData", **rule}]), FolderSource(tmp_path)
    data = part10(instance((PIXEL_DATA, "OW", SAMPLES.tobytes())), form)
    wanted = told(lambda: deidentify(data, used, KEY).output)
    assert isinstance(wanted, bytes)
    assert told(lambda: deidentify(fetched(source, tmp_path, data), used, KEY).output) == wanted
    source.close()


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.2", "1.2.840.10008.1.2.4.50"])
def test_samples_that_are_not_native_are_read_as_a_whole(tmp_path: Path, syntax: str) -> None:
    source = FolderSource(tmp_path)
    data = image().replace(b"1.2.840.10008.1.2.1\0", syntax.encode().ljust(20, b"\0"), 1)
    if len(syntax) > 20:
        at = image().index(b"1.2.840.10008.1.2.1\0")
        data = image()[: at - 2] + struct.pack("<H", 22) + syntax.encode() + image()[at + 20 :]
    wanted = told(lambda: deidentify(data, builtin("basic"), KEY).output)
    assert told(lambda: deidentify(fetched(source, tmp_path, data), builtin("basic"), KEY).output) == wanted
    source.close()


def test_where_samples_begin_is_told_by_length_and_end() -> None:
    for explicit in (True, False):
        head = b"...." + header(PIXEL_DATA, "OW", 100, explicit=explicit)
        assert where_samples_begin(head, len(head) + 100) == len(head)
        assert where_samples_begin(head, len(head) + 101) is None
        assert where_samples_begin(head[:-1], len(head) + 100) is None
    assert where_samples_begin(b"", 0) is None


# Samples that hide something


@pytest.mark.parametrize("place", [0, PIECE // 2 - 1, PIECE // 2, len(SAMPLES) - 1])
def test_bits_above_the_high_bit_are_refused_before_they_are_given_out(tmp_path: Path, place: int) -> None:
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
def test_the_piece_that_is_refused_is_not_given_out_itself(
    tmp_path: Path, place: int, given_out: int
) -> None:
    source = FolderSource(tmp_path)
    output = deidentify(fetched(source, tmp_path, image(marked(place))), builtin("basic"), KEY).output
    pieces = output.runs()
    next(pieces)  # what stands before the samples
    for _ in range(given_out):
        next(pieces)
    with pytest.raises(RefusedError):
        next(pieces)
    source.close()


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("place", [0, PIECE // 2, len(SAMPLES) - 1])
def test_the_verifier_looks_for_itself(
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
        profile(pixels=[{"when": [{"attribute": "Modality", "equals": "CT"}]}]),
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


def test_the_tail_of_another_file_is_not_taken_for_this_one(tmp_path: Path) -> None:
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


def test_what_is_refused_while_it_is_written_is_quarantined_and_leaves_nothing(
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


def test_what_the_verifier_finds_while_it_is_written_is_told_as_its_finding(
    tmp_path: Path, worker: FolderWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "_refuse_high_bits", lambda *_: None)
    outcome = run(tmp_path, worker, image(marked(3)))
    assert (outcome.result, outcome.rule, outcome.reason) == (Result.QUARANTINED, "verification", FOUND)
    assert outcome.facts is not None
    assert outcome.facts.findings == (FOUND,)
    assert tree(tmp_path / "out") == {}


def test_what_is_refused_is_no_duplicate_either(tmp_path: Path, worker: FolderWorker) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(admission, "_refuse_high_bits", lambda *_: None)
        patch.setattr("orthanc_deid.verify.admission._refuse", lambda *_: None)
        assert run(tmp_path, worker, image(marked(5))).result is Result.DELIVERED
    assert run(tmp_path, worker, image(marked(5))).result is Result.QUARANTINED


def test_a_file_that_ends_too_early_is_a_trouble_of_the_source(tmp_path: Path) -> None:
    source = FolderSource(tmp_path)
    result = deidentify(fetched(source, tmp_path, image()), builtin("basic"), KEY)
    os.truncate(tmp_path / "file", PIECE)
    with pytest.raises(SourceError, match="changed while it was read"):
        bytes(result)
    source.close()


def test_once_the_next_file_is_fetched_nothing_is_read_of_it_by_mistake(tmp_path: Path) -> None:
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
