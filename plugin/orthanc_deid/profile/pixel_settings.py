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
    device: Annotated[bool, Field(validate_default=True)] = False
    """Whether the text areas known by device (`standard/device_boxes.csv`) are regions as well; only to clean."""
    when: Annotated[tuple[Condition, ...], Field(min_length=1)]
    """At least one condition; all must hold."""

    @field_validator("device")
    @classmethod
    def _has_regions(cls, device: bool, info: ValidationInfo) -> bool:
        cleans, named = info.data.get("outcome") == "clean", bool(info.data.get("regions")) or device
        if cleans is not named and {"outcome", "regions"} <= info.data.keys():
            raise ValueError(
                'accepted: regions or device = true with outcome = "clean", neither with "accept"'
            )
        return device


class Pixels(ProfileTable):
    """The treatment of images that show, or may show, burned-in text."""

    rules: tuple[PixelRule, ...] = ()
    """The first rule that holds for an image decides; where none holds, a suspected image is quarantined."""
