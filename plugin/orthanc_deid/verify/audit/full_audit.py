"""Original and output side by side, every element at every depth, each against the verdict of the rules."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise, zip_longest

from orthanc_deid.dicom.tags import ElementPath, is_private
from orthanc_deid.verify.audit.additions import Additions
from orthanc_deid.verify.audit.element_audit import ElementAudit
from orthanc_deid.verify.audit.evidence import Evidence, Text
from orthanc_deid.verify.audit.hidden_sequences import parsed_as_sequence
from orthanc_deid.verify.audit.item_templates import ItemTemplates
from orthanc_deid.verify.audit.stamp_audit import EQUIPMENT
from orthanc_deid.verify.audit.value_pairs import ValuePairs
from orthanc_deid.verify.audit.verdict_cache import VerdictCache
from orthanc_deid.verify.findings import Findings
from orthanc_deid.verify.reading.data_set import SPECIFIC_CHARACTER_SET, DataSet
from orthanc_deid.verify.reading.instance import Instance
from orthanc_deid.verify.reading.parsing import FEW_ITEMS, encoded_items, parsed_item
from orthanc_deid.verify.reading.private_creators import Creators
from orthanc_deid.verify.reading.small_items import EncodedItem
from orthanc_deid.verify.rules.element_rules import LevelRules
from orthanc_deid.verify.rules.expectations import Expectation, Requirement
from orthanc_deid.verify.rules.value_rules import ValueRules, looks_like_numbers
from orthanc_deid.verify.text.binary_values import BinaryValue, may_hold_a_word
from orthanc_deid.verify.text.decoding import Terms, parse_terms


class FullAudit:
    """One walk; afterwards `findings` and `evidence` hold what it found and what is still to be searched."""

    def __init__(
        self,
        original: Instance,
        output: Instance,
        value_rules: ValueRules,
        findings: Findings,
        evidence: Evidence,
    ) -> None:
        self._original = original
        self._output = output
        self._value_rules = value_rules
        self._findings = findings
        self._evidence = evidence
        self._additions = Additions(original, output, value_rules, findings)
        self._values = ValuePairs(original, output)
        self._element_audit = ElementAudit(original, output, value_rules, self._additions, findings, evidence)
        self._verdicts = VerdictCache()

    def run(self, rules: LevelRules) -> None:
        """Audit the instance, whose top level is `place`."""
        self._level(rules, self._original.data_set, self._output.data_set, (), ())

    def _level(
        self, rules: LevelRules, source: DataSet, output: DataSet, prefix: ElementPath, terms: Terms
    ) -> None:
        if not output.ordered:
            self._findings.add("PS3.5 7.1", "elements out of order or twice", prefix[:-1])
        terms = _terms(source, terms)
        creators = Creators(source, output.elements) if rules.needs_creators else None
        self._elements(rules, source, output, prefix, terms, creators)
        for duplicates in source.duplicates:
            self._element_audit.note(
                rules.expected(duplicates.tag + 0, duplicates.VR, None), duplicates.value or b"", terms
            )
        self._additions.check(output.elements.keys() - source.elements.keys(), rules, output, prefix)
        if not prefix:
            self._additions.check_presence(rules)

    def _elements(
        self,
        rules: LevelRules,
        source: DataSet,
        output: DataSet,
        prefix: ElementPath,
        terms: Terms,
        creators: Creators | None,
    ) -> None:
        """Judge the elements of `source`, each by itself, by its counterpart in `output`."""
        table, outputs = rules.table, output.elements
        texts, numbers = self._evidence.texts, self._evidence.numbers
        same_order = not self._values.turned  # else equal bytes are other numbers
        for tag, element in source.elements.items():
            creator = creators.of(tag) if creators is not None and is_private(tag) else None
            expected = table.get(tag) if creator is None else None
            if expected is None or expected.written != element[1]:
                expected = rules.expected(tag, element[1], creator)
            if creators is not None and creators.is_needed(tag):
                expected = expected.under(Requirement.KEPT)
            if (
                creator is not None
                and expected.requirement is Requirement.DESCENDED
                and tag not in source.sequences
            ):
                expected = parsed_as_sequence(expected, tag, (self._original, source), (self._output, output))
            other = outputs.get(tag)
            if expected.plain:  # nothing but equality or absence to be seen: most elements end here
                if expected.requirement is Requirement.GONE:
                    if other is None and tag not in source.sequences:
                        continue
                elif same_order and other and element[3] == other[3] is not None and element[1] == other[1]:
                    if expected.requirement is Requirement.NUMBER and not looks_like_numbers(
                        other[3], expected.vr
                    ):
                        self._findings.add(expected.rule, "kept although no number", (*prefix, tag))
                    elif expected.requirement is Requirement.SEARCHED:
                        texts.append(Text(other[3], terms, (*prefix, tag), expected.vr, expected.rule))
                    elif may_hold_a_word(expected.vr, other[3]):
                        numbers.append(BinaryValue((*prefix, tag), expected.vr, expected.rule, other[3]))
                    continue
            self._element(rules, tag, expected, source, output, prefix, terms, creator)

    def _element(
        self,
        rules: LevelRules,
        tag: int,
        expected: Expectation,
        source: DataSet,
        output: DataSet,
        prefix: ElementPath,
        terms: Terms,
        creator: str | None,
    ) -> None:
        path = (*prefix, tag)
        if expected.requirement is Requirement.STAMP:
            return  # those of the original are dropped; ours are judged with the stamps
        if tag == EQUIPMENT and not prefix:
            self._equipment(rules, expected, source, output, terms)
            return
        if tag in source.sequences:
            self._sequence(rules.inside(tag, creator), tag, expected, source, output, path, terms)
            return
        self._element_audit.check(tag, expected, source, output, path, terms)

    def _sequence(
        self,
        inside: LevelRules,
        tag: int,
        expected: Expectation,
        source: DataSet,
        output: DataSet,
        path: ElementPath,
        terms: Terms,
    ) -> None:
        before, after = source.sequences[tag], output.sequences.get(tag)
        requirement = expected.requirement
        if requirement is Requirement.DESCENDED and after is not None:
            self._items(inside, before, after, path, terms)
            return
        for index, item in enumerate(before):
            self._collect(inside, item, (*path, index), terms)
        if after is None:
            if requirement is not Requirement.GONE or tag in output.elements:
                self._findings.add(expected.rule, f"sequence missing where {requirement.value} is due", path)
            return
        items = list(after)
        if requirement is Requirement.DUMMY and items:
            self._additions.check_dummy_item(items, inside, path)
        elif items or (requirement is Requirement.DUMMY and any(True for _ in before)):
            self._findings.add(expected.rule, f"sequence not {requirement.value}", path)

    def _equipment(
        self, rules: LevelRules, expected: Expectation, source: DataSet, output: DataSet, terms: Terms
    ) -> None:
        """Judge the items that the original's have become; ours behind them is judged with the stamps."""
        inside, before = rules.inside(EQUIPMENT, None), source.sequences.get(EQUIPMENT, ())
        if EQUIPMENT not in source.sequences:
            self._element_audit.note(expected, self._values.before(source, EQUIPMENT), terms)
        if expected.requirement is not Requirement.DESCENDED:
            for index, item in enumerate(before):
                self._collect(inside, item, (EQUIPMENT, index), terms)
            before = ()
        others = (item for item, _ in pairwise(output.sequences.get(EQUIPMENT, ())))
        self._items(inside, before, others, (EQUIPMENT,), terms)

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
                self._encoded_pair(templates, inside, item, other, (*path, index), terms)
            else:
                self._pair(inside, parsed_item(item), parsed_item(other), (*path, index), terms)

    def _pair(
        self, rules: LevelRules, item: DataSet, other: DataSet, path: ElementPath, terms: Terms
    ) -> None:
        if not self._verdicts.known(rules, item, other, terms):
            self._level(rules, item, other, path, terms)

    def _encoded_pair(
        self,
        templates: ItemTemplates,
        rules: LevelRules,
        item: EncodedItem,
        other: EncodedItem,
        path: ElementPath,
        terms: Terms,
    ) -> None:
        """Judge two items: by what differs from a pair like them, or in full."""
        differences = templates.differences(item, other)
        if differences is None:
            self._pair(rules, parsed_item(item), parsed_item(other), path, terms)
            if not self._findings:
                templates.learn(item, other)
            return
        for level, source, output in differences:
            prefix = (*path, *level.path)
            self._elements(level.rules, source, output, prefix, terms, level.creators)

    def _collect(self, rules: LevelRules, source: DataSet, prefix: ElementPath, terms: Terms) -> None:
        """Gather the identifying values of items that are gone from the output."""
        terms = _terms(source, terms)
        creators = Creators(source) if rules.needs_creators else None
        for tag, element in source.elements.items():
            creator = creators.of(tag) if creators is not None and is_private(tag) else None
            expected = rules.expected(tag, element.VR, creator)
            if tag in source.sequences:
                inside = rules.inside(tag, creator)
                for index, item in enumerate(source.sequences[tag]):
                    self._collect(inside, item, (*prefix, tag, index), terms)
            elif expected.kind is not None or expected.vr == "UI":
                self._element_audit.note(expected, self._original.value(source, tag), terms)


def _terms(level: DataSet, outer: Terms) -> Terms:
    element = level.elements.get(SPECIFIC_CHARACTER_SET)
    return outer if element is None else parse_terms(element.value)
