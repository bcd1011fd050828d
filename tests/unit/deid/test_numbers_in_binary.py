"""Numbers in binary and tables are held to their meaning: values, descriptors, and no words."""

from __future__ import annotations

import struct

import pytest

from orthanc_deid import CompiledProfile, Key, deidentify
from orthanc_deid.errors import RefusedError
from orthanc_deid.verify.verifier import Verifier
from support.data.datasets import (
    FORMS,
    DataSet,
    Element,
    Form,
    image_size,
    instance,
    part10,
    read_file,
    values,
)
from support.data.profiles import builtin

KEY = Key(bytes(range(32)))
WORDS = b"Marsdenova Klavdia 84951234567 .".ljust(32)
RED, RED_DESCRIPTOR, LUT, LUT_DESCRIPTOR, VOI_LUTS = (
    0x00281201,
    0x00281101,
    0x00283006,
    0x00283002,
    0x00283010,
)
PADDING_VALUE, SEGMENTED_RED = 0x00280120, 0x00281221
IMAGE: list[Element] = [
    (0x00280004, "CS", "MONOCHROME2"),
    *image_size(2, 2),
    (0x00280102, "US", b"\x0f\0"),
    (0x7FE00010, "OW", bytes(8)),
]
COLOURS: Element = (0x00280004, "CS", "PALETTE COLOR")


def made(data_set: DataSet, form: Form, used: CompiledProfile | None = None) -> DataSet:
    """Return the elements of the result, which the verifier passes at both depths."""
    used = used or builtin("basic")
    data = part10(data_set, form)
    output = deidentify(data, used, KEY).output
    for depth in ("full", "fast"):
        Verifier(used.profile, KEY, depth).check(data, output)
    return read_file(bytes(output))


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("name", ["basic", "neutral", "research", "strict"])
def test_as_many_values_stay_as_the_attribute_has(form: Form, name: str) -> None:
    found = made(
        instance(*IMAGE, (PADDING_VALUE, "US", WORDS), (0x00280009, "AT", b"\x18\0\x63\x10")),
        form,
        builtin(name),
    )
    assert values(found, PADDING_VALUE) == [WORDS[:2]]


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_values_in_items_are_counted_as_well(form: Form) -> None:
    frame: DataSet = [(0x00189089, "FD", struct.pack("<3d", 0.5, -0.5, 0.25) + WORDS)]
    found = made(
        instance(*IMAGE, (0x00089215, "SQ", [[(0x00400440, "SQ", [frame])]]), (0x0018_9087, "FD", b"")), form
    )
    assert not any(WORDS in bytes(each) for each in values(found, 0x00089215, 0x00400440, 0x00189089))


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_words_go_where_the_attribute_may_be_missing(form: Form) -> None:
    # Frame Increment Pointer, Table of Y Break Points, Acquisition matrix of 4 values
    for element in ((0x00280009, "AT", WORDS), (0x00186054, "FD", WORDS), (0x00181310, "US", b"Marsdeno")):
        assert values(made(instance(*IMAGE, element), form), element[0]) == []


def test_words_in_the_place_of_required_numbers_are_refused() -> None:
    lut: DataSet = [(LUT_DESCRIPTOR, "US", struct.pack("<3H", 16, 0, 16)), (LUT, "US", WORDS)]
    with pytest.raises(RefusedError, match="words in the place of numbers"):
        deidentify(part10(instance(*IMAGE, (VOI_LUTS, "SQ", [lut]))), builtin("basic"), KEY)


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_a_table_stays_as_far_as_its_descriptor_says(form: Form) -> None:
    table = struct.pack("<8H", *range(0, 4096, 512))
    lut: DataSet = [(LUT_DESCRIPTOR, "US", struct.pack("<3H", 8, 0, 12)), (LUT, "OW", table + WORDS)]
    found = made(instance(*IMAGE, (VOI_LUTS, "SQ", [lut])), form)
    assert values(found, VOI_LUTS, LUT) == [table]


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_a_palette_stays_in_an_image_that_uses_it(form: Form) -> None:
    for bits, table in ((16, bytes(range(16))), (8, bytes(range(8)))):
        descriptor: Element = (RED_DESCRIPTOR, "US", struct.pack("<3H", 8, 0, bits))
        found = made(instance(*IMAGE, descriptor, (RED, "OW", table + (WORDS if bits == 16 else b""))), form)
        assert values(found, RED) == []
        found = made(
            instance(*IMAGE, COLOURS, descriptor, (RED, "OW", table + (WORDS if bits == 16 else b""))), form
        )
        assert values(found, RED) == [table]


def test_a_segmented_palette_ends_with_its_last_entry() -> None:
    descriptor: Element = (RED_DESCRIPTOR, "US", struct.pack("<3H", 12, 0, 16))
    segments = struct.pack("<11H", 0, 3, 5, 6, 7, 1, 4, 900, 2, 1, 0) + struct.pack(
        "<H", 0
    )  # 3 + 4 + 3 entries
    segments += struct.pack("<3H", 1, 2, 5)
    found = made(instance(*IMAGE, COLOURS, descriptor, (SEGMENTED_RED, "OW", segments + WORDS)), FORMS[0])
    assert values(found, SEGMENTED_RED) == [segments]


def test_a_table_without_its_descriptor_is_refused() -> None:
    for element in ((RED, "OW", bytes(16)), (VOI_LUTS, "SQ", [[(LUT, "OW", bytes(16))]])):
        with pytest.raises(RefusedError, match="lookup table without its descriptor"):
            deidentify(part10(instance(*IMAGE, COLOURS, element)), builtin("basic"), KEY)
