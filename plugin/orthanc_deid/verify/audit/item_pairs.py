"""A pair of items taken apart: their levels, and the elements that can be checked one by one, with positions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from pydicom.dataelem import RawDataElement

from orthanc_deid.dicom.tags import SPECIFIC_CHARACTER_SET, ElementPath, is_private
from orthanc_deid.verify.reading.data_set import DataSet
from orthanc_deid.verify.reading.parsing import parsed_item
from orthanc_deid.verify.reading.private_creators import Creators
from orthanc_deid.verify.reading.small_items import EncodedItem
from orthanc_deid.verify.reading.value_spans import ByteSpan, ValueSpans
from orthanc_deid.verify.rules.element_rules import LevelRules
from orthanc_deid.verify.rules.expectations import Requirement


class LevelPair(NamedTuple):
    """One level of a pair: the items themselves, or items in them.

    `path`: the path from the items to this level. `creators`: its private creators, None where none are needed.
    """

    rules: LevelRules
    path: ElementPath
    creators: Creators | None
    depth: int


class ElementPair(NamedTuple):
    """An element of the original and its counterpart in the output, with the positions of their values in the items.

    `level`: the number of their level. `number`: that of the counterpart among the values of the output. `sequence`:
    for each of the two whether it is a sequence; one that is not descended into counts as one value.
    """

    level: int
    before: RawDataElement
    after: RawDataElement | None
    number: int
    starts: tuple[int, int]
    sequence: tuple[bool, bool]


@dataclass(slots=True)
class ItemPair:
    """The elements of a pair in the order of the original; `before` and `after` are the spans of their values.

    `counterparts`: for each value of the output the number of its element.
    """

    spans: tuple[dict[ElementPath, ByteSpan], dict[ElementPath, ByteSpan]]
    depth: int
    leaves: list[ElementPair] = field(default_factory=list)
    levels: list[LevelPair] = field(default_factory=list)
    before: list[ByteSpan] = field(default_factory=list)
    after: list[ByteSpan] = field(default_factory=list)
    counterparts: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, rules: LevelRules, item: EncodedItem, other: EncodedItem) -> ItemPair | None:
        """Return a pair without findings taken apart; None where its elements cannot be checked one by one."""
        source, output = parsed_item(item), parsed_item(other)
        before, after = ValueSpans.of(item, source), ValueSpans.of(other, output)
        if (
            before is None
            or after is None
            or any(path[-1] == SPECIFIC_CHARACTER_SET for path in before.by_path)
        ):
            return None
        found = cls((before.by_path, after.by_path), item.depth)
        found._take(rules, source, output, ())
        return found

    def _take(self, rules: LevelRules, source: DataSet, output: DataSet, path: ElementPath) -> None:
        creators = Creators(source, output.elements) if rules.needs_creators else None
        level = len(self.levels)
        self.levels.append(LevelPair(rules, path, creators, self.depth + len(path) // 2))
        for tag, element in source.elements.items():
            private = creators is not None and is_private(tag)
            if private and tag & 0xFFFF <= 0xFF:
                continue  # creators count as headers: another creator makes another layout
            creator = creators.of(tag) if creators is not None and private else None
            descended = rules.expected(tag, element.VR, creator).requirement is Requirement.DESCENDED
            sequence = tag in source.sequences, tag in output.sequences
            if descended and all(sequence):
                pairs = zip(source.sequences[tag], output.sequences[tag], strict=True)
                for index, pair in enumerate(pairs):
                    self._take(rules.inside(tag, creator), *pair, (*path, tag, index))
            else:
                self._leaf(level, element, output.elements.get(tag), (*path, tag), sequence)

    def _leaf(
        self,
        level: int,
        before: RawDataElement,
        after: RawDataElement | None,
        path: ElementPath,
        sequence: tuple[bool, bool],
    ) -> None:
        span = self.spans[0][path]
        other = self.spans[1].get(path, (0, 0))
        self.leaves.append(ElementPair(level, before, after, len(self.after), (span[0], other[0]), sequence))
        self.before.append(span)
        if after is not None:
            self.after.append(other)
            self.counterparts.append(len(self.leaves) - 1)
