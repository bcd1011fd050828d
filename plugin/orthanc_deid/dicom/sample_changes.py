"""Changes of image samples that a de-identified instance claims: the engine states them, the verifier checks them.

No action changes samples today, so the engine claims none. The claim is part of the engine's result because only the
engine knows which samples it meant to overwrite; the verifier must compare all others with the original.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SampleChange:
    """One rectangle of one frame whose samples were overwritten.

    `frame`: index from 0. `rows` and `columns`: half-open ranges in pixels, counted from 0 at the upper left corner
    (PS3.3 section C.7.6.3.1.1); every sample of each pixel in both ranges may differ, no other may.
    """

    frame: int
    rows: range
    columns: range
