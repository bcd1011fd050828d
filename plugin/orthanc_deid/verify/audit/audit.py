"""Original and output side by side, every element at every depth, each against the verdict of the rules."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise, zip_longest

from orthanc_deid.dicom.tags import ElementPath, is_private
from orthanc_deid.verify.audit.additions import Additions
from orthanc_deid.verify.audit.counterparts import Counterparts
from orthanc_deid.verify.audit.evidence import Evidence, Text
from orthanc_deid.verify.audit.hidden_sequences import unfolded
from orthanc_deid.verify.audit.item_templates import Patterns
from orthanc_deid.verify.audit.stamp_audit import EQUIPMENT
from orthanc_deid.verify.audit.value_pairs import Values
from orthanc_deid.verify.audit.verdict_cache import Repeats
from orthanc_deid.verify.findings import Findings
from orthanc_deid.verify.reading.data_set import SPECIFIC_CHARACTER_SET, DataSet
from orthanc_deid.verify.reading.instance import Instance
from orthanc_deid.verify.reading.parsing import FEW, opened, packed
from orthanc_deid.verify.reading.private_creators import Creators
from orthanc_deid.verify.reading.small_items import Packed
from orthanc_deid.verify.rules.element_rules import Place
from orthanc_deid.verify.rules.expectations import Expected, Want
from orthanc_deid.verify.rules.judgement import Judge, looks_like_numbers
from orthanc_deid.verify.text.binary_values import Unread, may_hold_a_word
from orthanc_deid.verify.text.charsets import Terms, parse_terms


class Audit:
    """One walk; afterwards `findings` and `evidence` hold what it found and what is still to be searched."""

    def __init__(
        self, original: Instance, output: Instance, judge: Judge, findings: Findings, evidence: Evidence
    ) -> None:
        self._original = original
        self._output = output
        self._judge = judge
        self._findings = findings
        self._evidence = evidence
        self._additions = Additions(original, output, judge, findings)
        self._values = Values(original, output)
        self._counterparts = Counterparts(original, output, judge, self._additions, findings, evidence)
        self._repeats = Repeats()

    def run(self, place: Place) -> None:
        """Audit the instance, whose top level is `place`."""
        self._level(place, self._original.data_set, self._output.data_set, (), ())

    def _level(
        self, place: Place, source: DataSet, output: DataSet, prefix: ElementPath, terms: Terms
    ) -> None:
        if not output.ordered:
            self._findings.add("PS3.5 7.1", "elements out of order or twice", prefix[:-1])
        terms = _terms(source, terms)
        creators = Creators(source, output.elements) if place.needs_creators else None
        self._elements(place, source, output, prefix, terms, creators)
        for twice in source.twice:
            self._counterparts.note(place.expected(twice.tag + 0, twice.VR, None), twice.value or b"", terms)
        self._additions.judge(output.elements.keys() - source.elements.keys(), place, output, prefix)
        if not prefix:
            self._additions.judge_presence(place)

    def _elements(
        self,
        place: Place,
        source: DataSet,
        output: DataSet,
        prefix: ElementPath,
        terms: Terms,
        creators: Creators | None,
    ) -> None:
        """Judge the elements of `source`, each by itself, by its counterpart in `output`."""
        table, outputs = place.table, output.elements
        texts, numbers = self._evidence.texts, self._evidence.numbers
        same_order = not self._values.turned  # else equal bytes are other numbers
        for tag, element in source.elements.items():
            creator = creators.of(tag) if creators is not None and is_private(tag) else None
            expected = table.get(tag) if creator is None else None
            if expected is None or expected.written != element[1]:
                expected = place.expected(tag, element[1], creator)
            if creators is not None and creators.is_needed(tag):
                expected = expected.under(Want.KEPT)
            if creator is not None and expected.want is Want.DESCENDED and tag not in source.sequences:
                expected = unfolded(expected, tag, (self._original, source), (self._output, output))
            other = outputs.get(tag)
            if expected.plain:  # nothing but equality or absence to be seen: most elements end here
                if expected.want is Want.GONE:
                    if other is None and tag not in source.sequences:
                        continue
                elif same_order and other and element[3] == other[3] is not None and element[1] == other[1]:
                    if expected.want is Want.NUMBER and not looks_like_numbers(other[3], expected.vr):
                        self._findings.add(expected.rule, "kept although no number", (*prefix, tag))
                    elif expected.want is Want.SEARCHED:
                        texts.append(Text(other[3], terms, (*prefix, tag), expected.vr, expected.rule))
                    elif may_hold_a_word(expected.vr, other[3]):
                        numbers.append(Unread((*prefix, tag), expected.vr, expected.rule, other[3]))
                    continue
            self._element(place, tag, expected, source, output, prefix, terms, creator)

    def _element(
        self,
        place: Place,
        tag: int,
        expected: Expected,
        source: DataSet,
        output: DataSet,
        prefix: ElementPath,
        terms: Terms,
        creator: str | None,
    ) -> None:
        path = (*prefix, tag)
        if expected.want is Want.STAMP:
            return  # those of the original are dropped; ours are judged with the stamps
        if tag == EQUIPMENT and not prefix:
            self._equipment(place, expected, source, output, terms)
            return
        if tag in source.sequences:
            self._sequence(place.inside(tag, creator), tag, expected, source, output, path, terms)
            return
        self._counterparts.judge(tag, expected, source, output, path, terms)

    def _sequence(
        self,
        inside: Place,
        tag: int,
        expected: Expected,
        source: DataSet,
        output: DataSet,
        path: ElementPath,
        terms: Terms,
    ) -> None:
        before, after = source.sequences[tag], output.sequences.get(tag)
        want = expected.want
        if want is Want.DESCENDED and after is not None:
            self._items(inside, before, after, path, terms)
            return
        for index, item in enumerate(before):
            self._collect(inside, item, (*path, index), terms)
        if after is None:
            if want is not Want.GONE or tag in output.elements:
                self._findings.add(expected.rule, f"sequence missing where {want.value} is due", path)
            return
        items = list(after)
        if want is Want.DUMMY and items:
            self._additions.judge_dummy_item(items, inside, path)
        elif items or (want is Want.DUMMY and any(True for _ in before)):
            self._findings.add(expected.rule, f"sequence not {want.value}", path)

    def _equipment(
        self, place: Place, expected: Expected, source: DataSet, output: DataSet, terms: Terms
    ) -> None:
        """Judge the items that the original's have become; ours behind them is judged with the stamps."""
        inside, before = place.inside(EQUIPMENT, None), source.sequences.get(EQUIPMENT, ())
        if EQUIPMENT not in source.sequences:
            self._counterparts.note(expected, self._values.before(source, EQUIPMENT), terms)
        if expected.want is not Want.DESCENDED:
            for index, item in enumerate(before):
                self._collect(inside, item, (EQUIPMENT, index), terms)
            before = ()
        others = (item for item, _ in pairwise(output.sequences.get(EQUIPMENT, ())))
        self._items(inside, before, others, (EQUIPMENT,), terms)

    def _items(
        self,
        inside: Place,
        before: Iterable[DataSet],
        after: Iterable[DataSet],
        path: ElementPath,
        terms: Terms,
    ) -> None:
        patterns: Patterns | None = None
        for index, (item, other) in enumerate(zip_longest(packed(before), packed(after))):
            if item is None or other is None:
                self._findings.add("sequence items", "number changed", path)
                return
            if index >= FEW and isinstance(item, Packed) and isinstance(other, Packed):
                patterns = patterns or self._repeats.patterns(inside, terms)
                self._packed(patterns, inside, item, other, (*path, index), terms)
            else:
                self._pair(inside, opened(item), opened(other), (*path, index), terms)

    def _pair(self, place: Place, item: DataSet, other: DataSet, path: ElementPath, terms: Terms) -> None:
        if not self._repeats.known(place, item, other, terms):
            self._level(place, item, other, path, terms)

    def _packed(
        self, patterns: Patterns, place: Place, item: Packed, other: Packed, path: ElementPath, terms: Terms
    ) -> None:
        """Judge two items: by what differs from a pair like them, or in full."""
        differences = patterns.differences(item, other)
        if differences is None:
            self._pair(place, opened(item), opened(other), path, terms)
            if not self._findings:
                patterns.learn(item, other)
            return
        for level, source, output in differences:
            prefix = (*path, *level.path)
            self._elements(level.place, source, output, prefix, terms, level.creators)

    def _collect(self, place: Place, source: DataSet, prefix: ElementPath, terms: Terms) -> None:
        """Gather the identifying values of items that are gone from the output."""
        terms = _terms(source, terms)
        creators = Creators(source) if place.needs_creators else None
        for tag, element in source.elements.items():
            creator = creators.of(tag) if creators is not None and is_private(tag) else None
            expected = place.expected(tag, element.VR, creator)
            if tag in source.sequences:
                inside = place.inside(tag, creator)
                for index, item in enumerate(source.sequences[tag]):
                    self._collect(inside, item, (*prefix, tag, index), terms)
            elif expected.kind is not None or expected.vr == "UI":
                self._counterparts.note(expected, self._original.value(source, tag), terms)


def _terms(level: DataSet, outer: Terms) -> Terms:
    element = level.elements.get(SPECIFIC_CHARACTER_SET)
    return outer if element is None else parse_terms(element.value)
