"""The fast audit: our walker reads both files again, and the full depth decides all cases that are not clear.

Short kept values are compared all at once, values that the rules change one by one, and image data is compared. It
searches the same values as the full depth. An element that the walker misses in both files is not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pydicom.dataelem import RawDataElement

from orthanc_deid.dicom.tags import (
    CONTRIBUTING_EQUIPMENT_SEQUENCE,
    ICC_PROFILE,
    PATIENT_ID,
    PATIENT_NAME,
    PIXEL_DATA,
    SPECIFIC_CHARACTER_SET,
    is_private,
)
from orthanc_deid.verify.audit.additions import Additions
from orthanc_deid.verify.audit.evidence import Evidence, Text, cleaned_text, kept_text
from orthanc_deid.verify.audit.frame_audit import FrameAudit, is_encapsulated
from orthanc_deid.verify.audit.private_elements import begins_with_item, private_expectation
from orthanc_deid.verify.audit.sample_audit import SampleAudit, Samples
from orthanc_deid.verify.fast.changed_words import WordAudit, Words, are_known, are_terms
from orthanc_deid.verify.fast.fast_reading import DATA, Batch, Batches, UndecidedError
from orthanc_deid.verify.findings import Findings
from orthanc_deid.verify.reading.data_set import DataSet
from orthanc_deid.verify.reading.frames.fragments import OFFSET_TAGS
from orthanc_deid.verify.reading.instance import NATIVE_LITTLE_ENDIAN, Instance
from orthanc_deid.verify.reading.long_values import same_bytes
from orthanc_deid.verify.reading.private_creators import Creators
from orthanc_deid.verify.rules.element_rules import LevelRules
from orthanc_deid.verify.rules.expectations import Expectation, Requirement
from orthanc_deid.verify.rules.stamped_tags import STAMPS
from orthanc_deid.verify.rules.table_rules import descriptor_of, is_palette
from orthanc_deid.verify.rules.value_rules import ValueRules, looks_like_numbers, may_stay_as_number
from orthanc_deid.verify.text.binary_values import SHORTEST_IN_BINARY, BinaryValue, joined
from orthanc_deid.verify.text.decoding import Terms, parse_terms
from orthanc_deid.verify.text.whole_numbers import may_hold_whole_number
from orthanc_deid.verify.text.words_in_numbers import IN_PRIVATE, SHORTEST, holds_words

_BETWEEN = b" \x1e "
_AS_IT_WAS = (Requirement.KEPT, Requirement.SEARCHED, Requirement.NUMBER)
_KEPT_OR_GONE = (Requirement.KEPT, Requirement.GONE)
_FULL_DEPTH = (Requirement.JUDGED, Requirement.SAFE_INSIDE)
_PATIENT = {PATIENT_ID: "LO", PATIENT_NAME: "PN"}
_NOTHING = DataSet()


class FastAudit:
    """One audit; it raises UndecidedError, or fills `evidence` with the values that are still to be searched."""

    def __init__(
        self, original: Instance, output: Instance, value_rules: ValueRules, evidence: Evidence
    ) -> None:
        self._original = original
        self._output = output
        self._value_rules = value_rules
        self._evidence = evidence
        self._charsets: set[Terms] = {()}
        self._samples = SampleAudit(original, output, byte_order_changed=False)

    def run(
        self,
        rules: LevelRules,
        original: Batches,
        output: Batches,
        read_words: Callable[[], tuple[Words, Words]],
    ) -> None:
        """Audit the instance; `rules`: those of its top level; `original`, `output`: batches of short kept values.

        `read_words`: returns the kept texts of both one by one.
        """
        self._level(rules, self._original.data_set, self._output.data_set, (), top=True)
        for tag, vr in _PATIENT.items():
            due = rules.expected(tag, vr, None).requirement in (
                Requirement.PATIENT_ID,
                Requirement.PATIENT_NAME,
            )
            _require(not due or tag in self._output.data_set.elements)
        differ = False
        for batch, (before, after) in enumerate(zip(original, output, strict=True)):
            if len(before) != len(after) or b"\\".join(before) != b"\\".join(after):
                _require(batch in (Batch.WORDS, Batch.CODES))
                differ = True
        written = b"\\".join(output[Batch.NUMBERS])
        _require(looks_like_numbers(written, "DS"))
        if may_hold_whole_number(written):
            self._evidence.whole_numbers.append(BinaryValue((), "DS", "kept numbers", written))
        numbers = joined(output[Batch.BINARY])
        _require(not holds_words(numbers, "", IN_PRIVATE))
        self._evidence.numbers.append(BinaryValue((), "OB", "kept numbers", numbers))
        self._evidence.unnamed_numbers += output[Batch.BINARY]
        words, codes = output[Batch.WORDS], output[Batch.CODES]
        if differ:
            words, codes = [], []
            left = WordAudit(rules, self._value_rules, self._evidence).left(*read_words())
            for value, is_code in left:
                (codes if is_code else words).append(value)
        _require(are_known(b"\\".join(words), code=False) and are_known(b"\\".join(codes), code=True))
        _require(are_terms(output))
        texts = _BETWEEN.join((*output[Batch.TEXTS], *words, *codes))
        self._evidence.texts += (
            Text(texts, terms, (), "LO", "kept texts", limited=True) for terms in self._charsets
        )

    def _level(
        self, rules: LevelRules, source: DataSet, output: DataSet, terms: Terms, *, top: bool = False
    ) -> None:
        declared = source.elements.get(SPECIFIC_CHARACTER_SET)
        if declared is not None:
            terms = parse_terms(declared.value)
            self._charsets.add(terms)
        creators = Creators(source, output.elements) if rules.needs_creators else None
        table, outputs = rules.table, output.elements
        for tag, element in source.elements.items():
            if creators is not None and is_private(tag):
                _require(not begins_with_item(self._original, source, tag))
                creator, expected = private_expectation(rules, creators, self._original, source, tag)
            else:
                creator, known = None, table.get(tag)
                if known is None or known.written != element[1]:
                    known = rules.expected(tag, element[1], None)
                expected = known
            if top and (expected.requirement is Requirement.STAMP or tag == CONTRIBUTING_EQUIPMENT_SEQUENCE):
                continue
            if tag in source.sequences:
                self._sequence(rules.inside(tag, creator), tag, expected, source, output, terms)
            else:
                self._element(expected, tag, source, output, terms)
        for tag in outputs.keys() - source.elements.keys():
            if not (top and (tag in STAMPS or tag == CONTRIBUTING_EQUIPMENT_SEQUENCE)):
                self._added(rules, tag, output, top=top)
        if top:
            self._equipment(rules, source, output, terms)

    def _element(
        self, expected: Expectation, tag: int, source: DataSet, output: DataSet, terms: Terms
    ) -> None:
        element, other = source.elements[tag], output.elements.get(tag)
        if _is_short_number(expected, element, other):
            return
        _require(expected.requirement not in _FULL_DEPTH)
        if expected.vr in DATA and expected.kind is None and expected.requirement in _KEPT_OR_GONE:
            self._data(expected, tag, source, other, terms)
            return
        value = element[3] or self._original.value(source, tag)
        if expected.kind is not None or expected.vr == "UI":
            self._note(expected, value, terms)
        if expected.requirement is Requirement.DERIVED and not self._value_rules.can_rename(
            tag, value, terms
        ):
            expected = expected.under(expected.fallback)
        if other is None:
            _require(self._may_be_missing(expected, value, terms))
            return
        _require(
            element[1] == other[1]
            and tag not in output.sequences
            and expected.requirement is not Requirement.GONE
        )
        self._compare(expected, tag, value, other[3] or self._output.value(output, tag), terms)

    def _data(
        self, expected: Expectation, tag: int, source: DataSet, other: RawDataElement | None, terms: Terms
    ) -> None:
        """Check image data and the like; `other`: the element of the output."""
        _require((other is None) is (expected.requirement is Requirement.GONE))
        if other is None:
            return
        element = source.elements[tag]
        if expected.samples:
            self._check_samples(tag, source, required=expected.required)
        if expected.shortest:
            shortest = 0 if expected.shortest == SHORTEST else expected.shortest
            _require(not holds_words(self._original.value(source, tag), expected.vr, shortest))
        _require(tag != ICC_PROFILE)
        if expected.binary:
            _require(descriptor_of(tag) is None and not is_palette(tag))
            _require(not holds_words(self._original.value(source, tag), expected.vr))
        self._same_data(tag, element.value_tell, element.length, other.value_tell, other.length)
        if not is_encapsulated(self._output, other.value_tell):
            self._evidence.take_binary(expected, (other.value_tell, other.length), (tag,), terms)

    def _note(self, expected: Expectation, value: bytes, terms: Terms) -> None:
        if expected.kind is not None:
            self._evidence.take_value(expected, value, terms)
        if expected.vr == "UI":
            self._evidence.take_uids(expected, value)

    def _may_be_missing(self, expected: Expectation, value: bytes, terms: Terms) -> bool:
        if expected.requirement is Requirement.CHARSET:
            return self._value_rules.accepts(expected.requirement, expected, 0, b"", value, terms)
        gone = expected.under(expected.fallback) if expected.requirement is Requirement.CLEANED else expected
        return gone.requirement is Requirement.GONE

    def _compare(self, expected: Expectation, tag: int, before: bytes, after: bytes, terms: Terms) -> None:
        """Check a value of the output against that of the original."""
        requirement, value_rules = expected.requirement, self._value_rules
        if requirement in _AS_IT_WAS:
            same = (
                value_rules.capped_age(before)
                if requirement is Requirement.KEPT and expected.vr == "AS"
                else before
            )
            _require(
                (after == same or (len(same) % 2 == 1 and after[:-1] == same and after[-1:] in b" \0"))
                and (not expected.most or len(before) <= expected.most)
                and (not expected.binary or not holds_words(after, expected.vr))
                and (requirement is not Requirement.NUMBER or may_stay_as_number(after, expected))
            )
            if requirement is Requirement.SEARCHED:
                self._evidence.texts.append(kept_text(after, terms, (tag,), expected))
            else:
                self._evidence.take_binary(expected, after, (tag,), terms)
            return
        if requirement is Requirement.CLEANED:
            self._evidence.texts.append(cleaned_text(after, terms, (tag,), expected, before))
            _require(value_rules.changes_dates(before, after, terms))
        _require(value_rules.accepts(requirement, expected, tag, after, before, terms))

    def _added(self, rules: LevelRules, tag: int, output: DataSet, *, top: bool) -> None:
        """Check an element that only the output has: a pseudonym where the original has no patient."""
        _require(top and tag in _PATIENT and output.elements[tag].VR in (None, _PATIENT[tag]))
        expected = rules.expected(tag, _PATIENT[tag], None)
        _require(
            self._value_rules.accepts(
                expected.requirement, expected, tag, self._output.value(output, tag), b"", ()
            )
        )

    def _sequence(
        self,
        inside: LevelRules,
        tag: int,
        expected: Expectation,
        source: DataSet,
        output: DataSet,
        terms: Terms,
    ) -> None:
        before, after = source.sequences[tag], output.sequences.get(tag)
        _require(expected.requirement not in _FULL_DEPTH)
        if expected.requirement is Requirement.DESCENDED and not is_private(tag):
            _require(after is not None)
            self._items(inside, before, after or (), terms)
            return
        for item in before:
            self._collect(inside, item, terms)
        if expected.requirement is Requirement.GONE:
            _require(tag not in output.elements)
            return
        _require(after is not None and not is_private(tag))
        items = list(after or ())
        _require(not items or expected.requirement is Requirement.DUMMY)
        if items:
            findings = Findings()
            Additions(self._original, self._output, self._value_rules, findings).check_dummy_item(
                items, inside, (tag,)
            )
            _require(not findings)
        else:
            _require(expected.requirement is not Requirement.DUMMY or not list(before))

    def _items(
        self, inside: LevelRules, before: Iterable[DataSet], after: Iterable[DataSet], terms: Terms
    ) -> None:
        """Check items by their numbers; an item without an element to check is absent on both sides."""
        sources, outputs = ({item.number: item for item in items} for items in (before, after))
        for number in sources.keys() | outputs.keys():
            self._level(inside, sources.get(number, _NOTHING), outputs.get(number, _NOTHING), terms)

    def _equipment(self, rules: LevelRules, source: DataSet, output: DataSet, terms: Terms) -> None:
        """Check the items of Contributing Equipment Sequence before ours, which the stamp audit checks."""
        inside = rules.inside(CONTRIBUTING_EQUIPMENT_SEQUENCE, None)
        before, after = (
            list(each.sequences.get(CONTRIBUTING_EQUIPMENT_SEQUENCE, ())) for each in (source, output)
        )
        element = source.elements.get(CONTRIBUTING_EQUIPMENT_SEQUENCE)
        _require(element is None or CONTRIBUTING_EQUIPMENT_SEQUENCE in source.sequences)
        if (
            element is not None
            and rules.expected(CONTRIBUTING_EQUIPMENT_SEQUENCE, element.VR, None).requirement
            is not Requirement.DESCENDED
        ):
            for item in before:
                self._collect(inside, item, terms)
            before = []
        _require(bool(after) and after[-1].number == (before[-1].number + 1 if before else 0))
        self._items(inside, before, after[:-1], terms)

    def _collect(self, rules: LevelRules, level: DataSet, terms: Terms) -> None:
        """Collect the identifying values and UIDs of items that are gone from the output."""
        declared = level.elements.get(SPECIFIC_CHARACTER_SET)
        terms = terms if declared is None else parse_terms(declared.value)
        for tag, element in level.elements.items():
            expected = rules.expected(tag, element.VR, None)
            if tag in level.sequences:
                for item in level.sequences[tag]:
                    self._collect(rules.inside(tag, None), item, terms)
            elif expected.kind is not None or expected.vr == "UI":
                self._note(expected, self._original.value(level, tag), terms)

    def _check_samples(self, tag: int, source: DataSet, *, required: bool) -> None:
        """Check that Pixel Data is encoded as the transfer syntax says, and native samples are of their length."""
        _require(tag == PIXEL_DATA and source is self._original.data_set)
        start = source.elements[tag].value_tell
        if is_encapsulated(self._original, start):
            _require(self._output.transfer_syntax not in NATIVE_LITTLE_ENDIAN)
            return
        judged, _ = self._samples.judge(tag, source, top=True, required=required)
        _require(judged is Samples.AS_THEY_ARE)

    def _same_data(self, tag: int, start: int, length: int, other: int, other_length: int) -> None:
        """Compare image data and the like; frames must be whole, and hold only what decoding needs."""
        _require(tag not in OFFSET_TAGS)
        if is_encapsulated(self._output, other):
            _require(tag == PIXEL_DATA and is_encapsulated(self._original, start))
            findings = Findings()
            audit = FrameAudit(self._original, self._output, findings, self._evidence)
            audit.check((start, length), (other, other_length))
            _require(not findings)
            return
        _require(other_length - length in (0, length % 2))
        _require(same_bytes(self._original.slices, start, self._output.slices, other, length))


def _is_short_number(expected: Expectation, before: RawDataElement, after: RawDataElement | None) -> bool:
    """Whether a kept number in binary is unchanged, and too short for a word or an identifying value."""
    value = before[3]
    return (
        expected.binary
        and after is not None
        and value is not None
        and value == after[3]
        and before[1] == after[1]
        and 0 < len(value) < SHORTEST_IN_BINARY
        and (not expected.most or len(value) <= expected.most)
        and expected.requirement is Requirement.KEPT
        and expected.kind is None
        and expected.vr not in DATA
    )


def _require(condition: bool) -> None:
    """Raise UndecidedError unless the condition holds."""
    if not condition:
        raise UndecidedError
