"""The classes of the accuracy set: how words are written into a picture, and the share of them that must be found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from accuracy.people import Script

Ink = Literal["opaque", "inverse", "outlined", "transparent", "added"]


@dataclass(frozen=True)
class PictureClass:
    """One class. `floor`: the least share of words that must be found, in percent.

    `capitals`: heights of capital letters in pixels, least and most. `degrees`: how far lines may be turned, one of them
    by chance. `ink`: how words are drawn; `strength`: least and most, the share of the range that `added` ink adds or
    the opacity of `transparent` ink. `quality` of lossy JPEG, or None. `loop`: words on `all` frames or on `one`.
    """

    name: str
    floor: float
    capitals: tuple[int, int] = (13, 48)
    degrees: tuple[float, ...] = (0,)
    ink: tuple[Ink, ...] = ("opaque",)
    strength: tuple[float, float] = (1, 1)
    script: Script | None = None
    quality: tuple[int, int] | None = None
    loop: Literal["", "all", "one"] = ""
    background: Literal["", "radiograph", "ultrasound"] = ""


CLASSES = (
    PictureClass("clear", 99.7),
    PictureClass("cyrillic", 98.5, script="cyrillic"),
    PictureClass("small", 97, capitals=(7, 12)),
    PictureClass("large", 97, capitals=(49, 110), background="radiograph"),
    PictureClass("rotated", 95, degrees=(90, 270)),
    PictureClass("upside down", 95, degrees=(180,)),
    PictureClass("tilted", 96, degrees=(-15, -8, -4, -2, 2, 4, 8, 15)),
    PictureClass("transparent", 95, ink=("transparent",), strength=(0.3, 0.6)),
    PictureClass("outlined", 98.5, ink=("outlined",), capitals=(16, 48)),
    PictureClass("inverse", 98.5, ink=("inverse",)),
    PictureClass("jpeg", 96, quality=(60, 90)),
    PictureClass("low contrast", 94, ink=("added",), strength=(0.05, 0.10)),
    PictureClass("barely visible", 85, ink=("added",), strength=(0.01, 0.03)),
    PictureClass("standing in a loop", 98.5, loop="all", background="ultrasound"),
    PictureClass("one frame of many", 97, loop="one", background="ultrasound"),
)
