"""An instance with regions of its frames written over, before any rule is applied to it.

So every rule sees the image as it is written: its header says what is true of the new samples, and is then
de-identified like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from orthanc_deid.config.key import Key
from orthanc_deid.deid.changed_image import CHANGED_TAGS, NewValue, changed_header
from orthanc_deid.deid.element_encoder import encode_element
from orthanc_deid.deid.pixels.blanking.image import FrameBlanker, blanked_native, by_frame
from orthanc_deid.deid.pixels.codecs.by_syntax import LOSSY_2000
from orthanc_deid.deid.pixels.device_boxes import DEVICE_TAGS
from orthanc_deid.deid.pixels.fill import Fill
from orthanc_deid.deid.pixels.frames.encapsulated import ByteEdit
from orthanc_deid.deid.pixels.frames.instance_frames import OFFSET_TAGS, frame_changes, true_offsets
from orthanc_deid.deid.pixels.image_shape import SHAPE_TAGS, ImageShape, refused
from orthanc_deid.deid.pixels.palette import darkest_entry
from orthanc_deid.deid.sample_lengths import values_between
from orthanc_deid.deid.uids import UidMap
from orthanc_deid.dicom.elements import Event, EventKind, MalformedError
from orthanc_deid.dicom.part10 import NATIVE, Encoded
from orthanc_deid.dicom.sample_changes import SampleChange
from orthanc_deid.dicom.tags import (
    PIXEL_DATA,
    RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
    RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
    RESCALE_SLOPE,
    SEGMENTED_RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
)
from orthanc_deid.dicom.uniform_tables import note_everything
from orthanc_deid.dicom.walker import walk

REVERSIBLY = "frames compressed with loss are written without further loss"
"""A note: such frames may be several times longer."""

_PALETTE: Final = tuple(
    tuple(first + colour for colour in range(3))
    for first in (
        RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
        RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
        SEGMENTED_RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
    )
)
_NEEDED: Final = frozenset({RESCALE_SLOPE, PIXEL_DATA, *OFFSET_TAGS, *CHANGED_TAGS}.union(*_PALETTE))


class WrittenOver(NamedTuple):
    """The instance as it is then, the samples that it claims to have changed, and notes for the report."""

    encoded: Encoded
    claims: tuple[SampleChange, ...]
    notes: tuple[str, ...]


class _Span(NamedTuple):
    """The header start, value start and end of a top-level element; three times its place where it is missing."""

    start: int
    value: int
    end: int

    @property
    def is_missing(self) -> bool:
        return self.start == self.end


def written_over(
    encoded: Encoded,
    values: Mapping[int, tuple[str, ...]],
    positions: Mapping[int, tuple[int, int]],
    changes: Iterable[SampleChange],
    key: Key | None,
) -> WrittenOver:
    """Return the instance with `changes` carried out. Raises RefusedError for an image that cannot be changed safely.

    `values`: as `image_values` returns them. `positions`: where bulk data of the top level stands. `key`: the
    SOP Instance UID is replaced by it here; None: a rule replaces it.
    """
    if PIXEL_DATA not in positions:
        refused("no image")
    shape = ImageShape.of(values)
    regions = by_frame(changes, shape)
    spans = _top_level(encoded)
    raw = {
        tag: bytes(encoded.buffer[span.value : span.end]) for tag, span in spans.items() if tag != PIXEL_DATA
    }
    present = {tag: value for tag, value in raw.items() if not spans[tag].is_missing}
    fill = _fill(shape, present)
    notes: list[str] = []
    if encoded.transfer_syntax in NATIVE:
        edits, claims = blanked_native(encoded.buffer, positions[PIXEL_DATA], shape, regions, fill)
    else:
        blanker = FrameBlanker(encoded.transfer_syntax, shape, regions, fill)
        found = frame_changes(encoded, values, positions, checks_high_bits=False, new_frame=blanker)
        if found is None:
            refused("no fragments")
        blanker.check_all_seen()
        offsets = {
            tag: NewValue("OV", true_offsets(tag, found) or None) for tag in OFFSET_TAGS & present.keys()
        }
        edits = [*found.edits, *_elements(encoded, spans, offsets)]
        claims = tuple(blanker.claims)
        if blanker.reversibly:
            notes.append(REVERSIBLY)
    uids = UidMap(key) if key is not None else None
    header = changed_header(
        present,
        new_uid=None if uids is None else uids.__getitem__,
        transformed_reversibly=len(regions) == shape.frames and encoded.transfer_syntax in LOSSY_2000,
    )
    edits = sorted([*edits, *_elements(encoded, spans, header)])
    return WrittenOver(_edited(encoded, edits), claims, tuple(notes))


def image_values(encoded: Encoded) -> Mapping[int, tuple[str, ...]]:
    """Return the top-level values that describe the image and tell its device, by tag.

    Raises MalformedError where the end of the file is not read.
    """
    if encoded.tail is not None:
        raise MalformedError("samples that are to be changed")
    tags = DEVICE_TAGS | SHAPE_TAGS
    return values_between(encoded.buffer, encoded.start, encoded.end, tags, explicit=encoded.explicit)


def _top_level(encoded: Encoded) -> dict[int, _Span]:
    """Return where the needed elements of the top level stand, or would stand."""
    events = walk(
        encoded.buffer,
        encoded.start,
        encoded.end,
        note_everything(explicit=encoded.explicit),
        explicit=encoded.explicit,
        marks=tuple(sorted(_NEEDED)),
    )
    return dict(_spans(events))


def _spans(events: Sequence[Event]) -> Iterator[tuple[int, _Span]]:
    depth, opened = 0, (0, 0, 0)
    for kind, start, value, end, step in events:
        if kind == EventKind.MARK:
            yield step, _Span(start, start, start)
        elif kind == EventKind.SEQUENCE:
            if not depth:
                opened = step, start, value
            depth += 1
        elif kind == EventKind.SEQUENCE_END:
            depth -= 1
            if not depth and opened[0] in _NEEDED:
                yield opened[0], _Span(opened[1], opened[2], end)
        elif kind == EventKind.ELEMENT and not depth and step in _NEEDED:
            yield step, _Span(start, value, end)


def _fill(shape: ImageShape, present: Mapping[int, bytes]) -> Fill:
    slope = present.get(RESCALE_SLOPE, b"").split(b"\\")[0].strip(b" \0")
    palette = [[present.get(tag, b"") for tag in tags] for tags in _PALETTE]
    darkest = darkest_entry(*palette) if shape.photometric == "PALETTE COLOR" else -1
    return Fill(shape, darkest, inverted=slope.startswith(b"-"))


def _elements(
    encoded: Encoded, spans: Mapping[int, _Span], new: Mapping[int, NewValue]
) -> Iterator[ByteEdit]:
    for tag, (vr, value) in new.items():
        span = spans[tag]
        element = b"" if value is None else encode_element(tag, vr, value, explicit=encoded.explicit)
        yield span.start, span.end, element


def _edited(encoded: Encoded, edits: Iterable[ByteEdit]) -> Encoded:
    whole, at = memoryview(encoded.buffer), encoded.start
    pieces: list[bytes | memoryview] = []
    for start, end, new in edits:
        pieces += (whole[at:start], new)
        at = end
    data = b"".join((*pieces, whole[at : encoded.end]))
    return Encoded(data, 0, len(data), encoded.transfer_syntax, encoded.form, rewritten=encoded.rewritten)
