"""What the header of an image must say once samples were written over, and the regions that must be.

Written from `profile/RULES.md`, "Regions written over". The original is made to say it, and compared with the output.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydicom.dataelem import RawDataElement

from orthanc_deid.dicom.sample_changes import SampleChange
from orthanc_deid.dicom.tags import (
    BURNED_IN_ANNOTATION,
    DERIVATION_DESCRIPTION,
    ICON_IMAGE_SEQUENCE,
    IMAGE_TYPE,
    LARGEST_IMAGE_PIXEL_VALUE,
    PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE,
    PHOTOMETRIC_INTERPRETATION,
    PIXEL_DATA,
    SMALLEST_IMAGE_PIXEL_VALUE,
    SOP_INSTANCE_UID,
)
from orthanc_deid.verify.findings import Findings
from orthanc_deid.verify.pixels.claimed_frames import ClaimedFrames
from orthanc_deid.verify.pixels.second_decoders import ROUNDED
from orthanc_deid.verify.reading.instance import Instance
from orthanc_deid.verify.rules.expectations import Requirement
from orthanc_deid.verify.rules.expected_pseudonyms import ExpectedUids
from orthanc_deid.verify.rules.rule_regions import Region

_GONE = (SMALLEST_IMAGE_PIXEL_VALUE, LARGEST_IMAGE_PIXEL_VALUE, ICON_IMAGE_SEQUENCE)
_TEXT = b"Regions with text replaced by background"
_KEPT = (Requirement.KEPT, Requirement.SEARCHED, Requirement.NUMBER)


def expect_changed_image(
    original: Instance, claimed: ClaimedFrames, uids: ExpectedUids, uid_requirement: Requirement
) -> None:
    """Make the original say what is true of its image with the claimed changes.

    `uid_requirement`: what the rules require of the SOP Instance UID.
    """
    level = original.data_set
    has_groups = PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE in level.elements
    for tag in _GONE:
        level.elements.pop(tag, None)
        level.sequences.pop(tag, None)
        level.unloaded.pop(tag, None)
    _say(original, BURNED_IN_ANNOTATION, "CS", b"NO")
    types = _value(original, IMAGE_TYPE).split(b"\\", 1)
    if types[0].strip(b"\0 ") == b"ORIGINAL" and not has_groups:
        _say(original, IMAGE_TYPE, "CS", b"\\".join([b"DERIVED", *types[1:]]).rstrip(b"\0 "))
    if not _value(original, DERIVATION_DESCRIPTION).strip(b"\0 "):
        _say(original, DERIVATION_DESCRIPTION, "ST", _TEXT)
    whole = all(frame in claimed for frame in range(claimed.form.frames))
    if whole and original.transfer_syntax in ROUNDED and claimed.form.photometric == "YBR_ICT":
        _say(original, PHOTOMETRIC_INTERPRETATION, "CS", b"YBR_RCT")
    if uid_requirement in _KEPT:
        uid = _value(original, SOP_INSTANCE_UID).strip(b"\0 ")
        _say(original, SOP_INSTANCE_UID, "UI", uids.replacement(uid))


def _value(original: Instance, tag: int) -> bytes:
    level = original.data_set
    return original.value(level, tag) if tag in level.elements else b""


def _say(original: Instance, tag: int, vr: str, value: bytes) -> None:
    level = original.data_set
    value += (b"\0" if vr == "UI" else b" ") * (len(value) % 2)
    little, explicit = original.encoding.little, original.encoding.explicit
    level.unloaded.pop(tag, None)
    written = vr if explicit else None
    level.elements[tag] = RawDataElement(tag, written, len(value), value, 0, not explicit, little)  # type: ignore[arg-type]


def check_regions(
    changes: Sequence[SampleChange], regions: Iterable[Region], frames: Sequence[int], findings: Findings
) -> None:
    """Report regions that are not claimed as written over in each of `frames`, numbers from 1."""
    due = list(regions)
    if not due or not frames:
        findings.add("regions written over", "no region of the rule lies in the image", (PIXEL_DATA,))
        return
    by_frame: dict[int, set[Region]] = {}
    for frame, rows, columns in ((each.frame, each.rows, each.columns) for each in changes):
        claim = Region(rows.start, rows.stop, columns.start, columns.stop)
        by_frame.setdefault(frame, set()).add(claim)
    checked: set[frozenset[Region]] = set()  # the frames of a loop mostly have the same claims
    for number in frames:
        claims = frozenset(by_frame.get(number - 1, ()))
        if claims not in checked and not all(_is_covered(region, claims) for region in due):
            findings.add("regions written over", "not every region of the rule", (PIXEL_DATA,))
            return
        checked.add(claims)


def _is_covered(region: Region, claims: Iterable[Region]) -> bool:
    left_over = [region]
    for claim in claims:
        left_over = [piece for each in left_over for piece in each.cut_out(claim)]
        if not left_over:
            return True
    return False
