"""Re-encoding where the walker refuses: order, byte order, compression, UN; and its refusals."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zlib
from functools import partial

import numpy as np
import pydicom
import pytest
from pydicom.uid import ExplicitVRBigEndian

from orthanc_deid import Key, deidentify
from orthanc_deid.dicom.part10 import locate
from orthanc_deid.dicom.reencode import MAX_INFLATED, inflate, rewrite
from orthanc_deid.errors import RefusedError, VerificationError
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.profile.model import Limits, Profile
from orthanc_deid.verify.verifier import Verifier
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
from support.data.profiles import BUILTIN, builtin
from support.processor_time import least_time

KEY = Key(bytes(range(32)))
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


def test_a_small_stream_may_not_fill_the_memory() -> None:
    assert MAX_INFLATED == 512 << 20
    content = encode(instance((0x7FE00010, "OW", bytes(64 << 20))))
    bomb = locate(part10(deflated(content), transfer_syntax=DEFLATED))
    tracemalloc.start()
    with pytest.raises(RefusedError, match="inflated data set larger than the limit"):
        inflate(bomb, 32 << 20)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 << 20
    assert len(inflate(bomb, 65 << 20).buffer) == len(content)


def test_engine_and_check_take_the_limit_from_the_profile() -> None:
    source = part10(
        deflated(encode(instance((0x0040A160, "UT", "a " * (1 << 20))))), transfer_syntax=DEFLATED
    )
    narrow, wide = (Profile(name="p", limits=Limits(inflated=most)) for most in (1, 3))
    output = deidentify(source, CompiledProfile(wide), KEY).output
    with pytest.raises(RefusedError, match="inflated data set larger than the limit"):
        deidentify(source, CompiledProfile(narrow), KEY)
    Verifier(wide, KEY).check(source, output)
    with pytest.raises(VerificationError, match="inflated data set larger than the limit"):
        Verifier(narrow, KEY).check(source, output)


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


# every value keeps its bytes

SPACED: DataSet = [
    (0x00080060, "CS", b"CT"),
    (0x00081030, "LO", b"  chest  "),
    (0x00101030, "DS", b" 81.50 "),
    (0x00180050, "DS", b" 2.500\\ 3"),
    (0x00200013, "IS", b" +7 "),
    (0x00204000, "LT", b"one  \\ two "),
    (0x0020000D, "UI", b"1.2.826.0.1.3680043.10.1.2 "),
    (0x00280010, "US", b"\2\0"),
    (0x00080008, "CS", b" ORIGINAL\\PRIMARY "),
]


def swapped_header(tag: int, vr: str, length: int) -> bytes:
    head = struct.pack(">HH", tag >> 16, tag & 0xFFFF) + vr.encode()
    return head + (
        struct.pack(">xxL", length) if vr in ("OB", "OW", "SQ", "UT") else struct.pack(">H", length)
    )


def big_endian_bytes(data_set: DataSet) -> bytes:
    """Return explicit big endian; only US is swapped here."""
    parts = []
    for tag, vr, raw in data_set:
        body = raw[::-1] if vr == "US" else raw
        parts.append(swapped_header(tag, vr, len(body)) + body)
    return b"".join(parts)


def by_tag(data_set: DataSet) -> dict[int, bytes]:
    return {tag: raw + b" " * (len(raw) % 2) for tag, _, raw in data_set}


@pytest.mark.parametrize("form", [EXPLICIT, IMPLICIT], ids=str)
def test_untouched_values_keep_their_spaces_and_padding(form: Form) -> None:
    found = by_tag(rewritten(part10([*instance()[:2], *SPACED], form)))
    wanted = by_tag(SPACED)
    assert {tag: found[tag] for tag in wanted} == wanted | {0x0020000D: found[0x0020000D]}
    assert found[0x0020000D].rstrip(b"\0 ") == b"1.2.826.0.1.3680043.10.1.2"


@pytest.mark.parametrize("name", BUILTIN)
def test_the_check_sees_no_change_in_a_rewritten_instance(name: str) -> None:
    content = in_order([*(each for each in SPACED if each[0] != 0x00180050), (0x00180050, "DS", b" 2.500 ")])
    plain = {tag for tag, _, _ in content}
    others = [(t, vr, v.encode() if isinstance(v, str) else v) for t, vr, v in instance() if t not in plain]
    whole = in_order([*others, *content])
    body = big_endian_bytes([(tag, vr, raw + b" " * (len(raw) % 2)) for tag, vr, raw in whole])
    used = builtin(name)
    for source in (part10(body, transfer_syntax=ExplicitVRBigEndian), part10([*whole[3:], *whole[:3]])):
        output = deidentify(source, used, KEY).output
        Verifier(used.profile, KEY).check(source, output)


def test_a_value_too_long_for_its_vr_stays_un() -> None:
    long = (b"1.5\\" * 20_000)[:-1]
    found = {tag: (vr, raw) for tag, vr, raw in rewritten(part10(instance((0x30060050, "UN", long))))}
    assert found[0x30060050][0] == "UN"
    assert found[0x30060050][1].strip(b"\0") == long


@pytest.mark.parametrize("name", ["basic", "neutral", "research"])
def test_an_empty_sequence_in_un_is_one(name: str) -> None:
    source = part10(instance((0x00081032, "UN", b""), (0x00082112, "UN", b"")))
    used = builtin(name)
    Verifier(used.profile, KEY).check(source, deidentify(source, used, KEY).output)


@pytest.mark.parametrize("name", ["basic", "neutral", "research"])
def test_long_values_in_un_are_treated_by_the_vr_of_the_dictionary(name: str) -> None:
    contour = (b"1.5\\-20\\3\\" * 8_000)[:-1]
    inner: DataSet = [(0x30060042, "CS", b"CLOSED_PLANAR "), (0x30060050, "UN", contour)]
    content: DataSet = [
        (0x00082111, "UN", b"seen by Wexler " * 5_000),
        (0x30060039, "SQ", [[(0x30060040, "SQ", [inner]), (0x30060084, "IS", b"1 ")]]),
    ]
    source = part10(instance(*content, sop_class="1.2.840.10008.5.1.4.1.1.481.3"))
    used = builtin(name)
    output = deidentify(source, used, KEY).output
    Verifier(used.profile, KEY).check(source, output)
    assert contour in bytes(output)
    assert b"Wexler" not in bytes(output)


@pytest.mark.parametrize("text", [b"1.5\\-20\\Wexler\\", b"ANDERSSON "])
def test_a_text_in_long_un_of_a_number_does_not_stay(text: bytes) -> None:
    source = part10(instance((0x00101030, "UN", text * 8_000)))
    used = builtin("research")
    output = deidentify(source, used, KEY).output
    Verifier(used.profile, KEY).check(source, output)
    assert text[-8:] not in bytes(output)


def test_the_same_value_twice_stands_once() -> None:
    twice = [*instance((0x00280010, "US", b"\2\0")), (0x00080060, "CS", "CT")]
    assert [tag for tag, _, _ in rewritten(part10(twice))].count(0x00080060) == 1


def test_elements_without_vr_take_that_of_the_dictionary() -> None:
    bare = encode([(0x00280010, "US", b"\2\0")], IMPLICIT)
    assert rewritten(part10(encode(instance()) + bare))[-1] == (0x00280010, "US", b"\2\0")
    whole = part10(encode(instance(), IMPLICIT), EXPLICIT)
    assert rewritten(whole) == read(encode(instance()))


def test_rewriting_takes_linear_time() -> None:
    def many(count: int) -> DataSet:
        items = [[(0x00080060, "CS", b"CT"), (0x00080008, "CS", b"X ")]] * count
        return [*instance((REQUEST_ATTRIBUTES, "SQ", items)), (0x00080070, "LO", b"A ")]

    short, long = (least_time(partial(rewrite, locate(part10(many(number))))) for number in (2_000, 8_000))
    assert long < 8 * short
