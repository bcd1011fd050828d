"""Original and output side by side, every element at every depth, each against the verdict of the rules."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise, zip_longest

from orthanc_deid.dicom.tags import ElementPath, is_private
from orthanc_deid.verify.additions import Additions
from orthanc_deid.verify.charsets import Terms, parse_terms
from orthanc_deid.verify.creators import Creators
from orthanc_deid.verify.data_set import SPECIFIC_CHARACTER_SET, DataSet
from orthanc_deid.verify.evidence import Evidence, Text
from orthanc_deid.verify.expected import Expected, Want, dictionary_vrs
from orthanc_deid.verify.findings import Findings
from orthanc_deid.verify.instance import Instance
from orthanc_deid.verify.judgement import Judge, looks_like_numbers
from orthanc_deid.verify.repeats import Repeats
from orthanc_deid.verify.rules import Place
from orthanc_deid.verify.stamps import EQUIPMENT
from orthanc_deid.verify.unfolding import unfolded
from orthanc_deid.verify.unread import Unread, may_hold_a_word
from orthanc_deid.verify.values import Values


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
        table, outputs = place.table, output.elements
        texts, numbers = self._evidence.texts, self._evidence.numbers
        same_order = not self._values.turned  # else equal bytes are other numbers
        creators = Creators(source, outputs) if place.needs_creators else None
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
        for twice in source.twice:
            self._note(place.expected(twice.tag + 0, twice.VR, None), twice.value or b"", terms)
        self._additions.judge(outputs.keys() - source.elements.keys(), place, output, prefix)
        if not prefix:
            self._additions.judge_presence(place)

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
        unread = tag in source.spans and expected.want in (Want.KEPT, Want.GONE) and expected.kind is None
        value = b"" if unread else self._values.before(source, tag)
        self._note(expected, value, terms)
        if expected.want is Want.DERIVED and not self._judge.can_rename(tag, value, terms):
            expected = expected.under(expected.fallback)
        other = output.elements.get(tag)
        if other is None:
            self._missing(expected, value, path, terms)
        elif tag in output.sequences or not self._same_vr(tag, source.elements[tag].VR, other.VR, expected):
            self._findings.add(expected.rule, "VR changed", path)
        elif expected.want is Want.GONE:
            if value or tag in source.spans or self._output.value(output, tag):
                self._findings.add(expected.rule, "not removed", path)
        elif expected.want in (Want.KEPT, Want.SEARCHED, Want.NUMBER):
            self._kept(expected, tag, source, output, path, terms)
        else:
            self._changed(expected, tag, value, output, path, terms)

    def _same_vr(self, tag: int, before: str | None, after: str | None, expected: Expected) -> bool:
        if before == after or expected.want is Want.GONE:
            return True
        known = dictionary_vrs(tag)
        if expected.want in (Want.PATIENT_ID, Want.PATIENT_NAME) and after in known:
            return True  # written, whatever stood there
        if before == "UN" and after == expected.vr:
            return True  # told by a table of private elements
        return (before is None and (after in known or after == "UN")) or (before == "UN" and after in known)

    def _note(self, expected: Expected, value: bytes, terms: Terms) -> None:
        if expected.kind is not None:
            self._evidence.take_value(expected, value, terms)
        if expected.vr == "UI":
            self._evidence.take_uids(value, kept=expected.want in (Want.KEPT, Want.NUMBER, Want.FIXED))

    def _missing(self, expected: Expected, value: bytes, path: ElementPath, terms: Terms) -> None:
        if expected.want is Want.GONE:
            return
        if expected.want is Want.CHARSET and self._judge.accepts(
            expected.want, expected, 0, b"", value, terms
        ):
            return
        if expected.fallback is Want.GONE and self._may_fall_back(expected, value, path, terms):
            return
        self._findings.add(expected.rule, f"missing where {expected.want.value} is due", path)

    def _may_fall_back(self, expected: Expected, value: bytes, path: ElementPath, terms: Terms) -> bool:
        """Whether a kept value may be gone: no number, or a text in which somebody is named (shown later)."""
        if expected.want is Want.CLEANED:
            return True
        if expected.want is Want.NUMBER:
            return not looks_like_numbers(value, expected.vr)
        if expected.want is not Want.SEARCHED:
            return False
        self._evidence.doubts.append(Text(value, terms, path, expected.vr, expected.rule))
        return True

    def _kept(
        self, expected: Expected, tag: int, source: DataSet, output: DataSet, path: ElementPath, terms: Terms
    ) -> None:
        if expected.vr == "AS" and self._original.value(source, tag) != self._capped(source, tag):
            same = self._output.value(output, tag) == self._capped(source, tag)
        else:
            same = self._values.same(tag, source, output)
        if same and (
            expected.want is not Want.NUMBER
            or looks_like_numbers(self._output.value(output, tag), expected.vr)
        ):
            if expected.want is Want.SEARCHED:
                found = self._output.value(output, tag)
                self._evidence.texts.append(Text(found, terms, path, expected.vr, expected.rule))
            else:
                self._take_unread(expected, tag, output, path, terms)
            return
        value = self._values.before(source, tag)
        if not value and len(path) == 1 and self._additions.completes(tag, self._output.value(output, tag)):
            return
        if expected.want is Want.KEPT or not self._may_fall_back(expected, value, path, terms):
            self._findings.add(expected.rule, "not kept as it was", path)
        elif expected.fallback is Want.GONE:
            self._findings.add(expected.rule, "changed where it may only be kept or removed", path)
        else:
            self._changed(expected.under(expected.fallback), tag, value, output, path, terms)

    def _take_unread(
        self, expected: Expected, tag: int, output: DataSet, path: ElementPath, terms: Terms
    ) -> None:
        """Gather what stays and is no text, or is not called one."""
        span = output.spans.get(tag)
        if span is None:
            self._evidence.take_unread(expected, output.elements[tag].value or b"", path, terms)
        elif span.fragments is not None:
            self._evidence.take_segments(self._output, span.fragments, path)
        else:
            self._evidence.take_unread(expected, (span.start, span.length), path, terms)

    def _capped(self, source: DataSet, tag: int) -> bytes:
        return self._judge.capped_age(self._original.value(source, tag))

    def _changed(
        self, expected: Expected, tag: int, value: bytes, output: DataSet, path: ElementPath, terms: Terms
    ) -> None:
        found = self._output.value(output, tag)
        want = expected.want
        if want is Want.CLEANED:
            self._evidence.texts.append(Text(found, terms, path, expected.vr, expected.rule))
            if expected.fallback is not Want.GONE and self._judge.accepts(
                expected.fallback, expected, tag, found, value, terms
            ):
                return
            if not self._judge.changes_dates(value, found, terms):
                self._findings.add(expected.rule, "date not changed in a text", path)
        if want is Want.UID and not value and len(path) == 1 and self._additions.completes(tag, found):
            return
        if not self._judge.accepts(want, expected, tag, found, value, terms):
            self._findings.add(expected.rule, f"no {want.value} value", path)

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
            self._note(expected, self._values.before(source, EQUIPMENT), terms)
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
        for index, (item, other) in enumerate(zip_longest(before, after)):
            if item is None or other is None:
                self._findings.add("sequence items", "number changed", path)
                return
            if not self._repeats.known(inside, item, other, terms):
                self._level(inside, item, other, (*path, index), terms)

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
                self._note(expected, self._original.value(source, tag), terms)


def _terms(level: DataSet, outer: Terms) -> Terms:
    element = level.elements.get(SPECIFIC_CHARACTER_SET)
    return outer if element is None else parse_terms(element.value)
