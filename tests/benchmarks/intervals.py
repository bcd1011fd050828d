"""The median of paired ratios with an interval that assumes nothing about the noise."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

FEWEST = 6
"""Pairs: with fewer, not even the least and the greatest ratio enclose the median with 95 % confidence."""


@dataclass(frozen=True, slots=True)
class Interval:
    """The median ratio, and the bounds that enclose the true median with 95 % confidence or more."""

    median: float
    low: float
    high: float


def median_interval(ratios: Sequence[float]) -> Interval:
    """Return the median of at least six ratios with its 95 % interval, from order statistics (the sign test)."""
    if len(ratios) < FEWEST:
        raise ValueError(f"an interval needs {FEWEST} ratios, not {len(ratios)}")
    ordered, count = sorted(ratios), len(ratios)
    outside, rank = 1 / 2**count, 0  # the chance that at most `rank` ratios lie on one side of the median
    while outside + math.comb(count, rank + 1) / 2**count <= 0.025:
        rank += 1
        outside += math.comb(count, rank) / 2**count
    return Interval(statistics.median(ordered), ordered[rank], ordered[count - 1 - rank])
