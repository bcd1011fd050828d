"""What the header of an image must say once samples were written over: a pure function of what it said before.

PS3.3 C.7.6.1.1 (Image Type, Derivation Description), C.7.6.3 (values of pixels) and C.7.6.1 (Burned In Annotation).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from orthanc_deid.deid.pixels.image_shape import refused
from orthanc_deid.dicom.tags import (
    BURNED_IN_ANNOTATION,
    DERIVATION_DESCRIPTION,
    ICON_IMAGE_SEQUENCE,
    IMAGE_TYPE,
    LARGEST_IMAGE_PIXEL_VALUE,
    PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE,
    PHOTOMETRIC_INTERPRETATION,
    SMALLEST_IMAGE_PIXEL_VALUE,
    SOP_INSTANCE_UID,
)

DESCRIPTION: Final = b"Regions with text replaced by background"
CHANGED_TAGS: Final = frozenset(
    {
        *(
            IMAGE_TYPE,
            BURNED_IN_ANNOTATION,
            DERIVATION_DESCRIPTION,
            PHOTOMETRIC_INTERPRETATION,
            SOP_INSTANCE_UID,
        ),
        *(SMALLEST_IMAGE_PIXEL_VALUE, LARGEST_IMAGE_PIXEL_VALUE, ICON_IMAGE_SEQUENCE),
        PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE,
    }
)
"""The top-level attributes on which `changed_header` depends, or which it changes."""


class NewValue(NamedTuple):
    """A value that an element gets; None: the element goes."""

    vr: str
    value: bytes | None


def changed_header(
    values: Mapping[int, bytes], *, new_uid: Callable[[bytes], bytes] | None, transformed_reversibly: bool
) -> dict[int, NewValue]:
    """Return the elements that change, by tag.

    `values`: of the elements of `CHANGED_TAGS` that the image has, as bytes. `new_uid`: the new
    SOP Instance UID by the old one; None where a rule replaces it anyhow. `transformed_reversibly`: every frame is a
    JPEG 2000 codestream whose components are transformed reversibly.
    """
    changed = {BURNED_IN_ANNOTATION: NewValue("CS", b"NO")}
    for tag in (SMALLEST_IMAGE_PIXEL_VALUE, LARGEST_IMAGE_PIXEL_VALUE, ICON_IMAGE_SEQUENCE):
        if tag in values:
            changed[tag] = NewValue("", None)
    kind, *others = values.get(IMAGE_TYPE, b"").split(b"\\")
    # The Frame Type of each frame must agree with Image Type, so that it stays where there are functional groups.
    if kind.strip(b" \0") == b"ORIGINAL" and PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE not in values:
        changed[IMAGE_TYPE] = NewValue("CS", b"\\".join([b"DERIVED", *others]).rstrip(b" \0"))
    if not values.get(DERIVATION_DESCRIPTION, b"").strip(b" \0"):
        changed[DERIVATION_DESCRIPTION] = NewValue("ST", DESCRIPTION)
    if transformed_reversibly and values.get(PHOTOMETRIC_INTERPRETATION, b"").strip(b" \0") == b"YBR_ICT":
        changed[PHOTOMETRIC_INTERPRETATION] = NewValue("CS", b"YBR_RCT")
    if new_uid is not None:
        if not values.get(SOP_INSTANCE_UID):
            refused("no SOP Instance UID", SOP_INSTANCE_UID)
        changed[SOP_INSTANCE_UID] = NewValue("UI", new_uid(values[SOP_INSTANCE_UID]))
    return changed
