"""The regions of an image that a `pixels` rule of the profile has written over (`profile/RULES.md`)."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from orthanc_deid.dicom.tags import COLUMNS, ROWS
from orthanc_deid.profile.conditions import ConditionValues
from orthanc_deid.profile.pixel_settings import PixelRule
from orthanc_deid.verify.rules.text_areas import AREA_TAGS, text_areas

REGION_TAGS = AREA_TAGS | {ROWS, COLUMNS}
"""The top-level attributes on which the regions depend."""


class Region(NamedTuple):
    """Half-open edges of a region in pixels."""

    top: int
    bottom: int
    left: int
    right: int


def regions_of(rule: PixelRule, values: ConditionValues) -> list[Region]:
    """Return the regions within each frame; `values`: of the top level of the original."""
    rows, columns = (_number(values.get(tag, ())) for tag in (ROWS, COLUMNS))
    found = []
    for edges in rule.regions:
        whole = all(isinstance(edge, int) for edge in edges)
        top, bottom, left, right = (
            int(edge) if whole else _pixels(edge * size, up=up)
            for edge, size, up in zip(edges, (rows, rows, columns, columns), (False, True) * 2, strict=True)
        )
        found.append(Region(top, min(bottom, rows), left, min(right, columns)))
    if rule.device:
        found += [Region(*area) for area in text_areas(values, rows, columns)]
    return [each for each in found if each.top < each.bottom and each.left < each.right]


def _pixels(edge: float, *, up: bool) -> int:
    """Return an edge in pixels; a region holds the pixels that its edges cut."""
    exact = Fraction(edge)
    return -(-exact.numerator // exact.denominator) if up else exact.numerator // exact.denominator


def _number(values: tuple[str, ...]) -> int:
    text = values[0].strip(" \0") if values else ""
    return int(text) if text.isdigit() and len(text) < 6 else 0
