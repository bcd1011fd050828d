"""The SOP class of an instance: as its data set states it, else inferred from Modality."""

from __future__ import annotations

from orthanc_deid.dicom.elements import EventKind, tag_at
from orthanc_deid.dicom.part10 import Encoded
from orthanc_deid.dicom.tags import MODALITY, SOP_CLASS_UID, format_tag
from orthanc_deid.dicom.top_level_values import top_level_value
from orthanc_deid.dicom.uniform_tables import note_everything
from orthanc_deid.dicom.walker import walk
from orthanc_deid.errors import RefusedError
from orthanc_deid.standard.tables import modality_sop_class

_FUNCTIONAL_GROUPS = 0x5200


def find_sop_class(encoded: Encoded) -> str:
    """Return the SOP Class UID of the data set.

    Of a bare data set without one it is inferred from Modality (`modality_sop_class.csv`). Raises RefusedError where
    there is none, and MalformedError where elements are out of order, so that the attribute may stand elsewhere.
    """
    stated = top_level_value(encoded, SOP_CLASS_UID)
    if stated:
        return stated
    _check_order(encoded)
    if encoded.form != "bare":
        raise RefusedError("no SOP Class UID", format_tag(SOP_CLASS_UID))
    inferred = modality_sop_class().get(top_level_value(encoded, MODALITY) or "")
    if inferred is None:
        raise RefusedError("no SOP Class UID, and none follows from Modality", format_tag(SOP_CLASS_UID))
    if _has_functional_groups(encoded):
        raise RefusedError("no SOP Class UID, and the data set is an enhanced one", format_tag(SOP_CLASS_UID))
    return inferred


def _check_order(encoded: Encoded) -> None:
    table = note_everything(explicit=encoded.explicit)
    walk(encoded.buffer, encoded.start, encoded.end, table, explicit=encoded.explicit)


def _has_functional_groups(encoded: Encoded) -> bool:
    """Whether the data set is of an enhanced class; the classic one has the same Modality."""
    table = note_everything(explicit=encoded.explicit)
    events = walk(encoded.buffer, encoded.start, encoded.end, table, explicit=encoded.explicit, ordered=False)
    groups = {tag_at(encoded.buffer, start) >> 16 for kind, start, *_ in events if kind == EventKind.SEQUENCE}
    return _FUNCTIONAL_GROUPS in groups
