"""What the prescan reads of an element, and the kind of identifying value that it holds."""

from __future__ import annotations

from typing import Final

from orthanc_deid.deid.element_steps import Act, PrescanRead
from orthanc_deid.deid.text.identity import DATE
from orthanc_deid.dicom.tags import CODE_MEANING, PATIENT_ID, SOP_INSTANCE_UID, is_private
from orthanc_deid.profile.compile import Level
from orthanc_deid.profile.options import Option
from orthanc_deid.standard.tables import identity_kinds, identity_sequences

_BULK: Final = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})


def prescan_read_of(tag: int, vr: str, act: int, *, needed: bool, identifying: bool) -> int:
    """Return the `PrescanRead` of an element with the act; `needed`: its value is needed at the top level."""
    if act == Act.CHARACTER_SET:
        return PrescanRead.CHARACTER_SET
    if act == Act.PRIVATE and vr == "UN":
        return PrescanRead.ITEMS
    if needed and tag == SOP_INSTANCE_UID:
        return PrescanRead.OWN_UID
    if needed and vr in _BULK and tag not in identity_kinds():  # a name or an ID may be encoded as bytes
        return PrescanRead.POSITION
    return PrescanRead.VALUE if needed or identifying else PrescanRead.NOTHING


_KIND_OF_VR: Final = {"PN": "person", "DA": DATE, "DT": DATE}


def kind_of(tag: int, vr: str, level: Level) -> str:
    """Return the kind of identifying value that the attribute holds, or nothing."""
    if tag == CODE_MEANING and level.path:
        return identity_sequences().get(level.path[-1], "")
    if vr == "SQ":
        return ""
    if tag == PATIENT_ID:
        return "patient_id"
    kind = identity_kinds().get(tag) or _KIND_OF_VR.get(vr, "")
    if kind == DATE and (is_private(tag) or Option.RETAIN_FULL_DATES in level.profile.options):
        return ""
    return kind
