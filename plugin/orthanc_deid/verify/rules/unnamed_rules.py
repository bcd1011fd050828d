"""The requirements on attributes that no row of Table E.1-1 names (`profile/RULES.md`, rule 8)."""

from __future__ import annotations

from orthanc_deid.dicom.tags import ENCRYPTED_ATTRIBUTES_SEQUENCE
from orthanc_deid.profile.model import Profile
from orthanc_deid.profile.options import Option
from orthanc_deid.standard.tables import class_uid_tags, image_data_tags, kept_text_tags
from orthanc_deid.verify.rules.dummy_table import DATE_VRS, NUMBER_VRS, TEXT_VRS
from orthanc_deid.verify.rules.expectations import Requirement, dictionary_vrs

_UNNAMED_BY_VR = {
    **dict.fromkeys(NUMBER_VRS, Requirement.KEPT),
    **dict.fromkeys(("DS", "IS"), Requirement.NUMBER),
    "CS": Requirement.SEARCHED,
    "PN": Requirement.DUMMY,
    "SQ": Requirement.DESCENDED,
}


def is_class(tag: int, vr: str) -> bool:
    """Whether the attribute holds UIDs of classes."""
    return vr == "UI" and tag in class_uid_tags()


def unnamed(profile: Profile, tag: int, vr: str, removed: Requirement) -> Requirement:
    """Return the requirement on an attribute without a row; `removed`: X under the floor."""
    if profile.unnamed == "remove":
        return _demanded(tag, vr, removed)
    if not dictionary_vrs(tag):
        return removed
    if vr in DATE_VRS:
        return Requirement.CHANGED_DATE if profile.dates.mode != "table" else removed
    if vr == "UI":
        kept = is_class(tag, vr) or Option.RETAIN_UIDS in profile.options
        return Requirement.NUMBER if kept else Requirement.UID
    if vr in ("OB", "OW"):
        return Requirement.KEPT if tag in image_data_tags() else removed
    if vr in TEXT_VRS:
        kept = tag in kept_text_tags() or "CS" in dictionary_vrs(tag)
        return Requirement.SEARCHED if kept else removed
    return _UNNAMED_BY_VR.get(vr, removed)  # AE, AS, UN, UR and unknown VRs are removed


def _demanded(tag: int, vr: str, removed: Requirement) -> Requirement:
    """Return the requirement where no rule keeps an attribute and all unnamed ones go.

    `removed`: X under the floor. Where that is a dummy, numbers, image data and sequences stay instead.
    """
    if removed is not Requirement.DUMMY:
        return removed
    if vr in ("OB", "OW", "UN"):
        return Requirement.KEPT if tag in image_data_tags() else Requirement.GONE
    if vr in NUMBER_VRS:
        return Requirement.NUMBER if vr in ("DS", "IS") else Requirement.KEPT
    if tag == ENCRYPTED_ATTRIBUTES_SEQUENCE:
        return Requirement.GONE
    return Requirement.DESCENDED if vr == "SQ" else removed
