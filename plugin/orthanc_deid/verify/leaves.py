"""A pair of items taken apart: their levels, and the elements that can be judged one by one, with their places."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import NamedTuple

from pydicom.dataelem import RawDataElement

from orthanc_deid.dicom.tags import ElementPath, is_private
from orthanc_deid.verify.creators import Creators
from orthanc_deid.verify.data_set import DataSet
from orthanc_deid.verify.expected import Want
from orthanc_deid.verify.rules import Place
from orthanc_deid.verify.small_items import Packed, small_item

Span = tuple[int, int]
"""(start, length) of a value in an encoded item."""

_ITEM_HEADER = 8
_ITEM_LENGTH = struct.Struct("<L").unpack_from


class Level(NamedTuple):
    """The items themselves, or items in them; `path` leads there, `creators` are the private ones that count."""

    place: Place
    path: ElementPath
    creators: Creators | None
    depth: int


class Leaf(NamedTuple):
    """An element of the original and its counterpart in the output, which has the number `at` among the values there.

    `level` is the number of the level that they stand in. `sequence` says of both whether they are sequences: one
    that is not descended into is one value, and its items are no levels.
    """

    level: int
    before: RawDataElement
    after: RawDataElement | None
    at: int
    sequence: tuple[bool, bool]


@dataclass(slots=True)
class Leaves:
    """The leaves of a pair in the order of the original; `before` and `after` are the places of their values.

    `counterparts` gives for each value of the output the number of its leaf.
    """

    item: Packed
    other: Packed
    leaves: list[Leaf] = field(default_factory=list)
    levels: list[Level] = field(default_factory=list)
    before: list[Span] = field(default_factory=list)
    after: list[Span] = field(default_factory=list)
    counterparts: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, place: Place, item: Packed, other: Packed) -> Leaves | None:
        """Return those of a pair without findings; None where one element's verdict hangs on another's value."""
        source, output = (small_item(each.data, each.encoding, each.depth) for each in (item, other))
        found = cls(item, other)
        if source is None or output is None or not found._take(place, source, output, (), (0, 0)):
            return None
        return found

    def _take(
        self, place: Place, source: DataSet, output: DataSet, path: ElementPath, starts: tuple[int, int]
    ) -> bool:
        """Take a level of which both sides begin at `starts`; whether its elements can be judged one by one."""
        if not (source.ordered and output.ordered):
            return False
        creators = Creators(source, output.elements) if place.needs_creators else None
        level = len(self.levels)
        self.levels.append(Level(place, path, creators, self.item.depth + len(path) // 2))
        for tag, element in source.elements.items():
            private = creators is not None and is_private(tag)
            if private and tag & 0xFFFF <= 0xFF:
                continue  # a creator is none of the values: where it is another one, the shape is another one
            creator = creators.of(tag) if creators is not None and private else None
            descended = place.expected(tag, element.VR, creator).want is Want.DESCENDED
            before, after = tag in source.sequences, tag in output.sequences
            if descended and before and after:
                if not self._items(place.inside(tag, creator), tag, source, output, path, starts):
                    return False
            else:
                self._leaf(
                    Leaf(level, element, output.elements.get(tag), len(self.after), (before, after)), starts
                )
        return True

    def _items(
        self,
        inside: Place,
        tag: int,
        source: DataSet,
        output: DataSet,
        path: ElementPath,
        starts: tuple[int, int],
    ) -> bool:
        at = starts[0] + source.elements[tag].value_tell
        other_at = starts[1] + output.elements[tag].value_tell
        pairs = zip(source.sequences[tag], output.sequences[tag], strict=True)
        for index, (item, other) in enumerate(pairs):
            at, other_at = at + _ITEM_HEADER, other_at + _ITEM_HEADER
            if not self._take(inside, item, other, (*path, tag, index), (at, other_at)):
                return False
            at += _ITEM_LENGTH(self.item.data, at - 4)[0]
            other_at += _ITEM_LENGTH(self.other.data, other_at - 4)[0]
        return True

    def _leaf(self, leaf: Leaf, starts: tuple[int, int]) -> None:
        self.before.append((starts[0] + leaf.before.value_tell, leaf.before.length))
        if leaf.after is not None:
            self.after.append((starts[1] + leaf.after.value_tell, leaf.after.length))
            self.counterparts.append(len(self.leaves))
        self.leaves.append(leaf)
