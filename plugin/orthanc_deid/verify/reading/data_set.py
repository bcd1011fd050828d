"""One level of an instance as it was read: the top level, or an item."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from pydicom._dicom_dict import DicomDictionary
from pydicom.dataelem import RawDataElement

SEQUENCES: frozenset[int] = frozenset(tag for tag, entry in DicomDictionary.items() if entry[0] == "SQ")
"""The sequences of the data dictionary, by which sequences in implicit VR are recognized."""


class UnloadedValue(NamedTuple):
    """The position of a value that was not loaded; `fragments`: (start, length) of those of an encapsulated one."""

    start: int
    length: int
    fragments: tuple[tuple[int, int], ...] | None = None


@dataclass(slots=True)
class DataSet:
    """One level: raw elements by tag in the order of the bytes; sequences and unloaded values beside them.

    A tag in `sequences` or `unloaded` has an element too (without a value if its length is undefined). `duplicates`:
    elements hidden by a later one of the same tag. `ordered`: tags strictly increase. `number`: the index of an item
    in its sequence, where the reader skips some. `padded`: a few zeros follow the last element of the instance.
    `cached`: the object is shared by all items of the same bytes and must not be changed.
    """

    elements: dict[int, RawDataElement] = field(default_factory=dict)
    sequences: dict[int, Iterable[DataSet]] = field(default_factory=dict)
    unloaded: dict[int, UnloadedValue] = field(default_factory=dict)
    duplicates: list[RawDataElement] = field(default_factory=list)
    ordered: bool = True
    number: int = 0
    padded: bool = False
    cached: bool = False

    def check_order(self) -> None:
        """Set `ordered` for the elements that were read."""
        tags = list(self.elements)
        self.ordered = not self.duplicates and tags == sorted(tags)
