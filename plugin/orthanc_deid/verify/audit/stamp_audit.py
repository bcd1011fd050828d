"""The stamps of PS3.15 section E.1: whether the statements of the output about its de-identification are true."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass

from orthanc_deid.dicom.tags import (
    CODE_MEANING,
    CODE_VALUE,
    CODING_SCHEME_DESIGNATOR,
    CONTRIBUTING_EQUIPMENT_SEQUENCE,
    DEIDENTIFICATION_METHOD,
    DEIDENTIFICATION_METHOD_CODE_SEQUENCE,
    LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED,
    MANUFACTURER,
    PATIENT_IDENTITY_REMOVED,
    PURPOSE_OF_REFERENCE_CODE_SEQUENCE,
    SOFTWARE_VERSIONS,
)
from orthanc_deid.profile.model import Profile
from orthanc_deid.profile.options import BASIC_PROFILE, BASIC_PROFILE_CODE, OPTION_CODES, Option
from orthanc_deid.profile.selectors import PathStep
from orthanc_deid.standard.confidentiality_rows import PRIVATE, all_rows
from orthanc_deid.standard.tables import row_for
from orthanc_deid.verify.findings import Findings
from orthanc_deid.verify.reading.data_set import DataSet
from orthanc_deid.verify.reading.instance import Instance
from orthanc_deid.verify.rules.element_rules import LevelRules
from orthanc_deid.verify.rules.expectations import dictionary_vrs
from orthanc_deid.verify.rules.stamped_tags import STAMPS

_CODE = (CODE_VALUE, CODING_SCHEME_DESIGNATOR, CODE_MEANING)
_SOFTWARE = "orthanc-deid"
_PURPOSE = ("DCM", "109104", "De-identifying Equipment")


@dataclass(frozen=True, slots=True)
class ExpectedStamps:
    """The stamps that the outputs of a profile must carry, for the explicit rules that an instance meets."""

    method: re.Pattern[str]
    longitudinal: str
    codes: tuple[tuple[str, str, str], ...]  # scheme, value, meaning; sorted

    @property
    def code_values(self) -> tuple[str, ...]:
        """The CID 7050 code values that are true of the instance."""
        return tuple(value for _, value, _ in self.codes)

    def check(self, output: Instance, findings: Findings) -> None:
        """Check the stamps of the output."""
        if output.text(PATIENT_IDENTITY_REMOVED) != "YES":
            findings.add("stamps", "wrong value", (PATIENT_IDENTITY_REMOVED,))
        method = self.method.fullmatch(output.text(DEIDENTIFICATION_METHOD))
        if method is None:
            findings.add("stamps", "wrong value", (DEIDENTIFICATION_METHOD,))
        elif not _is_ours(_last_equipment(output), method["version"]):
            findings.add(
                "stamps",
                "last item does not name this software and its version",
                (CONTRIBUTING_EQUIPMENT_SEQUENCE,),
            )
        if output.text(LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED) != self.longitudinal:
            findings.add("stamps", "wrong value", (LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED,))
        for tag in (*STAMPS, CONTRIBUTING_EQUIPMENT_SEQUENCE):
            element = output.data_set.elements.get(tag)
            if element is not None and element.VR not in (None, *dictionary_vrs(tag)):
                findings.add("stamps", "wrong VR", (tag,))
        if sorted(_codes(output)) != list(self.codes):
            findings.add(
                "stamps", "codes that are not those that hold", (DEIDENTIFICATION_METHOD_CODE_SEQUENCE,)
            )


def stamps_of(profile: Profile, top: LevelRules) -> ExpectedStamps:
    """Return the stamps that are true of the instances whose top level is `top`."""
    name, fingerprint = re.escape(profile.name), profile.fingerprint()
    return ExpectedStamps(
        re.compile(rf"{_SOFTWARE} (?P<version>[0-9][0-9a-z.+-]{{0,23}}) profile {name} {fingerprint}"),
        _longitudinal(profile),
        tuple(sorted(("DCM", *code) for code in _true_codes(profile, top))),
    )


def _longitudinal(profile: Profile) -> str:
    if Option.RETAIN_FULL_DATES in profile.options:
        return "UNMODIFIED"
    modified = Option.RETAIN_MODIFIED_DATES in profile.options or profile.dates.mode in ("shift", "year")
    return "MODIFIED" if modified else "REMOVED"


def _true_codes(profile: Profile, top: LevelRules) -> list[tuple[str, str]]:
    kept = any(rule.action == "K" and _names_a_row(selector.last) for rule, selector in top.explicit)
    basic = [BASIC_PROFILE_CODE] if profile.base == BASIC_PROFILE and not kept else []
    return [*basic, *(OPTION_CODES[option] for option in profile.options)]


def _names_a_row(step: PathStep) -> bool:
    """Whether the selector's last step names an attribute of Table E.1-1; all private ones share one row."""
    if step.is_private:
        return True
    if step.tag is not None:
        return row_for(step.tag) is not None
    rows = (row.tag for row in all_rows() if row.tag != PRIVATE)
    tags = (int((tag[1:5] + tag[6:10]).replace("x", "0"), 16) for tag in rows)
    return any(tag & step.mask == step.bits for tag in tags)


def _codes(output: Instance) -> list[tuple[str, str, str]]:
    """Return (scheme, value, meaning) of the method's codes; three empty texts for a malformed item."""
    return [_code(item) for item in output.data_set.sequences.get(DEIDENTIFICATION_METHOD_CODE_SEQUENCE, ())]


def _code(item: DataSet) -> tuple[str, str, str]:
    if item.elements.keys() != set(_CODE) or not item.ordered:
        return "", "", ""
    value, scheme, meaning = (_text(item, tag) for tag in _CODE)
    return scheme, value, meaning


def _text(item: DataSet, tag: int) -> str:
    """Return a value of an item, trimmed of padding; empty where its VR is not the attribute's."""
    element = item.elements[tag]
    right = element.VR in (None, *dictionary_vrs(tag))
    return (element.value or b"").decode("latin-1").strip(" \0") if right else ""


def _last_equipment(output: Instance) -> DataSet:
    """Return the last item of Contributing Equipment Sequence, an empty one where there is none."""
    last = deque(output.data_set.sequences.get(CONTRIBUTING_EQUIPMENT_SEQUENCE, ()), maxlen=1)
    return last[0] if last else DataSet()


def _is_ours(item: DataSet, version: str) -> bool:
    """Whether the item states that this software de-identified the instance, and nothing else (PS3.3 C.12.1)."""
    attributes = {MANUFACTURER, SOFTWARE_VERSIONS, PURPOSE_OF_REFERENCE_CODE_SEQUENCE}
    return (
        item.ordered
        and item.elements.keys() == attributes
        and _text(item, MANUFACTURER) == _SOFTWARE
        and _text(item, SOFTWARE_VERSIONS) == version
        and item.elements[PURPOSE_OF_REFERENCE_CODE_SEQUENCE].VR in (None, "SQ")
        and [_code(purpose) for purpose in item.sequences.get(PURPOSE_OF_REFERENCE_CODE_SEQUENCE, ())]
        == [_PURPOSE]
    )
