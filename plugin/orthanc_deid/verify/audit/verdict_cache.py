"""Which pairs of items have been judged before: equal bytes in the same place mean the same verdict."""

from __future__ import annotations

from orthanc_deid.verify.audit.item_templates import Patterns
from orthanc_deid.verify.reading.data_set import DataSet
from orthanc_deid.verify.rules.element_rules import Place
from orthanc_deid.verify.text.charsets import Terms

_MOST = 1 << 10


class Repeats:
    """Remembers the pairs of one instance, as far as `small_items` remembers their items."""

    def __init__(self) -> None:
        self._judged: dict[tuple[int, int, int, Terms], tuple[Place, DataSet, DataSet]] = {}
        self._patterns: dict[tuple[int, Terms], tuple[Place, Patterns]] = {}

    def known(self, place: Place, item: DataSet, other: DataSet, terms: Terms) -> bool:
        """Whether the pair was asked for before; from now on it was."""
        if not (item.remembered and other.remembered):
            return False
        key = (id(place), id(item), id(other), terms)
        if key in self._judged:
            return True
        if len(self._judged) >= _MOST:
            self._judged.clear()
        self._judged[key] = (place, item, other)  # held, so that no other takes its id
        return False

    def patterns(self, place: Place, terms: Terms) -> Patterns:
        """Return the pairs that were judged in the place, under the character set."""
        found = self._patterns.get((id(place), terms))
        if found is None:
            if len(self._patterns) >= _MOST:
                self._patterns.clear()
            found = self._patterns[id(place), terms] = place, Patterns(place)
        return found[1]
