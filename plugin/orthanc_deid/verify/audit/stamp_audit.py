"""Whether the output says the truth of itself: its file meta information (PS3.10 7.1) and PS3.15 E.1's stamps."""

from __future__ import annotations

import re
import struct
from collections import deque
from dataclasses import dataclass

from orthanc_deid.dicom.slices import Slices
from orthanc_deid.profile.model import Profile
from orthanc_deid.profile.options import BASIC_PROFILE, BASIC_PROFILE_CODE, CODES, Option
from orthanc_deid.profile.selectors import PathStep
from orthanc_deid.standard.confidentiality_rows import PRIVATE, all_rows
from orthanc_deid.standard.tables import row_for
from orthanc_deid.verify.findings import Findings
from orthanc_deid.verify.reading.data_set import DataSet
from orthanc_deid.verify.reading.instance import (
    DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
    EXPLICIT_VR_BIG_ENDIAN,
    EXPLICIT_VR_LITTLE_ENDIAN,
    IMPLICIT_VR_LITTLE_ENDIAN,
    Instance,
)
from orthanc_deid.verify.rules.element_rules import STAMPS, LevelRules
from orthanc_deid.verify.rules.expectations import dictionary_vrs

# Ours, written down a second time: were they changed where the engine has them, somebody must notice.
_IMPLEMENTATION_CLASS_UID = b"2.25.244403340949778570592153668110028919783"
_IMPLEMENTATION_VERSION_NAME = b"ORTHANC_DEID_0"

EQUIPMENT = 0x0018A001
"""Contributing Equipment Sequence: at the top level our item stands behind those that the original has."""

_META = (0x00020000, 0x00020001, 0x00020002, 0x00020003, 0x00020010, 0x00020012, 0x00020013)
_LENGTH, _VERSION, _SOP_CLASS, _SOP_INSTANCE, _SYNTAX, _CLASS_UID, _VERSION_NAME = _META
_REMOVED, _METHOD, _METHOD_CODES, _LONGITUDINAL = 0x00120062, 0x00120063, 0x00120064, 0x00280303
_CODE = (0x00080100, 0x00080102, 0x00080104)
_SOFTWARE = "orthanc-deid"
_MANUFACTURER, _SOFTWARE_VERSIONS, _PURPOSE_CODES = 0x00080070, 0x00181020, 0x0040A170
_PURPOSE = ("DCM", "109104", "De-identifying Equipment")
_PREAMBLE = bytes(128) + b"DICM"
_REWRITTEN = (EXPLICIT_VR_BIG_ENDIAN, DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN)


def check_meta(file: Slices, original: Instance, output: Instance, findings: Findings) -> None:
    """Check preamble and file meta information of the output: every byte of them can be foretold."""
    values = {
        _VERSION: b"\0\1",
        _SOP_CLASS: output.text(0x00080016).encode("latin-1"),
        _SOP_INSTANCE: output.text(0x00080018).encode("latin-1"),
        _SYNTAX: output.transfer_syntax.encode("latin-1"),
        _CLASS_UID: _IMPLEMENTATION_CLASS_UID,
        _VERSION_NAME: _IMPLEMENTATION_VERSION_NAME,
    }
    body = b"".join(_encoded(tag, value) for tag, value in values.items())
    expected = _PREAMBLE + _encoded(_LENGTH, len(body).to_bytes(4, "little")) + body
    found = b"".join(file.between(0, len(expected)))
    if found != expected or output.meta_end != len(expected):
        _explain(found, output, values, findings)
    syntaxes = (original.transfer_syntax, EXPLICIT_VR_LITTLE_ENDIAN)
    if output.transfer_syntax not in syntaxes[: 1 + (original.transfer_syntax in _REWRITTEN)]:
        findings.add("transfer syntax", "changed", (_SYNTAX,))
    if output.encoding.explicit != (output.transfer_syntax != IMPLICIT_VR_LITTLE_ENDIAN):
        findings.add("transfer syntax", "not that of the data set", (_SYNTAX,))


def _encoded(tag: int, value: bytes) -> bytes:
    """Return an element of the file meta information, which is always explicit VR little endian."""
    vr = {_LENGTH: b"UL", _VERSION: b"OB", _VERSION_NAME: b"SH"}.get(tag, b"UI")
    value += (b" " if vr == b"SH" else b"\0") * (len(value) % 2)
    length = struct.pack("<xxL" if vr == b"OB" else "<H", len(value))
    return struct.pack("<HH2s", tag >> 16, tag & 0xFFFF, vr) + length + value


def _explain(found: bytes, output: Instance, values: dict[int, bytes], findings: Findings) -> None:
    """Say what of the file meta information is not as it must be."""
    if found[: len(_PREAMBLE)] != _PREAMBLE:
        findings.add("PS3.10 7.1", "preamble not zeroed")
    if output.meta_tags != _META:
        extra = [tag for tag in output.meta_tags if tag not in _META]
        findings.add(
            "PS3.10 7.1", "file meta information incomplete or with more than it needs", tuple(extra[:1])
        )
        return
    wrong = [tag for tag, value in values.items() if output.meta[tag].rstrip(b" \0") != value.rstrip(b"\0")]
    for tag in wrong or [_LENGTH]:
        findings.add("PS3.10 7.1", "wrong value or encoding", (tag,))


@dataclass(frozen=True, slots=True)
class ExpectedStamps:
    """What the outputs of a profile must be stamped with, for the explicit rules that an instance meets."""

    method: re.Pattern[str]
    longitudinal: str
    codes: tuple[tuple[str, str, str], ...]  # scheme, value, meaning; sorted

    @property
    def code_values(self) -> tuple[str, ...]:
        """The CID 7050 code values that are true of the instance."""
        return tuple(value for _, value, _ in self.codes)

    def check(self, output: Instance, findings: Findings) -> None:
        """Check the stamps of the output."""
        if output.text(_REMOVED) != "YES":
            findings.add("stamps", "wrong value", (_REMOVED,))
        method = self.method.fullmatch(output.text(_METHOD))
        if method is None:
            findings.add("stamps", "wrong value", (_METHOD,))
        elif not _is_ours(_last_equipment(output), method["version"]):
            findings.add("stamps", "last item does not name this software and its version", (EQUIPMENT,))
        if output.text(_LONGITUDINAL) != self.longitudinal:
            findings.add("stamps", "wrong value", (_LONGITUDINAL,))
        for tag in (*STAMPS, EQUIPMENT):
            element = output.data_set.elements.get(tag)
            if element is not None and element.VR not in (None, *dictionary_vrs(tag)):
                findings.add("stamps", "wrong VR", (tag,))
        if sorted(_codes(output)) != list(self.codes):
            findings.add("stamps", "codes that are not those that hold", (_METHOD_CODES,))


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
    return [*basic, *(CODES[option] for option in profile.options)]


def _names_a_row(step: PathStep) -> bool:
    """Whether the selector's last step means an attribute of Table E.1-1; private ones have one row together."""
    if step.is_private:
        return True
    if step.tag is not None:
        return row_for(step.tag) is not None
    rows = (row.tag for row in all_rows() if row.tag != PRIVATE)
    tags = (int((tag[1:5] + tag[6:10]).replace("x", "0"), 16) for tag in rows)
    return any(tag & step.mask == step.bits for tag in tags)


def _codes(output: Instance) -> list[tuple[str, str, str]]:
    """Return (scheme, value, meaning) of the method's codes; a malformed item as three empty texts."""
    return [_code(item) for item in output.data_set.sequences.get(_METHOD_CODES, ())]


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
    last = deque(output.data_set.sequences.get(EQUIPMENT, ()), maxlen=1)
    return last[0] if last else DataSet()


def _is_ours(item: DataSet, version: str) -> bool:
    """Whether the item says that this software has de-identified the instance, and nothing else (PS3.3 C.12.1)."""
    attributes = {_MANUFACTURER, _SOFTWARE_VERSIONS, _PURPOSE_CODES}
    return (
        item.ordered
        and item.elements.keys() == attributes
        and _text(item, _MANUFACTURER) == _SOFTWARE
        and _text(item, _SOFTWARE_VERSIONS) == version
        and item.elements[_PURPOSE_CODES].VR in (None, "SQ")
        and [_code(purpose) for purpose in item.sequences.get(_PURPOSE_CODES, ())] == [_PURPOSE]
    )
