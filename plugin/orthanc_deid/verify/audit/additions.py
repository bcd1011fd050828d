"""Elements that only the output has: pseudonyms, the item of a dummy sequence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from pydicom.dataelem import RawDataElement

from orthanc_deid.dicom.tags import (
    ANCHOR_POINT_ANNOTATION_UNITS,
    ANCHOR_POINT_VISIBILITY,
    CODE_MEANING,
    CODE_VALUE,
    CODING_SCHEME_DESIGNATOR,
    CONTENT_SEQUENCE,
    CONTRIBUTING_EQUIPMENT_SEQUENCE,
    PATIENT_ID,
    PATIENT_NAME,
    RELATIONSHIP_TYPE,
    TEXT_VALUE,
    VALUE_TYPE,
    ElementPath,
)
from orthanc_deid.verify.findings import Findings
from orthanc_deid.verify.reading.data_set import DataSet
from orthanc_deid.verify.reading.instance import Instance
from orthanc_deid.verify.rules.dummy_table import is_dummy
from orthanc_deid.verify.rules.element_rules import LevelRules
from orthanc_deid.verify.rules.expectations import Requirement, dictionary_vrs, vr_of
from orthanc_deid.verify.rules.stamped_tags import STAMPS
from orthanc_deid.verify.rules.value_rules import ValueRules

_CODE = (CODE_VALUE, CODING_SCHEME_DESIGNATOR, CODE_MEANING)
_NEUTRAL_CODE = (b"99DEID", b"Removed")
_FIXED_ITEMS = {  # values of the dummy item by sequence; an empty value means the placeholder
    CONTENT_SEQUENCE: {RELATIONSHIP_TYPE: b"CONTAINS", VALUE_TYPE: b"TEXT", TEXT_VALUE: b""},
}
DUMMY_UID = b"2.25.0"
_DUMMY_TERMS = {  # values in dummy items of CS attributes whose defined terms include no neutral one
    RELATIONSHIP_TYPE: b"CONTAINS",
    VALUE_TYPE: b"TEXT",
    ANCHOR_POINT_ANNOTATION_UNITS: b"DISPLAY",
    ANCHOR_POINT_VISIBILITY: b"N",
}


class Additions:
    """Checks elements that have no counterpart in the original."""

    def __init__(
        self, original: Instance, output: Instance, value_rules: ValueRules, findings: Findings
    ) -> None:
        self._original = original
        self._output = output
        self._value_rules = value_rules
        self._findings = findings

    def check(self, added: Iterable[int], rules: LevelRules, output: DataSet, prefix: ElementPath) -> None:
        """Check the tags of a level that only the output has."""
        for tag in sorted(added):
            if prefix or not self._is_due(tag, rules, output):
                self._findings.add("additions", "element that the original has not", (*prefix, tag))

    def check_presence(self, rules: LevelRules) -> None:
        """Report a missing PatientID or PatientName: both must be there, unless an explicit rule decides."""
        for tag, vr, requirement in (
            (PATIENT_ID, "LO", Requirement.PATIENT_ID),
            (PATIENT_NAME, "PN", Requirement.PATIENT_NAME),
        ):
            due = rules.expected(tag, vr, None).requirement is requirement
            files = self._output, self._original
            if due and not any(tag in file.data_set.elements for file in files):
                self._findings.add("pseudonyms", "missing", (tag,))

    def _is_due(self, tag: int, rules: LevelRules, output: DataSet) -> bool:
        if tag in STAMPS:
            return True  # the stamp audit checks it
        if tag == CONTRIBUTING_EQUIPMENT_SEQUENCE:
            return (
                len(list(islice(output.sequences.get(tag, ()), 2))) == 1
            )  # ours, which the stamp audit checks
        element = output.elements[tag]
        value = element.value or b""
        if element.VR not in (None, *dictionary_vrs(tag)):
            return False
        if tag in (PATIENT_ID, PATIENT_NAME):
            expected = rules.expected(tag, element.VR, None)
            return self._value_rules.accepts(expected.requirement, expected, tag, value, b"", ())
        return False

    def check_dummy_item(self, items: Sequence[DataSet], inside: LevelRules, path: ElementPath) -> None:
        """Check the one item that replaces a sequence under the action D."""
        if len(items) != 1:
            self._findings.add("dummy sequence", "more than one item", path)
            return
        self._dummy_level(items[0], inside, (*path, 0))

    def _dummy_level(self, item: DataSet, inside: LevelRules, prefix: ElementPath) -> None:
        if not item.ordered:
            self._findings.add("PS3.5 7.1", "elements out of order or twice", prefix[:-1])
        known = self._known_values(item, inside.path[-1])
        for tag in item.elements.keys() | known.keys():
            path = (*prefix, tag)
            element = item.elements.get(tag)
            if element is not None and tag in item.sequences:
                for index, nested in enumerate(item.sequences[tag]):
                    self._dummy_level(nested, inside.inside(tag, None), (*path, index))
            elif element is None or not self._may_stand(tag, element, known):
                self._findings.add("dummy sequence", "no dummy value", path)

    def _known_values(self, item: DataSet, sequence: int) -> dict[int, bytes]:
        """Return the values that make the item valid: a neutral code, a neutral text."""
        placeholder = self._value_rules.profile.texts.placeholder.encode()
        values = {tag: value or placeholder for tag, value in _FIXED_ITEMS.get(sequence, {}).items()}
        if CODE_VALUE in item.elements:
            values |= zip(_CODE, (placeholder, *_NEUTRAL_CODE), strict=True)
        return values

    def _may_stand(self, tag: int, element: RawDataElement, known: dict[int, bytes]) -> bool:
        """Whether the element has its known value or a dummy value; conditions may demand more of them than Types."""
        if tag in known:
            return (element.value or b"").rstrip(b" \0") == known[tag]
        return self._is_dummy_value(tag, element)

    def _is_dummy_value(self, tag: int, element: RawDataElement) -> bool:
        value, vr = element.value or b"", vr_of(tag, element.VR)
        if not value or (vr == "UI" and value.rstrip(b"\0") == DUMMY_UID):
            return True
        if value.rstrip(b" ") == _DUMMY_TERMS.get(tag):
            return True
        return is_dummy(value, vr, tag, self._value_rules.profile.texts.placeholder)
