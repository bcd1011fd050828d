"""The full audit: original and output side by side, every element at every depth, each checked by its verdict."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise, zip_longest
from typing import NamedTuple

from orthanc_deid.dicom.tags import (
    CONTRIBUTING_EQUIPMENT_SEQUENCE,
    SPECIFIC_CHARACTER_SET,
    ElementPath,
    is_private,
)
from orthanc_deid.standard.tables import needed_attributes
from orthanc_deid.verify.audit.additions import Additions
from orthanc_deid.verify.audit.bound_attributes import check_bound, is_needed, without_need
from orthanc_deid.verify.audit.element_audit import ElementAudit
from orthanc_deid.verify.audit.evidence import Evidence, kept_text
from orthanc_deid.verify.audit.item_templates import ItemTemplates
from orthanc_deid.verify.audit.private_elements import consists_of_items, private_expectation
from orthanc_deid.verify.audit.value_pairs import ValuePairs
from orthanc_deid.verify.audit.verdict_cache import VerdictCache
from orthanc_deid.verify.findings import Findings
from orthanc_deid.verify.pixels.claimed_frames import ClaimedFrames
from orthanc_deid.verify.reading.data_set import DataSet
from orthanc_deid.verify.reading.instance import Instance
from orthanc_deid.verify.reading.parsing import FEW_ITEMS, encoded_items, parsed_item
from orthanc_deid.verify.reading.private_creators import Creators
from orthanc_deid.verify.reading.small_items import EncodedItem
from orthanc_deid.verify.rules.element_rules import LevelRules
from orthanc_deid.verify.rules.expectations import Expectation, Requirement
from orthanc_deid.verify.rules.value_rules import ValueRules, looks_like_numbers
from orthanc_deid.verify.text.decoding import Terms, parse_terms

_EMPTY = DataSet()


class _Levels(NamedTuple):
    """One level of the original beside the same level of the output.

    `prefix`: the path that leads to their elements. `terms`: the Specific Character Set of the original's.
    `creators`: its private creators, None where all private elements go.
    """

    rules: LevelRules
    source: DataSet
    output: DataSet
    prefix: ElementPath
    terms: Terms
    creators: Creators | None


class FullAudit:
    """One audit; it fills `findings`, and `evidence` with the values that are still to be searched."""

    def __init__(
        self,
        original: Instance,
        output: Instance,
        value_rules: ValueRules,
        findings: Findings,
        evidence: Evidence,
        claimed: ClaimedFrames | None = None,
    ) -> None:
        """`claimed`: the samples that the engine claims to have changed; None where it claims none."""
        self._original = original
        self._output = output
        self._findings = findings
        self._evidence = evidence
        self._additions = Additions(original, output, value_rules, findings)
        self._values = ValuePairs(original, output, claimed)
        self._element_audit = ElementAudit(self._values, value_rules, self._additions, findings, evidence)
        self._verdicts = VerdictCache()

    def run(self, rules: LevelRules) -> None:
        """Audit the instance; `rules` are those of its top level."""
        self._level(rules, self._original.data_set, self._output.data_set, (), ())

    def _level(
        self, rules: LevelRules, source: DataSet, output: DataSet, prefix: ElementPath, terms: Terms
    ) -> None:
        if not output.ordered:
            self._findings.add("PS3.5 7.1", "elements out of order or twice", prefix[:-1])
        terms = _terms(source, terms)
        creators = Creators(source, output.elements) if rules.needs_creators else None
        self._elements(_Levels(rules, source, output, prefix, terms, creators))
        for hidden in source.duplicates:
            expected = rules.expected(hidden.tag + 0, hidden.VR, None)
            self._element_audit.note(expected, hidden.value or b"", terms)
        self._additions.check(output.elements.keys() - source.elements.keys(), rules, output, prefix)
        if not prefix:
            self._additions.check_presence(rules)

    def _elements(self, levels: _Levels) -> None:
        """Check each element of the original by its counterpart in the output."""
        rules, source, output, prefix, terms, creators = levels
        table, outputs, sequences = rules.table, output.elements, source.sequences
        texts = self._evidence.texts
        same_order = not self._values.byte_order_changed  # else equal bytes are other numbers
        gone, number, searched = Requirement.GONE, Requirement.NUMBER, Requirement.SEARCHED
        for tag, element in source.elements.items():
            if creators is not None and is_private(tag):
                creator, expected = private_expectation(rules, creators, self._original, source, tag)
            else:
                creator, known = None, table.get(tag)
                if known is None or known.written != element[1]:
                    known = rules.expected(tag, element[1], None)
                expected = known
            other = outputs.get(tag)
            if expected.plain:  # only equality or absence to be checked: most elements end here
                requirement = expected.requirement
                if requirement is gone and other is None and tag not in sequences:
                    continue
                if (
                    requirement is not gone
                    and same_order
                    and other
                    and element[3] == other[3] is not None
                    and element[1] == other[1]
                ):
                    if requirement is number and not looks_like_numbers(other[3], expected.vr):
                        self._findings.add(expected.rule, "kept although no number", (*prefix, tag))
                    elif requirement is searched:
                        texts.append(kept_text(other[3], terms, (*prefix, tag), expected))
                    else:
                        self._evidence.take_numbers(expected, other[3], prefix, tag)
                    continue
            self._element(levels, tag, expected, creator)

    def _element(self, levels: _Levels, tag: int, expected: Expectation, creator: str | None) -> None:
        """Check one element that equality alone does not decide."""
        rules, source, output, prefix, terms, _ = levels
        if expected.requirement is Requirement.STAMP:
            return  # the original's stamps are dropped; the stamp audit checks ours
        if tag == CONTRIBUTING_EQUIPMENT_SEQUENCE and not prefix:
            self._equipment(levels, expected)
        elif tag in source.sequences:
            only_safe = expected.requirement is Requirement.SAFE_INSIDE
            self._sequence(levels, tag, expected, rules.inside(tag, creator, only_safe=only_safe))
        else:
            if tag in needed_attributes():
                expected = without_need(rules, tag, expected, source, output)
            self._element_audit.check(tag, expected, source, output, (*prefix, tag), terms)
            if is_needed(tag):
                check_bound(rules, tag, source, output, self._findings, prefix)

    def _sequence(self, levels: _Levels, tag: int, expected: Expectation, inside: LevelRules) -> None:
        before, output = levels.source.sequences[tag], levels.output
        path, requirement = (*levels.prefix, tag), expected.requirement
        if tag in output.elements and is_private(tag):
            consists_of_items(self._output, output, tag, len(inside.path))
        after = output.sequences.get(tag)
        if requirement in (Requirement.DESCENDED, Requirement.SAFE_INSIDE) and after is not None:
            self._items(inside, before, after, path, levels.terms)
            if requirement is Requirement.SAFE_INSIDE and not any(map(_holds_private, after)):
                self._findings.add(expected.rule, "no safe element left in a private sequence", path)
            return
        if requirement is Requirement.SAFE_INSIDE:
            self._nothing_safe(inside, before, path, levels.terms)
            expected = expected.under(Requirement.GONE)
        self._not_descended(levels, expected, before, path, inside)

    def _nothing_safe(
        self, inside: LevelRules, before: Iterable[DataSet], path: ElementPath, terms: Terms
    ) -> None:
        """Check a private sequence that was removed: no private element in it had to stay."""
        for index, item in enumerate(before):
            prefix, inner = (*path, index), _terms(item, terms)
            creators = Creators(item)
            for tag in [tag for tag in item.elements if is_private(tag) and tag & 0xFFFF > 0xFF]:
                creator, expected = private_expectation(inside, creators, self._original, item, tag)
                if tag not in item.sequences:
                    self._element_audit.check(tag, expected, item, _EMPTY, (*prefix, tag), inner)
                elif expected.requirement is Requirement.SAFE_INSIDE:
                    rules = inside.inside(tag, creator, only_safe=True)
                    self._nothing_safe(rules, item.sequences[tag], (*prefix, tag), inner)
                elif expected.requirement is not Requirement.GONE:
                    self._findings.add(expected.rule, "private sequence missing", (*prefix, tag))

    def _not_descended(
        self,
        levels: _Levels,
        expected: Expectation,
        before: Iterable[DataSet],
        path: ElementPath,
        inside: LevelRules,
    ) -> None:
        """Check a sequence whose items do not stay, and collect the identifying values in them."""
        after, requirement = levels.output.sequences.get(path[-1]), expected.requirement
        for index, item in enumerate(before):
            self._collect(inside, item, (*path, index), levels.terms)
        if after is None:
            if requirement is not Requirement.GONE or path[-1] in levels.output.elements:
                self._findings.add(expected.rule, f"sequence missing where {requirement.value} is due", path)
            return
        items = list(after)
        if requirement is Requirement.DUMMY and items:
            self._additions.check_dummy_item(items, inside, path)
        elif items or (requirement is Requirement.DUMMY and any(True for _ in before)):
            self._findings.add(expected.rule, f"sequence not {requirement.value}", path)

    def _equipment(self, levels: _Levels, expected: Expectation) -> None:
        """Check the items of Contributing Equipment Sequence before ours, which the stamp audit checks."""
        rules, source, output, _, terms, _ = levels
        path = (CONTRIBUTING_EQUIPMENT_SEQUENCE,)
        inside = rules.inside(CONTRIBUTING_EQUIPMENT_SEQUENCE, None)
        before = source.sequences.get(CONTRIBUTING_EQUIPMENT_SEQUENCE, ())
        if CONTRIBUTING_EQUIPMENT_SEQUENCE not in source.sequences:
            self._element_audit.note(
                expected, self._values.before(source, CONTRIBUTING_EQUIPMENT_SEQUENCE), terms
            )
        if expected.requirement is not Requirement.DESCENDED:
            for index, item in enumerate(before):
                self._collect(inside, item, (*path, index), terms)
            before = ()
        others = (item for item, _ in pairwise(output.sequences.get(CONTRIBUTING_EQUIPMENT_SEQUENCE, ())))
        self._items(inside, before, others, path, terms)

    def _items(
        self,
        inside: LevelRules,
        before: Iterable[DataSet],
        after: Iterable[DataSet],
        path: ElementPath,
        terms: Terms,
    ) -> None:
        templates: ItemTemplates | None = None
        for index, (item, other) in enumerate(zip_longest(encoded_items(before), encoded_items(after))):
            if item is None or other is None:
                self._findings.add("sequence items", "number changed", path)
                return
            if index >= FEW_ITEMS and isinstance(item, EncodedItem) and isinstance(other, EncodedItem):
                templates = templates or self._verdicts.templates(inside, terms)
                self._encoded_pair(templates, item, other, (*path, index), terms)
            else:
                self._pair(inside, parsed_item(item), parsed_item(other), (*path, index), terms)

    def _pair(
        self, rules: LevelRules, item: DataSet, other: DataSet, path: ElementPath, terms: Terms
    ) -> None:
        if not self._verdicts.is_known(rules, item, other, terms):
            self._level(rules, item, other, path, terms)

    def _encoded_pair(
        self, templates: ItemTemplates, item: EncodedItem, other: EncodedItem, path: ElementPath, terms: Terms
    ) -> None:
        """Check two items: by their differences from a pair that was checked before, or in full."""
        differences = templates.differences(item, other)
        if differences is None:
            self._pair(templates.rules, parsed_item(item), parsed_item(other), path, terms)
            if not self._findings:
                templates.learn(item, other)
            return
        for level, source, output in differences:
            prefix = (*path, *level.path)
            self._elements(_Levels(level.rules, source, output, prefix, terms, level.creators))

    def _collect(self, rules: LevelRules, source: DataSet, prefix: ElementPath, terms: Terms) -> None:
        """Collect the identifying values of items that are gone from the output."""
        terms = _terms(source, terms)
        creators = Creators(source) if rules.needs_creators else None
        for tag, element in source.elements.items():
            creator = None
            if creators is not None and is_private(tag):
                creator = creators.of(tag)
                if any(map(is_private, prefix[::2])):
                    consists_of_items(self._original, source, tag, len(rules.path) + 1)
            expected = rules.expected(tag, element.VR, creator)
            if tag in source.sequences:
                inside = rules.inside(tag, creator)
                for index, item in enumerate(source.sequences[tag]):
                    self._collect(inside, item, (*prefix, tag, index), terms)
            elif expected.kind is not None or expected.vr == "UI":
                self._element_audit.note(expected, self._original.value(source, tag), terms)


def _holds_private(item: DataSet) -> bool:
    """Whether an item has a private data element, at any depth."""
    return any(is_private(tag) and tag & 0xFFFF > 0xFF for tag in item.elements) or any(
        _holds_private(inner) for items in item.sequences.values() for inner in items
    )


def _terms(level: DataSet, outer: Terms) -> Terms:
    element = level.elements.get(SPECIFIC_CHARACTER_SET)
    return outer if element is None else parse_terms(element.value)
