"""Re-encoding by pydicom where the walker refuses: order, byte order, compression, UN; and its refusals."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pydicom
import pytest
from pydicom.uid import ExplicitVRBigEndian

from orthanc_deid.dicom.part10 import locate
from orthanc_deid.dicom.reencode import MAX_INFLATED, inflate, rewrite
from orthanc_deid.errors import RefusedError
from support.data.datasets import (
    EXPLICIT,
    FORMS,
    IMPLICIT,
    REQUEST_ATTRIBUTES,
    UNDEFINED,
    DataSet,
    Form,
    encode,
    header,
    in_order,
    instance,
    item,
    nested,
    part10,
    read,
    value,
)

PLANTED = "ANDERSSON"
DEFLATED = "1.2.840.10008.1.2.1.99"
SEQUENCE_END = header(0xFFFEE0DD, "", 0, explicit=False)


def rewritten(data: bytes) -> DataSet:
    found = rewrite(locate(data))
    return read(bytes(found.buffer), explicit=found.explicit)


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_elements_are_put_in_order_at_every_depth(form: Form) -> None:
    inside: DataSet = [(0x00280010, "US", b"\2\0"), (0x00080060, "CS", b"CT")]
    data_set = [*instance(*nested(2, inside)), (0x00080031, "TM", b"101500")]
    expected = in_order([*instance(*nested(2, in_order(inside))), data_set[-1]])
    assert rewritten(part10(data_set, form)) == read(encode(expected))


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("depth", [0, 1, 2])
def test_an_attribute_that_stands_twice_is_refused_with_its_tag(form: Form, depth: int) -> None:
    twice: DataSet = [(0x00104000, "LT", PLANTED), (0x00104000, "LT", "harmless")]
    content = [*instance(), *twice] if depth == 0 else [*instance(), *nested(depth, twice)]
    with pytest.raises(RefusedError, match=r"element stands twice: \(0010,4000\)") as caught:
        rewrite(locate(part10(content, form)))
    assert PLANTED not in f"{caught.value!r} {caught.value.args}"


def big_endian(dataset: pydicom.Dataset) -> bytes:
    dataset.file_meta = pydicom.dataset.FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def image() -> pydicom.Dataset:
    """Return the instance as a data set that was never read, which pydicom writes in any byte order."""
    made = pydicom.Dataset()
    made.update(pydicom.dcmread(io.BytesIO(part10(instance()))))
    return made


def test_big_endian_becomes_little_endian_with_equal_values() -> None:
    dataset = image()
    samples = np.array([0, 300, 600, 900, 1200, 1500], dtype=">u2")
    dataset.Rows, dataset.Columns, dataset.BitsAllocated = 2, 3, 16
    dataset.PixelData = samples.tobytes()
    dataset["PixelData"].VR = "OW"
    dataset.RedPaletteColorLookupTableData = samples.tobytes()
    dataset.SliceThickness, dataset.RealWorldValueMappingSequence = "2.5", [pydicom.Dataset()]
    dataset.RealWorldValueMappingSequence[0].RealWorldValueSlope = 0.25
    found = rewrite(locate(big_endian(dataset)))
    assert found.transfer_syntax == "1.2.840.10008.1.2.1"
    data_set = read(bytes(found.buffer))
    assert value(data_set, 0x7FE00010) == samples.astype("<u2").tobytes()
    assert value(data_set, 0x00281201) == samples.astype("<u2").tobytes()
    assert value(data_set, 0x00280010) == struct.pack("<H", 2)
    assert value(data_set, 0x00409096, 0x00409225) == struct.pack("<d", 0.25)


def test_big_endian_samples_of_other_widths_are_refused() -> None:
    dataset = image()
    dataset.Rows = dataset.Columns = 1
    dataset.BitsAllocated, dataset.PixelData = 32, bytes(4)
    dataset["PixelData"].VR = "OW"
    with pytest.raises(RefusedError, match=r"samples of this width: \(7FE0,0010\)"):
        rewrite(locate(big_endian(dataset)))


def test_deflated_data_is_inflated() -> None:
    found = inflate(locate(part10(deflated(encode(instance())), transfer_syntax=DEFLATED)))
    assert bytes(found.buffer) == encode(instance())
    assert found.transfer_syntax == "1.2.840.10008.1.2.1"


@pytest.mark.parametrize(
    "spoil", [lambda data: data[:-9], lambda _: b"\xff" * 40, lambda _: PLANTED.encode()]
)
def test_a_spoilt_deflated_stream_is_refused(spoil: object) -> None:
    data = part10(spoil(deflated(encode(instance()) * 20)), transfer_syntax=DEFLATED)  # type: ignore[operator]
    with pytest.raises(RefusedError, match="deflated"):
        inflate(locate(data))


def test_a_small_stream_may_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_INFLATED == 2 << 30
    monkeypatch.setattr("orthanc_deid.dicom.reencode.MAX_INFLATED", 1 << 16)
    bomb = part10(deflated(encode(instance((0x7FE00010, "OW", bytes(1 << 20))))), transfer_syntax=DEFLATED)
    with pytest.raises(RefusedError, match="too large"):
        inflate(locate(bomb))


def test_un_takes_the_vr_of_the_dictionary() -> None:
    data = part10(instance((0x00081030, "UN", "CHEST "), (0x00280010, "UN", b"\2\0")))
    found = {tag: (vr, content) for tag, vr, content in rewritten(data)}
    assert found[0x00081030] == ("LO", b"CHEST ")
    assert found[0x00280010] == ("US", b"\2\0")


@pytest.mark.parametrize("depth", [0, 1])
def test_private_un_stays_un_for_the_table_of_private_elements(depth: int) -> None:
    """pydicom has (2001,xx55) of this creator as CS, the standard's table as UL."""
    block: DataSet = [(0x20010011, "LO", "Philips Imaging DD 001"), (0x20011155, "UN", b"1   ")]
    found = rewritten(part10(instance(*nested(depth, block))))
    for _ in range(depth):
        (found,) = value(found, REQUEST_ATTRIBUTES)
    assert found[-1] == (0x20011155, "UN", b"1   ")


@pytest.mark.parametrize("depth", [0, 2])
def test_un_that_holds_a_sequence_becomes_one(depth: int) -> None:
    inside = item(nested(depth, [(0x00080060, "CS", b"CT")]), IMPLICIT)
    found = rewritten(part10(instance((REQUEST_ATTRIBUTES, "UN", inside))))
    assert value(found, *[REQUEST_ATTRIBUTES] * (depth + 1), 0x00080060) == b"CT"


def test_un_of_undefined_length_becomes_a_sequence() -> None:
    unknown = header(REQUEST_ATTRIBUTES, "UN", UNDEFINED) + item([(0x00080060, "CS", b"CT")], IMPLICIT)
    found = rewritten(part10(encode(instance()) + unknown + SEQUENCE_END))
    assert value(found, REQUEST_ATTRIBUTES, 0x00080060) == b"CT"


CUT_OFF = {
    "short form": header(0x00400254, "LO", 400) + PLANTED.encode(),
    "long form": header(0x00420010, "UT", 400) + PLANTED.encode(),
    "pixel data": header(0x7FE00010, "OW", 400) + bytes(30),
    "half a header": b"\x42\0\x10\0",
}


@pytest.mark.parametrize("tail", CUT_OFF.values(), ids=CUT_OFF)
@pytest.mark.parametrize("form", [EXPLICIT, IMPLICIT], ids=str)
def test_a_value_that_is_cut_off_is_refused(tail: bytes, form: Form) -> None:
    data = (
        part10(encode(instance()) + tail)
        if form.explicit
        else part10(
            encode(instance(), form) + header(0x00400254, "", 400, explicit=False) + PLANTED.encode(), form
        )
    )
    with pytest.raises(RefusedError) as caught:
        rewrite(locate(data))
    assert PLANTED not in f"{caught.value} {caught.value!r} {caught.value.args}"


def test_bytes_behind_the_last_element_are_refused_unless_they_are_zeros() -> None:
    with pytest.raises(RefusedError):
        rewrite(locate(part10(encode(instance()) + PLANTED.encode() + b"\0" * 9)))


def test_three_thousand_nested_sequences_are_refused() -> None:
    data = b""
    for _ in range(3000):
        inner = (
            header(0xFFFEE000, "", UNDEFINED, explicit=False)
            + data
            + header(0xFFFEE00D, "", 0, explicit=False)
        )
        data = header(0x0040A730, "SQ", UNDEFINED) + inner + SEQUENCE_END
    with pytest.raises(RefusedError, match="nesting"):
        rewrite(locate(part10(encode(instance()) + data)))


@pytest.mark.parametrize("form", [EXPLICIT, IMPLICIT], ids=str)
@pytest.mark.parametrize("vr", ["UN", "LO"])
def test_a_text_where_a_sequence_must_be_is_not_taken_for_one(form: Form, vr: str) -> None:
    data = part10(instance((0x00080006, vr, PLANTED)), form)
    if form.explicit and vr == "LO":
        assert value(rewritten(data), 0x00080006).strip().decode() == PLANTED  # the rules decide about it
        return
    with pytest.raises(RefusedError, match=r"no item where one must be: \(0008,0006\)"):
        rewrite(locate(data))


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_values_that_the_walker_could_read_are_unchanged(form: Form) -> None:
    data_set = instance(*nested(2, [(0x00080060, "CS", b"CT")]))
    assert rewritten(part10(data_set, form)) == read(encode(data_set))
