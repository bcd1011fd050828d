"""What the header of an image says once samples were written over."""

from __future__ import annotations

import pytest

from orthanc_deid.deid.changed_image import changed_header
from orthanc_deid.deid.pixels.palette import darkest_entry
from orthanc_deid.dicom import tags
from orthanc_deid.errors import RefusedError


def changed(
    values: dict[int, bytes], *, reversibly: bool = False, new_uid: bool = False
) -> dict[int, bytes | None]:
    found = changed_header(
        values,
        new_uid=(lambda uid: b"2.25." + uid[-2:]) if new_uid else None,
        transformed_reversibly=reversibly,
    )
    return {tag: new.value for tag, new in found.items()}


def test_an_image_that_says_nothing_is_said_to_have_no_text() -> None:
    assert changed({}) == {
        tags.BURNED_IN_ANNOTATION: b"NO",
        tags.DERIVATION_DESCRIPTION: b"Regions with text replaced by background",
    }


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"ORIGINAL\\PRIMARY\\AXIAL ", b"DERIVED\\PRIMARY\\AXIAL"),
        (b"ORIGINAL", b"DERIVED"),
        (b"DERIVED\\SECONDARY ", None),
        (b"", None),
    ],
)
def test_an_original_image_becomes_a_derived_one(before: bytes, after: bytes | None) -> None:
    assert changed({tags.IMAGE_TYPE: before}).get(tags.IMAGE_TYPE) == after
    groups = {tags.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE: b""}  # whose Frame Types would contradict it
    assert tags.IMAGE_TYPE not in changed({tags.IMAGE_TYPE: before} | groups)


def test_what_is_no_longer_known_to_be_true_goes() -> None:
    gone = (tags.SMALLEST_IMAGE_PIXEL_VALUE, tags.LARGEST_IMAGE_PIXEL_VALUE, tags.ICON_IMAGE_SEQUENCE)
    found = changed(dict.fromkeys(gone, b"\1\0"))
    assert [found[tag] for tag in gone] == [None] * 3


def test_a_description_that_is_there_stays() -> None:
    assert tags.DERIVATION_DESCRIPTION not in changed({tags.DERIVATION_DESCRIPTION: b"MPR "})


def test_components_that_are_transformed_reversibly_are_called_so() -> None:
    for photometric, reversibly, after in (
        (b"YBR_ICT ", True, b"YBR_RCT"),
        (b"YBR_ICT ", False, None),
        (b"RGB ", True, None),
    ):
        values = {tags.PHOTOMETRIC_INTERPRETATION: photometric}
        assert changed(values, reversibly=reversibly).get(tags.PHOTOMETRIC_INTERPRETATION) == after


def test_a_retained_uid_is_replaced() -> None:
    assert changed({tags.SOP_INSTANCE_UID: b"1.2.34"}, new_uid=True)[tags.SOP_INSTANCE_UID] == b"2.25.34"
    with pytest.raises(RefusedError):
        changed({}, new_uid=True)


def words(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(2, "little") for number in numbers)


def test_the_darkest_entry_of_a_palette() -> None:
    none = [b""] * 3
    table = words(900, 400, 50, 700)
    assert darkest_entry([words(4, 0, 16)] * 3, [table] * 3, none) == 2
    assert darkest_entry([words(4, 10, 16)] * 3, [table] * 3, none) == 12
    assert darkest_entry([words(4, 0, 8)] * 3, [bytes((9, 8, 7, 0))] * 3, none) == 3
    green = words(0, 0, 9000, 0)
    assert darkest_entry([words(4, 0, 16)] * 3, [table, green, table], none) == 1
    segments = words(0, 2, 900, 800, 1, 4, 0, 0, 1, 5)  # discrete 900, 800; linear to 0; discrete 5
    assert darkest_entry([words(7, 0, 16)] * 3, none, [segments] * 3) == 5


@pytest.mark.parametrize(
    ("descriptor", "data", "segments"),
    [
        (b"", words(1, 2), b""),
        (words(4, 0, 16), words(1, 2), b""),
        (words(4, 0, 12), words(1, 2, 3, 4), b""),
        (words(4, 0, 16), b"", b""),
        (words(4, 0, 16), b"", words(2, 1, 0, 0)),
        (words(4, 0, 16), b"", words(1, 4, 9)),
        (words(0, 65535, 16), words(*range(100)), b""),
    ],
)
def test_a_palette_that_cannot_be_read(descriptor: bytes, data: bytes, segments: bytes) -> None:
    assert darkest_entry([descriptor] * 3, [data] * 3, [segments] * 3) == -1
