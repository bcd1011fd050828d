"""One level of an instance as it was read: the top level, or an item."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from pydicom._dicom_dict import DicomDictionary
from pydicom.dataelem import RawDataElement

SEQUENCES: frozenset[int] = frozenset(tag for tag, entry in DicomDictionary.items() if entry[0] == "SQ")
"""The sequences of the data dictionary: what an implicit VR element is told by."""


class UnloadedValue(NamedTuple):
    """A value that was not loaded: it stands at `start`; `fragments` are those of an encapsulated one."""

    start: int
    length: int
    fragments: tuple[tuple[int, int], ...] | None = None


@dataclass(slots=True)
class DataSet:
    """One level: raw elements by tag in the order of the bytes; sequences and unloaded values beside them.

    A tag in `sequences` or `spans` has an element too (of undefined length it carries no value). `twice` holds
    the elements that a later one with the same tag hid; `ordered` says that tags strictly increase. `number` is
    that of an item among those that were read, where some were passed over; `padded` says that a few zeros stand
    behind the last element of the instance. One that is `remembered` stands for every item of the same bytes and
    is not to be changed.
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
        """Tell whether the elements that were read are in order."""
        tags = list(self.elements)
        self.ordered = not self.duplicates and tags == sorted(tags)
