"""Image Type announces tiles only where the result tells how many there are."""

from __future__ import annotations

import struct

import pytest

from orthanc_deid import CompiledProfile, Key, deidentify
from orthanc_deid.deid.tiled_images import TILES_LOST
from orthanc_deid.verify.verifier import Verifier
from support.data.datasets import (
    EXPLICIT,
    FORMS,
    DataSet,
    Element,
    Form,
    instance,
    part10,
    read_file,
    value,
    values,
)
from support.data.profiles import builtin, profile

KEY = Key(bytes(range(32)))
IMAGE_TYPE = 0x00080008
MR: DataSet = [(0x00080060, "CS", b"MR"), (0x00080016, "UI", b"1.2.840.10008.5.1.4.1.1.4")]
SIEMENS: Element = (0x00190010, "LO", b"SIEMENS MR HEADER")
COUNT: Element = (0x0019100A, "US", struct.pack("<H", 16))
CSA: DataSet = [
    (0x00290010, "LO", b"SIEMENS CSA HEADER"),
    (0x00291010, "OB", b"SV10NumberOfImagesInMosaic16"),
]
MOSAIC: Element = (IMAGE_TYPE, "CS", b"ORIGINAL\\PRIMARY\\M\\ND\\MOSAIC ")
NO_MOSAIC = b"ORIGINAL\\PRIMARY\\M\\ND"


def run(
    content: DataSet, used: CompiledProfile, form: Form = EXPLICIT
) -> tuple[bytes, tuple[str, ...], DataSet]:
    """Return Image Type, the notes and the data set of a result that the verifier accepts in both depths."""
    data = part10(instance(*MR, *content), form)
    result = deidentify(data, used, KEY)
    for depth in ("full", "fast"):
        Verifier(used.profile, KEY, depth).check(data, result.output)
    found = read_file(bytes(result))
    return value(found, IMAGE_TYPE).rstrip(b" "), result.notes, found


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_research_keeps_the_number_of_tiles_and_the_announcement(form: Form) -> None:
    image_type, notes, found = run([MOSAIC, SIEMENS, COUNT], builtin("research"), form)
    assert image_type == MOSAIC[2].rstrip()
    assert notes == ()
    assert value(found, 0x0019100A) == COUNT[2]


@pytest.mark.parametrize("name", ["basic", "neutral"])
@pytest.mark.parametrize("form", FORMS, ids=str)
def test_profiles_that_drop_the_number_drop_the_announcement_and_note_it(name: str, form: Form) -> None:
    image_type, notes, found = run([MOSAIC, SIEMENS, COUNT], builtin(name), form)
    assert image_type == NO_MOSAIC
    assert notes == (TILES_LOST,)
    assert values(found, 0x0019100A) == []


@pytest.mark.parametrize(
    "counted",
    [
        [],
        CSA,
        [(0x00190010, "LO", b"SOMEBODY INC"), COUNT],
        [SIEMENS, (0x0019100A, "US", bytes(2))],
        [SIEMENS, (0x0019100A, "US", b"")],
        [SIEMENS, (0x00190011, "LO", b"SHOP"), (0x0019110A, "US", struct.pack("<H", 16))],
    ],
    ids=["nowhere", "CSA", "another creator", "zero", "empty", "another block"],
)
def test_research_drops_an_announcement_without_a_number(counted: DataSet) -> None:
    image_type, notes, _ = run([MOSAIC, *counted], builtin("research"))
    assert image_type == NO_MOSAIC
    assert notes == (TILES_LOST,)


def test_the_grid_of_united_imaging_is_kept_with_the_place_of_each_slice() -> None:
    creator: Element = (0x00650010, "LO", b"Image Private Header")
    places: list[DataSet] = [
        [(0x00200032, "DS", b"0\\0\\%d " % place), (0x00104000, "LT", b"NAGEL")] for place in range(2)
    ]
    grid = (IMAGE_TYPE, "CS", b"ORIGINAL\\PRIMARY\\M\\VFRAME")
    content: DataSet = [grid, creator, (0x00651050, "DS", b"2 "), (0x00651051, "SQ", places)]
    image_type, notes, found = run(content, builtin("research"))
    assert image_type == grid[2]
    assert notes == ()
    assert [each for item in value(found, 0x00651051) for each in values(item, 0x00200032)] == [
        b"0\\0\\0 ",
        b"0\\0\\1 ",
    ]
    assert run([grid, creator], builtin("research"))[0] == b"ORIGINAL\\PRIMARY\\M"


def test_a_rule_of_the_site_that_removes_the_number_counts_as_well() -> None:
    used = profile(
        options=["Retain Safe Private"],
        attributes=[{"attribute": '(0019,xx0A) "SIEMENS MR HEADER"', "action": "X"}],
    )
    assert run([MOSAIC, SIEMENS, COUNT], used)[:2] == (NO_MOSAIC, (TILES_LOST,))


@pytest.mark.parametrize("image_type", [b"MOSAIC\\PRIMARY\\M", b"ORIGINAL\\MOSAIC"])
def test_the_first_two_values_have_a_meaning_of_their_own(image_type: bytes) -> None:
    assert run([(IMAGE_TYPE, "CS", image_type)], builtin("research"))[:2] == (image_type, ())


def test_other_modalities_have_no_tiles_of_this_kind() -> None:
    data = part10(instance((IMAGE_TYPE, "CS", b"ORIGINAL\\PRIMARY\\MOSAIC "), (0x00080060, "CS", b"CT")))
    result = deidentify(data, builtin("research"), KEY)
    assert b"MOSAIC" in bytes(result)


def test_a_name_beside_the_announcement_is_still_found() -> None:
    content: DataSet = [(IMAGE_TYPE, "CS", b"ORIGINAL\\PRIMARY\\ANDERSSON\\MOSAIC"), SIEMENS]
    image_type, _, _ = run(content, builtin("research"))
    assert b"ANDERSSON" not in image_type
