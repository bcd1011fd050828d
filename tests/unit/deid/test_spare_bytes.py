"""Bytes of headers that have no meaning are zero in every result: reserved ones, and lengths of delimiters."""

from __future__ import annotations

import struct

import pytest

from orthanc_deid import Key, deidentify
from orthanc_deid.dicom.slices import Slices
from orthanc_deid.errors import VerificationError
from orthanc_deid.verify.verifier import Verifier
from support.data.datasets import Form, encode, instance, part10
from support.data.profiles import builtin

KEY = Key(bytes(range(32)))
REGIONS = (0x00082218, "SQ", [[(0x00080104, "LO", "Chest")]])
OPEN, OPEN_IMPLICIT = Form(True, True, True), Form(False, True, True)
ITEM_END, SEQUENCE_END = b"\xfe\xff\x0d\xe0", b"\xfe\xff\xdd\xe0"
PLACES = {
    "reserved bytes of a sequence": (b"\x08\x00\x18\x22SQ", b"IV"),
    "reserved bytes of a text": (b"\x08\x00\x19\x01UC", b"IV"),
    "length of an item delimiter": (ITEM_END, b"IVAN"),
    "lower half of that length": (ITEM_END, b"IV\0\0"),
    "upper half of that length": (ITEM_END, b"\0\0\xa7\xb9"),
    "length of a sequence delimiter": (SEQUENCE_END, b"IVAN"),
}


def instances(place: str) -> list[tuple[bytes, bytes]]:
    """Return instances with spare bytes in use, each with those bytes."""
    found, spare = PLACES[place]
    made = []
    for form in (OPEN, OPEN_IMPLICIT):
        data = part10(instance(REGIONS, (0x00080119, "UC", "Code")), form)
        at = data.find(found)
        if at >= 0:
            at += len(found)
            made.append((data[:at] + spare + data[at + len(spare) :], spare))
    return made


@pytest.mark.parametrize("name", ["basic", "research"])
@pytest.mark.parametrize("place", PLACES)
def test_spare_bytes_are_zero_in_the_result(name: str, place: str) -> None:
    used = builtin(name)
    for data, spare in instances(place):
        output = deidentify(data, used, KEY).output
        assert spare.strip(b"\0") not in bytes(output)
        for depth in ("full", "fast"):
            Verifier(used.profile, KEY, depth).check(data, output)


@pytest.mark.parametrize("depth", ["full", "fast"])
@pytest.mark.parametrize("form", [OPEN, OPEN_IMPLICIT, Form(True, False, False)], ids=str)
def test_the_verifier_finds_them_wherever_they_are(form: Form, depth: str) -> None:
    used = builtin("basic")
    deep = [(0x00082218, "SQ", [[(0x00082220, "SQ", [[(0x00080104, "LO", "Left")]])]] * 5)]
    source = part10(instance(*deep, (0x00080119, "UC", "Code")), form)
    good = bytes(deidentify(source, used, KEY))
    verifier = Verifier(used.profile, KEY, depth)  # type: ignore[arg-type]
    verifier.check(source, Slices([good]))
    reserved = [b"\x08\x00\x18\x22SQ", b"\x08\x00\x20\x22SQ"] if form.explicit else []
    for mark in (*reserved, ITEM_END, SEQUENCE_END):
        at = good.find(mark)
        while at >= 0:
            place = at + len(mark) + 1
            with pytest.raises(VerificationError, match="bytes of no meaning in a header"):
                verifier.check(source, Slices([good[:place] + b"A" + good[place + 1 :]]))
            at = good.find(mark, at + 1)


def test_fragments_end_with_a_delimiter_without_a_length() -> None:
    item = b"\xfe\xff\x00\xe0"
    frame = item + bytes(4) + item + struct.pack("<I", 4) + b"\xff\xd8\xff\xd9" + SEQUENCE_END + b"IVAN"
    body = encode(instance((0x00280010, "US", b"\2\0"))) + b"\xe0\x7f\x10\0OB\0\0\xff\xff\xff\xff" + frame
    data = part10(body, transfer_syntax="1.2.840.10008.1.2.4.50")
    used = builtin("basic")
    output = deidentify(data, used, KEY).output
    assert bytes(output).endswith(SEQUENCE_END + bytes(4))
    Verifier(used.profile, KEY, "full").check(data, output)
