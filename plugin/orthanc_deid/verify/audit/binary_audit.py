"""The audit of kept bytes and numbers in binary that are held to their meaning (RULES.md, "Numbers in binary")."""

from __future__ import annotations

from collections.abc import Sequence

from orthanc_deid.dicom.tags import (
    ICC_PROFILE,
    PHOTOMETRIC_INTERPRETATION,
    PIXEL_PRESENTATION,
    ElementPath,
)
from orthanc_deid.verify.audit.evidence import Evidence
from orthanc_deid.verify.audit.value_pairs import ValuePairs
from orthanc_deid.verify.findings import Findings
from orthanc_deid.verify.reading.data_set import DataSet
from orthanc_deid.verify.reading.icc_profiles import is_cleaned, is_usable
from orthanc_deid.verify.reading.stored_numbers import STRUCT_CODES, numbers
from orthanc_deid.verify.rules.expectations import Expectation, Requirement, vr_of
from orthanc_deid.verify.rules.table_rules import described, descriptor_of, has_use_for_palettes, is_palette
from orthanc_deid.verify.text.binary_values import BinaryValue
from orthanc_deid.verify.text.known_in_binary import may_be_whole
from orthanc_deid.verify.text.words_in_numbers import SHORTEST, holds_words, may_hold_text

_NO_WORDS = "words in the place of numbers"


class BinaryAudit:
    """Checks elements by their counterparts; `findings` and `evidence` take what it finds and collects."""

    def __init__(self, values: ValuePairs, findings: Findings, evidence: Evidence) -> None:
        self._values = values
        self._original = values.original
        self._output = values.output
        self._findings = findings
        self._evidence = evidence

    def check(
        self, expected: Expectation, tag: int, source: DataSet, output: DataSet, path: ElementPath
    ) -> bool:
        """Check bytes that may not stay as they are; False for others, which must be those of the original."""
        if expected.shortest:
            return self._private(expected, tag, source, output, path)
        if tag == ICC_PROFILE and expected.vr in ("OB", "OW"):
            return self._profile(expected, tag, source, output, path)
        return expected.binary and self._standard(expected, tag, source, output, path)

    def _private(
        self, expected: Expectation, tag: int, source: DataSet, output: DataSet, path: ElementPath
    ) -> bool:
        value = self._values.before(source, tag)
        shortest = 0 if expected.shortest == SHORTEST else expected.shortest
        if tag not in output.elements:
            return may_hold_text(value)
        if holds_words(value, expected.vr, shortest):
            self._findings.add(expected.rule, "words in private bytes", path)
        return False

    def _profile(
        self, expected: Expectation, tag: int, source: DataSet, output: DataSet, path: ElementPath
    ) -> bool:
        value = self._values.before(source, tag)
        if not value:
            return False
        found = self._output.value(output, tag) if tag in output.elements else None
        if found is None:
            if is_usable(value, _reads_as_words) or (expected.required and self._has_colours()):
                self._findings.add(expected.rule, "no ICC profile", path)
        elif not is_usable(value, _reads_as_words) or not any(
            is_cleaned(value, found[: len(found) - odd]) and not any(found[len(found) - odd :])
            for odd in (0, 1)
        ):
            self._findings.add(expected.rule, "an ICC profile with more than colours need", path)
        else:
            self._evidence.take_binary(expected, found, path, ())
        return True

    def _has_colours(self) -> bool:
        photometric = self._original.text(PHOTOMETRIC_INTERPRETATION).upper()
        return photometric != "" and not photometric.startswith("MONOCHROME")

    def _standard(
        self, expected: Expectation, tag: int, source: DataSet, output: DataSet, path: ElementPath
    ) -> bool:
        """Check numbers in binary and tables of the standard."""
        value = self._values.before(source, tag)
        kept: bytes | None = value[: expected.most] if expected.most else value
        if is_palette(tag) and not self._uses_palettes():
            if tag in output.elements:
                self._findings.add(expected.rule, "lookup table without a use", path)
            return True
        descriptor = descriptor_of(tag)
        if descriptor is not None and kept:
            kept = described(tag, self._descriptor(source, descriptor), kept)
        if kept is None:
            self._findings.add(expected.rule, "lookup table without its descriptor", path)
            return True
        found = self._output.value(output, tag) if tag in output.elements else None
        if not found and kept and expected.floor in (Requirement.GONE, Requirement.EMPTY):
            if may_hold_text(kept):
                return True  # an identifying value may be a reason as well
            if may_be_whole(kept, expected.vr):  # likewise, which is checked later
                self._evidence.removed_whole_numbers.append(
                    BinaryValue(path, expected.vr, expected.rule, kept)
                )
                return True
        if len(kept) == len(value) and not holds_words(kept, expected.vr):
            return False
        self._check_part(expected, found, kept, path)
        return True

    def _check_part(self, expected: Expectation, found: bytes | None, kept: bytes, path: ElementPath) -> None:
        """Check numbers that may not stay as they are; `kept`: as many of them as the attribute has."""
        if holds_words(kept, expected.vr):
            due = {Requirement.GONE: None, Requirement.EMPTY: b""}
            if expected.floor not in due or found != due[expected.floor]:
                self._findings.add(expected.rule, _NO_WORDS, path)
        elif found != kept:
            self._findings.add(expected.rule, "more values than the attribute has", path)
        else:
            self._evidence.take_binary(expected, found, path, ())

    def _uses_palettes(self) -> bool:
        photometric, presentation = (
            self._original.text(tag).split("\\")[0].strip()
            for tag in (PHOTOMETRIC_INTERPRETATION, PIXEL_PRESENTATION)
        )
        return has_use_for_palettes(photometric, presentation)

    def _descriptor(self, level: DataSet, tag: int) -> Sequence[int]:
        """Return the numbers of a descriptor; none where it is missing or no number in binary."""
        element = level.elements.get(tag)
        vr = "" if element is None else vr_of(tag, element.VR)
        if vr not in STRUCT_CODES:
            return ()
        value = self._original.value(level, tag)
        return [int(each) for each in numbers(value, vr, little=self._original.encoding.little)]


def _reads_as_words(value: bytes) -> bool:
    return holds_words(value, "OB")
