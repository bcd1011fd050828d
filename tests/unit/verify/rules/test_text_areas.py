"""Engine and check find the same areas of text for any header."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from orthanc_deid.deid.pixels.device_boxes import DEVICE_TAGS, device_rectangles
from orthanc_deid.dicom import tags
from orthanc_deid.standard.tables import DeviceBox, device_boxes
from orthanc_deid.verify.rules.text_areas import text_areas

BOXES = device_boxes()
FIELDS = {
    tags.MANUFACTURER: "manufacturer",
    tags.MANUFACTURER_MODEL_NAME: "model",
    tags.MODALITY: "modality",
    tags.SOP_CLASS_UID: "sop_class",
    tags.IMAGE_TYPE: "image_type",
    tags.SERIES_DESCRIPTION: "series_description",
    tags.SOFTWARE_VERSIONS: "software_versions",
    tags.SECONDARY_CAPTURE_DEVICE_MANUFACTURER_MODEL_NAME: "capture_device",
    tags.BURNED_IN_ANNOTATION: "burned_in_annotation",
}
WORDS = {tag: sorted({each for box in BOXES for each in getattr(box, name)}) for tag, name in FIELDS.items()}
HEIGHTS = sorted({box.rows for box in BOXES if box.rows})
WIDTHS = sorted({box.columns for box in BOXES if box.columns})
ODD = st.text("aI ſKİı0.;\\ß\0-é", max_size=4)  # letters whose case folding is special, and signs


def respelled(word: str) -> st.SearchStrategy[str]:
    """Return the word with other capitals, cut, or with something around it."""
    return st.one_of(
        st.just(word),
        st.just(word.upper()),
        st.just(word.title()),
        st.just(word[1:]),
        st.tuples(ODD, ODD).map(lambda around: around[0] + word + around[1]),
    )


@st.composite
def images(draw: st.DrawFn) -> tuple[dict[int, tuple[str, ...]], int, int]:
    """Return a header near a row of the table, and a size of frames that is often the row's."""
    box: DeviceBox = draw(st.sampled_from(BOXES))
    header: dict[int, tuple[str, ...]] = {}
    for tag in sorted(DEVICE_TAGS):
        own = getattr(box, FIELDS[tag])
        words = st.sampled_from(own if own and draw(st.integers(0, 9)) else WORDS[tag]).flatmap(respelled)
        values: list[str] = draw(st.lists(words | ODD if not own else words, min_size=bool(own), max_size=2))
        is_present: bool = draw(st.booleans())
        if values or is_present:
            header[tag] = tuple(values)
    rows = box.rows if box.rows and draw(st.integers(0, 9)) else draw(st.sampled_from([0, 1, 50, *HEIGHTS]))
    columns = (
        box.columns if box.columns and draw(st.integers(0, 9)) else draw(st.sampled_from([0, 1, 50, *WIDTHS]))
    )
    return header, rows, columns


@given(images())
def test_engine_and_check_agree_on_the_areas_of_text(
    image: tuple[dict[int, tuple[str, ...]], int, int],
) -> None:
    header, rows, columns = image
    found = device_rectangles(header, rows, columns)
    assert found == text_areas(header, rows, columns)
    assert all(0 <= each.top < each.bottom <= rows for each in found)
    assert all(0 <= each.left < each.right <= columns for each in found)
    assert device_rectangles(header, rows, columns) == found, "a second answer, from the cache"
