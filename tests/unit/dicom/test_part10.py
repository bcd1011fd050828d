"""Position of the data set: Part 10 files, content that resembles them, bare data sets, and other content."""

from __future__ import annotations

import struct
import zlib

import pytest

from orthanc_deid.dicom.part10 import Encoded, locate
from orthanc_deid.errors import NotDicomError, RefusedError
from support.data.datasets import (
    EXPLICIT,
    EXPLICIT_VR_LITTLE_ENDIAN,
    FORMS,
    IMPLICIT,
    IMPLICIT_VR_LITTLE_ENDIAN,
    Form,
    element,
    encode,
    header,
    instance,
    part10,
)

PLANTED = "ANDERSSON"
BIG_ENDIAN, DEFLATED = "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"


def data_set_of(encoded: Encoded) -> bytes:
    return bytes(encoded.buffer[encoded.start : encoded.end])


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_position_and_encoding_of_the_data_set_of_a_part_10_file(form: Form) -> None:
    found = locate(part10(instance(), form))
    assert (found.form, found.transfer_syntax, found.explicit) == (
        "part10",
        form.transfer_syntax,
        form.explicit,
    )
    assert data_set_of(found) == encode(instance(), form)
    assert found.sop_class_uid == "1.2.840.10008.5.1.4.1.1.2"
    assert found.sop_instance_uid == "1.2.826.0.1.3680043.10.1.1"


@pytest.mark.parametrize("form", [EXPLICIT, IMPLICIT], ids=str)
def test_file_meta_without_a_preamble_is_read(form: Form) -> None:
    found = locate(part10(instance(), form)[132:])
    assert (found.form, found.transfer_syntax) == ("part10", form.transfer_syntax)
    assert data_set_of(found) == encode(instance(), form)


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("before", [b"", bytes(128) + b"DICM"], ids=["bare", "preamble only"])
def test_the_encoding_of_a_data_set_without_file_meta_is_detected(form: Form, before: bytes) -> None:
    found = locate(before + encode(instance(), form))
    assert (found.form, found.transfer_syntax, found.sop_class_uid) == ("bare", form.transfer_syntax, "")
    assert data_set_of(found) == encode(instance(), form)


def test_a_bare_big_endian_data_set_is_detected() -> None:
    data = b"\x00\x08\x00\x16UI\x00\x04" + b"1.2\0" + b"\x00\x08\x00\x60CS\x00\x02CT"
    assert locate(data).transfer_syntax == BIG_ENDIAN


def test_a_missing_transfer_syntax_is_detected_from_the_data_set() -> None:
    meta = element(0x00020000, "UL", struct.pack("<I", 0))
    for form, syntax in ((EXPLICIT, EXPLICIT_VR_LITTLE_ENDIAN), (IMPLICIT, IMPLICIT_VR_LITTLE_ENDIAN)):
        assert locate(bytes(128) + b"DICM" + meta + encode(instance(), form)).transfer_syntax == syntax


def test_a_wrong_group_length_of_the_file_meta_is_ignored() -> None:
    data = bytearray(part10(instance()))
    data[140:144] = struct.pack("<I", 7)
    assert data_set_of(locate(bytes(data))) == encode(instance())


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_type_of_buffer_is_accepted(kind: type) -> None:
    assert locate(kind(part10(instance()))).form == "part10"


@pytest.mark.parametrize(
    ("syntax", "rewritten"), [(BIG_ENDIAN, True), (DEFLATED, True), (EXPLICIT_VR_LITTLE_ENDIAN, False)]
)
def test_transfer_syntaxes_that_pydicom_must_rewrite(syntax: str, rewritten: bool) -> None:
    body = zlib.compress(encode(instance()))
    assert locate(part10(body, transfer_syntax=syntax)).needs_rewriting is rewritten


NO_INSTANCE = {
    "nothing": b"",
    "a few bytes": b"\x08\0",
    "text": f"Patient {PLANTED}, born 1961, CT of the chest\n".encode() * 40,
    "PDF": b"%PDF-1.7\n" + PLANTED.encode() * 100,
    "JPEG": b"\xff\xd8\xff\xe0\x00\x10JFIF\0" + bytes(200),
    "zeros": bytes(4096),
    "a command set": element(0x00000000, "UL", struct.pack("<I", 4), IMPLICIT)
    + element(0x00000002, "UI", "1.2.840.10008.1.1", IMPLICIT),
    "an implicit length beyond the end": header(0x00080005, "", 1 << 30, explicit=False) + PLANTED.encode(),
    "a late first group": encode([(0x00280010, "US", b"\2\0"), (0x00280011, "US", b"\2\0")]),
    "a private first group": encode([(0x00090010, "LO", PLANTED), (0x00091001, "LO", PLANTED)], IMPLICIT),
}


@pytest.mark.parametrize("data", NO_INSTANCE.values(), ids=NO_INSTANCE)
def test_other_content_raises_not_dicom(data: bytes) -> None:
    with pytest.raises(NotDicomError) as caught:
        locate(data)
    assert PLANTED not in f"{caught.value} {caught.value!r} {caught.value.args}"


def test_a_directory_is_no_instance() -> None:
    meta = element(0x00020002, "UI", "1.2.840.10008.1.3.10") + element(
        0x00020010, "UI", EXPLICIT_VR_LITTLE_ENDIAN
    )
    with pytest.raises(NotDicomError, match="DICOMDIR"):
        locate(bytes(128) + b"DICM" + meta + encode([(0x00041130, "CS", PLANTED)]))


BAD_META = {
    "cut off in a value": part10(instance())[:150],
    "cut off in a long header": part10(instance())[:154],
    "a length beyond the end": bytes(128) + b"DICM" + header(0x00020016, "AE", 900) + PLANTED.encode(),
    "implicit": bytes(128)
    + b"DICM"
    + encode([(0x00020002, "UI", "1.2"), (0x00020010, "UI", "1.2")], IMPLICIT),
    "nothing behind it": part10(b""),
}


@pytest.mark.parametrize("data", BAD_META.values(), ids=BAD_META)
def test_file_meta_that_cannot_be_read_is_refused(data: bytes) -> None:
    with pytest.raises(RefusedError) as caught:
        locate(data)
    assert PLANTED not in f"{caught.value} {caught.value!r} {caught.value.args}"


@pytest.mark.parametrize(
    "syntax", ["1.2.840.113619.5.2", "1.2.840.10008.1.2.1.1", "ANDERSSON", "1.2.840.10008.5.1.4.1.1.2"]
)
def test_a_transfer_syntax_that_the_standard_does_not_know_is_refused(syntax: str) -> None:
    """The encoding of such a data set is unknown, and the file meta could pass on anything."""
    with pytest.raises(RefusedError, match=r"^unknown transfer syntax: \(0002,0010\)$"):
        locate(part10(instance(), transfer_syntax=syntax))


def test_every_cut_of_a_file_is_located_or_refused() -> None:
    data = part10(instance())
    for length in range(len(data)):
        try:
            assert locate(data[:length]).end == length
        except RefusedError:
            continue


PREFIXED = bytes(128) + b"DICM"
META_WITHOUT_SYNTAX = element(0x00020000, "UL", struct.pack("<I", 0)) + element(0x00020002, "UI", "1.2")
UNREADABLE = {
    "nothing behind the prefix": PREFIXED,
    "less than a header": PREFIXED + b"\x08\x00\x05",
    "no data set": PREFIXED + PLANTED.encode() * 10,
    "zeros": PREFIXED + bytes(4096),
    "an implicit length beyond the end": PREFIXED + header(0x00080005, "", 1 << 30, explicit=False),
    "a late first group": PREFIXED + encode([(0x00280010, "US", b"\2\0"), (0x00280011, "US", b"\2\0")]),
    "no data set behind the file meta": PREFIXED + META_WITHOUT_SYNTAX + b"\xff" * 40,
    "no data set behind file meta without a prefix": META_WITHOUT_SYNTAX + b"\xff" * 40,
}


@pytest.mark.parametrize("data", UNREADABLE.values(), ids=UNREADABLE)
def test_unreadable_content_with_the_mark_of_dicom_is_refused_and_not_called_other_content(
    data: bytes,
) -> None:
    with pytest.raises(RefusedError, match="no data set that can be read") as caught:
        locate(data)
    assert not isinstance(caught.value, NotDicomError)
    assert PLANTED not in f"{caught.value} {caught.value!r} {caught.value.args}"


def test_a_command_set_behind_the_prefix_is_no_instance() -> None:
    with pytest.raises(NotDicomError, match="command set"):
        locate(PREFIXED + NO_INSTANCE["a command set"])
