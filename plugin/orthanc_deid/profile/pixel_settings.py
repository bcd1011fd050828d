"""The treatment of images that show, or may show, burned-in text: the table `[pixels]` of a profile."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from orthanc_deid.profile.base_model import ProfileTable
from orthanc_deid.profile.condition_model import Condition


class PixelRule(ProfileTable):
    """What is done with the images for which `when` holds."""

    outcome: Literal["accept"] = "accept"
    """accept: the site has made sure that these images show no identity."""
    when: Annotated[tuple[Condition, ...], Field(min_length=1)]
    """At least one condition; all must hold."""


class Pixels(ProfileTable):
    """The treatment of images that show, or may show, burned-in text."""

    rules: tuple[PixelRule, ...] = ()
    """The first rule that holds for an image decides; where none holds, a suspected image is quarantined."""
