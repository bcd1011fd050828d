"""The end of an item of undefined length, found by the layouts of the items before it."""

from __future__ import annotations

from orthanc_deid.verify.reading.data_set import DataSet
from orthanc_deid.verify.reading.element_headers import Encoding
from orthanc_deid.verify.reading.item_layouts import ItemLayout, LearningBudget
from orthanc_deid.verify.reading.small_items import EncodedItem
from orthanc_deid.verify.reading.stream import DEFER, Stream
from orthanc_deid.verify.reading.value_spans import ValueSpans

_MOST = 8


class ItemEnds:
    """The layouts of the items of one sequence that pydicom has read: an item of the same layout ends alike."""

    __slots__ = ("_budget", "_layouts")

    def __init__(self) -> None:
        self._layouts: list[ItemLayout] = []
        self._budget = LearningBudget()

    def find(self, stream: Stream, position: int, encoding: Encoding, depth: int) -> EncodedItem | None:
        """Return the item whose data set begins at `position`, None where it has no known layout."""
        for layout in self._layouts:
            data = stream.bytes(position, layout.size, moving=True)
            item = EncodedItem(data, encoding, depth, position, delimited=True)
            if layout.values(item) is not None:
                self._budget.used += 1
                return item
        return None

    def learn(self, stream: Stream, start: int, end: int, encoding: Encoding, level: DataSet) -> None:
        """Record the layout of an item, delimiter included, that pydicom has read."""
        if end - start > DEFER or not self._budget.one_more():
            return
        item = EncodedItem(stream.bytes(start, end - start), encoding, 0, start, delimited=True)
        spans = ValueSpans.of(item, level)
        if spans is not None:
            self._layouts[_MOST - 1 :] = []
            self._layouts.insert(0, ItemLayout(item, spans.plain))
