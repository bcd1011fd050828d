"""The regions of an image that a `pixels` rule of the profile has written over (`profile/RULES.md`)."""

from __future__ import annotations

from collections.abc import Iterable
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

    @property
    def is_empty(self) -> bool:
        """Whether no pixel lies in it."""
        return self.top >= self.bottom or self.left >= self.right

    def cut_out(self, other: Region) -> list[Region]:
        """Return what of it lies outside of another one: above, below, left and right of it."""
        upper, lower = max(self.top, other.top), min(self.bottom, other.bottom)
        first, behind = max(self.left, other.left), min(self.right, other.right)
        if upper >= lower or first >= behind:
            return [self]
        pieces = (
            Region(self.top, upper, self.left, self.right),
            Region(lower, self.bottom, self.left, self.right),
            Region(upper, lower, self.left, first),
            Region(upper, lower, behind, self.right),
        )
        return [piece for piece in pieces if not piece.is_empty]


def regions_of(rule: PixelRule, values: ConditionValues, ultrasound: Iterable[Region]) -> list[Region]:
    """Return the regions within each frame; `values`: of the top level of the original.

    `ultrasound`: the regions of its Sequence of Ultrasound Regions.
    """
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
    if rule.outside_ultrasound_regions:
        found += _without(Region(0, rows, 0, columns), ultrasound)
    return [each for each in found if not each.is_empty]


def _without(frame: Region, regions: Iterable[Region]) -> list[Region]:
    """Return regions that together are the frame without `regions`: each is cut out of all that is left."""
    left_over = [frame]
    for region in regions:
        if not region.is_empty:
            left_over = [piece for each in left_over for piece in each.cut_out(region)]
    return left_over


def _pixels(edge: float, *, up: bool) -> int:
    """Return an edge in pixels; a region holds the pixels that its edges cut."""
    exact = Fraction(edge)
    return -(-exact.numerator // exact.denominator) if up else exact.numerator // exact.denominator


def _number(values: tuple[str, ...]) -> int:
    text = values[0].strip(" \0") if values else ""
    return int(text) if text.isdigit() and len(text) < 6 else 0
