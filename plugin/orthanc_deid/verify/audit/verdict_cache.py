"""Pairs of items that were checked before: equal bytes under the same rules get the same verdict."""

from __future__ import annotations

from orthanc_deid.verify.audit.item_templates import ItemTemplates
from orthanc_deid.verify.reading.data_set import DataSet
from orthanc_deid.verify.rules.element_rules import LevelRules
from orthanc_deid.verify.text.decoding import Terms

_MOST = 1 << 10


class VerdictCache:
    """The checked pairs of one instance, as far as `small_items` caches their items."""

    def __init__(self) -> None:
        self._checked: dict[tuple[int, int, int, Terms], tuple[LevelRules, DataSet, DataSet]] = {}
        self._templates: dict[tuple[int, Terms], tuple[LevelRules, ItemTemplates]] = {}

    def is_known(self, rules: LevelRules, item: DataSet, other: DataSet, terms: Terms) -> bool:
        """Return whether the pair was checked before, and record it."""
        if not (item.cached and other.cached):
            return False
        key = (id(rules), id(item), id(other), terms)
        if key in self._checked:
            return True
        if len(self._checked) >= _MOST:
            self._checked.clear()
        self._checked[key] = (rules, item, other)  # kept alive, so that no other object takes their ids
        return False

    def templates(self, rules: LevelRules, terms: Terms) -> ItemTemplates:
        """Return the templates of the rules, under the character set."""
        found = self._templates.get((id(rules), terms))
        if found is None:
            if len(self._templates) >= _MOST:
                self._templates.clear()
            found = self._templates[id(rules), terms] = rules, ItemTemplates(rules)
        return found[1]
