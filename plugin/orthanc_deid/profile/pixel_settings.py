"""The treatment of images that show, or may show, burned-in text: the table `[pixels]` of a profile."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from orthanc_deid.profile.base_model import ProfileTable
from orthanc_deid.profile.condition_model import Condition

_LARGEST = 65535


def _region(region: tuple[int | float, ...]) -> tuple[int | float, ...]:
    top, bottom, left, right = region
    pixels = all(isinstance(each, int) for each in region)
    most = _LARGEST if pixels else 1
    if not (0 <= top < bottom <= most and 0 <= left < right <= most):
        raise ValueError(
            "accepted: [top, bottom, left, right] in whole pixels, or in fractions of the image from 0.0 to 1.0; "
            "top before bottom, left before right"
        )
    return region


Region = Annotated[
    tuple[int | float, int | float, int | float, int | float],
    AfterValidator(_region),
]
"""Top, bottom, left and right: pixels, half-open, or with a point fractions of rows and columns."""


class PixelRule(ProfileTable):
    """What is done with the images for which `when` holds."""

    outcome: Literal["accept", "clean"] = "accept"
    """accept: the site has made sure that these images show no identity; clean: its regions are written over."""
    regions: tuple[Region, ...] = ()
    """Where these images show identity: [top, bottom, left, right] in pixels or in fractions; only to clean."""
    device: bool = False
    """Whether the text areas known by device (`standard/device_boxes.csv`) are regions as well; only to clean."""
    outside_ultrasound_regions: Annotated[bool, Field(validate_default=True)] = False
    """Whether all outside of the regions of Sequence of Ultrasound Regions is a region as well; only to clean."""
    frames: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1)] | None = None
    """The numbers of the frames that show identity, from 1; all if not given; only to clean."""
    when: Annotated[tuple[Condition, ...], Field(min_length=1)]
    """At least one condition; all must hold."""

    @field_validator("outside_ultrasound_regions")
    @classmethod
    def _has_regions(cls, outside: bool, info: ValidationInfo) -> bool:
        cleans = info.data.get("outcome") == "clean"
        named = bool(info.data.get("regions")) or info.data.get("device", False) or outside
        if cleans is not named and {"outcome", "regions", "device"} <= info.data.keys():
            raise ValueError(
                "accepted: regions, device = true or outside_ultrasound_regions = true "
                'with outcome = "clean", none of them with "accept"'
            )
        return outside


class Pixels(ProfileTable):
    """The treatment of images that show, or may show, burned-in text."""

    rules: tuple[PixelRule, ...] = ()
    """The first rule that holds for an image decides; where none holds, a suspected image is quarantined."""
