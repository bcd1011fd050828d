"""The regions that a `pixels` rule of the profile names, as changes of samples of every frame."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, floor

from orthanc_deid.deid.pixels.device_boxes import device_rectangles
from orthanc_deid.deid.pixels.image_shape import ImageShape, refused
from orthanc_deid.deid.pixels.ultrasound_regions import outside, ultrasound_regions
from orthanc_deid.dicom.part10 import Encoded
from orthanc_deid.dicom.sample_changes import SampleChange
from orthanc_deid.profile.pixel_settings import PixelRule

_MOST_CHANGES = 1_000_000


def rule_regions(
    rule: PixelRule, shape: ImageShape, values: Mapping[int, tuple[str, ...]], encoded: Encoded
) -> list[SampleChange]:
    """Return the regions of every frame, cut to the image; raises RefusedError where there is none.

    `values`: decoded top-level values by tag, of the attributes that tell the device.
    """
    found = {cut for region in rule.regions if (cut := _cut(region, shape))}
    if rule.device:
        found.update(device_rectangles(values, shape.rows, shape.columns))
    if rule.outside_ultrasound_regions:
        found.update(outside(ultrasound_regions(encoded), shape.rows, shape.columns))
    named = (
        range(shape.frames) if rule.frames is None else [number - 1 for number in sorted(set(rule.frames))]
    )
    frames = [frame for frame in named if frame < shape.frames]
    if not found or not frames:
        refused("no region of the rule lies in the image")
    if len(found) * len(frames) > _MOST_CHANGES:
        refused("too many regions")
    return [
        SampleChange(frame, range(top, bottom), range(left, right))
        for frame in frames
        for top, bottom, left, right in sorted(found)
    ]


def _cut(region: tuple[int | float, ...], shape: ImageShape) -> tuple[int, int, int, int] | None:
    """Return a region in pixels, cut to the image; None where nothing of it is in the image."""
    if not all(isinstance(each, int) for each in region):
        top, bottom, left, right = region
        return (
            floor(top * shape.rows),
            ceil(bottom * shape.rows),
            floor(left * shape.columns),
            ceil(right * shape.columns),
        )
    top, bottom, left, right = map(int, region)
    bottom, right = min(bottom, shape.rows), min(right, shape.columns)
    return (top, bottom, left, right) if top < bottom and left < right else None
