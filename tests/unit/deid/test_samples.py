"""Samples stay in their place and in their length; bytes behind them and samples elsewhere go."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from orthanc_deid import CompiledProfile, Key, deidentify
from orthanc_deid.dicom.partial_file import PartlyRead
from orthanc_deid.errors import RefusedError
from orthanc_deid.sources import folder_source
from orthanc_deid.sources.folder_source import FolderSource
from orthanc_deid.verify.verifier import Verifier
from support.data.datasets import (
    EXPLICIT,
    FORMS,
    UNDEFINED,
    DataSet,
    Element,
    Form,
    encode,
    header,
    image_size,
    instance,
    part10,
    read_file,
    value,
    values,
)
from support.data.profiles import builtin, profile

KEY = Key(bytes(range(32)))
PIXELS, FLOATS, DOUBLES, WAVEFORM = 0x7FE00010, 0x7FE00008, 0x7FE00009, 0x54001010
WAVEFORMS, ICON, VOI_LUTS = 0x54000100, 0x00880200, 0x00283010
ECG = "1.2.840.10008.5.1.4.1.1.9.1.1"
HIDDEN = b"Marsdenov Timofey 4433221"
PROFILES = ("basic", "neutral", "research", "strict")


def made(data_set: DataSet, used: CompiledProfile, form: Form = EXPLICIT) -> DataSet:
    """Return the elements of the result, which the verifier passes at both depths."""
    data = part10(data_set, form)
    output = deidentify(data, used, KEY).output
    for depth in ("full", "fast"):
        Verifier(used.profile, KEY, depth).check(data, output)
    return read_file(bytes(output))


def pixels(samples: bytes, rows: int = 4, columns: int = 6, bits: int = 16, vr: str = "OW") -> list[Element]:
    return [
        *image_size(rows, columns, bits),
        (0x00280102, "US", struct.pack("<H", bits - 1)),
        (PIXELS, vr, samples),
    ]


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("form", FORMS, ids=str)
def test_bytes_behind_an_image_go(name: str, form: Form) -> None:
    samples = bytes(range(48))
    found = made(instance(*pixels(samples + HIDDEN)), builtin(name), form)
    assert value(found, PIXELS) == samples


def test_the_padding_of_an_odd_image_is_zero() -> None:
    samples = bytes(range(35))
    for behind in (b"", b"\0", b"\7", HIDDEN):
        found = made(instance(*pixels(samples + behind, 5, 7, 8, "OB")), builtin("basic"))
        assert value(found, PIXELS) == samples + b"\0"


def test_an_image_that_is_too_short_stays_as_it_is() -> None:
    assert value(made(instance(*pixels(bytes(20))), builtin("basic")), PIXELS) == bytes(20)


def test_samples_are_cut_in_files_that_are_read_partly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_source, "PARTLY_FROM", 0)
    source, used = FolderSource(tmp_path), builtin("basic")
    for samples, behind, bits in ((bytes(48), HIDDEN, 16), (bytes(24), b"\7", 8), (bytes(24), b"", 8)):
        data = part10(instance(*pixels(samples + behind, 4, 6, bits)))
        (tmp_path / "file").write_bytes(data)
        got = source.fetch_partly("file")
        assert isinstance(got, PartlyRead)
        output = deidentify(got, used, KEY).output
        assert bytes(output) == bytes(deidentify(data, used, KEY))
        assert value(read_file(bytes(output)), PIXELS) == samples
        for depth in ("full", "fast"):
            assert bytes(Verifier(used.profile, KEY, depth).check(got, output).output) == bytes(output)
    source.close()


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize(
    "extra",
    [
        (FLOATS, "OF", HIDDEN + bytes(3)),
        (DOUBLES, "OD", HIDDEN + bytes(7)),
        (WAVEFORM, "OW", HIDDEN),
        (VOI_LUTS, "SQ", [[(PIXELS, "OB", HIDDEN)]]),
        (0x00082218, "SQ", [[*image_size(2, 2), (PIXELS, "OB", HIDDEN)]]),
        (0x52009229, "SQ", [[(FLOATS, "OF", HIDDEN + bytes(3))]]),
        (WAVEFORMS, "SQ", [[(WAVEFORM, "OW", HIDDEN)]]),
    ],
)
def test_samples_go_where_the_iod_names_none(name: str, form: Form, extra: Element) -> None:
    data = part10(instance(extra, *pixels(bytes(48))), form)
    used = builtin(name)
    output = deidentify(data, used, KEY).output
    Verifier(used.profile, KEY, "full").check(data, output)
    assert HIDDEN[:9] not in bytes(output)
    assert value(read_file(bytes(output)), PIXELS) == bytes(48)


def test_a_rule_that_keeps_samples_keeps_them_in_their_place_only() -> None:
    keeping = profile(
        attributes=[{"attribute": name, "action": "K"} for name in ("PixelData", "VOILUTSequence")]
    )
    found = made(instance((VOI_LUTS, "SQ", [[(PIXELS, "OW", HIDDEN)]]), *pixels(bytes(48))), keeping)
    assert values(found, VOI_LUTS, PIXELS) == []
    assert value(found, PIXELS) == bytes(48)


def test_the_samples_of_a_kept_icon_are_held_to_the_icons_size() -> None:
    keeping = profile(attributes=[{"attribute": "IconImageSequence", "action": "K"}])
    icon = [*image_size(2, 3, 8), (PIXELS, "OB", bytes(range(6)) + HIDDEN)]
    for form in FORMS:
        found = made(instance((ICON, "SQ", [icon]), *pixels(bytes(48))), keeping, form)
        assert values(found, ICON, PIXELS) == [bytes(range(6))]


def test_a_waveform_is_held_to_its_channels_and_samples() -> None:
    waveform: DataSet = [
        (0x003A0005, "US", b"\3\0"),
        (0x003A0010, "UL", b"\5\0\0\0"),
        (0x54001004, "US", b"\x10\0"),
        (WAVEFORM, "OW", bytes(range(30)) + HIDDEN),
    ]
    for form in FORMS:
        found = made(instance((WAVEFORMS, "SQ", [waveform]), sop_class=ECG), builtin("basic"), form)
        assert values(found, WAVEFORMS, WAVEFORM) == [bytes(range(30))]


def test_an_image_without_a_size_is_refused() -> None:
    for missing in (0x00280010, 0x00280011, 0x00280100):
        elements = [each for each in instance(*pixels(bytes(48))) if each[0] != missing]
        with pytest.raises(RefusedError, match="samples whose number no attribute states"):
            deidentify(part10(elements), builtin("basic"), KEY)


def test_samples_that_are_encoded_against_the_transfer_syntax_are_refused() -> None:
    item, end = header(0xFFFEE000, "", 4, explicit=False), header(0xFFFEE0DD, "", 0, explicit=False)
    open_ended = (
        encode(instance(*image_size(4, 6))) + header(PIXELS, "OB", UNDEFINED) + item + b"\1\2\3\4" + end
    )
    for data in (
        part10(open_ended),
        part10(instance(*pixels(bytes(48))), transfer_syntax="1.2.840.10008.1.2.4.50"),
    ):
        with pytest.raises(RefusedError, match="not encoded as the transfer syntax says"):
            deidentify(data, builtin("basic"), KEY)
