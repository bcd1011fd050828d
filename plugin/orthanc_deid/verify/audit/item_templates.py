"""Templates of item pairs: a pair like one that was checked before is checked by its differences from that.

Thousands of items of a few layouts describe the frames of a multi-frame image. The verdict on a pair depends on its
rules, on the headers of both sides, and on the values of each element by itself. So where a pair has the layouts of
one that was checked in full without findings, only those elements are checked whose value differs on either side.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import compress, count
from operator import ne
from typing import NamedTuple

from pydicom.dataelem import RawDataElement

from orthanc_deid.verify.audit.item_pairs import ElementPair, ItemPair, LevelPair
from orthanc_deid.verify.reading.data_set import DataSet
from orthanc_deid.verify.reading.element_headers import Encoding, ParseError
from orthanc_deid.verify.reading.item_layouts import ItemLayout, LearningBudget
from orthanc_deid.verify.reading.parsing import read_items
from orthanc_deid.verify.reading.small_items import EncodedItem
from orthanc_deid.verify.reading.stream import within
from orthanc_deid.verify.rules.element_rules import LevelRules

_MOST = 8  # templates of items of the same lengths
_MOST_LENGTHS = 1 << 10


class Difference(NamedTuple):
    """Elements of one level of a pair that are still to be checked."""

    level: LevelPair
    source: DataSet
    output: DataSet


@dataclass(slots=True)
class _Template:
    """A pair that was checked: its layouts, its values, and its elements in the order of the original."""

    shapes: tuple[ItemLayout, ItemLayout]
    values: tuple[tuple[bytes, ...], tuple[bytes, ...]]
    leaves: tuple[ElementPair, ...]
    counterparts: tuple[int, ...]
    levels: tuple[LevelPair, ...]

    def differences(self, item: EncodedItem, other: EncodedItem) -> Iterable[Difference] | None:
        """Return the differences of a pair of these layouts, None where it has others."""
        before = self.shapes[0].values(item)
        after = None if before is None else self.shapes[1].values(other)
        if before is None or after is None:
            return None
        changed = {*compress(count(), map(ne, before, self.values[0]))}
        changed.update(compress(self.counterparts, map(ne, after, self.values[1])))
        found: dict[int, Difference] = {}
        for number in sorted(changed):
            leaf = self.leaves[number]
            there = found.get(leaf.level)
            if there is None:
                there = found[leaf.level] = Difference(self.levels[leaf.level], DataSet(), DataSet())
            tag = leaf.before[0] + 0
            there.source.elements[tag] = _with(leaf.before, before[number])
            if leaf.after is not None:
                there.output.elements[tag] = _with(leaf.after, after[leaf.number])
            if any(leaf.sequence) and not _open(there, leaf, (item, other)):
                return None
        return found.values()


def _with(element: RawDataElement, value: bytes) -> RawDataElement:
    """Return the element with another value of the same length."""
    tag, vr, length, old, start, implicit, little, *_ = element
    return RawDataElement(tag, vr, length, value or old, start, implicit, little)


def _open(there: Difference, leaf: ElementPair, pair: tuple[EncodedItem, EncodedItem]) -> bool:
    """Parse the items of a sequence that is not descended into, on both sides; return whether that succeeded."""
    sides, depth = (there.source, there.output), there.level.depth + 1
    for side, item, sequence, start in zip(sides, pair, leaf.sequence, leaf.starts, strict=True):
        if not sequence:
            continue
        element = side.elements[leaf.before[0] + 0]
        value, at = element.value or b"", item.position + start
        encoding = Encoding(not element.is_implicit_VR, little=True, strict=item.encoding.strict)
        if element.VR == "UN":
            return False  # only its items show how they are encoded
        try:
            items = read_items(within(value, at), at, at + len(value), encoding, depth)
            side.sequences[leaf.before[0] + 0] = tuple(inner for inner, _ in items)
        except ParseError:
            return False
    return True


class ItemTemplates:
    """The templates of one level's rules, under one character set."""

    def __init__(self, rules: LevelRules) -> None:
        self.rules = rules
        self._met: dict[tuple[int, int], list[_Template]] = {}
        self._budget = LearningBudget()

    def differences(self, item: EncodedItem, other: EncodedItem) -> Iterable[Difference] | None:
        """Return the differences of a pair from a template; None where there is no template of its layouts."""
        for template in self._met.get((len(item.data), len(other.data)), ()):
            found = template.differences(item, other)
            if found is not None:
                self._budget.used += 1
                return found
        return None

    def learn(self, item: EncodedItem, other: EncodedItem) -> None:
        """Make a template of a pair without findings, if a pair of the same lengths was met before."""
        lengths = len(item.data), len(other.data)
        known = self._met.get(lengths)
        if known is None:
            if len(self._met) >= _MOST_LENGTHS:
                self._met.clear()
            self._met[lengths] = []
        elif self._budget.one_more():
            found = ItemPair.of(self.rules, item, other)
            if found is not None:
                known[_MOST - 1 :] = []
                known.insert(0, _template(found, item, other))


def _template(found: ItemPair, item: EncodedItem, other: EncodedItem) -> _Template:
    shapes = ItemLayout(item, found.before), ItemLayout(other, found.after)
    return _Template(
        shapes,
        (shapes[0].values(item) or (), shapes[1].values(other) or ()),
        tuple(found.leaves),
        tuple(found.counterparts),
        tuple(found.levels),
    )
