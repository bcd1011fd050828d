"""Known private attributes, by private creator and element.

Those of PS3.15 Table E.3.10-1 are safe, and so are those of this project's `safe_private_supplement.csv`; those of
`epoch_seconds.csv` hold a date and time as seconds since 1970.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from orthanc_deid.standard.data_files import read_csv


@dataclass(frozen=True, slots=True)
class SafePrivate:
    """One row of Table E.3.10-1 or of the supplement. `element` is the low byte; the block depends on the data set.

    `vr` is as printed: five rows of the table have none, two have `OW/OB`. `purpose`: why the supplement keeps it
    (geometry, timing, diffusion, scaling, dose); empty for the rows of the table.
    """

    creator: str
    group: int
    element: int
    vr: str
    vm: str
    meaning: str
    purpose: str = ""


@cache
def _rows() -> Mapping[tuple[str, int, int], SafePrivate]:
    rows = {}
    for name in ("ps315_safe_private.csv", "safe_private_supplement.csv"):
        for row in read_csv(name):
            key = (row["creator"], *_numbers(row["tag"]))
            rows[key] = SafePrivate(*key, row["vr"], row["vm"], row["meaning"], row.get("purpose", ""))
    return rows


def _numbers(tag: str) -> tuple[int, int]:
    """Return group and element of `(0019,xx0C)`."""
    return int(tag[1:5], 16), int(tag[8:10], 16)


def safe_private(creator: str, group: int, element: int) -> SafePrivate | None:
    """Return the row of a private element, or None where it is not listed.

    `creator` is the value of the Private Creator (compared trimmed of spaces and NULs), `group` the odd group and
    `element` the low byte of the element number.
    """
    return _rows().get((creator.strip(" \0"), group, element & 0xFF))


@cache
def _seconds() -> Mapping[tuple[str, int, int], str]:
    return {(row["creator"], *_numbers(row["tag"])): row["vr"] for row in read_csv("epoch_seconds.csv")}


def epoch_seconds(creator: str, group: int, element: int) -> str | None:
    """Return the VR of a private element that holds seconds since 1970 (UTC), None for any other.

    The arguments are those of `safe_private`.
    """
    return _seconds().get((creator.strip(" \0"), group, element & 0xFF))


@cache
def _samples() -> frozenset[tuple[str, int, int]]:
    return frozenset(
        (row["creator"], int(row["tag"][1:5], 16), int(row["tag"][8:10], 16))
        for row in read_csv("private_samples.csv")
    )


def private_samples(creator: str, group: int, element: int) -> bool:
    """Whether a private element holds samples, coordinates or the like, in which letters occur by chance.

    The arguments are those of `safe_private`.
    """
    return (creator.strip(" \0"), group, element & 0xFF) in _samples()


def all_safe_private() -> tuple[SafePrivate, ...]:
    """Return the 479 rows of the table and those of the supplement, by creator and tag."""
    return tuple(_rows().values())


@cache
def safe_creators() -> frozenset[str]:
    """Return the private creators of the safe elements: terms of published lists, which name no person."""
    return frozenset(creator for creator, _, _ in _rows())


@cache
def tile_counts() -> Mapping[str, tuple[str, int, int]]:
    """Return the private element that counts the tiles of an image, by the value of Image Type that announces them.

    The element is (creator, group, element), as in `safe_private`.
    """
    return {
        row["image_type"]: (row["creator"], *_numbers(row["tag"])) for row in read_csv("tiled_images.csv")
    }
