"""Large native images whose samples are read late: the results equal those of files read as a whole."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from orthanc_deid import deidentify
from orthanc_deid.deid import engine
from orthanc_deid.dicom.part10 import Encoded
from orthanc_deid.dicom.partial_file import PartlyRead, where_samples_begin
from orthanc_deid.dicom.reencode import rewrite
from orthanc_deid.errors import NotDicomError
from orthanc_deid.sources import folder_source, sample_reader
from orthanc_deid.sources.folder_source import FolderSource
from orthanc_deid.sources.sample_reader import PIECE
from orthanc_deid.verify.verifier import Verifier
from support.data.datasets import (
    EXPLICIT,
    FORMS,
    IMPLICIT,
    Form,
    encode,
    header,
    image_size,
    instance,
    part10,
)
from support.data.large_images import (
    DEPTHS,
    ICON,
    KEY,
    PIXEL_DATA,
    ROWS,
    SAMPLES,
    checked,
    deidentified,
    fetched,
    files,
    image,
    told,
)
from support.data.profiles import admitting_all_pixels, builtin, profile

SIZE = image_size(1, 300)


@pytest.fixture(autouse=True)
def _all_files_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_source, "PARTLY_FROM", 0)


@pytest.mark.parametrize("name", ["basic", "research"])
def test_results_equal_those_of_files_read_as_a_whole(tmp_path: Path, name: str) -> None:
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


# Bytes at the end that resemble samples


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
    before = part10(instance(*SIZE, (0x00420010, "ST", false.decode("latin-1").encode("latin-1"))), form)
    return before + after + rest


def padded(form: Form) -> bytes:
    """Data set trailing padding after the samples."""
    return part10(instance(*SIZE, (PIXEL_DATA, "OW", bytes(600)), (0xFFFCFFFC, "OB", bytes(20))), form)


def zeros_behind(form: Form) -> bytes:
    return part10(instance(*SIZE, (PIXEL_DATA, "OW", bytes(600))), form) + bytes(10)


def cut_off(form: Form) -> bytes:
    return part10(instance(*SIZE, (PIXEL_DATA, "OW", bytes(600))), form)[:-5]


def out_of_order(form: Form) -> bytes:
    data = part10(instance(*SIZE, (PIXEL_DATA, "OW", bytes(600))), form)
    late = header(0x00100010, "PN", 6, explicit=form.explicit) + b"WEXLER"
    at = data.index(b"\xe0\x7f\x10\x00")
    return data[:at] + header(0x00200062, "CS", 2, explicit=form.explicit) + b"L " + late + data[at:]


def bare(form: Form) -> bytes:
    """A bare data set without UIDs, which are then derived from its content."""
    uids = (0x00080018, 0x0020000D, 0x0020000E)
    content = [
        element for element in instance(*SIZE, (PIXEL_DATA, "OW", bytes(600))) if element[0] not in uids
    ]
    return encode(content, form)


def named_behind(form: Form) -> bytes:
    """A kept text at the end that contains a name after bytes that read as the header of samples."""
    rest = b" ANDERSSON BRITTA "
    false = header(PIXEL_DATA, "OW", len(rest), explicit=False)
    return part10(instance((0x00080005, "CS", "ISO_IR 100"), (0x00201040, "LO", b"SN" + false + rest)), form)


TAKEN_IN = frozenset({inside, named_before, named_behind, out_of_order, bare})
"""Files that the source takes for an image that ends with its samples; the engine must detect that."""


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize(
    "made",
    [inside, named_before, named_behind, padded, zeros_behind, cut_off, out_of_order, bare],
    ids=lambda f: f.__name__,
)
@pytest.mark.parametrize("removes", [False, True], ids=["", "without pixels"])
def test_bytes_like_a_header_of_samples_change_nothing(
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
def test_a_rule_for_the_samples_is_applied(tmp_path: Path, rule: dict[str, str], form: Form) -> None:
    used, source = profile(attributes=[{"attribute": "PixelData", **rule}]), FolderSource(tmp_path)
    data = part10(
        instance(*image_size(len(SAMPLES) // 256, 256), (PIXEL_DATA, "OW", SAMPLES.tobytes())), form
    )
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


def test_the_start_of_samples_follows_from_length_and_end() -> None:
    for explicit in (True, False):
        head = b"...." + header(PIXEL_DATA, "OW", 100, explicit=explicit)
        assert where_samples_begin(head, len(head) + 100) == len(head)
        assert where_samples_begin(head, len(head) + 101) is None
        assert where_samples_begin(head[:-1], len(head) + 100) is None
    assert where_samples_begin(b"", 0) is None
