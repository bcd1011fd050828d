"""The audit of one element that is no sequence: its value in the original beside that in the output."""

from __future__ import annotations

from orthanc_deid.dicom.tags import (
    IMAGE_TYPE,
    PHOTOMETRIC_INTERPRETATION,
    PIXEL_DATA,
    SAMPLES_PER_PIXEL,
    ElementPath,
    is_private,
)
from orthanc_deid.standard.tables import structural_terms, structure_label_tags
from orthanc_deid.verify.audit.additions import Additions
from orthanc_deid.verify.audit.binary_audit import BinaryAudit
from orthanc_deid.verify.audit.evidence import COMPRESSED_FRAMES, Evidence, cleaned_text, kept_text
from orthanc_deid.verify.audit.frame_audit import CHANGED_PIXELS, FrameAudit
from orthanc_deid.verify.audit.sample_audit import SampleAudit, Samples
from orthanc_deid.verify.audit.value_pairs import ValuePairs
from orthanc_deid.verify.findings import Findings
from orthanc_deid.verify.reading.data_set import DataSet
from orthanc_deid.verify.reading.frames.fragments import OFFSET_TAGS
from orthanc_deid.verify.rules.dummy_table import TEXT_VRS
from orthanc_deid.verify.rules.expectations import Expectation, Requirement, dictionary_vrs
from orthanc_deid.verify.rules.geometry_numbers import WINDOW, says_no_number
from orthanc_deid.verify.rules.value_rules import ValueRules, looks_like_numbers, may_stay_as_number
from orthanc_deid.verify.text.binary_values import (
    NUMBER_STRING_VRS,
    BinaryValue,
    is_number,
    is_readable,
    is_short_number,
)
from orthanc_deid.verify.text.decoding import Terms, is_allowed
from orthanc_deid.verify.text.whole_numbers import whole_numbers

_AS_IT_WAS = (Requirement.KEPT, Requirement.SEARCHED, Requirement.NUMBER, Requirement.JUDGED)
_LONGEST_JUDGED = 1 << 16


class ElementAudit:
    """Checks elements by their counterparts; `findings` and `evidence` take what it finds and collects."""

    def __init__(
        self,
        values: ValuePairs,
        value_rules: ValueRules,
        additions: Additions,
        findings: Findings,
        evidence: Evidence,
    ) -> None:
        self._original = values.original
        self._output = values.output
        self._value_rules = value_rules
        self._values = values
        self._samples = SampleAudit(
            values.original, values.output, byte_order_changed=values.byte_order_changed
        )
        self._additions = additions
        self._findings = findings
        self._evidence = evidence
        self._binary = BinaryAudit(values, findings, evidence)
        self._frames = FrameAudit(values.original, values.output, findings, evidence, values.claimed)

    def check(
        self,
        tag: int,
        expected: Expectation,
        source: DataSet,
        output: DataSet,
        path: ElementPath,
        terms: Terms,
    ) -> None:
        """Check the element `tag` of the level `source` by that of the same level `output`; `path`: its path."""
        not_loaded = (
            tag in source.unloaded
            and expected.requirement in (Requirement.KEPT, Requirement.GONE)
            and expected.kind is None
        )
        value = b"" if not_loaded else self._values.before(source, tag)
        self.note(expected, value, terms)
        if expected.requirement is Requirement.DERIVED and not self._value_rules.can_rename(
            tag, value, terms
        ):
            expected = expected.under(expected.fallback)
        if expected.fallback is Requirement.SAME_NUMBERS and says_no_number(tag, value, expected.vr):
            no_window = tag in WINDOW and not any(map(str.isdigit, value.decode("latin-1")))
            expected = expected.identified() if no_window else expected.without_number()
        elif (
            expected.fallback is Requirement.SAME_NUMBERS
            and self._is_lost(tag, output)
            and self._may_identify(expected, value, path)
        ):
            expected = expected.identified()
        if expected.requirement is Requirement.KEPT and (
            self._bounded(expected, tag, source, output, path)
            or self._in_fragments(tag, source, output, path)
            or self._binary.check(expected, tag, source, output, path)
        ):
            return
        other = output.elements.get(tag)
        if other is None:
            self._missing(expected, value, path, terms)
        elif tag in output.sequences or not self._same_vr(tag, source.elements[tag].VR, other.VR, expected):
            self._findings.add(expected.rule, "VR changed", path)
        elif expected.requirement is Requirement.GONE:
            if value or tag in source.unloaded or self._output.value(output, tag):
                self._findings.add(expected.rule, "not removed", path)
        elif expected.requirement in _AS_IT_WAS:
            self._kept(expected, tag, source, output, path, terms)
        else:
            self._changed(expected, tag, value, output, path, terms)

    def _bounded(
        self, expected: Expectation, tag: int, source: DataSet, output: DataSet, path: ElementPath
    ) -> bool:
        """Check samples that may not stay as they are; False for all others."""
        if not expected.samples:
            return False
        answer, length = self._samples.judge(tag, source, top=len(path) == 1, required=expected.required)
        span = source.unloaded.get(tag)
        if (
            self._values.claimed is not None
            and path == (PIXEL_DATA,)
            and answer in (Samples.AS_THEY_ARE, Samples.CUT)
            and (span is None or span.fragments is None)
        ):
            for fault in sorted({*self._values.claimed_faults(self._values.claimed, length)}):
                self._findings.add(CHANGED_PIXELS, fault, path)
            return answer is Samples.CUT
        if answer is Samples.AS_THEY_ARE:
            return False
        if answer is Samples.GONE:
            if tag in output.elements:
                self._findings.add(expected.rule, "samples that nothing describes", path)
        elif answer is not Samples.CUT:
            self._findings.add(expected.rule, answer.value, path)
        elif tag not in output.elements or not self._samples.is_cut(tag, source, output, length):
            self._findings.add(expected.rule, "samples not cut to their length", path)
        return True

    def _in_fragments(self, tag: int, source: DataSet, output: DataSet, path: ElementPath) -> bool:
        """Check an encapsulated value, and the tables that describe one; False for any other element."""
        before, after = source.unloaded.get(tag), output.unloaded.get(tag)
        if tag in OFFSET_TAGS:
            if tag in output.elements:
                samples = output.unloaded.get(PIXEL_DATA) if len(path) == 1 else None
                span = None if samples is None else (samples.start, samples.length)
                self._frames.check_offsets(tag, self._output.value(output, tag), span)
            return True
        if before is None or before.fragments is None:
            return False
        if tag != PIXEL_DATA or len(path) > 1:
            if tag in output.elements:
                self._findings.add(COMPRESSED_FRAMES, "fragments that are no image", path)
        elif after is None or after.fragments is None:
            self._findings.add(COMPRESSED_FRAMES, "not what decoding needs of the original", path)
        else:
            self._frames.check((before.start, before.length), (after.start, after.length))
        return True

    def note(self, expected: Expectation, value: bytes, terms: Terms) -> None:
        """Collect the identifying values and UIDs of an element of the original."""
        if expected.kind is not None:
            self._evidence.take_value(expected, value, terms)
        if expected.vr == "UI":
            self._evidence.take_uids(expected, value)

    def _same_vr(self, tag: int, before: str | None, after: str | None, expected: Expectation) -> bool:
        if before == after or expected.requirement is Requirement.GONE:
            return True
        known = dictionary_vrs(tag)
        if expected.requirement in (Requirement.PATIENT_ID, Requirement.PATIENT_NAME) and after in known:
            return True  # the pseudonym is written in the VR of PS3.6, not in that of the original
        if expected.vr in ("DS", "IS") and after == expected.vr and before in TEXT_VRS:
            return True  # the number was written with the VR of a text
        if before == "UN" and after == expected.vr:
            return True  # a table of private elements gave the VR
        return (before is None and (after in known or after == "UN")) or (before == "UN" and after in known)

    def _missing(self, expected: Expectation, value: bytes, path: ElementPath, terms: Terms) -> None:
        if expected.requirement is Requirement.GONE:
            return
        if expected.requirement is Requirement.CHARSET and self._value_rules.accepts(
            expected.requirement, expected, 0, b"", value, terms
        ):
            return
        if expected.requirement is Requirement.JUDGED and not is_short_number(value):
            return  # a text to be cleaned, or bytes that may be one
        if is_private(path[-1]) and self._is_removed_number(expected, value, path):
            return
        if expected.fallback is Requirement.GONE and self._may_fall_back(expected, value, path, terms):
            return
        self._findings.add(expected.rule, f"missing where {expected.requirement.value} is due", path)

    def _is_removed_number(self, expected: Expectation, value: bytes, path: ElementPath) -> bool:
        """Whether a private number is gone that may be an identifying value, which is checked later."""
        if not is_number(expected.vr) or not value:
            return False
        if expected.requirement is Requirement.NUMBER and not looks_like_numbers(value, expected.vr):
            return False
        self._evidence.removed_numbers.append(BinaryValue(path, expected.vr, expected.rule, value))
        return True

    def _may_fall_back(self, expected: Expectation, value: bytes, path: ElementPath, terms: Terms) -> bool:
        """Whether a kept value may be gone: it is no number, or a text with an identifying value (checked later)."""
        if expected.requirement is Requirement.CLEANED:
            return True
        if expected.requirement is Requirement.NUMBER:
            return not may_stay_as_number(value, expected) or self._may_identify(expected, value, path)
        if expected.requirement is not Requirement.SEARCHED or (
            expected.by_word and path[-1] in structure_label_tags()
        ):
            return False
        self._evidence.removed_texts.append(kept_text(value, terms, path, expected))
        return True

    def _is_lost(self, tag: int, output: DataSet) -> bool:
        if tag in output.sequences:
            return False
        return tag not in output.elements or not self._output.value(output, tag).strip(b" \0")

    def _may_identify(self, expected: Expectation, value: bytes, path: ElementPath) -> bool:
        """Whether a number of a standard attribute may identify, which is checked later."""
        if expected.vr not in NUMBER_STRING_VRS or is_private(path[-1]) or not whole_numbers(value):
            return False
        number = BinaryValue(path, expected.vr, expected.rule, value)
        if number not in self._evidence.removed_whole_numbers[-1:]:
            self._evidence.removed_whole_numbers.append(number)
        return True

    def _kept(
        self,
        expected: Expectation,
        tag: int,
        source: DataSet,
        output: DataSet,
        path: ElementPath,
        terms: Terms,
    ) -> None:
        if expected.vr == "AS" and self._original.value(source, tag) != self._capped(source, tag):
            same = self._output.value(output, tag) == self._capped(source, tag)
        else:
            same = self._values.same(tag, source, output)
        if same and (
            expected.requirement is not Requirement.NUMBER
            or may_stay_as_number(self._output.value(output, tag), expected)
        ):
            if expected.requirement is Requirement.SEARCHED:
                found = self._output.value(output, tag)
                self._evidence.texts.append(kept_text(found, terms, path, expected))
            elif expected.requirement is Requirement.JUDGED:
                self._judged(expected, self._output.value(output, tag), path, terms)
            else:
                self._take_binary(expected, tag, output, path, terms)
            return
        value = self._values.before(source, tag)
        if expected.by_word and tag in structure_label_tags():
            self._label(expected, value, self._output.value(output, tag), path, terms)
            return
        if expected.by_word and self._is_shortened(expected, tag, value, output, path, terms):
            return
        if (
            expected.requirement in (Requirement.KEPT, Requirement.JUDGED)
            or (expected.fallback is Requirement.FIXED and not self._has_only_value(tag, expected))
            or not self._may_fall_back(expected, value, path, terms)
        ):
            self._findings.add(expected.rule, "not kept as it was", path)
        elif expected.fallback is Requirement.GONE:
            self._findings.add(expected.rule, "changed where it may only be kept or removed", path)
        else:
            self._changed(expected.under(expected.fallback), tag, value, output, path, terms)

    def _has_only_value(self, tag: int, expected: Expectation) -> bool:
        """Whether the value that the SOP class leaves holds: not of colours, in some classes only of originals."""
        top = self._original.data_set
        if tag == PHOTOMETRIC_INTERPRETATION:
            samples = SAMPLES_PER_PIXEL in top.elements and self._values.before(top, SAMPLES_PER_PIXEL)
            if samples != b"\1\0":
                return False
        kinds = [part.strip(" \0") for part in self._original.text(IMAGE_TYPE).split("\\")[:2]]
        return not expected.of_originals or kinds == ["ORIGINAL", "PRIMARY"]

    def _label(
        self, expected: Expectation, value: bytes, found: bytes, path: ElementPath, terms: Terms
    ) -> None:
        """Check the changed name of a structure, which must be the one that the key makes of it."""
        if self._value_rules.is_structure_name(found, value, terms):
            self._evidence.removed_texts.append(kept_text(value, terms, path, expected))
        else:
            self._findings.add(expected.rule, "the name of a structure in part", path)

    def _judged(self, expected: Expectation, value: bytes, path: ElementPath, terms: Terms) -> None:
        """Check a private value that stays although nothing states its VR: as a text there is nothing to clean."""
        if len(value) > _LONGEST_JUDGED:
            self._findings.add(expected.rule, "kept although too long to be judged", path)
        if is_readable(value) and not is_short_number(value) and not self._is_clean(value, terms):
            self._findings.add(expected.rule, "a text to be cleaned was kept", path)
        self._evidence.take_judged(value, expected.rule, path, terms)

    def _is_clean(self, value: bytes, terms: Terms) -> bool:
        return is_allowed(value, terms) and self._value_rules.changes_dates(value, value, terms)

    def _is_shortened(
        self, expected: Expectation, tag: int, value: bytes, output: DataSet, path: ElementPath, terms: Terms
    ) -> bool:
        """Whether a kept text is there without some of its words; whether the others may stay is checked later."""
        found, before = self._output.value(output, tag), kept_text(value, terms, path, expected)
        if (
            tag in structural_terms()
            or (expected.fallback is Requirement.DUMMY and self._evidence.is_placeholder(found))
            or self._evidence.must_stay(before)
            or not self._value_rules.is_shortened(found, value, terms, expected.vr)
        ):
            return False
        self._evidence.texts.append(kept_text(found, terms, path, expected))
        return True

    def _take_binary(
        self, expected: Expectation, tag: int, output: DataSet, path: ElementPath, terms: Terms
    ) -> None:
        """Collect a value that stays and is no text, or has no VR of text."""
        span = output.unloaded.get(tag)
        if span is None:
            self._evidence.take_binary(expected, output.elements[tag].value or b"", path, terms)
        else:
            self._evidence.take_binary(expected, (span.start, span.length), path, terms)

    def _capped(self, source: DataSet, tag: int) -> bytes:
        return self._value_rules.capped_age(self._original.value(source, tag))

    def _changed(
        self, expected: Expectation, tag: int, value: bytes, output: DataSet, path: ElementPath, terms: Terms
    ) -> None:
        found = self._output.value(output, tag)
        requirement = expected.requirement
        if requirement is Requirement.SAME_NUMBERS:
            self._evidence.take_whole_numbers(expected, found, path)
        if requirement is Requirement.CLEANED:
            self._evidence.texts.append(cleaned_text(found, terms, path, expected, value))
            if expected.fallback is not Requirement.GONE and self._value_rules.accepts(
                expected.fallback, expected, tag, found, value, terms
            ):
                return
            if not self._value_rules.changes_dates(value, found, terms):
                self._findings.add(expected.rule, "date not changed in a text", path)
        if not self._value_rules.accepts(requirement, expected, tag, found, value, terms):
            self._findings.add(expected.rule, f"no {requirement.value} value", path)
