"""Numeric attributes that place, scale or time an image (`geometry.csv`), and times of decay (`decay_times.csv`)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from orthanc_deid.standard.data_files import parse_tags, read_csv


@cache
def geometry_units() -> Mapping[int, str]:
    """Return the unit of each listed attribute by tag; an empty text where PS3.3 gives the number no unit."""
    return {tag: row["unit"] for row in read_csv("geometry.csv") for tag in parse_tags(row["tag"])}


@cache
def decay_times() -> frozenset[int]:
    """Return the dates and times from which a reader computes the decay of activity (`decay_times.csv`)."""
    return frozenset(tag for row in read_csv("decay_times.csv") for tag in parse_tags(row["tag"]))
